"""What a hospital program returns: tables by hospital and measure, a statement of each hospital, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atrisk.statement import Statement

PLACE = "ProgramResult.statement"
SHOWN = 5


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
        InputError
            Where there is no such hospital, or nothing is settled for it.
        """
        import narwhals as nw  # noqa: PLC0415 - keeps the import of atrisk quick

        if self._statement is None:
            hint = "give base_payments, or what the program needs beside them"
            raise InputError(PLACE, "must be asked where something is settled", "nothing to settle", hint)
        table: Any = nw.from_native(self.hospitals, eager_only=True)
        known = [str(each) for each in table["facility_id"].to_list()]
        if str(facility_id) not in known:
            close = get_close_matches(str(facility_id), known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"such as {', '.join(map(repr, known[:SHOWN]))}"
            got = repr(facility_id)
            raise InputError(PLACE, f"must be the facility_id of one of {len(known):,} hospitals", got, hint)
        return self._statement(str(facility_id))

    def _repr_html_(self) -> str:
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        shown = self.hospitals if isinstance(self.hospitals, pd.DataFrame) else pd.DataFrame(self.hospitals)
        return shown.to_html(max_rows=12, index=False) + "".join(f"<p>{note}</p>" for note in self.notes)
