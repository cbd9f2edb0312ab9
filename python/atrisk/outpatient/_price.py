"""Prices outpatient services: lines of claims, figures of the year, then the rule of the core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment import _dated
from atrisk._payment._cases import codes, measured, read_cases, refuse_frames
from atrisk._payment._checks import flags, refuse, refuse_columns
from atrisk._payment._priced import Cases
from atrisk._payment._year_figures import (
    YearFigures,
    described,
    optional_amount,
    read_years,
    single,
    with_year,
)
from atrisk.outpatient._claims import STATUSES, of_claims
from atrisk.rules._facts import lengths
from atrisk.rules._rule import Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.statement import Statement

PLACE = "outpatient"
MOST = 1e9  # dollars of a line
NEEDED = ("apc_rate", "status", "wage_index")
RANGES = {
    "apc_rate": (0, 1e6, "dollars"),
    "charges": (0, MOST, "dollars"),
    "wage_index": (0.01, 10, ""),
    "cost_to_charge_ratio": (0, 10, ""),
    "sequestration_rate": (0, 1, ""),
}
OF_THE_YEAR = {
    "rural_factor": (1, 2, ""),
    "outlier_multiple": (0, 100, ""),
    "outlier_fixed_amount": (0, 1e6, "dollars"),
    "outlier_part": (0, 1, ""),
    "inpatient_deductible": (0, 1e6, "dollars"),
}
OPTIONAL = ("charges", "cost_to_charge_ratio", "sequestration_rate")  # 0 where there is none
KNOWN = (
    "calendar_year",
    "claim",
    "rural_sole_community",
    *dict.fromkeys([*NEEDED, *RANGES, *OF_THE_YEAR]),
    "copayment_rate",
)
LEAST = "least_copayment_rate"
TERMS = ("labor_share", "further_procedure_part")


def price(frame: object = None, /, *, calendar_year: object = None, **facts: Any) -> Any:  # noqa: ANN401 - facts and frames of the user's kind
    """Price hospital outpatient services, observation among them, every step a column.

    Parameters
    ----------
    frame : data frame or mapping, optional
        A row for each line of a claim: facts below as columns (pandas, polars, Arrow, or a mapping of columns).
    calendar_year : int or column
        Calendar year of service, 2018-2026.
    **facts : values or columns
        Needed: ``apc_rate`` (dollars; no table is shipped), ``status`` (``J1`` comprehensive, ``T`` procedure paid half
        after the first, ``S`` and ``V`` paid whole, ``N`` packaged), ``wage_index``. For outliers ``charges`` (dollars)
        and ``cost_to_charge_ratio``. Besides: ``claim`` (any name; without it each row is a claim),
        ``rural_sole_community``, ``copayment_rate`` (at least that of the law), ``sequestration_rate``, and any figure
        of the year in place of the shipped one.

    Returns
    -------
    data frame
        Of the kind that was given: ``paid_as``, the figures looked up, every line of the payment, and ``confidence``.

    Raises
    ------
    InputError
        Missing, unknown or impossible facts; a year without figures (with those that have them).

    Notes
    -----
    42 CFR 419.31-419.44. All figures are recalled, none was checked against a text.

    Examples
    --------
    >>> import atrisk as ar
    >>> claim = {"apc_rate": [1000, 400, 0], "status": ["T", "T", "N"], "charges": [3000, 1000, 500]}
    >>> hospital = {"wage_index": 1.1, "cost_to_charge_ratio": 0.25}
    >>> ar.outpatient.price(claim, claim="A", **hospital, calendar_year=2025)["payment"].tolist()
    [1060.0, 212.0, 0.0]
    """
    return _cases(frame, with_year(facts, "calendar_year", calendar_year))[0].frame(frame)


def explain(case: object = None, /, *, calendar_year: object = None, **facts: Any) -> Statement:  # noqa: ANN401 - numbers and words
    """Explain one line of a claim, alone: a comprehensive service has the charges of its whole claim.

    Parameters
    ----------
    case : mapping or row, optional
        One line: facts as in :func:`price`.
    calendar_year : int
        Calendar year of service.
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
    cases, look = _cases(case, with_year(facts, "calendar_year", calendar_year))
    refuse_columns(PLACE, cases.given)
    year = look.dated.years[single(look.position)]
    title = f"{PLACE} {single(cases.given['status'])}, calendar year {year}, paid as: {single(cases.found['paid_as'])}"
    without = [] if "cost_to_charge_ratio" in cases.given else ["no cost-to-charge ratio was given: no outlier payment"]
    return described(cases.statement(), title, [*look.notes, *without])


