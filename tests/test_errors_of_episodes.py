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
        (
            lambda: study(episode(window_days=0.5)),
            "knee.window_days: must be a whole number of days between 1 and 365, got 0.5",
        ),
        (
            lambda: study(episode(window_days=0)),
            "knee.window_days: must be a whole number of days between 1 and 365, got 0",
        ),
        (
            lambda: study(episode(window_days=366)),
            "knee.window_days: must be a whole number of days between 1 and 365, got 366",
        ),
        (
            lambda: study(episode(window_days=30.5)),
            "knee.window_days: must be a whole number of days between 1 and 365, got 30.5",
        ),
        (
            lambda: study(episode(paths=paths(0.5, 1.2))),
            "knee.paths[way 1].share: must be between 0 and 1, got 1.2 (did you mean 0.012?)",
        ),
        (
            lambda: study(episode(paths=paths(60, 40))),
            "knee.paths[way 0].share: must be between 0 and 1, got 60 (did you mean 0.60?)",
        ),
        (
            lambda: study(episode(paths=paths(0.5, 0.4))),
            "knee.paths: must have shares that come to 1, got 0.9 (who goes home without care has a path too)",
        ),
        (
            lambda: study(episode(paths=[*paths(0.5), *paths(0.5)])),
            'knee.paths: must have names of their own, got "way 0"',
        ),
        (
            lambda: study(episode(trigger="hip")),
            'knee.trigger: must be a service of the utilization, got "hip" '
            "(the services are drugs, knee, stays, visits)",
        ),
        (
            lambda: study(episode(trigger="visits")),
            'knee.trigger: must be a service without a part given out of network, got "visits"',
        ),
        (
            lambda: study(episode(care=[care("knee")])),
            'knee.care: must not be of the service that opens the episode, got "knee"',
        ),
        (
            lambda: study(episode(), episode("hip", trigger="drugs", care=[care("knee")])),
            'hip.care: must not be of a service that opens episodes, got "knee"',
        ),
        (
            lambda: study(episode(), episode("again")),
            'utilization.episodes: must be opened by services of their own, got "knee" twice',
        ),
        (
            lambda: study(episode(), episode(trigger="stays")),
            'utilization.episodes: must have names of their own, got "knee" twice',
        ),
        (lambda: study(episode(name=" ")), 'utilization.episodes[0].name: must not be empty, got ""'),
        (
            lambda: study(episode(death_rate=3)),
            "knee.death_rate: must be between 0 and 1, got 3 (did you mean 0.03?)",
        ),
        (
            lambda: study(episode(care=[care(share=25)])),
            "knee.care[0].share: must be between 0 and 1, got 25 (did you mean 0.25?)",
        ),
        (
            lambda: study(episode(care=[care("rehab")])),
            'knee.care[0].service: must be a service of the utilization, got "rehab" '
            "(the services are drugs, knee, stays, visits)",
        ),
        (lambda: study(episode(care=[care(days=(10, 5))])), "knee.care[0].to_day: must be between 10 and 90, got 5"),
        (
            lambda: study(episode(care=[care(days=(10, 91))])),
            "knee.care[0].to_day: must be between 10 and 90, got 91",
        ),
        (
            lambda: study(episode(care=[care(days=(-1, 5))])),
            "knee.care[0].from_day: must be between 0 and 90, got -1",
        ),
        (lambda: study(episode(care=[care(days=30)])), "knee.care[0].days: must be a first and a last day, got 30"),
        (
            lambda: study(episode(care=[care(amount=-1.0)])),
            "knee.care[0].amount.value: must be a finite number of at least 0, got -1",
        ),
        (
            lambda: study(episode(care=[care(amount="much")])),
            "knee.care[0].amount: must be a finite number, got 'much'",
        ),
        (
            lambda: study(episode(care=[care(amount=float("nan"))])),
            "knee.care[0].amount: must be a finite number, got nan",
        ),
        (lambda: study(episode(care=["stays"])), "knee.care[0]: must be an EpisodeCare, got a str"),
        (lambda: study(episode(care=care())), "knee.care: must be a list of EpisodeCare, got an EpisodeCare"),
        (
            lambda: study(episode(paths=[ar.EpisodePath("home", share=1, care=["stays"])])),
            "paths[home].care[0]: must be an EpisodeCare, got a str",
        ),
        (lambda: study(episode(paths="home")), "knee.paths: must be a list of EpisodePath, got a str"),
        (
            lambda: study(episode(care=[care("drugs", amount=2_000.0)])),
            "drugs.per_1000: must have at least the dollars that episodes bring of the line, got 1252 of 3486 a year "
            "(Episode(within_lines=False) brings its care on top of the lines)",
        ),
        (
            lambda: study(episode(care=[care()] * 16)),
            "knee.care: must bring no more than 15 kinds of care, those of all paths counted, got 16",
        ),
        (lambda: study(episode(absorbs="yes")), "knee.absorbs: must be True or False, got 'yes'"),
        (
            lambda: study(episode(relativities={"height": {1: 2}})),
            "knee.relativities.height: must be a column of the panel, got 'height' "
            "(the columns are age, sex, risk_score, entry_month, exit_month, payer, member_id, self_rated_health)",
        ),
        (
            lambda: study(episode(relativities={"sex": {"female": 1.5}})),
            "knee.relativities.sex[4]: must have a factor, got 'male' (given are ['female'])",
        ),
        (
            lambda: study(episode(relativities={"sex": 0.5})),
            "knee.relativities.sex: must map values to factors, got 0.5 (a number is for columns of numbers)",
        ),
        (
            lambda: study(episode(relativities={"sex": {"female": -1, "male": 1}})),
            "knee.relativities.sex[0]: must be a factor of at least 0, got -1",
        ),
        (
            lambda: study(episode(relativities={"age": 900})),
            "knee.relativities.age: must give finite factors of odds, got 900 "
            "(it is the change of the log odds for a unit more than the mean of the panel)",
        ),
        (
            lambda: study(episode(relativities={"age": ar.Normal(0, 1)})),
            "knee.relativities.age: must be a finite number, got Normal(mean=0, sd=1)",
        ),
        (lambda: study("knee"), "utilization.episodes[0]: must be an Episode, got a str"),
    ],
)
def test_episodes(work, text):
    assert message(work) == text


