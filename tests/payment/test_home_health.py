"""Home health periods: the worked examples step by step, boundaries, figures of the year, statements."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from home_health_cases import CASE, DISCIPLINES, TEN, payment, price, without

# Worked examples.


def test_a_period_step_by_step():
    """Weight 1.1000, 10 visits, threshold 4, wage index 1.05, labor share 0.749, in 2026: 2,326.00."""
    steps = {
        "base_rate": 2038.22,
        "labor_share": 0.749,
        "visits": 10,
        "lupa": 0,
        "case_mix_payment": 2242.04,
        "case_mix_labor": 1763.25,
        "case_mix_nonlabor": 562.75,
        "full_period_payment": 2326.00,
        "partial_period_factor": 1,
        "period_payment": 2326.00,
        "fixed_dollar_loss": 754.14,
        "loss_labor": 593.09,
        "loss_nonlabor": 189.29,
        "outlier_threshold": 3108.38,
        "outlier_payment": 0,
        "lupa_payment": 0,
        "payment": 2326.00,
    }
    assert {name: price(**TEN)[name] for name in steps} == steps
    statement = ar.home_health.explain(TEN)
    assert statement["payment"] == Decimal("2326.00")
    assert "lupa_threshold" in repr(statement)


def test_a_partial_period_step_by_step():
    """17 days: 0.57 of the whole, 1,325.82."""
    priced = price(**TEN, partial_period_days=17)
    assert priced["partial_period_factor"] == 0.57
    assert priced["partial_period_reduction"] == 1000.18
    assert priced["payment"] == priced["period_payment"] == 1325.82


def test_few_visits_step_by_step():
    """One visit of occupational therapy, the first, and two of physical therapy: 749.59."""
    visits = {"occupational_therapy_visits": 1, "physical_therapy_visits": 2}
    days = {"occupational_therapy_first_day": 1, "physical_therapy_first_day": 4}
    steps = {
        "lupa": 1,
        "physical_therapy_labor": 304.23,
        "physical_therapy_nonlabor": 97.10,
        "occupational_therapy_labor": 153.15,
        "occupational_therapy_nonlabor": 48.88,
        "lupa_payment": 603.36,
        "occupational_therapy_add_on": 140.95,
        "physical_therapy_add_on": 0,
        "add_on_labor": 110.85,
        "add_on_nonlabor": 35.38,
        "lupa_add_on": 146.23,
        "period_payment": 0,
        "outlier_payment": 0,
        "payment": 749.59,
    }
    priced = price(**CASE, **visits, **days)
    assert {name: priced[name] for name in steps} == steps
    assert ar.home_health.explain(CASE | visits | days)["payment"] == Decimal("749.59")


# Boundaries.


def test_a_ladder_around_the_lupa_threshold():
    ladder = [price(**CASE, skilled_nursing_visits=visits) for visits in (3, 4, 5)]
    assert [step["lupa"] for step in ladder] == [1, 0, 0]
    assert [step["payment"] for step in ladder][1:] == [2326.0, 2326.0]
    assert ladder[0]["payment"] == 550.76 + 132.18


def outlier_with(unit_rate, **more):
    facts = {"skilled_nursing_units": 100, "skilled_nursing_unit_rate": unit_rate}
    return price(**(TEN | {"wage_index": 1.0} | facts | more))


def test_an_outlier_begins_at_its_cent():
    """At wage index 1 the threshold is 2,242.04 + 754.14 = 2,996.18: 100 units of 29.96 do not reach it."""
    ladder = [outlier_with(rate) for rate in (29.96, 29.97, 29.98)]
    assert [step["outlier_threshold"] for step in ladder] == [2996.18] * 3
    assert [step["imputed_cost"] for step in ladder] == [2996.00, 2997.00, 2998.00]
    assert [step["outlier_payment"] for step in ladder] == [0, 0.66, 1.46]
    for beyond, paid in [("-0.01", 0.0), ("0.00", 0.0), ("0.01", 0.01), ("0.02", 0.02), ("0.03", 0.02)]:
        rate = float(Decimal("2996.18") + Decimal(beyond))
        assert outlier_with(rate, skilled_nursing_units=1)["outlier_payment"] == paid


def test_the_cap_of_an_agency_takes_all_or_nothing():
    """An outlier of 0.66 with 10 % of 1,000.00 less what was paid before."""
    for before, paid in [(99.33, 0.66), (99.34, 0.66), (99.35, 0.0), (150.0, 0.0)]:
        priced = outlier_with(29.97, prior_payments=1000, prior_outliers=before)
        assert (priced["uncapped_outlier"], priced["outlier_payment"]) == (0.66, paid)
    assert outlier_with(29.97, prior_payments=1000, prior_outliers=0)["outlier_payment"] == 0.66
    assert outlier_with(29.97, prior_payments=0, prior_outliers=1000)["outlier_payment"] == 0.66


def test_few_visits_have_no_outlier_and_no_partial_period():
    few = CASE | {"skilled_nursing_visits": 3}
    priced = price(**few, skilled_nursing_units=900, skilled_nursing_unit_rate=50, partial_period_days=1)
    assert priced["payment"] == price(**few)["payment"] == 682.94
    assert priced["outlier_payment"] == 0


def add_on_of(*, calendar_year=2026, first_period=True, lupa_threshold=10, **facts):
    priced = price(
        **CASE
        | {"calendar_year": calendar_year, "first_period": first_period, "lupa_threshold": lupa_threshold}
        | facts
    )
    return [each for each in DISCIPLINES[:4] if priced[f"{each}_add_on"] > 0]


def test_the_earliest_visit_has_the_add_on_and_ties_go_in_order():
    every = {f"{each}_visits": 1 for each in DISCIPLINES[:4]}
    for at, first in enumerate(DISCIPLINES[:4]):
        days = {f"{each}_first_day": 3 for each in DISCIPLINES[:4]}
        assert add_on_of(**every, **days | {f"{first}_first_day": 2}) == [first]
        later = {f"{each}_first_day": 5 for each in DISCIPLINES[:at]}
        assert add_on_of(**every, **days | later) == [first]
    assert add_on_of(**every, **days, first_period=False) == []


def test_the_earliest_visit_decides_even_where_it_has_no_add_on():
    """An aide, social work, or occupational therapy before 2022 that comes first leaves nothing to the others."""
    assert add_on_of(home_health_aide_visits=2, medical_social_services_visits=1) == []
    for other in ("home_health_aide", "medical_social_services"):
        visits = {f"{other}_visits": 2, "physical_therapy_visits": 1}
        days = {f"{other}_first_day": 3}
        assert add_on_of(**visits, **days, physical_therapy_first_day=4) == []
        assert add_on_of(**visits, **days, physical_therapy_first_day=3) == ["physical_therapy"]
        assert add_on_of(**visits, **days, physical_therapy_first_day=2) == ["physical_therapy"]
    for year, first in [(2020, []), (2021, []), (2022, ["occupational_therapy"])]:
        assert add_on_of(calendar_year=year, occupational_therapy_visits=2) == first
    both = {"occupational_therapy_visits": 1, "speech_language_pathology_visits": 1}
    days = {"occupational_therapy_first_day": 1, "speech_language_pathology_first_day": 9}
    assert add_on_of(calendar_year=2021, **both, **days) == []
    assert add_on_of(calendar_year=2022, **both, **days) == ["occupational_therapy"]
    earlier = {"occupational_therapy_first_day": 10, "speech_language_pathology_first_day": 9}
    assert add_on_of(calendar_year=2021, **both, **earlier) == ["speech_language_pathology"]


def test_days_are_asked_for_only_where_they_decide():
    aide = {"home_health_aide_visits": 1, "skilled_nursing_visits": 1}
    with pytest.raises(ar.InputError, match=r"^home_health.skilled_nursing_first_day: must be given where several"):
        add_on_of(**aide)
    with pytest.raises(ar.InputError, match=r"^home_health.home_health_aide_first_day: must be given where several"):
        add_on_of(**aide, skilled_nursing_first_day=1)
    assert add_on_of(**aide, first_period=False) == []
    assert add_on_of(**aide, lupa_threshold=2) == []
    assert add_on_of(calendar_year=2021, home_health_aide_visits=1, occupational_therapy_visits=1) == []


def test_rates_of_visits_have_no_rural_factor():
    """Three visits of 163.29 in 2023 at wage index 1, and 0.8451 of the first more: no 1.01 in it."""
    few = CASE | {"calendar_year": 2023, "wage_index": 1.0, "skilled_nursing_visits": 3}
    rural = price(**few, rural_category="low_population")
    assert rural["rural_factor"] == 1.01
    assert (rural["lupa_payment"], rural["lupa_add_on"]) == (489.87, 138.0)
    assert rural["payment"] == price(**few)["payment"]
    whole = price(**few | {"skilled_nursing_visits": 9}, rural_category="low_population")
    assert whole["rate"] == pytest.approx(2010.69 * 1.01)


def test_late_notice_takes_a_thirtieth_a_day():
    paid = [payment(**TEN, late_notice_days=days) for days in (0, 1, 6, 30)]
    assert paid == [Decimal(text) for text in ("2326.00", "2248.47", "1860.80", "0.00")]
    few = CASE | {"skilled_nursing_visits": 3}
    assert payment(**few, late_notice_days=10) == payment(**few)


def test_value_based_purchasing_moves_the_period_and_each_line_of_visits():
    assert payment(**TEN, value_based_factor=1.05) == Decimal("2442.30")
    assert payment(**TEN, value_based_factor=0.95, late_notice_days=6) == Decimal("1767.76")
    few = price(**CASE, skilled_nursing_visits=3, value_based_factor=1.03)
    assert few["value_based_adjustment"] == pytest.approx(16.52 + 3.97)
    capped = outlier_with(29.97, value_based_factor=1.1)
    assert capped["payment"] == pytest.approx(2242.04 + 224.20 + 0.66)


@pytest.mark.parametrize(
    ("year", "category", "factor"),
    [
        (2020, "high_utilization", 1.005),
        (2020, "low_population", 1.03),
        (2020, "all_other", 1.02),
        (2021, "high_utilization", 1),
        (2021, "low_population", 1.02),
        (2021, "all_other", 1.01),
        (2022, "low_population", 1.01),
        (2023, "low_population", 1.01),
        (2023, "all_other", 1),
        (2024, "low_population", 1),
        (2026, "low_population", 1),
    ],
)
def test_rural_add_ons_by_year(year, category, factor):
    priced = price(**TEN | {"calendar_year": year}, rural_category=category)
    assert priced["rural_factor"] == factor
    assert price(**TEN | {"calendar_year": year})["rural_factor"] == 1


RATES = {
    2020: (1864.03, 1827.30, 0.56, 0.761, 149.68, 163.61, 164.74, 177.84, 239.92, 67.78, 0.8451, 0.67, 0, 0.6266),
    2021: (1901.12, None, 0.56, 0.761, 152.63, 166.83, 167.98, 181.34, 244.64, 69.11, 0.8451, 0.67, 0, 0.6266),
    2022: (2031.64, 1992.04, 0.40, 0.761, 156.90, 171.49, 172.67, 186.41, 251.48, 71.04, 0.8451, 0.67, 0.67, 0.6266),
    2023: (2010.69, 1972.02, 0.35, 0.761, 163.29, 178.47, 179.70, 194.00, 261.72, 73.93, 0.8451, 0.67, 0.67, 0.6266),
    2024: (2038.13, 1998.56, 0.27, 0.749, 168.37, 184.03, 185.29, 200.04, 269.87, 76.23, 0.8451, 0.67, 0.67, 0.6266),
    2025: (2057.35, 2017.28, 0.35, 0.749, 172.73, 188.79, 190.08, 205.22, 276.85, 78.20, 0.72, 0.6225, 0.7238, 0.6696),
    2026: (2038.22, None, 0.37, 0.749, 176.96, 193.42, 194.74, 210.25, 283.64, 80.12, 0.72, 0.6225, 0.7238, 0.6696),
}


@pytest.mark.parametrize("year", RATES)
def test_figures_of_each_year(year):
    base, without, ratio, labor, *others = RATES[year]
    priced = price(**TEN | {"calendar_year": year})
    assert [priced[name] for name in ("base_rate", "fixed_dollar_loss_ratio", "labor_share")] == [base, ratio, labor]
    assert [priced[f"{each}_visit_rate"] for each in DISCIPLINES] == others[:6]
    assert [priced[f"{each}_add_on_factor"] for each in DISCIPLINES[:4]] == others[6:]
    assert (priced["loss_sharing"], priced["agency_outlier_cap"]) == (0.8, 0.1)
    if without:
        assert price(**TEN | {"calendar_year": year}, quality_data=False)["base_rate"] == without
    else:
        with pytest.raises(
            ar.InputError,
            match=r"base_rate: must be given for .* \(base_rate_without_quality_data is shipped for 2020, 2022",
        ):
            price(**TEN | {"calendar_year": year}, quality_data=False)


def test_confidence_is_that_of_the_least_sure_figure():
    years = [2020, 2021, 2022, 2023, 2024, 2025, 2026]
    sure = ar.home_health.price({"calendar_year": years}, **{k: v for k, v in TEN.items() if k != "calendar_year"})
    assert sure["confidence"].tolist() == ["read", "recalled", "read", "read", "read", "read", "recalled"]
    assert price(**TEN | {"calendar_year": 2025, "lupa_threshold": 11})["confidence"] == "recalled"
    shipped = {"hipps": "1AA11", "wage_index": 1, "skilled_nursing_visits": 9, "calendar_year": 2025}
    assert price(**shipped)["confidence"] == "doubtful"
    notes = ar.home_health.explain(shipped).notes
    assert any("presumed 2025" in note and "doubtful" in note for note in notes)
    assert any("no 15-minute units were given" in note for note in notes)
    own = {"hipps": ["1AA11"], "weight": [1.2], "lupa_threshold": [3]}
    assert ar.home_health.price(shipped, weights=own)["confidence"].tolist() == ["read"]


def test_figures_that_are_not_used_do_not_count():
    """In 2021 every figure is recalled; a user's own base rate and labor share leave nothing that is."""
    facts = TEN | {"calendar_year": 2021, "base_rate": 1901.12, "labor_share": 0.761}
    assert price(**facts)["confidence"] == "read"
    units = {"skilled_nursing_units": 4, "skilled_nursing_unit_rate": 40}
    assert price(**facts, **units)["confidence"] == "recalled"
    assert price(**facts, **units, fixed_dollar_loss_ratio=0.56, loss_sharing=0.8)["confidence"] == "read"
    few = CASE | {"calendar_year": 2025, "skilled_nursing_visits": 3}
    own = {"skilled_nursing_visit_rate": 172.73}
    assert price(**few)["confidence"] == "recalled"
    assert price(**few, **own)["confidence"] == "read"


