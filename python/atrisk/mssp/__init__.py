"""The Medicare Shared Savings Program: public use files, tracks and rates, settlements and benchmarks."""

from atrisk.mssp._benchmark import benchmark, benchmark_trends
from atrisk.mssp._read import read_puf
from atrisk.mssp._settle import explain, settle
from atrisk.mssp._tracks import minimum_savings_rate, tracks

__all__ = ["benchmark", "benchmark_trends", "explain", "minimum_savings_rate", "read_puf", "settle", "tracks"]
