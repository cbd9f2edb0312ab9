"""Second opinion on riders: contracts that look at a year's care, or at what was settled before them."""

import math
from collections.abc import Sequence

import numpy as np

from oracle_care import Book
from oracle_panel import MONTHS
from oracle_quality import quality_of
from oracle_quantiles import number_of
from oracle_random import F64, Terms
from oracle_savings import taken_off
from oracle_terms import Signed, limit_of, scope_of
from oracle_transfers import (
    Transfer,
    net_paid,
    of_year,
    paid_by_months,
    paid_for_episodes,
    posted,
    repaid_by_covers,
    seen_by,
    settled,
    total,
)

Ledger = Sequence[Transfer]


def seen(signed: Signed, before: Ledger, year: int) -> list[Transfer]:
    """What a contract sees of a year: what was settled before it, of its payer."""
    return of_year(seen_by(signed.payer, before), year)


# ---------------------------------------------------------------------------------------------------------
# What is taken off payments
# ---------------------------------------------------------------------------------------------------------


def withhold(signed: Signed, book: Book, year: int, before: Ledger) -> list[Transfer]:
    """A part of each month's payments kept back, and what comes back of it."""
    terms, earlier, payer = signed.terms, seen(signed, before, year), signed.payer
    ledger: list[Transfer] = []
    for months, paid in paid_by_months(earlier, terms["accounts"]).items():
        kept = number_of(terms, "withhold_rate") * max(paid, 0.0)
        ledger += posted(("provider", "payer", "withheld"), *months, kept, payer)
    left = total(ledger, "withheld")
    if terms.get("target_pmpm") is not None:
        spending = net_paid(earlier, "payer")
        target = number_of(terms, "target_pmpm") * book.member_months(year, payer)
        left = max(left - max(spending - target, 0.0), 0.0)
    returned = left * number_of(terms, "returned_share", 1.0) * number_of(terms, "quality_score", 1.0)
    before_year = 12 * (year - 1)
    month = max([int(number_of(terms, "settle_month", 15)), *(each.month_cash - before_year for each in ledger)])
    return ledger + settled(("payer", "provider", "withhold_returned"), year, month, returned, payer)


def sequestration(signed: Signed, _book: Book, year: int, before: Ledger) -> list[Transfer]:
    """What a law takes off each month's payments, at the rate of the month of care."""
    terms, ledger = signed.terms, []
    for (incurred, cash), paid in paid_by_months(seen(signed, before, year), terms["accounts"]).items():
        rates = [float(rung["gives"]) for rung in terms["rates"] if float(rung["from"]) <= incurred]
        taken = (rates[-1] if rates else 0.0) * max(paid, 0.0)
        ledger += posted(("provider", "payer", "sequestered"), incurred, cash, taken, signed.payer)
    return ledger


# ---------------------------------------------------------------------------------------------------------
# What is shared of a year's costs
# ---------------------------------------------------------------------------------------------------------


def shared_by_bands(amount: float, target: float, bands: Sequence[Terms]) -> float:
    """What bands, given in parts of the target, share of an amount above nothing."""
    parts = []
    for band in bands:
        low, high = number_of(band, "from") * target, number_of(band, "to", math.inf)
        width = high * target - low if high < math.inf else math.inf
        parts.append(number_of(band, "share") * min(max(amount - low, 0.0), width))
    return math.fsum(parts)


def corridor_cost(signed: Signed, book: Book, year: int, earlier: Ledger) -> float:
    """Dollars that a corridor compares with its target."""
    capitated = book.borne_by("capitation", signed.payer)
    if signed.terms.get("share_of") != "provider":
        value_at = signed.terms.get("value_own_services_at") or "paid"
        return book.cost_of_care(year, capitated, value_at) - repaid_by_covers(earlier)
    others = ~capitated
    others[[p for p in range(len(book.payers)) if p not in book.of(signed.payer)]] = False
    claims = math.fsum(book.cares[year].counted_paid_by_month.sum(axis=2)[others])
    return claims + paid_for_episodes(signed.terms, earlier)


