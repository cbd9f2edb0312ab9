"""Second opinion on episode bundles: what prices leave of what windows come to."""

import math

import numpy as np

from oracle_care import Book
from oracle_cases import Cases, cases_of
from oracle_panel import MONTHS
from oracle_quality import DECIMALS, quality_of
from oracle_quantiles import number_of
from oracle_random import F64, Terms
from oracle_targets import borne, by_cell, prices_of, truncated
from oracle_terms import Signed, limit_of
from oracle_transfers import Transfer, monthly, settled, whole_cents

# ---------------------------------------------------------------------------------------------------------
# Retrospective
# ---------------------------------------------------------------------------------------------------------


def reaches(score: float, rung: float) -> bool:
    """Whether a score meets a rung."""
    return round(score, DECIMALS) >= round(rung, DECIMALS)


def discount_at(terms: Terms, name: str, score: float) -> float:
    """The discount of the last rung that a score reaches, or that which is for all scores."""
    rungs = terms.get(name) or []
    reached = [number_of(rung, "gives") for rung in rungs if reaches(score, number_of(rung, "from"))]
    return reached[-1] if rungs else number_of(terms, "discount", 0.0)


def earned(terms: Terms, difference: float, target: float, score: float) -> float:
    """What a provider receives of spending below a target."""
    part = score / number_of(terms, "best_score", 1.0)
    if whole_cents(difference) < whole_cents(number_of(terms, "minimum_savings_rate", 0.0) * target):
        return 0.0
    if not reaches(score, number_of(terms, "least_quality", 0.0)):
        return 0.0
    kept = difference * (1.0 - number_of(terms, "quality_gain_cut", 0.0) * (1.0 - part))
    kept *= number_of(terms, "sharing_rate", 1.0)
    return min(kept, limit_of(terms, "stop_gain_rate", target))


def owed(terms: Terms, difference: float, target: float, score: float) -> float:
    """What a provider owes of spending above a target."""
    part = score / number_of(terms, "best_score", 1.0)
    if whole_cents(difference) < whole_cents(number_of(terms, "minimum_loss_rate", 0.0) * target):
        return 0.0
    due = difference * (1.0 - number_of(terms, "quality_loss_cut", 0.0) * part) * number_of(terms, "loss_rate", 1.0)
    return min(due, limit_of(terms, "stop_loss_rate", target))


def excess_after(terms: Terms, cases: Cases) -> float:
    """What was spent after the episodes that have thresholds, above those of all of them together."""
    threshold = by_cell(terms, "post_episode_threshold", cases.cell, math.inf)
    has = threshold < math.inf
    return max(math.fsum(cases.after[has]) - math.fsum((threshold * cases.episodes)[has]), 0.0)


def reconciled(terms: Terms, cases: Cases, prices: F64, score: float) -> float:
    """What a provider receives for the episodes of a year, below 0 what it owes, in whole cents."""
    spent = math.fsum(truncated(terms, cases))
    price = math.fsum(cases.multiplier * cases.episodes * prices)
    of_losses = "quality_discounts" if terms.get("quality_loss_discounts") is None else "quality_loss_discounts"
    gains, losses = (price * (1.0 - discount_at(terms, name, score)) for name in ("quality_discounts", of_losses))
    if spent < gains:
        settlement = earned(terms, gains - spent, gains, score)
    else:
        settlement = -owed(terms, max(spent - losses, 0.0), losses, score)
    return whole_cents(settlement - excess_after(terms, cases)) / 100.0


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
    own = borne(terms, cases)
    above = np.maximum(own - attachment, 0.0) * number_of(terms, "case_ceded_share", 1.0)
    of_cases = whole_cents(math.fsum(above)) / 100.0
    left = math.fsum(own) - of_cases
    above_all = max(left - limit_of(terms, "aggregate_attachment_rate", price), 0.0)
    return of_cases + whole_cents(above_all) / 100.0


def prices_by_month(terms: Terms, cases: Cases, prices: F64) -> F64:
    """Dollars of the prices of each month's episodes, in cents for each kind, shape (12,).

    The price of an episode is in cents itself where no column multiplies it.
    """
    each = prices * (1.0 - number_of(terms, "discount", 0.0))
    if terms.get("target_multipliers") is None:
        each = np.array([whole_cents(one) / 100.0 for one in each.tolist()])
    found = np.zeros(MONTHS)
    for kind in sorted(set(cases.cell)):
        of_kind = [cell == kind for cell in cases.cell]
        months = np.bincount(cases.month - 1, cases.multiplier * cases.episodes * each * of_kind, MONTHS)
        found += months
    return found


def prospective(signed: Signed, book: Book, year: int) -> list[Transfer]:
    """Prices as episodes begin and premiums of their cover; later what their care came to, and what is repaid of it."""
    terms, payer = signed.terms, signed.payer
    cases = cases_of(signed, book, year)
    if not cases.cell:
        return []
    of_months = prices_by_month(terms, cases, prices_of(signed, book, year, cases.cell))
    premiums = np.bincount(cases.month - 1, cases.episodes, MONTHS) * number_of(terms, "stop_loss_premium", 0.0)
    ledger = monthly(("payer", "provider", "episode_price"), year, of_months, payer)
    ledger += monthly(("provider", "reinsurer", "stop_loss_premium"), year, premiums, payer)
    month, care = number_of(terms, "settle_month", 21), math.fsum(borne(terms, cases))
    ledger += settled(("provider", "payer", "episode_care"), year, month, care, payer)
    recovery = repaid(terms, cases, math.fsum(of_months))
    recovered = settled(("reinsurer", "provider", "stop_loss_recovery"), year, month, recovery, payer)
    return ledger + [each._replace(bundle=True) for each in recovered]


def retrospective(signed: Signed, book: Book, year: int) -> list[Transfer]:
    """What is gained or lost on the episodes of a year."""
    terms, payer = signed.terms, signed.payer
    cases = cases_of(signed, book, year)
    prices = prices_of(signed, book, year, cases.cell)
    amount = reconciled(terms, cases, prices, score_of(terms, book, year))
    month = number_of(terms, "settle_month", 21)
    gain, loss = ("payer", "provider", "episode_gain"), ("provider", "payer", "episode_loss")
    return settled(gain, year, month, max(amount, 0.0), payer) + settled(loss, year, month, max(-amount, 0.0), payer)


def episode_bundle(signed: Signed, book: Book, year: int) -> list[Transfer]:
    """What a bundle moves for the episodes that begin in a year."""
    settle = prospective if signed.terms["kind"] == "prospective" else retrospective
    apart = bool(signed.terms.get("excludes_attributed"))
    return [each._replace(apart=apart) for each in settle(signed, book, year)]
