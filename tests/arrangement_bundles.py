"""What bundles of a random arrangement must move, from claims, members and terms, apart from the core and its ledger.

Every figure is the least and the most that it can be (`Bounds`). Both are the same unless a claim lies where the month
does not tell whether a window holds it, or dollars are half a cent to their last digits; where base years make a price
of such windows, nothing is known of it.
"""

import math
from collections import defaultdict
from typing import NamedTuple

import numpy as np

import atrisk as ar
from arrangement_bundle_terms import PAID_SHARE
from arrangement_panel import BASE_YEARS, YEARS
from arrangement_windows import MONTHS, OPENED, after, inside

#: Dollars by which figures may be apart before they are rounded: facts have nine decimals, multiplied by prices.
EDGE = 5e-5
#: Cents by which products of terms may miss half a cent, which is exact in decimals.
NUDGE = 1e-6
#: Accounts of what a bundle pays, and of what it takes.
PAYS, TAKES = ("episode_price", "episode_gain"), ("episode_care", "episode_loss")
#: Accounts whose cash moves as episodes begin; that of all others when the bundle settles.
AT_ONCE = ("episode_price", "stop_loss_premium")


class Bounds(NamedTuple):
    """The least and the most of a figure."""

    least: float
    most: float

    @property
    def known(self):
        """Whether both are the same, and a number."""
        return self.least == self.most and math.isfinite(self.least)

    def hold(self, dollars):
        """Return whether dollars, which are whole cents, lie between them."""
        return self.least - 1e-6 <= dollars <= self.most + 1e-6


UNKNOWN = Bounds(-math.inf, math.inf)


def cents(dollars):
    """Return whole cents, halves away from zero."""
    return math.copysign(math.floor(abs(dollars) * 100 + 0.5 + NUDGE), dollars) / 100


def rounded(least, most):
    """Return bounds in whole cents."""
    return Bounds(cents(least - EDGE), cents(most + EDGE))


def of_kind(term, kind, default=None):
    """Return a term of a kind of episodes."""
    value = term.get(kind) if isinstance(term, dict) else term
    return default if value is None else value


class OfKind(NamedTuple):
    """Windows of a kind that a bundle is of, and dollars in them and after them, (windows,) each."""

    year: np.ndarray
    month: np.ndarray
    counts: np.ndarray
    multiplier: np.ndarray
    least: np.ndarray
    most: np.ndarray
    after_least: np.ndarray
    after_most: np.ndarray

    def of_year(self, year):
        """Return those that begin in a year."""
        return OfKind(*(column[self.year == year] for column in self))


def multipliers(bundle, panel):
    """Return what the price of each member is multiplied with, (members,)."""
    product = np.ones(len(panel))
    for name, effect in (bundle.target_multipliers or {}).items():
        values = np.asarray(panel.columns[name])
        if isinstance(effect, dict):
            product *= np.array([effect[value] for value in values])
        else:
            product *= np.exp(effect * (values - values.mean()))
    return product


def values_of(arrangement, bundle, claims, *, borne):
    """Return what each claim counts for: allowed, or what the payer pays, and of that what the provider bears."""
    value = claims.price * arrangement.levels(claims)
    if bundle.kind == "prospective":
        billed = ~np.isin(arrangement.ways(claims), ("capitation", "retainer"))
        value = value * np.array([PAID_SHARE[name] for name in claims.service]) * billed
    if bundle.services is not None:
        value = value * np.isin(claims.service, bundle.services)
    if borne and bundle.readmission_services:
        value = np.where(np.isin(claims.service, bundle.readmission_services), bundle.warranty_share, 1.0) * value
    return value


def cases_of(arrangement, payer, bundle, kind):
    """Return the windows of a kind whose members are a bundle's, and their dollars.

    Windows that begin in base years hold the care of the baseline wherever they end.
    """
    of_base = _cases_of(arrangement, payer, bundle, kind, arrangement.baseline_claims)
    later, base = _cases_of(arrangement, payer, bundle, kind, arrangement.all_claims), of_base.year < 1
    columns = zip(of_base, later, strict=True)
    return OfKind(*(np.concatenate((of[base], after_[later.year >= 1])) for of, after_ in columns))


def _cases_of(arrangement, payer, bundle, kind, claims):
    windows = OPENED[kind](arrangement, claims)
    attributed = not bundle.excludes_attributed
    whose = {year: arrangement.members_of(payer, year, attributed=attributed) for year in arrangement.standing}
    its = np.array([whose[year][row] for row, year in zip(windows.row, windows.year, strict=True)], dtype=bool)
    windows = windows._replace(**{name: getattr(windows, name)[its] for name in windows._fields if name != "dies"})
    borne = values_of(arrangement, bundle, claims, borne=True)
    least, most = (which @ borne for which in inside(claims, windows))
    later = after(claims, windows, bundle.post_episode_days)
    allowed = values_of(arrangement, bundle, claims, borne=False)
    after_least, after_most = (which @ allowed for which in later)
    multiplier = multipliers(bundle, arrangement.panel)[windows.row]
    return OfKind(windows.year, windows.month, windows.counts, multiplier, least, most, after_least, after_most)


