"""Ladder of a measure: the share of its reward that a performance, or an improvement, earns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from atrisk._errors import InputError
from atrisk._spec import flag, known_term, term
from atrisk.rules._rule import Rule


@dataclass(frozen=True, kw_only=True)
class MeasureLadder:
    """What a measure earns, from its first rung to its target.

    Parameters
    ----------
    ladder : sequence of (performance, share)
        Rungs: from a performance on, a share 0-1 of the measure's reward. Performances rise, or all fall where less is
        better. The last one is the target. ``[(0.8, 1)]`` is all or nothing, ``[(0.6, 0), (0.8, 1)]`` threshold and
        target.
    straight_line : bool, optional
        Straight lines between the rungs; False for steps.
    improvement : float, optional
        The part of the gap between the provider's baseline and the target, 0-1, that earns all when it is closed, less
        in proportion. None: improving earns nothing. The larger of both counts.
    weight : float, optional
        The measure's weight in the score, in points of any unit.
    """

    ladder: tuple[tuple[float, float], ...]
    straight_line: bool = True
    improvement: float | None = None
    weight: float = 1.0

    def rule(self, place: str = "MeasureLadder") -> Rule:
        """Return the rule of the core."""
        terms = {
            "ladder": rungs(f"{place}.ladder", self.ladder),
            "straight_line": flag(f"{place}.straight_line", self.straight_line),
            "improvement": known_term(f"{place}.improvement", self.improvement),
        }
        return Rule("measure_ladder", terms, place)

    def settle(self, frame: object = None, /, **facts: object) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Settle a measure.

        Parameters
        ----------
        frame : data frame, optional
            Providers in rows: ``performance``; ``baseline`` and ``has_baseline`` (1 where there is one) for
            improvement.
        **facts
            The same by name: numbers give a :class:`Statement`, arrays a frame.

        Returns
        -------
        Statement or data frame
            ``achievement``, ``improvement`` and ``share``, the larger of both, 0-1.
        """
        return self.rule().settle(frame, **facts)


def rungs(path: str, given: object) -> list[dict[str, Any]]:
    """Return rungs as the core reads them, refusing what is none."""
    rule = "must be rungs (from, share)"
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(path, rule, repr(given))
    read = []
    for position, rung in enumerate(given):
        if isinstance(rung, str) or not isinstance(rung, Iterable) or len(parts := list(rung)) != 2:  # noqa: PLR2004
            raise InputError(f"{path}[{position}]", rule, repr(rung))
        read.append(dict(zip(("from", "gives"), map(term, parts), strict=True)))
    return read
