"""Prices claims of skilled nursing: every step as a column, or one claim as a statement."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._payment import _tables
from atrisk._payment._by_date import sequestration_notes
from atrisk._payment._cases import refuse_frames
from atrisk._payment._checks import refuse_columns
from atrisk._payment._priced import Cases
from atrisk.rules._rule import Rule
from atrisk.snf._book import book
from atrisk.snf._claims import PLACE, Claims
from atrisk.snf._hipps import PACKAGE

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
        "aids_add_on_rate": _tables.parameter(PACKAGE, "aids_add_on_rate"),
        "full_days": _tables.parameter(PACKAGE, "full_days"),
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
        Claims in rows; columns that neither are facts nor look like one are left alone.
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
          its place; without both what is held back is not known, nor what Medicare pays.

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
        ``medicare_payment``, or to ``payment`` where coinsurance or sequestration is not known.

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
    tables = {"base_rates": base_rates, "case_mix_indexes": case_mix_indexes}
    claims, cases = _cases(case, {**facts, "fiscal_year": fiscal_year}, tables)
    refuse_columns(PLACE, claims.series)
    shared = "coinsurance_per_day" in claims.facts or not claims.shares
    known = shared and "sequestration_rate" in claims.facts
    last = (("coinsurance", -1), ("sequestered", -1), ("medicare_payment", 1)) if known else (("payment", 1),)
    rule = replace(cases.rule, waterfall=(*TO_PAYMENT, *last), notes=_notes(claims, shared=shared))
    statement = replace(cases, rule=rule).statement()
    terms = ["full_days", *(["aids_add_on_rate"] if claims.aids else [])]
    lines = [*(_tables.parameter_line(PACKAGE, name) for name in terms), *statement.lines]
    return replace(statement, lines=lines, title=_title(claims))


def _title(claims: Claims) -> str:
    """Return what tells the claim: its code or groups, area and fiscal year."""
    code = [str(claims.given["hipps"])] if "hipps" in claims.given else []
    groups = [str(name) for name in claims.found().values()]
    area, year = str(claims.given["area"]), int(claims.fiscal_year)
    aids = ", AIDS" if claims.aids else ""
    return f"{PLACE} {' '.join([*code, *groups])}, {area}, fiscal year {year}{aids}"


def _notes(claims: Claims, *, shared: bool) -> list[str]:
    """Return what a reader must know of the figures used."""
    rows: dict[str, list[dict[str, str]]] = {}
    for array, at in claims.used:
        position = tuple(int(np.asarray(each)) for each in at)
        rows.setdefault(KINDS[array], []).append(claims.book.rows[array, *position])
    rows["variable per diem"] = list(_tables.read(PACKAGE, "variable_per_diem.csv").rows)
    benefit = {"benefit_days", "full_days"}
    rows["days of the benefit"] = [
        row for row in _tables.read(PACKAGE, "parameters.csv").rows if row["parameter"] in benefit
    ]
    if claims.coinsurance_row is not None and claims.shares:
        rows["coinsurance"] = [_tables.read(PACKAGE, "coinsurance.csv").rows[int(claims.coinsurance_row)]]
    notes = [note for name, used in rows.items() for note in _tables.notes(used, name)]
    if claims.aids:
        notes.append("aids_add_on is taken of the nursing rate in cents: our reading of the pricer's roundings")
    if not shared:
        notes.append("coinsurance is not known: give calendar_year, through_date or coinsurance_per_day")
    if "sequestration_rate" not in claims.facts:
        notes.append(
            "what is held back by law is not known, nor what Medicare pays: give through_date or sequestration_rate"
        )
    elif "sequestration_rate" not in claims.given and claims.last is not None:
        notes.extend(sequestration_notes(claims.last))
    return notes
