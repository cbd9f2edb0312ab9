"""Benchmarks from an organization's own figures: worked by hand, one step either side of every cap."""

import pandas as pd
import pytest

import atrisk as ar
from atrisk import mssp
from atrisk.mssp._by_type import base_name
from atrisk.mssp._tables import table
from benchmark_cases import ADJUST_ALIKE, BASE_YEARS, KINDS, REGION, SINCE_2024, UPDATE_ALIKE, YEAR, by_type, long

CONFIDENCE = {"read", "read_secondary", "recalled", "doubtful"}


def adjusted(start, **facts):
    return mssp.BenchmarkRules.preset(start).adjusted(**(ADJUST_ALIKE | facts))


def updated(start, **facts):
    return mssp.BenchmarkRules.preset(start).updated(**(UPDATE_ALIKE | {"prospective_trend": 1} | facts))


def of(statement, line):
    return [float(statement[f"{line}_{kind}"]) for kind in KINDS]


def test_historical_benchmark_by_hand():
    # Trends (1.10 + 1.20) / 2 = 1.15 and 1.05; risk of the last type in base year 1: 1 / 0.8 = 1.25.
    statement = mssp.BenchmarkRules.preset(2024).historical(**BASE_YEARS)
    assert of(statement, "trended_base_year_1") == [92_000, 11_500, 17_250, 11_500]
    assert of(statement, "trended_base_year_2") == [88_200, 10_500, 16_800, 10_500]
    # 10 % + 30 % + 60 %: 9,200 + 26,460 + 54,000 and so on.
    assert of(statement, "historical_benchmark") == [89_660, 10_900, 16_965, 10_900]
    # Dollars: 8,966,000 + 10,900,000 + 16,965,000 + 86,110,000, of 10,000 person-years.
    assert str(statement["historical_benchmark_all"]) == "12294.10"


def test_later_agreements_weigh_base_years_alike():
    statement = mssp.BenchmarkRules.preset(2024, 2).historical(**BASE_YEARS)
    # A third each of 92,000, 88,200, 90,000; of 11,500, 10,500, 11,000; of 17,250, 16,800, 17,000.
    assert of(statement, "historical_benchmark") == [90_066.67, 11_000, 17_016.67, 11_000]


def test_a_start_of_2019_by_hand():
    statement = mssp.BenchmarkRules.preset(2019).settle(**(BASE_YEARS | REGION | YEAR))
    # Differences 1,000, -500, 0, 1,000 over 100, 1,000, 1,000, 7,900 person-years: 750 cheaper, so 35 %.
    assert str(statement["regional_difference_all"]) == "750.00"
    assert float(statement["regional_weight"]) == 0.35
    # 350 of at most 4,500; -175 of at most -500; 0; 350, but at most 5 % of 6,000.
    assert of(statement, "regional_adjustment") == [350, -175, 0, 300]
    assert str(statement["regional_adjustment_all"]) == "223.00"
    assert of(statement, "adjusted_benchmark") == [90_010, 10_725, 16_965, 11_200]
    assert str(statement["adjusted_benchmark_all"]) == "12517.10"
    assert of(statement, "risk_factor") == [1.03, 0.95, 1.03, 1.02]
    # 0.2 x 1.10 + 0.8 x 1.05
    assert of(statement, "update") == [1.06] * 4
    assert of(statement, "updated_benchmark") == [98_272.92, 10_800.08, 18_522.39, 12_109.44]
    # 200 x 98,272.918 + 800 x 10,800.075 + 1,000 x 18,522.387 + 8,000 x 12,109.44
    assert str(statement["updated_benchmark_total"]) == "143692550.60"
    assert str(statement["updated_benchmark_all"]) == "14369.26"


def test_a_start_of_2024_by_hand():
    statement = mssp.BenchmarkRules.preset(2024).settle(**(BASE_YEARS | REGION | YEAR | SINCE_2024))
    # -175, at most -150, less 20 % for dual status.
    assert of(statement, "regional_adjustment") == [350, -120, 0, 300]
    assert str(statement["regional_adjustment_all"]) == "228.50"
    assert of(statement, "adjusted_benchmark") == [90_010, 10_780, 16_965, 11_200]
    # Dollars 18,002,000, 8,624,000, 16,965,000, 89,600,000 grow by 5, -5, 3, 2 %: below 3 %, so nothing is capped.
    growth = (18_002_000 * 1.05 + 8_624_000 * 0.95 + 16_965_000 * 1.03 + 89_600_000 * 1.02) / 133_191_000
    assert float(statement["risk_growth_all"]) == pytest.approx(growth, abs=1e-12)
    assert of(statement, "risk_factor") == [1.05, 0.95, 1.03, 1.02]
    # 2/3 x 1.06 + 1/3 x 1.06
    total = 1.06 * (18_002_000 * 1.05 + 8_624_000 * 0.95 + 16_965_000 * 1.03 + 89_600_000 * 1.02)
    assert float(statement["updated_benchmark_total"]) == pytest.approx(total, abs=0.01)


