"""Credibility: how far a book's own figures may be believed against a manual rate or against all books together."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from atrisk._errors import InputError
from atrisk._frames import known_numbers, need, once, read_frame
from atrisk._spec import plain

if TYPE_CHECKING:
    import pandas as pd

PATH = "buhlmann_straub"
LARGEST = 1e15
FEWEST = 2


@dataclass(frozen=True, eq=False)
class Credibility:
    """Credibility of groups by Bühlmann and Straub.

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by group: ``exposure``, ``own`` (mean of its years by exposure), ``credibility`` (0-1, the part of its
        own mean that is believed) and ``rate`` (credibility × own + (1 − credibility) × collective).
    collective : float
        Mean of all groups, each by its credibility; or the manual rate.
    within : float
        Expected process variance: variance of a year of one unit of exposure about its group's mean.
    between : float
        Variance of the groups' own means about each other; 0 where the groups show no more than chance.
    """

    table: pd.DataFrame
    collective: float
    within: float
    between: float

    @property
    def half(self) -> float:
        """Exposure at which half is believed: ``within / between``; infinite where groups do not differ."""
        return self.within / self.between if self.between > 0.0 else float("inf")

    def __repr__(self) -> str:
        return (
            f"Credibility({len(self.table)} groups, collective {self.collective:,.4g}, "
            f"half is believed at an exposure of {self.half:,.4g})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>{self.table.to_html(float_format='{:,.4g}'.format)}"


def buhlmann_straub(  # noqa: PLR0913 - a table and the names of its columns
    frame: object,
    *,
    group: str = "group",
    year: str = "year",
    amount: str = "amount",
    exposure: str = "exposure",
    manual: float | None = None,
) -> Credibility:
    """Weigh the figures of groups against all groups together.

    Parameters
    ----------
    frame : pandas, polars or Arrow table
        A row for each group and year: ``group``, ``year``, ``amount`` (dollars or events of the year) and ``exposure``
        (member-years or member-months, above 0). At least two groups, one of them with two years.
    group, year, amount, exposure : str
        Names of the columns.
    manual : float, optional
        Rate for one unit of exposure that takes the place of the mean of all groups.

    Notes
    -----
    With weights m and rates X of years t and groups i (Bühlmann and Straub 1970):
    ``within = Σ_i Σ_t m_it (X_it − X_i)² / Σ_i (T_i − 1)``, ``between = (Σ_i m_i (X_i − X)² − (I − 1) within) / (m −
    Σ_i m_i² / m)`` and at least 0, credibility ``m_i / (m_i + within / between)``.
    """
    table = read_frame(PATH, frame)
    need(PATH, table, [group, year, amount, exposure])
    once(PATH, table, [group, year])
    amounts = known_numbers(PATH, table, amount, 0.0, LARGEST)
    weights = known_numbers(PATH, table, exposure, 0.0, LARGEST)
    for row in np.flatnonzero(weights == 0.0):
        raise InputError(f"{PATH}.{exposure}[{row}]", "must be above 0", "0")
    for row in np.flatnonzero(table[group].isna().to_numpy()):
        raise InputError(f"{PATH}.{group}[{row}]", "must not be missing")
    place, found = table[group].factorize(sort=True)
    names = found.tolist()
    if len(names) < FEWEST:
        raise InputError(PATH, "must have at least two groups", f"{len(names)}")
    total = np.bincount(place, weights=weights)
    own = np.bincount(place, weights=amounts) / total
    degrees = len(table) - len(names)
    if degrees < 1:
        raise InputError(PATH, "must have a group with two years, for the spread of a year", "one year of each")
    within = float((weights * (amounts / weights - own[place]) ** 2).sum()) / degrees
    mean = float(amounts.sum() / weights.sum())
    spread = float((total * (own - mean) ** 2).sum()) - (len(names) - 1) * within
    between = max(spread / float(total.sum() - (total**2).sum() / total.sum()), 0.0)
    believed = total * between / (total * between + within) if between > 0.0 else np.zeros(len(names))
    collective = mean if between == 0.0 else float((believed * own).sum() / believed.sum())
    if manual is not None:
        collective = plain(f"{PATH}.manual", manual)
    return Credibility(_table(names, total, own, believed, collective), collective, within, between)


def _table(names: list[object], total: object, own: object, believed: object, collective: float) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    rows = pd.DataFrame({"exposure": total, "own": own, "credibility": believed}, index=pd.Index(names, name="group"))
    rows["rate"] = rows["credibility"] * rows["own"] + (1.0 - rows["credibility"]) * collective
    return rows