def test_figures_of_a_user_hold_row_by_row():
    own = {"base_rate": [np.nan, 2100.0], "labor_share": [0.75, np.nan], "skilled_nursing_visits": [9, 9]}
    paid = ar.home_health.price(own, **without("skilled_nursing_visits"))
    assert paid["base_rate"].tolist() == [2038.22, 2100.0]
    assert paid["labor_share"].tolist() == [0.75, 0.749]
    few = CASE | {"skilled_nursing_visits": 3, "skilled_nursing_add_on_factor": 0.5, "rural_factor": 1.02}
    assert price(**few)["skilled_nursing_add_on"] == 88.48


def test_later_years_take_a_users_figures():
    own = {"base_rate": 2100, "labor_share": 0.75, "fixed_dollar_loss_ratio": 0.4}
    paid = price(**TEN | {"calendar_year": 2027} | own)
    assert paid["payment"] == 2396.63
    few = CASE | {"calendar_year": 2027, "labor_share": 0.75, "skilled_nursing_visits": 3}
    with pytest.raises(ar.InputError) as error:
        price(**few)
    assert str(error.value).startswith(
        "home_health: must be given skilled_nursing_visit_rate, skilled_nursing_add_on_factor "
        "(skilled_nursing_visit_rate"
    )
    rates = {"skilled_nursing_visit_rate": 200, "skilled_nursing_add_on_factor": 0.7}
    assert price(**few, **rates)["payment"] == 622.50 + 145.25


