"""Each figure of the goodness of fit against one worked out by hand, and weights against rows that are repeated."""

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
import goodness_cases as cases
from atrisk.fit._goodness_counts import Counts, Lags
from atrisk.fit._goodness_figures import Curves, Excess, Money, Top, Unused, View
from atrisk.fit._goodness_judged import Judged
from atrisk.fit._simulated import Layout, Sample, Simulated


def figures(family, view):
    return dict(zip([spec.name for spec in family.specs()], family.values(view), strict=True))


def rows(dollars):
    """Members of one year each, with dollars of visits alone."""
    n = len(dollars)
    return cases.sample(range(n), [1] * n, np.zeros((n, 2)), np.column_stack([dollars, np.zeros(n)]))


def test_top_shares_where_dollars_are_tied():
    """Four of ten have 10 dollars: the top 1 % is a tenth of one of them, the top 50 % has all."""
    found = figures(Top(), View(rows([0, 10, 0, 10, 10, 0, 0, 10, 0, 0])))
    assert list(found.values()) == pytest.approx([0.025, 0.125, 0.25, 0.5, 1.0], abs=1e-15)


def test_top_shares_take_part_of_the_row_at_the_edge():
    """Of five rows 100, 50, 30, 20, 0 the top 50 % are two and a half: 100 + 50 + 15 of 200."""
    found = figures(Top(), View(rows([20, 0, 100, 30, 50])))
    assert found["dollars in the top 20 %"] == pytest.approx(0.5)
    assert found["dollars in the top 50 %"] == pytest.approx(165 / 200)
    assert found["dollars in the top 1 %"] == pytest.approx(0.05 * 100 / 200)


def test_top_shares_of_no_dollars_are_undefined():
    assert np.isnan(Top().values(View(rows([0.0, 0.0])))).all()


def test_relative_variances_and_covariance():
    """Visits 0, 2, 4 and stays 1, 1, 4: variances 8/3 and 2 about means of 2, covariance (2 + 0 + 4) / 3."""
    sample = cases.sample([1, 2, 3], [1, 1, 1], [[0, 1], [2, 1], [4, 4]], np.zeros((3, 2)))
    assert figures(Counts(sample), View(sample)) == pytest.approx(
        {
            "mean events of visits": 2.0,
            "mean events of stays": 2.0,
            "variance of visits": 8 / 3,
            "variance of stays": 2.0,
            "relative variance net of Poisson of visits": (8 / 3 - 2) / 4,
            "relative variance net of Poisson of stays": 0.0,
            "relative covariance of visits and stays": 0.5,
        }
    )


def test_money_and_use():
    """Dollars 0, 30, 90 have mean 40 and variance (1600 + 100 + 2500) / 3; counts decide use where there are any."""
    sample = cases.sample([1, 2, 3], [1, 1, 1], [[0, 0], [0, 1], [2, 0]], [[0, 0], [10, 20], [90, 0]])
    money = figures(Money(sample), View(sample))
    sd = np.sqrt(1_400.0)
    assert money == pytest.approx(
        {
            "mean dollars": 40.0,
            "standard deviation of dollars": sd,
            "coefficient of variation of dollars": sd / 40.0,
            "mean dollars of visits": 100 / 3,
            "mean dollars of stays": 20 / 3,
        }
    )
    without = figures(Unused(sample), View(sample))
    assert list(without.values()) == pytest.approx([1 / 3, 2 / 3, 2 / 3])


def test_use_of_a_line_that_is_not_counted_is_its_dollars():
    sample = cases.sample([1, 2], [1, 1], [[0, 0], [1, 0]], [[0, 5], [3, 0]], lines=(cases.VISITS, cases.DRUGS))
    assert list(figures(Unused(sample), View(sample)).values()) == [0.0, 0.5, 0.5]
    assert sample.layout.counted == ["visits"]


def test_mean_excess_is_of_those_above():
    """Of 90 rows 30 have 100, 30 have 160, 30 nothing: above 100 there are 30, by 60; exactly 100 is not above."""
    sample = rows([100.0] * 30 + [160.0] * 30 + [0.0] * 30)
    family = Excess(sample, [50.0, 100.0, 160.0])
    assert figures(family, View(sample)) == pytest.approx(
        {
            "chance of more than 50 dollars": 2 / 3,
            "chance of more than 100 dollars": 1 / 3,
            "chance of more than 160 dollars": 0.0,
            "mean excess over 50 dollars": 80.0,
            "mean excess over 100 dollars": 60.0,
        }
    )
    assert family.left_out() == ["mean excess over 160 dollars: 0 person-years exceed it"]


def persons_with_gaps(copies):
    """Years 1, 2, 4 of one person and 1, 2, 3 of another, ``copies`` times: 3 pairs at lag 1, 1 at lag 2."""
    member = [f"{name}{copy}" for copy in range(copies) for name in ("gap",) * 3 + ("whole",) * 3]
    events = [[1, 0], [2, 0], [9, 0], [3, 0], [0, 0], [5, 0]] * copies
    return cases.sample(member, [1, 2, 4, 1, 2, 3] * copies, events, np.array(events) * 10.0)


