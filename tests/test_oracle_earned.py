"""The slow twin's rule of shared savings against the calculator, with facts that no study has (low revenue, ...)."""

import collections

import numpy as np
import pytest

import atrisk as ar
from oracle_earned import Dollars, Standing, earned, owed

RULES = ("none", "times_score", "all_or_nothing", "full_or_alternative")
TABLE = ((0, 4_999, 0.05, 0.039), (5_000, None, 0.039, 0.02))


class Case:
    """Random terms and facts of a year, its savings now and then a cent to either side of the minimum."""

    def __init__(self, number):
        random = np.random.default_rng([2028, number])
        self.standard, self.alternative, self.low_revenue = (bool(random.random() < 0.5) for _ in range(3))
        self.members = int(random.choice([4_999, 5_000, random.integers(1, 12_000)], p=[0.1, 0.1, 0.8]))
        self.benchmark = float(random.integers(1_000_000, 200_000_000))
        minimum = float(random.choice([0.0, 0.02, 0.035]))
        side = float(random.choice([-1, 1]))
        gate = round(minimum * self.benchmark, 2)
        at_gate = gate + float(random.choice([-0.01, 0.0, 0.01]))
        by = at_gate if random.random() < 0.5 else round(float(random.uniform(0, 0.15)) * self.benchmark, 2)
        self.spending = round(self.benchmark - side * by, 2)
        self.revenue = float(random.integers(100_000, 50_000_000))
        self.terms = {
            "sharing_rate": round(float(random.uniform(0.1, 0.8)), 3),
            "loss_rate": round(float(random.uniform(0, 0.8)), 3),
            "minimum_savings_rate": minimum,
            "minimum_loss_rate": minimum,
            "quality_score": round(float(random.random()), 4),
            "quality_rule": str(random.choice(RULES)),
            "reduced_sharing": (0.5, 5_000) if random.random() < 0.5 else None,
            "loss_rate_by_quality": (0.4, 0.75) if random.random() < 0.4 else None,
            "minimum_rate_table": TABLE if random.random() < 0.3 else (),
            "payment_limit_rate": 0.04 if random.random() < 0.4 else None,
            "loss_limit_rate": 0.05 if random.random() < 0.4 else None,
            "loss_limit_revenue_rate": 0.08 if random.random() < 0.4 else None,
            "sequestration_rate": 0.02,
        }

    def settled(self):
        """Return what the calculator says is earned and owed."""
        statement = ar.SharedSavings(**self.terms, benchmark_pmpm=1).settle(
            benchmark=self.benchmark,
            spending=self.spending,
            members=self.members,
            revenue=self.revenue,
            met_quality_standard=self.standard,
            met_alternative_quality_standard=self.alternative,
            low_revenue=self.low_revenue,
        )
        return float(statement["earned"]), float(statement["owed"])

    def by_twin(self, **other):
        """Return what the twin says is earned and owed, of these terms or of others."""
        spec = ar.SharedSavings(**self.terms | other, benchmark_pmpm=1).to_spec()["shared_savings"]
        year = Dollars(self.benchmark, self.spending, self.members, self.revenue)
        standing = Standing(self.standard, self.alternative, self.low_revenue)
        return earned(spec, year, standing), owed(spec, year, standing)

    @property
    def kind(self):
        """What the terms make of quality, whether a standard is met, and whether sharing may be reduced."""
        reduced = self.terms["reduced_sharing"] is not None and self.low_revenue and self.members >= 5_000
        return self.terms["quality_rule"], self.standard, self.alternative, reduced


CASES = [Case(number) for number in range(2_000)]


def test_the_calculator_agrees_to_the_cent():
    paid = collections.Counter()
    for case in CASES:
        ours = case.settled()
        assert ours == pytest.approx(case.by_twin(), abs=0.0051), vars(case)
        paid[case.kind] += ours[0] > 0.0
    nothing = {
        *(("times_score", False, alternative, reduced) for alternative in (False, True) for reduced in (False, True)),
        *(
            ("all_or_nothing", False, alternative, reduced)
            for alternative in (False, True)
            for reduced in (False, True)
        ),
        *(("full_or_alternative", False, False, reduced) for reduced in (False, True)),
    }
    assert len(paid) == len(RULES) * 8
    assert {kind for kind, earning in paid.items() if earning == 0} == nothing


@pytest.mark.parametrize(
    "other",
    [
        {"reduced_sharing": (0.501, 5_000)},
        {"reduced_sharing": (0.5, 5_001)},
        {"quality_rule": "all_or_nothing"},
        {"quality_rule": "full_or_alternative"},
        {"quality_rule": "times_score"},
        {"loss_rate_by_quality": (0.4, 0.751)},
    ],
    ids=str,
)
def test_another_term_is_noticed(other):
    """Of the cases that have a term of this name, some come out otherwise."""
    (name,) = other
    having = [case for case in CASES if case.terms[name] not in (None, other[name])]
    assert any(case.settled() != pytest.approx(case.by_twin(**other), abs=0.0051) for case in having)
