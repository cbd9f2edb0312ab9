"""What was found wrong in claims and memberships, what was done about it, and where every dollar went."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

SET_ASIDE, MENDED, NOTED = "set aside", "mended", "noted"
KEPT, TOTAL = "in person-years", "all lines"
SHOWN = 10
CENTS = 100


@dataclass(frozen=True)
class Problem:
    """One kind of thing found in one of the tables."""

    table: str
    problem: str
    kind: str
    rows: int
    cents: int | None
    members: int
    done: str
    first: tuple[int, ...]


@dataclass(eq=False)
class ClaimsReport:
    """What was found in the tables that person-years were made of.

    Attributes
    ----------
    problems : list of Problem
        In the order in which they were looked for.
    """

    problems: list[Problem] = field(default_factory=list)
    _sources: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    _control: dict[str, tuple[int, int]] = field(default_factory=dict, repr=False)

    def source(self, table: str, frame: pd.DataFrame) -> None:
        """Name the frame whose rows examples are taken from."""
        self._sources[table] = frame

    def forget(self) -> None:
        """Keep of the frames only the rows that are shown as examples."""
        for table, frame in self._sources.items():
            rows = sorted({row for each in self.problems if each.table == table for row in each.first})
            self._sources[table] = frame.iloc[rows].copy()

    def add(  # noqa: PLR0913 - what a row of the table says
        self,
        table: str,
        problem: str,
        kind: str,
        rows: NDArray[Any],
        done: str,
        *,
        cents: NDArray[np.int64] | None = None,
        members: NDArray[Any] | None = None,
    ) -> None:
        """Tell of rows (numbers of the frame, or a mask); nothing is told of none."""
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        if len(rows):
            dollars = None if cents is None else int(cents[rows].sum())
            known = 0 if members is None else len(np.unique(members[rows][members[rows] >= 0]))
            first = tuple(int(row) for row in rows[:SHOWN])
            self.problems.append(Problem(table, problem, kind, len(rows), dollars, known, done, first))

    def account(self, reason: str, rows: int, cents: int) -> None:
        """Say how many lines and cents went where."""
        self._control[reason] = (rows, cents)

    @property
    def table(self) -> pd.DataFrame:
        """A row for each problem.

        ``table`` (claims or membership), ``problem``, ``kind`` ("set aside": not in the person-years; "mended":
        in them otherwise than given; "noted"), ``rows``, ``dollars`` (allowed, of these rows; missing where rows have
        none), ``members`` (known ones), ``done``, ``first_rows`` (numbers of the first rows in the frame, from 0).
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        names = ("table", "problem", "kind", "rows", "dollars", "members", "done", "first_rows")
        rows = [
            (
                each.table,
                each.problem,
                each.kind,
                each.rows,
                np.nan if each.cents is None else each.cents / CENTS,
                each.members,
                each.done,
                each.first,
            )
            for each in self.problems
        ]
        return pd.DataFrame(rows, columns=list(names))

    @property
    def control(self) -> pd.DataFrame:
        """Where the lines and dollars went, indexed by reason.

        "in person-years" and every reason of setting aside sum to "all lines", in lines and to the cent.
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        parts = [*self._control.items()]
        total = (sum(rows for _, (rows, _) in parts), sum(cents for _, (_, cents) in parts))
        entries = [*parts, (TOTAL, total)]
        columns = {"lines": [rows for _, (rows, _) in entries], "cents": [cents for _, (_, cents) in entries]}
        frame = pd.DataFrame(columns, index=pd.Index([reason for reason, _ in entries], name="reason"))
        return frame.assign(dollars=frame["cents"] / CENTS)

    def examples(self, problem: str) -> pd.DataFrame:
        """Return the first rows of a problem (ten at most) as they were given, indexed by their number from 0.

        Raises
        ------
        InputError
            If nothing of that name was found; what was found is listed.
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        found = [each for each in self.problems if each.problem == problem]
        if not found:
            hint = "found were " + ("; ".join(each.problem for each in self.problems) or "none")
            raise InputError("report.examples.problem", "must be a problem that was found", repr(problem), hint)
        return pd.concat([self._sources[each.table].loc[list(each.first)] for each in found])

    def in_words(self) -> str:
        """Return what was set aside of the claims, in one line."""
        parts = [f"{each.problem}: {each.rows:,}" for each in self.problems if each.kind == SET_ASIDE]
        return "rows set aside: " + ("; ".join(parts) or "none")

    def refuse(self) -> None:
        """Raise an error at the first thing that was set aside or mended."""
        for each in self.problems:
            if each.kind != NOTED:
                rule = f"must have no rows of the problem '{each.problem}'"
                hint = 'on_problems="report" goes on without them and tells of all'
                raise InputError(
                    f"claims.person_years.{each.table}[{each.first[0]}]", rule, f"{each.rows:,} rows", hint
                )

    def __repr__(self) -> str:
        rows = sum(each.rows for each in self.problems if each.kind == SET_ASIDE)
        return f"ClaimsReport({len(self.problems)} problems, {rows:,} rows set aside)"

    def _repr_html_(self) -> str:
        control = self.control.drop(columns="cents").to_html(border=0, float_format="{:,.2f}".format)
        narrow = self.table.drop(columns="first_rows")  # which `examples` shows as they were given
        table = narrow.to_html(index=False, border=0, na_rep="", float_format="{:,.2f}".format)
        return f"<p>{html.escape(repr(self))}</p>{table}{control}"
