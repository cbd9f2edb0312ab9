"""Second moments, frailties and prices from tables small enough to work out by hand, and closed forms."""

import numpy as np
import pandas as pd
import pytest

from atrisk.fit._design import design
from atrisk.fit._dispersion import Spread
from atrisk.fit._mixing import Mixing, split
from atrisk.fit._moments import Moment, Moments, Used, Weight
from atrisk.fit._prices import Priced, severity_variance
from atrisk.fit._rates import rates
from atrisk.person_years import PersonYears
from fitted_cases import BY, drawn, quiet_fit, without_each

NOTHING = np.zeros(2)


def lines(frame, *names, relativities=None):
    """Return the moments of a table and what was used of its lines."""
    years = PersonYears.from_frame(frame)
    by = design(years, relativities, {"age": 0, "sex": "female"} if relativities else None)
    member = np.unique(years.frame["member_id"].to_numpy(), return_inverse=True)[1]
    counted = {line.name: line.counted for line in years.lines}
    used = {name: years.frame[f"{name}_{'events' if counted[name] else 'dollars'}"].to_numpy(float) for name in names}
    fitted = [Used(name, counted[name], used[name], rates(name, used[name], by, member)) for name in names]
    return Moments(by, member), *fitted


def small(years=(1, 2)):
    """Two members; with one of everything a year on average, residuals are used − 1."""
    frame = pd.DataFrame({"member_id": [1, 1, 2, 2], "year": [1, 2, 1, 2], "age": 40, "sex": "f"})
    frame = frame.assign(visits_events=[1, 3, 0, 0], visits_dollars=1.0, drugs_dollars=[2.0, 0.0, 1.0, 1.0])
    return frame[frame["year"].isin(years)]


def test_moments_by_hand():
    """Visits have residuals 0, 2 and −1, −1; drugs 1, −1 and 0, 0; every mean is 1."""
    moments, visits, drugs = lines(small(), "visits", "drugs")
    assert visits.residual == pytest.approx([0, 2, -1, -1])
    assert drugs.residual == pytest.approx([1, -1, 0, 0])
    # Counts net of Poisson: (0 + 4 + 1 + 1 − 4) / 4; dollars as they are: (1 + 1) / 4.
    assert moments.same_year(visits, visits).value == pytest.approx(0.5)
    assert moments.same_year(drugs, drugs).value == pytest.approx(0.5)
    # Each member has the pair of years twice: 2 (0 × 2) + 2 (−1 × −1) over 4.
    assert moments.other_years(visits, visits).value == pytest.approx(0.5)
    assert moments.other_years(drugs, drugs).value == pytest.approx(-0.5)
    # In one year 0 × 1 + 2 × −1; across years 0 × −1 + 2 × 1.
    assert moments.same_year(visits, drugs).value == pytest.approx(-0.5)
    assert moments.other_years(visits, drugs).value == pytest.approx(0.5)
    assert moments.other_years(drugs, visits).value == pytest.approx(0.5)


def test_nobody_with_two_years_has_no_moment_across_years():
    moments, visits, drugs = lines(small(years=(2,)), "visits", "drugs")
    assert moments.other_years(visits, drugs) is None


def test_pairs_are_pooled_by_weights_and_the_weights_move_the_mean():
    moments = lines(small(), "visits")[0]
    one = Moment(1.0, np.array([0.1, 0.0]))
    other = Moment(3.0, np.array([0.0, 0.2]))
    pooled = moments.pooled([(Weight(1.0, np.array([0.5, 0.0])), one), (Weight(3.0, NOTHING), other)])
    assert pooled.value == pytest.approx((1.0 + 3.0 * 3.0) / 4.0)
    # d Σ w M / Σ w = Σ w (dM + (M − mean) d log w) / Σ w.
    assert pooled.influence == pytest.approx([(0.1 + (1.0 - 2.5) * 0.5) / 4.0, 3.0 * 0.2 / 4.0])


