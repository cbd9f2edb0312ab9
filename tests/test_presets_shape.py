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
    return close(world(preset)[1], figure, float(row.value), row.source, within)


@pytest.mark.parametrize(("preset", "figure"), TOPS + OF_MEPS + [("medicare", "users.any")])
def test_a_preset_has_the_shape_published_of_its_own_population(preset, figure):
    assert own(preset, figure)


def test_medicaid_is_nearly_as_concentrated_as_all_under_65():
    """No row is of those with public insurance alone; their own health makes the panel a little more concentrated."""
    assert own("medicaid", "top.1", within=0.035)


@pytest.mark.parametrize("figure", ["top.1", "top.5", "top.50"])
def test_commercial_has_the_shape_of_all_persons_too(figure):
    row = published("mixture")[figure]
    assert close(world("commercial")[1], figure, float(row.value), row.source)


@pytest.mark.parametrize("figure", ["top.1", "top.5", "top.50", "users.any"])
def test_the_three_together_have_the_shape_of_all_persons(figure):
    row = published("mixture")[figure]
    assert close(mixture(), figure, float(row.value), row.source)


@pytest.mark.parametrize(("figure", "within"), [("stays.1", 0.03), ("stays.bottom_50", 0.03)])
@pytest.mark.parametrize("preset", ["commercial", "medicare", "mixture"])
def test_members_stay_where_they_are_as_all_persons_do(preset, figure, within):
    row = published("mixture")[figure]
    dollars = mixture() if preset == "mixture" else world(preset)[1]
    value, error = shown(dollars, figure)
    print(f"{preset} {figure}: {value:.3f} (standard error {error:.4f}), published {row.value} by {row.source}")
    assert abs(value - float(row.value)) < within + 2 * error


@pytest.mark.parametrize("preset", NAMES)
def test_mean_dollars_are_the_mean_expense_of_the_survey(preset):
    row = published(preset)["mean.any"]
    value, error = shown(world(preset)[1], "mean.any")
    print(f"{preset}: {value:,.0f} (standard error {error:,.0f}) dollars, published {row.value} by {row.source}")
    assert error < 0.015 * float(row.value)
    assert abs(value - float(row.value)) < 3 * error


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("preset", NAMES)
def test_as_many_use_a_line_as_in_the_survey(preset, line):
    """Frailty of the whole, which Medicare's concentration needs, leaves too few with a visit to a physician."""
    row = published(preset)[f"users.{line}"]
    users = ar.presets.shape(world(preset)[2][line])["users.any"]
    within = 0.11 if (preset, line) == ("medicare", "physician visits") else POINTS
    print(f"{preset} {line}: {users:.3f} use it, published {row.value} by {row.source}")
    assert 0.5 / math.sqrt(MEMBERS[preset]) < within / 4
    assert abs(users - float(row.value)) < within


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("preset", ["commercial", "medicaid"])
def test_the_median_of_a_lines_dollars_is_that_of_the_survey(preset, line):
    """Large stays, which the top 1 % of all dollars needs, lower the median of inpatient dollars a little."""
    row = published(preset)[f"median_over_mean.{line}"]
    value = ar.presets.shape(world(preset)[2][line])["median_over_mean.any"]
    print(f"{preset} {line}: median {value:.3f} of the mean of users, published {row.value} by {row.source}")
    assert abs(value - float(row.value)) < (0.08 if line == "inpatient" else 0.05)


def test_medicares_claims_are_more_concentrated_than_the_survey_of_the_old():
    """What limits the preset: one population, two sources, and a panel can show but one of them."""
    row = published("medicare")["median_over_mean.any"]
    value, error = shown(world("medicare")[1], "median_over_mean.any")
    print(f"median over mean of users: {value:.3f} (standard error {error:.4f}), published {row.value} by {row.source}")
    assert value + 4 * error < float(row.value)
