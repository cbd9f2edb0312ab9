"""A target price of episodes that base years make, with the noise that so few episodes have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atrisk._spec import number, numbers, term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk._types import Uncertain


@dataclass(frozen=True, kw_only=True)
class EpisodeBaseline:
    """The price of an :class:`EpisodeBundle` in an arm, made from the episodes of the base years of the study.

    The price of a kind of episodes is ``own_share`` × what its episodes of base years counted for on average, each base
    year trended to the performance year and weighted, + (1 − ``own_share``) × ``target_price``, which is the region's.
    Base years without an episode have no weight; where none has any, ``target_price`` stands alone. Base years are
    simulated, so that the price has luck of its own: a year that was dear by chance makes the next targets high.

    Parameters
    ----------
    weights : sequence of float, optional
        Weight of each base year, the earliest first, in sum 1; by default equal.
    trend : float, default 0
        Yearly growth from a base year to the performance year, -0.9 to 1.
    own_share : float, default 1
        The part of the price that base years make, 0-1; the rest is ``target_price``.
    """

    weights: Sequence[Uncertain] | None = None
    trend: Uncertain = 0.0
    own_share: Uncertain = 1.0

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        return {
            "weights": None if self.weights is None else numbers("baseline.weights", self.weights),
            "trend": number(self.trend),
            "own_share": term(self.own_share),
        }
