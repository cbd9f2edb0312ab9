"""Random terms of contracts that look at quality: shared savings, corridors, pay for performance and its programmes."""

import numpy as np

import atrisk as ar

MEASURES = [
    ar.Measure("checked", rate=0.6, sd_between=0.1, benchmarks=(0.4, 0.6, 0.9), drift=0.02, weight=2),
    ar.Measure("readmitted", rate=0.2, inverse=True, depends_on={"visits": 0.3}),
    ar.Measure("assessed", rate=0.4, eligible={"age": (65, 120)}),
]
BANDS = ((0.0, 0.03, 0.25), (0.03, 0.2, 0.5), (0.3, None, 0.8))


class Draws:
    """Random numbers from a fixed seed, in the words that terms need."""

    def __init__(self, seed, years):
        self.random = np.random.default_rng(seed)
        self.years = years

    def between(self, low, high, digits=2):
        return round(float(self.random.uniform(low, high)), digits)

    def chance(self, p):
        return bool(self.random.random() < p)

    def some(self, names):
        """Return some of the names, at least one."""
        chosen = [name for name in names if self.chance(0.5)]
        return chosen or [str(self.random.choice(names))]

    def month(self):
        return int(self.random.integers(1, 12 * self.years + 1))

    def settle_month(self):
        return int(self.random.integers(12, 61))


class ByQuality(Draws):
    """Contracts at random that look at a score."""

    def savings(self):
        terms = {"sharing_rate": self.between(0.2, 0.8), "loss_rate": self.between(0.2, 0.8)}
        terms |= {"basis": str(self.random.choice(["allowed", "paid"])), "settle_month": self.settle_month()}
        terms |= {"discount_rate": self.between(0, 0.03), "quality_withhold_rate": self.between(0.01, 0.05)}
        terms |= {"distributed_share": self.between(0, 0.6), "recovered_share": self.between(0, 0.6)}
        terms |= self.quality_terms() | self.gates() | self.interim(terms["settle_month"])
        if self.chance(0.3):
            return ar.SharedSavings(benchmark=ar.Benchmark(risk_adjusted=True, noise_cv=0.02), **terms)
        terms["benchmark_truncated"] = terms["truncation"] is not None
        return ar.SharedSavings(benchmark_pmpm=self.between(150, 450), **terms)

    def quality_terms(self):
        """Return a score of measures, or one that is given."""
        if self.chance(0.5):
            return {"quality_measures": self.some([measure.name for measure in MEASURES])}
        return {"quality_score": self.between(0, 1)}

    def gates(self):
        """Return what quality, members and limits make of shared savings."""
        rules = ["none", "times_score", "all_or_nothing", "full_or_alternative"]
        return {
            "quality_rule": str(self.random.choice(rules)),
            "reduced_sharing": (self.between(0, 1), 1) if self.chance(0.3) else None,
            "minimum_savings_rate": self.between(0, 0.1),
            "minimum_loss_rate": self.between(0, 0.1),
            "minimum_rate_table": [(0, 15, 0.06, 0.02), (16, None, 0.02, 0.02)] if self.chance(0.3) else (),
            "loss_rate_by_quality": (0.4, 0.75) if self.chance(0.3) else None,
            "payment_limit_rate": self.between(0.05, 0.3) if self.chance(0.5) else None,
            "loss_limit_revenue_rate": self.between(0.1, 0.5) if self.chance(0.3) else None,
            "sequestration_rate": self.between(0, 0.05),
            "truncation": self.between(900, 9_000) if self.chance(0.4) else None,
        }

    def interim(self, settle_month):
        """Return terms of an interim settlement, where there is a month for it."""
        if settle_month == 12 or self.chance(0.3):
            return {}
        return {
            "interim_share": self.between(0.1, 1),
            "interim_claims_months": int(self.random.integers(1, 13)),
            "interim_month": int(self.random.integers(12, settle_month)),
        }

    def performance(self):
        straight = self.chance(0.5)
        ladders = {
            "checked": ar.MeasureLadder(ladder=[(0.5, 0.1), (0.7, 1)], improvement=0.4, straight_line=straight),
            "readmitted": ar.MeasureLadder(ladder=[(0.35, 0), (0.15, 0.8)], improvement=0.5, weight=3),
            "assessed": None,
        }
        named = self.some(list(ladders))
        measures = {name: ladders[name] for name in named} if self.chance(0.6) else {}
        counts = {
            "minimum_eligible": int(self.random.integers(1, 12)),
            "minimum_measures": int(self.random.integers(1, 1 + len(named))),
            "lag_years": int(self.random.integers(0, 3)),
            "settle_month": self.settle_month(),
        }
        if self.chance(0.4):
            return self.programme(measures=measures, **counts)
        return ar.PayForPerformance(
            measures=measures,
            ladder=[(0.2, 0.3), (0.6, 1), (0.9, 1.5)],
            penalty_ladder=[(0.25, 1), (0.5, 0.6), (0.8, 0.2)],
            straight_line=self.chance(0.5),
            withhold_rate=self.between(0, 0.1),
            bonus_pmpm=self.between(0, 5),
            bonus_rate=self.between(0, 0.05),
            penalty_rate=self.between(0, 0.1),
            dollars_per_member={"checked": 12.5} if "checked" in named else {},
            **counts,
        )

    def programme(self, **terms):
        """Return a programme of Medicare, of years with and without a pool for exceptional performance."""
        if self.chance(0.4):
            year = int(self.random.choice([2015, 2024, 2026]))
            return ar.PayForPerformance.value_based_purchasing(fiscal_year=year, slope=self.between(0, 4), **terms)
        year = int(self.random.choice([2019, 2021, 2024, 2026]))
        pool = {"exceptional_scaling_factor": self.between(0, 1)} if year <= 2024 else {}
        return ar.PayForPerformance.mips(payment_year=year, scaling_factor=self.between(0, 3), **pool, **terms)

    def corridor(self):
        gains = {"gains": [(0.02, 0.5, 0.4)]} if self.chance(0.5) else {}
        if self.chance(0.3):
            target = {"share_of": "provider", "target_pmpm": self.between(100, 400)}
        elif self.chance(0.5):
            target = {"target_loss_ratio": self.between(0.6, 1), "value_own_services_at": "own_cost"}
        else:
            target = {"target_pmpm": self.between(20, 300)}
        less = {"discount_rate": self.between(0, 0.1), "quality_withhold_rate": self.between(0.01, 0.1)}
        less = less | self.quality_terms() if self.chance(0.7) else {}
        return ar.RiskCorridor(losses=BANDS, **gains, **target, **less, settle_month=self.settle_month())
