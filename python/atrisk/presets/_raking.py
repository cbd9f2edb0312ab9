"""Raking: tables that are scaled until their margins are those of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

ROUNDS = 500


def joint(table: ArrayLike, rows: ArrayLike, columns: ArrayLike) -> NDArray[np.float64]:
    """Return a table with the association of one and the margins of another (iterative proportional fitting)."""
    cells = np.array(table, dtype=float)
    for _ in range(ROUNDS):
        cells *= (np.asarray(rows) / cells.sum(axis=1))[:, None]
        cells *= np.asarray(columns) / cells.sum(axis=0)
    return cells


def factors(
    persons: NDArray[np.float64],
    events: NDArray[np.float64],
    dollars: NDArray[np.float64],
    by_row: NDArray[np.float64],
    by_column: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return factors of a line by row, and factors of all lines by column, that give the margins.

    Parameters
    ----------
    persons : array (rows, columns)
        Shares of the members.
    events : array (lines, rows)
        Relative rates to start from: their association is kept.
    dollars : array (lines)
        Mean dollars a member of each line.
    by_row, by_column : array
        Mean expense of each row and of each column, in any unit.

    Returns
    -------
    of_lines : array (lines, rows)
        With mean 1 over the members, together with the factors by column, for each line.
    of_columns : array (columns)
        With mean 1 over the members.
    """
    rows, columns = persons.sum(axis=1), persons.sum(axis=0)
    row_dollars = rows * by_row * dollars.sum() / (rows @ by_row)
    column_dollars = columns * by_column * dollars.sum() / (columns @ by_column)
    of_lines, of_columns = events.copy(), np.ones(len(columns))
    for _ in range(ROUNDS):
        of_columns *= column_dollars / (of_columns * (persons.T @ (dollars @ of_lines)))
        of_columns /= columns @ of_columns
        of_lines *= row_dollars / ((dollars @ of_lines) * (persons @ of_columns))
        of_lines /= (of_lines @ persons @ of_columns)[:, None]
    return of_lines, of_columns
