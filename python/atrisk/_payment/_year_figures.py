"""Figures of the year of each case, a user's own in their place row by row; those that lack are named all at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _figures
from atrisk._errors import InputError
from atrisk._payment import _tables
from atrisk._payment._cases import whole_numbers
from atrisk._payment._checks import known_or_missing, refuse
from atrisk._payment._dated import SUREST, Dated
from atrisk.rules._facts import numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from atrisk.statement import Statement

LAST_YEAR = 2100  # later is a slip


def with_year(facts: dict[str, Any], name: str, year: object) -> dict[str, Any]:
    """Return facts with the year that is given beside them."""
    return facts if year is None else {**facts, name: year}


def term(package: str, name: str) -> str:
    """Return what holds for every year as it is written in the terms of a package."""
    return next(row["value"] for row in _tables.read(package, "terms.csv").rows if row["term"] == name)


def dated_of(tables: Iterable[_tables.Table], year: str, word: str = "", value: str = "") -> Dated:
    """Return tables with a row for each year as dated figures: one for each column, or each ``word`` with its value."""
    rows = [row for table in tables for row in table.rows]
    years = tuple(sorted({int(row[year]) for row in rows}))
    found: dict[str, list[_figures.Figure | None]] = {}
    for row in rows:
        at, no_figure = int(row[year]), {year, "source", "confidence"}
        columns = {row[word]: row[value]} if word else {name: row[name] for name in row if name not in no_figure}
        for name, written in columns.items():
            known = found.setdefault(name, [None] * len(years))
            if written:
                known[years.index(at)] = _figures.Figure("", name, at, at, written, row["source"], row["confidence"])
    return Dated(years, {name: tuple(each) for name, each in found.items()})


def together(*parts: Dated) -> Dated:
    """Return the dated figures of several tables of the same years."""
    return Dated(parts[0].years, {name: rows for part in parts for name, rows in part.rows.items()})


def year_numbers(path: str, values: object) -> NDArray[np.float64]:
    """Return years as numbers; text of digits is read, as files have it."""
    array = np.asarray(values)
    if array.dtype.kind in "UO":
        text = [int(value) if isinstance(value, str) and value.strip().isdigit() else value for value in array.ravel()]
        array = np.asarray(text).reshape(array.shape) if text else array.astype(np.float64)
    if array.dtype.kind not in "iuf":
        return numbers(path, array if array.ndim else array[()])
    return array.astype(np.float64)


@dataclass
class YearFigures:
    """Looks figures up by the year of each case, unless the user gives them, and remembers all that it used.

    Attributes
    ----------
    place : str
        The payment system, as errors call it.
    dated : Dated
        Its figures.
    position : array of int
        Position of the year of each case.
    kind : str
        What years are called.
    sureness : array of int
        How sure the least sure figure of each case is so far.
    used : list
        Rows of the figures of the first case, for the notes of its statement.
    given : dict
        What the user gave, by name.
    filled : set of str
        Figures that the user gave for some cases only.
    lacking : dict of InputError
        Figures that cases need and that neither the user nor a table has, by the name of their fact.
    """

    place: str
    dated: Dated
    position: NDArray[np.intp]
    kind: str = "fiscal year"
    sureness: NDArray[np.intp] = field(default_factory=lambda: np.asarray(SUREST))
    used: list[_figures.Figure] = field(default_factory=list)
    given: Mapping[str, Any] = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)
    lacking: dict[str, InputError] = field(default_factory=dict)

    def figure(
        self,
        name: str,
        where: Any = True,  # noqa: ANN401, FBT002 - a mask, or all
        called: str | None = None,
        needed: Any = None,  # noqa: ANN401 - a mask, or all
    ) -> NDArray[np.float64]:
        """Return a figure for each case, missing where there is none; remember it where it is used, and its lack."""
        values = self.dated.values(name)[self.position]
        lacking = np.isnan(values) & np.asarray(where if needed is None else needed)
        for row in np.flatnonzero(lacking)[:1]:
            position = np.broadcast_to(self.position, lacking.shape).flat[row]
            rule = f"must be given for {self.kind} {self.dated.years[position]}"
            at = f"[{row}]" if lacking.ndim else ""
            fact = called or name
            hint = f"{'' if fact == name else f'{name} is '}shipped for {self.dated.shipped(name)}"
            self.lacking.setdefault(fact, InputError(f"{self.place}.{fact}{at}", rule, hint=hint))
        self.note(name, where)
        return values

    def note(self, name: str, where: Any = True) -> None:  # noqa: ANN401, FBT002 - a mask, or all
        """Remember that a figure was used in some cases."""
        sure = np.where(where, self.dated.sureness(name)[self.position], SUREST)
        self.sureness = np.minimum(self.sureness, sure)
        first = np.ravel(np.where(where, self.position, -1))[:1]
        row = self.dated.rows[name][first[0]] if first.size and first[0] >= 0 else None
        if row is not None:
            self.used.append(row)

    @property
    def confidence(self) -> NDArray[np.str_]:
        """How sure the least sure figure of each case is, in words."""
        return np.asarray(np.asarray(_figures.CONFIDENCES)[self.sureness])

    def own_or(
        self,
        name: str,
        bounds: tuple[float, float, str],
        look: Callable[[NDArray[np.bool_]], NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        """Return the user's own figure, and where it is missing what ``look`` returns for the cases that miss it."""
        own = known_or_missing(f"{self.place}.{name}", self.given.get(name, np.nan), *bounds)
        absent = np.isnan(own)
        if not absent.any() and own.size:
            return own
        if name in self.given:
            self.filled.add(name)
        return np.where(absent, look(absent), own)

    def own_or_figure(
        self,
        name: str,
        bounds: tuple[float, float, str],
        where: Any = True,  # noqa: ANN401, FBT002 - a mask, or all
        needed: Any = None,  # noqa: ANN401 - a mask, or all
    ) -> NDArray[np.float64]:
        """Return the user's own figure, and where it is missing that of the year."""
        needed = where if needed is None else needed
        return self.own_or(
            name, bounds, lambda absent: self.figure(name, absent & where, needed=absent & np.asarray(needed))
        )

    def refuse_lacking(self) -> None:
        """Refuse cases that need figures which nobody has, naming all of these."""
        if len(self.lacking) == 1:
            raise next(iter(self.lacking.values()))
        if self.lacking:
            hints = [f"{name}: {error.hint}" for name, error in self.lacking.items()]
            raise InputError(self.place, f"must be given {', '.join(self.lacking)}", None, "; ".join(hints))

    @property
    def shown(self) -> dict[str, Any]:
        """What the user gave, for frames: figures of some cases only are shown whole, beside those looked up."""
        return {f"own_{name}" if name in self.filled else name: value for name, value in self.given.items()}

    @property
    def notes(self) -> list[str]:
        """What a reader of the first case must know: every figure used, what says so, and how sure the least is."""
        used = {row.figure: row for row in self.used}.values()
        told_of = told((row.figure, row.value, row.source, row.confidence) for row in used)
        return [*told_of, *confidence_note(self.confidence)]


