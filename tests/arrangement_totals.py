"""What contracts of one payer in a random arrangement must move, from claims, members and what is found of measures."""

from collections import defaultdict
from decimal import Decimal

import numpy as np

import atrisk as ar
from arrangement_bundle_terms import PAID_SHARE
from arrangement_bundles import paid_for_episodes
from arrangement_panel import BASE_YEARS, MEASURES, OWN, PAYERS

MONTHS = 12
YEARS = (1, 2)


class Claims:
    """Claims of members of a payer, or of all, in columns: how each is borne, who gives it, allowed and paid."""

    def __init__(self, arrangement, payer):
        every = arrangement.all_claims
        of = arrangement.members_of(payer, 1)[every.row]
        claims = type(every)(*(column[of] for column in every))
        self.member, self.year, self.month = claims.row, claims.year, claims.time % MONTHS + 1
        self.own = np.isin(claims.service, OWN)
        self.allowed = claims.price * arrangement.levels(claims)
        self.paid = self.allowed * np.array([PAID_SHARE[name] for name in claims.service])
        # Who is attributed matters in base years too.
        known = np.clip(self.year, 1 - BASE_YEARS, YEARS[-1])
        self.attributed = np.array(
            [arrangement.standing[year].attributed[row] for row, year in zip(self.member, known, strict=True)],
            dtype=bool,
        )
        ways = arrangement.ways(claims)
        self.capitated = ways == "capitation"
        #: What the payer pays the provider: for members of a medical home a flat fee in place of the price.
        pairs = zip(arrangement.payer[claims.row], claims.service, strict=True)
        flat = np.array([arrangement.borne[pair][1] for pair in pairs])
        self.billed = np.where((ways == "flat") & self.attributed, flat, self.paid)


def member_months(arrangement, payer, year, *, attributed=None, first=MONTHS):
    """Return the months of a year, or of its first ones, in which members are there: of all, or of those attributed."""
    standing = arrangement.standing[year]
    whose = arrangement.members_of(payer, year, attributed=attributed)
    until = np.minimum(standing.first + standing.months, first + 1)
    return int(np.maximum(until - standing.first, 0)[whose].sum())


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
    covers = arrangement.contracts_of(payer, ar.StopLoss)
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


def spending(contract, arrangement, payer, claims, year):
    """Return what shared savings counts of a year: claims, truncated by member, and what bundles pay."""
    of_year = (claims.year == year) & claims.attributed
    dollars = (claims.allowed if contract.basis == "allowed" else claims.paid)[of_year]
    years = np.bincount(claims.member[of_year], dollars)
    care = float(np.minimum(years, contract.truncation or np.inf).sum())
    counts = contract.episode_payments == "counted" and year in YEARS
    return care + (paid_for_episodes(arrangement, payer, year) if counts else 0.0)


def benchmark_pmpm(contract, arrangement, payer, claims, year):
    """Return dollars per member per month that a year is compared with: given, or trended from base years."""
    benchmark = contract.benchmark
    if benchmark is None:
        return contract.benchmark_pmpm
    later, pmpm = (year - 1 if benchmark.rebase_every else 0), 0.0
    for base, weight in zip(range(1 - BASE_YEARS + later, 1 + later), benchmark.weights, strict=True):
        months = member_months(arrangement, payer, base, attributed=True)
        if months:
            spent = spending(contract, arrangement, payer, claims, base)
            pmpm += weight * spent / months * (1.0 + benchmark.trend_rate) ** (year - base)
    return pmpm


