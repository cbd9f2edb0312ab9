"""What the demonstration rests on: figures computed from the RAND data, and terms that were made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk.assumption import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

RAND = "RAND Health Insurance Experiment, free plan (randhie.csv of statsmodels 0.15.0), full person-years"
YEARS, DOLLARS = "1974-1982", "1970s dollars"
#: Columns of the table of service lines: the term that they become, its digits and unit.
LINES = {
    "per_1000": ("per_1000", 1, "events per 1,000 member-years"),
    "mean_dollars": ("allowed, mean", 2, f"{DOLLARS} an event"),
    "cv": ("allowed, coefficient of variation", 2, "1"),
}


def read(table: pd.DataFrame, frailty_cv: float) -> list[Assumption]:
    """Return what the RAND data say of each service line, and of how members differ."""
    of_lines = [
        _derived(f"{service}: {name}", f"{line[column]:,.{digits}f}", unit, str(line["basis"]))
        for service, line in table.iterrows()
        for column, (name, digits, unit) in LINES.items()
    ]
    basis = "variance of physician visits beyond Poisson and the risk score"
    return [*of_lines, _derived("frailty_cv", f"{frailty_cv:.2f}", "1", basis)]


def made_up(figures: Mapping[str, tuple[float, str]], why: str) -> list[Assumption]:
    """Return figures that no source says: by name their value and unit."""
    return [
        Assumption(figure=name, value=f"{value:,.10g}", unit=unit, year=YEARS, source=why, confidence="assumed")
        for name, (value, unit) in figures.items()
    ]


def _derived(figure: str, value: str, unit: str, basis: str) -> Assumption:
    source = f"{RAND}; {basis}"
    return Assumption(figure=figure, value=value, unit=unit, year=YEARS, source=source, confidence="derived")
