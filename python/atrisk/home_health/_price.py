"""Prices periods of care: every step as a column, or one period line by line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from atrisk._figures import note
from atrisk._payment import _tables
from atrisk._payment._cases import refuse_frames
from atrisk._payment._checks import refuse_columns
from atrisk._payment._year_figures import confidence_note, described, single, told_terms, with_year
from atrisk.home_health._names import DISCIPLINES, PACKAGE, PLACE, table, term
from atrisk.home_health._periods import read_periods

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atrisk._payment._priced import Cases
    from atrisk.statement import Statement

# How lines begin that are only of periods paid as a whole.
WHOLE = (
    *("case_mix_", "partial_period_days", "partial_period_factor", "period_payment", "loss_", "fixed_dollar_loss"),
    *("agency_outlier_", "prior_", "imputed_cost", "uncapped_outlier", "outlier_threshold"),
)


def price(frame: object = None, /, *, calendar_year: object = None, weights: object = None, **facts: Any) -> Any:  # noqa: ANN401 - facts and frames of the user's kind
    """Price 30-day periods of home health care, every step as a column.

    Parameters
    ----------
    frame : data frame or mapping, optional
        A row for each period (pandas, polars, Arrow); or facts by name.
    calendar_year : int or column of int
        Year in which a period ends, 2020-2026; or a column ``calendar_year`` of the frame.
    weights : data frame or mapping, optional
        ``hipps``, ``weight`` and ``lupa_threshold`` of each group. By default those of the package: presumed to be of
        calendar year 2025, recalled, and without the 36 groups of behavioral health, which are refused.
    **facts
        ``hipps``, or ``weight`` and ``lupa_threshold`` with ``first_period``; ``wage_index``; visits by discipline
        (``skilled_nursing_visits``, ``physical_therapy_visits``, ``occupational_therapy_visits``,
        ``speech_language_pathology_visits``, ``medical_social_services_visits``, ``home_health_aide_visits``: some of
        them, others are 0).

        Optional: ``first_period`` (by default early groups are first); ``skilled_nursing_first_day`` and so on, the day
        (1-30) of the first visit, where a first period of few visits has several disciplines, the earliest of which
        decides on the add-on;
        ``partial_period_days`` (1-30, by default 30: a whole period); 15-minute ``skilled_nursing_units`` and so on
        with ``skilled_nursing_unit_rate`` and so on (dollars), for outliers; ``prior_payments`` and
        ``prior_outliers`` of the agency (dollars); ``rural_category`` (``none``, ``high_utilization``,
        ``low_population``, ``all_other``); ``quality_data`` (by default true); ``late_notice_days`` (0-30, by default
        0); ``value_based_factor`` (by default 1); figures of your own in place of those
        of the year, row by row: ``base_rate``, ``skilled_nursing_visit_rate`` and so on (dollars), ``labor_share``,
        ``fixed_dollar_loss_ratio``, ``loss_sharing``, ``agency_outlier_cap``, ``rural_factor``,
        ``skilled_nursing_add_on_factor`` and so on; years after those shipped take nothing else.

    Returns
    -------
    data frame
        What the code says, figures looked up, each step, ``payment`` and ``confidence`` of the least sure figure used,
        rows in the given order.

    Raises
    ------
    InputError
        Missing facts, all named at once; unknown ones; values out of range, with their row; years without figures; a
        group without a weight; units without a rate.

    Notes
    -----
    42 CFR 484.205-484.240 and 484.370, with the roundings of the CMS home health pricer. Without units there is no
    outlier payment. ``docs/payment/home_health.md`` has every step.

    Examples
    --------
    >>> import atrisk as ar
    >>> periods = {"weight": [1.1, 1.1], "lupa_threshold": [4, 4], "skilled_nursing_visits": [10, 3]}
    >>> priced = ar.home_health.price(periods, calendar_year=2026, wage_index=1.05, first_period=True)
    >>> priced["payment"].tolist()
    [2326.0, 682.94]
    """
    cases, _ = read_periods(frame, weights, with_year(facts, "calendar_year", calendar_year))
    return cases.frame(frame)


def explain(
    case: object = None,
    /,
    *,
    calendar_year: object = None,
    weights: object = None,
    **facts: Any,  # noqa: ANN401 - facts of any kind
) -> Statement:
    """Explain what one period of home health care is paid, line by line.

    Parameters
    ----------
    case : mapping or row of a pandas frame, optional
        Facts by name, as in :func:`price`; they may be given by name themselves.
    calendar_year, weights, **facts
        As in :func:`price`.

    Returns
    -------
    Statement
        Facts, figures of the year and steps; lines of disciplines without visits, and of the way of paying that did
        not apply, are left out. Its notes tell what was not read in the text of a rule.

    Raises
    ------
    InputError
        As :func:`price`; several cases.

    Examples
    --------
    >>> import atrisk as ar
    >>> statement = ar.home_health.explain(
    ...     weight=1.1, lupa_threshold=4, skilled_nursing_visits=10, partial_period_days=17, wage_index=1.05,
    ...     first_period=True, calendar_year=2026,
    ... )
    >>> statement["payment"]
    Decimal('1325.82')
    """
    refuse_frames(PLACE, case)
    cases, used = read_periods(case, weights, with_year(facts, "calendar_year", calendar_year))
    refuse_columns(PLACE, cases.given)
    statement = cases.statement()
    unseen = tuple(f"{each}_" for each in DISCIPLINES if not cases.facts.get(f"{each}_visits", 0))
    other_way = _whole_only if used["lupa"].item() else _by_visit_only
    shown = [line for line in statement.lines if not line.line.startswith(unseen) and not other_way(line.line)]
    return described(replace(statement, lines=shown), _title(cases, used), [*_said(cases), *_notes(used)])


def _by_visit_only(line: str) -> bool:
    """Say whether a line is only of periods that are paid by the visit."""
    wage_adjusted = line.startswith((*DISCIPLINES, "add_on")) and line.endswith("labor") and "_cost_" not in line
    of_add_on = line.endswith(("_visit_rate", "_first_day", "_add_on_factor")) or line == "first_period"
    return wage_adjusted or of_add_on or (line.startswith(DISCIPLINES) and line.endswith("_add_on"))


def _whole_only(line: str) -> bool:
    """Say whether a line is only of periods that are paid as a whole."""
    of_cost = line.startswith(DISCIPLINES) and ("_cost_" in line or "_unit" in line)
    return of_cost or line.startswith(WHOLE)


def _title(cases: Cases, used: Mapping[str, Any]) -> str:
    """Return what is priced: the code, the year, and how it is paid."""
    look = used["look"]
    code = f" {single(cases.given['hipps'])}" if "hipps" in cases.given else ""
    paid = "paid by the visit (LUPA)" if single(used["lupa"]) else "paid as a whole"
    return f"{PLACE}{code}, calendar year {look.dated.years[single(look.position)]}, {paid}"


def _said(cases: Cases) -> list[str]:
    """Return what the code of a case says, as a note."""
    words = [f"{name.replace('_', ' ')} {single(word)}" for name, word in cases.found.items()]
    return [f"{single(cases.given['hipps'])}: {', '.join(words)}"] if words else []


def _notes(used: Mapping[str, Any]) -> list[str]:
    """Return what a reader must know of the figures of one case."""
    told: list[str] = used["look"].notes[:-1]
    if used["weights"]:
        told += _tables.notes(table("weights").rows[:1], "weight and LUPA threshold of the group")
    if single(used["parts"]):
        told += told_terms(PACKAGE, ["period_days"])
    if single(used["late"]):
        told.append(note("reduction for late notice", "42 CFR 484.205", "recalled"))
    told += confidence_note(used["confidence"])
    if single(used["lupa"]):
        told.append("LUPA: no outlier; visits before a late notice are not covered and not to be counted")
    elif not used["units"]:
        told.append(f"no 15-minute units were given: no outlier payment ({term('units_a_day')} units a day count)")
    return told
