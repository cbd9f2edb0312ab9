"""Lines of hospice claims with all that their rule needs: levels of care, days or units, rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _figures
from atrisk._errors import InputError
from atrisk._payment import _tables
from atrisk._payment._by_date import fiscal_year_of, held_back, read_days
from atrisk._payment._cases import codes, columns_of, measured, read_cases, refuse_switches, whole_numbers, years
from atrisk._payment._checks import Refusing, flags, wage_index
from atrisk._payment._own import own_rows
from atrisk.rules._facts import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

PACKAGE = "atrisk.hospice"
PLACE = "hospice"
LEVELS = ("routine", "continuous", "inpatient_respite", "general_inpatient", "service_intensity")
IN_UNITS = ("continuous", "service_intensity")
CARES = ("first_routine", "later_routine", "continuous", "inpatient_respite", "general_inpatient")
RATES = ("first_routine_rate", "later_routine_rate", "continuous_rate", "respite_rate", "inpatient_rate")
SHARES = {
    "routine": "routine_labor_share",
    "continuous": "continuous_labor_share",
    "inpatient_respite": "respite_labor_share",
    "general_inpatient": "inpatient_labor_share",
}
REQUIRED = ("fiscal_year", "level", "wage_index")
KNOWN = (
    *REQUIRED,
    "days",
    "units",
    "prior_days",
    "prior_respite_days",
    "days_before_death",
    "quality_reported",
    *SHARES.values(),
    "through_date",
    "sequestration_rate",
)
LONGEST_LINE = 366
LONGEST_STAY = 20_000


class Lines:
    """Lines as they were given, and their facts.

    Attributes
    ----------
    series : dict
        What the user gave, by name.
    given : dict of arrays
        The same as arrays.
    facts : dict
        Facts of the rule, by name.
    rows : dict
        The row of each rate, by fiscal year, whether quality was reported, and care: the user's own before the shipped.
    sure : array
        How sure the least sure rate or labor share of each line is.
    last : array of dates or None
        Last days of lines, where they are given.
    """

    def __init__(self, frame: object, facts: Mapping[str, Any], rates: object) -> None:
        self.series = read_cases(PLACE, frame, facts, KNOWN, ())
        self.given = columns_of(PLACE, self.series)
        self.refuse = Refusing(PLACE, self.given)
        self._refuse_missing()
        self.at = codes(f"{PLACE}.level", self.given["level"], LEVELS, f"one of {', '.join(LEVELS)}")
        self.level = np.asarray(np.array(LEVELS, dtype=object)[self.at])
        own = own_rows(f"{PLACE}.rates", rates, {"care": CARES}, "rate", by_reporting=True)
        shipped = [{**row, "quality_reported": "yes"} for row in _tables.read(PACKAGE, "rates.csv").rows]
        self.rows = {
            (int(row["fiscal_year"]), row["quality_reported"] == "yes", row["care"]): row for row in [*shipped, *own]
        }
        self.last: NDArray[np.datetime64] | None = None
        self.facts = self._amounts() | self._before() | self._rates() | self._shares() | self._held_back()

    def _refuse_missing(self) -> None:
        """Name all facts that are missing at once: those of every line, and those of the levels that there are."""
        level = self.given.get("level")
        needed = ["days or units"] if level is None else []
        if level is not None:
            there = set(np.ravel(level).tolist())
            needed += ["days"] if there & set(LEVELS) - set(IN_UNITS) else []
            needed += ["units"] if there & set(IN_UNITS) else []
            needed += ["days_before_death"] if "service_intensity" in there else []
        read_cases(PLACE, None, self.series, KNOWN, [*REQUIRED, *needed])

    def _amounts(self) -> dict[str, NDArray[np.float64]]:
        """Return days and units by level of care."""
        in_units = np.isin(self.at, [LEVELS.index(level) for level in IN_UNITS])
        day = float(_tables.parameter(PACKAGE, "units_per_hour")) * float(_tables.parameter(PACKAGE, "hours_per_day"))
        days = self._needed("days", ~in_units, LONGEST_LINE, "days")
        units = self._needed("units", in_units, day, "quarter hours")
        intensity = self._is("service_intensity")
        last = float(_tables.parameter(PACKAGE, "intensity_days")) - 1
        self._needed("days_before_death", intensity, last, "days, the day of death being 0", low=0)
        return {
            "routine_days": np.where(self._is("routine"), days, 0.0),
            "continuous_units": np.where(self._is("continuous"), units, 0.0),
            "respite_days": np.where(self._is("inpatient_respite"), days, 0.0),
            "inpatient_days": np.where(self._is("general_inpatient"), days, 0.0),
            "intensity_units": np.where(intensity, units, 0.0),
        }

    def _is(self, level: str) -> NDArray[np.bool_]:
        return np.asarray(self.at == LEVELS.index(level))

    def _needed(self, name: str, needed: Any, high: float, unit: str, low: int = 1) -> NDArray[np.float64]:  # noqa: ANN401 - a flag or flags
        """Return whole numbers that some levels of care need and the others must not have."""
        refuse_switches(f"{PLACE}.{name}", self.given.get(name, np.nan))
        values = numbers(f"{PLACE}.{name}", self.given.get(name, np.nan))
        values, needed, level = np.broadcast_arrays(values, needed, self.level)
        missing = np.isnan(values)
        self.refuse(name, needed & missing, "must be given at this level of care", level)
        self.refuse(name, ~needed & ~missing, "must be missing at this level of care", level)
        fits = (values >= low) & (values <= high) & (values % 1 == 0)
        self.refuse(name, needed & ~fits, f"must be a whole number from {low} to {high:g} {unit}", values)
        return np.asarray(np.where(needed, values, 0.0))

    def _before(self) -> dict[str, NDArray[np.float64]]:
        """Return what came before the line, and the wage index."""
        prior = whole_numbers(f"{PLACE}.prior_days", self.given.get("prior_days", 0), 0, LONGEST_STAY, "days")
        path = f"{PLACE}.prior_respite_days"
        respite = whole_numbers(path, self.given.get("prior_respite_days", 0), 0, LONGEST_STAY, "days")
        self.refuse("prior_respite_days", respite > prior, "must be at most prior_days", respite)
        index = wage_index(f"{PLACE}.wage_index", self.given["wage_index"])
        return {"prior_days": prior, "prior_respite_days": respite, "wage_index": index}

    def _rates(self) -> dict[str, NDArray[np.float64]]:
        """Return rates by year, and by whether quality was reported."""
        available = sorted({year for year, *_ in self.rows})
        at = years(f"{PLACE}.fiscal_year", self.given["fiscal_year"], available)
        self.fiscal_year = np.asarray(available)[at]
        rates = np.full((len(available), 2, len(CARES)), np.nan)
        sure = np.full(rates.shape, len(_figures.CONFIDENCES) - 1)
        for (year, yes, care), row in self.rows.items():
            position = available.index(year), int(yes), CARES.index(care)
            rates[position] = float(row["rate"])
            sure[position] = _figures.CONFIDENCES.index(row["confidence"])
        reported = flags(f"{PLACE}.quality_reported", self.given.get("quality_reported", True)).astype(np.intp)
        unknown = np.isnan(rates[at, reported]).any(axis=-1)
        rule = "must be true where the rates of those that did not report are not known"
        hint = "give them as rates=, with quality_reported no"
        self.refuse("quality_reported", unknown & (reported == 0), rule, "false", hint)
        every = np.broadcast_to(self.fiscal_year, unknown.shape)
        self.refuse("rates", unknown, "must have all five rates of every fiscal year", every)
        self.sure = sure[at, reported].min(axis=-1)
        self.reported = reported
        return {RATES[care]: rates[at, reported, care] for care in range(len(CARES))}

    def _shares(self) -> dict[str, NDArray[np.float64]]:
        """Return labor shares: the user's own, or those that are shipped, of the years they hold for."""
        rows = {row["care"]: row for row in _tables.read(PACKAGE, "labor_shares.csv").rows}
        lacking = [name for name in SHARES.values() if name not in self.given]
        earlier = self.fiscal_year < max(int(row["first_year"]) for row in rows.values())
        if lacking and earlier.any():
            year = int(self.fiscal_year[earlier].flat[0])
            rule = f"must be given {', '.join(lacking)}"
            hint = f"shares are shipped from fiscal year {rows['routine']['first_year']} on"
            raise InputError(PLACE, rule, f"rates of {year} without them", hint)
        found = {}
        for care, name in SHARES.items():
            if name in self.given:
                found[name] = measured(f"{PLACE}.{name}", self.given[name], 0, 1, "")
            else:
                found[name] = np.asarray(float(rows[care]["labor_share"]))
                self.sure = np.minimum(self.sure, _figures.CONFIDENCES.index(rows[care]["confidence"]))
        return found

    def _held_back(self) -> dict[str, NDArray[np.float64]]:
        """Return what is held back by law: the user's rate, or that of the last day of the line."""
        if "through_date" in self.given:
            path = f"{PLACE}.through_date"
            self.last = read_days(path, self.given["through_date"])
            wrong = fiscal_year_of(self.last) != self.fiscal_year
            self.refuse("through_date", wrong, "must lie in the fiscal year of the line", self.last)
        if "sequestration_rate" in self.given:
            rate = self.given["sequestration_rate"]
            return {"sequestration_rate": measured(f"{PLACE}.sequestration_rate", rate, 0, 1, "")}
        if self.last is None:
            return {}
        found, sure = held_back(f"{PLACE}.through_date", self.last)
        self.sure = np.minimum(self.sure, sure)
        return {"sequestration_rate": found}