def truncated(bundle, kind, dollars):
    """Return what cases count for: of a price that is paid before all of it."""
    return np.clip(dollars, of_kind(bundle.raise_to, kind, 0.0), of_kind(bundle.truncate_at, kind, math.inf))


def price_of(bundle, kind, cases, year):
    """Return the price of a kind in a year, before discount and multipliers; None where base years are not known."""
    given, baseline = float(of_kind(bundle.target_price, kind)), bundle.baseline
    if baseline is None:
        return given
    weights = baseline.weights or [1.0 / BASE_YEARS] * BASE_YEARS
    total, of_weights = 0.0, 0.0
    for base, weight in zip(range(1 - BASE_YEARS, 1), weights, strict=True):
        then = cases.of_year(base)
        number = float((then.counts * then.multiplier).sum())
        least, most = (float(truncated(bundle, kind, dollars).sum()) for dollars in (then.least, then.most))
        if least != most:
            return None
        if number > 0:
            total += weight * (1.0 + baseline.trend) ** (year - base) * least / number
            of_weights += weight
    if of_weights == 0.0:
        return given
    return baseline.own_share * total / of_weights + (1.0 - baseline.own_share) * given


# ---------------------------------------------------------------------------------------------------------
# Reconciled afterwards
# ---------------------------------------------------------------------------------------------------------


def reconciled(bundle, target, spent, excess):
    """Return what the provider receives of a year's episodes, below zero what it owes, before it is rounded."""
    due = target * (1.0 - bundle.discount)
    difference, score = due - spent, bundle.quality_score or 0.0
    part = score / bundle.best_score
    if difference >= 0:
        counts = cents(difference) >= cents(bundle.minimum_savings_rate * due)
        counts &= bundle.least_quality is None or score >= bundle.least_quality
        kept = difference * (1.0 - bundle.quality_gain_cut * (1.0 - part)) * bundle.sharing_rate if counts else 0.0
        settled = min(kept, math.inf if bundle.stop_gain_rate is None else bundle.stop_gain_rate * due)
    else:
        counts = cents(-difference) >= cents(bundle.minimum_loss_rate * due)
        borne = -difference * (1.0 - bundle.quality_loss_cut * part) * bundle.loss_rate if counts else 0.0
        settled = -min(borne, math.inf if bundle.stop_loss_rate is None else bundle.stop_loss_rate * due)
    return settled - excess


def afterwards(bundle, cases, year):
    """Return gain and loss of the episodes of a year."""
    prices = {kind: price_of(bundle, kind, all_years, year) for kind, all_years in cases.items()}
    of_year = {kind: all_years.of_year(year) for kind, all_years in cases.items()}
    if None in prices.values():
        return {"episode_gain": UNKNOWN, "episode_loss": UNKNOWN}
    target = sum(prices[kind] * float((each.counts * each.multiplier).sum()) for kind, each in of_year.items())
    least = sum(float(truncated(bundle, kind, each.least).sum()) for kind, each in of_year.items())
    most = sum(float(truncated(bundle, kind, each.most).sum()) for kind, each in of_year.items())
    excess = Bounds(0.0, 0.0)
    if bundle.post_episode_threshold is not None:
        allowed = sum(
            float(each.counts.sum()) * of_kind(bundle.post_episode_threshold, kind) for kind, each in of_year.items()
        )
        used = (sum(float(getattr(each, name).sum()) for each in of_year.values()) for name in OfKind._fields[-2:])
        excess = Bounds(*(max(dollars - allowed, 0.0) for dollars in used))
    low = reconciled(bundle, target, most, excess.most)
    high = reconciled(bundle, target, least, excess.least)
    return {
        "episode_gain": rounded(max(low, 0.0), max(high, 0.0)),
        "episode_loss": rounded(max(-high, 0.0), max(-low, 0.0)),
    }


# ---------------------------------------------------------------------------------------------------------
# Paid beforehand
# ---------------------------------------------------------------------------------------------------------


def by_month(cases, each):
    """Return what the episodes that begin in each month of a year come to, (12,)."""
    return np.bincount(cases.month, each, MONTHS)


def paid_by_month(least, most):
    """Return the bounds of payments that are each rounded to cents."""
    ends = (np.concatenate(parts).tolist() for parts in (least, most))
    each = [rounded(*dollars) for dollars in zip(*ends, strict=True) if any(dollars)]
    return Bounds(sum(bounds.least for bounds in each), sum(bounds.most for bounds in each))


def unit_price(bundle, price):
    """Return the price of a case after the discount: whole cents, unless multipliers make each another."""
    discounted = price * (1.0 - bundle.discount)
    if bundle.target_multipliers is not None:
        return Bounds(discounted, discounted)
    return Bounds(cents(discounted), cents(discounted)) if bundle.baseline is None else rounded(discounted, discounted)


