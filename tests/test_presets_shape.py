"""Presets: the dollars that the engine simulates have the shapes that are published, each population its own."""

import math

import pytest

import atrisk as ar
from presets_shown import MEMBERS, mixture, published, shown, world

NAMES = ["commercial", "medicaid", "medicare"]
TOPS = [
    (name, f"top.{part}")
    for name, parts in {"commercial": [1], "medicare": [1, 5, 10, 20, 50]}.items()
    for part in parts
]
OF_MEPS = [(name, figure) for name in ("commercial", "medicaid") for figure in ("users.any", "median_over_mean.any")]
POINTS = 0.02
LINES = ["inpatient", "emergency", "outpatient", "physician visits", "drugs", "home health", "dental"]


def close(dollars, figure, aim, source, within=POINTS):
    """Whether a figure is as published within a band, of which simulation takes less than half."""
    value, error = shown(dollars, figure)
    print(f"{figure}: {value:.3f} (standard error {error:.4f}), published {aim} by {source}")
    assert error < within / 2
    return abs(value - aim) < within


def own(preset, figure, within=POINTS):
    row = published(preset)[figure]
    return close(world(preset)[0], figure, float(row.value), row.source, within)


@pytest.mark.parametrize(("preset", "figure"), TOPS + OF_MEPS)
def test_a_preset_has_the_shape_published_of_its_own_population(preset, figure):
    assert own(preset, figure, within=0.03 if figure.startswith("median") else POINTS)


def test_nearly_as_many_have_any_expense_as_in_the_survey_of_the_old():
    """The share without is not in Wallis 2021; its concentration leaves a few more without than the survey has."""
    assert own("medicare", "users.any", within=0.025)


def test_medicaid_is_nearly_as_concentrated_as_all_under_65():
    """No row is of those with public insurance alone; their own health makes the panel a little more concentrated."""
    assert own("medicaid", "top.1", within=0.03)


@pytest.mark.parametrize("figure", ["top.1", "top.5", "top.50"])
def test_commercial_has_the_shape_of_all_persons_too(figure):
    row = published("mixture")[figure]
    assert close(world("commercial")[0], figure, float(row.value), row.source)


@pytest.mark.parametrize("figure", ["top.1", "top.5", "top.50", "users.any"])
def test_the_three_together_have_the_shape_of_all_persons(figure):
    row = published("mixture")[figure]
    assert close(mixture(), figure, float(row.value), row.source)


@pytest.mark.parametrize("preset", [*NAMES, "mixture"])
def test_of_the_bottom_half_as_many_stay_as_of_all_persons(preset):
    row = published("mixture")["stays.bottom_50"]
    assert close(dollars_of(preset), "stays.bottom_50", float(row.value), row.source, within=0.03)


@pytest.mark.parametrize("preset", ["commercial", "medicare"])
def test_of_the_top_as_many_stay_as_of_all_persons(preset):
    row = published("mixture")["stays.1"]
    value, error = shown(dollars_of(preset), "stays.1")
    print(f"{preset}: {value:.3f} (standard error {error:.4f}) stay, published {row.value} by {row.source}")
    assert abs(value - float(row.value)) < 0.03 + 2 * error


@pytest.mark.parametrize("preset", ["commercial", "medicare", "mixture"])
def test_of_the_top_as_many_stay_as_in_the_years_that_are_published(preset):
    """From .14 to .20 of three pairs of years; the mixture is above the lowest, since health is kept for all years."""
    rows = [row for figure, row in published("mixture").items() if figure.startswith("stays.1")]
    value, error = shown(dollars_of(preset), "stays.1")
    print(f"{preset}: {value:.3f} (standard error {error:.4f}) stay; {[(row.value, row.source) for row in rows]}")
    known = [float(row.value) for row in rows]
    assert min(known) - 2 * error < value < max(known) + 2 * error


def dollars_of(preset):
    return mixture() if preset == "mixture" else world(preset)[0]


@pytest.mark.parametrize("preset", NAMES)
def test_mean_dollars_are_the_mean_expense_of_the_survey(preset):
    row = published(preset)["mean.any"]
    value, error = shown(world(preset)[0], "mean.any")
    print(f"{preset}: {value:,.0f} (standard error {error:,.0f}) dollars, published {row.value} by {row.source}")
    assert error < 0.015 * float(row.value)
    assert abs(value - float(row.value)) < 3 * error


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("preset", NAMES)
def test_as_many_use_a_line_as_in_the_survey(preset, line):
    """Frailty of the whole, which Medicare's concentration needs, leaves too few with a visit to a physician."""
    row = published(preset)[f"users.{line}"]
    users = ar.presets.shape(world(preset)[1][line])["users.any"]
    within = 0.11 if (preset, line) == ("medicare", "physician visits") else POINTS
    print(f"{preset} {line}: {users:.3f} use it, published {row.value} by {row.source}")
    assert 0.5 / math.sqrt(MEMBERS[preset]) < within / 4
    assert abs(users - float(row.value)) < within


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("preset", ["commercial", "medicaid"])
def test_the_median_of_a_lines_dollars_is_that_of_the_survey(preset, line):
    """Large stays, which the top 1 % of all dollars needs, lower the median of inpatient dollars a little."""
    row = published(preset)[f"median_over_mean.{line}"]
    value = ar.presets.shape(world(preset)[1][line])["median_over_mean.any"]
    print(f"{preset} {line}: median {value:.3f} of the mean of users, published {row.value} by {row.source}")
    assert abs(value - float(row.value)) < (0.09 if line == "inpatient" else 0.05)


def test_medicares_claims_are_more_concentrated_than_the_survey_of_the_old():
    """What limits the preset: one population, two sources, and a panel can show but one of them."""
    row = published("medicare")["median_over_mean.any"]
    value, error = shown(world("medicare")[0], "median_over_mean.any")
    print(f"median over mean of users: {value:.3f} (standard error {error:.4f}), published {row.value} by {row.source}")
    assert value + 4 * error < float(row.value)
