"""Second opinion on target prices: as they are given, or computed from the episodes of base years."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from oracle_care import Book
from oracle_cases import Cases, cases_of
from oracle_quantiles import number_of
from oracle_random import F64, Terms
from oracle_terms import Signed


def by_cell(terms: Terms, name: str, cells: Sequence[str], default: float) -> F64:
    """A term of each episode: that of its cell, or the one for all, shape (episodes,)."""
    given = terms.get(name) or {}
    values = [given.get(cell, given.get("")) for cell in cells]
    return np.array([default if value is None else float(value) for value in values], dtype=np.float64)


def truncated(terms: Terms, cases: Cases) -> F64:
    """What each episode counts for in dollars: at least the floor of so much of an episode, at most the cap."""
    floor = by_cell(terms, "raise_to", cases.cell, 0.0) * cases.episodes
    return np.minimum(np.maximum(cases.actual, floor), by_cell(terms, "truncate_at", cases.cell, math.inf))


def borne(terms: Terms, cases: Cases) -> F64:
    """Dollars of each case that stay with the provider: all but the payer's part of readmissions."""
    payers = 1.0 - number_of(terms, "warranty_share", 1.0)
    return np.asarray(cases.actual - payers * cases.readmission, dtype=np.float64)


def mean_of_year(terms: Terms, cases: Cases, kind: str) -> float | None:
    """Mean dollars of a kind's episodes of a year, as at a multiplier of 1; None where there are none."""
    of_kind = np.array([cell == kind for cell in cases.cell], dtype=np.bool_)
    number = math.fsum((cases.episodes * cases.multiplier)[of_kind])
    if number == 0.0:
        return None
    dollars = borne(terms, cases) if terms["kind"] == "prospective" else truncated(terms, cases)
    return math.fsum(dollars[of_kind]) / number


def price_of_baseline(terms: Terms, bases: Mapping[int, Cases], kind: str, year: int) -> float | None:
    """The mean of base years by their weights, grown to a year; None where none of them that weighs has episodes."""
    baseline: Terms = terms["baseline"]
    weights = baseline.get("weights") or [1.0] * len(bases)
    found = []
    for (base, cases), weight in zip(sorted(bases.items()), weights, strict=True):
        mean = mean_of_year(terms, cases, kind)
        if mean is not None:
            grown = (1.0 + number_of(baseline, "trend", 0.0)) ** (year - base)
            found.append((float(weight), mean * grown))
    total = math.fsum(weight for weight, _ in found)
    return math.fsum(weight * mean for weight, mean in found) / total if total > 0.0 else None


def prices_of(signed: Signed, book: Book, year: int, cells: Sequence[str]) -> F64:
    """The price of each episode before any multiplier and discount, shape (episodes,)."""
    given, baseline = by_cell(signed.terms, "target_price", cells, math.nan), signed.terms.get("baseline")
    if baseline is None:
        return given
    base_years = range(1 - int(book.world.spec.get("base_years", 0)), 1)
    bases = {base: cases_of(signed, book.without_programmes, base) for base in base_years}
    own, prices = number_of(baseline, "own_share", 1.0), given.copy()
    for kind in sorted(set(cells)):
        found = price_of_baseline(signed.terms, bases, kind, year)
        which = np.array([cell == kind for cell in cells], dtype=np.bool_)
        if found is not None:
            prices[which] = own * found + (1.0 - own) * given[which]
    return prices