def test_a_lupa_without_quality_data_needs_no_base_rate():
    few = CASE | {"skilled_nursing_visits": 3, "quality_data": False, "skilled_nursing_visit_rate": 173.5}
    paid = price(**few)
    assert (paid["lupa"], paid["rate"]) == (1, 0)
    with pytest.raises(ar.InputError, match=r"^home_health.base_rate: must be given for calendar year 2026"):
        price(**few | {"lupa_threshold": 2})


def test_an_empty_frame_has_no_rows_and_all_columns():
    frame = pd.DataFrame({"hipps": ["1AA11"], "wage_index": [1.0], "skilled_nursing_visits": [9]})
    empty = ar.home_health.price(frame.iloc[:0], calendar_year=2025)
    assert len(empty) == 0
    assert list(empty) == list(ar.home_health.price(frame, calendar_year=2025))


def test_statements_say_code_year_and_sources():
    facts = {"hipps": "2EB31", "wage_index": 1, "skilled_nursing_visits": 9, "calendar_year": "2026"}
    statement = ar.home_health.explain(facts)
    assert statement.title == "home_health 2EB31, calendar year 2026, paid as a whole"
    assert statement.notes[0] == (
        "2EB31: admission source institutional, timing early, clinical group musculoskeletal_rehabilitation, "
        "functional level medium, comorbidity high"
    )
    notes = " ".join(statement.notes)
    assert "base_rate 2038.22: read" in notes
    assert "confidence: doubtful, that of the least sure figure used" in notes
    assert "visit_rate" not in notes
