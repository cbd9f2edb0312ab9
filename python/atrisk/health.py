"""Health on the same paths: outcomes that are counted, and measures of quality that are paid for."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._relativities import column, factors
from atrisk._spec import flag, known_term, number, term, text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from atrisk._types import Uncertain
    from atrisk.population import Population

    DependsOn = Mapping[str, Uncertain | Mapping[Any, float]]

ADHERENCE = "adherence"
KNOWN = "must name services or columns of the panel"


@dataclass(frozen=True)
class Outcome:
    """Something that happens to members and is counted: avoidable admissions, falls, deaths averted.

    A member's count in a year is Poisson with rate ``per_member_year × risk_score × member_months / 12 × shared
    frailty × what it depends on``, with the same luck in every arm.

    Parameters
    ----------
    name : str
        Name; also the address of its random numbers.
    per_member_year : float
        Events a year of a member with risk score 1.
    depends_on : mapping of str to float or mapping, default {}
        By service: elasticity in its dose, the factor by which an arm's programmes and response change the service for
        the member over the year. By column of the panel: a number is the change of the logarithm of the rate for a unit
        more than the panel's mean; a mapping gives the factor of each value.
    """

    name: str
    _: KW_ONLY
    per_member_year: Uncertain
    depends_on: DependsOn | None = None

    def to_spec(self, services: Collection[str]) -> dict[str, Any]:
        """Return the specification the core reads."""
        name = text("outcomes.name", self.name)
        doses, columns = _divided(self.depends_on, services)
        factor = f"factor:outcome {name}" if columns else None
        return {"name": name, "rate": number(self.per_member_year), "doses": doses, "factor": factor}

    def columns(self, population: Population, services: Collection[str]) -> dict[str, NDArray[np.float64]]:
        """Return the members' factors under the names by which they cross."""
        _, columns = _divided(self.depends_on, services)
        product = _product(f"outcomes.{self.name}", columns, population, "rate") if columns else None
        return {} if product is None else {f"factor:outcome {self.name}": product}


@dataclass(frozen=True)
class Measure:
    """A measure of quality: the share of eligible members who meet it, as it is found in a year.

    The provider's true rate is its own: its log odds have a normal spread around those of ``rate``, the same in all
    years and arms of a replicate. Each eligible member meets the measure or not, so that small denominators are noisy.

    Parameters
    ----------
    name : str
        Name; also the address of its random numbers.
    rate : float
        Share of the eligible who meet the measure at a typical provider, 0.001-0.999.
    eligible : mapping, optional
        By column of the panel: the values that are eligible, or a (low, high) pair of a numeric column, both included;
        by default all members.
    sd_between : float, default 0
        Standard deviation of providers' true rates, 0-0.25.
    adherence_effect : float, default 0
        Change of the log odds for a unit of the panel's column ``adherence`` more than its mean.
    depends_on : mapping of str to float or mapping, default {}
        As of an :class:`Outcome`, of the odds instead of the rate.
    benchmarks : sequence of float, default (0, 1)
        Rates of the peers, rising: the score is 0 at the first, 1 at the last, and rises by equal parts between.
    drift : float, default 0
        Yearly change of all benchmarks after performance year 1.
    weight : float, default 1
        Weight in the quality score.
    inverse : bool, default False
        Whether a lower rate is better; benchmarks are then those of the share that does not meet the measure.
    """

    name: str
    _: KW_ONLY
    rate: Uncertain
    eligible: Mapping[str, Any] | None = None
    sd_between: Uncertain = 0.0
    adherence_effect: float = 0.0
    depends_on: DependsOn | None = None
    benchmarks: Sequence[float] = (0.0, 1.0)
    drift: float = 0.0
    weight: float = 1.0
    inverse: bool = False

    def to_spec(self, services: Collection[str]) -> dict[str, Any]:
        """Return the specification the core reads."""
        name = text("measures.name", self.name)
        path = f"measures.{name}"
        flag(f"{path}.inverse", self.inverse)
        benchmarks = np.asarray(self.benchmarks, dtype=np.float64)
        if benchmarks.ndim != 1 or len(benchmarks) < 2 or not np.all(np.diff(benchmarks) > 0):  # noqa: PLR2004 - from, to
            raise InputError(f"{path}.benchmarks", "must be two rates or more, rising", repr(self.benchmarks))
        if not self.weight >= 0:
            raise InputError(f"{path}.weight", "must be at least 0", f"{self.weight}")
        doses, columns = _divided(self.depends_on, services)
        return {
            "name": name,
            "rate": number(self.rate),
            "sd_between": number(self.sd_between),
            "doses": doses,
            "factor": f"factor:measure {name}" if columns or self.adherence_effect else None,
            "eligible": None if self.eligible is None else f"factor:eligible {name}",
            "scoring": {
                "benchmarks": [
                    {"from": term(rate), "gives": term(score)}
                    for rate, score in zip(benchmarks, np.linspace(0.0, 1.0, len(benchmarks)), strict=True)
                ],
                "drift": known_term(f"{path}.drift", self.drift),
                "weight": known_term(f"{path}.weight", self.weight),
                "inverse": self.inverse,
            },
        }

    def columns(self, population: Population, services: Collection[str]) -> dict[str, NDArray[np.float64]]:
        """Return the members' factors and eligibility under the names by which they cross."""
        path = f"measures.{self.name}"
        _, columns = _divided(self.depends_on, services)
        if self.adherence_effect:
            columns = columns | {ADHERENCE: self.adherence_effect}
        found = {f"factor:measure {self.name}": _product(path, columns, population, "odds")} if columns else {}
        if self.eligible is not None:
            found[f"factor:eligible {self.name}"] = _eligible(path, self.eligible, population)
        return found

    def score(self, rates: NDArray[np.float64], year: int) -> NDArray[np.float64]:
        """Return the score, 0-1, of rates found in a performance year, as contracts of a study score them."""
        benchmarks = np.asarray(self.benchmarks, dtype=np.float64) + self.drift * (year - 1)
        found = 1.0 - rates if self.inverse else rates
        return np.interp(found, benchmarks, np.linspace(0.0, 1.0, len(benchmarks)))


def _divided(depends_on: DependsOn | None, services: Collection[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Divide what something depends on into doses of services and columns of the panel."""
    given = dict(depends_on or {})
    doses = {name: number(value) for name, value in given.items() if name in services}
    return doses, {name: value for name, value in given.items() if name not in services}


def _product(path: str, columns: Mapping[str, Any], population: Population, moves: str) -> NDArray[np.float64]:
    product = np.ones(len(population))
    for name, effect in columns.items():
        values = column(f"{path}.depends_on", population, name, KNOWN)
        product = product * factors(f"{path}.depends_on.{name}", values, effect, moves)
    return product


def _eligible(path: str, eligible: Mapping[str, Any], population: Population) -> NDArray[np.float64]:
    kept = np.ones(len(population), dtype=np.bool_)
    for name, wanted in eligible.items():
        values = column(f"{path}.eligible", population, name, KNOWN)
        if isinstance(wanted, tuple) and len(wanted) == 2 and values.dtype.kind in "iuf":  # noqa: PLR2004 - from, to
            kept &= (values >= wanted[0]) & (values <= wanted[1])
        else:
            choices = {wanted} if isinstance(wanted, (str, int, float, bool)) else set(wanted)
            kept &= np.array([value in choices for value in values.tolist()], dtype=np.bool_)
    if not kept.any():
        raise InputError(f"{path}.eligible", "must leave some members", repr(dict(eligible)))
    return kept.astype(np.float64)
