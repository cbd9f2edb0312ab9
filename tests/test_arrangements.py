"""Every dollar once, in random arrangements of all contracts and riders over several payers: control totals."""

import collections
from dataclasses import replace

import numpy as np
import pytest

from arrangements import PAYERS, Arrangement, differences
from atrisk import contracts

QUICK, MANY = 120, 10_000
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
    for payer in PAYERS:
        known = arrangement.recovery(payer)
        if known is not None:
            gross, recovered = known
            contracts_of_payer = arrangement.arm.payers[payer]
            (place,) = [at for at, each in enumerate(contracts_of_payer) if isinstance(each, contracts.StopLoss)]
            posted = arrangement.posted("stop_loss_recovery", f"Arm.payers[{payer}][{place}]")
            assert posted == pytest.approx(recovered, abs=0.02)
            assert 0.0 <= gross - posted <= gross + 0.02, "recovered and retained are gross"


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
    """Claims, cost shares, purchased care and own costs from the claims alone; nets; recoveries by member."""
    kinds = collections.Counter()
    for number in range(QUICK):
        arrangement = Arrangement(number)
        check(arrangement)
        check_bundles(arrangement)
        kinds.update(arrangement.kinds)
    print(kinds)
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


@pytest.mark.parametrize("account", ["episode_price", "episode_care", "episode_gain", "episode_loss"])
def test_planted_faults_of_bundles_are_caught(account):
    """What a bundle moves is noticed where it is posted twice."""
    caught = 0
    for number in range(QUICK):
        arrangement = Arrangement(number)
        transfers = list(arrangement.statement.transfers)
        doubled = [each for each in transfers if each[1][2] == account and float(each[3]) > 5_000]
        if not doubled:
            continue
        arrangement.statement = replace(arrangement.statement, transfers=[*transfers, *doubled * 5])
        with pytest.raises(AssertionError):
            check_bundles(arrangement)
        caught += 1
        if caught == 3:
            return
    assert caught, "no bundle to look at"
