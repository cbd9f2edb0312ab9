"""EpisodeBundle on simulated years: ladders of target prices, the calculator's cents, closed forms, limits, payers."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import atrisk as ar

PRICE, MEMBERS = 20_000, 500
NURSING = 12_000


def panel(payers=("Plan",)):
    frame = pd.DataFrame({"age": np.full(MEMBERS, 70.0), "sex": "f", "risk_score": 1.0})
    frame["payer"] = [payers[row % len(payers)] for row in range(MEMBERS)]
    return ar.Population.from_frame(frame)


def care(price=PRICE, nursing=0.0, fee_levels=None, window_days=30, **terms):
    """Joint replacements at a price, some of them followed by nursing that comes on top of the lines."""
    paths = [ar.EpisodePath("home", share=1 - nursing)]
    paths.append(
        ar.EpisodePath("nursing", share=nursing, care=[ar.EpisodeCare("nursing", amount=NURSING, days=(2, 2))])
    )
    return ar.Utilization(
        services=[
            ar.Service("joint", per_1000=200, allowed=price, fee_levels=fee_levels),
            ar.Service("nursing", per_1000=0, allowed=1, delivered_by="other_providers"),
        ],
        episodes=[
            ar.Episode("elective", trigger="joint", window_days=window_days, paths=paths, within_lines=False, **terms)
        ],
    )


def study(bundle, utilization=None, members=None, **terms):
    arm = bundle if isinstance(bundle, ar.Arm) else [ar.FeeForService(), *np.atleast_1d(bundle)]
    return ar.Study(
        members or panel(), utilization or care(), {"Fees": ar.FeeForService(), "Bundle": arm}, seed=11, **terms
    )


def lines(statement, kind="episode_bundle"):
    frame = statement.to_frame()
    return dict(frame[frame["kind"] == kind][["line", "value"]].itertuples(index=False))


def moved(results):
    """Return what the bundle moves of each replicate."""
    return results.values("provider_net", "Bundle") - results.values("provider_net", "Fees")


@pytest.mark.parametrize(
    ("target", "of_an_episode"),
    [(19_999.99, "-0.01"), (20_000, "0"), (20_000.01, "0.01"), (21_000, "1000"), (0, "-20000")],
)
def test_a_ladder_of_target_prices(target, of_an_episode):
    """Events inside a window belong to it, and each is a price more that its episode costs."""
    bundle = ar.EpisodeBundle(episodes="elective", target_price=target)
    results = study(bundle).run(50, progress=False)
    events = results.values("allowed", "Fees") / PRICE
    assert events.min() > 50
    within = []
    for replicate in range(5):
        found = lines(results.statement("Bundle", replicate=replicate))
        # Of a window that is open at the end of the year an event may be of the year after.
        within.append(found["actual"] / PRICE - found["episodes"])
        assert within[-1] == int(within[-1]) >= events[replicate] - float(found["episodes"])
        assert found["settlement"] == found["episodes"] * Decimal(of_an_episode) - within[-1] * PRICE
    assert max(within) > 0
    every = study(bundle, care(absorbs=False)).run(5, progress=False)
    for replicate in range(5):
        # Every event opens an episode; those of the same member within 30 days lie in both.
        each = lines(every.statement("Bundle", replicate=replicate))
        assert float(each["episodes"]) == events[replicate]
        again = each["actual"] / PRICE - each["episodes"]
        assert again == int(again) >= 0
        assert each["settlement"] == each["episodes"] * Decimal(of_an_episode) - again * PRICE


def test_a_statement_is_what_moves_and_what_the_calculator_says():
    terms = {
        "target_price": 24_500,
        "discount": 0.02,
        "quality_gain_cut": 0.1,
        "quality_loss_cut": 0.15,
        "best_score": 100,
        "stop_gain_rate": 0.1,
        "stop_loss_rate": 0.1,
        "sharing_rate": 0.9,
    }
    bundle = ar.EpisodeBundle(episodes="elective", quality_score=70, **terms)
    results = study(bundle, care(ar.LogNormal(mean=20_000, cv=0.5), nursing=0.34)).run(40, progress=False)
    for replicate in (0, 7, 31):
        statement = results.statement("Bundle", replicate=replicate)
        found = lines(statement)
        own = ar.EpisodeBundle(episodes="elective", **terms).settle(
            target=found["target"], actual=found["actual"], quality_score=70
        )
        assert found["settlement"] == own["settlement"]
        adjusted = sum(
            found[line]
            for line in ("difference", "below_minimum", "quality_adjustment", "sharing_adjustment", "limit_adjustment")
        )
        assert adjusted - found["post_episode_excess"] == found["settlement"]
        transfers = statement.ledger().query("account in ('episode_gain', 'episode_loss')")
        signed = transfers["amount"].where(transfers["account"] == "episode_gain", -transfers["amount"])
        assert sum(signed, Decimal(0)) == found["settlement"]
        assert set(transfers["month_cash"]) <= {21}
        assert float(found["settlement"]) == pytest.approx(moved(results)[replicate], abs=0.02)


def test_the_mean_of_a_bundle_without_limits():
    """A case costs its price, and nursing of a third; the mean settlement is volume × (target − mean cost)."""
    bundle = ar.EpisodeBundle(episodes="elective", target_price=25_000)
    results = study(bundle, care(nursing=0.34, absorbs=False)).run(2_000, progress=False)
    rate = MEMBERS * 0.2
    # Windows of one member overlap: 30 days of 365, rate 0.2, each pair of events lies once more in a window.
    again = rate * 0.2 * 30 / 365 * (PRICE + 0.34 * NURSING)
    expected = rate * (25_000 - PRICE - 0.34 * NURSING) - again
    net = moved(results)
    assert abs(net.mean() - expected) < 4 * net.std() / np.sqrt(len(net))


def test_limits_are_never_exceeded_and_prices_are_monotone():
    before, ends = None, set()
    for target in (15_000, 20_000, 24_000, 30_000):
        bundle = ar.EpisodeBundle(episodes="elective", target_price=target, stop_gain_rate=0.05, stop_loss_rate=0.03)
        results = study(bundle, care(ar.LogNormal(mean=20_000, cv=0.4), nursing=0.34)).run(200, progress=False)
        episodes = np.array(
            [float(lines(results.statement("Bundle", replicate=each))["episodes"]) for each in range(5)]
        )
        net = moved(results)
        most, least = 0.05 * target * episodes, -0.03 * target * episodes
        assert np.all(net[:5] <= most + 0.01)
        assert np.all(net[:5] >= least - 0.01)
        ends |= {end for end, dollars in (("gain", most), ("loss", least)) if np.allclose(net[:5], dollars, atol=0.01)}
        if before is not None:
            gains = before > 0
            assert np.all(net[gains] >= before[gains])
        before = net
    assert ends == {"gain", "loss"}, "both limits are met"


def test_truncation_takes_the_part_above_of_each_episode():
    """A nursed case of 32,000 counts for 25,000; windows are so short that no member has two in this replicate."""

    def actual(**terms):
        bundle = ar.EpisodeBundle(episodes="elective", target_price=24_000, **terms)
        results = study(bundle, care(nursing=0.34, window_days=3)).run(8, progress=False)
        found = lines(results.statement("Bundle", replicate=4))
        return float(found["episodes"]), float(found["actual"])

    episodes, whole = actual()
    nursed = (whole - PRICE * episodes) / NURSING
    assert nursed == int(nursed) > 10
    assert whole - actual(truncate_at=25_000)[1] == nursed * (PRICE + NURSING - 25_000)
    assert actual(raise_to=21_000)[1] - whole == (episodes - nursed) * 1_000


def test_a_prospective_price_is_the_retrospective_one_without_limits():
    """Prices less what windows cost, plus what stop-loss repays of cases above 30,000."""
    terms = {"episodes": "elective", "target_price": 24_000}
    utilization = care(nursing=0.34)
    arms = {
        "Fees": ar.FeeForService(),
        "After": [ar.FeeForService(), ar.EpisodeBundle(**terms)],
        "Before": [ar.FeeForService(), ar.EpisodeBundle(**terms, kind="prospective")],
        "Cover": [
            ar.FeeForService(),
            ar.EpisodeBundle(**terms, kind="prospective", case_attachment=30_000, case_ceded_share=0.9),
        ],
        "All": [ar.FeeForService(), ar.EpisodeBundle(**terms, kind="prospective", aggregate_attachment_rate=0.9)],
    }
    results = ar.Study(panel(), utilization, arms, seed=5).run(60, progress=False)
    net = {arm: results.values("provider_net", arm) for arm in arms}
    np.testing.assert_allclose(net["Before"], net["After"], atol=0.02)
    found = lines(results.statement("Cover", replicate=9))
    assert float(found["case_recovery"]) > 0
    assert net["Cover"][9] - net["Before"][9] == pytest.approx(float(found["case_recovery"]), abs=0.01)
    prices = results.statement("Before", replicate=9).ledger().query("account == 'episode_price'")
    assert prices["amount"].sum() == found["target"]
    assert np.array_equal(prices["month_incurred"], prices["month_cash"])
    everything = lines(results.statement("All", replicate=9))
    borne = float(everything["borne"])
    assert float(everything["aggregate_recovery"]) == pytest.approx(
        max(borne - 0.9 * float(everything["target"]), 0), abs=0.01
    )


def test_each_payer_has_its_own_bundle_and_fees():
    members = panel(("Medicare", "Plan"))
    utilization = care(fee_levels={"Plan": 1.5})
    arm = ar.Arm(
        payers={
            "Medicare": [ar.FeeForService(), ar.EpisodeBundle(episodes="elective", target_price=20_500)],
            "Plan": [ar.FeeForService(fee_level=1.1), ar.EpisodeBundle(episodes="elective", target_price=34_000)],
        }
    )
    results = study(arm, utilization, members).run(20, progress=False)
    statement = results.statement("Bundle", replicate=2).to_frame()
    bundles = statement[statement["kind"] == "episode_bundle"]
    by_payer = {
        path: dict(rows[["line", "value"]].itertuples(index=False)) for path, rows in bundles.groupby("contract")
    }
    medicare, plan = by_payer["Bundle.payers[Medicare][1]"], by_payer["Bundle.payers[Plan][1]"]
    for found, price, target in ((medicare, PRICE, 20_500), (plan, PRICE * 1.5 * 1.1, 34_000)):
        events = float(found["actual"]) / price
        assert events == pytest.approx(round(events))
        assert float(found["target"]) == target * float(found["episodes"])
        assert float(found["episodes"]) <= events


def test_a_window_is_followed_beyond_the_last_year():
    """Nursing comes on day 300 of a window of 300: most of it after a single year, whose figures have none of it."""
    utilization = ar.Utilization(
        services=[
            ar.Service("joint", per_1000=200, allowed=PRICE),
            ar.Service("nursing", per_1000=0, allowed=1, delivered_by="other_providers"),
        ],
        episodes=[
            ar.Episode(
                "elective",
                trigger="joint",
                window_days=301,
                care=[ar.EpisodeCare("nursing", amount=NURSING, days=(300, 300))],
                within_lines=False,
            )
        ],
    )
    results = study(ar.EpisodeBundle(episodes="elective", target_price=0), utilization).run(30, progress=False)
    found = lines(results.statement("Bundle", replicate=6))
    events = results.values("provider_net", "Fees")[6] / PRICE
    seen = (results.values("allowed", "Fees")[6] - events * PRICE) / NURSING
    assert 0 < seen < 0.5 * events, "a sixth of the events is early enough"
    assert float(found["actual"]) > events * PRICE + 0.8 * events * NURSING


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (
            {"episodes": "knee", "target_price": 1},
            'Bundle[1].episodes: must be episodes of the utilization, got "knee" (the episodes are elective)',
        ),
        (
            {"episodes": "elective"},
            "Bundle[1].target_price: must be given, got None "
            "(no price is assumed: they are published by region and year)",
        ),
        (
            {"episodes": "elective", "target_price": {"knee": 20_000}},
            'Bundle[1].target_price: must be by episodes of the bundle, got "knee" (they are elective)',
        ),
        (
            {"episodes": "elective", "target_price": 1, "post_episode_threshold": 4_000, "post_episode_days": 336},
            "Bundle[1].post_episode_days: must be a whole number of days between 1 and 335, "
            'so that the time after "elective" ends within a year, got 336',
        ),
        (
            {"episodes": "elective", "target_price": 1, "kind": "prospective", "warranty_share": 0.5},
            "Bundle[1].readmission_services: must be given where warranty_share is below 1, got none "
            "(name the services whose events in a window are readmissions)",
        ),
        (
            {"episodes": "elective", "target_price": 1, "kind": "prospective", "readmission_services": ["nursing"]},
            "Bundle[1].readmission_services: must be left out where warranty_share is 1, got services "
            "(the provider bears readmissions like all other care)",
        ),
        (
            {"episodes": "elective", "target_price": 1, "kind": "prospective", "warranty_share": 0.5}
            | {"readmission_services": ["nursing"], "services": ["joint"]},
            'Bundle[1].readmission_services: must be among the services that count, got "nursing"',
        ),
        (
            {"episodes": "elective", "target_price": 1, "services": ["joints"]},
            'Bundle[1].services: must name services of the utilization, got "joints" (the services are joint, nursing)',
        ),
        (
            {"episodes": "elective", "target_price": 1, "kind": "prospective", "stop_loss_premium": 9.5},
            "Bundle[1].stop_loss_premium: must be left out where there is no stop-loss, got 9.5 "
            "(give case_attachment= or aggregate_attachment_rate=)",
        ),
        (
            {"episodes": "elective", "target_price": 1, "excludes_attributed": True},
            "Bundle[1].excludes_attributed: must be left out where all members are attributed, got True "
            "(Population.from_frame(frame, attribution=Attribution(...)))",
        ),
        (
            {"episodes": "elective", "target_price": 1, "baseline": ar.EpisodeBaseline()},
            "Bundle[1].baseline: must have base years to be computed from, got base_years=0 "
            "(Study(..., base_years=3), or target_price= alone)",
        ),
        (
            {"episodes": "elective", "target_price": 1, "quality_gain_cut": 0.1},
            "Bundle[1].quality_score: must be given, or quality_measures, got neither (the terms look at quality)",
        ),
        (
            {"episodes": "elective", "target_price": 1, "quality_gain_cut": 0.1, "quality_score": 70},
            "Bundle[1].quality_score: must be between 0 and 1, got 70 (did you mean 0.70?)",
        ),
    ],
)
def test_bad_terms_are_named(terms, text):
    with pytest.raises(ar.InputError) as error:
        study(ar.EpisodeBundle(**terms))
    assert str(error.value) == text


def test_two_prices_for_one_episode_are_refused():
    bundles = [ar.EpisodeBundle(episodes="elective", target_price=price) for price in (1, 2)]
    with pytest.raises(ar.InputError) as error:
        study(bundles)
    assert str(error.value) == (
        "Bundle[2].episodes: must not name an episode of another bundle of the same members, "
        'got "elective", which Bundle[1] has too'
    )
    arm = ar.Arm(
        [bundles[0]], payers={"Medicare": [ar.FeeForService(), bundles[1]], "Plan": [ar.FeeForService(), bundles[1]]}
    )
    with pytest.raises(ar.InputError, match=r"Bundle\[0\]\.episodes: must not name an episode"):
        study(arm, members=panel(("Medicare", "Plan")))


def test_uncertain_terms_of_episodes_are_drawn():
    """A target price that is not known moves the margin of every case alike; its path is what a person writes."""
    bundle = ar.EpisodeBundle(episodes="elective", target_price=ar.Normal(24_000, 1_000))
    made = study(bundle, care(absorbs=False, death_rate=ar.Uniform(0.01, 0.03)))
    results = made.run(400, progress=False)
    inputs = [each["path"] for each in made.spec["parameters"]["inputs"]]
    assert inputs == ["Bundle[1].target_price", "elective.death_rate"]
    sure = study(ar.EpisodeBundle(episodes="elective", target_price=24_000), care(absorbs=False)).run(
        400, progress=False
    )
    moves = moved(results) - moved(sure)
    volume = results.values("allowed", "Fees") / PRICE
    assert np.std(moves / volume) == pytest.approx(1_000, rel=0.15)


def test_an_uncertain_warranty_must_be_a_share():
    """Terms that are uncertain are checked when the study is built, near the ends of their distribution."""
    terms = {"kind": "prospective", "target_price": 24_000, "readmission_services": ["nursing"]}
    with pytest.raises(ar.InputError, match=r"Bundle\[1\]\.warranty_share: must be between 0 and 1, got -0\.49"):
        study(ar.EpisodeBundle(episodes="elective", warranty_share=ar.Uniform(-0.5, 0.5), **terms))
