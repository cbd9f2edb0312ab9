"""What a hospital program returns: tables by hospital and measure, a statement of each hospital, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atrisk.statement import Statement


@dataclass(frozen=True)
class ProgramResult:
    """Result of a hospital program.

    Attributes
    ----------
    hospitals : data frame
        One row for each hospital; ``confidence`` is how sure the least sure of the figures used is.
    measures : data frame or None
        One row for each hospital and measure.
    domains : data frame or None
        One row for each hospital and domain (value-based purchasing alone).
    parameters : dict
        What the program computed over all hospitals: ``slope`` or ``cutoff``.
    notes : sequence of str
        Figures that are recalled or read in a secondary source, each with its source.
    """

    hospitals: Any
    measures: Any = None
    domains: Any = None
    parameters: dict[str, float] = field(default_factory=dict)
    notes: Sequence[str] = ()
    _statement: Callable[[str], Statement] | None = field(default=None, repr=False, compare=False)

    def statement(self, facility_id: str) -> Statement:
        """Return the settlement of a hospital line by line.

        Raises
        ------
        KeyError
            Where there is no such hospital, or nothing is settled for it.
        """
        if self._statement is None:
            raise KeyError("there is nothing to settle: give base_payments, or what the program needs beside them")
        return self._statement(str(facility_id))

    def _repr_html_(self) -> str:
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        shown = self.hospitals if isinstance(self.hospitals, pd.DataFrame) else pd.DataFrame(self.hospitals)
        return shown.to_html(max_rows=12, index=False) + "".join(f"<p>{note}</p>" for note in self.notes)
