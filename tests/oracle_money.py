"""Second opinion on contracts that move the provider's money apart from care: costs, advances, guarantees, interest."""

import math
from collections.abc import Sequence

from oracle_care import Book
from oracle_panel import MONTHS
from oracle_quantiles import number_of
from oracle_terms import Signed
from oracle_transfers import Transfer, cash_by_month, monthly, of_year, posted, seen_by

Ledger = Sequence[Transfer]
Payments = list[tuple[int, float]]  # months and dollars, the earliest first


def administrative_cost(signed: Signed, book: Book, year: int) -> list[Transfer]:
    """What running a contract costs: fixed, by members and by measures."""
    terms, grown = signed.terms, (1.0 + number_of(signed.terms, "trend", 0.0)) ** (year - 1)
    measures = number_of(terms, "measures", float(len(book.world.spec.get("measures") or [])))
    hours = number_of(terms, "hours_per_measure", 0.0) * measures
    fixed = number_of(terms, "per_year", 0.0) + hours * number_of(terms, "hourly_cost", 0.0)
    members = book.there(year, signed.payer).sum(axis=0)
    costs = grown * (fixed / MONTHS + number_of(terms, "pmpm", 0.0) * members)
    return monthly(("provider", "suppliers", "administrative_cost"), year, costs, signed.payer)


def investment(signed: Signed, book: Book) -> list[Transfer]:
    """Cash at once, cost over the life; what lies beyond the study in the month after it."""
    terms = signed.terms
    life, paid = int(number_of(terms, "life_months")), int(number_of(terms, "month"))
    first, each = int(number_of(terms, "first_month", paid)), number_of(terms, "amount") / life
    flow, ledger, after = ("provider", "suppliers", "investment"), [], 0
    for month in range(first, first + life):
        if month <= book.last_month:
            ledger += posted(flow, month, paid, each, signed.payer)
        else:
            after += 1
    return ledger + posted(flow, book.last_month + 1, paid, each * after, signed.payer)


def repayment_mechanism(signed: Signed, book: Book) -> list[Transfer]:
    """An escrow there and back, or the monthly fee of a letter or a bond."""
    terms, payer = signed.terms, signed.payer
    first = int(number_of(terms, "first_month", 1))
    last = book.last_month - MONTHS + int(number_of(terms, "release_month", 24))
    if terms.get("amount") is not None:
        amount = number_of(terms, "amount")
    else:
        year, month = (first - 1) // MONTHS + 1, (first - 1) % MONTHS
        members = book.there(year, payer, counted=True)[:, month].sum()
        amount = number_of(terms, "benchmark_share") * number_of(terms, "benchmark_pmpm") * MONTHS * members
    out, back = ("provider", "lender", "guarantee"), ("lender", "provider", "guarantee")
    if terms["form"] == "escrow":
        return posted(out, first, first, amount, payer) + posted(back, first, last, amount, payer)
    fee = number_of(terms, "yearly_fee_rate") * amount / MONTHS
    months = range(first, last + 1)
    return [each for m in months for each in posted(out, min(m, book.last_month), m, fee, payer)]


def financing(signed: Signed, book: Book, before: Ledger) -> list[Transfer]:
    """Interest of each month on the balance at the end of the month before."""
    terms, ledger = signed.terms, []
    balance = number_of(terms, "opening_cash", 0.0)
    for month, cash in enumerate(cash_by_month(before, len(book.years)), start=1):
        interest = 0.0
        if abs(balance) >= 0.01:
            rate = number_of(terms, "credit_rate" if balance < 0.0 else "deposit_rate", 0.0)
            interest = rate / MONTHS * balance
        incurred = min(month, book.last_month)
        ledger += posted(("lender", "provider", "interest"), incurred, month, max(interest, 0.0), signed.payer)
        ledger += posted(("provider", "lender", "interest"), incurred, month, max(-interest, 0.0), signed.payer)
        balance += float(cash) + interest
    return ledger


# ---------------------------------------------------------------------------------------------------------
# Advances
# ---------------------------------------------------------------------------------------------------------


def advances(signed: Signed, book: Book) -> Payments:
    """Months and dollars of what is paid before it is earned, the earliest first."""
    terms, first = signed.terms, int(number_of(signed.terms, "first_month", 1))
    paid = {first: number_of(terms, "amount", 0.0)}
    if terms.get("pmpm") is not None:
        for month in range(first, int(number_of(terms, "last_month")) + 1):
            year, of_year_ = (month - 1) // MONTHS + 1, (month - 1) % MONTHS
            members = book.there(year, signed.payer, counted=True)[:, of_year_].sum()
            paid[month] = paid.get(month, 0.0) + number_of(terms, "pmpm") * float(members)
    return sorted(paid.items())


def split(payments: Payments, dollars: float) -> tuple[Payments, Payments]:
    """Payments that make up so many dollars, the earliest first, and what is left of all of them."""
    taken, left = [], []
    for month, amount in payments:
        part = min(amount, dollars)
        taken.append((month, part))
        left.append((month, amount - part))
        dollars -= part
    return taken, left


def advance_payment(signed: Signed, book: Book, before: Ledger) -> list[Transfer]:
    """Advances, incurred when they are taken back or kept, and what is taken back of each year's earnings."""
    terms, payer, ledger = signed.terms, signed.payer, []
    outstanding = advances(signed, book)
    out, back = ("payer", "provider", "advance"), ("provider", "payer", "advance_repaid")
    for year in book.years:
        end = MONTHS * year
        seen = of_year(seen_by(payer, before), year)
        earnings = [e for e in seen if e.account in terms["recouped_from"] and e.to_party == "provider"]
        taken_before = math.fsum(e.amount for e in seen if e.account == "advance_repaid")
        earned = max(math.fsum(e.amount for e in earnings) - taken_before, 0.0)
        when = max((e.month_cash for e in earnings), default=end)
        due = math.fsum(amount for month, amount in outstanding if month <= when)
        recouped = min(due, earned)
        taken, outstanding = split(outstanding, recouped)
        for month, amount in taken:
            ledger += posted(out, end, month, amount, payer)
        ledger += posted(back, end, when, recouped, payer)
        if year == book.years[-1]:
            rest = math.fsum(amount for _, amount in outstanding)
            for month, amount in outstanding:
                ledger += posted(out, end, month, amount, payer)
            if terms.get("repay_balance"):
                ledger += posted(back, end, max(when, end), rest, payer)
    return ledger
