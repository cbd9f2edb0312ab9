"""Programmes of Medicare that pay by a score, as terms of pay for performance: clinicians (MIPS) and hospitals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from atrisk import _figures
from atrisk._errors import InputError, a
from atrisk._spec import nested_terms, plain, uncertain, whole
from atrisk.hospital.value_based_purchasing import rule_terms as purchasing_terms
from atrisk.mips._adjustment import rule_terms as mips_terms

if TYPE_CHECKING:
    from atrisk.contracts.pay_for_performance import PayForPerformance

PLACE = "PayForPerformance"
#: What the rule of a programme leaves to say.
OWN = ("lag_years", "minimum_eligible", "minimum_measures", "settle_month")


def made(cls: type[PayForPerformance], name: str, preset: dict[str, Any], terms: dict[str, Any]) -> PayForPerformance:
    """Return the contract of a programme with a user's other terms."""
    unknown = next((term for term in terms if term not in OWN), None)
    if unknown is not None:
        raise InputError(f"{PLACE}.{name}.{unknown}", f"must be one of {', '.join(OWN)}", "another term")
    return cls(**(preset | terms))


def written(given: object) -> dict[str, Any] | None:
    """Return the rule of a programme as the core reads it, refusing what is none."""
    if given is None:
        return None
    if not isinstance(given, Mapping) or len(given) != 1 or not isinstance(next(iter(given.values())), Mapping):
        rule = "must be made by PayForPerformance.mips or PayForPerformance.value_based_purchasing"
        raise InputError(f"{PLACE}.payment_adjustment", rule, a(given))
    # A copy: where a term is uncertain its mean takes its place.
    return nested_terms(given)


def of_clinicians(payment_year: int, scaling_factor: object, exceptional_scaling_factor: object) -> dict[str, Any]:
    """Return the terms of MIPS in a payment year."""
    place = f"{PLACE}.mips"
    years = {int(row.value): row.first_year for row in _figures.read("atrisk.mips") if row.figure == "payment_year"}
    chosen = whole(f"{place}.payment_year", payment_year, 0, 9999)
    if chosen not in years:
        listed = ", ".join(map(str, sorted(years)))
        raise InputError(f"{place}.payment_year", f"must be one of the years {listed}", str(chosen))
    year = years[chosen]
    figures = _figures.of_year("atrisk.mips", "mips", place, year, "performance_threshold")
    terms = mips_terms(place, figures, scaling_factor, exceptional_scaling_factor)
    notes = [f"MIPS, performance year {year}, payment year {chosen}: {figures.source('performance_threshold')}"]
    if scaling_factor is None:
        notes.append("gains before the scaling that makes them cost what reductions save: give scaling_factor=")
    if terms["exceptional"] is not None and exceptional_scaling_factor is None:
        notes.append("exceptional performance before it is held to its pool: give exceptional_scaling_factor=")
    return {
        "payment_adjustment": {"mips": terms},
        "lag_years": chosen - year,
        "notes": (*notes, *figures.notes),
    }


def of_hospitals(fiscal_year: int, slope: object) -> dict[str, Any]:
    """Return the terms of hospital value-based purchasing in a fiscal year."""
    place = f"{PLACE}.value_based_purchasing"
    figures = _figures.of_year("atrisk.hospital", "vbp", f"{place}.fiscal_year", fiscal_year, "withhold_rate")
    fixed = "fixed_payment_factor" in figures
    if fixed and slope is not None:
        rule = "must be left out: every hospital had the same factor in the year"
        raise InputError(f"{place}.slope", rule, str(slope))
    if not fixed and slope is None:
        rule = "must be given: the slope that the year's exchange function has, published once for the nation"
        raise InputError(f"{place}.slope", rule, "None", "ar.hospital.vbp computes one from many hospitals")
    if fixed:
        terms = purchasing_terms(figures, 0) | {"withhold_rate": _unmoved(place, figures)}
    else:
        terms = purchasing_terms(figures, slope if uncertain(slope) else plain(f"{place}.slope", slope))
    source = figures.source("fixed_payment_factor" if fixed else "withhold_rate", "divisor")
    notes = [f"hospital value-based purchasing, fiscal year {fiscal_year}: {source}"]
    if fixed:
        notes.append(f"every hospital had a factor of {figures['fixed_payment_factor']} in the year")
    lag_years = int(figures["performance_lag_years"])
    return {
        "payment_adjustment": {"value_based_purchasing": terms},
        "lag_years": lag_years,
        "notes": (*notes, *figures.notes),
    }


def _unmoved(place: str, figures: _figures.Year) -> str:
    """Return the withhold of a year in which no payment moves."""
    factor = figures.number("fixed_payment_factor")
    if factor != 1:
        raise InputError(place, "must be a year whose factor is 1, or goes by the score", f"{factor:g}")
    return "0"
