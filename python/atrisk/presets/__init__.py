"""Presets: panels and care of three American populations, every figure with its source.

``ar.Population.synthetic("medicare", members=10_000, seed=1)`` and ``ar.Utilization.preset("medicare")`` make them.
What they are made of is :func:`figures`; what is published of their shape is :func:`published`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk.assumption import table
from atrisk.presets._rows import TARGETS, USED, known, names, read
from atrisk.presets._shape import shape

if TYPE_CHECKING:
    import pandas as pd

    from atrisk.assumption import Assumption

__all__ = ["assumptions", "figures", "names", "published", "shape"]


def assumptions(name: str) -> tuple[Assumption, ...]:
    """Return every figure of a preset, of its members and of their care.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    tuple of Assumption
        Figure, value, unit, year, source and confidence: ``"read"`` in a table, ``"derived"`` from tables by
        arithmetic, ``"fitted"`` so that the model shows a published figure, which the source names, or ``"assumed"``.

    Raises
    ------
    InputError
        If there is no such preset; those there are are named.
    """
    preset = known("assumptions.name", name)
    return tuple(row for file in USED for row in read(file).get(preset, ()))


def figures(name: str) -> pd.DataFrame:
    """Return every figure of a preset as a frame: the rows of :func:`assumptions`.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    pandas.DataFrame
        Columns ``figure``, ``value`` (as text), ``unit``, ``year``, ``source``, ``confidence``.

    Raises
    ------
    InputError
        If there is no such preset.
    """
    return table(assumptions(known("figures.name", name)))


def published(name: str) -> pd.DataFrame:
    """Return what is published of the shape of a population's dollars, to lay beside :func:`shape`.

    Parameters
    ----------
    name : str
        One of :func:`names`, or ``"mixture"``: all persons of the United States outside institutions.

    Returns
    -------
    pandas.DataFrame
        As that of :func:`figures`. Beside the figures of :func:`shape` there are ``users.LINE`` and
        ``median_over_mean.LINE`` for single service lines.

    Raises
    ------
    InputError
        If there is no such population.
    """
    preset = "mixture" if name == "mixture" else known("published.name", name)
    return table(read(TARGETS)[preset])
