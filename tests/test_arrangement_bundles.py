"""Bundles in random arrangements: what they move to the cent, what savings count of it, and that faults are noticed."""

import collections
import copy

import pytest

import arrangement_totals
import atrisk as ar
from arrangement_bundle_terms import bundles
from arrangement_bundles import (
    PAYS,
    TAKES,
    bundles_of,
    expected_of_bundle,
    paid_for_episodes,
    wrong_bundles,
)
from arrangement_panel import LINES, PAYERS, YEARS
from arrangement_totals import Claims, member_months, wrong_totals
from arrangements import QUICK, Arrangement, changed, quick

ACCOUNTS = (*PAYS, *TAKES, "stop_loss_premium", "stop_loss_recovery")
#: Terms that are left out of one expectation after the other; of the price another is put in its place.
NOT_LEFT_OUT = {
    "episodes",
    "kind",
    "source",
    "notes",
    "quality_discounts",
    "quality_loss_discounts",
    "quality_measures",
}
TERMS = [name for name in ar.EpisodeBundle.__dataclass_fields__ if name not in NOT_LEFT_OUT]


def without(bundle, term):
    """Return a bundle as if a term had not been given, whatever goes with it."""
    other = copy.copy(bundle)
    default = ar.EpisodeBundle.__dataclass_fields__[term].default
    if term == "target_price":
        default = {kind: price + 10 for kind, price in bundle.target_price.items()}
    object.__setattr__(other, term, default)
    return other


def is_noticed(arrangement, payer, path, bundle, term):
    """Return whether what a bundle has moved is not what it would move without a term."""
    found, months = arrangement.posted_of_bundles
    if term == "settle_month":
        cash = {month for (of, _, _), when in months.items() if of == path for month in when}
        return bundle.settle_month != without(bundle, term).settle_month and bundle.settle_month in cash
    expected = expected_of_bundle(arrangement, payer, without(bundle, term))
    return any(
        not bounds.hold(found[path, year, account])
        for year, accounts in expected.items()
        for account, bounds in accounts.items()
    )


def test_what_bundles_move_is_mostly_known_to_the_cent():
    """Most figures have no leeway: each account of many bundles, with dollars in it."""
    figures, known, moving = collections.Counter(), collections.Counter(), collections.Counter()
    for number in range(QUICK):
        for accounts in quick(number).expected_of_bundles.values():
            figures.update(list(accounts))
            known.update(account for account, bounds in accounts.items() if bounds.known)
            moving.update(account for account, bounds in accounts.items() if bounds.known and bounds.least > 1)
    print(figures, known, moving)
    assert set(figures) == set(ACCOUNTS)
    assert min(known[account] / figures[account] for account in ACCOUNTS) > 0.7
    assert min(moving.values()) >= 40


@pytest.mark.parametrize("term", TERMS)
def test_a_term_that_is_forgotten_is_noticed(term):
    """Every term of a bundle moves dollars in some arrangements, and they are not what they would be without it."""
    noticed = 0
    for number in range(10 * QUICK):
        arrangement = quick(number)
        for payer, path, bundle in bundles_of(arrangement):
            if getattr(bundle, term) != getattr(without(bundle, term), term):
                noticed += is_noticed(arrangement, payer, path, bundle, term)
        if noticed >= 3:
            return
    pytest.fail(f"{term}: noticed {noticed} times")


