"""Members in columns: who is in the panel, when, with which risk score and payer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _core
from atrisk._errors import InputError

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd
    from numpy.typing import NDArray

REQUIRED = ("age", "sex", "risk_score")
SEXES = {"f": "female", "female": "female", "m": "male", "male": "male"}
MONTHS = 12


@dataclass(frozen=True, eq=False)
class Population:
    """A panel of members; make one with :meth:`from_frame`.

    Attributes
    ----------
    columns : dict of str to numpy.ndarray
        One entry per member: ``age`` (years), ``sex`` ("female", "male"), ``risk_score`` (1.0 is the member the
        rates are for), ``entry_month`` and ``exit_month`` (1-12, both included), ``payer``, ``member_id``,
        and every further column of the frame.
    member_words : numpy.ndarray of uint64
        Word of each member in the addresses of its random numbers.
    """

    columns: dict[str, NDArray[Any]]
    member_words: NDArray[np.uint64] = field(repr=False)

    @classmethod
    def from_frame(cls, frame: object) -> Population:
        """Make a panel from a data frame of members.

        Parameters
        ----------
        frame : pandas, polars or Arrow table
            One row per member. Needs ``age`` (years), ``sex`` ("female" or "male", "f" or "m") and
            ``risk_score`` (at least 0). May have ``member_id`` (else the row; a given identifier ties a member's
            luck to its name instead of its row), ``payer`` (else one payer), ``entry_month`` and ``exit_month``
            (first and last month enrolled, 1-12, both included; else the full year). Further columns are kept.

        Returns
        -------
        Population

        Raises
        ------
        InputError
            If a column is missing, empty or holds a value that cannot be: path, rule and value are named.
        """
        import narwhals as nw  # noqa: PLC0415 - keeps the import of atrisk quick

        table = nw.from_native(frame, eager_only=True, pass_through=True)
        if not isinstance(table, nw.DataFrame):
            given = f"a {type(frame).__name__}"
            raise InputError("population", "must be a data frame (pandas, polars or Arrow)", given)
        missing = [name for name in REQUIRED if name not in table.columns]
        if missing:
            hint = f"the columns are {', '.join(map(str, table.columns)) or 'none'}"
            raise InputError("population", f"must have the columns {', '.join(REQUIRED)}", f"no {missing[0]}", hint)
        columns = _known_columns(table)
        columns |= {name: table[name].to_numpy() for name in table.columns if name not in columns}
        words = _member_words(columns["member_id"]) if "member_id" in table.columns else _rows(len(table))
        panel = cls(columns=columns, member_words=words)
        panel._check()
        return panel

    def __len__(self) -> int:
        return len(self.member_words)

    @property
    def member_months(self) -> int:
        """Months of enrolment, over all members."""
        return int(np.sum(self.columns["exit_month"] - self.columns["entry_month"] + 1))

    @property
    def payers(self) -> list[str]:
        """Names of the payers, sorted."""
        return sorted(set(self.columns["payer"].tolist()))

    def core_columns(self) -> dict[str, NDArray[Any]]:
        """Return the columns that cross to the core, in its types."""
        codes = {name: code for code, name in enumerate(self.payers)}
        payer = np.array([codes[name] for name in self.columns["payer"].tolist()], dtype=np.int64)
        names = ("age", "risk_score", "entry_month", "exit_month")
        return {"member": self.member_words, "payer": payer} | {name: self.columns[name] for name in names}

    def to_pandas(self) -> pd.DataFrame:
        """Return the panel as a pandas frame, one row per member."""
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        return pd.DataFrame(self.columns)

    def _check(self) -> None:
        _core.check_population(self.core_columns(), self.payers)

    def __repr__(self) -> str:
        if not len(self):
            return "Population(no members)"
        age, risk_score = self.columns["age"], self.columns["risk_score"]
        female = np.mean(self.columns["sex"] == "female")
        return (
            f"Population({len(self):,} members, {self.member_months:,} member-months, "
            f"mean age {age.mean():.1f}, {female:.0%} female, mean risk score {risk_score.mean():.3f}, "
            f"payers: {', '.join(self.payers)})"
        )


def _known_columns(table: nw.DataFrame[Any]) -> dict[str, NDArray[Any]]:
    n = len(table)
    known: dict[str, NDArray[Any]] = {
        "age": _numbers(table, "age"),
        "sex": _sexes(table),
        "risk_score": _numbers(table, "risk_score"),
        "entry_month": _months(table, "entry_month", 1),
        "exit_month": _months(table, "exit_month", MONTHS),
    }
    given = "payer" in table.columns
    known["payer"] = np.array(
        [str(name) for name in table["payer"].to_list()] if given else ["payer"] * n, dtype=object
    )
    known["member_id"] = table["member_id"].to_numpy() if "member_id" in table.columns else np.arange(n)
    return known


def _numbers(table: nw.DataFrame[Any], name: str) -> NDArray[np.float64]:
    values = np.empty(len(table))
    for row, value in enumerate(table[name].to_list()):
        try:
            values[row] = np.nan if value is None else float(value)
        except (TypeError, ValueError):
            raise InputError(f"population.{name}[{row}]", "must be a number", repr(value)) from None
    return values


def _months(table: nw.DataFrame[Any], name: str, default: int) -> NDArray[np.int64]:
    if name not in table.columns:
        return np.full(len(table), default, dtype=np.int64)
    values = _numbers(table, name)
    for row in np.flatnonzero(~np.isfinite(values) | (values != np.round(values))):
        raise InputError(f"population.{name}[{row}]", "must be a whole month between 1 and 12", f"{values[row]:g}")
    return values.astype(np.int64)


def _sexes(table: nw.DataFrame[Any]) -> NDArray[Any]:
    given = table["sex"].to_list()
    sexes = [SEXES.get(str(value).strip().lower()) for value in given]
    for row, sex in enumerate(sexes):
        if sex is None:
            raise InputError(f"population.sex[{row}]", 'must be "female" or "male"', repr(given[row]))
    return np.array(sexes, dtype=object)


def _rows(n: int) -> NDArray[np.uint64]:
    return np.arange(n, dtype=np.uint64)


def _member_words(member_id: NDArray[Any]) -> NDArray[np.uint64]:
    """Hash identifiers by their text, so that 17 and "17" are the same member."""
    return _core.member_words([str(identifier) for identifier in member_id.tolist()])