def savings(contract, arrangement, payer, claims, year):
    """Return what is earned, owed, paid before and passed on of a year, by account and month of cash."""
    withheld = contract.quality_withhold_rate * (1.0 - contract.quality_score)
    pmpm = benchmark_pmpm(contract, arrangement, payer, claims, year)
    pmpm *= (1.0 - contract.discount_rate) * (1.0 - withheld)
    rate = contract.sharing_rate * (contract.quality_score if contract.quality_rule == "times_score" else 1.0)
    months = member_months(arrangement, payer, year, attributed=True)
    saved = pmpm * months - spending(contract, arrangement, payer, claims, year)
    earned, owed = rate * max(saved, 0.0), contract.loss_rate * max(-saved, 0.0)
    expected = {
        ("shared_savings", contract.settle_month): earned,
        ("shared_losses", contract.settle_month): -owed,
        ("distribution", contract.settle_month): contract.recovered_share * owed - contract.distributed_share * earned,
    }
    if contract.interim_share:
        first = contract.interim_claims_months
        early = (claims.year == year) & claims.attributed & (claims.month <= first)
        spent = float((claims.allowed if contract.basis == "allowed" else claims.paid)[early].sum())
        compared = pmpm * member_months(arrangement, payer, year, attributed=True, first=first)
        paid = contract.interim_share * rate * max(compared - spent, 0.0)
        expected["interim_settlement", contract.interim_month] = paid
        expected["interim_settlement", contract.settle_month] = -paid
    return expected


def corridor(contract, arrangement, payer, claims, year):
    """Return what a corridor moves of a year.

    The payer's shares are of capitated care, net of the cover before it; the provider's of all other care of those
    attributed, and what bundles pay.
    """
    repaid = recovery(arrangement, payer, claims, year)
    of_payer = contract.share_of == "payer"
    of_year = (claims.year == year) & (claims.capitated if of_payer else ~claims.capitated & claims.attributed)
    cost = float(claims.paid[of_year].sum()) - (repaid if of_payer else 0.0)
    if not of_payer and contract.episode_payments == "counted":
        cost += paid_for_episodes(arrangement, payer, year)
    withheld = contract.quality_withhold_rate * (1.0 - contract.quality_score)
    target = contract.target_pmpm * member_months(arrangement, payer, year, attributed=None if of_payer else True)
    target *= (1.0 - contract.discount_rate) * (1.0 - withheld)
    apart, shared = abs(cost - target), 0.0
    for low, high, share in contract.losses:
        top = np.inf if high is None else high * target
        shared += share * float(min(max(apart - low * target, 0.0), top - low * target))
    receives = (cost > target) == of_payer
    account = "corridor_receipt" if receives else "corridor_payment"
    return {(account, contract.settle_month): shared if receives else -shared}


def payments(arrangement, payer, claims, year):
    """Return claims and capitation that a payer pays the provider for a year."""
    billed = claims.billed[(claims.year == year) & claims.own & ~claims.capitated].sum()
    capitations = arrangement.contracts_of(payer, ar.Capitation)
    return float(billed) + sum(each.pmpm for _, each in capitations) * member_months(arrangement, payer, year)


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
    claims = Claims(arrangement, payer)
    for year in YEARS:
        for path, contract in arrangement.contracts_of(payer, ar.SharedSavings):
            yield path, year, savings(contract, arrangement, payer, claims, year)
        if payer is None:
            continue
        for path, contract in arrangement.contracts_of(payer, ar.RiskCorridor):
            yield path, year, corridor(contract, arrangement, payer, claims, year)
        for path, contract in arrangement.contracts_of(payer, ar.StopLoss):
            premium = contract.premium_pmpm * member_months(arrangement, payer, year)
            repaid = recovery(arrangement, payer, claims, year)
            yield path, year, {("stop_loss_recovery", 15): repaid, ("stop_loss_premium", None): -premium}
        for path, contract in arrangement.contracts_of(payer, ar.PayForPerformance):
            if contract.payment_adjustment is not None:
                paid = payments(arrangement, payer, claims, year)
                expected = programme(contract, arrangement, year, paid)
                if expected is not None:
                    yield path, year, expected


def all_expectations(arrangement):
    """Yield those of every payer, and of all payers together."""
    for payer in (*PAYERS, None):
        yield from expectations(arrangement, payer)


def wrong_totals(arrangement):
    """Return path, year, account and month of what is not as expected, to a cent for each of a year's months."""
    wrong = []
    for path, year, expected in all_expectations(arrangement):
        found = {(of, when): dollars for (of, at, when), dollars in moved(arrangement, path).items() if at == year}
        for key in found.keys() | expected.keys():
            apart = found.get(key, 0.0) - expected.get(key, 0.0)
            if abs(apart) > 0.01 * MONTHS + 0.005:
                wrong.append((path, year, *key, found.get(key, 0.0), expected.get(key, 0.0)))
    return wrong
