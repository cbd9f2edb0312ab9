"""Every dollar once, in random arrangements of all contracts and riders over several payers: control totals."""

import collections
from dataclasses import replace

import numpy as np
import pytest

from arrangement_totals import expectations, wrong_totals
from arrangements import PAYERS, Arrangement, differences
from atrisk import contracts

QUICK, MANY = 120, 10_000
#: Accounts of riders that look at care, whose dollars are known from claims alone.
RIDERS = {
    *("interim_settlement", "corridor_receipt", "corridor_payment", "stop_loss_recovery"),
    *("withheld", "withhold_returned", "quality_payment", "quality_penalty"),
}
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
    given = dict.fromkeys(PARTIES, 0.0)
    for _, (payer, payee, _), _, amount in statement.transfers:
        given[payer] -= float(amount)
        given[payee] += float(amount)
    assert sum(given.values()) == pytest.approx(0.0, abs=1e-6)
    assert -given["payer"] == pytest.approx(results.values("payer_spend", "Arm")[0], abs=cents)
    parts = [results.values("payer_spend", "Arm", payer=payer)[0] for payer in PAYERS]
    assert sum(parts) <= results.values("payer_spend", "Arm")[0] + cents
    assert [wrong for payer in PAYERS for wrong in wrong_totals(arrangement, payer)] == []


def check_bundles(arrangement):
    """Hold each bundle against the operations and the claims of its payer's members."""
    for payer, path, bundle in arrangement.bundles():
        if bundle.kind == "retrospective":
            gains, losses = arrangement.reconciled(payer, bundle)
            assert arrangement.posted("episode_gain", path) == pytest.approx(gains, abs=0.011)
            assert arrangement.posted("episode_loss", path) == pytest.approx(losses, abs=0.011)
            continue
        price = round(bundle.target_price * (1 - bundle.discount) + 1e-9, 2)
        count = len(arrangement.operations(payer))
        assert arrangement.posted("episode_price", path) == pytest.approx(count * price, abs=0.005)
        least, most = arrangement.care_between(payer)
        assert least - 0.005 <= arrangement.posted("episode_care", path, 12) <= most + 0.005


def test_every_dollar_reaches_its_receiver_once():
    """Claims, cost shares, purchased care and own costs from the claims alone; nets; what riders of a payer move."""
    kinds, known = collections.Counter(), collections.Counter()
    for number in range(QUICK):
        arrangement = Arrangement(number)
        check(arrangement)
        check_bundles(arrangement)
        kinds.update(arrangement.kinds)
        for payer in PAYERS:
            for _, _, expected in expectations(arrangement, payer):
                known.update(account for (account, _), dollars in expected.items() if abs(dollars) > 1.0)
    print(kinds, known)
    assert set(known) == RIDERS | {"shared_savings", "shared_losses", "distribution", "stop_loss_premium"}
    assert min(known.values()) >= 10
    assert set(kinds) == set(contracts.__all__) - {"Contract"}
    assert min(kinds.values()) >= 10


@pytest.mark.slow
def test_every_dollar_of_10_000_arrangements():
    for number in range(QUICK, MANY):
        arrangement = Arrangement(number)
        check(arrangement)
        check_bundles(arrangement)


@pytest.mark.parametrize("fault", ["twice", "lost", "to another account"])
def test_planted_faults_are_caught(fault):
    """A transfer of care that is posted twice, lost, or booked elsewhere is noticed, whichever it is."""
    caught = 0
    for number in range(12):
        arrangement = Arrangement(number)
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
        arrangement.statement = replace(arrangement.statement, transfers=transfers)
        caught += bool(differences(arrangement.posted, arrangement.care(), len(transfers)))
    assert caught == 12


def of_riders(arrangement, account):
    """Return places of transfers of more than a dollar that are expected of riders in an account."""
    expected = {
        (path, year)
        for payer in PAYERS
        for path, year, dollars in expectations(arrangement, payer)
        if account in {of for of, _ in dollars}
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
        arrangement = Arrangement(number)
        places = of_riders(arrangement, account)
        if not places:
            continue
        transfers = list(arrangement.statement.transfers)
        position, parties, (incurred, cash), amount = transfers.pop(places[0])
        if fault == "twice":
            transfers += 2 * [(position, parties, (incurred, cash), amount)]
        elif fault == "a month later":
            transfers.append((position, parties, (incurred, cash + 1), amount))
        arrangement.statement = replace(arrangement.statement, transfers=transfers)
        assert any(wrong_totals(arrangement, payer) for payer in PAYERS)
        caught += 1
        if caught == 3:
            break
    assert caught == 3


@pytest.mark.parametrize("account", ["episode_price", "episode_care", "episode_gain", "episode_loss"])
def test_planted_faults_of_bundles_are_caught(account):
    """What a bundle moves is noticed where it is posted twice, and of care where it is posted many times."""
    caught = 0
    for number in range(QUICK):
        arrangement = Arrangement(number)
        transfers = list(arrangement.statement.transfers)
        doubled = [each for each in transfers if each[1][2] == account and float(each[3]) > 5_000]
        if not doubled:
            continue
        # Of care there are only a least and a most.
        times = 5 if account == "episode_care" else 1
        arrangement.statement = replace(arrangement.statement, transfers=[*transfers, *doubled * times])
        with pytest.raises(AssertionError):
            check_bundles(arrangement)
        caught += 1
        if caught == 3:
            break
    assert caught == 3
