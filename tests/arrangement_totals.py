"""What contracts of one payer in a random arrangement must move, from claims, members and what is found of measures."""

from collections import defaultdict
from decimal import Decimal

import numpy as np

import atrisk as ar
from arrangements import LINES, MEASURES, OWN

MONTHS = 12
YEARS = (1, 2)


class Claims:
    """Claims of a payer's members in columns: how each is borne, whether the provider gives it, allowed and paid."""

    def __init__(self, arrangement, payer):
        claims = arrangement.claims
        of = np.asarray(arrangement.panel.columns["payer"])[claims["member_ix"]] == payer
        names = claims["service"].to_numpy(dtype=object)[of]
        borne = {name: arrangement.borne[payer, name] for name, *_ in LINES}
        levels = {name: {"fee": level, "retainer": 0.0}.get(way, 1.0) for name, (way, level) in borne.items()}
        shares = {line[0]: line[4] for line in LINES}
        self.member, self.year, self.month = (claims[name].to_numpy()[of] for name in ("member_ix", "year", "month"))
        self.way = np.array([borne[name][0] for name in names], dtype=object)
        self.own = np.array([name in OWN for name in names], dtype=bool)
        self.allowed = claims["allowed"].to_numpy()[of] * np.array([levels[name] for name in names])
        self.paid = self.allowed * (1.0 - np.array([shares[name] for name in names]))
        #: What the payer pays the provider: a flat fee in place of the price.
        flat = np.array([borne[name][1] for name in names], dtype=float)
        self.billed = np.where(self.way == "flat", flat, self.paid)
        self.capitated = self.way == "capitation"


def member_months(arrangement, payer):
    """Return the months of a year; everybody is enrolled all year."""
    return MONTHS * int((np.asarray(arrangement.panel.columns["payer"]) == payer).sum())


def contracts_of(arrangement, payer, kind):
    """Return the contracts of a kind with a payer and their paths."""
    given = arrangement.arm.payers[payer]
    return [(f"Arm.payers[{payer}][{k}]", each) for k, each in enumerate(given) if isinstance(each, kind)]


def moved(arrangement, path):
    """Return dollars to the provider that a contract's ledger has, by account, year and whether it is cash as incurred.

    The months of cash of what is not are counted from the start of the year.
    """
    found = defaultdict(float)
    paths = arrangement.statement.paths
    for position, (_, payee, account), (incurred, cash), amount in arrangement.statement.transfers:
        if position is not None and paths[position] == path:
            year = (incurred - 1) // MONTHS + 1
            when = None if cash == incurred else cash - MONTHS * (year - 1)
            found[account, year, when] += float(Decimal(amount)) * (1 if payee == "provider" else -1)
    return dict(found)


# ---------------------------------------------------------------------------------------------------------
# Expected
# ---------------------------------------------------------------------------------------------------------


def recovery(arrangement, payer, claims, year):
    """Return what a payer's cover repays of a year; nothing without one."""
    covers = contracts_of(arrangement, payer, ar.StopLoss)
    if not covers:
        return 0.0
    ((_, cover),) = covers
    covered = claims.year == year
    if capitates(arrangement, payer):
        covered &= claims.capitated
    if cover.basis != "incurred":
        covered &= claims.month + cover.payment_lag_months <= int(cover.basis.split("/")[1])
    years = np.bincount(claims.member[covered], claims.paid[covered])
    return float(cover.ceded_share * np.maximum(years - cover.attachment_point, 0.0).sum())


def capitates(arrangement, payer):
    """Return whether a capitation of a payer bears anything."""
    return any(way == "capitation" for (of, _), (way, _) in arrangement.borne.items() if of == payer)


def savings(contract, claims, months, year):
    """Return what is earned, owed, paid before and passed on of a year, by account and month of cash."""
    of_year = claims.year == year
    withheld = contract.quality_withhold_rate * (1.0 - contract.quality_score)
    pmpm = contract.benchmark_pmpm * (1.0 - contract.discount_rate) * (1.0 - withheld)
    rate = contract.sharing_rate * (contract.quality_score if contract.quality_rule == "times_score" else 1.0)
    saved = pmpm * months - float(claims.allowed[of_year].sum())
    earned, owed = rate * max(saved, 0.0), contract.loss_rate * max(-saved, 0.0)
    expected = {
        ("shared_savings", contract.settle_month): earned,
        ("shared_losses", contract.settle_month): -owed,
        ("distribution", contract.settle_month): contract.recovered_share * owed - contract.distributed_share * earned,
    }
    if contract.interim_share:
        first = contract.interim_claims_months
        early = claims.allowed[of_year & (claims.month <= first)].sum()
        paid = contract.interim_share * rate * max(pmpm * months * first / MONTHS - float(early), 0.0)
        expected["interim_settlement", contract.interim_month] = paid
        expected["interim_settlement", contract.settle_month] = -paid
    return expected


