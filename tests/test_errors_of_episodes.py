"""Bad input of episodes, their programmes and bundles; the texts are the specification."""

import pytest

import atrisk as ar
from test_errors import message

LINES = [
    ar.Service("knee", per_1000=100, allowed=9_000.0),
    ar.Service("stays", per_1000=200, allowed=6_000.0),
    ar.Service("drugs", per_1000=900, allowed=70.0),
    ar.Service("visits", per_1000=900, allowed=70.0, out_of_network_rate=0.2),
]


def episode(name="knee", **terms):
    return ar.Episode(name, **{"trigger": "knee", "window_days": 90} | terms)


def care(service="stays", **terms):
    return ar.EpisodeCare(service, **{"amount": 900.0} | terms)


def study(*episodes, contracts=(), **more):
    """Build a study of one arm."""
    panel = ar.Population.synthetic("medicare", members=20, seed=1)
    utilization = ar.Utilization(services=LINES, episodes=list(episodes), **more)
    arm = contracts if isinstance(contracts, ar.Arm) else [ar.FeeForService(), *contracts]
    return ar.Study(panel, utilization, {"Arm": arm}, seed=1)


def paths(*shares):
    return [ar.EpisodePath(f"way {at}", share=share) for at, share in enumerate(shares)]


def bundle(**terms):
    return ar.EpisodeBundle(**{"episodes": "knee", "target_price": 9_000} | terms)


def with_bundle(**terms):
    return study(episode(), contracts=[bundle(**terms)])


def with_programme(**terms):
    programme = ar.Programme("home", **{"effect": -0.2, "episodes": ["knee"]} | terms)
    return study(episode(), contracts=ar.Arm(ar.FeeForService(), programmes=[programme]))


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (lambda: study(episode(window_days=0.5)), ""),
        (lambda: study(episode(window_days=0)), ""),
        (lambda: study(episode(window_days=366)), ""),
        (lambda: study(episode(window_days=30.5)), ""),
        (lambda: study(episode(paths=paths(0.5, 1.2))), ""),
        (lambda: study(episode(paths=paths(60, 40))), ""),
        (lambda: study(episode(paths=paths(0.5, 0.4))), ""),
        (lambda: study(episode(paths=[*paths(0.5), *paths(0.5)])), ""),
        (lambda: study(episode(trigger="hip")), ""),
        (lambda: study(episode(trigger="visits")), ""),
        (lambda: study(episode(care=[care("knee")])), ""),
        (lambda: study(episode(), episode("hip", trigger="drugs", care=[care("knee")])), ""),
        (lambda: study(episode(), episode("again")), ""),
        (lambda: study(episode(), episode(trigger="stays")), ""),
        (lambda: study(episode(name=" ")), ""),
        (lambda: study(episode(death_rate=3)), ""),
        (lambda: study(episode(care=[care(share=25)])), ""),
        (lambda: study(episode(care=[care("rehab")])), ""),
        (lambda: study(episode(care=[care(days=(10, 5))])), ""),
        (lambda: study(episode(care=[care(days=(10, 91))])), ""),
        (lambda: study(episode(care=[care(days=(-1, 5))])), ""),
        (lambda: study(episode(care=[care(days=30)])), ""),
        (lambda: study(episode(care=[care(amount=-1.0)])), ""),
        (lambda: study(episode(care=[care(amount="much")])), ""),
        (lambda: study(episode(care=[care(amount=float("nan"))])), ""),
        (lambda: study(episode(care=["stays"])), ""),
        (lambda: study(episode(care=care())), ""),
        (lambda: study(episode(care=[care("drugs", amount=2_000.0)])), ""),
        (lambda: study(episode(care=[care()] * 16)), ""),
        (lambda: study(episode(absorbs="yes")), ""),
        (lambda: study(episode(relativities={"height": {1: 2}})), ""),
        (lambda: study(episode(relativities={"sex": {"female": 1.5}})), ""),
        (lambda: study(episode(relativities={"sex": 0.5})), ""),
        (lambda: study(episode(relativities={"sex": {"female": -1, "male": 1}})), ""),
        (lambda: study(episode(relativities={"age": 900})), ""),
        (lambda: study("knee"), ""),
    ],
)
def test_episodes(work, text):
    assert message(work) == text


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (lambda: with_programme(episodes=["hip"]), ""),
        (lambda: with_programme(services=["drugs"]), ""),
        (lambda: with_programme(effect=-50), ""),
        (lambda: with_programme(episodes="knee"), ""),
    ],
)
def test_programmes(work, text):
    assert message(work) == text


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (lambda: with_bundle(episodes="hip"), ""),
        (lambda: with_bundle(episodes=["knee", "knee"]), ""),
        (lambda: study(contracts=[bundle()]), ""),
        (lambda: with_bundle(target_price=None), ""),
        (lambda: with_bundle(target_price={"hip": 9_000}), ""),
        (lambda: study(episode(), episode("hip", trigger="drugs"), contracts=[bundle(episodes=["knee", "hip"], target_price={"knee": 9_000})]), ""),
        (lambda: with_bundle(target_price={"knee": 9_000, "hip": 5_000}), ""),
        (lambda: with_bundle(target_price=-1), ""),
        (lambda: with_bundle(discount=3), ""),
        (lambda: with_bundle(sharing_rate=75), ""),
        (lambda: with_bundle(stop_loss_rate=20), ""),
        (lambda: with_bundle(kind="later"), ""),
        (lambda: with_bundle(kind="prospective", sharing_rate=0.5), ""),
        (lambda: with_bundle(case_attachment=9_000), ""),
        (lambda: with_bundle(raise_to=9_000, truncate_at=8_000), ""),
        (lambda: with_bundle(post_episode_threshold=500), ""),
        (lambda: with_bundle(kind="prospective", warranty_share=0.5), ""),
        (lambda: with_bundle(settle_month=11), ""),
        (lambda: with_bundle(quality_gain_cut=0.1), ""),
        (lambda: with_bundle(quality_gain_cut=0.1, quality_score=70), ""),
        (lambda: with_bundle(quality_measures=["safety"]), ""),
        (lambda: study(episode(), contracts=[bundle(kind="prospective")], cost_sharing=ar.CostSharing(deductible=100)), ""),
        (lambda: study(episode(), contracts=[bundle(kind="prospective")], cost_sharing={"": ar.CostSharing(deductible=100)}), ""),
        (lambda: study(episode(), contracts=[bundle(kind="prospective"), bundle()]), ""),
    ],
)
def test_bundles(work, text):
    assert message(work) == text
