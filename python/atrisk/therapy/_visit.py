"""Outpatient therapy visits as the price of a simulated service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError, a
from atrisk._figures import CONFIDENCES
from atrisk._payment._caseload import SHARE, Law, combined, is_frame, mix
from atrisk.case_prices import CasePrices
from atrisk.therapy._price import price

if TYPE_CHECKING:
    import pandas as pd

    from atrisk.distributions import Distribution

PLACE = "therapy.Visit"
MOST_MINUTES = 480
MOST_VISITS = 366
VISITS = "visits"


class Visit(CasePrices):
    """Therapy visits: the minutes of each code are drawn, the 8-minute rule and the fee schedule price them.

    Parameters
    ----------
    minutes : mapping of str to Distribution, mapping, int or None; or data frame
        By code, its minutes in a visit: a law (rounded up to whole minutes), minutes with their shares, a number, or
        None for a code without minutes, such as an evaluation; codes are independent. Or a frame whose rows are cases,
        with the column ``share``, a column of minutes for each code, and ``visits`` where cases differ in them.
    fees : data frame or mapping
        Relative values of codes, as in :func:`atrisk.therapy.price`.
    date : str or date
        Date of the visits: it decides the year's figures.
    discipline : str
        Discipline of the visits, as in :func:`atrisk.therapy.price`.
    visits : Distribution, mapping of int to float, or int, default 1
        Visits that an event is: 1 for a visit by itself, more for an episode of visits that are alike.
    **terms
        Other terms and facts of :func:`atrisk.therapy.price`, the same for all: ``gpci``, ``rule``, ``assistant``, ...

    Notes
    -----
    The price of a case is ``visits`` times what of a visit is ``covered``: what is allowed and not denied, Medicare's
    part and the patient's, after the multiple-procedure and assistant reductions, before sequestration. Cases have the
    columns ``visits``, ``minutes`` and ``units`` (of all codes and visits), ``minutes_of_CODE``, ``units_of_CODE``,
    ``unreduced``, ``allowed`` and ``covered`` (of a visit) and ``confidence``.

    Examples
    --------
    >>> import atrisk as ar
    >>> fees = {"code": ["97110", "97140"], "work": [0.45, 0.43], "practice_expense": [0.40, 0.38],
    ...     "malpractice": [0.02, 0.01]}
    >>> visit = ar.therapy.Visit(minutes={"97110": {33: 1.0}, "97140": {7: 0.5, 22: 0.5}}, fees=fees,
    ...     date="2025-03-03", discipline="occupational")
    >>> visit.cases["units"].tolist()
    [3, 4]
    """

    def __init__(
        self,
        *,
        minutes: Mapping[str, Distribution | dict[int, float] | int | None] | object,
        fees: object,
        date: object,
        discipline: str,
        visits: Distribution | dict[int, float] | int = 1,
        **terms: Any,  # noqa: ANN401 - terms and facts of the system
    ) -> None:
        cases, codes = _cases(minutes)
        if VISITS not in cases or visits != 1:
            cases = combined(PLACE, cases, {VISITS: Law(visits, 1, MOST_VISITS)})
        lines = _lines(cases, codes)
        lines = lines.join(price(lines, fees=fees, date=date, discipline=discipline, **terms))
        table = _of_visits(cases, lines, codes)
        table["price"] = (table[VISITS] * table["covered"]).round(2)
        super().__init__(table, weight=SHARE, title=f"Therapy visits, {date}")


def _cases(minutes: object) -> tuple[pd.DataFrame, list[str]]:
    """Return the cases with a column of minutes for each code, and the codes."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    path = f"{PLACE}.minutes"
    if is_frame(minutes):
        table = mix(path, minutes, "code")
        table.columns = table.columns.map(str)
        return table, [str(name) for name in table if name not in {SHARE, VISITS}]
    if not isinstance(minutes, Mapping) or not minutes:
        hint = 'for example {"97110": 30, "97140": 15}'
        raise InputError(path, "must map codes to minutes", a(minutes), hint)
    alone = pd.DataFrame({SHARE: [1.0]})
    laws = {str(code): Law(given, 0, MOST_MINUTES) for code, given in minutes.items() if given is not None}
    cases = combined(path, alone, laws)
    untimed = [str(code) for code, given in minutes.items() if given is None]
    return cases.assign(**dict.fromkeys(untimed, np.nan)), list(map(str, minutes))


def _lines(cases: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    """Return the lines of a visit of each case: a code of no minutes is left out, one without minutes is given once."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if not codes:
        raise InputError(f"{PLACE}.minutes", "must have a column of minutes for each code", "none")
    lines = pd.DataFrame(
        {
            "patient": np.repeat(np.arange(len(cases)), len(codes)),
            "code": np.tile(np.array(codes, dtype=object), len(cases)),
            "minutes": cases[codes].to_numpy(dtype=float).ravel(),
        }
    )
    lines = lines[lines["minutes"] != 0].reset_index(drop=True)
    if not len(lines):
        raise InputError(f"{PLACE}.minutes", "must be above 0 in some visit", "only zeros")
    return lines


def _of_visits(cases: pd.DataFrame, lines: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    """Return a row for each case, with what the lines of its visits come to."""
    by_case = lines.groupby("patient")
    table = cases.rename(columns={code: f"minutes_of_{code}" for code in codes})
    for name in ("units", "minutes", "unreduced", "allowed", "covered"):
        table[name] = by_case[name].sum().reindex(table.index, fill_value=0)
    table[["units", "minutes"]] = table[["units", "minutes"]].mul(table[VISITS], axis=0)
    units = lines.pivot_table(index="patient", columns="code", values="units", aggfunc="sum")
    for code in codes:
        table[f"units_of_{code}"] = units[code].reindex(table.index).fillna(0) if code in units else 0
    sure = lines["confidence"].map(CONFIDENCES.index).groupby(lines["patient"]).min()
    sure = sure.reindex(table.index, fill_value=CONFIDENCES.index("read"))
    return table.assign(confidence=[CONFIDENCES[each] for each in sure])
