"""Outpatient therapy visits as the price of a simulated service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError, a
from atrisk._figures import CONFIDENCES
from atrisk._payment._caseload import SHARE, combined, whole
from atrisk.case_prices import CasePrices
from atrisk.therapy._price import price

if TYPE_CHECKING:
    import pandas as pd

    from atrisk.distributions import Distribution

PLACE = "therapy.Visit"
MOST_MINUTES = 480


class Visit(CasePrices):
    """Therapy visits: the minutes of each code are drawn, the 8-minute rule and the fee schedule price them.

    Parameters
    ----------
    minutes : mapping of str to Distribution, mapping, int or None
        By code, its minutes in a visit: a law (rounded up to whole minutes), minutes with their shares, a number, or
        None for a code without minutes, such as an evaluation. Codes are independent.
    fees : data frame or mapping
        Relative values of codes, as in :func:`atrisk.therapy.price`.
    date : str or date
        Date of the visits: it decides the year's figures.
    discipline : str
        Discipline of the visits, as in :func:`atrisk.therapy.price`.
    **terms
        Other terms and facts of :func:`atrisk.therapy.price`, the same for all: ``gpci``, ``rule``, ``assistant``, ...

    Notes
    -----
    The price of a case is ``covered``: what is allowed and not denied, Medicare's part and the patient's, after the
    multiple-procedure and assistant reductions, before sequestration. Cases have the columns ``minutes`` and ``units``
    (of all codes), ``minutes_of_CODE``, ``units_of_CODE``, ``unreduced``, ``allowed`` and ``confidence``.

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
        minutes: Mapping[str, Distribution | dict[int, float] | int | None],
        fees: object,
        date: object,
        discipline: str,
        **terms: Any,  # noqa: ANN401 - terms and facts of the system
    ) -> None:
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        if not isinstance(minutes, Mapping) or not minutes:
            hint = 'for example {"97110": 30, "97140": 15}'
            raise InputError(f"{PLACE}.minutes", "must map codes to minutes", a(minutes), hint)
        laws = [_of_code(code, given) for code, given in minutes.items()]
        cases = combined(PLACE, *laws).reset_index(drop=True)
        of_codes = cases[[*minutes]].to_numpy(dtype=float)
        lines = pd.DataFrame(
            {
                "patient": np.repeat(np.arange(len(cases)), len(minutes)),
                "code": np.tile([str(code) for code in minutes], len(cases)),
                "minutes": of_codes.ravel(),
            }
        )
        # A code of no minutes is not given; one without minutes is given once.
        lines = lines[lines["minutes"] != 0].reset_index(drop=True)
        priced = price(lines, fees=fees, date=date, discipline=discipline, **terms)
        super().__init__(
            _visits(cases, lines.join(priced), list(map(str, minutes))),
            price="covered",
            weight=SHARE,
            title=f"Therapy visits, {date}",
        )


def _of_code(code: str, given: object) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if given is None:
        return pd.DataFrame({code: [np.nan], SHARE: [1.0]})
    return whole(f"{PLACE}.minutes.{code}", given, 0, MOST_MINUTES).rename(columns={"value": code})


def _visits(cases: pd.DataFrame, lines: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    """Return a row for each visit, with what its lines come to."""
    by_visit = lines.groupby("patient")
    visits = cases.rename(columns={code: f"minutes_of_{code}" for code in codes})
    for name in ("units", "minutes", "unreduced", "allowed", "covered"):
        visits[name] = by_visit[name].sum().reindex(visits.index, fill_value=0)
    units = lines.pivot_table(index="patient", columns="code", values="units", aggfunc="sum")
    for code in codes:
        visits[f"units_of_{code}"] = units[code].reindex(visits.index).fillna(0) if code in units else 0
    sure = lines["confidence"].map(CONFIDENCES.index).groupby(lines["patient"]).min()
    sure = sure.reindex(visits.index, fill_value=CONFIDENCES.index("read"))
    return visits.assign(confidence=[CONFIDENCES[each] for each in sure])
