"""Members in columns: who is in the panel, when, with which risk score and payer."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _columns, _core

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

SHOWN_PAYERS = 5


@dataclass(frozen=True, eq=False)
class Population:
    """A panel of members; make one with :meth:`from_frame`. It cannot be changed: make another.

    Attributes
    ----------
    columns : mapping of str to numpy.ndarray
        One entry per member, read-only: ``age`` (years), ``sex`` ("female", "male"), ``risk_score`` (1.0 is the
        member the rates are for), ``entry_month`` and ``exit_month`` (1-12, both included), ``payer``,
        ``member_id``, and every further column of the frame.
    member_words : numpy.ndarray of uint64
        Word of each member in the addresses of its random numbers.
    """

    columns: Mapping[str, NDArray[Any]]
    member_words: NDArray[np.uint64] = field(repr=False)

    def __post_init__(self) -> None:
        columns = {name: _columns.read_only(values) for name, values in self.columns.items()}
        object.__setattr__(self, "columns", MappingProxyType(columns))
        object.__setattr__(self, "member_words", _columns.read_only(self.member_words))

    @classmethod
    def from_frame(cls, frame: object) -> Population:
        """Make a panel from a data frame of members.

        Parameters
        ----------
        frame : pandas, polars or Arrow table
            One row per member. Needs ``age`` (years), ``sex`` ("female" or "male", "f" or "m") and
            ``risk_score`` (at least 0). May have ``member_id`` (else the row; a given identifier ties a member's
            luck to its name instead of its row), ``payer`` (else one payer), ``entry_month`` and ``exit_month``
            (first and last month enrolled, 1-12, both included; else the full year), ``entry_year`` and ``exit_year``
            (years of these months: 1 is the first performance year, 0 and below are base years). Without a year, an
            entry after January and an exit before December are of performance year 1, and who has neither was there
            before and stays. ``age`` is that in performance year 1. Further columns are kept.

        Returns
        -------
        Population

        Raises
        ------
        InputError
            If a column is missing, empty or holds a value that cannot be: path, rule and value are named.
        """
        columns, words = _columns.from_frame(frame)
        panel = cls(columns=columns, member_words=words)
        _core.check_population(panel.core_columns(), panel.payers)
        return panel

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes as plain columns."""
        return type(self), (dict(self.columns), self.member_words)

    def __len__(self) -> int:
        return len(self.member_words)

    @property
    def member_months(self) -> int:
        """Months of enrolment, over all members."""
        return int(np.sum(self.columns["exit_month"] - self.columns["entry_month"] + 1))

    @cached_property
    def payers(self) -> list[str]:
        """Names of the payers, sorted."""
        return sorted(set(self.columns["payer"].tolist()))

    def core_columns(self) -> dict[str, NDArray[Any]]:
        """Return the columns that cross to the core, in its types."""
        codes = {name: code for code, name in enumerate(self.payers)}
        payer = np.array([codes[name] for name in self.columns["payer"].tolist()], dtype=np.int64)
        names = ["age", "risk_score", "entry_month", "exit_month"]
        names += [name for name in ("entry_year", "exit_year") if name in self.columns]
        return {"member": self.member_words, "payer": payer} | {name: self.columns[name] for name in names}

    def to_pandas(self) -> pd.DataFrame:
        """Return the panel as a pandas frame of its own, one row per member."""
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        return pd.DataFrame({name: values.copy() for name, values in self.columns.items()})

    def __repr__(self) -> str:
        age, risk_score = self.columns["age"], self.columns["risk_score"]
        female = np.mean(self.columns["sex"] == "female")
        payers = self.payers[:SHOWN_PAYERS] + ["..."] * (len(self.payers) > SHOWN_PAYERS)
        return (
            f"Population({len(self):,} members, {self.member_months:,} member-months, "
            f"mean age {age.mean():.1f}, {female:.0%} female, mean risk score {risk_score.mean():.3f}, "
            f"payers: {', '.join(payers)})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>{self.to_pandas().head().to_html()}"
