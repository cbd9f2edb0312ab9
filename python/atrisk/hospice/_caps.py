"""The two caps of a hospice's year: what is repaid of payments for inpatient days, and of all payments."""

from __future__ import annotations

from typing import Any

from atrisk._errors import InputError
from atrisk._payment import _tables
from atrisk._payment._cases import as_mapping, read_cases, years
from atrisk._payment._checks import refuse
from atrisk.hospice._lines import PACKAGE
from atrisk.rules._facts import is_one, numbers
from atrisk.rules._rule import Rule


def inpatient_cap(frame: object = None, /, **facts: Any) -> Any:  # noqa: ANN401 - facts and frames of the user's kind
    """Return what a hospice repays because too many of its days were inpatient.

    Parameters
    ----------
    frame : data frame or mapping, optional
        Cap years of hospices in rows.
    **facts
        Columns of the frame, or the same by name: ``inpatient_days`` (general inpatient and respite), ``total_days``
        (all levels of care), ``inpatient_payments`` (dollars, for the inpatient days) and ``routine_rate`` (dollars a
        day, wage-adjusted).

    Returns
    -------
    Statement or data frame
        Single values give a statement, columns a frame: ``allowed_days``, ``excess_days``, ``allowed_payments``,
        ``routine_payments`` and ``repayment``, dollars.

    Raises
    ------
    InputError
        Where facts are missing, unknown or wrong, with their row.

    Notes
    -----
    Days over 20 % of all days are paid at the routine rate: recalled, 42 CFR 418.302(f).

    Examples
    --------
    >>> year = {"inpatient_days": 300, "total_days": 1000, "inpatient_payments": 300_000, "routine_rate": 200}
    >>> ar.hospice.inpatient_cap(year)["repayment"]
    Decimal('80000.00')
    """
    place = "hospice.inpatient_cap"
    names = ("inpatient_days", "total_days", "inpatient_payments", "routine_rate")
    given = read_cases(place, frame, facts, names, names)
    amounts = {name: numbers(f"{place}.{name}", value) for name, value in given.items()}
    for name, values in amounts.items():
        refuse(f"{place}.{name}", ~(values >= 0), "must be a number of at least 0", values)
    inpatient, total = amounts["inpatient_days"], amounts["total_days"]
    if not inpatient.ndim or not total.ndim or inpatient.shape == total.shape:
        refuse(f"{place}.inpatient_days", inpatient > total, "must be at most total_days", inpatient)
    share = next(r for r in _tables.read(PACKAGE, "parameters.csv").rows if r["parameter"] == "largest_inpatient_share")
    rule = Rule(
        "hospice_inpatient_cap",
        {"largest_share": _tables.parameter(PACKAGE, "largest_inpatient_share")},
        place,
        notes=_tables.notes([share], "largest share of inpatient days"),
        source=share["source"],
    )
    return rule.settled(given, as_mapping(frame))


def aggregate_cap(frame: object = None, /, **facts: Any) -> Any:  # noqa: ANN401 - facts and frames of the user's kind
    """Return what a hospice repays because its payments passed the cap for its beneficiaries.

    Parameters
    ----------
    frame : data frame or mapping, optional
        Cap years of hospices in rows.
    **facts
        Columns of the frame, or the same by name: ``payments`` (dollars, of the cap year), ``beneficiaries``
        (counted in it, parts of them too), and ``cap_year``, or ``cap_amount`` (dollars a beneficiary) in its place.

    Returns
    -------
    Statement or data frame
        Single values give a statement, columns a frame: ``aggregate_cap``, ``repayment`` and ``kept``, dollars.

    Raises
    ------
    InputError
        Where facts are missing, unknown or wrong, with their row, or a year has no cap.

    Notes
    -----
    42 CFR 418.309; cap years are fiscal years.

    Examples
    --------
    >>> ar.hospice.aggregate_cap(payments=4_000_000, beneficiaries=100, cap_year=2025)["repayment"]
    Decimal('553466.00')
    """
    place = "hospice.aggregate_cap"
    table = _tables.read(PACKAGE, "caps.csv")
    given = read_cases(place, frame, facts, ("payments", "beneficiaries", "cap_year", "cap_amount"), ())
    if "cap_year" in given and "cap_amount" in given:
        raise InputError(place, "must be given cap_year or cap_amount", "both")
    needed = ["payments", "beneficiaries", *([] if "cap_amount" in given else ["cap_year"])]
    read_cases(place, None, given, ("payments", "beneficiaries", "cap_year", "cap_amount"), needed)
    notes: list[str] = []
    if "cap_year" in given:
        year = given.pop("cap_year")
        at = years(f"{place}.cap_year", year, table.whole("cap_year"), "cap year")
        amount = table.numbers("cap_amount")[at]
        given["cap_amount"] = amount if at.ndim else float(amount)
        notes = _tables.notes([table.rows[int(at)]], "cap") if is_one(year) else []
    for name, value in given.items():
        values = numbers(f"{place}.{name}", value)
        refuse(f"{place}.{name}", ~(values >= 0), "must be a number of at least 0", values)
    adds_up = [("payments", 1), ("repayment", -1), ("kept", 1)]
    rule = Rule("hospice_aggregate_cap", {}, place, adds_up, notes, "42 CFR 418.309")
    return rule.settled(given, as_mapping(frame))
