"""Prices lines of patient-days: units, fees, reductions, the threshold, the deductible, who pays, held back by law."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError
from atrisk._payment._cases import as_mapping, read_cases
from atrisk.rules._facts import as_frame
from atrisk.therapy._lines import GROUPS
from atrisk.therapy._statement import statement
from atrisk.therapy._steps import Terms, priced

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atrisk.statement import Statement

KNOWN = (
    "code",
    "minutes",
    "units",
    *GROUPS,
    "assistant",
    "kx_modifier",
    "charge",
    "deductible_met",
    "threshold_used",
    "qualifying_apm",
    "conversion_factor",
    "calendar_year",
)
REQUIRED = ("code", "date", "discipline", "minutes or units")


def price(  # noqa: PLR0913 - what holds for all lines, by name
    frame: Any = None,  # noqa: ANN401 - a frame of the user's kind
    /,
    *,
    fees: Any,  # noqa: ANN401 - a path or a frame of any kind
    calendar_year: Any = None,  # noqa: ANN401 - a number or a column
    gpci: object = (1.0, 1.0, 1.0),
    rule: str = "cms",
    timed: Mapping[str, bool] | None = None,
    always_therapy: Mapping[str, bool] | None = None,
    **facts: Any,  # noqa: ANN401 - numbers, words or columns
) -> Any:  # noqa: ANN401 - a frame of the user's kind
    """Price lines of outpatient therapy under Medicare Part B, every step as a column.

    Parameters
    ----------
    frame : data frame or mapping, optional
        Lines in rows: the services of one code on a patient's day.
    fees : path or data frame
        Relative value units of the codes, as :func:`read_relative_values` takes them; with a column ``calendar_year``
        where they are of several years.
    calendar_year : int or column, optional
        2018 to 2026; by default the year of each date, which it must be.
    gpci : three numbers
        Geographic practice cost indexes of work, practice expense and malpractice; the nation's are 1.
    rule : {"cms", "ama"}
        How minutes become units, as in :func:`units`.
    timed, always_therapy : dict of str to bool, optional
        Of codes that are not in the table: whether they are timed, and whether their practice expense is reduced.
    **facts
        The same columns by name, or single values that hold for all lines:

        - ``code``, ``date`` (of the service) and ``discipline``: ``occupational``, ``physical`` or ``speech`` (or their
          modifiers GO, GP, GN); needed.
        - ``minutes``, whole; or ``units``, at most those that the minutes allow where both are given.
        - ``patient`` and ``provider`` (the billing practice or facility); without them all lines are of one.
        - ``assistant``: whether an assistant did more than a tenth of the service (modifiers CO, CQ); by default not.
        - ``kx_modifier``: whether the line has the modifier KX; by default not.
        - ``charge``: dollars charged for the line; without it the fee schedule decides.
        - ``deductible_met`` and ``threshold_used``: dollars of the patient's year before the frame begins, the second
          for the discipline's own threshold; by default 0, as at the beginning of a year.
        - ``qualifying_apm``: whether the provider takes part in a qualifying alternative payment model; needed in years
          with two conversion factors (2026).
        - ``conversion_factor``: dollars, in place of the table's.

    Returns
    -------
    data frame
        A row for each line in the given order and kind of frame: ``units``; ``rank`` of the line by practice expense in
        its patient-day (missing where it is not always therapy or has no units); what was looked up; ``fee``,
        ``reduced_fee``, ``unreduced``, ``multiple_procedure_reduction``, ``charge_reduction``, ``assistant_reduction``,
        ``allowed``; ``charges_before``, ``threshold_remaining``, ``denied``, ``denied_amount``, ``covered``,
        ``targeted_review``; ``deductible_left``, ``deductible``, ``coinsurance``, ``program_payment``,
        ``sequestration``, ``paid`` (by Medicare), ``received`` (with what the patient owes); ``confidence``.

    Raises
    ------
    InputError
        Lines that lack facts, are unknown or out of range, with their row; codes without relative value units; years
        without figures; units above what the minutes allow.

    Notes
    -----
    42 USC 1395w-4(b)(7) (the unit with the most practice expense of a patient's day at a provider is paid in full,
    every other one half of it), 1395m(v) (assistants), 1395l(g) (threshold), 1395l(b) (deductible). The deductible and
    the threshold run along a patient's year by date, on a day by code, lines without the modifier KX first, then by
    what else tells lines apart, whatever the order of rows. A line that would cross the threshold without the modifier
    KX is denied as a whole, and counts as charges that were incurred.

    Examples
    --------
    >>> import atrisk as ar
    >>> fees = {"code": ["97110", "97140"], "work": [0.45, 0.43], "practice_expense": [0.4, 0.35],
    ...         "malpractice": [0.02, 0.01]}
    >>> day = {"code": ["97110", "97140"], "minutes": [33, 7]}
    >>> lines = ar.therapy.price(day, fees=fees, date="2025-03-03", discipline="physical", deductible_met=257)
    >>> lines[["units", "unreduced", "multiple_procedure_reduction", "allowed"]].to_numpy().tolist()
    [[2.0, 56.28, 6.47, 49.81], [1.0, 25.55, 5.66, 19.89]]
    """
    place = "therapy.price"
    given = _given(place, frame, facts, calendar_year)
    steps = priced(Terms(place, fees, gpci, rule, timed, always_therapy), given)
    return as_frame(place, steps.columns, as_mapping(frame), given)


def explain(  # noqa: PLR0913 - what holds for all lines, by name
    day: Any = None,  # noqa: ANN401 - a frame, a mapping or a row
    /,
    *,
    fees: Any,  # noqa: ANN401 - a path or a frame of any kind
    calendar_year: Any = None,  # noqa: ANN401 - a number
    gpci: object = (1.0, 1.0, 1.0),
    rule: str = "cms",
    timed: Mapping[str, bool] | None = None,
    always_therapy: Mapping[str, bool] | None = None,
    **facts: Any,  # noqa: ANN401 - numbers, words or columns
) -> Statement:
    """Explain one patient-day line by line.

    Parameters
    ----------
    day : data frame or mapping, optional
        The lines of one patient's day at a provider, as :func:`price` takes them, with all other parameters.
    fees, calendar_year, gpci, rule, timed, always_therapy, **facts
        As in :func:`price`.

    Returns
    -------
    Statement
        The figures of the day; for each code every step from minutes and relative values to what is paid; then the sums
        of the day, from the unreduced fees down to what Medicare pays, which add up; notes on every figure that was not
        read in the text of a rule.

    Raises
    ------
    InputError
        Where :func:`price` does, or where there are several patients, providers or days.
    """
    place = "therapy.explain"
    given = _given(place, day, facts, calendar_year)
    steps = priced(Terms(place, fees, gpci, rule, timed, always_therapy), given)
    for name in ("patient", "provider", "date"):
        found = steps.lines.by.get(name, (None, []))[1]
        if len(found) > 1:
            raise InputError(f"{place}.{name}", "must be one: a single patient-day is explained", f"{len(found)}")
    if not steps.lines.n:
        raise InputError(place, "must have a line", "none")
    return statement(steps, given, rule)


def _given(place: str, frame: object, facts: Mapping[str, Any], calendar_year: object) -> dict[str, Any]:
    named = dict(facts) if calendar_year is None else {**facts, "calendar_year": calendar_year}
    return read_cases(place, frame, named, KNOWN, REQUIRED)
