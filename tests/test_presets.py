"""Presets: every figure has a source, panels are stable, and expected dollars are those of the survey."""

import ast
import inspect
import itertools
import math
import re

import numpy as np
import pytest

import atrisk as ar
from atrisk.presets import _care, _meps, _panel, _people, _raking
from atrisk.presets._rows import LINES

NAMES = ["commercial", "medicaid", "medicare"]
CONFIDENCES = {"read", "derived", "fitted", "assumed"}
HEALTH = ("excellent", "very_good", "good", "fair", "poor")
WITHIN = 0.01  # of the survey's mean dollars


def values(preset):
    return {row.figure: float(row.value) for row in ar.presets.figures(preset).itertuples()}


def under(of, stem):
    return {name.rpartition(".")[2]: value for name, value in of.items() if name.rpartition(".")[0] == stem}


def cells(preset):
    """Share, age band, sex, health, risk score and expected dollars of every kind of member, from the figures alone."""
    of = values(preset)
    ages, sexes = under(of, "age.from"), under(of, "sex")
    for age, sex, health in itertools.product(ages, sexes, HEALTH):
        share = ages[age] * sexes[sex] * of[f"health.{age}.{health}"]
        score = of[f"risk_score.{health}"]
        dollars = sum(
            of[f"{line}.per_1000"] / 1_000 * of[f"{line}.price"] * score
            * of.get(f"{line}.age.{age}", 1.0) * of[f"{line}.sex.{sex}"]
            for line in LINES
        )  # fmt: skip
        yield share, {"age": age, "sex": sex, "health": health}, score, dollars


def test_names():
    assert ar.presets.names() == NAMES


@pytest.mark.parametrize("preset", NAMES)
def test_every_figure_has_a_source_a_unit_a_year_and_a_known_confidence(preset):
    for of in (ar.presets.figures(preset), ar.presets.published(preset), ar.presets.published("mixture")):
        assert len(of)
        assert not of["figure"].duplicated().any()
        for row in of.itertuples():
            assert math.isfinite(float(row.value)), row
            assert row.unit, row
            assert re.fullmatch(r"\d{4}(-\d{4})?", row.year), row
            assert row.source[:1].isalpha(), row
            assert row.confidence in CONFIDENCES, row


@pytest.mark.parametrize("preset", NAMES)
def test_panel_and_care_carry_the_figures_that_they_use_and_no_figure_is_idle(preset):
    panel, care = ar.Population.synthetic(preset, members=10, seed=1), ar.Utilization.preset(preset)
    used = {*panel.assumptions, *care.assumptions}
    every = set(ar.presets.assumptions(preset))
    assert {row.figure for row in every - used} == {"persons"}  # by which presets are mixed
    assert used < every
    study = ar.Study(panel, care, {"Fees": ar.FeeForService()}, seed=1)
    assert set(study.assumptions) == used


@pytest.mark.parametrize("module", [_care, _people, _panel])
def test_no_figure_is_written_in_code(module):
    tree = ast.parse(inspect.getsource(module))
    numbers = {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) in {int, float}
    }
    assert numbers <= {0, 1, 2, 4, 31, 65}  # columns of random numbers, the largest panel, and who is old


@pytest.mark.parametrize("preset", NAMES)
def test_expected_dollars_of_a_member_are_the_mean_expense_of_the_survey(preset):
    row = ar.presets.published(preset).set_index("figure").loc["mean.any"]
    shares, scores, dollars = (
        np.array(column) for column in list(zip(*((c[0], c[2], c[3]) for c in cells(preset)), strict=True))
    )
    print(f"{preset}: {shares @ dollars:,.0f} dollars a member, {row['value']} by {row['source']}")
    assert math.isclose(shares.sum(), 1.0, abs_tol=1e-4)
    assert math.isclose(shares @ scores, 1.0, abs_tol=1e-4)
    assert math.isclose(shares @ dollars, float(row["value"]), rel_tol=WITHIN)