def told(figures: Iterable[tuple[str, str, str, str]]) -> list[str]:
    """Return figures (name, value, source, confidence) as notes, a note for what rests on the same."""
    by: dict[tuple[str, str], list[str]] = {}
    for name, value, source, confidence in figures:
        by.setdefault((source, confidence), []).append(f"{name} {value}")
    return [
        f"{', '.join(named)}: read ({source})"
        if confidence == "read"
        else _figures.note(", ".join(named), source, confidence)
        for (source, confidence), named in by.items()
    ]


def told_terms(package: str, names: Iterable[str]) -> list[str]:
    """Return terms of a package as notes."""
    rows = {row["term"]: row for row in _tables.read(package, "terms.csv").rows}
    return told((name, rows[name]["value"], rows[name]["source"], rows[name]["confidence"]) for name in names)


def surest_of_terms(package: str, used: Mapping[str, NDArray[np.bool_]]) -> list[NDArray[np.intp]]:
    """Return how sure each term is, as a position in ``_figures.CONFIDENCES``, in the cases that use it."""
    sure = {row["term"]: _tables.position_of(row["confidence"]) for row in _tables.read(package, "terms.csv").rows}
    return [np.where(where, sure[name], _tables.position_of("read")) for name, where in used.items()]


def confidence_note(confidence: object) -> list[str]:
    """Return how sure the least sure figure of one case is, as a note."""
    words = np.ravel(np.asarray(confidence))
    return [f"confidence: {words[0]}, that of the least sure figure used"] if words.size else []


def read_years(
    place: str, name: str, values: object, dated: Dated, *, later: bool = False
) -> tuple[Dated, NDArray[np.intp]]:
    """Return dated figures and the position of the year of each case in them.

    Other years are refused; ``later`` ones are taken where a user's own figures may stand for those of the year.
    """
    path = f"{place}.{name}"
    years = year_numbers(path, values)
    whole = np.isin(years, dated.years)
    if later:
        whole |= (years > dated.years[-1]) & (years <= LAST_YEAR) & (years % 1 == 0)
    rows = np.flatnonzero(~whole)
    if rows.size:
        value = years.flat[rows[0]]
        got = "a missing value" if np.isnan(value) else f"{value:g}"
        listed = ", ".join(map(str, dated.years))
        rule = f"must be a {name.replace('_', ' ')} with figures: {listed}"
        raise InputError(f"{path}[{rows[0]}]" if years.ndim else path, rule, got)
    more = tuple(sorted({int(year) for year in years.flat} - set(dated.years)))
    if more:
        nothing = (None,) * len(more)
        dated = replace(
            dated, years=dated.years + more, rows={name: (*rows, *nothing) for name, rows in dated.rows.items()}
        )
    return dated, np.searchsorted(dated.years, years.astype(int))


def optional_amount(path: str, values: object, low: float, high: float, unit: str) -> NDArray[np.float64]:
    """Return an amount that is 0 where there is none, refusing blanks: nobody can tell whether they are nothing."""
    array = known_or_missing(path, values, low, high, unit)
    rule = f"must be between {low:,.10g} and {high:,.10g} {unit}".rstrip()
    refuse(path, np.isnan(array), rule, array, "0 where there is none")
    return array


def optional_count(path: str, values: object, high: int, unit: str) -> NDArray[np.float64]:
    """Return whole numbers that are 0 where there is nothing, refusing blanks."""
    return whole_numbers(path, optional_amount(path, values, 0, high, unit), 0, high, unit)


def described(statement: Statement, title: str, notes: Iterable[str]) -> Statement:
    """Return a statement under a title of its own, with its notes."""
    return replace(statement, title=title, notes=list(notes))


def single(value: object) -> Any:  # noqa: ANN401 - a number or a word
    """Return the value of the only case."""
    return np.ravel(np.asarray(value, dtype=object))[0]
