"""Medical loss ratio rebates: credibility by eye, the rounding on its line, and the markets."""

from decimal import Decimal

import pytest

import atrisk as ar

PLAIN = ar.MedicalLossRatioRebate(standard=0.8)


@pytest.mark.parametrize(
    ("life_years", "factor"),
    [
        (1_000, "0.083"),
        (1_750, "0.0675"),
        (2_500, "0.052"),
        (3_000, "0.049"),
        (10_000, "0.026"),
        (62_500, "0.006"),
        (75_000, "0"),
        (1_000_000, "0"),
    ],
)
def test_credibility_by_life_years(life_years, factor):
    rule = ar.MedicalLossRatioRebate.preset("individual", year=2024)
    statement = rule.settle(claims=1, premium=10, life_years=life_years)
    assert statement["base_credibility_factor"] == Decimal(factor)
    assert statement["credibility_adjustment"] == Decimal(factor)
    assert statement["credible"] == 1


def test_too_few_life_years_give_nothing_back():
    rule = ar.MedicalLossRatioRebate.preset("small_group", year=2024)
    few = rule.settle(claims=1_000, premium=10_000, life_years=999.99)
    assert (few["credible"], few["shortfall"], few["rebate"]) == (0, 0, 0)
    # 0.8 − (0.1 + 0.083) = 0.617
    enough = rule.settle(claims=1_000, premium=10_000, life_years=1_000)
    assert (enough["credible"], enough["rebate"]) == (1, Decimal("6170.00"))


@pytest.mark.parametrize(
    ("deductible", "factor"),
    [
        (0, "1"),
        (2_499.99, "1"),
        (2_500, "1.164"),
        (3_750, "1.283"),
        (5_000, "1.402"),
        (7_500, "1.569"),
        (20_000, "1.736"),
    ],
)
def test_deductibles_raise_the_adjustment(deductible, factor):
    rule = ar.MedicalLossRatioRebate.preset("individual", year=2024)
    statement = rule.settle(claims=1, premium=10, life_years=2_500, average_deductible=deductible)
    assert statement["deductible_factor"] == Decimal(factor)
    assert statement["credibility_adjustment"] == Decimal("0.052") * Decimal(factor)


@pytest.mark.parametrize(
    ("claims", "ratio", "rebate"),
    [
        # 45 CFR 158.221: 0.7988 is 0.799; one dollar of ten million decides whether a thousandth is given back.
        (7_988_000, "0.799", 10_000),
        (7_994_999, "0.799", 10_000),
        (7_995_000, "0.8", 0),
        (7_985_000, "0.799", 10_000),
        (7_984_999, "0.798", 20_000),
        (8_000_000, "0.8", 0),
        (9_000_000, "0.9", 0),
    ],
)
def test_the_ratio_is_rounded_to_three_decimals(claims, ratio, rebate):
    rule = ar.MedicalLossRatioRebate(standard=0.8, ratio_decimals=3)
    statement = rule.settle(claims=claims, premium=10_000_000)
    assert statement["medical_loss_ratio"] == Decimal(ratio)
    assert statement["rebate"] == rebate
    assert PLAIN.settle(claims=7_994_999, premium=10_000_000)["rebate"] == 5_001


def test_years_are_averaged_and_one_is_given_back():
    """Two earlier years at 90 % lift a year at 60 % to 80 %; at 84 % to 76 %, of which the year's premium gives 4 %."""
    facts = {"claims": 500, "quality_improvement": 100, "premium": 1_100, "taxes_and_fees": 100}
    assert PLAIN.settle(**facts, prior_costs=1_800, prior_premium=2_000)["rebate"] == 0
    statement = PLAIN.settle(**facts, prior_costs=1_680, prior_premium=2_000)
    assert (statement["numerator"], statement["denominator"]) == (2_280, 3_000)
    assert (statement["rebate_base"], statement["rebate"]) == (1_000, 40)


