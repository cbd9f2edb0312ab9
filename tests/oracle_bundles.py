"""Second opinion on episode bundles: what windows come to, and what their prices leave of it."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from oracle_arms import times_of
from oracle_care import Book
from oracle_panel import MONTHS
from oracle_quality import quality_of
from oracle_quantiles import number_of
from oracle_random import F64, I64, Terms
from oracle_terms import Signed
from oracle_transfers import Transfer, monthly, settled, whole_cents


class Cases(NamedTuple):
    """Episodes of one year that a bundle settles, every field (episodes,)."""

    cell: tuple[str, ...]
    month: I64  # of the event, 1 to 12
    actual: F64  # dollars inside the window


def used_by(book: Book, *, paid: bool) -> tuple[I64, F64, F64]:
    """Member, time and dollars of every event of all years, allowed or what the payer pays of them."""
    row, time, dollars = [], [], []
    billed = np.array([[each is None or each.kind != "capitation" for each in of] for of in book.bearers])
    for year, events in book.care.events.items():
        row.append(events.member_row)
        time.append(times_of(book.world, book.columns, events, year))
        due = billed[book.payer[events.member_row], events.service]
        dollars.append((book.allowed[year] - book.shares[year]) * due if paid else book.allowed[year])
    members, times, amounts = np.concatenate(row), np.concatenate(time), np.concatenate(dollars)
    return members, times, np.asarray(amounts, dtype=np.float64)


def cases_of(signed: Signed, book: Book, year: int, *, paid: bool) -> Cases:
    """The episodes of a bundle that begin in a year, of members of its payer who are attributed in it."""
    members, times, dollars = used_by(book, paid=paid)
    counts = book.members_of(signed.payer) & book.world.panel[year].attributed
    before = MONTHS * (year - min(book.world.years))
    cells, months, actual = [], [], []
    for kind in signed.terms["episodes"]:
        opened = book.care.episodes[kind]
        for row, of_year, start, end in zip(*opened, strict=True):
            if of_year == year and counts[row]:
                inside = (members == row) & (times >= start) & (times < end)
                cells.append(kind)
                months.append(math.floor(start) - before + 1)
                actual.append(math.fsum(dollars[inside]))
    return Cases(tuple(cells), np.array(months, dtype=np.int64), np.array(actual, dtype=np.float64))


def by_cell(terms: Terms, name: str, cells: Sequence[str], default: float) -> F64:
    """A term of each episode: that of its cell, or the one for all, shape (episodes,)."""
    given = terms.get(name) or {}
    values = [given.get(cell, given.get("")) for cell in cells]
    return np.array([default if value is None else float(value) for value in values], dtype=np.float64)


# ---------------------------------------------------------------------------------------------------------
# Retrospective
# ---------------------------------------------------------------------------------------------------------


def discount_at(terms: Terms, name: str, score: float) -> float:
    """The discount of the last rung that a score reaches, or that which is for all scores."""
    rungs = terms.get(name) or []
    reached = [number_of(rung, "gives") for rung in rungs if score >= number_of(rung, "from")]
    return reached[-1] if rungs else number_of(terms, "discount", 0.0)


def earned(terms: Terms, difference: float, target: float, score: float) -> float:
    """What a provider receives of spending below a target."""
    part = score / number_of(terms, "best_score", 1.0)
    if whole_cents(difference) < whole_cents(number_of(terms, "minimum_savings_rate", 0.0) * target):
        return 0.0
    if score < number_of(terms, "least_quality", -math.inf):
        return 0.0
    kept = difference * (1.0 - number_of(terms, "quality_gain_cut", 0.0) * (1.0 - part))
    kept *= number_of(terms, "sharing_rate", 1.0)
    return min(kept, number_of(terms, "stop_gain_rate", math.inf) * target)


def owed(terms: Terms, difference: float, target: float, score: float) -> float:
    """What a provider owes of spending above a target."""
    part = score / number_of(terms, "best_score", 1.0)
    if whole_cents(difference) < whole_cents(number_of(terms, "minimum_loss_rate", 0.0) * target):
        return 0.0
    due = difference * (1.0 - number_of(terms, "quality_loss_cut", 0.0) * part) * number_of(terms, "loss_rate", 1.0)
    return min(due, number_of(terms, "stop_loss_rate", math.inf) * target)


def reconciled(terms: Terms, cases: Cases, score: float) -> float:
    """What a provider receives for the episodes of a year, below 0 what it owes, in whole cents."""
    floor, cap = (
        by_cell(terms, *term) for term in (("raise_to", cases.cell, 0.0), ("truncate_at", cases.cell, math.inf))
    )
    spent = math.fsum(np.minimum(np.maximum(cases.actual, floor), cap))
    price = math.fsum(by_cell(terms, "target_price", cases.cell, math.nan))
    of_losses = "quality_discounts" if terms.get("quality_loss_discounts") is None else "quality_loss_discounts"
    gains, losses = (price * (1.0 - discount_at(terms, name, score)) for name in ("quality_discounts", of_losses))
    if spent < gains:
        return whole_cents(earned(terms, gains - spent, gains, score)) / 100.0
    return -whole_cents(owed(terms, max(spent - losses, 0.0), losses, score)) / 100.0


def score_of(terms: Terms, book: Book, year: int) -> float:
    """The score of a year, up to the best there is."""
    if not terms.get("quality_measures"):
        return number_of(terms, "quality_score", 0.0)
    return quality_of(terms, book, year) * number_of(terms, "best_score", 1.0)


# ---------------------------------------------------------------------------------------------------------
# Prospective
# ---------------------------------------------------------------------------------------------------------


def repaid(terms: Terms, cases: Cases, price: float) -> float:
    """What stop-loss repays of the cases of a year, in cents: the sum of each alone, and of what is borne of all."""
    attachment = by_cell(terms, "case_attachment", cases.cell, math.inf)
    above = np.maximum(cases.actual - attachment, 0.0) * number_of(terms, "case_ceded_share", 1.0)
    of_cases = whole_cents(math.fsum(above)) / 100.0
    borne = math.fsum(cases.actual) - of_cases
    above_all = max(borne - number_of(terms, "aggregate_attachment_rate", math.inf) * price, 0.0)
    return of_cases + whole_cents(above_all) / 100.0


def prospective(signed: Signed, book: Book, year: int) -> list[Transfer]:
    """Prices as episodes begin; later what their care came to, and what stop-loss repays of it."""
    terms, payer = signed.terms, signed.payer
    cases = cases_of(signed, book, year, paid=True)
    if not cases.cell:
        return []
    prices = by_cell(terms, "target_price", cases.cell, math.nan) * (1.0 - number_of(terms, "discount", 0.0))
    prices = np.array([whole_cents(each) / 100.0 for each in prices.tolist()])
    of_months = np.bincount(cases.month - 1, prices, MONTHS)
    month, price = number_of(terms, "settle_month", 21), math.fsum(prices)
    ledger = monthly(("payer", "provider", "episode_price"), year, of_months, payer)
    ledger += settled(("provider", "payer", "episode_care"), year, month, math.fsum(cases.actual), payer)
    recovery = repaid(terms, cases, price)
    return ledger + settled(("reinsurer", "provider", "stop_loss_recovery"), year, month, recovery, payer)


def episode_bundle(signed: Signed, book: Book, year: int) -> list[Transfer]:
    """What a bundle moves for the episodes that begin in a year."""
    terms, payer = signed.terms, signed.payer
    if terms["kind"] == "prospective":
        return prospective(signed, book, year)
    amount = reconciled(terms, cases_of(signed, book, year, paid=False), score_of(terms, book, year))
    month = number_of(terms, "settle_month", 21)
    gain, loss = ("payer", "provider", "episode_gain"), ("provider", "payer", "episode_loss")
    return settled(gain, year, month, max(amount, 0.0), payer) + settled(loss, year, month, max(-amount, 0.0), payer)
