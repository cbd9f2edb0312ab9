"""Second opinion on base payments: what moves because care is given, and what pays for it."""

import numpy as np

from oracle_care import Book, mean_recorded_of
from oracle_lines import delivered_by
from oracle_panel import age_in, first_year
from oracle_quantiles import number_of
from oracle_random import F64, Terms
from oracle_terms import Signed, own_lines
from oracle_transfers import Transfer, monthly, settled

SEX_CODES = {"female": 0, "male": 1}


def care_transfers(book: Book, year: int) -> list[Transfer]:
    """What moves in a year because care was given, whatever the contracts say, and for what none of them claims."""
    care, cost, ledger = book.cares[year], book.own_cost(year), []
    for payer in range(len(book.payers)):
        for index, service in enumerate(book.services):
            deliverer, bearer = delivered_by(service), book.bearers[payer][index]
            own = deliverer == "provider"
            bills, events = book.bills(payer), care.events_by_month[payer, index]
            share = care.share_by_month[payer, index] * (1.0 - bills.unpaid * own)
            ledger += monthly(("member", deliverer, "cost_share"), year, share, payer, bills.later * own)
            ledger += monthly((deliverer, "suppliers", "own_cost"), year, cost[payer, index], payer)
            if own and (bearer is None or bearer.kind not in {"capitation", "direct_primary_care"}):
                flow = ("provider", "suppliers", "billing_cost")
                ledger += monthly(flow, year, events * bills.cost, payer)
            if bearer is None:
                ledger += claims(book, year, payer, index, care.paid_by_month[payer, index])
    return ledger


def claims(book: Book, year: int, payer: int, index: int, amounts: F64) -> list[Transfer]:
    """What a payer pays for a service line in each month, less what it denies the provider, when it pays."""
    deliverer = delivered_by(book.services[index])
    own, bills = deliverer == "provider", book.bills(payer)
    flow = ("payer", deliverer, "claim")
    return monthly(flow, year, amounts * (1.0 - bills.denied * own), payer, bills.later * own)


def fee_for_service(signed: Signed, book: Book, year: int) -> list[Transfer]:
    """Claims at the fees of the contract."""
    paid = book.cares[year].paid_by_month
    return [each for pair in book.claims_of(signed) for each in claims(book, year, *pair, paid[pair])]


# ---------------------------------------------------------------------------------------------------------
# Capitation
# ---------------------------------------------------------------------------------------------------------


def cell_factors(cells: list[Terms], book: Book, year: int) -> F64:
    """Factor of each member's rate cell in a year, shape (members,)."""
    age, sex = age_in(book.columns, year), book.columns["sex"]
    found = np.full(len(age), np.nan)
    for cell in cells:
        within = (number_of(cell, "age_from") <= age) & (age < number_of(cell, "age_below", np.inf))
        if cell.get("sex") is not None:
            within &= sex == SEX_CODES[cell["sex"]]
        if not np.isnan(found[within]).all():
            raise ValueError("a member in two cells")
        found[within] = number_of(cell, "factor")
    if np.isnan(found).any():
        raise ValueError("a member in no cell")
    return found


def capitation_payments(signed: Signed, book: Book, year: int) -> F64:
    """Dollars owed for each month of a year, shape (12,)."""
    terms, there = signed.terms, book.there(year, signed.payer)
    pmpm = number_of(terms, "pmpm") * (1.0 + number_of(terms, "trend", 0.0)) ** (year - 1)
    if terms.get("cells") is not None:
        factors = cell_factors(terms["cells"], book, year) / number_of(terms, "cell_normalization", 1.0)
        return np.asarray(pmpm * (factors @ there), dtype=np.float64)
    if not terms.get("risk_adjusted"):
        return np.asarray(pmpm * there.sum(axis=0), dtype=np.float64)
    scores = book.world.panel[year].recorded @ there / number_of(terms, "normalization", 1.0)
    cap = number_of(terms, "risk_score_cap", np.inf)
    if cap < np.inf:
        most = (1.0 + cap) * mean_recorded_of(book, 1, signed.payer)
        scores = scores * min(1.0, most / mean_recorded_of(book, year, signed.payer))
    return np.asarray(pmpm * scores, dtype=np.float64)


def capitation(signed: Signed, book: Book, year: int) -> list[Transfer]:
    """Payments, a part of them later, and what is paid for care that others give."""
    terms, owed = signed.terms, capitation_payments(signed, book, year)
    late, months = number_of(terms, "retroactive_rate", 0.0), int(number_of(terms, "retroactive_months", 0))
    flow = ("payer", "provider", "capitation")
    ledger = monthly(flow, year, owed * (1.0 - late), signed.payer)
    ledger += monthly(flow, year, owed * late, signed.payer, months)
    lag = int(number_of(terms, "claims_lag_months", 0))
    for payer, index in book.claims_of(signed):
        if not book.own[index]:
            paid = book.cares[year].paid_by_month[payer, index]
            ledger += monthly(("provider", "other_providers", "purchased_care"), year, paid, payer, lag)
    return ledger