@pytest.mark.parametrize("preset", NAMES)
@pytest.mark.parametrize("kind", ["age", "sex", "health"])
def test_expected_dollars_by_age_sex_and_health_are_those_of_the_survey(preset, kind):
    sums = {}
    for share, who, _, dollars in cells(preset):
        of = sums.setdefault(who[kind], [0.0, 0.0])
        of[0] += share
        of[1] += share * dollars
    known = ar.presets.published(preset).set_index("figure")
    aims = {name.rpartition(".")[2]: row for name, row in known.iterrows() if name.startswith(f"mean.{kind}.")}
    assert aims.keys() == sums.keys()
    for name, (share, dollars) in sums.items():
        print(f"{preset} {name}: {dollars / share:,.0f}, {aims[name]['value']} by {aims[name]['source']}")
        assert math.isclose(dollars / share, float(aims[name]["value"]), rel_tol=WITHIN)


@pytest.mark.parametrize("preset", NAMES)
def test_lines_have_the_rates_and_relativities_of_the_figures(preset):
    of, care = values(preset), ar.Utilization.preset(preset)
    assert [service.name for service in care.services] == list(LINES)
    for service in care.services:
        assert service.per_1000 == of[f"{service.name}.per_1000"]
        assert math.isclose(service.allowed.mean(), of[f"{service.name}.price"], rel_tol=1e-9)
        assert service.relativities["sex"] == under(of, f"{service.name}.sex")
        by_age = {int(age): factor for age, factor in under(of, f"{service.name}.age").items()}
        assert service.relativities.get("age", {}) == by_age
        assert bool(by_age) == (preset != "medicare")


@pytest.mark.parametrize("preset", NAMES)
def test_members_have_the_shares_of_the_figures(preset):
    members = 200_000
    of, frame = values(preset), ar.Population.synthetic(preset, members=members, seed=3).to_pandas()
    bands = [int(age) for age in under(of, "age.from")]
    of_band = np.array(bands)[np.searchsorted(bands, frame["age"], side="right") - 1]
    error = 4.5 * math.sqrt(0.25 / members)
    for age, share in under(of, "age.from").items():
        assert abs(np.mean(of_band == int(age)) - share) < error
        there = frame[of_band == int(age)]
        for health in HEALTH:
            expected = of[f"health.{age}.{health}"]
            bound = 4.5 * math.sqrt(expected * (1 - expected) / len(there))
            assert abs(np.mean(there["self_rated_health"] == health) - expected) < bound
    assert abs(np.mean(frame["sex"] == "female") - of["sex.female"]) < error
    assert set(frame["payer"]) == {preset}
    assert (frame["risk_score"] == frame["self_rated_health"].map(under(of, "risk_score"))).all()
    assert abs(frame["risk_score"].mean() - 1.0) < 4.5 * frame["risk_score"].std() / math.sqrt(members)


def test_ages_of_the_old_follow_the_assumed_tail():
    members = 200_000
    ages = ar.Population.synthetic("medicare", members=members, seed=4).columns["age"]
    of = values("medicare")
    for age in (70, 75, 80, 85, 90, 95):
        older = ((of["age.oldest"] - age) / (of["age.oldest"] - 65)) ** of["age.tail_power"]
        assert abs(np.mean(ages >= age) - older) < 4.5 * math.sqrt(older * (1 - older) / members)
    assert ages.min() == 65
    assert ages.max() < of["age.oldest"]


@pytest.mark.parametrize("preset", NAMES)
def test_a_member_stays_what_it_is_when_more_are_drawn(preset):
    few = ar.Population.synthetic(preset, members=700, seed=5).to_pandas()
    many = ar.Population.synthetic(preset, members=9_000, seed=5).to_pandas()
    assert few.equals(many.head(700))
    assert not few.equals(ar.Population.synthetic(preset, members=700, seed=6).to_pandas())


def test_seeds_are_those_of_studies():
    def panel(seed):
        return ar.Population.synthetic("medicaid", members=50, seed=seed).to_pandas()

    assert panel(np.random.default_rng(1)).equals(panel(np.random.default_rng(1)))
    assert panel(np.random.SeedSequence(1)).equals(panel(np.random.SeedSequence(1)))
    assert not panel(None).equals(panel(None))
    with pytest.raises(ar.InputError, match=r"synthetic\.seed"):
        panel("one")


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda: ar.Population.synthetic("gold", members=5), "synthetic.name"),
        (lambda: ar.Utilization.preset("gold"), "preset.name"),
        (lambda: ar.presets.figures("gold"), "figures.name"),
        (lambda: ar.presets.figures(["medicare"]), "figures.name"),
        (lambda: ar.presets.assumptions("gold"), "assumptions.name"),
        (lambda: ar.presets.published("gold"), "published.name"),
    ],
)
def test_an_unknown_name_is_told_those_there_are(make, path):
    with pytest.raises(ar.InputError) as told:
        make()
    assert told.value.path == path
    assert told.value.rule == "must be one of commercial, medicaid, medicare"


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({"own_cost_share": 80}, "preset.own_cost_share"),
        ({"own_cost_share": "all"}, "preset.own_cost_share"),
        ({"delivered_by": {"surgery": "provider"}}, "preset.delivered_by"),
        ({"delivered_by": {"drugs": "nobody"}}, "preset.delivered_by.drugs"),
        ({"delivered_by": "provider"}, "preset.delivered_by"),
    ],
)
def test_wrong_terms_are_told(terms, path):
    with pytest.raises(ar.InputError) as told:
        ar.Utilization.preset("medicare", **terms)
    assert told.value.path == path


