"""The summary tables of MEPS: what the makers of the figures read of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk.presets._rows import LINES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

YEAR = 2013
SOURCE = f"MEPS-HC summary tables {YEAR} (AHRQ)"
GROUPS = {
    "commercial": ("<65, Any private",),
    "medicaid": ("<65, Public only",),
    "medicare": ("65+, Medicare only", "65+, Medicare and private", "65+, Medicare and other public"),
}
BANDS = {"0": "Under 5", "5": "5-17", "18": "18-44", "45": "45-64"}
OLD = {"65": "65+"}
CHILDREN = "Under 18"  # stands for its bands where MEPS has too few persons in one
SEXES = {"female": "Female", "male": "Male"}
HEALTH = {"excellent": "Excellent", "very_good": "Very good", "good": "Good", "fair": "Fair", "poor": "Poor"}

Level = tuple[str, str]


class Tables:
    """Estimates of one year, by statistic and the levels of two variables.

    Parameters
    ----------
    table : pandas.DataFrame
        The tables in long form: ``stat``, ``row_var``, ``row_level``, ``col_var``, ``col_level``, ``year`` and
        ``estimate``.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        year = table[(table["year"].astype(int) == YEAR) & table["estimate"].notna()]
        keys = zip(*(year[key] for key in ("stat", "row_var", "row_level", "col_var", "col_level")), strict=True)
        self._of = dict(zip(keys, year["estimate"].astype(float), strict=True))

    def get(self, stat: str, row: Level, column: Level) -> float | None:
        """Return an estimate; None where MEPS publishes none."""
        return self._of.get((stat, *row, *column))

    def __call__(self, stat: str, row: Level, column: Level) -> float:
        """Return an estimate that must be there."""
        return self._of[stat, *row, *column]

    def events(self, event: str, who: Level) -> float | None:
        """Return events a person: mean expense a person over that of an event, which has more digits than the rate.

        Of equipment MEPS counts no events: one is a year with any.
        """
        row = ("event", event)
        dollars, each = self.get("meanEXP0", row, who), self.get("meanEVT", row, who)
        if each is None:
            each = self.get("meanEXP", row, who)
        return None if dollars is None or each is None else dollars / each

    def events_of_line(self, line: str, who: Level) -> float:
        """Return events of a service line a person; a band of children with too few has the rate of all children."""
        event, less = LINES[line]
        count = self.events(event, who)
        if count is None and who[1] in (BANDS["0"], BANDS["5"]):
            count = self.events(event, (who[0], CHILDREN))
        return needed(count) - (needed(self.events(less, who)) if less else 0.0)

    def persons(self, who: Level, groups: Sequence[str]) -> float:
        """Return thousands of persons of a level in insurance groups."""
        return sum(self("totPOP", who, ("insurance", group)) for group in groups)

    def dollars(self, who: Level, groups: Sequence[str]) -> float:
        """Return thousands of dollars of a level in insurance groups."""
        every = (("insurance", group) for group in groups)
        return sum(self("totPOP", who, group) * self("meanEXP0", who, group) for group in every)

    def mean(self, stat: str, row: Level, weights: Mapping[str, float]) -> float:
        """Return the mean of a statistic over insurance groups with weights."""
        total = sum(weight * self(stat, row, ("insurance", group)) for group, weight in weights.items())
        return total / sum(weights.values())

    def by_age_and_health(self, bands: Mapping[str, str]) -> list[list[float]]:
        """Return thousands of persons, whatever their insurance, by age band and health.

        Of children in poor health MEPS publishes none: they are what the others leave of their age band.
        """
        table = []
        for band in bands.values():
            row = [self.get("totPOP", ("health", level), ("agegrps", band)) for level in HEALTH.values()]
            rest = self("totPOP", ("ind", str(YEAR)), ("agegrps", band)) - sum(each or 0.0 for each in row)
            table.append([rest if each is None else each for each in row])
        return table


def bands_of(preset: str) -> dict[str, str]:
    """Return the first ages of a preset's age bands with their names in MEPS."""
    return OLD if preset == "medicare" else BANDS


def needed(value: float | None) -> float:
    """Return an estimate that must be there."""
    if value is None:
        raise ValueError("MEPS publishes no such estimate")
    return value


def shares(counts: Mapping[str, float]) -> dict[str, float]:
    """Return counts as parts of their sum."""
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()}
