"""Episodes: what opens a window of days, the way its patient goes, and the care that follows."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._relativities import column, factors
from atrisk._spec import all_of, flag, number, plain, text, texts
from atrisk.case_prices import CasePrices
from atrisk.distributions import Distribution
from atrisk.episode_effect import EpisodeEffect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from atrisk._types import Uncertain
    from atrisk.population import Population


@dataclass(frozen=True)
class EpisodeCare:
    """Care that an episode brings: at most one event of a service line.

    Parameters
    ----------
    service : str
        Name of the service line that it is an event of; whoever bears the line bears it.
    amount : float, Distribution or CasePrices
        Dollars of year 0, before the fee levels of arms and of payers; the line's price trend goes on top. Cases that
        a payment system has priced, such as ``ar.snf.Pdpm(...)``, are drawn by their weights.
    share : float, default 1
        The part of patients, of its path where it belongs to one, who have it, 0-1.
    days : (float, float), default (0, window_days)
        First and last day on which it may come, counted from the event that opens the episode; any time between is
        as likely.
    avoidable : bool, default False
        Whether programmes that name the episode change the odds of its ``share`` too: a complication that better care
        prevents.
    """

    service: str
    _: KW_ONLY
    amount: float | Distribution | CasePrices
    share: Uncertain = 1.0
    days: tuple[float, float] | None = None
    avoidable: bool = False

    def to_spec(self, path: str, window_days: object) -> dict[str, Any]:
        """Return the specification the core reads."""
        days: Any = (0, window_days) if self.days is None else self.days
        if not isinstance(days, (tuple, list)) or len(days) != 2:  # noqa: PLR2004 - from, to
            raise InputError(f"{path}.days", "must be a first and a last day", repr(self.days))
        return {
            "service": text(f"{path}.service", self.service),
            "share": number(self.share),
            "amount": amount_spec(f"{path}.amount", self.amount),
            "from_day": number(days[0]),
            "to_day": number(days[1]),
            "avoidable": flag(f"{path}.avoidable", self.avoidable),
        }


@dataclass(frozen=True)
class EpisodePath:
    """A way that patients go after the event: home, home health, skilled nursing, rehabilitation.

    Parameters
    ----------
    name : str
        Name, of its own in the episode.
    share : float
        The part of patients who go it, 0-1; those of all paths come to 1.
    care : sequence of EpisodeCare, default ()
        What it brings.
    """

    name: str
    _: KW_ONLY
    share: Uncertain
    care: Sequence[EpisodeCare] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "care", all_of(EpisodeCare, f"paths[{self.name}].care", self.care))

    def to_spec(self, episode: str, window_days: object) -> dict[str, Any]:
        """Return the specification the core reads."""
        name = text(f"{episode}.paths.name", self.name)
        care = care_spec(f"{episode}.paths[{name}].care", self.care, window_days)
        return {"name": name, "share": number(self.share), "care": care}


@dataclass(frozen=True)
class Episode:
    """A window of days, the way its patient goes, and the care that follows.

    An event of a service opens it (``trigger``: an operation, a stay), or a condition (``condition``): then every year
    of a member who has it is an episode, from its first month of the year to at most the end of the year, and counts
    as the part of its window in which the member is enrolled, whether it joined late or leaves early.

    The care are events of service lines like any other. The lines cost what they cost without episodes: their own
    events are fewer by as many dollars as episodes bring. Everything the member uses inside the window belongs to the
    episode, whatever brought it. A window that reaches beyond a year goes on in the next; after the last performance
    year a year of run-out is simulated for the windows that are open, whose care is in no figure of a year but in the
    settlement of its episode, which belongs to the year in which it began. Death ends the window and its care.

    Parameters
    ----------
    name : str
        Name; also the address of its random numbers.
    trigger : str, optional
        Name of the service whose events open it. A service opens one kind of episode. This or ``condition``.
    condition : str, optional
        Name of the :class:`Condition` that opens it.
    states : sequence of str, optional
        The states of the condition that do; by default all but the first.
    window_days : int
        Days from the event, or from the start of the year, to the end, 1-365.
    paths : sequence of EpisodePath, default ()
        Ways that patients go, by falling function after the event. One uniform says how a patient functions, so that
        whoever goes home under some odds goes home under all better ones.
    care : sequence of EpisodeCare, default ()
        Care whatever the path: readmissions, follow-up, therapy.
    death_rate : float, default 0
        The part of patients who die inside the window, 0-1, at any time of it alike. It is apart from the mortality
        of an :class:`Enrolment`: the member's care outside episodes goes on. 0 where a condition opens it.
    relativities : mapping of str to mapping or float, optional
        By column of the panel: factors of the odds of a worse path, of each further care and of death, by value; or a
        number, the change of the log odds for a unit more than the panel's mean.
    effects : sequence of EpisodeEffect, default ()
        What surgeons, hospitals or others who treat the members do to odds and prices.
    absorbs : bool, default True
        Whether an event inside the member's open window opens none of its own; its care is given all the same and
        belongs to that window. False opens one for every event, and what lies in two windows counts in both.
    within_lines : bool, default True
        Whether the service lines are what they are with the care of episodes; False brings it on top.
    """

    name: str
    _: KW_ONLY
    trigger: str | None = None
    window_days: int
    condition: str | None = None
    states: Sequence[str] | None = None
    paths: Sequence[EpisodePath] = ()
    care: Sequence[EpisodeCare] = ()
    death_rate: Uncertain = 0.0
    relativities: Mapping[str, Mapping[Any, float] | float] | None = None
    effects: Sequence[EpisodeEffect] = ()
    absorbs: bool = True
    within_lines: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "paths", all_of(EpisodePath, f"{self.name}.paths", self.paths))
        object.__setattr__(self, "care", all_of(EpisodeCare, f"{self.name}.care", self.care))
        object.__setattr__(self, "effects", all_of(EpisodeEffect, f"{self.name}.effects", self.effects))

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        name = text("utilization.episodes.name", self.name)
        return {
            "name": name,
            "trigger": None if self.trigger is None else text(f"{name}.trigger", self.trigger),
            "condition": None if self.condition is None else text(f"{name}.condition", self.condition),
            "states": None if self.states is None else texts(f"{name}.states", self.states),
            "window_days": number(self.window_days),
            "paths": [path.to_spec(name, self.window_days) for path in self.paths],
            "care": care_spec(f"{name}.care", self.care, self.window_days),
            "death_rate": number(self.death_rate),
            "factor": self.factor_name if self.relativities else None,
            "effects": [effect.to_spec(name) for effect in self.effects],
            "absorbs": flag(f"{name}.absorbs", self.absorbs),
            "within_lines": flag(f"{name}.within_lines", self.within_lines),
        }

    @property
    def factor_name(self) -> str:
        """Name under which the members' factors of odds cross to the core."""
        return f"factor:episode {self.name}"

    def factors(self, population: Population) -> dict[str, NDArray[np.float64]]:
        """Return what crosses to the core for each member, by its name: factors of odds, and who treats it."""
        odds = self.factor(population)
        treated = {effect.factor_name: effect.values(self.name, population) for effect in self.effects}
        return treated if odds is None else treated | {self.factor_name: odds}

    def factor(self, population: Population) -> NDArray[np.float64] | None:
        """Return the factor of each member's odds; None where there are no relativities."""
        if not self.relativities:
            return None
        product = np.ones(len(population))
        for name, effect in self.relativities.items():
            path = f"{self.name}.relativities.{name}"
            product = product * factors(path, column(path, population, name), effect, "odds")
        return product


def care_spec(path: str, care: Sequence[EpisodeCare], window_days: object) -> list[dict[str, Any]]:
    """Return the care of an episode or of a path as the core reads it."""
    return [item.to_spec(f"{path}[{position}]", window_days) for position, item in enumerate(care)]


def amount_spec(path: str, amount: object) -> Any:  # noqa: ANN401 - JSON
    """Return the dollars of an event as the core reads them: of a law, a number, or cases that are priced."""
    if isinstance(amount, CasePrices):
        return {"empirical": {"values": amount.prices.tolist(), "weights": amount.weights.tolist()}}
    if isinstance(amount, Distribution):
        return amount.to_spec()
    return plain(path, amount)
