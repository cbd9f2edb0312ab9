"""What a comparison of data and model says, in sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from atrisk.fit._goodness_figures import DOLLARS, OF_DOLLARS, OF_ROWS, bands, fewest

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

SHARES = (OF_ROWS, OF_DOLLARS)


def notes(judged: pd.DataFrame, few: Iterable[str], undefined: Iterable[str]) -> list[str]:
    """Return the sentences: what the model cannot follow first, then what is open, then what was left out.

    Parameters
    ----------
    judged : pandas.DataFrame
        A row for each figure: ``name``, ``unit``, ``data``, ``data_se``, ``model``, ``difference``, ``band``,
        ``within``, ``standardised``.
    few, undefined : iterable of str
        Figures left out because too few persons have them, and those that cannot be computed, each with its reason.
    """
    errors = bands()["standard_errors"]
    outside = ~judged["within"].to_numpy(dtype=bool)
    far = judged["standardised"].abs().to_numpy() > errors
    blunt = (judged["band"] < judged["data_se"]).to_numpy()
    sentences = [f"The model cannot follow the data: {_told(row)}." for _, row in judged[outside & far].iterrows()]
    sentences += [
        f"Outside its band, but within {errors:g} standard errors of sampling: {_told(row)}."
        for _, row in judged[outside & ~far].iterrows()
    ]
    if blunt.any():
        named = "; ".join(judged.loc[blunt, "name"])
        sentences.append(f"The data cannot tell, the band being narrower than their standard error: {named}.")
    sentences += [f"Left out: {each}; at least {fewest()} are needed." for each in few]
    return [*sentences, *(f"Left out: {each}." for each in undefined)]


def _told(row: pd.Series) -> str:
    """Return a figure in words: model, data, difference, band and standard errors."""
    unit = str(row["unit"])
    data, model = (amount(row[column], unit) for column in ("data", "model"))
    difference, band = (_difference(row[column], unit) for column in ("difference", "band"))
    far = f"{row['standardised']:+.1f}" if math.isfinite(row["standardised"]) else "infinitely many"
    return (
        f"{row['name']}, {model} in the model against {data} in the data "
        f"(difference {difference}, allowed {band.lstrip('+')}, {far} standard errors)"
    )


def amount(value: float, unit: str) -> str:
    """Return a figure as text, shares in percent."""
    if unit in SHARES:
        return f"{100.0 * value:.1f} %"
    return f"{value:,.0f} dollars" if unit == DOLLARS and abs(value) >= 100.0 else _short(value, unit)  # noqa: PLR2004


def _short(value: float, unit: str) -> str:
    return f"{value:,.2f} dollars" if unit == DOLLARS else f"{value:.3g}"


def _difference(value: float, unit: str) -> str:
    if unit in SHARES:
        return f"{100.0 * value:+.1f} points"
    return ("+" if value >= 0.0 else "") + amount(value, unit)
