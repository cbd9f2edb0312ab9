"""Settles a user's own figures by a rule of the core: one case as a statement, many as a frame."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _core
from atrisk._errors import InputError
from atrisk.rules._facts import as_frame, given_facts, is_one, lengths, numbers
from atrisk.statement import Line, Statement, in_unit, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Rule:
    """A rule of the core with its terms.

    Attributes
    ----------
    name : str
        Its low-level name.
    terms : dict
        Its terms as JSON; rates and dollars as decimal text.
    place : str
        What errors call it.
    waterfall : sequence of (str, int)
        Lines of a statement that add up.
    notes : sequence of str
        What a statement says below its lines.
    source : str
        What says so.
    unneeded : dict
        Facts that these terms do not need, with what stands for them; statements leave them out.
    needed : sequence of str
        Facts that these terms need, though the rule does without them under others.
    """

    name: str
    terms: Mapping[str, Any]
    place: str
    waterfall: Sequence[tuple[str, int]] = ()
    notes: Sequence[str] = ()
    source: str = ""
    unneeded: Mapping[str, float] = field(default_factory=dict)
    needed: Sequence[str] = ()

    @property
    def core(self) -> _core.Rule:
        """The rule, its terms checked."""
        return _read(self.name, self.place, json.dumps(self.terms))

    def settle(self, frame: object = None, /, **facts: Any) -> Any:  # noqa: ANN401 - facts and frames of the user's kind
        """Settle a frame (a row is a case), or facts by name: numbers give a statement, columns a frame."""
        return self.settled(given_facts(self.place, frame, facts, [name for name, *_ in self.core.facts()]), frame)

    def settled(self, given: Mapping[str, Any], frame: object = None) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Settle facts that were read, of a frame where there is one: numbers give a statement, columns a frame."""
        if (frame is None or isinstance(frame, Mapping)) and all(map(is_one, given.values())):
            return self.statement(**given)
        return as_frame(self.place, self.columns(given), frame, given)

    def columns(self, given: Mapping[str, object]) -> dict[str, NDArray[np.float64]]:
        """Settle columns of facts; numbers hold for every case."""
        columns = self._numbers(self._all(given))
        n = lengths(self.place, columns)
        return self.core.settle([np.ascontiguousarray(np.atleast_1d(column)) for column in columns.values()], n)

    def statement(self, **facts: Any) -> Statement:  # noqa: ANN401 - numbers of any kind
        """Settle one case line by line."""
        core, given = self.core, self._all(facts)
        values = {name: number.item() for name, number in self._numbers(given).items()}
        settled = core.statement(list(values.values()))
        shown = [
            Line(name, meaning, written(values[name], unit), unit)
            for name, unit, meaning, _ in core.facts()
            if name in facts and not np.isnan(values[name])
        ]
        computed = [
            Line(line, formula, in_unit(value, unit), unit, self.source) for line, formula, value, unit in settled
        ]
        return Statement(self.place, [*shown, *computed], self.waterfall, self.notes)

    def _all(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return every fact in the order of the core, naming all that are missing at once."""
        defaults = {name: default for name, _, _, default in self.core.facts()}
        defaults |= dict(self.unneeded) | dict.fromkeys(self.needed)
        missing = [name for name, default in defaults.items() if default is None and name not in given]
        if missing:
            raise InputError(self.place, f"must be given {', '.join(missing)}", "none of them" if not given else None)
        return {name: given.get(name, default) for name, default in defaults.items()}

    def _numbers(self, given: Mapping[str, object]) -> dict[str, NDArray[np.float64]]:
        """Return facts as numbers, refusing those that are needed where they are missing."""
        columns = {name: numbers(f"{self.place}.{name}", value) for name, value in given.items()}
        for name in self.needed:
            for row in np.flatnonzero(np.isnan(columns[name])):
                at = f"[{row}]" if columns[name].ndim else ""
                raise InputError(f"{self.place}.{name}{at}", "must be known under these terms", "a missing value")
        return columns


def without(statement: Statement, *lines: str) -> Statement:
    """Return a statement without lines of what was not given, and without a waterfall that has one of them."""
    kept = [each for each in statement.lines if each.line not in lines]
    broken = any(line in lines for line, _ in statement.waterfall)
    return replace(statement, lines=kept, waterfall=() if broken else statement.waterfall)


@lru_cache(maxsize=256)
def _read(name: str, place: str, terms: str) -> _core.Rule:
    return _core.Rule(name, place, terms)


class Terms(ABC):
    """Base of rules: terms are checked when they are given."""

    @abstractmethod
    def rule(self) -> Rule:
        """Return the rule of the core."""

    def __post_init__(self) -> None:
        _ = self.rule().core