@pytest.mark.parametrize(
    ("region", "weight", "adjustment"),
    [
        # 35 % of up to 500 / 0.35 above the benchmark; 15 % of what lies below it, which is left out over all types.
        (11_428, 0.35, 499.8),
        (11_429, 0.35, 500),
        (12_000, 0.35, 500),
        (10_001, 0.35, 0.35),
        (10_000, 0.15, 0),
    ],
)
def test_positive_cap_of_the_regional_adjustment(region, weight, adjustment):
    statement = adjusted(2024, regional_per_capita=region)
    assert float(statement["regional_weight"]) == weight
    assert of(statement, "regional_adjustment") == [adjustment] * 4
    assert of(statement, "adjusted_benchmark") == [10_000 + adjustment] * 4


@pytest.mark.parametrize(
    ("start", "region", "adjustment", "applied"),
    [
        # 15 % of the difference, at most 5 % or 1.5 % of 10,000.
        (2019, 6_667, -499.95, -499.95),
        (2019, 6_666, -500, -500),
        (2023, 6_000, -500, -500),
        (2024, 9_001, -149.85, 0),
        (2024, 9_000, -150, 0),
        (2024, 8_999, -150, 0),
        (2025, 8_000, -150, 0),
    ],
)
def test_negative_cap_of_the_regional_adjustment(start, region, adjustment, applied):
    statement = adjusted(start, regional_per_capita=region)
    assert float(statement["regional_weight"]) == 0.15
    assert of(statement, "regional_adjustment") == [adjustment] * 4
    assert of(statement, "adjustment") == [applied] * 4
    assert float(statement["uses_regional_adjustment"]) == (applied != 0)


@pytest.mark.parametrize(
    ("times", "lower", "higher"),
    [(0, 0, 0), (1, 0.35, 0.15), (2, 0.5, 0.25), (3, 0.5, 0.35), (4, 0.5, 0.5), (9, 0.5, 0.5)],
)
@pytest.mark.parametrize("start", [2019, 2024])
def test_weights_by_times_applied(start, times, lower, higher):
    for region, weight in ((10_100, lower), (9_900, higher)):
        statement = adjusted(start, regional_per_capita=region, regional_adjustments=times)
        assert float(statement["regional_weight"]) == weight
        assert of(statement, "regional_adjustment") == pytest.approx([weight * (region - 10_000)] * 4)


@pytest.mark.parametrize(
    ("dual", "risk", "offset"),
    [(0.1, 0.85, 0), (0.1, 0.9, 0), (0.1, 0.95, 0.05), (0.3, 1.2, 0.5), (0.5, 1.5, 1), (0.5, 1.55, 1)],
)
def test_offset_of_what_is_taken(dual, risk, offset):
    facts = {"dual_share_base_year_3": dual, "risk_score_base_year_3": risk, "regional_per_capita": 9_000}
    statement = adjusted(2024, **facts)
    assert float(statement["negative_offset"]) == pytest.approx(offset, abs=1e-12)
    assert of(statement, "regional_adjustment") == pytest.approx([-150 * (1 - offset)] * 4, abs=1e-9)
    assert float(adjusted(2023, **facts)["negative_offset"]) == 0


def test_mean_risk_of_the_offset_is_weighted_by_spending():
    statement = adjusted(
        2024,
        person_years_base_year_3=by_type(100, 1_000, 1_000, 8_000),
        per_capita_base_year_3=by_type(90_000, 10_000, 15_000, 8_000),
        risk_score_base_year_3=by_type(1.2, 1.1, 1, 0.9),
    )
    # 9, 10, 15 and 64 million dollars.
    mean = (9 * 1.2 + 10 * 1.1 + 15 * 1 + 64 * 0.9) / 98
    assert float(statement["mean_risk_score"]) == pytest.approx(mean, abs=1e-12)


