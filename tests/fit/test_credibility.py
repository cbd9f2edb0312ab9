"""Credibility: Bühlmann and Straub by hand, limits, manual rates, and what is refused."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from atrisk.fit import buhlmann_straub
from fitted_cases import drawn, quiet_fit
from test_errors import message


def groups(**changes):
    """Two groups of two years: rates 10 and 14 at exposures 1 and 3, and 20 and 24 at 2 and 2."""
    frame = {"group": ["b", "b", "a", "a"], "year": [1, 2, 1, 2], "exposure": [1.0, 3.0, 2.0, 2.0]}
    return pd.DataFrame(frame | {"amount": [10.0, 42.0, 40.0, 48.0]} | changes)


def test_buhlmann_straub_by_hand():
    """Means 13 (of 4) and 22 (of 4), all 17.5.

    within = (1 × 9 + 3 × 1 + 2 × 4 + 2 × 4) / (1 + 1) = 14; between = (4 × 4.5² × 2 − 1 × 14) / (8 − 32 / 8) = 37;
    credibility = 4 / (4 + 14 / 37).
    """
    found = buhlmann_straub(groups())
    assert found.within == pytest.approx(14.0)
    assert found.between == pytest.approx((162.0 - 14.0) / 4.0)
    assert found.half == pytest.approx(14.0 / 37.0)
    assert found.collective == pytest.approx(17.5)
    believed = 4.0 / (4.0 + 14.0 / 37.0)
    assert found.table.index.tolist() == ["a", "b"]
    assert found.table["exposure"].tolist() == [4.0, 4.0]
    assert found.table["own"].tolist() == pytest.approx([22.0, 13.0])
    assert found.table["credibility"].tolist() == pytest.approx([believed] * 2)
    assert found.table["rate"].tolist() == pytest.approx([17.5 + believed * 4.5, 17.5 - believed * 4.5])
    manual = buhlmann_straub(groups(), manual=30.0)
    assert manual.collective == 30.0
    assert manual.table["rate"].tolist() == pytest.approx(
        [22 * believed + 30 * (1 - believed), 13 * believed + 30 * (1 - believed)]
    )


def test_the_collective_is_weighed_by_credibility():
    """Exposures 100 and 1 a year: within 12.5 of 2 years each, and the small group counts for less than its half."""
    frame = {"group": ["a", "a", "b", "b"], "year": [1, 2, 1, 2], "exposure": [100.0, 100.0, 1.0, 1.0]}
    found = buhlmann_straub(frame | {"amount": [990.0, 1010.0, 15.0, 25.0]})
    within = (100 * 0.1**2 * 2 + 1 * 5.0**2 * 2) / 2
    between = (200 * (10 - 2_040 / 202) ** 2 + 2 * (20 - 2_040 / 202) ** 2 - within) / (202 - (200**2 + 2**2) / 202)
    assert (found.within, found.between) == pytest.approx((within, between))
    large, small = 200 / (200 + within / between), 2 / (2 + within / between)
    assert found.collective == pytest.approx((large * 10 + small * 20) / (large + small))


def test_limits():
    # Years that do not vary: every group is believed whole.
    sure = buhlmann_straub(groups(amount=[10.0, 30.0, 40.0, 40.0]))
    assert (sure.within, sure.half) == (0.0, 0.0)
    assert sure.table["credibility"].tolist() == [1.0, 1.0]
    assert sure.table["rate"].tolist() == [20.0, 10.0]
    # Groups that differ by no more than their years: none is believed.
    alike = buhlmann_straub(groups(amount=[10.0, 90.0, 20.0, 80.0]))
    assert alike.between == 0.0
    assert np.isinf(alike.half)
    assert alike.table["credibility"].tolist() == [0.0, 0.0]
    assert alike.table["rate"].tolist() == [alike.collective] * 2 == [25.0] * 2
    # More exposure is believed more, towards all.
    more = [buhlmann_straub(groups(exposure=[n, 3 * n, 2 * n, 2 * n])).table["credibility"].iloc[0] for n in (1.0, 9.0)]
    assert 0.9 < more[0] < more[1] < 1.0


def test_any_frame_and_any_names():
    named = groups().rename(columns={"group": "practice", "amount": "dollars", "exposure": "months", "year": "of"})
    found = buhlmann_straub(pl.from_pandas(named), group="practice", year="of", amount="dollars", exposure="months")
    pd.testing.assert_frame_equal(found.table, buhlmann_straub(groups()).table)
    assert "2 groups" in repr(found)
    assert "<table" in found._repr_html_()


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: buhlmann_straub(groups().drop(columns="amount")),
            "buhlmann_straub: must have the columns amount, got only group, year, exposure",
        ),
        (
            lambda: buhlmann_straub(groups(exposure=[1.0, 0.0, 1.0, 1.0])),
            "buhlmann_straub.exposure[1]: must be above 0, got 0",
        ),
        (
            lambda: buhlmann_straub(groups(amount=[1.0, -2.0, 1.0, 1.0])),
            "buhlmann_straub.amount[1]: must be a number between 0 and 1e+15, got -2.0",
        ),
        (
            lambda: buhlmann_straub(groups(group=["a", "a", None, "b"])),
            "buhlmann_straub.group[2]: must not be missing",
        ),
        (
            lambda: buhlmann_straub(groups(year=[1, 1, 1, 2])),
            "buhlmann_straub[1]: must have one row for each group and year, got b, 1 twice",
        ),
        (
            lambda: buhlmann_straub(groups(group="a", year=[1, 2, 3, 4])),
            "buhlmann_straub: must have at least two groups, got 1",
        ),
        (
            lambda: buhlmann_straub(groups(group=list("abcd"))),
            "buhlmann_straub: must have a group with two years, for the spread of a year, got one year of each",
        ),
        (
            lambda: buhlmann_straub(groups(), manual="much"),
            "buhlmann_straub.manual: must be a finite number, got 'much'",
        ),
        (
            lambda: buhlmann_straub(3),
            "buhlmann_straub: must be a data frame (pandas, polars, Arrow) or a mapping, got an int",
        ),
    ],
)
def test_what_is_refused(work, text):
    assert message(work) == text


def test_fitted_rates_are_weighed_against_manual_ones():
    """Z = (M b)² / ((M b)² + s²): half where the error is as large as M b; the care takes the weighed rate."""
    estimates = quiet_fit(drawn(100))
    own, error = estimates.table.loc["visits.per_1000", ["estimate", "standard_error"]].astype(float)
    weighed = estimates.credibility({"visits": 2_000.0}, between_cv=error / 2_000.0).loc["visits"]
    assert weighed["credibility"] == pytest.approx(0.5)
    assert weighed["per_1000"] == pytest.approx((own + 2_000.0) / 2.0)
    assert estimates.credibility({"visits": 2_000.0}, between_cv=1e4).loc["visits", "credibility"] > 0.999_999
    assert estimates.credibility({"visits": 2_000.0}, between_cv=1e-6).loc["visits", "per_1000"] == pytest.approx(2_000)
    care = estimates.drawn({"visits.per_1000": weighed["per_1000"]})
    assert care.services[0].per_1000 == weighed["per_1000"]


@pytest.mark.parametrize(
    ("manual", "between_cv", "text"),
    [
        ({"visits": 2_000.0}, 0.0, "credibility.between_cv: must be above 0, got 0"),
        ({"visits": 0.0}, 0.1, "credibility.manual.visits: must be above 0, got 0"),
        (
            {"surgery": 2.0},
            0.1,
            "credibility.manual: must name lines, got 'surgery' (they are visits, tests, drugs, transport)",
        ),
        (2.0, 0.1, 'credibility.manual: must map lines to rates, got a float (such as {"visits": 4_000})'),
    ],
)
def test_what_a_credibility_of_rates_refuses(manual, between_cv, text):
    estimates = quiet_fit(drawn(40))
    assert message(lambda: estimates.credibility(manual, between_cv=between_cv)) == text
