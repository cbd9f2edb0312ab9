"""The Medicare Shared Savings Program: its public use files, tracks and rates, and benchmarks reckoned again."""

from atrisk.mssp._benchmark import benchmark, benchmark_trends
from atrisk.mssp._read import read_puf

__all__ = ["benchmark", "benchmark_trends", "read_puf"]
