"""Care programmes: what an arm does to the care its members use."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

from atrisk._spec import names, number, term, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk._types import Uncertain


@dataclass(frozen=True)
class Programme:
    """A programme that changes how often services are used by the members it reaches, and what it costs.

    Arms are coupled: a programme that avoids a share p of a service's events keeps exactly the other events of the same
    year, so that the saving of a replicate is the price of the events avoided.

    Parameters
    ----------
    name : str
        Name; also the address of who is reached, so that the same programme reaches the same members in every arm.
    effect : float
        Change of the rate of the members reached, -1 (nothing is left) to 9: -0.15 avoids 15 in 100 events.
    services : sequence of str, optional
        Names of the services it changes; by default all.
    episodes : sequence of str, optional
        Names of episodes, in place of services: the effect is then the change of the odds of every worse path and of
        all avoidable care, -0.5 for odds that are halved.
    reach : float, default 1
        The part of the members it reaches, 0-1.
    start_month : int, default 1
        First month, counted from 1, the first month of the first performance year.
    ramp_months : int, default 0
        Months over which the effect grows in equal steps; 0 is at once.
    cost_pmpm : float, default 0
        Dollars a month for each member reached, from the first month on, spent by the provider.
    start_cost : float, default 0
        Dollars spent once, in the first month.
    cost_per_episode : float, default 0
        Dollars for each episode of those named in ``episodes`` that begins from the first month on, of the members
        reached, spent by the provider: a year of a patient who has the condition, or the part of it that counts.
    """

    name: str
    _: KW_ONLY
    effect: Uncertain
    services: Sequence[str] | None = None
    episodes: Sequence[str] | None = None
    reach: Uncertain = 1.0
    start_month: int = 1
    ramp_months: int = 0
    cost_pmpm: Uncertain = 0.0
    start_cost: Uncertain = 0.0
    cost_per_episode: Uncertain = 0.0

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        return {
            "name": text("programme.name", self.name),
            "services": names(self.services),
            **({"episodes": names(self.episodes)} if self.episodes else {}),
            "effect": number(self.effect),
            "reach": term(self.reach),
            "start_month": number(self.start_month),
            "ramp_months": number(self.ramp_months),
            "cost_pmpm": term(self.cost_pmpm),
            "start_cost": term(self.start_cost),
            **({"cost_per_episode": term(self.cost_per_episode)} if self.cost_per_episode != 0 else {}),
        }
