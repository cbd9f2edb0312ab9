"""An organization's figures in round numbers, from which benchmarks are worked by hand."""

import pandas as pd

KINDS = ["esrd", "disabled", "aged_dual", "aged_non_dual"]


def by_type(*values):
    return dict(zip(KINDS, values, strict=True))


BASE_YEARS = {
    "per_capita_base_year_1": by_type(80_000, 10_000, 15_000, 8_000),
    "per_capita_base_year_2": by_type(84_000, 10_000, 16_000, 10_000),
    "per_capita_base_year_3": by_type(90_000, 11_000, 17_000, 11_000),
    "national_trend_base_year_1": 1.10,
    "regional_trend_base_year_1": 1.20,
    "national_trend_base_year_2": 1.04,
    "regional_trend_base_year_2": 1.06,
    "market_share_base_year_3": 0.5,
    "risk_score_base_year_1": by_type(1, 1, 1, 0.8),
    "risk_score_base_year_2": 1,
    "risk_score_base_year_3": 1,
    "person_years_base_year_3": by_type(100, 1_000, 1_000, 7_900),
}
REGION = {
    "regional_per_capita": by_type(90_660, 10_400, 16_965, 11_900),
    "national_per_capita": by_type(90_000, 10_000, 16_000, 6_000),
    "regional_adjustments": 1,
    "dual_share_base_year_3": 0.2,
    "low_income_share": 0.25,
}
YEAR = {
    "person_years": by_type(200, 800, 1_000, 8_000),
    "risk_score": by_type(1.05, 0.95, 1.03, 1.02),
    "market_share": 0.2,
    "national_trend": 1.10,
    "regional_trend": 1.05,
}
# What agreements since 2024 need beyond that.
SINCE_2024 = {
    "demographic_score_base_year_3": 1,
    "demographic_score": 1,
    "regional_risk_growth": 1,
    "regional_risk_growth_all": 1,
    "regional_demographic_growth_all": 1,
    "market_share_all": 0.1,
    "prospective_trend": 1.06,
}
# The same benchmark for every type: what is asked of a cap can then be read off.
ADJUST_ALIKE = {
    "historical_benchmark": 10_000,
    "regional_per_capita": 10_000,
    "national_per_capita": 10_000,
    "person_years_base_year_3": 1_000,
    "per_capita_base_year_3": 10_000,
    "risk_score_base_year_3": 1,
    "regional_adjustments": 1,
    "dual_share_base_year_3": 0,
    "low_income_share": 0,
}
UPDATE_ALIKE = {
    "adjusted_benchmark": 10_000,
    "person_years": 1_000,
    "risk_score_base_year_3": 1,
    "risk_score": 1,
    "market_share": 0.2,
    "national_trend": 1,
    "regional_trend": 1,
} | SINCE_2024


def long(facts, **columns):
    """The same facts as a frame."""
    spread = {
        name: [value[kind] for kind in KINDS] if isinstance(value, dict) else value for name, value in facts.items()
    }
    return pd.DataFrame({"enrolment_type": KINDS} | spread | columns)
