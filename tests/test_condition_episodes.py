"""Episodes that a condition opens: who has one, what it counts as, what it brings, and what lines cost with it."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk import metrics

STATES = ("none", "diabetes", "complicated")
TRANSITION = [[0.9, 0.08, 0.02], [0.0, 0.8, 0.2], [0.1, 0.0, 0.9]]
RATES = {"inpatient": (300.0, 12_000.0), "visits": (5_000.0, 110.0)}
RELATIVITIES = {"visits": [1.0, 1.5, 2.5], "inpatient": [0.9, 1.4, 3.0]}
SHARE, AMOUNT = 0.3, 9_000.0
FEES = {"Fees": ar.FeeForService()}
MEMBERS = 120


def members(entry=(1,) * 4, exit_month=(12,) * 4):
    """Return members of every state, in turn, whose months of the first performance year are given in turn of four."""
    rows = np.arange(MEMBERS)
    frame = pd.DataFrame({"age": 60.0 + rows % 20, "sex": "f", "risk_score": np.where(rows % 2, 1.4, 0.7)})
    frame["state"] = np.array(STATES)[rows % 3]
    frame["entry_month"] = np.array(entry)[rows // 3 % 4]
    frame["exit_month"] = np.array(exit_month)[rows // 3 % 4]
    return frame


def population(frame=None, relativities=RELATIVITIES, **terms):
    given = {} if "shares" in terms else {"column": "state"}
    condition = ar.Condition(
        "diabetes", states=STATES, transition=TRANSITION, relativities=relativities, **given, **terms
    )
    return ar.Population.from_frame(members() if frame is None else frame, conditions=[condition])


def year_of_care(**terms):
    complication = ar.EpisodeCare("inpatient", amount=ar.Gamma(mean=AMOUNT, cv=0.5), share=SHARE, avoidable=True)
    return ar.Episode(**{"name": "year", "condition": "diabetes", "window_days": 365, "care": [complication]} | terms)


def care(*kinds, **terms):
    lines = [ar.Service(name, per_1000=rate, allowed=price, **terms) for name, (rate, price) in RATES.items()]
    return ar.Utilization(services=lines, episodes=kinds)


def study(kinds=None, panel=None, arms=FEES, **terms):
    utilization = care(*([year_of_care()] if kinds is None else kinds))
    return ar.Study(panel or population(), utilization, arms, **{"seed": 17} | terms)


def chances(year):
    """By state of the column: the chance of each state in a year."""
    return np.linalg.matrix_power(np.array(TRANSITION), max(year, 1) - 1)


def expected(year):
    """Dollars that the members are expected to have in a year, without episodes."""
    risk = population().columns["risk_score"]
    factor = {name: chances(year) @ np.array(of) for name, of in RELATIVITIES.items()}
    rows = np.arange(MEMBERS) % 3
    each = sum(rate / 1_000 * price * factor[name][rows] for name, (rate, price) in RATES.items())
    return float((risk * each).sum())


def lines(results, arm, replicate, year=1):
    frame = results.statement(arm, replicate=replicate).to_frame()
    frame = frame[(frame["kind"] == "episode_bundle") & (frame["year"] == year)]
    return dict(frame[["line", "value"]].itertuples(index=False))


@pytest.mark.parametrize("kinds", [[], [year_of_care()], [year_of_care(states=["complicated"], window_days=120)]])
@pytest.mark.parametrize(("years", "base_years"), [(1, 0), (3, 2)])
def test_lines_cost_what_they_are_calibrated_to(kinds, years, base_years):
    """With what conditions make of their rates, whether a year of care is an episode or not."""
    results = study(kinds, years=years, base_years=base_years).run(2_500, cash=False, progress=False)
    for year in range(1, years + 1):
        mean, error = metrics.mean(results.values("allowed", "Fees", year=year))
        assert abs(mean - expected(year)) < 4 * error, year


def test_shares_of_states_are_netted_too():
    """Without a column every member is in the states by their shares, and so is what is taken off the lines."""
    found = {}
    for kinds in ([], [year_of_care()]):
        panel = population(shares=(0.2, 0.5, 0.3))
        results = study(kinds, panel, years=2).run(2_500, cash=False, progress=False)
        found[len(kinds)] = [metrics.mean(results.values("allowed", "Fees", year=year)) for year in (1, 2)]
    for (without, error), (with_it, other) in zip(found[0], found[1], strict=True):
        assert abs(with_it - without) < 4 * np.hypot(error, other)


def test_care_on_top_of_the_lines_is_seen():
    results = study([year_of_care(within_lines=False)]).run(1_000, cash=False, progress=False)
    mean, error = metrics.mean(results.values("allowed", "Fees"))
    brought = MEMBERS * 2 / 3 * SHARE * AMOUNT
    assert abs(mean - expected(1) - brought) < 4 * error < brought / 4


def test_members_who_come_and_go_have_a_part_of_a_year():
    """Whole years, from April, to June, May to October: 1, 9, 6 and 6 twelfths of the price; care only while there."""
    panel = population(members(entry=(1, 4, 1, 5), exit_month=(12, 12, 6, 10)))
    bundle = ar.EpisodeBundle(episodes="year", target_price=1_200, kind="prospective")
    arms = FEES | {"Bundle": [ar.FeeForService(), bundle]}
    results = study(panel=panel, arms=arms).run(4, progress=False)
    found = lines(results, "Bundle", 2)
    have = MEMBERS * 2 // 3 // 4
    assert found["episodes"] == have + have * Decimal("0.75") + have
    assert found["target"] == found["episodes"] * 1_200
    paid = results.statement("Bundle", replicate=2).ledger().query("account == 'episode_price'")
    by_month = paid.groupby("month_incurred")["amount"].sum()
    assert by_month.to_dict() == {1: 1_200 * have + 600 * have, 4: 900 * have, 5: 600 * have}
    claims = results.study.claims(2)
    mine = claims["member_ix"] % 3 != 0
    assert float(found["actual"]) == pytest.approx(claims["allowed"][mine].sum(), abs=0.01), "all that they use"


def test_parts_of_years_are_paid_in_cents_that_add_up():
    """Elevenths and twelfths of a price that is no whole number: the statement has what its transfers come to."""
    panel = population(members(entry=(1, 2, 4, 6)))
    cover = {"case_attachment": 9_000, "stop_loss_premium": 33.337}
    bundle = ar.EpisodeBundle(episodes="year", target_price=1_234.57, kind="prospective", **cover)
    results = study(panel=panel, arms={"Bundle": [ar.FeeForService(), bundle]}).run(4, progress=False)
    for replicate in range(4):
        found = lines(results, "Bundle", replicate)
        ledger = results.statement("Bundle", replicate=replicate).ledger()
        for line, account in (("target", "episode_price"), ("premium", "stop_loss_premium")):
            assert found[line] == ledger.loc[ledger["account"] == account, "amount"].sum()
        assert abs(found["episodes"] - round(found["episodes"], 6)) == 0


def test_shorter_windows_end_before_the_year():
    """A window of 73 days is a fifth of a year: who is enrolled for a month has 1 / 2.4 of it."""
    panel = population(members(entry=(1,) * 4, exit_month=(12, 12, 1, 12)))
    bundle = ar.EpisodeBundle(episodes="year", target_price=1_000)
    arms = FEES | {"Bundle": [ar.FeeForService(), bundle]}
    results = study([year_of_care(window_days=73)], panel, arms).run(3, progress=False)
    found, claims = lines(results, "Bundle", 1), results.study.claims(1)
    have = MEMBERS * 2 // 3 // 4
    assert float(found["episodes"]) == pytest.approx(3 * have + have / 2.4)
    early = (claims["member_ix"] % 3 != 0) & (claims["month"] <= 3)
    certain = (claims["member_ix"] % 3 != 0) & (claims["month"] <= 2)
    assert claims["allowed"][certain].sum() < float(found["actual"]) < claims["allowed"][early].sum()


def test_states_change_who_has_an_episode():
    """The number of episodes of a year is that of members in its states; of the complicated alone it is theirs."""
    bundle = ar.EpisodeBundle(episodes="year", target_price=1_000)
    arms = FEES | {"Bundle": [ar.FeeForService(), bundle]}
    for states, of in ((None, [1, 2]), (["complicated"], [2]), (["none", "diabetes"], [0, 1])):
        results = study([year_of_care(states=states)], arms=arms, years=3).run(40, progress=False)
        for year in (1, 2, 3):
            number = np.array([float(lines(results, "Bundle", each, year)["episodes"]) for each in range(40)])
            chance = chances(year)[np.arange(MEMBERS) % 3][:, of].sum(axis=1)
            spread = np.sqrt((chance * (1 - chance)).sum() / len(number))
            assert abs(number.mean() - chance.sum()) <= 4 * spread, (states, year)


def test_programmes_avoid_what_is_avoidable():
    """Odds halved: a complication stays where its uniform still is below the share, and no other care moves."""
    visit = ar.EpisodeCare("visits", amount=50.0, share=0.9)
    kinds = [year_of_care(care=[*year_of_care().care, visit], within_lines=False)]
    halved = ar.Programme("care", effect=-0.5, episodes=["year"])
    nothing = ar.Programme("nothing", effect=0.0, episodes=["year"])
    arms = FEES | {
        name: ar.Arm(ar.FeeForService(), programmes=[of]) for name, of in (("Half", halved), ("No", nothing))
    }
    results = study(kinds, arms=arms).run(1_500, progress=False)
    allowed = {arm: results.values("allowed", arm) for arm in arms}
    assert np.array_equal(allowed["No"], allowed["Fees"])
    saved = allowed["Fees"] - allowed["Half"]
    assert saved.min() >= 0
    odds = 0.5 * SHARE / (1 - SHARE)
    wanted = MEMBERS * 2 / 3 * (SHARE - odds / (1 + odds)) * AMOUNT
    mean, error = metrics.mean(saved)
    assert abs(mean - wanted) < 4 * error < wanted / 10
    still = [replace(kinds[0], care=[replace(each, avoidable=False) for each in kinds[0].care])]
    unmoved = study(still, arms=arms).run(20, progress=False)
    assert np.array_equal(unmoved.values("allowed", "Half"), unmoved.values("allowed", "Fees"))


def test_only_services_that_are_relevant_count():
    bundle = ar.EpisodeBundle(episodes="year", target_price=1_000, services=["inpatient"])
    results = study(arms=FEES | {"Bundle": [ar.FeeForService(), bundle]}).run(3, progress=False)
    claims = results.study.claims(1)
    relevant = (claims["member_ix"] % 3 != 0) & (claims["service"] == "inpatient")
    assert float(lines(results, "Bundle", 1)["actual"]) == pytest.approx(claims["allowed"][relevant].sum(), abs=0.01)


def test_a_programme_is_paid_for_by_those_who_have_it():
    """Dollars for each patient-year of those it reaches, parts of years as parts, from its first month on."""
    panel = population(members(entry=(1, 4, 1, 5)))
    have = MEMBERS * 2 // 3 // 4

    def cost(**terms):
        nurse = ar.Programme("nurse", effect=0.0, episodes=["year"], **terms)
        arms = FEES | {"Nurse": ar.Arm(ar.FeeForService(), programmes=[nurse])}
        results = study(panel=panel, arms=arms).run(3, progress=False)
        ledger = results.statement("Nurse", replicate=1).ledger().query("account == 'programme_cost'")
        return ledger.groupby("month_incurred")["amount"].sum().to_dict()

    of_whole_year = {1: 200 * have * 2, 4: 150 * have, 5: Decimal(400) * have / 3}
    paid = {month: float(each) for month, each in cost(cost_per_episode=200).items()}
    assert paid == pytest.approx({month: float(each) for month, each in of_whole_year.items()}, abs=0.01)
    assert cost(cost_per_episode=200, reach=0.5)[1] == 200 * have
    assert set(cost(cost_per_episode=200, start_month=5)) == {5}
    with pytest.raises(ar.InputError, match=r"programmes\[0\]\.cost_per_episode: must be left out where no episodes"):
        study(arms={"A": ar.Arm(ar.FeeForService(), programmes=[ar.Programme("a", effect=0, cost_per_episode=3)])})


def test_a_state_opens_one_kind_of_episodes():
    kinds = [year_of_care(name=name, states=states) for name, states in (("one", None), ("two", ["complicated"]))]
    with pytest.raises(ar.InputError) as error:
        study(kinds)
    assert str(error.value) == (
        'utilization.episodes: must be opened by states of their own, got "complicated" of "one" and of "two"'
    )
    apart = [year_of_care(name=name, states=[name]) for name in STATES[1:]]
    assert study(apart).run(2, progress=False).replicates == 2


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ({"trigger": "visits"}, "year.trigger: must be given, or a condition, and not both, got both"),
        ({"condition": None}, "year.trigger: must be given, or a condition, and not both, got neither"),
        (
            {"condition": "gout"},
            'year.condition: must be a condition of the study, got "gout" (the conditions are diabetes)',
        ),
        (
            {"states": ["diabetes", "worse"]},
            'year.states: must be different states of the condition, got "worse" '
            "(the states are none, diabetes, complicated)",
        ),
        (
            {"states": ["diabetes", "diabetes"]},
            'year.states: must be different states of the condition, got "diabetes" '
            "(the states are none, diabetes, complicated)",
        ),
        ({"states": []}, "year.states: must name at least one state, got none"),
        (
            {"condition": None, "trigger": "visits", "states": ["diabetes"], "care": []},
            "year.states: must be left out where no condition opens it, got diabetes",
        ),
        (
            {"death_rate": 0.1},
            "year.death_rate: must be 0 where a condition opens it, got 0.1 "
            "(members die by the Enrolment of the study)",
        ),
    ],
)
def test_what_opens_nothing_is_refused(terms, text):
    with pytest.raises(ar.InputError) as error:
        study([year_of_care(**terms)])
    assert str(error.value) == text


def test_a_panel_without_conditions_is_refused():
    with pytest.raises(ar.InputError) as error:
        study(panel=ar.Population.from_frame(members()))
    assert str(error.value) == (
        'year.condition: must be a condition of the study, got "diabetes" '
        "(there are none: Population.from_frame(frame, conditions=[Condition(...)]))"
    )


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (
            {"raise_to": 500},
            'Bundle[1].raise_to: must be left out of episodes that a condition opens, got "year" '
            "(they count as the part of the window in which their member is enrolled)",
        ),
        (
            {"post_episode_threshold": 500},
            'Bundle[1].post_episode_threshold: must be left out of episodes that a condition opens, got "year" '
            "(the year after belongs to the next window)",
        ),
    ],
)
def test_terms_that_a_year_of_care_has_not(terms, text):
    bundle = ar.EpisodeBundle(episodes="year", target_price=1_000, **terms)
    with pytest.raises(ar.InputError) as error:
        study(arms={"Bundle": [ar.FeeForService(), bundle]})
    assert str(error.value) == text