def test_errors_of_moments_agree_with_the_jackknife():
    """Without each of 400 members in turn, means fitted again: errors within a sixth, influences nearly the same."""
    frame = drawn(400, seed=2)

    def found(rows):
        moments, visits, tests, drugs = lines(rows, "visits", "tests", "drugs", relativities=BY)
        return [
            moments.same_year(visits, visits),
            moments.same_year(visits, tests),
            moments.other_years(visits, tests),
            moments.other_years(tests, tests),
            moments.other_years(visits, drugs),
        ]

    full = found(frame)
    moved = np.array([moment.value for moment in full]) - without_each(
        frame, lambda rows: [moment.value for moment in found(rows)]
    )
    for place, moment in enumerate(full):
        jackknife, error = np.sqrt((moved[:, place] ** 2).sum()), np.sqrt((moment.influence**2).sum())
        assert error == pytest.approx(jackknife, rel=1 / 6)
        assert np.corrcoef(moved[:, place], moment.influence)[0, 1] > 0.98


@pytest.mark.parametrize(("non_users", "never"), [(0.0, 0.0), (0.2, 0.0), (0.1, 0.15)])
def test_a_spread_takes_members_without_use_out_of_the_moments(non_users, never):
    """The moments of the documentation of Frailty, turned round: cv and permanent share come back."""
    cv, share = 0.9, 0.6
    variance = (1.0 + cv**2) / ((1.0 - non_users) * (1.0 - never)) - 1.0
    kept = (1.0 + share * cv**2) / (1.0 - never) - 1.0
    spread = Spread(Moment(variance, NOTHING), Moment(kept, NOTHING), non_users, never)
    assert spread.cv == pytest.approx(cv)
    assert spread.permanent_share == pytest.approx(share)
    of_kept, of_year = spread.parts
    assert (1.0 + of_kept) * (1.0 + of_year) == pytest.approx(1.0 + cv**2)
    assert of_kept == pytest.approx(share * cv**2)
    assert split(cv**2, cv**2) == (cv**2, 0.0)


def test_what_is_a_lines_own_is_what_the_shared_frailty_leaves():
    """1 + all = (1 + shared) (1 + own), and two lines share the one moment there is."""
    frame = drawn(500, seed=3)
    found = quiet_fit(
        frame[["member_id", "year", "age", "sex", *(c for c in frame if c.startswith(("visits", "tests")))]]
    )
    moments, visits, tests = lines(
        frame.drop(columns=["risk_score", "member_months"]), "visits", "tests", relativities=BY
    )
    shared = moments.same_year(visits, tests).value
    own = (1.0 + moments.same_year(visits, visits).value) / (1.0 + shared) - 1.0
    assert found.dispersion.shared.variance.value == pytest.approx(shared)
    assert found.dispersion.own["visits"].variance.value == pytest.approx(own)


def test_chances_of_no_event_under_gamma_are_negative_binomial():
    """(1 + v λ)^(−1/v), and with a part without use: points of a quasi-random net, within 0.002."""
    expected = np.array([0.01, 0.3, 1.0, 4.0])
    assert Mixing((("gamma", 0.8),)).none(expected) == pytest.approx((1 + 0.8 * expected) ** (-1 / 0.8), abs=0.002)
    users = 0.7 * (1 + 0.8 * expected / 0.7) ** (-1 / 0.8)
    assert Mixing((("gamma", 0.8),), non_users=0.3).none(expected) == pytest.approx(0.3 + users, abs=0.002)
    kinds = Mixing((("gamma", 0.8),), non_users=0.3).kinds(expected)
    assert kinds.sum(axis=0) == pytest.approx(1.0)
    assert kinds[0] == pytest.approx(0.3 + users, abs=0.002)


