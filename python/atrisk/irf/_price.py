"""Prices stays: every step as a column, or one stay line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atrisk._payment._cases import refuse_frames
from atrisk._payment._checks import refuse_columns
from atrisk._payment._year_figures import confidence_note, described, single, told_terms, with_year
from atrisk.irf._groups import written_status
from atrisk.irf._names import PACKAGE, PLACE, term
from atrisk.irf._stays import read_stays

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atrisk._payment._priced import Cases
    from atrisk.statement import Statement


def price(frame: object = None, /, *, fiscal_year: object = None, weights: object = None, **facts: Any) -> Any:  # noqa: ANN401 - facts and frames of the user's kind
    """Price stays of inpatient rehabilitation, every step as a column.

    Parameters
    ----------
    frame : data frame or mapping, optional
        A row for each stay (pandas, polars, Arrow); or facts by name.
    fiscal_year : int or column of int
        Federal fiscal year of the discharge, 2020-2026; or a column ``fiscal_year`` of the frame.
    weights : data frame or mapping, optional
        ``cmg`` (four digits), ``tier`` (A-D), ``weight`` and ``average_length_of_stay`` (days) of each group,
        as in the table of the final rule, with A5001 and A5101-A5104. None is shipped.
    **facts
        ``length_of_stay`` (days), ``discharge_status`` (two digits), ``wage_index``, ``location`` (``urban``,
        ``rural``, ``formerly_rural``); ``cmg`` and ``tier`` for ``weights``, or ``weight`` of the stay's own group with
        ``special_weight`` where a short stay or a death is paid by another, ``average_length_of_stay`` where a
        transfer ends it, and ``impairment_category`` (1-21) where it ends by death.

        Optional: ``low_income_ratio`` and ``teaching_ratio`` (residents to average daily census) as parts,
        ``charges`` (covered, dollars) with ``cost_to_charge_ratio``, ``late_assessment``; figures of your own in place
        of those of the year, row by row: ``conversion_factor``, ``outlier_threshold`` (dollars), ``labor_share``,
        ``location_factor``; years after those shipped take nothing else.

    Returns
    -------
    data frame
        The group that pays, figures looked up, each step, ``payment`` and ``confidence`` of the least sure figure used,
        rows in the given order.

    Raises
    ------
    InputError
        Missing facts, all named at once; unknown ones; values out of range, with their row; years without figures;
        groups without a weight.

    Notes
    -----
    42 CFR 412.602-412.624, with the roundings of the CMS inpatient rehabilitation pricer. A patient who is back within
    three midnights has one stay (interrupted stay). ``docs/payment/irf.md`` has every step.

    Examples
    --------
    >>> import atrisk as ar
    >>> stays = {"length_of_stay": [14, 6], "discharge_status": ["01", "03"]}
    >>> priced = ar.irf.price(
    ...     stays, fiscal_year=2026, weight=1.5, average_length_of_stay=12, wage_index=1.02, location="urban"
    ... )
    >>> priced["payment"].tolist()
    [29488.86, 15971.17]
    """
    cases, _ = read_stays(frame, weights, with_year(facts, "fiscal_year", fiscal_year))
    return cases.frame(frame)


def explain(
    case: object = None,
    /,
    *,
    fiscal_year: object = None,
    weights: object = None,
    **facts: Any,  # noqa: ANN401 - facts of any kind
) -> Statement:
    """Explain what one stay of inpatient rehabilitation is paid, line by line.

    Parameters
    ----------
    case : mapping or row of a pandas frame, optional
        Facts by name, as in :func:`price`; they may be given by name themselves.
    fiscal_year, weights, **facts
        As in :func:`price`.

    Returns
    -------
    Statement
        Facts, figures of the year and steps; its notes tell what was not read in the text of a rule.

    Raises
    ------
    InputError
        As :func:`price`; several cases.

    Examples
    --------
    >>> import atrisk as ar
    >>> statement = ar.irf.explain(
    ...     weight=1.5, length_of_stay=14, discharge_status="01", wage_index=1.02, location="urban", fiscal_year=2026
    ... )
    >>> statement["standard_payment"], statement["payment"]
    (Decimal('29056.50'), Decimal('29488.86'))
    """
    refuse_frames(PLACE, case)
    cases, used = read_stays(case, weights, with_year(facts, "fiscal_year", fiscal_year))
    refuse_columns(PLACE, used["given"])
    return described(cases.statement(), _title(cases, used), _notes(used))


def _title(cases: Cases, used: Mapping[str, Any]) -> str:
    """Return what is priced: the group, how the stay ended, the year, and the group that pays."""
    look, own = used["look"], used["own"]
    group = f" {single(own)}" if own is not None else ""
    status = written_status(single(used["given"]["discharge_status"]))
    year = look.dated.years[single(look.position)]
    paid = single(cases.found["paid_group"])
    return f"{PLACE}{group}: fiscal year {year}, discharge status {status}, paid group {paid}"


def _notes(used: Mapping[str, Any]) -> list[str]:
    """Return what a reader must know of the figures of one stay."""
    told: list[str] = used["look"].notes[:-1]
    told += told_terms(PACKAGE, [name for name, where in used["terms"].items() if single(where)])
    told += confidence_note(used["confidence"])
    if not single(used["cost"]):
        told.append("no charges were given: no outlier payment")
    back = term("interruption_midnights")
    return [*told, f"a patient who is back within {back} midnights has one stay, to be priced once (interrupted stay)"]