def repaid(bundle, of_year, target, which):
    """Return what stop-loss repays of the cases of a year and of all of them, and what they come to."""
    dollars = {kind: getattr(each, which) for kind, each in of_year.items()}
    borne = sum(float(each.sum()) for each in dollars.values())
    points = {kind: of_kind(bundle.case_attachment, kind, math.inf) for kind in dollars}
    above = sum(float(np.maximum(each - points[kind], 0.0).sum()) for kind, each in dollars.items())
    of_cases, rate = rounded(bundle.case_ceded_share * above, bundle.case_ceded_share * above), math.inf
    if bundle.aggregate_attachment_rate is not None:
        rate = bundle.aggregate_attachment_rate * target
    of_all = rounded(max(borne - of_cases.most - rate, 0.0), max(borne - of_cases.least - rate, 0.0))
    return Bounds(of_cases.least + of_all.least, of_cases.most + of_all.most), borne


def beforehand(bundle, cases, year):
    """Return prices, premiums, the charge of care and what stop-loss repays of the episodes of a year."""
    of_year = {kind: all_years.of_year(year) for kind, all_years in cases.items()}
    prices = {kind: price_of(bundle, kind, all_years, year) for kind, all_years in cases.items()}
    known = None not in prices.values()
    least, most, premiums = [], [], []
    for kind, each in of_year.items():
        price, count = unit_price(bundle, prices[kind] if known else 0.0), by_month(each, each.counts * each.multiplier)
        least.append(price.least * count)
        most.append(price.most * count)
        premiums.append(by_month(each, each.counts) * bundle.stop_loss_premium)
    paid = paid_by_month(least, most)
    # Stop-loss of all cases attaches at a multiple of what is paid for them.
    ends = ((paid.most, "least"), (paid.least, "most"))
    (low, cheapest), (high, dearest) = (repaid(bundle, of_year, target, which) for target, which in ends)
    recovery = Bounds(low.least, high.most) if known or bundle.aggregate_attachment_rate is None else UNKNOWN
    return {
        "episode_price": paid if known else UNKNOWN,
        "stop_loss_premium": paid_by_month(premiums, premiums),
        "episode_care": rounded(cheapest, dearest),
        "stop_loss_recovery": recovery,
    }


# ---------------------------------------------------------------------------------------------------------
# All of them
# ---------------------------------------------------------------------------------------------------------


def bundles_of(arrangement):
    """Yield the payer, the path and the terms of each bundle; no payer where it is with all."""
    for payer in (*arrangement.arm.payers, None):
        for path, bundle in arrangement.contracts_of(payer, ar.EpisodeBundle):
            yield payer, path, bundle


def expected_of_bundle(arrangement, payer, bundle):
    """Return by performance year what a bundle must move, by account."""
    cases = {kind: cases_of(arrangement, payer, bundle, kind) for kind in bundle.episodes}
    settle = beforehand if bundle.kind == "prospective" else afterwards
    return {year: settle(bundle, cases, year) for year in range(1, YEARS + 1)}


def expected_of(arrangement):
    """Return by path and performance year what a bundle must move, by account."""
    return {
        (path, year): accounts
        for payer, path, bundle in bundles_of(arrangement)
        for year, accounts in expected_of_bundle(arrangement, payer, bundle).items()
    }


def posted_of(arrangement):
    """Return by path, year and account what bundles have moved, and the months of cash from the start of the year."""
    found, months = defaultdict(float), defaultdict(set)
    paths = arrangement.statement.paths
    known = {path for _, path, _ in bundles_of(arrangement)}
    for position, (_, _, account), (incurred, cash), amount in arrangement.statement.transfers:
        if position is None or paths[position] not in known:
            continue
        year = (incurred - 1) // MONTHS + 1
        found[paths[position], year, account] += float(amount)
        months[paths[position], year, account].add("at once" if cash == incurred else cash - MONTHS * (year - 1))
    return found, months


def paid_for_episodes(arrangement, payer, year):
    """Return what bundles pay for the attributed members of a payer, or of all, less what they take in a year.

    Where months do not tell what a window holds, it is what the bundle has moved, which lies within its bounds.
    """
    found, _ = arrangement.posted_of_bundles
    net = 0.0
    for of, path, bundle in bundles_of(arrangement):
        if bundle.excludes_attributed or (payer is not None and of != payer):
            continue
        for account, bounds in arrangement.expected_of_bundles[path, year].items():
            sign = (account in PAYS) - (account in TAKES)
            net += sign * (bounds.least if bounds.known else found[path, year, account])
    return net


def wrong_bundles(arrangement):
    """Return path, year, account, what was moved and its bounds, of what is not within them."""
    found, months = posted_of(arrangement)
    settle = {path: bundle.settle_month for _, path, bundle in bundles_of(arrangement)}
    wrong, checked = [], set()
    for (path, year), accounts in arrangement.expected_of_bundles.items():
        for account, bounds in accounts.items():
            key = (path, year, account)
            checked.add(key)
            due = "at once" if account in AT_ONCE else settle[path]
            if not bounds.hold(found[key]) or months.get(key, {due}) != {due}:
                wrong.append((*key, found[key], bounds, months.get(key)))
    return wrong + [(*key, amount, None, None) for key, amount in found.items() if key not in checked and amount]
