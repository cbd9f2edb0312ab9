"""Terms of bundles in arms beyond a price: what counts, readmissions, the time after, risk, base years, premiums."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk import metrics

MEMBERS, OPERATION, STAY, VISIT, RESCUE = 300, 10_000.0, 4_000.0, 100.0, 2_500.0
FEES = {"Fees": ar.FeeForService()}
GRADES = {"low": 0.8, "middle": 1.0, "high": 1.5}


def panel():
    frame = pd.DataFrame({"age": 60.0 + np.arange(MEMBERS) % 30, "sex": "f", "risk_score": 1.0})
    return ar.Population.from_frame(frame.assign(grade=np.resize(list(GRADES), MEMBERS)))


def care(*, rate=150, stays=0.3, after=0.0, deaths=0.0, cv=0.0):
    """Operations with a readmission of some on day 10, a visit on day 20, and a rescue of some on day 40."""
    operation = ar.LogNormal(mean=OPERATION, cv=cv) if cv else OPERATION
    follows = [
        ar.EpisodeCare("stays", amount=STAY, share=stays, days=(10, 10)),
        ar.EpisodeCare("visits", amount=VISIT, days=(20, 20)),
    ]
    others = {"stays": (0, 1.0), "visits": (0, 1.0), "rescues": (after, RESCUE)}
    lines = [ar.Service("operations", per_1000=rate, allowed=operation)]
    lines += [
        ar.Service(name, per_1000=each, allowed=price, delivered_by="other_providers")
        for name, (each, price) in others.items()
    ]
    episode = ar.Episode(
        "joint",
        trigger="operations",
        window_days=30,
        care=follows,
        death_rate=deaths,
        absorbs=False,
        within_lines=False,
    )
    return ar.Utilization(services=lines, episodes=[episode])


def run(bundles, utilization=None, replicates=6, **terms):
    arms = FEES | {name: [ar.FeeForService(), bundle] for name, bundle in bundles.items()}
    return ar.Study(panel(), utilization or care(), arms, **{"seed": 23} | terms).run(replicates, progress=False)


def bundle(**terms):
    return ar.EpisodeBundle(**{"episodes": "joint", "target_price": 12_000} | terms)


def before(**terms):
    return bundle(kind="prospective", **terms)


def lines(results, arm, replicate=0, year=1):
    frame = results.statement(arm, replicate=replicate).to_frame()
    frame = frame[(frame["kind"] == "episode_bundle") & (frame["year"] == year)]
    return dict(frame[["line", "value"]].itertuples(index=False))


def transfers(results, arm, account, replicate=0):
    ledger = results.statement(arm, replicate=replicate).ledger()
    return ledger[ledger["account"] == account]


def moved(results, arm):
    return results.values("provider_net", arm) - results.values("provider_net", "Fees")


def test_services_that_count_divide_an_episode():
    """Parts named apart come to the whole."""
    parts = {name: bundle(services=name) for name in ("operations", "stays", "visits")}
    results = run({"All": bundle(), "Two": bundle(services=["stays", "visits"])} | parts)
    for replicate in range(6):
        actual = {name: lines(results, name, replicate)["actual"] for name in ("All", "Two", *parts)}
        assert actual["All"] == sum(actual[name] for name in parts)
        assert actual["Two"] == actual["stays"] + actual["visits"]
        assert min(actual.values()) > 0


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_payer_pays_its_part_of_readmissions(share):
    warranty = {"warranty_share": share, "readmission_services": ["stays"]} if share < 1 else {}
    results = run({"Whole": before(), "Part": before(**warranty)})
    for replicate in range(6):
        whole, part = (lines(results, arm, replicate) for arm in ("Whole", "Part"))
        stays = transfers(results, "Fees", "claim", replicate)
        assert len(stays)
        readmitted = (
            whole["actual"] - lines(run({"No": before(services=["operations", "visits"])}), "No", replicate)["actual"]
        )
        assert part["payer_readmission"] == readmitted * Decimal(str(1 - share))
        assert part["actual"] == whole["actual"]
        assert part["margin"] - whole["margin"] == part["payer_readmission"]
        charged = transfers(results, "Part", "episode_care", replicate)["amount"].sum()
        assert charged == part["actual"] - part["payer_readmission"]
    np.testing.assert_allclose(
        moved(results, "Part") - moved(results, "Whole"),
        [float(lines(results, "Part", each)["payer_readmission"]) for each in range(6)],
        atol=0.02,
    )


def test_stop_loss_looks_at_what_the_warranty_leaves():
    """Readmitted cases of 14,100: of 4,000 a quarter is borne, so that 11,100 lies 1,000 above the attachment."""
    part = before(warranty_share=0.25, readmission_services=["stays"], case_attachment=10_100)
    results = run({"Part": part}, care(rate=40), 30)
    alone = 0
    for replicate in range(30):
        found = lines(results, "Part", replicate)
        readmitted = found["payer_readmission"] / Decimal(3_000)
        assert readmitted == int(readmitted)
        overlap = found["actual"] - found["episodes"] * Decimal(10_100) - readmitted * 4_000
        assert overlap >= 0, "operations and visits in another window of the same member"
        assert found["case_recovery"] >= readmitted * 1_000
        if overlap == 0:
            assert found["case_recovery"] == readmitted * 1_000
            alone += readmitted > 0
    assert alone > 0, "no member has two windows that meet"


def test_the_calculator_says_the_same_of_sums():
    terms = {"discount": 0.03, "case_ceded_share": 0.8, "stop_loss_premium": 120, "aggregate_attachment_rate": 0.9}
    of_arm = before(**terms, case_attachment=11_000, warranty_share=0.5, readmission_services=["stays"])
    results = run({"Part": of_arm}, care(cv=0.4), 10)
    own = ar.EpisodeBundle(episodes="joint", kind="prospective", **terms, case_attachment=11_000)
    for replicate in range(10):
        found = lines(results, "Part", replicate)
        names = ("target", "actual", "payer_readmission", "case_recovery", "premium")
        settled = own.settle(**{name: found[name] for name in names})
        assert settled["margin"] == found["margin"]
        assert settled["aggregate_recovery"] == found["aggregate_recovery"]
        assert float(found["margin"]) == pytest.approx(moved(results, "Part")[replicate], abs=0.03)


def test_stop_loss_has_a_premium():
    free, dear = (before(case_attachment=13_000, stop_loss_premium=premium) for premium in (0, 250))
    results = run({"Free": free, "Dear": dear})
    for replicate in range(6):
        episodes = lines(results, "Dear", replicate)["episodes"]
        paid = transfers(results, "Dear", "stop_loss_premium", replicate)
        assert paid["amount"].sum() == 250 * episodes
        assert set(paid["from_party"]) == {"provider"}
        assert set(paid["to_party"]) == {"reinsurer"}
        assert np.array_equal(paid["month_incurred"], paid["month_cash"])
        assert moved(results, "Free")[replicate] - moved(results, "Dear")[replicate] == pytest.approx(
            250 * float(episodes), abs=0.01
        )
    cases = pd.DataFrame({"actual": [9_000.0, 20_000.0]})
    statement = dear.settle(cases)
    assert statement.episodes["margin"].tolist() == [12_000 - 9_000 - 250, 12_000 - 20_000 + 7_000 - 250]
    assert statement["margin"] == statement.episodes["margin"].sum()


def test_sums_of_own_cases_need_their_premium():
    dear = before(case_attachment=13_000, stop_loss_premium=250)
    with pytest.raises(ar.InputError, match="must be given premium"):
        dear.settle(target=24_000, actual=29_000, case_recovery=7_000)
    assert dear.settle(target=24_000, actual=29_000, case_recovery=7_000, premium=500)["margin"] == 1_500


@pytest.mark.parametrize("days", [5, 15, 60])
def test_spending_after_an_episode_is_that_of_the_days_after(days):
    """Rescues are as likely on every day: their dollars grow with the days that are looked at."""
    terms = {"post_episode_threshold": 0, "post_episode_days": days}
    results = run({"After": bundle(**terms)}, care(after=6_000), 400)
    found = [lines(results, "After", replicate) for replicate in range(0, 400, 8)]
    episodes = sum(float(each["episodes"]) for each in found)
    after = sum(float(each["post_episode"]) for each in found)
    rate = 6 * days / 365 * RESCUE + 0.15 * days / 365 * OPERATION  # events of the time after are as ever
    assert abs(after / episodes / rate - 1) < 4 * RESCUE / (rate * np.sqrt(episodes)) * np.sqrt(6 * days / 365 + 1)


def test_what_comes_off_is_above_the_thresholds_of_all():
    plain, strict = bundle(), bundle(post_episode_threshold=1_000, post_episode_days=30)
    results = run({"Plain": plain, "Strict": strict}, care(after=6_000), 30)
    excess = []
    for replicate in range(30):
        found, without = lines(results, "Strict", replicate), lines(results, "Plain", replicate)
        excess.append(max(found["post_episode"] - 1_000 * found["episodes"], Decimal(0)))
        assert found["post_episode_allowed"] == 1_000 * found["episodes"]
        assert abs(without["settlement"] - found["settlement"] - excess[-1]) <= Decimal("0.01")
    assert min(excess) == 0 < max(excess)


def test_nothing_is_looked_at_after_a_death():
    """Of windows that all end by death; of those that do not there is as much as ever."""
    terms = {"post_episode_threshold": 0, "post_episode_days": 60}
    all_die = lines(run({"After": bundle(**terms)}, care(after=6_000, deaths=1.0)), "After", 2)
    assert all_die["episodes"] > 0
    assert all_die["post_episode"] == 0
    half = [
        lines(run({"After": bundle(**terms)}, care(after=6_000, deaths=0.5), 40), "After", each) for each in range(40)
    ]
    whole = [lines(run({"After": bundle(**terms)}, care(after=6_000), 40), "After", each) for each in range(40)]
    parts = [sum(float(each["post_episode"]) for each in of) for of in (half, whole)]
    assert 0.4 < parts[0] / parts[1] < 0.6


def test_prices_follow_each_members_multiplier():
    """By value of a column, and by a number of another; the target is the sum over the episodes of their members."""
    by_age = 0.02
    given = {"grade": GRADES, "age": by_age}
    results = run({"Risk": bundle(target_multipliers=given), "Before": before(target_multipliers=given)})
    ages = panel().columns["age"]
    each = np.array([GRADES[of] for of in panel().columns["grade"]]) * np.exp(by_age * (ages - ages.mean()))
    for replicate in range(6):
        claims = results.study.claims(replicate).query("service == 'operations'")
        multiplied = each[claims["member_ix"]].sum()
        found = lines(results, "Risk", replicate)
        assert float(found["target"]) == pytest.approx(12_000 * multiplied, abs=0.01)
        assert found["episodes"] == len(claims)
        assert float(lines(results, "Before", replicate)["target"]) == pytest.approx(12_000 * multiplied, abs=0.06)
        paid = transfers(results, "Before", "episode_price", replicate)
        by_month = pd.Series(each[claims["member_ix"]]).groupby(claims["month"].to_numpy()).sum()
        assert paid.groupby("month_incurred")["amount"].sum().astype(float).tolist() == pytest.approx(
            (12_000 * by_month).tolist(), abs=0.01
        )


def test_base_years_make_the_price():
    """Weights of one year, of both, and of a part that is the region's, beside the claims of those years."""
    terms = {"truncate_at": 13_000, "raise_to": 9_500}
    trend = 0.05
    baselines = {
        "Newest": ar.EpisodeBaseline(weights=[0, 1], trend=trend),
        "Both": ar.EpisodeBaseline(trend=trend),
        "Mostly": ar.EpisodeBaseline(weights=[0.25, 0.75], own_share=0.6),
    }
    bundles = {name: bundle(**terms, baseline=baseline) for name, baseline in baselines.items()}
    results, checked = run(bundles, care(cv=0.5, rate=20), base_years=2, years=2, replicates=60), 0
    for replicate in range(60):
        claims = results.study.claims(replicate, base_years=True)
        claims = claims[claims["service"] != "rescues"]
        means = {}
        if set(claims.query("service == 'operations'")["year"]) < {-1, 0, 1, 2}:
            continue  # a base year without an episode has no weight
        for year in (-1, 0):
            of = claims[(claims["year"] == year) & (claims["service"] == "operations")]
            ends = claims[(claims["month"] == 12) & claims["year"].isin([year - 1, year])]
            if of["member_ix"].duplicated().any() or len(ends):
                continue
            # Without a second operation of a member, and away from the year's ends, an episode is its own claims.
            dollars = claims[claims["year"] == year].groupby("member_ix")["allowed"].sum()
            means[year] = dollars.clip(9_500, 13_000).mean()
        for year in (1, 2):
            known = {arm: lines(results, arm, replicate, year) for arm in bundles}
            newest = known["Newest"]["baseline_mean[joint]"]
            both = known["Both"]["baseline_mean[joint]"]
            if 0 in means:
                assert float(newest) == pytest.approx(means[0] * (1 + trend) ** year, abs=0.01)
                checked += 1
            oldest = 2 * float(both) - float(newest)  # equal weights
            untrended = float(newest) / (1 + trend) ** year, oldest / (1 + trend) ** (year + 1)
            mostly = 0.75 * untrended[0] + 0.25 * untrended[1]
            assert float(known["Mostly"]["baseline_mean[joint]"]) == pytest.approx(mostly, abs=0.03)
            price = known["Mostly"]["target_price[joint]"]
            assert float(price) == pytest.approx(0.6 * mostly + 0.4 * 12_000, abs=0.03)
            for arm in bundles:
                of_price = known[arm]["episodes"] * known[arm]["target_price[joint]"]
                assert float(known[arm]["target"]) == pytest.approx(
                    float(of_price), abs=0.006 * float(known[arm]["episodes"])
                )
    assert checked > 15


