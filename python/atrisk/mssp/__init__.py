"""The Medicare Shared Savings Program: public use files, tracks and rates, settlements, benchmarks and advances."""

from atrisk.mssp._advance_payments import (
    AdvancePayments,
    PrepaidSavings,
    advance_investment_payments,
    recoup_advances,
)
from atrisk.mssp._benchmark import benchmark, benchmark_trends
from atrisk.mssp._benchmark_rules import BenchmarkRules
from atrisk.mssp._read import read_puf
from atrisk.mssp._settle import explain, settle
from atrisk.mssp._tracks import minimum_savings_rate, tracks
from atrisk.mssp._truncation import truncated_per_capita

__all__ = [
    "AdvancePayments",
    "BenchmarkRules",
    "PrepaidSavings",
    "advance_investment_payments",
    "benchmark",
    "benchmark_trends",
    "explain",
    "minimum_savings_rate",
    "read_puf",
    "recoup_advances",
    "settle",
    "tracks",
    "truncated_per_capita",
]
