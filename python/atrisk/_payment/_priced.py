"""Cases that are ready to be priced: every step as a column of a frame, or one case as a statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._payment._cases import as_mapping
from atrisk.rules._facts import as_frame, lengths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atrisk.rules._rule import Rule
    from atrisk.statement import Statement


@dataclass(frozen=True)
class Cases:
    """Cases with all that their rule needs.

    Attributes
    ----------
    rule : Rule
        The rule of the core that prices them, with its notes.
    given : dict
        What the user gave, by name.
    facts : dict
        Facts of the rule: numbers, or columns of them.
    found : dict
        Words found on the way (groups, codes): shown in frames and in the title of a statement.
    confidence : word or column of words
        How sure the least sure figure of each case is.
    """

    rule: Rule
    given: Mapping[str, Any]
    facts: Mapping[str, Any]
    found: Mapping[str, Any] = field(default_factory=dict)
    confidence: Any = "read"

    def frame(self, like: object) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Return every step as a column, a row for each case, in the kind of frame that was given."""
        looked_up = {name: value for name, value in self.facts.items() if name not in self.given}
        words = {**self.found, "confidence": self.confidence}
        shapes = {name: np.asarray(value) for name, value in {**self.facts, **words}.items()}
        n = lengths(self.rule.place, shapes)
        column = {name: np.broadcast_to(np.asarray(value), (n,)) for name, value in {**looked_up, **words}.items()}
        lines = self.rule.columns(self.facts)
        ordered = [*self.found, *looked_up, *lines, "confidence"]
        steps = {name: {**column, **lines}[name] for name in ordered}
        return as_frame(self.rule.place, steps, as_mapping(like), self.given)

    def statement(self) -> Statement:
        """Return one case line by line."""
        facts = {name: np.asarray(value).item() for name, value in self.facts.items()}
        statement = self.rule.statement(**facts)
        named = " ".join(str(np.asarray(value).item()) for value in self.found.values())
        return statement.titled(f"{statement.title} {named}".rstrip())