def risk_corridor(signed: Signed, book: Book, year: int, before: Ledger) -> list[Transfer]:
    """What payer and provider share of what costs differ from a target."""
    terms, payer, earlier = signed.terms, signed.payer, seen(signed, before, year)
    of_provider = terms.get("share_of") == "provider"
    if terms.get("target_pmpm") is not None:
        target = number_of(terms, "target_pmpm") * book.member_months(year, payer, counted=of_provider)
    else:
        target = number_of(terms, "target_loss_ratio") * total(earlier, "capitation")
    target *= taken_off(terms, quality_of(terms, book, year))
    cost = corridor_cost(signed, book, year, earlier)
    gains = terms["losses"] if terms.get("gains") is None else terms["gains"]
    of_loss = shared_by_bands(max(cost - target, 0.0), target, terms["losses"])
    of_gain = shared_by_bands(max(target - cost, 0.0), target, gains)
    receipt, payment = (of_gain, of_loss) if of_provider else (of_loss, of_gain)
    month = number_of(terms, "settle_month", 21)
    ledger = settled(("payer", "provider", "corridor_receipt"), year, month, receipt, payer)
    return ledger + settled(("provider", "payer", "corridor_payment"), year, month, payment, payer)


def between_rows(value: float, rows: Sequence[Terms]) -> float:
    """What rows give at a value, on straight lines between them."""
    return float(np.interp(value, [float(row["from"]) for row in rows], [float(row["gives"]) for row in rows]))


def medical_loss_ratio_rebate(signed: Signed, book: Book, year: int, before: Ledger) -> list[Transfer]:
    """What of a year's capitation is given back where too little of it went to care."""
    terms, earlier, life_years = signed.terms, seen(signed, before, year), book.member_months(year, signed.payer) / 12
    capitated = book.borne_by("capitation", signed.payer)
    care = book.cost_of_care(year, capitated, terms.get("value_own_services_at") or "paid")
    corridors = total(earlier, "corridor_receipt") - total(earlier, "corridor_payment")
    premium = total(earlier, "capitation")
    rows = terms.get("credibility") or []
    if premium <= 0.0 or (rows and life_years < float(rows[0]["from"])):
        return []
    factor = between_rows(0.0, terms["deductible_factors"]) if terms.get("deductible_factors") else 1.0
    ratio = max(care - corridors, 0.0) / premium + (between_rows(life_years, rows) * factor if rows else 0.0)
    if terms.get("ratio_decimals") is not None:
        scale = 10.0 ** int(terms["ratio_decimals"])
        ratio = math.floor(ratio * scale + 0.5) / scale
    rebate = max(number_of(terms, "standard") - ratio, 0.0) * premium
    month = number_of(terms, "settle_month", 21)
    return settled(("provider", "payer", "rebate"), year, month, rebate, signed.payer)


def pool_charge(signed: Signed, book: Book, year: int) -> float:
    """Dollars that a pool is charged with in a year."""
    everything = list(range(len(book.services)))
    scope = scope_of(signed.terms, book.services, everything)
    charged = ~book.borne_by("capitation", None)[:, scope][book.payer]  # (members, services in scope)
    paid = np.where(charged, book.cares[year].paid_by_member[:, scope], 0.0).sum(axis=1)
    most = number_of(signed.terms, "truncation", math.inf)
    return math.fsum(np.minimum(paid, most)[book.members_of(signed.payer)])


def risk_pool(signed: Signed, book: Book) -> list[Transfer]:
    """What is left of a budget, and what it lacks, shared year by year."""
    terms, carried, ledger = signed.terms, 0.0, []
    month = number_of(terms, "settle_month", 18)
    for year in book.years:
        grown = (1.0 + number_of(terms, "trend", 0.0)) ** (year - 1)
        budget = number_of(terms, "budget_pmpm") * grown * book.member_months(year, signed.payer)
        left = budget - pool_charge(signed, book, year)
        surplus, deficit = max(left, 0.0), max(-left, 0.0)
        against = min(surplus, carried) if terms.get("carry_deficit") else 0.0
        most = limit_of(terms, "surplus_limit_rate", budget)
        paid = min(number_of(terms, "surplus_share") * (surplus - against), most)
        limit = limit_of(terms, "deficit_limit_rate", budget)
        charged = min(number_of(terms, "deficit_share", 0.0) * deficit, limit)
        carried += deficit - charged - against
        ledger += settled(("payer", "provider", "pool_surplus"), year, month, paid, signed.payer)
        ledger += settled(("provider", "payer", "pool_deficit"), year, month, charged, signed.payer)
    return ledger


