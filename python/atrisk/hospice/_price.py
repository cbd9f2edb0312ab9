"""Prices lines of hospice claims: every step as a column, or one line as a statement."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from atrisk._payment import _tables
from atrisk._payment._by_date import sequestration_notes
from atrisk._payment._cases import refuse_frames
from atrisk._payment._checks import refuse_columns
from atrisk._payment._priced import Cases
from atrisk.hospice._lines import CARES, PACKAGE, PLACE, RATES, SHARES, Lines
from atrisk.rules._rule import Rule

if TYPE_CHECKING:
    from atrisk.statement import Statement

TERMS = (
    "first_rate_days",
    "least_continuous_units",
    "most_respite_days",
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
AFTER = (("sequestered", -1), ("medicare_payment", 1))
ROUTINE = {
    "facts": ["first_routine_rate", "later_routine_rate", "routine_labor_share", "prior_days"],
    "terms": ["first_rate_days"],
    "steps": ["adjusted_first_routine_rate", "adjusted_later_routine_rate", "days_as_routine", "days_at_first_rate"],
}
CONTINUOUS = ["continuous_rate", "continuous_labor_share"]
# What the payment of a line rests on, by its level: facts, terms, and steps before its portion.
OF_LEVEL = {
    "routine": {"facts": ["routine_days"], "terms": [], "steps": []},
    "continuous": {
        "facts": ["continuous_units", *CONTINUOUS],
        "terms": ["least_continuous_units", "units_per_hour", "hours_per_day"],
        "steps": ["adjusted_continuous_rate", "hourly_continuous_rate", "continuous_payment"],
    },
    "inpatient_respite": {
        "facts": ["respite_days", "prior_respite_days", "respite_rate", "respite_labor_share"],
        "terms": ["most_respite_days"],
        "steps": ["adjusted_respite_rate", "days_as_respite", "respite_payment"],
    },
    "general_inpatient": {
        "facts": ["inpatient_days", "inpatient_rate", "inpatient_labor_share"],
        "terms": [],
        "steps": ["adjusted_inpatient_rate", "inpatient_payment"],
    },
    "service_intensity": {
        "facts": ["intensity_units", *CONTINUOUS],
        "terms": ["units_per_hour", "hours_per_day", "most_intensity_hours"],
        "steps": ["adjusted_continuous_rate", "hourly_intensity_rate", "intensity_payment"],
    },
}
ALWAYS = ("wage_index", "sequestration_rate", "payment", "sequestered", "medicare_payment")
SOURCE = "42 CFR 418.302 and 418.306; steps of the hospice pricer of CMS"


@cache
def _rule() -> Rule:
    return Rule("hospice", {name: _tables.parameter(PACKAGE, name) for name in TERMS}, PLACE, WATERFALL, source=SOURCE)


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
        Lines in rows; columns that neither are facts nor look like one are left alone.
    fiscal_year : int or column
        Federal fiscal year.
    rates : data frame, optional
        Your own rates, in the columns of ``tables()["rates"]``, all five of a year: of other years, or in place of
        shipped ones; with ``quality_reported`` (yes or no) also the lower ones of hospices that did not report quality.
        Those without a ``confidence`` count as read.
    **facts
        Columns of the frame, or the same by name:

        - ``level``: ``routine``, ``continuous``, ``inpatient_respite``, ``general_inpatient``, or
          ``service_intensity`` (what nurses and social workers add to a routine day at the end of life);
        - ``wage_index``: factor;
        - ``days``: 1-366, for routine care, respite and general inpatient care; missing at the other levels;
        - ``units``: quarter hours of one day, 1-96, for continuous care and service intensity; missing at the others;
        - ``days_before_death``: 0 (the day of death) to 6, for service intensity;
        - ``prior_days``: days since admission before the line (0; a break of more than 60 days begins anew);
        - ``prior_respite_days``: days of respite just before the line, without a break (0);
        - ``quality_reported``: whether quality was reported (true); where not, own rates are needed;
        - ``routine_labor_share``, ``continuous_labor_share``, ``respite_labor_share``, ``inpatient_labor_share``: 0-1,
          in place of the shipped ones, which hold from fiscal year 2022 on: needed for rates of earlier years;
        - ``through_date``: last day of the line, for what is held back by sequestration on it;
          ``sequestration_rate``, 0-1, in its place; without both what Medicare pays is not known.

    Returns
    -------
    data frame
        A row for each line, of the kind that was given: figures looked up, every step, ``payment`` in dollars (before
        sequestration), ``sequestered``, ``medicare_payment``, and ``confidence``, how sure the least sure figure is.

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
        What the level of care uses: figures looked up and every step, and below them what rests on no text of the rule;
        the portions less what is sequestered add up to ``medicare_payment``, or to ``payment`` where it is not known.

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
    refuse_columns(PLACE, lines.series)
    statement = cases.statement()
    level = str(lines.level)
    used, terms = _used(level, routine=bool(statement["days_as_routine"]))
    portions = [(line, sign) for line, sign in WATERFALL[:-1] if line in used]
    last = AFTER if "sequestration_rate" in lines.facts else WATERFALL[-1:]
    return replace(
        statement,
        lines=[
            *(_tables.parameter_line(PACKAGE, name) for name in terms),
            *(line for line in statement.lines if line.line in used),
        ],
        waterfall=(*portions, *last),
        title=f"{statement.title}, fiscal year {int(lines.fiscal_year)}",
        notes=_notes(lines, used, terms),
    )


def _used(level: str, *, routine: bool) -> tuple[set[str], list[str]]:
    """Return what is shown of a line: facts and steps by name, and terms in their order."""
    parts = [OF_LEVEL[level], *([ROUTINE] if routine else [])]
    shown = {name for part in parts for kind in ("facts", "steps") for name in part[kind]}
    terms = {name for part in parts for name in part["terms"]}
    return shown | set(ALWAYS) | ({"routine_payment"} if routine else set()), [name for name in TERMS if name in terms]


def _notes(lines: Lines, used: set[str], terms: list[str]) -> list[str]:
    """Return what a reader must know of the figures used."""
    year, reported = int(lines.fiscal_year), bool(lines.reported)
    rates = [lines.rows[year, reported, care] for care, name in zip(CARES, RATES, strict=True) if name in used]
    notes = _tables.notes(rates, "rates")
    shares = [
        row
        for row in _tables.read(PACKAGE, "labor_shares.csv").rows
        if SHARES[row["care"]] in used and SHARES[row["care"]] not in lines.given
    ]
    notes += _tables.notes(shares, "labor shares")
    for row in _tables.read(PACKAGE, "parameters.csv").rows:
        if row["parameter"] in terms:
            notes += _tables.notes([row], row["parameter"])
    if "sequestration_rate" not in lines.facts:
        notes.append(
            "what is held back by law is not known, nor what Medicare pays: give through_date or sequestration_rate"
        )
    elif "sequestration_rate" not in lines.given and lines.last is not None:
        notes += sequestration_notes(lines.last)
    return notes