def test_base_years_are_those_of_the_baseline_to_the_end_of_their_windows():
    """A programme of performance years moves no price that base years make, though windows reach into year 1."""
    utilization = care(after=6_000, rate=150)
    long = ar.Episode("joint", trigger="operations", window_days=200, within_lines=False)
    utilization = ar.Utilization(services=utilization.services, episodes=[long])
    base = bundle(baseline=ar.EpisodeBaseline())
    fewer = ar.Programme("fewer", services=["rescues", "operations"], effect=-0.8)
    arms = {"Plain": [ar.FeeForService(), base], "Fewer": ar.Arm([ar.FeeForService(), base], programmes=[fewer])}
    results = ar.Study(panel(), utilization, arms, base_years=1, seed=5).run(3, progress=False)
    for replicate in range(3):
        plain, moved_less = (lines(results, arm, replicate) for arm in arms)
        assert plain["target_price[joint]"] == moved_less["target_price[joint]"]
        assert plain["actual"] > 2 * moved_less["actual"]


def test_a_price_of_few_episodes_has_their_luck():
    """With the price of one base year a settlement varies by the luck of that year too."""
    alike = {"care": care(cv=0.6, stays=0)}
    known = run({"Price": bundle(target_price=OPERATION + VISIT)}, alike["care"], 2_500, base_years=1)
    own = run({"Price": bundle(baseline=ar.EpisodeBaseline())}, alike["care"], 2_500, base_years=1)
    mean, error = metrics.mean(moved(own, "Price"))
    episodes = MEMBERS * 0.15
    ratio = moved(own, "Price").var() / moved(known, "Price").var()
    # n of this year against n of that: about twice the variance, and a little more since 1 / n is convex.
    assert abs(ratio - 2) < 0.25
    assert abs(mean) < 4 * error + 0.02 * episodes * OPERATION


