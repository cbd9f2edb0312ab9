"""The steps of a price, line by line: what is looked up, the sums of a patient's year, the rules between them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _figures as confidences
from atrisk._errors import InputError
from atrisk._payment import _tables
from atrisk._payment._by_date import sequestration
from atrisk._payment._cases import columns_of
from atrisk.rules._rule import Rule
from atrisk.therapy import _figures
from atrisk.therapy._groups import grouped, ranked, running
from atrisk.therapy._lines import read_lines
from atrisk.therapy._money import Facts, dollars, factors, flags, of_the_year
from atrisk.therapy._relative_values import PARTS, RelativeValues, read_gpci
from atrisk.therapy._units import refuse_rule
from atrisk.therapy._work import read_units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from atrisk._payment._by_date import ByDate
    from atrisk.therapy._lines import Lines

READ = confidences.CONFIDENCES.index("read")


@dataclass(frozen=True)
class Terms:
    """What holds for all lines: whose errors they are, fees, indexes, the rule of units, what is said of codes."""

    place: str
    fees: object
    gpci: object
    rule: str
    timed: Mapping[str, bool] | None
    always_therapy: Mapping[str, bool] | None


@dataclass
class Steps:
    """Lines that are priced.

    Attributes
    ----------
    lines : Lines
        The lines.
    columns : dict of array
        Every step by name.
    used : dict of list of dict
        The rows of tables that were used, by figure.
    sure : array
        How sure the least sure figure of each line is.
    """

    lines: Lines
    columns: dict[str, NDArray[Any]] = field(default_factory=dict)
    used: dict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    sure: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, dtype=np.intp))

    def look_up(
        self,
        figure: str,
        table: ByDate,
        at: NDArray[np.intp],
        where: NDArray[np.bool_] | None = None,
        value: str = "value",
    ) -> NDArray[np.float64]:
        """Return the figure of each line, remembering the rows that were used and how sure they are."""
        used = np.bincount(at if where is None else at[where], minlength=len(table.rows)) > 0
        self.used[figure] += [{**table.rows[row], "value": table.rows[row][value]} for row in np.flatnonzero(used)]
        sure = table.sure()[at]
        self.sure = np.minimum(self.sure, sure if where is None else np.where(where, sure, READ))
        return table.values(value)[at]


def priced(terms: Terms, given: Mapping[str, Any]) -> Steps:
    """Price lines from what was given by name."""
    refuse_rule(terms.place, terms.rule)
    given = columns_of(terms.place, given)
    lines = read_lines(terms.place, given, terms.timed, always=terms.always_therapy or {})
    steps = Steps(lines, sure=lines.codes.sure[lines.code])
    steps.used["codes"] += lines.codes.rows
    facts = Facts(lines, given)
    day, days = lines.by["date"][0], np.array(lines.by["date"][1], dtype="datetime64[D]")
    years = _years(facts, day, days)
    units = read_units(facts, terms.rule)
    _allowed(terms, steps, facts, units, years)
    charges = _charges(steps, facts, years)
    _paid(steps, facts, years, charges)
    steps.columns["confidence"] = _tables.least_sure(steps.sure)
    return steps


def _years(facts: Facts, day: NDArray[np.int64], days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Return the calendar year of each line, refusing years without figures and dates of other years."""
    of_days = days.astype("datetime64[Y]").astype(np.int64) + 1970
    years, available = of_days[day], _figures.priced_years()
    for row in np.flatnonzero(~np.isin(years, available))[:1]:
        rule = f"must be in a calendar year with figures: {', '.join(map(str, available))}"
        raise InputError(facts.path("date", row), rule, str(days[day[row]]))
    if "calendar_year" in facts.given:
        said = facts.numbers("calendar_year", 0, 9999)
        for row in np.flatnonzero(said != years)[:1]:
            rule = "must be the year of the date"
            raise InputError(facts.path("calendar_year", row), rule, f"{said[row]:g} for {days[day[row]]}")
    return years


