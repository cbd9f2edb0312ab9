"""Recorded risk scores: coding growth moves payment and not cost, caps bind, what scores know of next year's cost."""

import numpy as np
import pytest

import atrisk as ar
from atrisk import metrics
from closed_forms import correlation, within
from conftest import make_panel

VISITS = ar.Service("visits", per_1000=2_000, allowed=100.0, own_cost=50.0)
MEMBERS = 400


def panel_of(members=MEMBERS, **terms):
    rng = np.random.default_rng(8)
    frame = make_panel(members, risk_score=rng.gamma(2.0, 0.5, members)).to_pandas()
    return ar.Population.from_frame(frame, **terms)


def run(panel, *, years=3, replicates=30, cap=None, **more):
    capitation = ar.Capitation(pmpm=20, risk_adjusted=True, normalization=1.1, risk_score_cap=cap)
    arms = {"Capitation": capitation}
    return ar.Study(panel, ar.Utilization(services=[VISITS]), arms, years=years, seed=2, **more).run(
        replicates, progress=False
    )


def by_year(results, figure):
    return [results.values(figure, "Capitation", year=year) for year in range(1, results.years + 1)]


def test_coding_growth_moves_payment_and_not_cost():
    plain, coded = run(panel_of()), run(panel_of(risk_scores=ar.RiskScores(coding_growth=0.04)))
    for year, (before, after) in enumerate(
        zip(by_year(plain, "provider_revenue"), by_year(coded, "provider_revenue"), strict=True)
    ):
        np.testing.assert_allclose(after, before * 1.04**year, rtol=1e-12)
    for figure in ("provider_cost", "allowed", "member_months"):
        assert plain.values(figure, "Capitation").tobytes() == coded.values(figure, "Capitation").tobytes()
    paid = 20 * 12 * panel_of().columns["risk_score"].sum() / 1.1
    np.testing.assert_allclose(by_year(plain, "provider_revenue")[0], paid, rtol=1e-12)


def test_caps_bind():
    """Four per cent of coding a year against a cap of five from the first year: 1, 1.04, then 1.05 and no more."""
    results = run(panel_of(risk_scores=ar.RiskScores(coding_growth=0.04)), cap=0.05, years=4)
    first, *later = by_year(results, "provider_revenue")
    for growth, revenue in zip((1.04, 1.05, 1.05), later, strict=True):
        np.testing.assert_allclose(revenue, first * growth, rtol=1e-12)


def test_recapture_and_conditions():
    condition = ar.Condition(
        "diabetes", states=("none", "ill"), transition=[[1, 0], [0, 1]], shares=(0.7, 0.3), risk_scores=(0.0, 0.5)
    )
    panel = panel_of(conditions=[condition], risk_scores=ar.RiskScores(recapture=0.8))
    results = run(panel, years=1, replicates=300)
    expected = 20 * 12 * (panel.columns["risk_score"].sum() + MEMBERS * 0.3 * 0.5 * 0.8) / 1.1
    assert within(metrics.mean(results.values("provider_revenue", "Capitation")), expected)


def test_noise_has_mean_one_and_new_members_their_score():
    frame = panel_of().to_pandas().assign(entry_year=1, exit_year=20)
    frame.loc[:99, "entry_year"] = 2
    scores = ar.RiskScores(noise_cv=0.5, new_member_score=0.9)
    results = run(ar.Population.from_frame(frame, risk_scores=scores), years=3, replicates=400)
    risk = frame["risk_score"].to_numpy()
    second, third = by_year(results, "provider_revenue")[1:]
    # In year 1 all others are new; in year 2 the hundred who join.
    assert within(metrics.mean(second), 20 * 12 * (90 + risk[100:].sum()) / 1.1)
    assert within(metrics.mean(third), 20 * 12 * risk.sum() / 1.1)


def next_years_cost(panel, members, frailty_cv):
    """Dollars of each member in year 2."""
    care = ar.Utilization(services=[VISITS], frailty_cv=frailty_cv)
    claims = ar.Study(panel, care, {"F": ar.FeeForService()}, years=2, seed=5).claims()
    return np.bincount(claims.loc[claims["year"] == 2, "member_ix"], minlength=members) * 100.0


@pytest.mark.parametrize("frailty_cv", [0.0, 0.7, 1.2])
def test_what_scores_know_of_next_years_cost(frailty_cv):
    """R² of a risk score without noise: var(m r) / (E[m r] + var(m r) + E[(m r c)²]) of counts with mean m r."""
    members = 60_000
    panel = panel_of(members)
    risk = panel.columns["risk_score"]
    cost = next_years_cost(panel, members, frailty_cv)
    mean = 2.0 * risk
    expected = mean.var() / (mean.mean() + mean.var() + frailty_cv**2 * (mean**2).mean())
    value, error = correlation(risk, cost)
    assert within((value**2, 2 * value * error), expected)


def test_noise_lowers_r_squared_by_its_part():
    """Stated R²: with multiplicative noise of cv v it is R² × var(r) / (var(r) (1 + v²) + E[r]² v²)."""
    scores = ar.RiskScores.with_r_squared(0.10, risk_score=panel_of(60_000).columns["risk_score"], without_noise=0.25)
    risk = panel_of(60_000).columns["risk_score"]
    v = scores.noise_cv
    assert 0.25 * risk.var() / (risk.var() * (1 + v**2) + risk.mean() ** 2 * v**2) == pytest.approx(0.10)
    with pytest.raises(
        ar.InputError, match=r"risk_scores.r_squared: must be above 0 and at most 0.25 \(without noise\), got 0.3"
    ):
        ar.RiskScores.with_r_squared(0.3, risk_score=risk, without_noise=0.25)