@pytest.mark.parametrize(
    ("savings", "adjustment"),
    [
        ((-900, 0, 900), 0),
        ((-1, 0, 0), 0),
        ((3, 0, 0), 0.5),
        ((900, 600, 0), 250),
        ((2_997, 0, 0), 499.5),
        ((3_000, 0, 0), 500),
        ((3_003, 0, 0), 500),
        ((9_000, 0, 0), 500),
    ],
)
def test_prior_savings_are_shared_up_to_their_cap(savings, adjustment):
    facts = {f"prior_savings_year_{year}": saved for year, saved in zip((1, 2, 3), savings, strict=True)}
    statement = adjusted(2024, **facts)
    assert float(statement["prior_savings_adjustment"]) == adjustment
    assert of(statement, "adjustment") == [adjustment] * 4
    assert float(statement["uses_prior_savings_adjustment"]) == (adjustment > 0)
    assert float(adjusted(2023, **facts)["prior_savings_adjustment"]) == 0


def test_prior_savings_are_prorated_before_their_cap():
    statement = adjusted(2024, prior_savings_year_1=9_000, prior_savings_proration=0.2)
    assert float(statement["prior_savings_adjustment"]) == 300
    assert float(statement["mean_prior_savings"]) == 3_000


@pytest.mark.parametrize(
    ("share", "adjustment"), [(0, 0), (0.1499, 0), (0.15, 75), (0.1501, 75.05), (0.5, 250), (1, 500)]
)
def test_population_adjustment_begins_at_its_floor(share, adjustment):
    statement = adjusted(2025, low_income_share=share)
    assert float(statement["population_adjustment"]) == adjustment
    assert of(statement, "adjustment") == [adjustment] * 4
    assert float(statement["uses_population_adjustment"]) == (adjustment > 0)
    assert float(adjusted(2024, low_income_share=share)["population_adjustment"]) == 0


@pytest.mark.parametrize(
    ("start", "regional", "prior", "low_income", "choice", "adjustment"),
    [
        (2024, 200, 0, 0.5, "regional", 200),
        (2024, 200, 199, 0, "regional", 200),
        (2024, 200, 200, 0, "regional", 200),
        (2024, 200, 201, 0, "prior_savings", 201),
        (2024, -100, 1, 0, "prior_savings", 1),
        (2024, -100, 0, 0, None, 0),
        (2019, -100, 400, 0.5, "regional", -100),
        # (500 - 200) x 0.6 = 180 and (500 - 200) x 0.7 = 210
        (2025, 200, 100, 0.6, "regional", 200),
        (2025, 200, 100, 0.7, "population", 210),
        (2025, 100, 200, 0.7, "population", 210),
        (2025, -100, 0, 0.2, "population", 100),
    ],
)
def test_the_highest_adjustment_is_chosen(start, regional, prior, low_income, choice, adjustment):  # noqa: PLR0917 - a row of the table
    statement = adjusted(
        start,
        regional_per_capita=10_000 + regional / (0.35 if regional > 0 else 0.15),
        prior_savings_year_1=6 * prior,
        low_income_share=low_income,
    )
    assert of(statement, "adjustment") == pytest.approx([adjustment] * 4)
    for name in ("regional", "prior_savings", "population"):
        assert float(statement[f"uses_{name}_adjustment"]) == (name == choice)


@pytest.mark.parametrize(
    ("risk", "factor"), [(0.5, 0.5), (0.99, 0.99), (1.02, 1.02), (1.03, 1.03), (1.04, 1.03), (2, 1.03)]
)
def test_risk_is_capped_by_type(risk, factor):
    statement = updated(2019, risk_score=by_type(risk, 1, 1, 1))
    assert of(statement, "risk_factor") == [factor, 1, 1, 1]
    assert float(statement["risk_capped"]) == (factor < risk)


