"""Claims with all that their rule needs: days, groups, rates, coinsurance, each checked and looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _figures
from atrisk._payment import _tables
from atrisk._payment._by_date import held_back, year_of
from atrisk._payment._cases import codes, columns_of, measured, read_cases, whole_numbers, years
from atrisk._payment._checks import Refusing, flags, wage_index
from atrisk.snf._book import AREAS, COMPONENTS, MIXED, Book
from atrisk.snf._dates import read_span
from atrisk.snf._hipps import GROUPS, PACKAGE, given_groups, group_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

PLACE = "snf"
REQUIRED = ("fiscal_year", "area", "wage_index", "days")
OPTIONAL = (
    "prior_days",
    "benefit_days_used",
    "value_based_multiplier",
    "aids",
    "quality_reported",
    "labor_share",
    "calendar_year",
    "coinsurance_per_day",
    "from_date",
    "through_date",
    "sequestration_rate",
)
KNOWN = ("fiscal_year", "hipps", *GROUPS, *REQUIRED[1:], *OPTIONAL)
LOWEST_MULTIPLIER, HIGHEST_MULTIPLIER = 0.5, 1.5


class Claims:
    """Claims as they were given, their facts looked up one after the other.

    Attributes
    ----------
    series : dict
        What the user gave, by name.
    given : dict of arrays
        The same as arrays.
    facts : dict
        Facts of the rule, by name.
    letters : dict
        Positions of the letters that claims are priced by, by component.
    used : list of (str, tuple)
        What was looked up: its array in the book, and the positions there.
    sure : list of arrays
        How sure each figure used is.
    aids, shares : array of bool
        Whether a claim has AIDS, and whether it has days with coinsurance.
    last : array of dates or None
        Last days of claims, where they are given.
    coinsurance_row : array or None
        Position of the coinsurance in its table, where it was looked up.
    """

    def __init__(self, frame: object, facts: Mapping[str, Any], book: Book) -> None:
        given = read_cases(PLACE, frame, facts, KNOWN, ())
        named = [group for group in GROUPS if group in given]
        groups = [] if "hipps" in given else list(GROUPS) if named else ["hipps"]
        read_cases(PLACE, None, given, KNOWN, [REQUIRED[0], *groups, *REQUIRED[1:]])
        self.series = given
        self.given = columns_of(PLACE, given)
        self.refuse = Refusing(PLACE, self.given)
        self.book = book
        self.facts: dict[str, Any] = {}
        self.used: list[tuple[str, tuple[Any, ...]]] = []
        self.sure: list[NDArray[np.intp]] = []
        self.last: NDArray[np.datetime64] | None = None
        self.coinsurance_row: NDArray[np.intp] | None = None
        self.aids = self._flag("aids", default=False)
        self._read_days()
        self._look_up()
        self._read_coinsurance()

    def _flag(self, name: str, *, default: bool) -> NDArray[np.bool_]:
        return np.asarray(flags(f"{PLACE}.{name}", self.given.get(name, default)) > 0)

    def _read_days(self) -> None:
        """Read the claim's days, those before it, and what adjusts its payment."""
        most = int(_tables.parameter(PACKAGE, "benefit_days"))
        days = whole_numbers(f"{PLACE}.days", self.given["days"], 1, most, "days")
        prior = whole_numbers(f"{PLACE}.prior_days", self.given.get("prior_days", 0), 0, most - 1, "days")
        given = self.given.get("benefit_days_used", prior)
        used = whole_numbers(f"{PLACE}.benefit_days_used", given, 0, most - 1, "days")
        self.refuse("benefit_days_used", used < prior, "must be at least prior_days", used)
        last = used + days
        before = "benefit_days_used" if "benefit_days_used" in self.given else "prior_days"
        rule = f"must, with {before}, be at most the {most} days of a benefit period"
        self.refuse("days", last > most, rule, last)
        multiplier = self.given.get("value_based_multiplier", 1.0)
        self.facts |= {
            "aids": self.aids.astype(float),
            "days": days,
            "prior_days": prior,
            "benefit_days_used": used,
            "wage_index": wage_index(f"{PLACE}.wage_index", self.given["wage_index"]),
            "value_based_multiplier": measured(
                f"{PLACE}.value_based_multiplier", multiplier, LOWEST_MULTIPLIER, HIGHEST_MULTIPLIER, ""
            ),
        }

    def _look_up(self) -> None:
        """Look up base rates by year and area, indexes by letter."""
        book = self.book
        year = self._years()
        fiscal_year = np.asarray(book.years)[year]
        area = codes(f"{PLACE}.area", self.given["area"], AREAS, f"one of {', '.join(AREAS)}")
        reported = self._flag("quality_reported", default=True).astype(np.intp)
        self.letters = self._letters()
        for position, component in enumerate(COMPONENTS):
            name = "non_case_mix_rate" if component not in MIXED else f"{component}_base_rate"
            self._take(name, "rates", year, area, reported, position)
        self._refuse_unknown_rates(reported)
        for position, component in enumerate(MIXED):
            self._take(f"{component}_index", "indexes", year, position, self.letters[component])
            rule = f"must have the index of {component} of every claim's letter and fiscal year"
            unknown = np.isnan(self.facts[f"{component}_index"])
            self.refuse("case_mix_indexes", unknown, rule, fiscal_year)
        if "labor_share" in self.given:
            self.facts["labor_share"] = measured(f"{PLACE}.labor_share", self.given["labor_share"], 0, 1, "")
        else:
            self._take("labor_share", "labor_shares", year)
            unknown = np.isnan(self.facts["labor_share"])
            self.refuse("labor_share", unknown, "must be given for this fiscal year", fiscal_year)
        self.fiscal_year = fiscal_year

    def _years(self) -> NDArray[np.intp]:
        """Return the positions of fiscal years, refusing those that lack rates or indexes."""
        book = self.book
        available = book.years_with_indexes
        lacking = ", ".join(str(year) for year in book.years if year not in available)
        also = f"give your own case_mix_indexes= for {lacking}, and base_rates= too" if lacking else "give base_rates="
        rule = f"a fiscal year with figures: {', '.join(map(str, available))}"
        at = codes(f"{PLACE}.fiscal_year", self.given["fiscal_year"], available, rule, f"{also} for other years")
        return np.array([book.years.index(year) for year in available], dtype=np.intp)[at]

    def _take(self, fact: str, array: str, *at: Any) -> None:  # noqa: ANN401 - positions, or columns of them
        self.facts[fact] = np.asarray(getattr(self.book, array)[at])
        self.sure.append(np.asarray(self.book.sure[array][at]))
        self.used.append((array, at))

    def _refuse_unknown_rates(self, reported: NDArray[np.intp]) -> None:
        rates = [self.facts[name] for name in self.facts if name.endswith("_rate")]
        unknown = np.isnan(np.sum(np.broadcast_arrays(*rates), axis=0))
        not_reported = np.broadcast_to(reported == 0, unknown.shape)
        rule = "must be true where the rates of those that did not report are not known"
        hint = "give them as base_rates="
        self.refuse("quality_reported", unknown & not_reported, rule, "false", hint)
        year = self.given["fiscal_year"]
        self.refuse("base_rates", unknown, "must have all six rates of every claim's year and area", year)

    def _letters(self) -> dict[str, NDArray[np.intp]]:
        """Return the letters by component; AIDS moves that of ancillaries up."""
        given = given_groups(PLACE, self.given)
        letters = {component: given[group] for group, component in GROUPS.items()}
        rows = sorted(_tables.read(PACKAGE, "nta_groups.csv").rows, key=lambda row: row["letter"])
        moved = np.array([ord(row["letter_with_aids"]) - ord("A") for row in rows])
        letters["nta"] = np.where(self.aids, moved[letters["nta"]], letters["nta"])
        return letters | {"occupational_therapy": letters["physical_therapy"]}

    def _read_coinsurance(self) -> None:
        """Look up what patients pay a day, by calendar year, and what is held back, by date."""
        span = read_span(PLACE, self.given, self.fiscal_year, self.facts["days"])
        self.last = None if span is None else span[1]
        used, days = self.facts["benefit_days_used"], self.facts["days"]
        self.shares = used + days > float(_tables.parameter(PACKAGE, "full_days"))
        self._sure_where_shared(_figures.CONFIDENCES.index(_tables.parameter(PACKAGE, "full_days", "confidence")))
        year = self.given.get("calendar_year")
        if year is not None and span is not None:
            wrong = (year_of(span[0]) != year) & (year_of(span[1]) != year)
            rule = "must be the calendar year of a day of the claim"
            self.refuse("calendar_year", wrong, rule, year)
        if "coinsurance_per_day" in self.given:
            self.facts["coinsurance_per_day"] = measured(
                f"{PLACE}.coinsurance_per_day", self.given["coinsurance_per_day"], 0, 1e6, "dollars"
            )
        elif year is not None or span is not None:
            self._take_coinsurance(year, span)
        if "sequestration_rate" in self.given:
            rate = self.given["sequestration_rate"]
            self.facts["sequestration_rate"] = measured(f"{PLACE}.sequestration_rate", rate, 0, 1, "")
        elif self.last is not None:
            self.facts["sequestration_rate"], sure = held_back(f"{PLACE}.through_date", self.last)
            self.sure.append(sure)

    def _take_coinsurance(self, year: object, span: Any) -> None:  # noqa: ANN401 - the first and the last day, or none
        table = _tables.read(PACKAGE, "coinsurance.csv")
        path = f"{PLACE}.calendar_year"
        if year is None:
            hint = "give calendar_year, or price its parts"
            across = (year_of(span[0]) != year_of(span[1])) & self.shares
            rule = "must lie in one calendar year where patients pay coinsurance"
            self.refuse("through_date", across, rule, span[1], hint)
            year = year_of(span[1])
        at = years(path, year, table.whole("calendar_year"), "calendar year")
        chosen = np.asarray(table.whole("calendar_year"))[at]
        outside = (chosen != self.fiscal_year) & (chosen != self.fiscal_year - 1)
        self.refuse("calendar_year", outside, "must be the fiscal year or the year before", chosen)
        self.facts["coinsurance_per_day"] = table.numbers("coinsurance_per_day")[at]
        self.coinsurance_row = at
        self._sure_where_shared(table.confidences()[at])

    def _sure_where_shared(self, sure: Any) -> None:  # noqa: ANN401 - a position, or one of each case
        """Count how sure a figure is for claims that have days with coinsurance."""
        self.sure.append(np.where(self.shares, sure, len(_figures.CONFIDENCES) - 1))

    def found(self) -> dict[str, NDArray[np.object_]]:
        """Return the groups that claims are priced by."""
        return {
            group: np.array(group_names(component), dtype=object)[self.letters[component]]
            for group, component in GROUPS.items()
        }
