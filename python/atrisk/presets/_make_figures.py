"""Make the figures that are read from the summary tables of MEPS.

Usage: ``python -m atrisk.presets._make_figures meps_hc_use_1996_2013.parquet figures.csv targets.csv``

The tables are those of the household component of the Medical Expenditure Panel Survey, use and expenditure, in long
form; facts of the United States Government in the public domain: acknowledge AHRQ. Of ``targets.csv`` only the rows of
MEPS' own tables are written anew, those of papers and briefs are kept.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk.presets import _raking
from atrisk.presets._meps import GROUPS, HEALTH, SEXES, SOURCE, YEAR, Tables, bands_of, shares
from atrisk.presets._rows import COLUMNS, LINES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

DIGITS = 6
SHARE, RELATIVE = "share of members", "of the line's rate"

Row = tuple[str, float, str, str, str]  # figure, value, unit, source, confidence
Groups = tuple[str, ...]


def rows(tables: Tables, preset: str) -> Iterator[Row]:
    """Yield the figures of a preset."""
    groups = GROUPS[preset]
    yield from people(tables, groups)
    lines = list(care(tables, groups))
    yield from lines
    values = {figure: value for figure, value, *_ in lines}
    dollars = np.array([values[f"{line}.per_1000"] * values[f"{line}.price"] for line in LINES])
    yield from by_age_and_health(tables, preset, groups, dollars)
    yield from by_sex(tables, groups, dollars)


def people(tables: Tables, groups: Groups) -> Iterator[Row]:
    """Yield how many persons there are, and their shares by sex."""
    told = f"{SOURCE}: persons, {' + '.join(groups)}"
    persons = tables.persons(("ind", str(YEAR)), groups)
    yield "persons", persons, "thousand persons", told, "read" if len(groups) == 1 else "derived"
    by = shares({sex: tables.persons(("sex", level), groups) for sex, level in SEXES.items()})
    for sex, share in by.items():
        yield f"sex.{sex}", share, SHARE, f"{told}, by sex", "derived"


def care(tables: Tables, groups: Groups) -> Iterator[Row]:
    """Yield rate and mean price of each service line."""
    persons = {group: tables.persons(("ind", str(YEAR)), (group,)) for group in groups}
    for line, (event, less) in LINES.items():
        count = dollars = 0.0
        for group, weight in persons.items():
            who = ("insurance", group)
            count += weight * tables.events_of_line(line, who)
            dollars += weight * tables("meanEXP0", ("event", event), who)
            dollars -= weight * tables("meanEXP0", ("event", less), who) if less else 0.0
        named = f"{SOURCE}: {event}{f' less {less}' if less else ''}, {' + '.join(groups)}"
        rate = (
            "mean expense of all over that of users" if line == "equipment" else "mean expense a person over an event's"
        )
        unit = "years with any per 1,000 member-years" if line == "equipment" else "events per 1,000 member-years"
        yield f"{line}.per_1000", 1_000.0 * count / sum(persons.values()), unit, f"{named}: {rate}", "derived"
        yield f"{line}.price", dollars / count, f"dollars of {YEAR} an event", f"{named}: mean expense", "derived"


def by_age_and_health(tables: Tables, preset: str, groups: Groups, dollars: NDArray[np.float64]) -> Iterator[Row]:
    """Yield shares by age and health, risk scores by health, and relativities by age."""
    bands, named = bands_of(preset), " + ".join(groups)
    ages = {age: tables.persons(("agegrps", band), groups) for age, band in bands.items()}
    health = {name: known(tables, level, groups) for name, level in HEALTH.items()}
    persons = _raking.joint(
        tables.by_age_and_health(bands), list(shares(ages).values()), list(shares(_first(health)).values())
    )
    events = np.array([[tables.events_of_line(line, ("agegrps", band)) for band in bands.values()] for line in LINES])
    by_age = np.array([tables.dollars(("agegrps", band), groups) / ages[age] for age, band in bands.items()])
    by_health = np.array([spent / count for count, spent in health.values()])
    of_lines, of_health = _raking.factors(persons, events, dollars, by_age, by_health)
    told = f"{SOURCE}: persons, {named}, by age"
    for age, share in shares(ages).items():
        yield f"age.from.{age}", share, SHARE, told, "derived"
    told = f"{SOURCE}: persons by age and self-rated health, raked to those of {named} by age and by health"
    if preset == "medicare":
        told += "; excellent health without other public, for whom it is not published"
    for (age, name), share in zip(
        ((age, name) for age in bands for name in HEALTH), (persons / persons.sum(axis=1)[:, None]).flat, strict=True
    ):
        yield f"health.{age}.{name}", share, f"share of members from age {age}", told, "derived"
    told = f"{SOURCE}: mean expense of {named} by self-rated health, raked with that by age"
    for name, factor in zip(HEALTH, of_health, strict=True):
        yield f"risk_score.{name}", factor, "of the mean of the preset", told, "derived"
    if len(bands) > 1:
        told = f"{SOURCE}: events by age of all persons, raked to the mean expense of {named} by age and by health"
        for line, factors in zip(LINES, of_lines, strict=True):
            for age, factor in zip(bands, factors, strict=True):
                yield f"{line}.age.{age}", factor, RELATIVE, told, "derived"


def known(tables: Tables, level: str, groups: Groups) -> tuple[float, float]:
    """Return thousands of persons and of dollars by health, of the groups for which both are published."""
    who = ("health", level)
    there = [group for group in groups if tables.get("meanEXP0", who, ("insurance", group)) is not None]
    return tables.persons(who, there), tables.dollars(who, there)


def _first(pairs: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    return {name: pair[0] for name, pair in pairs.items()}


def by_sex(tables: Tables, groups: Groups, dollars: NDArray[np.float64]) -> Iterator[Row]:
    """Yield relativities by sex."""
    counts = {sex: tables.persons(("sex", level), groups) for sex, level in SEXES.items()}
    persons = np.array([list(shares(counts).values())]).T
    events = np.array([[tables.events_of_line(line, ("sex", level)) for level in SEXES.values()] for line in LINES])
    means = np.array([tables.dollars(("sex", level), groups) / counts[sex] for sex, level in SEXES.items()])
    of_lines, _ = _raking.factors(persons, events, dollars, means, np.ones(1))
    told = f"{SOURCE}: events by sex of all persons, raked to the mean expense of {' + '.join(groups)} by sex"
    for line, factors in zip(LINES, of_lines, strict=True):
        for sex, factor in zip(SEXES, factors, strict=True):
            yield f"{line}.sex.{sex}", factor, RELATIVE, told, "derived"


def targets(tables: Tables, preset: str) -> Iterator[Row]:
    """Yield what MEPS says of the spread of expense, which the fitted figures are to show."""
    groups = GROUPS[preset]
    named = " + ".join(groups)
    persons = {group: tables.persons(("ind", str(YEAR)), (group,)) for group in groups}
    yield (
        "mean.any",
        tables.mean("meanEXP0", ("event", "Any event"), persons),
        "dollars a member",
        (f"{SOURCE}: Any event, {named}: mean expense"),
        "read" if len(groups) == 1 else "derived",
    )
    yield from means(tables, preset, groups)
    events = {"any": "Any event"} | {line: event for line, (event, less) in LINES.items() if not less}
    for line, event in events.items():
        row, told = ("event", event), f"{SOURCE}: {event}, {named}"
        users = {g: weight * tables("pctEXP", row, ("insurance", g)) / 100.0 for g, weight in persons.items()}
        share = sum(users.values()) / sum(persons.values())
        yield f"users.{line}", share, SHARE, f"{told}: percent with expense", "derived"
        over = tables.mean("medEXP", row, users) / tables.mean("meanEXP", row, users)
        yield f"median_over_mean.{line}", over, "of those with expense", f"{told}: median and mean", "derived"


def means(tables: Tables, preset: str, groups: Groups) -> Iterator[Row]:
    """Yield mean expense by age, sex and health."""
    bands = bands_of(preset)
    by = {f"age.{age}": ("agegrps", band) for age, band in bands.items()}
    by |= {f"sex.{sex}": ("sex", level) for sex, level in SEXES.items()}
    for name, who in by.items():
        mean = tables.dollars(who, groups) / tables.persons(who, groups)
        yield f"mean.{name}", mean, "dollars a member", f"{SOURCE}: mean expense, {' + '.join(groups)}", "derived"
    for name, level in HEALTH.items():
        persons, dollars = known(tables, level, groups)
        told = f"{SOURCE}: mean expense by self-rated health, {' + '.join(groups)}"
        yield f"mean.health.{name}", dollars / persons, "dollars a member", told, "derived"


def written(preset: str, row: Row) -> list[str]:
    """Return a row as it is written, with its preset and its year."""
    figure, value, unit, source, confidence = row
    return [preset, figure, f"{value:.{DIGITS}g}", unit, str(YEAR), source, confidence]


def write(path: Path, lines: Iterable[Sequence[Any]]) -> None:
    """Write rows under the columns of all files of figures."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(lines)


def main(arguments: Sequence[str]) -> int:
    """Read the first path; write the figures to the second, the targets to the third."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    source, figures, aims = map(Path, arguments)
    tables = Tables(pd.read_parquet(source))
    write(figures, [written(preset, row) for preset in GROUPS for row in rows(tables, preset)])
    with aims.open(encoding="utf-8") as stream:
        kept = [row for row in list(csv.reader(stream))[1:] if not row[5].startswith(SOURCE)]
    write(aims, [*(written(preset, row) for preset in GROUPS for row in targets(tables, preset)), *kept])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