def corridor(contract, claims, months, year, repaid):
    """Return what a corridor about capitated care moves of a year, net of the cover before it."""
    cost = float(claims.paid[(claims.year == year) & claims.capitated].sum()) - repaid
    withheld = contract.quality_withhold_rate * (1.0 - contract.quality_score)
    target = contract.target_pmpm * months
    target *= (1.0 - contract.discount_rate) * (1.0 - withheld)
    apart, shared = abs(cost - target), 0.0
    for low, high, share in contract.losses:
        top = np.inf if high is None else high * target
        shared += share * float(min(max(apart - low * target, 0.0), top - low * target))
    account = "corridor_receipt" if cost > target else "corridor_payment"
    return {(account, contract.settle_month): shared if cost > target else -shared}


def payments(arrangement, payer, claims, year):
    """Return claims and capitation that a payer pays the provider for a year."""
    billed = claims.billed[(claims.year == year) & claims.own & ~claims.capitated].sum()
    capitations = contracts_of(arrangement, payer, ar.Capitation)
    return float(billed) + sum(each.pmpm for _, each in capitations) * member_months(arrangement, payer)


def points(arrangement, year):
    """Return the score of a performance year in points of a hundred."""
    found = [arrangement.results.found(measure.name, "Arm", year=year) for measure in MEASURES]
    return round(100.0 * float(np.mean([met[0] / eligible[0] for met, eligible in found])), 9)


def adjustment_rate(term, exceptional, score):
    """Return the part of payments that a score of clinicians in points adds, below 0 takes."""
    threshold, rate = term["performance_threshold"], term["applicable_rate"]
    if score < threshold:
        return -rate if score <= threshold / 4 else -rate * (threshold - score) / threshold
    gained = term["scaling_factor"] * rate * (score - threshold) / (100 - threshold)
    if exceptional is not None and score >= float(exceptional["threshold"]):
        least, most, first, scaling = (
            float(exceptional[of]) for of in ("least", "most", "threshold", "scaling_factor")
        )
        gained += scaling * (least + (most - least) * (score - first) / (100 - first))
    return gained


def programme(contract, arrangement, year, paid):
    """Return what a programme of Medicare moves of a year's payments; None where the score is of a base year."""
    scored = year - contract.lag_years
    if scored < 1:
        return None
    score = points(arrangement, scored)
    when = None if contract.lag_years else contract.settle_month
    ((rule, terms),) = contract.payment_adjustment.items()
    term = {name: float(value) for name, value in terms.items() if name != "exceptional" and value is not None}
    if rule == "value_based_purchasing":
        returned = term["withhold_rate"] * score / term["divisor"] * term["slope"] * paid
        return {("withheld", None): -term["withhold_rate"] * paid, ("withhold_returned", when): returned}
    rate = adjustment_rate(term, terms["exceptional"], score)
    return {("quality_payment" if rate > 0 else "quality_penalty", when): rate * paid}


# ---------------------------------------------------------------------------------------------------------
# Compared
# ---------------------------------------------------------------------------------------------------------


def expectations(arrangement, payer):
    """Yield path, year and what a contract is expected to move, of those that are known from claims alone."""
    claims, months = Claims(arrangement, payer), member_months(arrangement, payer)
    for year in YEARS:
        repaid = recovery(arrangement, payer, claims, year)
        for path, contract in contracts_of(arrangement, payer, ar.SharedSavings):
            yield path, year, savings(contract, claims, months, year)
        for path, contract in contracts_of(arrangement, payer, ar.RiskCorridor):
            yield path, year, corridor(contract, claims, months, year, repaid)
        for path, contract in contracts_of(arrangement, payer, ar.StopLoss):
            premium = contract.premium_pmpm * months
            yield path, year, {("stop_loss_recovery", 15): repaid, ("stop_loss_premium", None): -premium}
        for path, contract in contracts_of(arrangement, payer, ar.PayForPerformance):
            if contract.payment_adjustment is not None:
                paid = payments(arrangement, payer, claims, year)
                expected = programme(contract, arrangement, year, paid)
                if expected is not None:
                    yield path, year, expected


def wrong_totals(arrangement, payer):
    """Return path, year, account and month of what is not as expected, to a cent for each of a year's months."""
    wrong = []
    for path, year, expected in expectations(arrangement, payer):
        found = {(of, when): dollars for (of, at, when), dollars in moved(arrangement, path).items() if at == year}
        for key in found.keys() | expected.keys():
            apart = found.get(key, 0.0) - expected.get(key, 0.0)
            if abs(apart) > 0.01 * MONTHS + 0.005:
                wrong.append((path, year, *key, found.get(key, 0.0), expected.get(key, 0.0)))
    return wrong
