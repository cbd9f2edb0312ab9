"""Types that several modules name."""

from __future__ import annotations

from typing import TypeAlias

from atrisk.distributions import Distribution

# A number, or the distribution of one that is not known.
Uncertain: TypeAlias = float | Distribution