def _cases(frame: object, facts: dict[str, Any]) -> tuple[Cases, YearFigures]:
    given = read_cases(PLACE, frame, facts, KNOWN, ("calendar_year", *NEEDED))
    if "cost_to_charge_ratio" in given and "charges" not in given:
        raise InputError(PLACE, "must be given charges with cost_to_charge_ratio", "no charges")
    dated, position = read_years(PLACE, "calendar_year", given["calendar_year"], _dated.read("atrisk.outpatient"))
    look = YearFigures(PLACE, dated, position, "calendar year", given=given)
    numbers = {
        name: (optional_amount if name in OPTIONAL else measured)(f"{PLACE}.{name}", given[name], *RANGES[name])
        for name in RANGES
        if name in given
    }
    status = codes(f"{PLACE}.status", given["status"], STATUSES, f"one of {', '.join(STATUSES)}")
    is_rural = flags(f"{PLACE}.rural_sole_community", given.get("rural_sole_community", 0.0)) == 1
    charges = numbers.pop("charges", np.zeros(()))
    lines, paid_as = _lines(given, numbers | {"charges": charges}, status, float(dated.term("further_procedure_part")))
    paid, further = lines["paid"] == 1, lines["discounted"] == 1
    look.note("labor_share", paid)
    look.note("further_procedure_part", further)
    if "rural_factor" in given and "rural_sole_community" not in given:
        raise InputError(f"{PLACE}.rural_factor", "must come with rural_sole_community, which says where it holds")
    cost = paid & (lines["charges_with_packaged"] * numbers.get("cost_to_charge_ratio", np.zeros(())) > 0)
    counts = {"rural_factor": is_rural, "inpatient_deductible": paid}
    found = {name: look.own_or_figure(name, bounds, counts.get(name, cost)) for name, bounds in OF_THE_YEAR.items()}
    found["rural_factor"] = np.where(is_rural, found["rural_factor"], 1.0)
    look.refuse_lacking()
    found["copayment_rate"] = look.own_or(
        "copayment_rate", (0, 1, ""), lambda absent: look.figure(LEAST, absent & paid)
    )
    least = dated.values(LEAST)[position]
    below = found["copayment_rate"] < least
    for row in np.flatnonzero(below)[:1]:
        floor = np.broadcast_to(least, below.shape).flat[row]
        refuse(f"{PLACE}.copayment_rate", below, f"must be at least {floor:g}", found["copayment_rate"])
    terms = {name: dated.term(name) for name in TERMS}
    waterfall = [("service_payment", 1), ("outlier_payment", 1), ("payment", 1)]
    rule = Rule("outpatient", terms, PLACE, waterfall=waterfall, source="42 CFR 419.31-419.44 (recalled)")
    return Cases(rule, look.shown, numbers | lines | found, {"paid_as": paid_as}, look.confidence), look


def _lines(
    given: dict[str, Any], numbers: dict[str, NDArray[np.float64]], status: NDArray[np.intp], further_part: float
) -> tuple[dict[str, Any], NDArray[np.str_]]:
    """Return what is paid of each line, and how in words."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    columns = {"status": status, **numbers} | {name: np.asarray(given[name]) for name in ("claim",) if name in given}
    n = lengths(PLACE, columns)
    each = {name: np.broadcast_to(column, n) for name, column in columns.items()}
    claim = pd.factorize(each["claim"])[0].astype(np.intp) if "claim" in each else np.arange(n)
    refuse(f"{PLACE}.claim", claim < 0, "must name a claim", "a missing value")
    lines = of_claims(claim, each["status"], each["apc_rate"], each["charges"], further_part)
    words = np.select([~lines.paid, lines.further], ["packaged", "further_procedure"], "whole")
    is_one = all(column.ndim == 0 for column in columns.values())
    shape: Any = () if is_one else (n,)
    found = {
        "paid": lines.paid.astype(float).reshape(shape),
        "discounted": lines.further.astype(float).reshape(shape),
        "charges_with_packaged": lines.charges.reshape(shape),
    }
    return found, words.reshape(shape)
