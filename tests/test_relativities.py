"""Relativities: risk scores are by bands as ages are, the values of every other column are looked up as they are."""

import numpy as np
import pytest

import atrisk as ar
from conftest import make_panel

SCORES = np.array([0.0, 0.79, 0.8, 1.0, 1.999, 2.0, 7.5])
BANDS = {2: 1.5, 0: 0.5, 0.8: 1.0}


def visits(**relativities):
    return ar.Service("visits", per_1000=4_000, allowed=100.0, relativities=relativities)


def test_risk_scores_have_the_factor_of_their_band_whatever_the_order_of_keys():
    panel = make_panel(7, risk_score=SCORES)
    np.testing.assert_array_equal(visits(risk_score=BANDS).factor(panel), [0.5, 0.5, 1.0, 1.0, 1.0, 1.5, 1.5])
    np.testing.assert_array_equal(
        visits(risk_score=BANDS, sex={"female": 2.0}).factor(panel), [1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0]
    )


def test_other_columns_of_numbers_are_looked_up_exactly():
    panel = make_panel(3, stage=[1, 2, 4])
    with pytest.raises(ar.InputError, match=r"visits\.relativities\.stage\[2\]: must have a factor, got 4"):
        visits(stage={1: 1.0, 2: 1.5}).factor(panel)


def test_the_factor_of_a_score_comes_on_top_of_the_rate_in_proportion_to_it():
    """Expected 4 × 0.5 × 0.5 and 4 × 2.5 × 1.5 events; each mean of 10,000 member-years within 4 standard errors."""
    panel = make_panel(4_000, risk_score=np.repeat([0.5, 2.5], 2_000))
    study = ar.Study(panel, ar.Utilization(services=[visits(risk_score=BANDS)]), {"Fees": ar.FeeForService()}, seed=3)
    claims = [study.claims(replicate) for replicate in range(5)]
    for first, expected in ((True, 1.0), (False, 15.0)):
        mean = sum(int(((of["member_ix"] < 2_000) == first).sum()) for of in claims) / 10_000
        assert mean == pytest.approx(expected, abs=4 * np.sqrt(expected / 10_000))
