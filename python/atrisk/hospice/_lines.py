"""Lines of hospice claims with all that their rule needs: levels of care, days or units, rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _figures
from atrisk._payment import _tables
from atrisk._payment._cases import codes, measured, read_cases, whole_numbers, years
from atrisk._payment._own import own_rows
from atrisk._payment._refusing import columns_of, refuse_where
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
KNOWN = (*REQUIRED, "days", "units", "prior_days", "prior_respite_days", "days_before_death")
LONGEST_LINE = 366
LONGEST_STAY = 20_000
LOWEST_WAGE_INDEX, HIGHEST_WAGE_INDEX = 0.1, 5.0


def parameter(name: str) -> str:
    """Return a parameter as it is written."""
    return next(row["value"] for row in _tables.read(PACKAGE, "parameters.csv").rows if row["parameter"] == name)


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
    rows : list of dict
        Rows of rates: the user's own last.
    sure : array
        How sure the least sure rate of each line is.
    """

    def __init__(self, frame: object, facts: Mapping[str, Any], rates: object) -> None:
        self.series = read_cases(PLACE, frame, facts, KNOWN, REQUIRED)
        self.given = given = columns_of(PLACE, self.series)
        self.at = codes(f"{PLACE}.level", given["level"], LEVELS, f"one of {', '.join(LEVELS)}")
        self.level = np.asarray(np.array(LEVELS, dtype=object)[self.at])
        own = [] if rates is None else own_rows(f"{PLACE}.rates", rates, {"care": CARES}, "rate")
        self.rows = [*_tables.read(PACKAGE, "rates.csv").rows, *own]
        self.facts = self._amounts() | self._before() | self._rates()

    def _amounts(self) -> dict[str, NDArray[np.float64]]:
        """Return days and units by level of care."""
        in_units = np.isin(self.at, [LEVELS.index(level) for level in IN_UNITS])
        day = float(parameter("units_per_hour")) * float(parameter("hours_per_day"))
        days = self._needed("days", ~in_units, LONGEST_LINE, "days")
        units = self._needed("units", in_units, day, "quarter hours")
        intensity = self._is("service_intensity")
        last = float(parameter("intensity_days")) - 1
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
        path = f"{PLACE}.{name}"
        values = numbers(path, self.given.get(name, np.nan))
        values, needed, level = np.broadcast_arrays(values, needed, self.level)
        missing = np.isnan(values)
        refuse_where(needed & missing, path, "must be given at this level of care", level)
        refuse_where(~needed & ~missing, path, "must be missing at this level of care", level)
        fits = (values >= low) & (values <= high) & (values % 1 == 0)
        refuse_where(needed & ~fits, path, f"must be a whole number from {low} to {high:g} {unit}", values)
        return np.asarray(np.where(needed, values, 0.0))

    def _before(self) -> dict[str, NDArray[np.float64]]:
        """Return what came before the line, and the wage index."""
        prior = whole_numbers(f"{PLACE}.prior_days", self.given.get("prior_days", 0), 0, LONGEST_STAY, "days")
        path = f"{PLACE}.prior_respite_days"
        respite = whole_numbers(path, self.given.get("prior_respite_days", 0), 0, LONGEST_STAY, "days")
        refuse_where(respite > prior, path, "must be at most prior_days", respite)
        path = f"{PLACE}.wage_index"
        index = measured(path, self.given["wage_index"], LOWEST_WAGE_INDEX, HIGHEST_WAGE_INDEX, "")
        return {"prior_days": prior, "prior_respite_days": respite, "wage_index": index}

    def _rates(self) -> dict[str, NDArray[np.float64]]:
        """Return rates and labor shares."""
        available = sorted({int(row["fiscal_year"]) for row in self.rows})
        at = years(f"{PLACE}.fiscal_year", self.given["fiscal_year"], available)
        rates = np.full((len(available), len(CARES)), np.nan)
        sure = np.full(rates.shape, len(_figures.CONFIDENCES) - 1)
        for row in self.rows:
            position = available.index(int(row["fiscal_year"])), CARES.index(row["care"])
            rates[position] = float(row["rate"])
            sure[position] = _figures.CONFIDENCES.index(row["confidence"])
        unknown = np.isnan(rates[at]).any(axis=-1)
        refuse_where(
            unknown, f"{PLACE}.rates", "must have all five rates of every fiscal year", np.array(available)[at]
        )
        shares = _tables.read(PACKAGE, "labor_shares.csv")
        self.sure = np.minimum(sure[at].min(axis=-1), int(shares.confidences().min()))
        found = {RATES[care]: rates[at, care] for care in range(len(CARES))}
        return found | {
            SHARES[care]: np.asarray(share)
            for care, share in zip(shares.words("care"), shares.numbers("labor_share"), strict=True)
        }
