"""Who leaves a panel, who dies, and who counts as the provider's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atrisk._spec import number, plain

if TYPE_CHECKING:
    from atrisk._types import Uncertain


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """Chances, each month, that a member leaves or dies at the month's end.

    Who leaves in a performance year does not come back. Base years are years of the same members; who leaves in one is
    replaced by its like at the year's end, so that they know deaths as performance years do.

    Parameters
    ----------
    lapse_rate : float, default 0
        Chance a month, 0-1, that a member of risk score 1 leaves.
    lapse_selection : float, default 0
        The chance is multiplied by the risk score to this power: below 0 the sick stay.
    death_rate : float or mapping of age to float, default 0
        Chance a month, 0-1, to die; by age in completed years from each key on.
    last_year_relativity : float, default 1
        Factor of all rates of a member in the year in which it dies.
    """

    lapse_rate: Uncertain = 0.0
    lapse_selection: Uncertain = 0.0
    death_rate: Uncertain | Mapping[int, float] = 0.0
    last_year_relativity: Uncertain = 1.0

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        rates = self.death_rate if isinstance(self.death_rate, Mapping) else {0: self.death_rate}
        ages = sorted(rates, key=lambda age: plain("population.enrolment.death_rate", age))
        return {
            "lapse_rate": number(self.lapse_rate),
            "lapse_selection": number(self.lapse_selection),
            "death_ages": [number(age) for age in ages],
            "death_rates": [number(rates[age]) for age in ages],
            "last_year_relativity": number(self.last_year_relativity),
        }


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """Who counts where only those count who are attributed to the provider: savings and costs of the payer.

    Parameters
    ----------
    share : float
        The part of the panel, 0-1, that is attributed in a year.
    turnover : float, default 0
        The part of those attributed, 0-1, that is not in the next year; as many others come in their place.
    selection : float, default 0
        Turnover is multiplied by the risk score to this power.
    """

    share: Uncertain
    turnover: Uncertain = 0.0
    selection: Uncertain = 0.0

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        given = {"share": self.share, "turnover": self.turnover, "selection": self.selection}
        return {name: number(value) for name, value in given.items()}
