"""Prices lines of hospice claims: every step as a column, or one line as a statement."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment import _tables
from atrisk._payment._cases import refuse_frames
from atrisk._payment._priced import Cases
from atrisk.hospice._lines import PACKAGE, PLACE, Lines, parameter
from atrisk.rules._rule import Rule

if TYPE_CHECKING:
    from atrisk.statement import Statement

TERMS = (
    "first_rate_days",
    "least_continuous_units",
    "respite_days",
    "units_per_hour",
    "hours_per_day",
    "most_intensity_hours",
)
WATERFALL = (
    ("routine_payment", 1),
    ("continuous_payment", 1),
    ("respite_payment", 1),
    ("inpatient_payment", 1),
    ("intensity_payment", 1),
    ("payment", 1),
)
SOURCE = "42 CFR 418.302 and 418.306; steps of the hospice pricer of CMS"


@cache
def _rule() -> Rule:
    return Rule("hospice", {name: parameter(name) for name in TERMS}, PLACE, WATERFALL, source=SOURCE)


def _cases(frame: object, facts: dict[str, Any], rates: object) -> tuple[Lines, Cases]:
    facts = {name: value for name, value in facts.items() if name != "fiscal_year" or value is not None}
    lines = Lines(frame, facts, rates)
    return lines, Cases(_rule(), lines.series, lines.facts, {"level": lines.level}, _tables.least_sure(lines.sure))


def price(
    frame: object = None,
    /,
    *,
    fiscal_year: object = None,
    rates: object = None,
    **facts: Any,  # noqa: ANN401 - columns or values of any kind
) -> Any:  # noqa: ANN401 - a frame of the user's kind
    """Price lines of hospice claims, a row each.

    Parameters
    ----------
    frame : data frame or mapping, optional
        Lines in rows; columns that are no facts are left alone.
    fiscal_year : int or column
        Federal fiscal year.
    rates : data frame, optional
        Your own rates, in the columns of ``tables()["rates"]``: of other years, or the lower ones of hospices that did
        not report quality. Those without a ``confidence`` count as read.
    **facts
        Columns of the frame, or the same by name:

        - ``level``: ``routine``, ``continuous``, ``inpatient_respite``, ``general_inpatient``, or
          ``service_intensity`` (what nurses and social workers add to a routine day at the end of life);
        - ``wage_index``: factor;
        - ``days``: 1-366, for routine care, respite and general inpatient care; missing at the other levels;
        - ``units``: quarter hours of one day, 1-96, for continuous care and service intensity; missing at the others;
        - ``days_before_death``: 0 (the day of death) to 6, for service intensity;
        - ``prior_days``: days since admission before the line (0; a break of more than 60 days begins anew);
        - ``prior_respite_days``: days of respite just before the line, without a break (0).

    Returns
    -------
    data frame
        A row for each line, of the kind that was given: figures looked up, every step, ``payment`` in dollars, and
        ``confidence``, how sure the least sure figure is.

    Raises
    ------
    InputError
        Where facts are missing, unknown or wrong, with their row, or a fiscal year has no rates.

    Notes
    -----
    Routine days are paid at the first rate up to the 60th since admission; a day of continuous care under 32 units is a
    routine day; respite beyond five days in a row is routine care. Each portion is rounded to cents, halves away from
    zero; the hour of continuous care is cut off after four decimals. 42 CFR 418.302.

    Examples
    --------
    >>> ar.hospice.price(level="routine", days=10, prior_days=55, wage_index=1.0, fiscal_year=2025)["payment"].item()
    2007.7
    """
    return _cases(frame, {**facts, "fiscal_year": fiscal_year}, rates)[1].frame(frame)


def explain(
    case: object = None,
    /,
    *,
    fiscal_year: object = None,
    rates: object = None,
    **facts: Any,  # noqa: ANN401 - values of any kind
) -> Statement:
    """Price one line of a claim step by step.

    Parameters
    ----------
    case : mapping or row, optional
        The line; facts as in :func:`price`.
    fiscal_year, rates, **facts
        As in :func:`price`.

    Returns
    -------
    Statement
        Figures looked up, every step, and below them what rests on no text of the rule; the portions add up to
        ``payment``.

    Raises
    ------
    InputError
        As :func:`price`, and where more than one line is given.

    Examples
    --------
    >>> ar.hospice.explain(level="continuous", units=32, wage_index=1.0, fiscal_year=2025)["continuous_payment"]
    Decimal('539.53')
    """
    refuse_frames(PLACE, case)
    lines, cases = _cases(case, {**facts, "fiscal_year": fiscal_year}, rates)
    if any(np.ndim(value) for value in lines.given.values()):
        raise InputError(PLACE, "must be one case: single values", "columns")
    year = str(int(np.asarray(lines.given["fiscal_year"])))
    prevailing = {row["care"]: row for row in lines.rows if row["fiscal_year"] == year}
    notes = _tables.notes(list(prevailing.values()), "rates")
    notes += _tables.notes(_tables.read(PACKAGE, "labor_shares.csv").rows, "labor shares")
    used = [row for row in _tables.read(PACKAGE, "parameters.csv").rows if row["parameter"] in TERMS]
    for row in used:
        notes += _tables.notes([row], row["parameter"])
    return replace(cases, rule=replace(cases.rule, notes=notes)).statement()
