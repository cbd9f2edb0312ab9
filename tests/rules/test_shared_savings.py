"""Shared savings by rule: ladders one cent either side of each gate, worked cases, what holds whatever the terms."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import atrisk as ar

BENCHMARK = 100e6


def ladder(contract, spendings, **facts):
    """The settlement at each spending, dollars."""
    frame = contract.settle(pd.DataFrame({"benchmark": BENCHMARK, "spending": spendings, **facts}))
    return frame["settlement"].tolist()


@pytest.mark.parametrize(
    ("track", "facts", "expected"),
    [
        # A1001 in 2020, as published: 54,320,998.
        (("ENHANCED", 2020), {"benchmark": 956_864_945, "spending": 884_436_947}, 54_320_998.50),
        # The largest of 2024: 173.0 M shared at three quarters, less 2 %: 127.1 M.
        (("ENHANCED", 2024), {"benchmark": 2e9, "spending": 2e9 - 173e6}, 127_155_000.0),
        # The largest loss of 2024: 30 % of 11.0 M without sequestration.
        (("BASIC E", 2024), {"benchmark": 400e6, "spending": 411e6}, -3_300_000.0),
        # Limited by revenue: 30 % of 20 M, 8 % of 30 M, 4 % of 100 M.
        (("BASIC E", 2024), {"benchmark": 100e6, "spending": 120e6, "revenue": 30e6}, -2_400_000.0),
        # The same after three months of a disaster for 40 % of the members.
        (
            ("BASIC E", 2024),
            {"benchmark": 100e6, "spending": 120e6, "revenue": 30e6, "disaster_share": 0.25 * 0.4},
            -2_160_000.0,
        ),
    ],
)
def test_worked_cases(track, facts, expected):
    name, year = track
    statement = ar.SharedSavings.mssp(name, year=year).settle(members=20_000, **facts)
    assert float(statement["settlement"]) == expected


@pytest.mark.parametrize(
    ("score", "met", "rate"), [(0.8, True, 0.4), (0.7385, True, 0.446125), (0.8, False, 0.75), (0.3, True, 0.75)]
)
def test_loss_rates_by_quality(score, met, rate):
    """42 CFR 425.610(f): one less three quarters of the score, 40 to 75 %; 75 % where both standards are missed."""
    contract = ar.SharedSavings.mssp("ENHANCED", year=2024)
    facts = {"quality_score": score, "met_quality_standard": met, "benchmark": 100e6, "spending": 105e6, "members": 9e3}
    assert float(contract.settle(**facts)["loss_rate"]) == rate
    by_alternative = contract.settle(
        **facts | {"met_quality_standard": False, "met_alternative_quality_standard": True}
    )
    assert float(by_alternative["loss_rate"]) == pytest.approx(min(0.75, 1 - 0.75 * score))


@pytest.mark.parametrize(
    ("rule", "met", "alternative", "rate"),
    [
        ("none", False, False, 0.5),
        ("times_score", True, False, 0.4),
        ("times_score", False, False, 0.0),
        ("all_or_nothing", True, False, 0.5),
        ("all_or_nothing", False, True, 0.0),
        ("full_or_alternative", True, False, 0.5),
        ("full_or_alternative", False, True, 0.4),
        ("full_or_alternative", False, False, 0.0),
    ],
)
def test_what_quality_does(rule, met, alternative, rate):
    contract = ar.SharedSavings(sharing_rate=0.5, quality_rule=rule)
    facts = {"quality_score": 0.8, "met_quality_standard": met, "met_alternative_quality_standard": alternative}
    statement = contract.settle(benchmark=100.0, spending=90.0, **facts)
    assert (float(statement["sharing_rate"]), float(statement["earned"])) == (rate, 10.0 * rate)


def test_gates_open_at_their_cent():
    contract = ar.SharedSavings(
        sharing_rate=0.5, loss_rate=0.5, minimum_savings_rate=0.02, minimum_loss_rate=0.03, sequestration_rate=0.02
    )
    savings = [1_999_999.98, 1_999_999.99, 2_000_000.0, 2_000_000.01]
    assert ladder(contract, [BENCHMARK - each for each in savings]) == [0.0, 0.0, 980_000.0, 980_000.0]
    losses = [2_999_999.98, 2_999_999.99, 3_000_000.0, 3_000_000.01]
    assert ladder(contract, [BENCHMARK + each for each in losses]) == [0.0, 0.0, -1_500_000.0, -1_500_000.01]


def test_limits_hold_from_their_cent():
    contract = ar.SharedSavings(
        sharing_rate=0.5, loss_rate=0.5, payment_limit_rate=0.1, loss_limit_rate=0.05, loss_limit_revenue_rate=0.08
    )
    assert ladder(contract, [80_000_000.02, 80e6, 79e6, 0.0]) == [9_999_999.99, 10e6, 10e6, 10e6]
    assert ladder(contract, [109_999_999.98, 110e6, 111e6]) == [-4_999_999.99, -5e6, -5e6]
    assert ladder(contract, [109_999_999.98, 110e6, 111e6], revenue=50e6) == [-4e6, -4e6, -4e6]


def test_tables_hold_below_their_members():
    contract = ar.SharedSavings.mssp("BASIC E", year=2024, minimum_savings_rate=0.0, minimum_loss_rate=0.0)
    rates = contract.settle(pd.DataFrame({"benchmark": 1e8, "spending": 9e7, "members": [4_999, 5_000, 3_000]}))
    np.testing.assert_allclose(rates["minimum_rate"], [0.039, 0.0, 0.05])
    always = ar.SharedSavings.mssp("BASIC A", year=2024)
    rates = always.settle(pd.DataFrame({"benchmark": 1e8, "spending": 9e7, "members": [33_798, 5_000, 60_000]}))
    np.testing.assert_allclose(rates["minimum_rate"], [0.02362015, 0.039, 0.02], atol=1e-8)


def test_a_reduced_rate_for_low_revenue_below_the_minimum():
    """425.605(h): half the rate, from 5,000 members on, for savings above nothing."""
    contract = ar.SharedSavings.mssp("BASIC B", year=2025)
    frame = pd.DataFrame(
        {
            "benchmark": 1e8,
            "spending": [99e6, 99e6, 99e6, 100e6, 90e6],
            "members": [5_000, 4_999, 5_000, 5_000, 5_000],
            "low_revenue": [True, True, False, True, True],
        }
    )
    np.testing.assert_allclose(contract.settle(frame)["earned"], [0.2 * 1e6 * 0.98, 0.0, 0.0, 0.0, 0.4 * 10e6 * 0.98])


def test_the_guardrail_lowers_a_loss_or_takes_it_away():
    contract = ar.SharedSavings(sharing_rate=0.5, loss_rate=0.3)
    spending = 105e6
    assert ladder(contract, [spending], guardrail_benchmark=102e6) == [-900_000.0]
    assert ladder(contract, [spending], guardrail_benchmark=106e6) == [0.0]
    assert ladder(contract, [spending], guardrail_benchmark=99e6) == [-1_500_000.0]
    assert ladder(contract, [95e6], guardrail_benchmark=90e6) == [2_500_000.0]


def test_advances_are_repaid_from_what_is_earned():
    contract = ar.SharedSavings(sharing_rate=0.5, loss_rate=0.3)
    for spending, recouped, cash in [(99e6, 500_000.0, 0.0), (90e6, 2e6, 3e6), (110e6, 0.0, -3e6)]:
        statement = contract.settle(benchmark=BENCHMARK, spending=spending, advance_balance=2e6)
        assert (float(statement["advance_recouped"]), float(statement["cash"])) == (recouped, cash)


def test_an_early_end_owes_its_months():
    statement = ar.SharedSavings(sharing_rate=0.5, loss_rate=0.3).settle(benchmark=1e8, spending=1.1e8, months_owed=5)
    assert float(statement["owed"]) == 1_250_000.0


# ---------------------------------------------------------------------------------------------------------
# Whatever the terms
# ---------------------------------------------------------------------------------------------------------


def rates(most=100):
    return st.integers(0, most).map(lambda percent: Decimal(percent) / 100)


@st.composite
def contracts(draw):
    least = draw(rates(60))
    return ar.SharedSavings(
        sharing_rate=draw(rates()),
        loss_rate=draw(rates()),
        loss_rate_by_quality=draw(st.none() | st.tuples(st.just(float(least)), st.just(float(least) + 0.2))),
        quality_rule=draw(st.sampled_from(["none", "times_score", "all_or_nothing", "full_or_alternative"])),
        minimum_savings_rate=draw(rates(10)),
        minimum_loss_rate=draw(rates(10)),
        payment_limit_rate=draw(st.none() | rates(30)),
        loss_limit_rate=draw(st.none() | rates(30)),
        reduced_sharing=draw(st.none() | st.just((0.5, 5_000))),
        sequestration_rate=draw(rates(5)),
    )


FACTS = st.fixed_dictionaries(
    {
        "members": st.integers(100, 100_000),
        "quality_score": st.integers(0, 100).map(lambda percent: percent / 100),
        "met_quality_standard": st.booleans(),
        "met_alternative_quality_standard": st.booleans(),
        "low_revenue": st.booleans(),
        "disaster_share": st.sampled_from([0.0, 0.1, 1.0]),
    }
)
SPENDING = np.linspace(60e6, 150e6, 361)


@settings(max_examples=150, deadline=None)
@given(contract=contracts(), facts=FACTS)
def test_whatever_the_terms(contract, facts):
    """More savings never earn less and more losses never owe less; limits bind; the sign is that of savings."""
    frame = contract.settle(pd.DataFrame({"benchmark": BENCHMARK, "spending": SPENDING, **facts}))
    settlement = frame["settlement"].to_numpy()
    assert (np.diff(settlement) <= 0.0).all()
    assert ((settlement == 0.0) | (np.sign(settlement) == np.sign(frame["savings"]))).all()
    assert (settlement <= frame["payment_limit"].fillna(np.inf)).all()
    assert (-settlement <= frame["loss_limit"].fillna(np.inf)).all()
    assert (frame["earned"] <= frame["savings"].clip(lower=0.0)).all()
    assert (frame["owed"] <= (-frame["savings"]).clip(lower=0.0)).all()
    np.testing.assert_array_equal(settlement, frame["earned"] - frame["owed"])


@settings(max_examples=60, deadline=None)
@given(contract=contracts(), facts=FACTS, cents=st.integers(6_000_000_000, 15_000_000_000))
def test_a_statement_is_its_row_of_a_frame(contract, facts, cents):
    spending = cents / 100
    statement = contract.settle(benchmark=BENCHMARK, spending=spending, **facts)
    row = contract.settle(pd.DataFrame([{"benchmark": BENCHMARK, "spending": spending, **facts}])).iloc[0]
    for line in ("savings", "minimum", "earned", "owed", "settlement"):
        assert float(statement[line]) == pytest.approx(row[line], abs=0.005)
        assert statement[line] == round(statement[line], 2)


# ---------------------------------------------------------------------------------------------------------
# Bad input
# ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        (
            {"sharing_rate": 50},
            r"SharedSavings\.sharing_rate: must be between 0 and 1, got 50 \(did you mean 0\.50?\?\)",
        ),
        ({"sharing_rate": 0.5, "loss_rate_by_quality": (0.7, 0.4)}, r"loss_rate_by_quality: must be \(least, most\)"),
        ({"sharing_rate": 0.5, "loss_rate_by_quality": 0.4}, "loss_rate_by_quality: must be two numbers, got 0.4"),
        (
            {"sharing_rate": 0.5, "minimum_rate_table": [(1, 100, 0.1, 0.05), (100, 200, 0.05, 0.02)]},
            r"minimum_rate_table\[1\]\.from: must lie above the end of the band before it: bands do not .*, got 100",
        ),
        ({"sharing_rate": 0.5, "minimum_rate_table": [(1, 100)]}, r"minimum_rate_table\[0\]: must be bands"),
        (
            {"sharing_rate": 0.5, "quality_rule": "good"},
            'quality_rule: must be one of none, times_score, .*, got "good"',
        ),
        ({"sharing_rate": ar.Beta(mean=0.5, cv=0.1)}, r"SharedSavings\.sharing_rate: must be a number, got Beta"),
        ({"sharing_rate": 0.5, "sequestration_rate": 2}, r"sequestration_rate: must be between 0 and 1, got 2"),
    ],
)
def test_bad_terms(terms, told):
    with pytest.raises(ar.InputError, match=told):
        ar.SharedSavings(**terms).settle(benchmark=1.0, spending=1.0, members=1.0)


def test_bad_facts():
    contract = ar.SharedSavings(sharing_rate=0.5)
    with pytest.raises(ar.InputError, match=r"SharedSavings: must be given benchmark, spending"):
        contract.settle(pd.DataFrame({"members": [5]}))
    with pytest.raises(ar.InputError, match=r"quality_score\[1\]: must be between 0 and 1, got 80"):
        contract.settle(pd.DataFrame({"benchmark": 1.0, "spending": 1.0, "quality_score": [0.8, 80.0]}))
    with pytest.raises(ar.InputError, match=r"SharedSavings\.savings: must be one of benchmark, spending"):
        contract.settle(benchmark=1.0, savings=1.0)


@pytest.mark.parametrize(
    ("fact", "allowed", "refused", "told"),
    [
        ("benchmark", 0.0, -0.01, "must be at least 0, got -0.01"),
        ("months_owed", 12.0, 12.01, "must be at most 12, got 12.01"),
        ("revenue", 0.0, -1.0, "must be at least 0, got -1"),
        ("revenue_loss_limit", 0.0, -1.0, "must be at least 0, got -1"),
        ("guardrail_benchmark", 0.0, -1.0, "must be at least 0, got -1"),
        ("disaster_adjustment", 0.0, -1.0, "must be at least 0, got -1"),
        ("advance_balance", 0.0, -1.0, "must be at least 0, got -1"),
    ],
)
def test_facts_that_cannot_be_are_refused(fact, allowed, refused, told):
    contract = ar.SharedSavings(sharing_rate=0.5, loss_rate=0.5)
    facts = {"benchmark": 100.0, "spending": 90.0}
    contract.settle(**facts | {fact: allowed})
    with pytest.raises(ar.InputError) as error:
        contract.settle(**facts | {fact: refused})
    assert str(error.value) == f"SharedSavings.{fact}: {told}"
    with pytest.raises(ar.InputError) as error:
        contract.settle(pd.DataFrame([facts | {fact: allowed}, facts | {fact: refused}]))
    assert str(error.value) == f"SharedSavings.{fact}[1]: {told}"


@pytest.mark.parametrize(
    ("track", "year", "told"),
    [
        ("ENHANCED", 2018, r"must be a performance year of the track, got 2018 \(years of ENHANCED: 2019 to 2026\)"),
        ("Track 1", 2024, r"got 2024 \(years of Track 1: 2012 to 2021\)"),
        ("BASIC F", 2024, "must be a track: Track 1, Track 2, .*, got 'BASIC F'"),
    ],
)
def test_presets_that_do_not_exist(track, year, told):
    with pytest.raises(ar.InputError, match=told):
        ar.SharedSavings.mssp(track, year=year)


def test_presets_say_what_is_recalled():
    contract = ar.SharedSavings.mssp("ENHANCED", year=2024)
    statement = contract.settle(benchmark=1e8, spending=9e7, members=9_000)
    assert any("sequestration" in note and "(confidence: recalled)" in note for note in statement.notes)
    assert all(note in statement._repr_html_() for note in statement.notes)
    assert "confidence: recalled" in repr(contract)


def test_a_simulated_year_is_settled_by_the_same_rule():
    """The preset in a study, base years and all; its statement holds the rule's lines and what is recalled."""
    members = pd.DataFrame({"age": 70.0, "sex": "female", "risk_score": np.ones(6_000)})
    care = ar.Utilization(services=[ar.Service("care", per_1000=5_000, allowed=ar.LogNormal(mean=2_000, cv=1.5))])
    elected = {"minimum_savings_rate": 0.0, "minimum_loss_rate": 0.0}
    contract = ar.SharedSavings.mssp("ENHANCED", year=2024, quality_score=0.8, **elected)
    arms = {"ACO": [ar.FeeForService(), contract]}
    study = ar.Study(ar.Population.from_frame(members), care, arms, base_years=3, seed=5)
    results = study.run(20, progress=False)
    settlements = []
    for replicate in range(20):
        statement = results.statement("ACO", replicate=replicate)
        lines = statement.to_frame().query("contract == 'ACO[1]'").set_index("line")["value"].astype(float)
        facts = {"benchmark": lines["benchmark"], "spending": lines["benchmark"] - lines["savings"], "members": 6_000}
        settlements.append(float(contract.settle(**facts)["settlement"]))
        assert lines["earned"] - lines["owed"] == pytest.approx(settlements[-1], abs=0.02)
    assert min(settlements) < 0 < max(settlements)
    assert any("(confidence: recalled)" in note for note in statement.notes)
    assert "confidence: recalled" in statement._repr_html_()