@pytest.mark.parametrize(
    ("risk", "factor"),
    [
        # Demographic growth of 1 %: the cap is 1.04, of the mean of four equal types.
        ((0.9, 0.9, 0.9, 0.9), (0.9, 0.9, 0.9, 0.9)),
        ((1.03, 1.03, 1.03, 1.03), (1.03, 1.03, 1.03, 1.03)),
        ((1.04, 1.04, 1.04, 1.04), (1.04, 1.04, 1.04, 1.04)),
        ((1.05, 1.05, 1.05, 1.05), (1.04, 1.04, 1.04, 1.04)),
        ((1.15, 1.0, 1.0, 1.0), (1.15, 1.0, 1.0, 1.0)),
        ((1.16, 1.0, 1.0, 1.0), (1.16, 1.0, 1.0, 1.0)),
        ((1.17, 1.0, 1.0, 1.0), (1.04, 1.0, 1.0, 1.0)),
        ((1.5, 0.8, 1.05, 1.03), (1.04, 0.8, 1.04, 1.03)),
    ],
)
def test_risk_is_capped_over_all_types_since_2024(risk, factor):
    statement = updated(2024, risk_score=by_type(*risk), demographic_score=1.01)
    assert float(statement["risk_cap"]) == 1.04
    assert of(statement, "risk_factor") == list(factor)
    assert float(statement["risk_capped"]) == (risk != factor)


def test_types_weigh_by_their_dollars_of_the_performance_year():
    statement = updated(
        2024,
        adjusted_benchmark=by_type(90_000, 10_000, 15_000, 8_000),
        person_years=by_type(100, 1_000, 1_000, 8_000),
        risk_score=by_type(1.2, 1.1, 1, 0.9),
        demographic_score=by_type(1.1, 1, 1, 1),
    )
    assert float(statement["risk_growth_all"]) == pytest.approx((9 * 1.2 + 10 * 1.1 + 15 + 64 * 0.9) / 98, abs=1e-12)
    assert float(statement["demographic_growth_all"]) == pytest.approx((9 * 1.1 + 89) / 98, abs=1e-12)


@pytest.mark.parametrize(
    ("of_all", "share", "cap", "factor"),
    [
        # Demographic growth of 1 %: room until 1.04, then the organization's share of what is above it.
        (1.03, 0.25, 1.04, 1),
        (1.04, 0.25, 1.04, 1),
        (1.08, 0.25, 1.05, 1.1 / 1.05),
        (1.08, 0, 1.04, 1.1 / 1.04),
        (1.08, 1, 1.08, 1),
    ],
)
def test_risk_of_the_region_is_capped_since_2024(of_all, share, cap, factor):
    facts = {
        "regional_risk_growth": by_type(1.1, 1.0, 0.9, 1.0),
        "regional_risk_growth_all": of_all,
        "regional_demographic_growth_all": 1.01,
        "market_share_all": share,
    }
    statement = updated(2024, **facts)
    assert float(statement["regional_risk_cap"]) == pytest.approx(cap, abs=1e-12)
    assert of(statement, "regional_risk_factor") == pytest.approx([factor, 1, 1, 1], abs=1e-9)
    assert of(statement, "two_way_update") == pytest.approx([0.2 + 0.8 * factor, 1, 1, 1], abs=1e-9)
    assert of(updated(2023, **facts), "regional_risk_factor") == [1] * 4


@pytest.mark.parametrize(("start", "update"), [(2019, 1.06), (2023, 1.06), (2024, 1.05), (2026, 1.05)])
def test_a_third_of_the_update_is_prospective_since_2024(start, update):
    # 0.2 x 1.10 + 0.8 x 1.05 = 1.06; 2/3 x 1.06 + 1/3 x 1.03 = 1.05
    statement = updated(start, national_trend=1.1, regional_trend=1.05, prospective_trend=1.03)
    assert of(statement, "update") == pytest.approx([update] * 4, abs=1e-12)
    assert float(statement["updated_benchmark_all"]) == pytest.approx(10_000 * update)


def test_a_prospective_trend_in_dollars():
    rules = mssp.BenchmarkRules.preset(2024, prospective_as="dollars", prospective_share=1)
    facts = UPDATE_ALIKE | {"national_per_capita": 12_000, "risk_score_base_year_3": 0.9, "risk_score": 0.9}
    # 5 % of 12,000 at a risk of 0.9: 540 dollars on 10,000
    assert of(rules.updated(**(facts | {"prospective_trend": 1.05})), "update") == [1.054] * 4
    with pytest.raises(ar.InputError, match="must be given national_per_capita"):
        rules.updated(**UPDATE_ALIKE)