def test_the_price_of_unseen_events_is_what_the_share_without_dollars_tells():
    """40 equal members of one year, 10 without dollars: no frailty can be told, so λ = −ln(10 / 40)."""
    dollars = np.r_[np.zeros(10), np.geomspace(5.0, 900.0, 30)]
    frame = pd.DataFrame({"member_id": range(40), "year": 1, "age": 40, "sex": "f", "drugs_dollars": dollars})
    found = quiet_fit(frame, relativities=None)
    events = np.log(40 / 10)
    table = found.table["estimate"]
    assert table["drugs.per_1000"] == pytest.approx(1_000.0 * events, rel=1e-6)
    assert table["drugs.allowed.mean"] == pytest.approx(dollars.mean() / events, rel=1e-6)
    # Var D = λ price² (1 + v): what is left for the price.
    variance = dollars.var() / events / (dollars.mean() / events) ** 2 - 1.0
    assert found.lines[0].severity.distribution.std() / found.lines[0].price == pytest.approx(np.sqrt(variance))


def test_the_own_frailty_of_unseen_events_is_what_pairs_of_years_without_dollars_tell():
    """Equal members of two years under gamma: a year is empty by (1 + v λ)^(−1/v), both years by (1 + 2 v λ)^(−1/v).

    v = 1 and λ = 1.5 leave 0.4 of years empty and a quarter of pairs: 25 of 100 members with both years empty, 30 with
    one. A quasi-random net stands for the gamma distribution, so that both are found within 1 %.
    """
    both, one, neither = 25, 30, 45
    empty = np.r_[np.ones(2 * both), np.tile([1, 0], one // 2), np.tile([0, 1], one // 2), np.zeros(2 * neither)]
    dollars = np.where(empty == 1, 0.0, np.geomspace(5.0, 900.0, len(empty)))
    frame = pd.DataFrame({"member_id": np.repeat(range(100), 2), "year": np.tile([1, 2], 100), "age": 40, "sex": "f"})
    found = quiet_fit(frame.assign(drugs_dollars=dollars), relativities=None)
    table = found.table["estimate"]
    assert table["drugs.frailty.cv"] == pytest.approx(1.0, rel=0.01)
    assert table["drugs.per_1000"] == pytest.approx(1_500.0, rel=0.01)
    assert "drugs.frailty.permanent_share" not in table
    # With no more empty pairs than chance brings, 0.4² of them, nobody differs.
    alike = np.r_[np.ones(2 * 16), np.tile([1, 0], 24), np.tile([0, 1], 24), np.zeros(2 * 36)] == 1
    table = quiet_fit(frame.assign(drugs_dollars=np.where(alike, 0.0, 50.0 + dollars)), relativities=None).table
    assert "drugs.frailty.cv" not in table.index
    assert table.loc["drugs.per_1000", "estimate"] == pytest.approx(-1_000.0 * np.log(0.4), rel=0.001)


def test_prices_by_hand():
    """Mean 800 / 4; dollars over the mean 1.5, 1.5 and 1, 0, so that the pair of years is 2.25 times its events."""
    frame = small()
    moments = lines(frame, "visits")[0]
    priced = Priced("visits", np.array([1.0, 1.0, 2.0, 0.0]), np.array([300.0, 300.0, 200.0, 0.0]))
    assert priced.mean == 200.0
    assert priced.influence(moments) == pytest.approx([(600 - 400) / 800, (200 - 400) / 800])
    assert severity_variance(moments, [priced], 2).value == pytest.approx(1.25)
    # Σ (D / mean − N)² = 0.25 + 0.25 + 1; without a factor v = 1.5 / 4, with 0.1 of it (1.5 − 0.6) / (1.1 × 4).
    assert priced.relative_variance(0.0) == pytest.approx(0.375)
    assert priced.relative_variance(0.1) == pytest.approx(0.9 / 4.4)
    assert priced.relative_variance(0.3) == 0.0
    alone = Priced("visits", np.array([1.0, 0.0, 2.0, 0.0]), np.array([300.0, 0.0, 200.0, 0.0]))
    assert severity_variance(moments, [alone], 2).value == 0.0
