"""Every dollar once, in random arrangements of all contracts and riders over several payers: control totals."""

import collections

import numpy as np
import pytest

from arrangement_bundles import wrong_bundles
from arrangement_panel import AVOIDABLE, PAYERS, PREVENTION, REPLICATE, YEARS
from arrangement_totals import all_expectations, member_months, wrong_totals
from arrangement_windows import OPENED
from arrangements import QUICK, Arrangement, changed, differences, quick
from atrisk import contracts

MANY = 10_000
#: Accounts of riders that look at care, whose dollars are known from claims alone.
RIDERS = {
    *("interim_settlement", "corridor_receipt", "corridor_payment", "stop_loss_recovery"),
    *("withheld", "withhold_returned", "quality_payment", "quality_penalty"),
}
#: Prices of brought care are drawn once and multiplied by each surgeon's factor.
SAME = 1e-9
PARTIES = ("payer", "provider", "other_providers", "member", "reinsurer", "suppliers", "lender")


def check(arrangement):
    """Hold one arrangement against what its claims and its own ledger come to."""
    expected, statement, results = arrangement.care(), arrangement.statement, arrangement.results
    cents = 0.005 * len(statement.transfers) + 0.005
    assert differences(arrangement.posted, expected, len(statement.transfers)) == []
    assert results.values("allowed", "Arm")[0] == pytest.approx(expected["allowed"], abs=1e-6)
    # What is given and received of the provider, read off the ledger in cents, is what the simulation kept.
    net = float(statement.totals()["provider_net"].iloc[-1])
    assert net == pytest.approx(results.values("provider_net", "Arm")[0], abs=cents)
    given, of_all = dict.fromkeys(PARTIES, 0.0), 0.0
    for position, (payer, payee, _), _, amount in statement.transfers:
        given[payer] -= float(amount)
        given[payee] += float(amount)
        if position is not None and statement.paths[position].startswith("Arm["):
            of_all += float(amount) * ((payer == "payer") - (payee == "payer"))
    assert sum(given.values()) == pytest.approx(0.0, abs=1e-6)
    assert -given["payer"] == pytest.approx(results.values("payer_spend", "Arm")[0], abs=cents)
    parts = [results.values("payer_spend", "Arm", payer=payer)[0] for payer in PAYERS]
    assert sum(parts) + of_all == pytest.approx(results.values("payer_spend", "Arm")[0], abs=cents)
    assert wrong_bundles(arrangement) == []
    assert wrong_totals(arrangement) == []
    check_episodes(arrangement)


def check_episodes(arrangement):
    """Hold what episodes bring against their programme and their surgeons."""
    programmes, claims = arrangement.arm.programmes, arrangement.all_claims
    months = sum(member_months(arrangement, None, year) for year in range(1, YEARS + 1))
    begin = sum(
        float(windows.counts[windows.year >= 1].sum())
        for windows in (opened(arrangement, claims) for opened in OPENED.values())
    )
    cost = (PREVENTION.start_cost + months + PREVENTION.cost_per_episode * begin) * bool(programmes)
    # In cents of each month and kind of episodes.
    assert arrangement.posted("programme_cost") == pytest.approx(cost, abs=0.005 * 2 * 12 * YEARS)
    baseline = arrangement.study.claims(REPLICATE)
    avoided = int(baseline["service"].isin(AVOIDABLE).sum()) if programmes else 0
    assert len(arrangement.claims.row) == len(baseline) - avoided
    surgeon = np.asarray(arrangement.panel.columns["surgeon"])[claims.row]
    for line, dollars in AVOIDABLE.items():
        kind = {"complications": "surgery", "crises": "chronic"}[line]
        spreads = any(effect.price_cv > 0 for effect in arrangement.episodes[kind].effects)
        of_surgeons = [claims.price[(claims.service == line) & (surgeon == name)] for name in np.unique(surgeon)]
        firsts = [prices[0] for prices in of_surgeons if prices.size]
        assert not spreads or len(set(firsts)) == len(firsts)
        for prices in of_surgeons:
            assert np.allclose(prices, prices[:1] if spreads else dollars, rtol=SAME)


def test_every_dollar_reaches_its_receiver_once():
    """Claims, cost shares, purchased care and own costs from the claims alone; nets; what riders of a payer move."""
    kinds, known = collections.Counter(), collections.Counter()
    for number in range(QUICK):
        arrangement = quick(number)
        check(arrangement)
        kinds.update(arrangement.kinds)
        for _, _, expected in all_expectations(arrangement):
            known.update(account for (account, _), dollars in expected.items() if abs(dollars) > 1.0)
    print(kinds, known)
    assert set(known) == RIDERS | {"shared_savings", "shared_losses", "distribution", "stop_loss_premium"}
    assert min(known.values()) >= 10
    assert set(kinds) == set(contracts.__all__) - {"Contract"}
    assert min(kinds.values()) >= 10


@pytest.mark.slow
def test_every_dollar_of_10_000_arrangements():
    for number in range(QUICK, MANY):
        check(Arrangement(number))


@pytest.mark.parametrize("fault", ["twice", "lost", "to another account"])
def test_planted_faults_are_caught(fault):
    """A transfer of care that is posted twice, lost, or booked elsewhere is noticed, whichever it is."""
    caught = 0
    for number in range(12):
        arrangement = quick(number)
        transfers = list(arrangement.statement.transfers)
        accounts = {"claim", "cost_share", "purchased_care", "own_cost"}
        large = [at for at, (_, (_, _, of), _, amount) in enumerate(transfers) if of in accounts and float(amount) > 20]
        place = int(np.random.default_rng(number).choice(large))
        position, parties, months, amount = transfers[place]
        if fault == "twice":
            transfers.append(transfers[place])
        elif fault == "lost":
            transfers.pop(place)
        else:
            transfers[place] = (position, (*parties[:2], "interest"), months, amount)
        caught += bool(differences(changed(arrangement, transfers).posted, arrangement.care(), len(transfers)))
    assert caught == 12


def of_riders(arrangement, account):
    """Return places of transfers of more than a dollar that are expected of riders in an account."""
    expected = {
        (path, year) for path, year, dollars in all_expectations(arrangement) if account in {of for of, _ in dollars}
    }
    paths = arrangement.statement.paths
    return [
        at
        for at, (position, (_, _, of), (incurred, _), amount) in enumerate(arrangement.statement.transfers)
        if of == account and position is not None and float(amount) > 1.0
        if (paths[position], (incurred - 1) // 12 + 1) in expected
    ]


@pytest.mark.parametrize("fault", ["twice", "lost", "a month later"])
@pytest.mark.parametrize("account", sorted(RIDERS))
def test_planted_faults_of_riders_are_caught(account, fault):
    """A transfer of a rider that is posted twice, lost, or moves a month later is noticed, in whichever account."""
    caught = 0
    for number in range(QUICK):
        arrangement = quick(number)
        places = of_riders(arrangement, account)
        if not places:
            continue
        transfers = list(arrangement.statement.transfers)
        position, parties, (incurred, cash), amount = transfers.pop(places[0])
        if fault == "twice":
            transfers += 2 * [(position, parties, (incurred, cash), amount)]
        elif fault == "a month later":
            transfers.append((position, parties, (incurred, cash + 1), amount))
        assert wrong_totals(changed(arrangement, transfers))
        caught += 1
        if caught == 3:
            break
    assert caught == 3
