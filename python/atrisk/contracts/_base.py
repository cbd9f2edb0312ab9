"""What all contracts have in common: frozen terms that know their low-level name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from atrisk._spec import fields, names, snake_case, term


@dataclass(frozen=True, kw_only=True)
class Contract:
    """Base of all contracts; rules about terms are checked when a study is built."""

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads: terms as the decimals that were written."""
        terms = {name: names(value) if name == "scope" else term(value) for name, value in fields(self).items()}
        return {snake_case(type(self).__name__): terms}