def _on_day(steps: Steps, figure: str, where: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    day, days = steps.lines.by["date"]
    table = _figures.dated(figure)
    return steps.look_up(figure, table, table.at(np.array(days, dtype="datetime64[D]"))[day], where)


def _allowed(terms: Terms, steps: Steps, facts: Facts, units: NDArray[np.int64], years: NDArray[np.int64]) -> None:
    """Add units, ranks, relative values and what is allowed."""
    lines, columns = steps.lines, steps.columns
    columns["units"] = units
    pair = grouped(lines.code, years)
    first = np.unique(pair, return_index=True)[1]
    names = [lines.codes.names[code] for code in lines.code[first]]
    of_pair = RelativeValues.read(terms.place, terms.fees).of(terms.place, names, years[first].tolist())
    values, highest_first = of_pair[pair], np.unique(-of_pair[:, 1], return_inverse=True)[1].reshape(-1)[pair]
    always = lines.codes.always_therapy[lines.code] & (units > 0)
    rank = np.full(lines.n, np.nan)
    visit = lines.groups("patient", "provider", "date")[always]
    rank[always] = 1 + ranked(visit, highest_first[always], lines.order[always])
    columns["rank"] = rank
    columns["full_units"] = np.where(always, (rank == 1).astype(np.int64), units)
    columns.update(zip(PARTS, values.T, strict=True))
    for part, index in zip(PARTS, read_gpci(terms.place, terms.gpci), strict=True):
        columns[f"{part}_gpci"] = np.full(lines.n, index)
    columns["conversion_factor"] = _conversion_factor(steps, facts, years)
    columns["practice_expense_factor"] = _on_day(steps, "practice_expense_factor", always)
    assistant = flags(facts, "assistant")
    columns["assistant_factor"] = np.where(assistant, _on_day(steps, "assistant_factor", assistant), 1.0)
    charge = dollars(facts, "charge", missing=True) if "charge" in facts.given else np.full(lines.n, np.nan)
    _settle(steps, "therapy_allowed", charge=charge)


def _conversion_factor(steps: Steps, facts: Facts, years: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return dollars for a relative value unit: the user's, or those of the date and the class."""
    if "conversion_factor" in facts.given:
        return factors(facts, "conversion_factor")
    classes = _figures.years_with_classes()
    if "qualifying_apm" not in facts.given:
        for row in np.flatnonzero(np.isin(years, classes))[:1]:
            rule = f"must be given qualifying_apm, True or False: {years[row]} has two conversion factors"
            raise InputError(steps.lines.place, rule, f"none, and a date of {years[row]} on row {row}")
    qualifying = flags(facts, "qualifying_apm")
    day, days = steps.lines.by["date"]
    found = np.zeros(steps.lines.n)
    for answer in (False, True):
        table = _figures.conversion_factors(qualifying=answer)
        at = table.at(np.array(days, dtype="datetime64[D]"))[day]
        where = qualifying == answer
        found[where] = steps.look_up("conversion_factor", table, at, where, "conversion_factor")[where]
    return found


def _charges(steps: Steps, facts: Facts, years: NDArray[np.int64]) -> NDArray[np.int64]:
    """Add the charges before each line and whether it is covered; return the patient's year of each line."""
    lines, columns = steps.lines, steps.columns
    columns["threshold"] = _on_day(steps, "threshold")
    columns["review_threshold"] = _on_day(steps, "review_threshold")
    at, disciplines = lines.by["discipline"]
    alone = np.array([name == "occupational" for name in disciplines], dtype=np.int64)[at]
    year = grouped(lines.groups("patient"), years)
    shared = grouped(year, alone)
    used = of_the_year(facts, "threshold_used", shared, year, "a patient's year and threshold")
    columns["charges_before"] = np.round(used + running(columns["allowed"], shared, _days(lines), lines.order), 2)
    _settle(steps, "therapy_coverage", kx_modifier=flags(facts, "kx_modifier").astype(np.float64))
    return year


def _paid(steps: Steps, facts: Facts, years: NDArray[np.int64], year: NDArray[np.int64]) -> None:
    """Add what is left of the deductible, and who pays."""
    lines, columns = steps.lines, steps.columns
    deductible = _on_day(steps, "deductible")
    met = of_the_year(facts, "deductible_met", year, year, "a patient's year")
    for row in np.flatnonzero(met > deductible)[:1]:
        rule = f"must be at most the deductible of {years[row]}, {deductible[row]:g} dollars"
        raise InputError(facts.path("deductible_met", row), rule, f"{met[row]:g}")
    before = met + running(columns["covered"], year, _days(lines), lines.order)
    columns["deductible_left"] = np.round(np.maximum(deductible - before, 0), 2)
    columns["coinsurance_rate"] = _on_day(steps, "coinsurance_rate")
    table = sequestration()
    day, days = lines.by["date"]
    at = table.at(np.array(days, dtype="datetime64[D]"))[day]
    columns["sequestration_rate"] = steps.look_up("sequestration_rate", table, at, None, "rate")
    _settle(steps, "therapy_payment")


def _days(lines: Lines) -> NDArray[np.int64]:
    return lines.by["date"][0]


def _settle(steps: Steps, rule: str, **more: NDArray[np.float64]) -> None:
    """Settle all lines by a rule whose facts are the columns so far, and more; lines that are alike only once."""
    settling = Rule(rule, {}, steps.lines.place)
    known = {**steps.columns, **more}
    facts = {name: np.asarray(known[name], dtype=np.float64) for name, *_ in settling.core.facts()}
    alike, first = _alike(list(facts.values()))
    lines = settling.columns({name: np.ascontiguousarray(values[first]) for name, values in facts.items()})
    steps.columns.update({name: values[alike] for name, values in lines.items()})


def _alike(columns: list[NDArray[np.float64]]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Return which lines have equal facts, and the first line of each kind."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    varied = [column for column in columns if len(column) and not (column == column[0]).all()]
    groups = [pd.factorize(column, use_na_sentinel=False)[0].astype(np.int64) for column in varied]
    alike = grouped(*groups) if groups else np.zeros(len(columns[0]), dtype=np.int64)
    first = np.zeros(alike.max(initial=-1) + 1, dtype=np.intp)
    first[alike[::-1]] = np.arange(len(alike))[::-1]
    return alike, first
