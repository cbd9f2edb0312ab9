"""Tables of a payment system: dated rows, each with its source and how sure it is, as columns to look up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from atrisk import _figures, _shipped
from atrisk.statement import Line, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Table:
    """Rows of a CSV file beside a package; every row has ``source`` and ``confidence``.

    Attributes
    ----------
    rows : tuple of dict
        Its rows as text.
    """

    rows: tuple[dict[str, str], ...]

    def words(self, column: str) -> list[str]:
        """Return a column as text."""
        return [row[column] for row in self.rows]

    def whole(self, column: str) -> list[int]:
        """Return a column of whole numbers: years, above all."""
        return [int(row[column]) for row in self.rows]

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Return a column of numbers; what is empty is NaN."""
        return np.array([float(row[column] or "nan") for row in self.rows])

    def least_sure(self) -> str:
        """Return how sure the least sure row is."""
        return _figures.least_sure(self.words("confidence"))

    def confidences(self) -> NDArray[np.intp]:
        """Return how sure each row is, as a position in ``_figures.CONFIDENCES``: the least sure is 0."""
        return np.array([_figures.CONFIDENCES.index(word) for word in self.words("confidence")])

    def frame(self) -> pd.DataFrame:
        """Return the table as a frame: numbers where a column holds nothing else, text elsewhere."""
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        frame = pd.DataFrame(list(self.rows))
        for name in frame.columns:
            read = pd.to_numeric(frame[name].replace("", np.nan), errors="coerce")
            if (read.notna() == (frame[name] != "")).all() and read.notna().any():
                frame[name] = read
        return frame


@cache
def read(package: str, file: str) -> Table:
    """Read a table beside a package."""
    return Table(_shipped.rows(package, file))


def parameter(package: str, name: str, column: str = "value") -> str:
    """Return a parameter of a package as it is written, or another column of its row."""
    return next(row[column] for row in read(package, "parameters.csv").rows if row["parameter"] == name)


def parameter_line(package: str, name: str) -> Line:
    """Return a parameter as a line of a statement."""
    row = next(row for row in read(package, "parameters.csv").rows if row["parameter"] == name)
    return Line(name, row["meaning"], written(float(row["value"]), row["unit"]), row["unit"], row["source"])


def position_of(confidence: str) -> int:
    """Return the position of a confidence, the least sure first."""
    return _figures.CONFIDENCES.index(confidence)


def least_sure(*positions: NDArray[np.intp] | int) -> NDArray[np.str_]:
    """Return the word for the least sure of some rows, case by case."""
    lowest = np.asarray(positions[0])
    for more in positions[1:]:
        lowest = np.minimum(lowest, more)
    return np.asarray(np.asarray(_figures.CONFIDENCES)[lowest])


def notes(rows: Sequence[dict[str, str]], name: str) -> list[str]:
    """Return what a reader must know of rows that nobody read in the text of a rule; ``name`` is what they are."""
    doubts = [row for row in rows if row["confidence"] != "read"]
    return list(dict.fromkeys(_figures.note(name, row["source"], row["confidence"]) for row in doubts))
