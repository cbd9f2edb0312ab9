"""What the demonstration rests on: estimates from the RAND data, and terms that were made up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from atrisk.assumption import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atrisk.fit import Estimates

RAND = "RAND Health Insurance Experiment, free plan (randhie.csv of statsmodels 0.15.0), full person-years"
YEARS, DOLLARS = "1974-1982", "1970s dollars"


def fitted(estimates: Estimates) -> list[Assumption]:
    """Return every estimate with the data and the years that it is of."""
    basis = estimates.table["basis"]
    part = f"half of them: {estimates.person_years:,} person-years of {estimates.members:,} persons"
    return [
        replace(
            each,
            unit=each.unit.replace("dollars", DOLLARS),
            year=YEARS,
            source=f"{RAND}; {part}; from {basis[each.figure]}",
        )
        for each in estimates.utilization.assumptions
    ]


def made_up(figures: Mapping[str, tuple[float, str]], why: str) -> list[Assumption]:
    """Return figures that no source says: by name their value and unit."""
    return [
        Assumption(figure=name, value=f"{value:,.10g}", unit=unit, year=YEARS, source=why, confidence="assumed")
        for name, (value, unit) in figures.items()
    ]