# ---------------------------------------------------------------------------------------------------------
# By member and month
# ---------------------------------------------------------------------------------------------------------


def band_dollars(bands: list[Terms], values: F64) -> F64:
    """Dollars of the band that each value is in, nothing outside, shape of the values."""
    dollars = np.zeros(values.shape)
    for band in bands:
        within = (number_of(band, "from") <= values) & (values < number_of(band, "below", np.inf))
        dollars = np.where(within, number_of(band, "pmpm"), dollars)
    return dollars


def direct_primary_care(signed: Signed, book: Book, year: int) -> list[Transfer]:
    """Retainers, fees of who enters, and what members pay at the practice's own cost."""
    terms, there = signed.terms, book.there(year, signed.payer)
    retainer = band_dollars(terms["retainer_pmpm"], age_in(book.columns, year)) @ there
    sponsored = number_of(terms, "sponsor_share", 0.0)
    ledger = monthly(("member", "provider", "retainer"), year, retainer * (1.0 - sponsored), signed.payer)
    ledger += monthly(("payer", "provider", "retainer"), year, retainer * sponsored, signed.payer)
    begins = np.diff(there, axis=1, prepend=0.0) > 0.0
    enter = (begins & (first_year(book.columns) == year)[:, np.newaxis]).sum(axis=0)
    fee = number_of(terms, "enrolment_fee", 0.0)
    ledger += monthly(("member", "provider", "enrolment_fee"), year, enter * fee, signed.payer)
    passed = own_lines(terms.get("pass_through"), book.services, [])
    markup = 1.0 + number_of(terms, "pass_through_markup", 0.0)
    for payer, index in book.claims_of(signed):
        if index in passed:
            cost = book.own_cost(year)[payer, index] * markup
            ledger += monthly(("member", "provider", "cost_share"), year, cost, payer)
    return ledger


def care_management_fee(signed: Signed, book: Book, year: int) -> list[Transfer]:
    """Fees, flat visit fees, fees that are reduced and paid ahead, and what performance makes of them."""
    terms, payer = signed.terms, signed.payer
    there = book.there(year, payer, counted=True)
    members = there.sum(axis=0)
    if terms.get("tiers"):
        fees = band_dollars(terms["tiers"], book.world.panel[year].recorded) @ there
    else:
        fees = number_of(terms, "pmpm") * members
    share = number_of(terms, "coinsurance", 0.0)
    incentive = number_of(terms, "prepaid_incentive_pmpm", 0.0) * members
    ahead = number_of(terms, "prospective_pmpm", 0.0) * members
    ledger = monthly(("payer", "provider", "care_management_fee"), year, fees * (1.0 - share), payer)
    ledger += monthly(("member", "provider", "cost_share"), year, fees * share, payer)
    ledger += monthly(("payer", "provider", "quality_payment"), year, incentive, payer)
    ledger += monthly(("payer", "provider", "capitation"), year, ahead, payer)
    visits, flat = visit_transfers(signed, book, year)
    ledger += visits + reduction_transfers(signed, book, year)
    adjustment = number_of(terms, "performance_adjustment", 0.0) * (float(fees.sum()) + flat)
    unearned = (1.0 - number_of(terms, "incentive_earned_share", 1.0)) * float(incentive.sum())
    month, gain, loss = number_of(terms, "settle_month", 18), ("payer", "provider"), ("provider", "payer")
    ledger += settled((*loss, "quality_penalty"), year, month, unearned, payer)
    ledger += settled((*gain, "quality_payment"), year, month, max(adjustment, 0.0), payer)
    return ledger + settled((*loss, "quality_penalty"), year, month, max(-adjustment, 0.0), payer)


def visit_transfers(signed: Signed, book: Book, year: int) -> tuple[list[Transfer], float]:
    """Claims of visits that are paid flat, and dollars of the flat fees; who is not attributed has the price paid."""
    fee, care, ledger, flat = number_of(signed.terms, "flat_visit_fee", 0.0), book.cares[year], [], 0.0
    for pair in book.claims_of(signed):
        fees = fee * care.counted_events_by_month[pair]
        others = care.paid_by_month[pair] - care.counted_paid_by_month[pair]
        ledger += claims(book, year, *pair, fees + others)
        flat += float(fees.sum())
    return ledger, flat


def reduction_transfers(signed: Signed, book: Book, year: int) -> list[Transfer]:
    """What is taken off claims that are paid by fee."""
    part, ledger = number_of(signed.terms, "fee_reduction", 0.0), []
    for payer in book.of(signed.payer):
        bills = book.bills(payer)
        for index in own_lines(signed.terms.get("reduced_scope"), book.services, []):
            bearer = book.bearers[payer][index]
            if bearer is None or bearer.kind == "fee_for_service":
                taken = part * book.cares[year].counted_paid_by_month[payer, index] * (1.0 - bills.denied)
                ledger += monthly(("provider", "payer", "claim"), year, taken, payer, bills.later)
    return ledger