@pytest.mark.parametrize(
    ("spending", "guardrail", "benchmark"),
    [
        # Three-way 10,000 x 4,000 = 40,000,000, two-way 40,800,000 (trend 1.02, prospective 0.96).
        (39_000_000, 0, 40_000_000),
        (40_399_999.99, 0, 40_000_000),
        (40_400_000, 1, 40_400_000),
        (40_799_999, 1, 40_799_999),
        (40_800_001, 1, 40_800_000),
        (50_000_000, 1, 40_800_000),
    ],
)
def test_guardrail(spending, guardrail, benchmark):
    trends = {"national_trend": 1.02, "regional_trend": 1.02, "prospective_trend": 0.96}
    statement = updated(2024, **trends, spending=spending, minimum_loss_rate=0.01)
    assert float(statement["updated_benchmark_total"]) == 40_000_000
    assert float(statement["two_way_benchmark_total"]) == 40_800_000
    assert float(statement["guardrail"]) == guardrail
    assert float(statement["settlement_benchmark_total"]) == benchmark


def test_guardrail_never_makes_losses_larger():
    trends = {"national_trend": 0.98, "regional_trend": 0.98, "prospective_trend": 1.1}
    statement = updated(2024, **trends, spending=50_000_000, minimum_loss_rate=0.01)
    assert statement["settlement_benchmark_total"] == statement["updated_benchmark_total"]
    for start, facts in ((2024, {}), (2023, {"spending": 50_000_000, "minimum_loss_rate": 0.01})):
        with pytest.raises(KeyError, match="guardrail"):
            updated(start, **facts)["guardrail"]


def test_steps_alone_are_those_of_the_chain():
    rules = mssp.BenchmarkRules.preset(2025)
    frame = long(BASE_YEARS | REGION | YEAR | SINCE_2024)
    whole = rules.settle(frame)
    historical = rules.historical(frame)
    adjusted_to = rules.adjusted(frame.join(historical["historical_benchmark"]))
    stepwise = rules.updated(frame.join(adjusted_to["adjusted_benchmark"]))
    for part in (historical, adjusted_to, stepwise):
        pd.testing.assert_frame_equal(whole[part.columns], part)


def test_statements_say_source_and_doubt():
    facts = BASE_YEARS | REGION | YEAR | SINCE_2024
    statement = mssp.BenchmarkRules.preset(2025).settle(**facts)
    lines = statement.to_frame().set_index("line")
    assert lines.loc["updated_benchmark_esrd", "source"] == "42 CFR 425.601, 425.652(b)"
    computed = lines[lines["source"] != ""]
    assert "adjusted_benchmark_esrd" in computed.index
    assert lines.index.is_unique
    assert [note.split(":")[0] for note in statement.notes] == ["Doubtful"] * 3
    assert "425.660" in statement.notes[1]
    assert mssp.BenchmarkRules.preset(2023).settle(**facts).notes == ()
    assert len(mssp.BenchmarkRules.preset(2024, regional_offset=False).notes) == 1


def test_every_term_of_every_start_is_there_once():
    names = {"regional_cap", "regional_cap_negative", "regional_offset", "negative_regional_adjustment"}
    names |= {"prior_savings_share", "prior_savings_cap", "population_cap", "population_floor", "risk_cap", "guardrail"}
    names |= {"risk_cap_over", "prospective_share", "prospective_as", "regional_risk_cap"}
    for day in pd.date_range("2019-07-01", "2026-12-31", freq="MS").strftime("%Y-%m-%d"):
        found = [row["term"] for row in table("benchmark_terms.csv") if row["first_start"] <= day <= row["last_start"]]
        assert sorted(set(found) - {"choice"}) == sorted(names)
        assert len(found) == len(set(found))
        mssp.BenchmarkRules.preset(day)


@pytest.mark.parametrize(
    "name",
    [
        "benchmark_terms.csv",
        "benchmark_lines.csv",
        "regional_adjustment_weights.csv",
        "truncation_rules.csv",
        "advance_payment_terms.csv",
        "advance_payment_rates.csv",
        "prepaid_savings_terms.csv",
    ],
)
def test_tables_have_sources_and_confidence(name):
    for row in table(name):
        assert row["source"]
        assert row["confidence"] in CONFIDENCE
        assert None not in row


def test_every_line_has_a_source():
    rules = mssp.BenchmarkRules.preset(2024)
    chain = [rules._historical(), rules._adjustment(), rules._updated()]
    lines = {base_name(line)[0] for rule in chain for line, *_ in rule.core.lines()}
    assert lines == {row["line"] for row in table("benchmark_lines.csv")}