@pytest.mark.parametrize("fault", ["twice", "lost", "a month later"])
@pytest.mark.parametrize("account", ACCOUNTS)
def test_planted_faults_are_caught(account, fault):
    """What a bundle moves is noticed where it is posted twice, lost or moves a month later, in whichever account."""
    caught = 0
    for number in range(QUICK):
        arrangement = quick(number)
        paths = {path for _, path, _ in bundles_of(arrangement)}
        known = arrangement.expected_of_bundles
        transfers = list(arrangement.statement.transfers)
        places = [
            at
            for at, (position, (_, _, of), (incurred, _), amount) in enumerate(transfers)
            if of == account and position is not None and arrangement.statement.paths[position] in paths
            if float(amount) > 1
            if known[arrangement.statement.paths[position], (incurred - 1) // 12 + 1][account].known
        ]
        if not places:
            continue
        position, parties, (incurred, cash), amount = transfers.pop(places[-1])
        if fault == "twice":
            transfers += 2 * [(position, parties, (incurred, cash), amount)]
        elif fault == "a month later":
            transfers.append((position, parties, (incurred, cash + 1), amount))
        assert wrong_bundles(changed(arrangement, transfers))
        caught += 1
        if caught == 3:
            return
    pytest.fail(f"{account} {fault}: {caught} found")


def only(accounts):
    """Return what bundles pay and take in some accounts alone."""

    def paid(arrangement, payer, year):
        found, _ = arrangement.posted_of_bundles
        return sum(
            found[path, year, account] * (1 if account in PAYS else -1)
            for of, path, bundle in bundles_of(arrangement)
            for account in accounts
            if not bundle.excludes_attributed and payer in (None, of)
        )

    return paid


def of_everybody(arrangement, payer, year):
    """Return what bundles pay, those of members who are not attributed among them."""
    found, _ = arrangement.posted_of_bundles
    paths = [path for of, path, _ in bundles_of(arrangement) if payer in (None, of)]
    return sum(found[path, year, account] for path in paths for account in PAYS) - sum(
        found[path, year, account] for path in paths for account in TAKES
    )


FAULTS = {
    "not counted": lambda *_: 0.0,
    "counted twice": lambda *of: 2 * paid_for_episodes(*of),
    "taken off": lambda *of: -paid_for_episodes(*of),
    "no gains": only(("episode_price", *TAKES)),
    "no losses": only((*PAYS, "episode_care")),
    "no prices": only(("episode_gain", *TAKES)),
    "no charges": only((*PAYS, "episode_loss")),
    "of those not attributed too": of_everybody,
    "of the next year": lambda arrangement, payer, year: paid_for_episodes(arrangement, payer, YEARS + 1 - year),
}


@pytest.mark.parametrize("contract", [ar.SharedSavings, ar.RiskCorridor])
@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_counted_wrongly_is_noticed(contract, fault, monkeypatch):
    """Savings and corridors that count other payments of bundles than they should are noticed."""
    monkeypatch.setattr(arrangement_totals, "paid_for_episodes", FAULTS[fault])
    noticed = 0
    for number in range(3 * QUICK):
        arrangement = quick(number)
        wrong = {path for path, *_ in wrong_totals(arrangement)}
        for payer in (*PAYERS, None):
            noticed += sum(path in wrong for path, _ in arrangement.contracts_of(payer, contract))
        if noticed >= 3:
            return
    pytest.fail(f"noticed {noticed} times")


# ---------------------------------------------------------------------------------------------------------
# An organization that shares everything
# ---------------------------------------------------------------------------------------------------------


def of_everything(benchmark, overlap):
    """Return contracts that give the provider all that is saved of a benchmark, and let it owe all that is not."""
    bands = ((0.0, None, 1.0),)
    terms = {"episode_payments": overlap}
    return {
        "savings": ar.SharedSavings(benchmark_pmpm=benchmark, sharing_rate=1, loss_rate=1, **terms),
        "corridor": ar.RiskCorridor(losses=bands, share_of="provider", target_pmpm=benchmark, **terms),
    }


class Shared(Arrangement):
    """An arrangement of fees and bundles with payers, and an organization that shares everything with all."""

    def __init__(self, number, overlap, contract):
        self.benchmark = 300.0 + 20.0 * number
        self.shares = of_everything(self.benchmark, overlap)[contract]
        super().__init__(number)

    def _arm(self, random, *, attribution):
        level = random.between(0.6, 1.2)
        for payer in PAYERS:
            ways = {name: ("fee", level) if own else ("none", 1.0) for name, *_, own in LINES}
            self.borne |= {(payer, name): way for name, way in ways.items()}
        fees = ar.FeeForService(fee_level=level)
        return ar.Arm(
            [self.shares], payers={payer: [fees, *bundles(random, attribution=attribution)] for payer in PAYERS}
        )


@pytest.mark.parametrize("contract", ["savings", "corridor"])
@pytest.mark.parametrize("overlap", ["counted", "apart"])
def test_an_organization_that_shares_everything_leaves_the_payer_with_the_benchmark(overlap, contract):
    """Whatever bundles stand before it; looked at apart, the payer pays what these come to as well.

    Members who are not attributed are paid for as ever, their bundles too.
    """
    moved = 0
    for number in range(30):
        shared = Shared(number, overlap, contract)
        claims, spend = Claims(shared, None), 0.0
        found, _ = shared.posted_of_bundles
        of_others = {path for _, path, bundle in bundles_of(shared) if bundle.excludes_attributed}
        apart = 0.0
        for (path, _, account), dollars in found.items():
            sign = (account in PAYS) - (account in TAKES)
            spend += sign * dollars * (path in of_others)
            apart += sign * dollars * (path not in of_others)
        for year in range(1, YEARS + 1):
            spend += shared.benchmark * member_months(shared, None, year, attributed=True)
            spend += float(claims.paid[(claims.year == year) & ~claims.attributed].sum())
        moved += abs(apart) > 100
        spend += apart if overlap == "apart" else 0.0
        cents = 0.005 * (YEARS + len(found)) + 1e-6
        assert wrong_bundles(shared) == []
        assert shared.results.values("payer_spend", "Arm")[0] == pytest.approx(spend, abs=cents)
    assert moved >= 10