def test_markets():
    facts = {"claims": 800, "premium": 1_100, "taxes_and_fees": 100}
    rebates = {
        name: ar.MedicalLossRatioRebate.preset(name, year=2024).settle(**facts, life_years=80_000)["rebate"]
        for name in ("individual", "small_group", "large_group", "medicare_advantage", "medicare_part_d")
    }
    # Medicare gives back a part of all revenue.
    assert list(rebates.values()) == [0, 0, 50, 55, 55]


def test_life_years_are_asked_only_where_they_count():
    statement = ar.MedicalLossRatioRebate.preset("medicare_advantage", year=2024).settle(claims=80, premium=100)
    assert statement["rebate"] == 5
    assert "life_years" not in statement.to_frame()["line"].tolist()
    with pytest.raises(ar.InputError, match="must be given life_years"):
        ar.MedicalLossRatioRebate.preset("individual", year=2024).settle(claims=80, premium=100)


def test_what_is_recalled_is_noted():
    notes = " ".join(ar.MedicalLossRatioRebate.preset("individual", year=2024).notes)
    assert "ratio_decimals 3 (45 CFR 158.221(a): 0.7988 is 0.799)" in notes
    assert "deductible_factor at 2500 1.164" in notes
    assert "158.232 Table 1" not in notes
    assert "Rate Announcement" in " ".join(ar.MedicalLossRatioRebate.preset("medicare_part_d", year=2024).notes)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"standard": 80}, "MedicalLossRatioRebate.standard: must be between 0 and 1, got 80 (did you mean 0.80?)"),
        (
            {"standard": 0.8, "credibility": [(1_000, 0.083), (1_000, 0.05)]},
            "MedicalLossRatioRebate.credibility[1].from: must rise from row to row, got 1000",
        ),
        (
            {"standard": 0.8, "credibility": [(1_000, 8.3)]},
            "MedicalLossRatioRebate.credibility[0].gives: must be between 0 and 1, got 8.3",
        ),
        (
            {"standard": 0.8, "credibility": [1_000]},
            "MedicalLossRatioRebate.credibility[0]: must be rows of two numbers (from, factor), got 1000",
        ),
        (
            {"standard": 0.8, "ratio_decimals": 3.5},
            "MedicalLossRatioRebate.ratio_decimals: must be a whole number between 0 and 9, got 3.5",
        ),
        (
            {"standard": 0.8, "rebate_on": "revenue"},
            'MedicalLossRatioRebate.rebate_on: must be one of premium_less_taxes or premium, got "revenue"',
        ),
    ],
)
def test_terms_are_refused_when_they_are_given(terms, message):
    with pytest.raises(ar.InputError) as error:
        ar.MedicalLossRatioRebate(**terms)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("fact", "value", "told"),
    [
        ("claims", -0.01, "must be at least 0, got -0.01"),
        ("premium", 0, "must be above 0, got 0"),
        ("premium", -10, "must be above 0, got -10"),
        ("quality_improvement", -1, "must be at least 0, got -1"),
        ("prior_costs", -1, "must be at least 0, got -1"),
        ("prior_premium", -1, "must be at least 0, got -1"),
        ("average_deductible", -1, "must be at least 0, got -1"),
    ],
)
def test_facts_that_cannot_be_are_refused(fact, value, told):
    facts = {"claims": 0, "premium": 10}
    assert PLAIN.settle(**facts)["rebate"] == 8
    with pytest.raises(ar.InputError) as error:
        PLAIN.settle(**facts | {fact: value})
    assert str(error.value) == f"MedicalLossRatioRebate.{fact}: {told}"
    with pytest.raises(ar.InputError) as error:
        PLAIN.settle(**facts | {fact: [facts.get(fact, 0), value]})
    assert str(error.value) == f"MedicalLossRatioRebate.{fact}[1]: {told}"


def test_presets_that_do_not_exist():
    with pytest.raises(ar.InputError, match=r"must be one of individual \(2011-\), small_group \(2011-\)"):
        ar.MedicalLossRatioRebate.preset("commercial", year=2024)
    with pytest.raises(ar.InputError, match=r"must be a year of medicare_advantage \(2014-\), got 2013"):
        ar.MedicalLossRatioRebate.preset("medicare_advantage", year=2013)
