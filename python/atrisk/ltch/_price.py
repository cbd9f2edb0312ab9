"""Prices stays in long-term care hospitals: figures of the year, then the rule of the core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment import _dated
from atrisk._payment._cases import measured, read_cases, refuse_frames, whole_numbers, years
from atrisk._payment._checks import flags, refuse_columns
from atrisk._payment._priced import Cases
from atrisk.rules._rule import Rule

if TYPE_CHECKING:
    from atrisk.statement import Statement

PLACE = "ltch"
MOST = 1e9  # dollars of a stay
NEEDED = (
    "weight",
    "geometric_mean_length_of_stay",
    "length_of_stay",
    "charges",
    "site_neutral",
    "wage_index",
    "cost_to_charge_ratio",
    "labor_share",
)
RANGES = {
    "weight": (0.0001, 1000, ""),
    "geometric_mean_length_of_stay": (0.1, 1000, "days"),
    "charges": (0, MOST, "dollars"),
    "ipps_comparable_amount": (0, MOST, "dollars"),
    "wage_index": (0.01, 10, ""),
    "cost_of_living_factor": (0.5, 2, ""),
    "cost_to_charge_ratio": (0, 10, ""),
    "standard_rate": (0, 1e6, "dollars"),
    "labor_share": (0, 1, ""),
    "fixed_loss_amount": (0, 1e6, "dollars"),
    "site_neutral_fixed_loss_amount": (0, 1e6, "dollars"),
    "outlier_part": (0, 1, ""),
    "deductible": (0, MOST, "dollars"),
    "sequestration_rate": (0, 1, ""),
}
KNOWN = ("fiscal_year", *dict.fromkeys([*NEEDED, *RANGES]))
OF_THE_YEAR = ("standard_rate", "fixed_loss_amount", "site_neutral_fixed_loss_amount", "outlier_part")
TERMS = ("mean_numerator", "mean_denominator", "blend_most_days", "per_diem_factor")


def price(frame: object = None, /, *, fiscal_year: object = None, **facts: Any) -> Any:  # noqa: ANN401 - facts and frames of the user's kind
    """Price stays in long-term care hospitals, every step a column.

    Parameters
    ----------
    frame : data frame or mapping, optional
        A row for each stay, with the facts below as columns (pandas, polars, Arrow, or a mapping of columns).
    fiscal_year : int or column
        Federal fiscal year of discharge, 2024-2026.
    **facts : values or columns
        Needed: ``weight`` and ``geometric_mean_length_of_stay`` (days) of the long-term group (no table is shipped),
        ``length_of_stay`` (days), ``charges`` (dollars), ``site_neutral`` (true or false), ``wage_index``,
        ``cost_to_charge_ratio``, ``labor_share`` (0-1), and for short and site-neutral stays
        ``ipps_comparable_amount`` (dollars for these days, without outlier). Others are in ``docs/payment/ltch.md``.

    Returns
    -------
    data frame
        Of the kind that was given: the figures looked up, every line of the payment, and ``confidence``.

    Raises
    ------
    InputError
        Missing, unknown or impossible facts; a year without figures (with those that have them).

    Notes
    -----
    42 CFR 412.500-412.538. The formula of short stays and every figure but thresholds of acute-care hospitals are
    recalled, not checked against a text.

    Examples
    --------
    >>> import atrisk as ar
    >>> group = {"weight": 1.0, "geometric_mean_length_of_stay": 24}
    >>> hospital = {"wage_index": 1.0, "cost_to_charge_ratio": 0.2, "labor_share": 0.7}
    >>> stays = {"length_of_stay": [30, 20, 10], "charges": 100_000, "site_neutral": False}
    >>> paid = ar.ltch.price(stays, **group, **hospital, ipps_comparable_amount=10_000, fiscal_year=2026)
    >>> paid["payment"].tolist()
    [50824.51, 50824.51, 17706.13]
    """
    return _cases(frame, fiscal_year, facts).frame(frame)


def explain(case: object = None, /, *, fiscal_year: object = None, **facts: Any) -> Statement:  # noqa: ANN401 - numbers
    """Explain one stay line by line.

    Parameters
    ----------
    case : mapping or row, optional
        One stay with its hospital: facts as in :func:`price`.
    fiscal_year : int
        Federal fiscal year of discharge.
    **facts : values
        Facts by name.

    Returns
    -------
    Statement
        Facts, figures and every step; notes name what is recalled; its waterfall adds up to the payment.

    Raises
    ------
    InputError
        As in :func:`price`, and for a frame.
    """
    refuse_frames(PLACE, case)
    cases = _cases(case, fiscal_year, facts)
    refuse_columns(PLACE, cases.given)
    return cases.statement()


def _cases(frame: object, fiscal_year: object, facts: dict[str, Any]) -> Cases:
    facts = facts if fiscal_year is None else {**facts, "fiscal_year": fiscal_year}
    given = read_cases(PLACE, frame, facts, KNOWN, ("fiscal_year", *NEEDED))
    dated = _dated.read("atrisk.ltch")
    look = _dated.Lookup(PLACE, dated, years(f"{PLACE}.fiscal_year", given["fiscal_year"], dated.years))
    numbers = {
        name: measured(f"{PLACE}.{name}", given[name], *RANGES[name])
        for name in RANGES
        if name in given and name != "ipps_comparable_amount"
    }
    numbers["length_of_stay"] = whole_numbers(f"{PLACE}.length_of_stay", given["length_of_stay"], 1, 36_500, "days")
    site_neutral = numbers["site_neutral"] = flags(f"{PLACE}.site_neutral", given["site_neutral"])
    fifths, of = float(dated.term("mean_numerator")), float(dated.term("mean_denominator"))
    short = numbers["length_of_stay"] * of <= np.round(numbers["geometric_mean_length_of_stay"] * fifths, 9)
    numbers |= _comparable(given, (site_neutral == 1) | short)
    for name in TERMS:
        look.note(name, short & (site_neutral == 0))
    found = {name: look.figure(name) for name in OF_THE_YEAR if name not in numbers}
    terms = {name: dated.term(name) for name in TERMS}
    waterfall = [("base_payment", 1), ("outlier_payment", 1), ("payment", 1)]
    rule = Rule("ltch", terms, PLACE, waterfall=waterfall, notes=look.notes, source="42 CFR 412.500-412.538 (recalled)")
    return Cases(rule, given, numbers | found, {}, look.confidence)


def _comparable(given: dict[str, Any], needed: Any) -> dict[str, Any]:  # noqa: ANN401 - a mask
    """Return the amount of an acute-care hospital, which must be known where a stay is short or site-neutral."""
    name = "ipps_comparable_amount"
    path = f"{PLACE}.{name}"
    rule = "must be given for short and site-neutral stays"
    if name not in given:
        if np.any(needed):
            raise InputError(path, rule)
        return {}
    from atrisk.rules._facts import numbers  # noqa: PLC0415 - beside its only use

    values = numbers(path, given[name])
    for row in np.flatnonzero(np.atleast_1d(np.isnan(values) & needed))[:1]:
        raise InputError(f"{path}[{row}]" if np.ndim(needed) or values.ndim else path, rule, "a missing value")
    measured(path, np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf), *RANGES[name])
    return {name: values}