# ---------------------------------------------------------------------------------------------------------
# Stop-loss
# ---------------------------------------------------------------------------------------------------------


def stop_loss_scope(signed: Signed, book: Book) -> np.ndarray:
    """Which service lines of which payers a cover is for, shape (payers, services)."""
    mine = np.isin(np.arange(len(book.payers)), book.of(signed.payer))[:, np.newaxis]
    every = np.ones((len(book.payers), len(book.services)), dtype=np.bool_)
    capitated = book.borne_by("capitation", signed.payer)
    flags = capitated if capitated.any() else every
    if signed.terms.get("scope") is not None:
        flags = np.zeros_like(every)
        flags[:, scope_of(signed.terms, book.services, [])] = True
    return np.asarray(flags & mine)


def covered_months(terms: Terms) -> int:
    """How many first months of the year have claims that a basis covers: all, or those paid in time."""
    basis = terms.get("basis") or "incurred"
    if basis == "incurred":
        return MONTHS
    incurred_in, paid_within = map(int, basis.split("/"))
    return max(min(incurred_in, paid_within - int(number_of(terms, "payment_lag_months", 0))), 0)


def covered_by_member(signed: Signed, book: Book, year: int) -> F64:
    """Covered dollars of a year, shape (members,)."""
    paid = book.cares[year].paid_by_member_month[:, :, : covered_months(signed.terms)].sum(axis=2)
    paid = paid * np.where(book.own, number_of(signed.terms, "value_own_services_at", 1.0), 1.0)
    return np.asarray((paid * stop_loss_scope(signed, book)[book.payer]).sum(axis=1), dtype=np.float64)


def stop_loss_recovery(terms: Terms, covered: F64, months: float, repaid: float) -> float:
    """Dollars recovered from the reinsurer, from each member's covered dollars of the year, (members,)."""
    share, limit = number_of(terms, "ceded_share", 1.0), number_of(terms, "limit", math.inf)
    if terms.get("kind") == "aggregate":
        expected = number_of(terms, "attachment_rate", 0.0) * number_of(terms, "expected_pmpm", 0.0) * months
        above = math.fsum(covered) - repaid - number_of(terms, "attachment_point", expected)
        return share * min(max(above, 0.0), limit)
    attachment = np.full(covered.shape, number_of(terms, "attachment_point"))
    for laser in terms.get("lasers", []):
        attachment[laser["row"]] = number_of(laser, "attachment_point")
    return share * math.fsum(np.minimum(np.maximum(covered - attachment, 0.0), limit))


def stop_loss(signed: Signed, book: Book, year: int, before: Ledger) -> list[Transfer]:
    """Premiums, and what the reinsurer repays of a year."""
    terms, there = signed.terms, book.there(year, signed.payer)
    covered = covered_by_member(signed, book, year)
    earlier = seen(signed, before, year)
    capitated = bool(book.borne_by("capitation", signed.payer).any())
    repaid = repaid_by_covers(earlier) if capitated else total(earlier, "stop_loss_recovery")
    recovery = stop_loss_recovery(terms, covered, float(there.sum()), repaid)
    premium = number_of(terms, "premium_pmpm") * there.sum(axis=0)
    months = enumerate(premium, start=12 * (year - 1) + 1)
    flow = ("provider", "reinsurer", "stop_loss_premium")
    ledger = [each for month, amount in months for each in posted(flow, month, month, amount, signed.payer)]
    month = number_of(terms, "settle_month", 15)
    return ledger + settled(("reinsurer", "provider", "stop_loss_recovery"), year, month, recovery, signed.payer)
