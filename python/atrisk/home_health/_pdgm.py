"""Thirty-day periods of home health care as the price of a simulated service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError, a
from atrisk._payment._caseload import SHARE, Law, combined, mix, priced
from atrisk.case_prices import CasePrices
from atrisk.home_health._names import DISCIPLINES
from atrisk.home_health._periods import VISITS
from atrisk.home_health._price import price

if TYPE_CHECKING:
    import pandas as pd

    from atrisk.distributions import Distribution

PLACE = "home_health.Pdgm"
MOST_VISITS = 100


class Pdgm(CasePrices):
    """Home health periods: groups and visits are drawn, the patient-driven groupings model prices them.

    Parameters
    ----------
    calendar_year : int
        Year of the rates.
    case_mix : str, mapping or data frame
        A HIPPS code; codes with their shares; or a frame with the column ``share`` and any facts of
        :func:`atrisk.home_health.price`.
    visits : mapping of str to Distribution, mapping or int, optional
        By discipline (``skilled_nursing``, ``physical_therapy``, ``occupational_therapy``,
        ``speech_language_pathology``, ``medical_social_services``, ``home_health_aide``), visits of a period: a law
        (rounded up to whole visits), visits with their shares, or a number; disciplines are independent, and what has
        no visit at all is left out. Left out where ``case_mix`` has them.
    weights : data frame, optional
        Weights and visit thresholds of groups, as in :func:`atrisk.home_health.price`.
    **facts
        Other facts of :func:`atrisk.home_health.price`, the same for all: ``wage_index``, ...

    Notes
    -----
    The price of a case is its ``payment``; outliers need the 15-minute units of :func:`atrisk.home_health.price`. Cases
    have the columns ``visits`` (of all disciplines), every step, and ``confidence``.
    """

    def __init__(
        self,
        *,
        calendar_year: int,
        case_mix: object,
        visits: Mapping[str, Distribution | dict[int, float] | int] | None = None,
        weights: object = None,
        **facts: Any,  # noqa: ANN401 - facts of the system
    ) -> None:
        cases = mix(f"{PLACE}.case_mix", case_mix, "hipps")
        laws = {f"{name}_visits": Law(given, 0, MOST_VISITS) for name, given in _by_discipline(visits).items()}
        cases = combined(f"{PLACE}.visits", cases, laws)
        if laws:
            cases = _with_a_visit(cases, [*laws, *(name for name in VISITS if facts.get(name))])
        table = priced(cases, price, {"calendar_year": calendar_year, "weights": weights, **facts})
        table["visits"] = table[[name for name in VISITS if name in table]].sum(axis=1)
        title = f"Home health periods, calendar year {calendar_year}"
        super().__init__(table, price="payment", weight=SHARE, title=title)


def _with_a_visit(cases: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Leave out what has no visit at all: it is no period. The shares of the rest are of those that have one."""
    given = [name for name in names if name in cases]
    visited = cases[cases[given].sum(axis=1) > 0] if len(given) == len(names) else cases
    return visited.assign(share=visited[SHARE] / visited[SHARE].sum()).reset_index(drop=True)


def _by_discipline(visits: object) -> Mapping[str, Any]:
    if visits is not None and not isinstance(visits, Mapping):
        hint = 'for example {"physical_therapy": 6, "occupational_therapy": 4}'
        raise InputError(f"{PLACE}.visits", "must map disciplines to visits", a(visits), hint)
    given = dict(visits or {})
    for discipline in given:
        if discipline not in DISCIPLINES:
            raise InputError(f"{PLACE}.visits", f"must be of {', '.join(DISCIPLINES)}", repr(discipline))
    return given
