"""Prices stays in long-term care hospitals: figures of the year, then the rule of the core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._payment import _dated
from atrisk._payment._cases import measured, read_cases, refuse_frames, whole_numbers
from atrisk._payment._checks import flags, known_or_missing, refuse, refuse_columns
from atrisk._payment._priced import Cases
from atrisk._payment._year_figures import (
    YearFigures,
    described,
    optional_amount,
    read_years,
    single,
    with_year,
)
from atrisk.rules._rule import Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    "labor_share": (0, 1, ""),
    "deductible": (0, MOST, "dollars"),
    "sequestration_rate": (0, 1, ""),
}
OF_THE_YEAR = {
    "standard_rate": (0, 1e6, "dollars"),
    "fixed_loss_amount": (0, 1e6, "dollars"),
    "site_neutral_fixed_loss_amount": (0, 1e6, "dollars"),
    "outlier_part": (0, 1, ""),
}
OPTIONAL = ("deductible", "sequestration_rate")  # 0 where there is none
KNOWN = ("fiscal_year", *dict.fromkeys([*NEEDED, *RANGES, *OF_THE_YEAR]))
AMOUNT = "ipps_comparable_amount"
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
    42 CFR 412.500-412.538. The formula of short stays is recalled, standard rates and fixed losses are doubtful.

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
    return _cases(frame, with_year(facts, "fiscal_year", fiscal_year))[0].frame(frame)


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
    cases, look = _cases(case, with_year(facts, "fiscal_year", fiscal_year))
    refuse_columns(PLACE, cases.given)
    year = look.dated.years[single(look.position)]
    kind = "site-neutral" if single(cases.facts["site_neutral"]) else "long-term group"
    return described(cases.statement(), f"{PLACE}, fiscal year {year}, {kind}", look.notes)


def _cases(frame: object, facts: dict[str, Any]) -> tuple[Cases, YearFigures]:
    given = read_cases(PLACE, frame, facts, KNOWN, ("fiscal_year", *NEEDED))
    dated, position = read_years(PLACE, "fiscal_year", given["fiscal_year"], _dated.read("atrisk.ltch"))
    look = YearFigures(PLACE, dated, position, given=given)
    read = {
        name: (optional_amount if name in OPTIONAL else measured)(f"{PLACE}.{name}", given[name], *RANGES[name])
        for name in RANGES
        if name in given and name != AMOUNT
    }
    read["length_of_stay"] = whole_numbers(f"{PLACE}.length_of_stay", given["length_of_stay"], 1, 36_500, "days")
    read["site_neutral"] = flags(f"{PLACE}.site_neutral", given["site_neutral"])
    if AMOUNT in given:
        read[AMOUNT] = known_or_missing(f"{PLACE}.{AMOUNT}", given[AMOUNT], *RANGES[AMOUNT])
    site_neutral = read["site_neutral"] == 1
    may_be_outlier = read["charges"] * read["cost_to_charge_ratio"] > 0
    counts = {
        "standard_rate": ~site_neutral,
        "fixed_loss_amount": ~site_neutral & may_be_outlier,
        "site_neutral_fixed_loss_amount": site_neutral & may_be_outlier,
        "outlier_part": may_be_outlier,
    }
    for name, bounds in OF_THE_YEAR.items():
        read[name] = look.own_or_figure(name, bounds, counts[name], needed=True)
    look.refuse_lacking()
    rule = Rule(
        "ltch",
        {name: dated.term(name) for name in TERMS},
        PLACE,
        waterfall=[("base_payment", 1), ("outlier_payment", 1), ("payment", 1)],
        source="42 CFR 412.500-412.538 (recalled)",
    )
    # The rule decides which stays are short.
    short = rule.columns(read)["short_stay"].reshape(np.broadcast_shapes(*map(np.shape, read.values()))) == 1
    _refuse_unknown_amounts(read, site_neutral | short, given=AMOUNT in given)
    for name in TERMS:
        look.note(name, short)
    return Cases(rule, look.shown, read, {}, look.confidence), look


def _refuse_unknown_amounts(read: dict[str, Any], needed: NDArray[np.bool_], *, given: bool) -> None:
    """Refuse short and site-neutral stays without the amount of an acute-care hospital."""
    missing = needed & np.isnan(read.get(AMOUNT, np.asarray(np.nan)))
    rule = "must be given for short and site-neutral stays"
    refuse(f"{PLACE}.{AMOUNT}", missing, rule, "a missing value" if given else "none")