def test_members_are_needed_where_minimum_rates_go_by_them():
    contract = ar.SharedSavings.mssp("BASIC E", year=2024)
    with pytest.raises(ar.InputError, match="SharedSavings: must be given members"):
        contract.settle(benchmark=1e8, spending=0.98e8)
    with pytest.raises(ar.InputError, match="SharedSavings: must be given members"):
        contract.settle(pd.DataFrame({"benchmark": [1e8], "spending": [0.9e8]}))
    with pytest.raises(
        ar.InputError, match=r"SharedSavings\.membres: .*\(rename it to 'members' if it is that, else drop"
    ):
        contract.settle(pd.DataFrame({"benchmark": [1e8], "spending": [0.9e8], "membres": [9_000]}))
    assert float(contract.settle(benchmark=1e8, spending=0.98e8, members=9_000)["settlement"]) == 980_000.0


def test_reduced_sharing_needs_a_late_agreement():
    facts = {"benchmark": 1e8, "spending": 0.99e8, "members": 9_000, "low_revenue": True}
    assert float(ar.SharedSavings.mssp("BASIC A", year=2024).settle(**facts)["settlement"]) == 196_000.0
    assert float(ar.SharedSavings.mssp("BASIC A", year=2024, agreement_year=3).settle(**facts)["settlement"]) == 0.0


def test_presets_say_what_they_do_not_take_off():
    notes = ar.SharedSavings.mssp("BASIC E", year=2021).notes
    assert any("12 of 12 months of 2021" in note and "give disaster_share=1" in note for note in notes)
    assert any("revenue only where revenue is given" in note for note in notes)
    assert not any("disaster_share" in note for note in ar.SharedSavings.mssp("BASIC A", year=2021).notes)
    assert any("1-99 recalled" in note for note in ar.SharedSavings.mssp("BASIC A", year=2024).notes)