def test_care_that_can_be_read_once_is_kept():
    given = episode(care=(care() for _ in range(2)), paths=(each for each in paths(1.0)))
    assert given == episode(care=[care(), care()], paths=paths(1.0))
    assert given.to_spec() == given.to_spec()


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: with_programme(episodes=["hip"]),
            'Arm.programmes[0].episodes: must be episodes of the utilization, got "hip" (the episodes are knee)',
        ),
        (
            lambda: with_programme(services=["drugs"]),
            "Arm.programmes[0].episodes: must not be given beside services, got both (write a programme for each)",
        ),
        (
            lambda: with_programme(effect=-50),
            "Arm.programmes[0].effect: must be between -1 (no care is left) and 9, got -50 (did you mean -0.5?)",
        ),
    ],
)
def test_programmes(work, text):
    assert message(work) == text


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: with_bundle(episodes="hip"),
            'Arm[1].episodes: must be episodes of the utilization, got "hip" (the episodes are knee)',
        ),
        (
            lambda: with_bundle(episodes=["knee", "knee"]),
            'Arm[1].episodes: must name each episode once, got "knee" twice',
        ),
        (
            lambda: study(contracts=[bundle()]),
            'Arm[1].episodes: must be episodes of the utilization, got "knee" '
            "(the utilization has none: Utilization(services, episodes=[Episode(...)]))",
        ),
        (
            lambda: with_bundle(target_price=None),
            "Arm[1].target_price: must be given, got None (no price is assumed: they are published by region and year)",
        ),
        (
            lambda: with_bundle(target_price={"hip": 9_000}),
            'Arm[1].target_price: must be by episodes of the bundle, got "hip" (they are knee)',
        ),
        (
            lambda: study(
                episode(),
                episode("hip", trigger="drugs"),
                contracts=[bundle(episodes=["knee", "hip"], target_price={"knee": 9_000})],
            ),
            'Arm[1].target_price: must have a price for every episode, got none of "hip"',
        ),
        (
            lambda: with_bundle(target_price={"knee": 9_000, "hip": 5_000}),
            'Arm[1].target_price: must be by episodes of the bundle, got "hip" (they are knee)',
        ),
        (
            lambda: with_bundle(target_price=-1),
            "EpisodeBundle.target_price: must be dollars between 0 and 1e12, got -1",
        ),
        (
            lambda: with_bundle(discount=3),
            "EpisodeBundle.discount: must be between 0 and 1, got 3 (did you mean 0.03?)",
        ),
        (
            lambda: with_bundle(sharing_rate=75),
            "EpisodeBundle.sharing_rate: must be between 0 and 1, got 75 (did you mean 0.75?)",
        ),
        (
            lambda: with_bundle(stop_loss_rate=20),
            "EpisodeBundle.stop_loss_rate: must be between 0 and 1, got 20 (did you mean 0.20?)",
        ),
        (lambda: with_bundle(kind="later"), "EpisodeBundle.kind: must be retrospective or prospective, got 'later'"),
        (
            lambda: with_bundle(kind="prospective", sharing_rate=0.5),
            "EpisodeBundle.sharing_rate: must be left out where the bundle is prospective, got 0.5 "
            '(it belongs to kind="retrospective")',
        ),
        (
            lambda: with_bundle(case_attachment=9_000),
            "EpisodeBundle.case_attachment: must be left out where the bundle is retrospective, got 9000 "
            '(it belongs to kind="prospective")',
        ),
        (
            lambda: with_bundle(raise_to=9_000, truncate_at=8_000),
            "EpisodeBundle.raise_to: must not lie above truncate_at, 8000, got 9000",
        ),
        (
            lambda: with_bundle(post_episode_threshold=-500),
            "EpisodeBundle.post_episode_threshold: must be dollars between 0 and 1e12, got -500",
        ),
        (
            lambda: with_bundle(kind="prospective", warranty_share=0.5),
            "Arm[1].readmission_services: must be given where warranty_share is below 1, got none "
            "(name the services whose events in a window are readmissions)",
        ),
        (
            lambda: with_bundle(settle_month=11),
            "EpisodeBundle.settle_month: must be a whole number between 12 and 60, got 11",
        ),
        (
            lambda: with_bundle(quality_gain_cut=0.1),
            "Arm[1].quality_score: must be given, or quality_measures, got neither (the terms look at quality)",
        ),
        (
            lambda: with_bundle(quality_gain_cut=0.1, quality_score=70),
            "Arm[1].quality_score: must be between 0 and 1, got 70 (did you mean 0.70?)",
        ),
        (
            lambda: with_bundle(quality_measures=["safety"]),
            'Arm[1].quality_measures: must name measures of the study, got "safety" '
            "(the study has none: Study(..., measures=[Measure(...)]))",
        ),
        (
            lambda: study(
                episode(), contracts=[bundle(kind="prospective")], cost_sharing=ar.CostSharing(deductible=100)
            ),
            "Arm[1].kind: must not be prospective where members pay in the order of their claims, got prospective",
        ),
    ],
)
def test_bundles(work, text):
    assert message(work) == text