@pytest.mark.parametrize("members", [0, 2.5, "many"])
def test_a_wrong_number_of_members_is_told(members):
    with pytest.raises(ar.InputError, match=r"synthetic\.members: must be a whole number"):
        ar.Population.synthetic("medicare", members=members)


def test_who_gives_care_and_what_that_costs():
    usual = ar.Utilization.preset("commercial")
    assert {service.name for service in usual.services if service.delivered_by == "provider"} == {"physician visits"}
    assert all(service.own_cost == 0.0 for service in usual.services)
    given = {"inpatient": "provider", "physician visits": "other_providers"}
    other = ar.Utilization.preset("commercial", own_cost_share=0.8, delivered_by=given)
    assert {service.name for service in other.services if service.delivered_by == "provider"} == {"inpatient"}
    for service in other.services:
        assert math.isclose(service.own_cost, 0.8 * service.allowed.mean(), rel_tol=1e-9)


def test_raking_gives_the_margins_and_keeps_the_association():
    table = np.array([[4.0, 1.0], [2.0, 3.0]])
    rows, columns = [0.3, 0.7], [0.6, 0.4]
    raked = _raking.joint(table, rows, columns)
    assert np.allclose(raked.sum(axis=1), rows)
    assert np.allclose(raked.sum(axis=0), columns)
    odds = [t[0, 0] * t[1, 1] / (t[0, 1] * t[1, 0]) for t in (table, raked)]
    assert math.isclose(odds[0], odds[1])


def test_raked_factors_give_dollars_by_line_row_and_column():
    persons = np.array([[0.3, 0.1], [0.2, 0.4]])
    dollars = np.array([100.0, 300.0])
    by_row, by_column = np.array([200.0, 533.333333333333]), np.array([300.0, 500.0])
    of_lines, of_columns = _raking.factors(persons, np.array([[1.0, 2.0], [3.0, 1.0]]), dollars, by_row, by_column)
    cell = np.einsum("l,lr,c->lrc", dollars, of_lines, of_columns) * persons
    assert np.allclose(cell.sum(axis=(1, 2)), dollars)
    assert np.allclose(cell.sum(axis=(0, 2)) / persons.sum(axis=1), by_row)
    assert np.allclose(cell.sum(axis=(0, 1)) / persons.sum(axis=0), by_column)
    assert math.isclose(persons.sum(axis=0) @ of_columns, 1.0)


def test_the_survey_is_read_only_where_it_has_an_estimate():
    with pytest.raises(ValueError, match="no such estimate"):
        _meps.needed(None)


def test_shape_by_hand():
    first = np.array([60.0, 20.0, 10.0, 10.0] + [0.0] * 96)
    second = np.array([1.0, 70.0, 10.0, 10.0] + [0.0] * 96)
    found = ar.presets.shape([first, second])
    assert (found["top.1"], found["top.5"], found["top.50"]) == (0.6, 1.0, 1.0)
    assert (found["users.any"], found["mean.any"]) == (0.04, 1.0)
    assert found["median_over_mean.any"] == 15 / 25
    assert (found["stays.1"], found["stays.bottom_50"]) == (0.0, 1.0)
    assert "stays.1" not in ar.presets.shape(first)


@pytest.mark.parametrize("dollars", [[1.0] * 99, [0.0] * 100, [-1.0] + [1.0] * 99, [math.nan] + [1.0] * 99])
def test_shape_of_nothing_is_refused(dollars):
    with pytest.raises(ar.InputError, match=r"shape\.dollars"):
        ar.presets.shape(dollars)