def test_without_an_episode_in_base_years_the_given_price_stands():
    few = care()
    few = ar.Utilization(
        services=[ar.Service("operations", per_1000=3, allowed=OPERATION), *few.services[1:]], episodes=few.episodes
    )
    results = run({"Price": bundle(baseline=ar.EpisodeBaseline())}, few, 40, base_years=1)
    seen = set()
    for replicate in range(40):
        claims = results.study.claims(replicate, base_years=True)
        had = bool(((claims["year"] == 0) & (claims["service"] == "operations")).any())
        found = lines(results, "Price", replicate)
        assert ("baseline_mean[joint]" in found) == had
        if not had:
            assert found["target_price[joint]"] == 12_000
        seen.add(had)
    assert seen == {True, False}


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (
            {"baseline": ar.EpisodeBaseline(weights=[1])},
            "Arm[1].baseline.weights: must have one weight for each base year (2), the earliest first, got 1 weights",
        ),
        ({"baseline": ar.EpisodeBaseline(weights=[0.5, 0.4])}, "Arm[1].baseline.weights: must sum to 1, got 0.9"),
        (
            {"baseline": ar.EpisodeBaseline(own_share=60)},
            "Arm[1].baseline.own_share: must be between 0 and 1, got 60 (did you mean 0.60?)",
        ),
        ({"baseline": ar.EpisodeBaseline(trend=5)}, "Arm[1].baseline.trend: must be between -0.9 and 1, got 5"),
        (
            {"target_multipliers": {"rank": GRADES}},
            "Arm[1].target_multipliers.rank: must be a column of the panel, got 'rank'",
        ),
        (
            {"target_multipliers": {"grade": {"low": 1, "middle": 1}}},
            "Arm[1].target_multipliers.grade[2]: must have a factor, got 'high'",
        ),
        (
            {"target_multipliers": {"grade": GRADES | {"low": -1}}},
            "Arm[1].target_multipliers.grade[0]: must be a factor of at least 0, got -1",
        ),
        (
            {"post_episode_days": 31},
            "Arm[1].post_episode_days: must be left out where there is no post_episode_threshold, got 31",
        ),
        (
            {"kind": "prospective", "warranty_share": 0.5, "readmission_services": ["operations"]},
            'Arm[1].readmission_services: must not name the service that opens an episode, got that of "joint" ',
        ),
        (
            {"post_episode_threshold": 5, "post_episode_days": 336},
            "Arm[1].post_episode_days: must be a whole number of days between 1 and 335, ",
        ),
    ],
)
def test_bad_terms_are_named(terms, text):
    with pytest.raises(ar.InputError) as error:
        ar.Study(panel(), care(), {"Arm": [ar.FeeForService(), bundle(**terms)]}, base_years=2, seed=1)
    assert str(error.value).startswith(text)


@pytest.mark.parametrize("name", ["services", "target_multipliers", "baseline", "excludes_attributed"])
def test_terms_of_studies_are_refused_for_own_episodes(name):
    given = {"services": ["a"], "target_multipliers": {"a": 1.0}, "baseline": ar.EpisodeBaseline()}
    terms = {name: given.get(name, True)}
    for settle in (
        lambda: bundle(**terms).settle(pd.DataFrame({"actual": [3.0]})),
        lambda: bundle(**terms).settle(target=3, actual=3),
        lambda: bundle(**terms).by_episode(pd.DataFrame({"actual": [3.0]})),
    ):
        with pytest.raises(ar.InputError, match=rf"^EpisodeBundle\.{name}: must be left out where own episodes"):
            settle()
