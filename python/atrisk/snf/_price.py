"""Prices claims of skilled nursing: every step as a column, or one claim as a statement."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._payment import _tables
from atrisk._payment._cases import refuse_frames
from atrisk._payment._priced import Cases
from atrisk.rules import _presets
from atrisk.rules._rule import Rule
from atrisk.rules.sequestration import TABLE, _described
from atrisk.snf._book import book
from atrisk.snf._claims import PLACE, Claims
from atrisk.snf._hipps import PACKAGE, parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk.statement import Statement

SOURCE = "42 CFR 413.337; steps and roundings of the SNF pricer of CMS"
TO_PAYMENT = (
    ("therapy_portion", 1),
    ("nta_portion", 1),
    ("other_portion", 1),
    ("wage_adjustment", 1),
    ("value_based_adjustment", 1),
)
KINDS = {"rates": "base rates", "indexes": "case-mix indexes", "labor_shares": "labor share"}


@cache
def _rule() -> Rule:
    """Return the rule of the core with its schedules."""
    table = _tables.read(PACKAGE, "variable_per_diem.csv")
    days = table.whole("day")
    terms = {
        "therapy_schedule": _spans(days, table.words("therapy_factor")),
        "nta_schedule": _spans(days, table.words("nta_factor")),
        "aids_add_on_rate": parameter("aids_add_on_rate"),
        "full_days": parameter("full_days"),
    }
    return Rule("skilled_nursing", terms, PLACE, source=SOURCE)


def _spans(days: Sequence[int], factors: Sequence[str]) -> list[dict[str, str]]:
    """Return days that follow each other with one factor as spans."""
    spans: list[dict[str, str]] = []
    for day, factor in zip(days, factors, strict=True):
        if spans and spans[-1]["factor"] == factor:
            spans[-1]["to"] = str(day)
        else:
            spans.append({"from": str(day), "to": str(day), "factor": factor})
    return spans


def _cases(frame: object, facts: dict[str, Any], tables: dict[str, object]) -> tuple[Claims, Cases]:
    facts = {name: value for name, value in facts.items() if name != "fiscal_year" or value is not None}
    claims = Claims(frame, facts, book(**tables))
    table = _tables.read(PACKAGE, "variable_per_diem.csv")
    sure = _tables.least_sure(int(table.confidences().min()), *claims.sure)
    return claims, Cases(_rule(), claims.series, claims.facts, claims.found(), sure)


def price(
    frame: object = None,
    /,
    *,
    fiscal_year: object = None,
    case_mix_indexes: object = None,
    base_rates: object = None,
    **facts: Any,  # noqa: ANN401 - columns or values of any kind
) -> Any:  # noqa: ANN401 - a frame of the user's kind
    """Price claims, a row each, as the SNF pricer of CMS does.

    Parameters
    ----------
    frame : data frame or mapping, optional
        Claims in rows; columns that are no facts are left alone.
    fiscal_year : int or column
        Federal fiscal year of the claim; a claim lies in one.
    case_mix_indexes, base_rates : data frame, optional
        Your own figures, in the columns of :func:`tables`, for years that are not shipped (indexes of 2020 and 2023;
        rates of facilities that did not report quality) or in place of shipped ones; a column ``fiscal_year`` may stand
        for the years from first to last. Those without a ``confidence`` count as read.
    **facts
        Columns of the frame, or the same by name:

        - ``hipps``: code of five characters (ZZZZZ is priced as the default), or the four groups ``therapy_group``
          (TA-TP), ``speech_group`` (SA-SL), ``nursing_group`` (ES3-PA1) and ``nta_group`` (NA-NF);
        - ``area``: ``urban`` or ``rural``; ``wage_index``: factor;
        - ``days``: covered days of the claim, 1-100; ``prior_days``: days of the stay before it (0);
        - ``benefit_days_used``: days of the benefit period before it, where more than ``prior_days``;
        - ``value_based_multiplier``: factor (1); ``aids``: whether B20 is on the claim (false);
        - ``quality_reported``: whether quality was reported (true); ``labor_share``: 0-1, in place of the year's;
        - ``calendar_year``, or ``through_date`` with or without ``from_date``: without them coinsurance is not known
          where a claim has days beyond the 20th; ``coinsurance_per_day``, dollars, in place of the year's;
        - ``through_date``: besides, what is held back by sequestration on that date; ``sequestration_rate``, 0-1, in
          its place; without both nothing is held back.

    Returns
    -------
    data frame
        A row for each claim, of the kind that was given: the groups priced by, every figure looked up, every step,
        ``payment`` (dollars; what the pricer pays, coinsurance included), ``coinsurance``, ``sequestered``,
        ``medicare_payment``, and ``confidence``, how sure the least sure figure is.

    Raises
    ------
    InputError
        Where facts are missing, unknown or wrong, with their row, or a fiscal year has no figures.

    Notes
    -----
    Amounts are rounded to cents, halves away from zero, where the pricer does; 42 CFR 413.337.

    Examples
    --------
    >>> claim = {"hipps": "NHNC1", "area": "urban", "wage_index": 0.95, "days": 30, "value_based_multiplier": 0.985}
    >>> ar.snf.price(claim, fiscal_year=2026)["payment"].item()
    22815.55
    """
    tables = {"base_rates": base_rates, "case_mix_indexes": case_mix_indexes}
    return _cases(frame, {**facts, "fiscal_year": fiscal_year}, tables)[1].frame(frame)


def explain(
    case: object = None,
    /,
    *,
    fiscal_year: object = None,
    case_mix_indexes: object = None,
    base_rates: object = None,
    **facts: Any,  # noqa: ANN401 - values of any kind
) -> Statement:
    """Price one claim line by line.

    Parameters
    ----------
    case : mapping or row, optional
        The claim; facts as in :func:`price`.
    fiscal_year, case_mix_indexes, base_rates, **facts
        As in :func:`price`.

    Returns
    -------
    Statement
        Figures looked up, every step, and below them what rests on no text of the rule. Its lines add up to
        ``medicare_payment``, or to ``payment`` where coinsurance is not known.

    Raises
    ------
    InputError
        As :func:`price`, and where more than one claim is given.

    Examples
    --------
    >>> claim = {"hipps": "NHNC1", "area": "urban", "wage_index": 0.95, "days": 30, "value_based_multiplier": 0.985}
    >>> ar.snf.explain(claim, fiscal_year=2026)["therapy_portion"]
    Decimal('6130.01')
    """
    refuse_frames(PLACE, case)
    given = dict(case) if isinstance(case, dict) else case
    tables = {"base_rates": base_rates, "case_mix_indexes": case_mix_indexes}
    claims, cases = _cases(given, {**facts, "fiscal_year": fiscal_year}, tables)
    claims.refuse_unused()
    known = "coinsurance_per_day" in claims.facts or not claims.shares
    last = (("coinsurance", -1), ("sequestered", -1), ("medicare_payment", 1)) if known else (("payment", 1),)
    rule = replace(cases.rule, waterfall=(*TO_PAYMENT, *last), notes=_notes(claims, known=known))
    return replace(cases, rule=rule).statement()


def _notes(claims: Claims, *, known: bool) -> list[str]:
    """Return what a reader must know of the figures used."""
    rows: dict[str, list[dict[str, str]]] = {}
    for array, at in claims.used:
        position = tuple(int(np.asarray(each)) for each in at)
        rows.setdefault(KINDS[array], []).append(claims.book.rows[array, *position])
    rows["variable per diem"] = list(_tables.read(PACKAGE, "variable_per_diem.csv").rows)
    rows["days of the benefit"] = [
        r for r in _tables.read(PACKAGE, "parameters.csv").rows if r["parameter"][-4:] == "days"
    ]
    table = _tables.read(PACKAGE, "coinsurance.csv")
    if hasattr(claims, "coinsurance_row") and claims.shares:
        rows["coinsurance"] = [table.rows[int(claims.coinsurance_row)]]
    notes = [note for name, used in rows.items() for note in _tables.notes(used, name)]
    if not known:
        notes.append("coinsurance is not known: give calendar_year, through_date or coinsurance_per_day")
    if "through_date" in claims.given and "sequestration_rate" not in claims.given:
        rate = float(np.asarray(claims.facts["sequestration_rate"]))
        notes.extend(_presets.notes([r for r in _presets.table(TABLE) if float(r["rate"]) == rate], _described))
    return notes
