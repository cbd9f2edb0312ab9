"""Person-years: who was enrolled in which year, for how long, and what care and dollars that year took."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atrisk._columns import SEXES
from atrisk._errors import InputError, a
from atrisk._frames import known_numbers, need, once, read_frame
from atrisk._spec import rate, text, whole
from atrisk.population import Population

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

PATH = "person_years"
MONTHS = 12
LARGEST, LARGEST_SEED = 1e12, 2**63 - 1
KNOWN = ("member_id", "year", "age", "sex", "risk_score", "member_months")
EVENTS, DOLLARS = "_events", "_dollars"
HINT = 'for example {"inpatient": ("admissions", "inpatient_dollars"), "drugs": "drug_dollars"}'


class Line(NamedTuple):
    """A service line of person-years: whether its events are counted, or its dollars alone are known."""

    name: str
    counted: bool

    @property
    def events(self) -> str:
        """Column of events."""
        return f"{self.name}{EVENTS}"

    @property
    def dollars(self) -> str:
        """Column of dollars."""
        return f"{self.name}{DOLLARS}"


@dataclass(frozen=True, eq=False)
class PersonYears:
    """Person-years in columns; made by :meth:`from_frame` or :func:`atrisk.claims.person_years`.

    Attributes
    ----------
    frame : pandas.DataFrame
        A row for each member and year: ``member_id``, ``year``, ``age`` (years), ``sex``, ``risk_score``,
        ``member_months`` (above 0 to 12), for each service line ``NAME_events`` (where events are counted) and
        ``NAME_dollars`` (allowed dollars of the year), and every further column; sorted by member and year.
    lines : tuple of Line
        The service lines.
    events : pandas.DataFrame or None
        Where single events are known, a row for each: ``service`` and ``allowed`` (dollars).
    report : object
        What was found wrong in the claims they were made of; None for a table of person-years.
    """

    frame: pd.DataFrame = field(repr=False)
    lines: tuple[Line, ...]
    events: pd.DataFrame | None = field(default=None, repr=False)
    report: Any = None

    @classmethod
    def from_frame(
        cls,
        frame: object,
        *,
        services: Mapping[str, object] | None = None,
        columns: Mapping[str, str] | None = None,
        events: object = None,
    ) -> PersonYears:
        """Read a table of person-years.

        Parameters
        ----------
        frame : pandas, polars or Arrow table
            One row for each member and year. Needs ``member_id``, ``year`` (whole), ``age`` (years), ``sex``; may have
            ``risk_score`` (else 1) and ``member_months`` (above 0 to 12; else 12). Further columns are kept.
        services : mapping of str, optional
            Service line -> its columns of events and of dollars, as a pair; or its column of dollars alone, where no
            events are counted. By default every ``NAME_dollars``, with ``NAME_events`` where there is one.
        columns : mapping of str to str, optional
            Name here -> name in the frame, where they differ: ``{"member_id": "person"}``.
        events : pandas, polars or Arrow table, optional
            Single events with their ``service``, a counted line, and ``allowed`` (dollars, at least 0), which tell
            prices better than sums of a year.

        Raises
        ------
        InputError
            If a column is missing, a value cannot be, or a member has two rows of a year.
        """
        table = _renamed(read_frame(PATH, frame), columns)
        need(PATH, table, KNOWN[:4])
        found = _lines(table, services)
        kept = _known(table)
        for line, (counts, dollars) in found.items():
            if line.counted:
                kept[line.events] = _whole(table, str(counts))
            kept[line.dollars] = known_numbers(PATH, table, dollars, 0.0, LARGEST)
        taken = {*KNOWN, *(name for pair in found.values() for name in pair if name is not None)}
        kept |= {name: table[name].to_numpy() for name in table.columns if name not in taken and name not in kept}
        return cls(frame=_sorted(kept), lines=tuple(found), events=_single(events, found))

    def __len__(self) -> int:
        return len(self.frame)

    def to_pandas(self) -> pd.DataFrame:
        """Return the person-years as a frame of one's own."""
        return self.frame.copy()

    @property
    def members(self) -> int:
        """Number of members."""
        return int(self.frame["member_id"].nunique())

    @property
    def dollars(self) -> NDArray[np.float64]:
        """Dollars of each person-year, over all lines."""
        return np.asarray(self.frame[[line.dollars for line in self.lines]].to_numpy(dtype=np.float64).sum(axis=1))

    def where(self, rows: NDArray[np.bool_]) -> PersonYears:
        """Return the person-years of some rows; single events, which are of no row, are left out."""
        return PersonYears(frame=self.frame[np.asarray(rows)].reset_index(drop=True), lines=self.lines)

    def split(self, share: float = 0.5, *, seed: int = 1) -> tuple[PersonYears, PersonYears]:
        """Return two parts by persons, no person in both: one to fit, the other to judge the fit.

        Parameters
        ----------
        share : float, default 0.5
            The part of the persons, 0-1, in the first.
        seed : int, default 1
            Who is in which.
        """
        share = rate(f"{PATH}.split.share", share)
        seed = whole(f"{PATH}.split.seed", seed, 0, LARGEST_SEED)
        words, which = np.unique(self.frame["member_id"].to_numpy(), return_inverse=True)
        first = np.zeros(len(words), dtype=bool)
        first[np.random.default_rng(seed).permutation(len(words))[: round(share * len(words))]] = True
        return self.where(first[which]), self.where(~first[which])

    def panel(self, year: int | None = None) -> Population:
        """Return the members of one year as a panel to simulate from performance year 1 on.

        Parameters
        ----------
        year : int, optional
            By default the last. All of its members are taken as enrolled from the first month on, and to stay.
        """
        years = self.frame["year"]
        chosen = int(years.max()) if year is None else year
        rows = self.frame[years == chosen]
        if rows.empty:
            raise InputError(f"{PATH}.panel.year", "must be a year of the table", repr(year), f"{_span(years)}")
        return Population.from_frame(self._of_members(rows))

    def followed(self) -> Population:
        """Return every member followed through its own years: performance year 1 is the table's first year.

        A spell of years without a gap is a member of the panel; months before a spell's first full year are at that
        year's end, those of its last at that year's beginning; years between are whole. Months are rounded, to at least
        one. Risk scores are the means of the spell. Who is born after the table's first year enters with age 0, which
        counts as its age of that first year.
        """
        frame = self.frame
        first = int(frame["year"].min())
        member, year = frame["member_id"].to_numpy(), frame["year"].to_numpy()
        starts = np.ones(len(frame), dtype=bool)
        starts[1:] = (member[1:] != member[:-1]) | (year[1:] != year[:-1] + 1)
        spell = np.cumsum(starts) - 1
        ends = np.append(starts[1:], True)
        rows = frame[starts]
        months = np.clip(np.round(frame["member_months"].to_numpy()), 1, MONTHS).astype(np.int64)
        alone = starts[starts] & (year[starts] == year[ends])
        scores = np.bincount(spell, weights=frame["risk_score"]) / np.bincount(spell)
        table = self._of_members(rows).assign(
            member_id=[f"{of} from {since}" for of, since in zip(rows["member_id"], rows["year"], strict=True)],
            age=np.maximum(rows["age"].to_numpy() - (year[starts] - first), 0.0),
            risk_score=scores,
            entry_year=year[starts] - first + 1,
            exit_year=year[ends] - first + 1,
            entry_month=np.where(alone, 1, MONTHS + 1 - months[starts]),
            exit_month=months[ends],
        )
        return Population.from_frame(table)

    def _of_members(self, rows: pd.DataFrame) -> pd.DataFrame:
        left = ["year", "member_months", *(name for line in self.lines for name in (line.events, line.dollars))]
        return rows.drop(columns=[name for name in left if name in rows.columns]).reset_index(drop=True)

    def __repr__(self) -> str:
        lines = ", ".join(line.name for line in self.lines)
        months = self.frame["member_months"].sum()
        return (
            f"PersonYears({len(self):,} person-years of {self.members:,} members, {_span(self.frame['year'])}, "
            f"{months:,.0f} member-months, {self.dollars.sum() / max(months, 1e-9):,.2f} dollars pmpm; lines: {lines})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>{self.frame.head().to_html(index=False)}"


def person_years_of(given: object, services: Mapping[str, object] | None = None) -> PersonYears:
    """Return person-years as they are, or read them from a frame."""
    if not isinstance(given, PersonYears):
        return PersonYears.from_frame(given, services=services)
    if services is not None:
        raise InputError("services", "must be left out: person-years have their lines", a(services))
    return given


def _renamed(table: pd.DataFrame, columns: Mapping[str, str] | None) -> pd.DataFrame:
    if columns is None:
        return table
    if not isinstance(columns, Mapping):
        raise InputError(f"{PATH}.columns", "must map names to names of the frame", a(columns))
    need(PATH, table, [str(there) for there in columns.values()])
    back = {there: here for here, there in columns.items()}
    clash = [here for here in columns if here in table.columns and here not in back]
    return table.drop(columns=clash).rename(columns=back)


def _known(table: pd.DataFrame) -> dict[str, Any]:
    """Return the columns of who and when, checked."""
    once(PATH, table, ["member_id", "year"])
    kinds = {kind for kind in map(type, table["member_id"]) if table["member_id"].dtype == object}
    if len(kinds) > 1 and not table["member_id"].isna().any():
        named = " and ".join(sorted(kind.__name__ for kind in kinds))
        raise InputError(f"{PATH}.member_id", "must be of one kind: all text, or all numbers", named)
    missing = np.flatnonzero(table["member_id"].isna().to_numpy())
    if len(missing):
        raise InputError(f"{PATH}.member_id[{missing[0]}]", "must not be missing")
    kept: dict[str, Any] = {
        "member_id": table["member_id"].to_numpy(),
        "year": _whole(table, "year"),
        "age": known_numbers(PATH, table, "age", 0.0, 130.0),
        "sex": _sexes(table),
        "risk_score": np.ones(len(table)),
        "member_months": np.full(len(table), float(MONTHS)),
    }
    if "risk_score" in table.columns:
        kept["risk_score"] = known_numbers(PATH, table, "risk_score", 0.0, 1e6)
    if "member_months" in table.columns:
        kept["member_months"] = months = known_numbers(PATH, table, "member_months", 0.0, MONTHS)
        for row in np.flatnonzero(months == 0.0):
            raise InputError(
                f"{PATH}.member_months[{row}]", "must be above 0", "0", "leave out years without enrolment"
            )
    if not len(table):
        raise InputError(PATH, "must have rows", "none")
    return kept


def _sexes(table: pd.DataFrame) -> NDArray[Any]:
    sexes = table["sex"].astype(str).str.strip().str.lower().map(SEXES)
    for row in np.flatnonzero(sexes.isna().to_numpy()):
        raise InputError(f"{PATH}.sex[{row}]", 'must be "female" or "male"', repr(table["sex"].iloc[row]))
    return sexes.to_numpy(dtype=object)


def _whole(table: pd.DataFrame, name: str) -> NDArray[np.int64]:
    values = known_numbers(PATH, table, name, 0.0, 1e9)
    for row in np.flatnonzero(values != np.round(values)):
        raise InputError(f"{PATH}.{name}[{row}]", "must be a whole number", f"{values[row]:g}")
    return values.astype(np.int64)


def _lines(table: pd.DataFrame, services: Mapping[str, object] | None) -> dict[Line, tuple[str | None, str]]:
    if services is None:
        stems = [str(name).removesuffix(DOLLARS) for name in table.columns if str(name).endswith(DOLLARS)]
        events = {stem: f"{stem}{EVENTS}" if f"{stem}{EVENTS}" in table.columns else None for stem in stems}
        lines = {Line(stem, events[stem] is not None): (events[stem], f"{stem}{DOLLARS}") for stem in stems}
    elif isinstance(services, Mapping):
        lines = dict(_line(str(name), given) for name, given in services.items())
    else:
        raise InputError(f"{PATH}.services", "must map service lines to their columns", a(services), HINT)
    if not lines:
        raise InputError(f"{PATH}.services", "must have service lines", f"no column ends in {DOLLARS}", HINT)
    need(PATH, table, [name for pair in lines.values() for name in pair if name is not None])
    return lines


def _single(events: object, lines: Mapping[Line, object]) -> pd.DataFrame | None:
    """Return single events, checked."""
    if events is None:
        return None
    path, counted = f"{PATH}.events", [line.name for line in lines if line.counted]
    table = read_frame(path, events)
    need(path, table, ["service", "allowed"])
    table["allowed"] = known_numbers(path, table, "allowed", 0.0, LARGEST)
    for row in np.flatnonzero(~table["service"].isin(counted).to_numpy()):
        hint = f"they are {', '.join(counted) or 'none'}"
        raise InputError(f"{path}.service[{row}]", "must be a counted line", repr(table["service"][row]), hint)
    return table


def _line(name: str, given: object) -> tuple[Line, tuple[str | None, str]]:
    path = f"{PATH}.services.{name}"
    if isinstance(given, str):
        return Line(text(path, name), counted=False), (None, given)
    if not isinstance(given, (tuple, list)) or len(given) != 2 or not all(isinstance(each, str) for each in given):  # noqa: PLR2004
        raise InputError(path, "must be a pair of columns, or one of dollars", repr(given), HINT)
    return Line(text(path, name), counted=True), (given[0], given[1])


def _sorted(kept: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    return pd.DataFrame(kept).sort_values(["member_id", "year"], kind="stable", ignore_index=True)


def _span(years: pd.Series[int]) -> str:
    first, last = int(years.min()), int(years.max())
    return f"year {first}" if first == last else f"years {first}-{last}"