def test_correlations_are_of_years_without_a_gap_between():
    sample = persons_with_gaps(10)
    found = figures(Lags(sample), View(sample))
    pairs = np.array([(1, 2), (3, 0), (0, 5)])  # year 2 and year 4 of the first person are no pair
    for what, values in {
        "events of visits": pairs,
        "log (1 + events of visits)": np.log1p(pairs),
        "log (1 + dollars)": np.log1p(10.0 * pairs),
    }.items():
        expected = np.corrcoef(values[:, 0], values[:, 1])[0, 1]
        assert found[f"correlation of {what}, lag 1"] == pytest.approx(expected, rel=1e-12)
    assert set(found) == {name for name in found if name.endswith("lag 1")}
    assert Lags(sample).left_out() == [
        f"correlations at lag {lag}: {n} pairs of years" for lag, n in ((2, 10), (3, 0), (4, 0))
    ]
    later = persons_with_gaps(30)
    assert "correlation of events of visits, lag 2" in figures(Lags(later), View(later))


def test_the_line_with_most_events_is_followed():
    events = np.array([[0, 1], [1, 5]] * 30)
    sample = cases.sample(np.repeat(range(30), 2), [1, 2] * 30, events, events)
    assert "correlation of events of stays, lag 1" in figures(Lags(sample), View(sample))


def test_weights_are_rows_repeated():
    """A person that a bootstrap drew thrice counts as three persons, in every figure and point of a curve."""
    generator = np.random.default_rng(8)
    years = generator.integers(1, 6, 80)
    member = np.repeat(np.arange(80), years)
    year = np.concatenate([np.arange(1, n + 1) for n in years])
    events = generator.poisson(generator.gamma(0.5, 3.0, (80, 2))[member])
    dollars = events * generator.gamma(2.0, 40.0, events.shape)
    sample = cases.sample(member, year, events, dollars)
    times = generator.integers(0, 4, 80)
    judged = Judged(sample, [50.0, 200.0])
    weighted = judged._values(View(sample, times[member].astype(float)))

    copies = [(f"{who:03}.{copy}", who) for who in range(80) for copy in range(times[who])]
    taken = [(name, row) for name, who in copies for row in np.flatnonzero(member == who)]
    picked = [row for _, row in taken]
    repeated = cases.sample([name for name, _ in taken], year[picked], events[picked], dollars[picked])
    plain = View(repeated)
    # The same figures at the same attachments and points, of a table that has these rows.
    families = judged._families
    lags = next(family for family in families if isinstance(family, Lags))
    lags_there = Lags(repeated)
    assert lags_there._known == lags._known
    expected = [value for family in families for value in (lags_there if family is lags else family).values(plain)]
    assert weighted == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert len(weighted) > 80


def test_quantiles_are_the_smallest_amounts_that_reach_their_part():
    sample = rows(np.arange(1.0, 101.0))
    found = figures(Curves(sample), View(sample))
    assert [found[f"quantile {point}"] for point in (0.05, 0.5, 0.95)] == [5.0, 50.0, 95.0]
    assert "quantile 0.975" not in found  # less than five rows are beyond it


def test_events_are_summed_by_person_year_and_line():
    """Spells with gaps, late entries and partial years: the same sums as those of a merge by member and year."""
    frame = cases.people(50).drop(index=[1, 6, 8, 9]).assign(member_months=12.0)
    frame.loc[frame.groupby("member_id").tail(1).index, "member_months"] = 6.0
    frame["year"] += 1_990
    table = ar.PersonYears.from_frame(frame)
    layout = Layout.of(table)
    simulated = Simulated(cases.care(), table, layout, seed=4)
    sample = simulated.sample(3)
    arms = {"arm": ar.FeeForService()}
    claims = ar.Study(table.followed(), cases.care(), arms, years=4, seed=4).claims(3)
    who, year = claims["member_id"].str.split(" from ").str[0].astype(int), claims["year"] + 1_989
    index = pd.MultiIndex.from_frame(table.frame[["member_id", "year"]])
    for position, line in enumerate(table.lines):
        of = (claims["service"] == line.name).to_numpy()
        sums = claims["allowed"][of].groupby([who[of], year[of]]).agg(["size", "sum"]).reindex(index).fillna(0.0)
        assert sample.dollars[:, position] == pytest.approx(sums["sum"].to_numpy(), rel=1e-12)
        if line.counted:
            assert (sample.events[:, layout.counted.index(line.name)] == sums["size"].to_numpy()).all()
    assert sample.dollars.sum() == pytest.approx(claims["allowed"].sum(), rel=1e-12)


def test_care_out_of_network_is_of_the_same_line():
    frame = cases.people(50)[["member_id", "year", "age", "sex", "visits_events", "visits_dollars"]]
    table = ar.PersonYears.from_frame(frame)
    service = ar.Service("visits", per_1000=4_000.0, allowed=10.0, out_of_network_rate=0.5)
    sample = Simulated(ar.Utilization(services=[service]), table, Layout.of(table), seed=1).sample(0)
    assert sample.events.mean() == pytest.approx(4.0, abs=0.5)  # 200 person-years: two in-network ones would be 2
    assert sample.dollars.sum() == pytest.approx(10.0 * sample.events.sum())


def test_joined_samples_keep_their_members_apart():
    one = persons_with_gaps(2)
    layout = Layout.joined([one.layout, one.layout])
    both = Sample.joined([one, one], layout)
    assert layout.members == 2 * one.layout.members
    assert layout.spells == 2 * one.layout.spells
    assert len(layout.earlier(1)) == 2 * len(one.layout.earlier(1))
    assert both.total.sum() == 2 * one.total.sum()
