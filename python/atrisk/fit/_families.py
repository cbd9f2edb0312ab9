"""Families of frailty: those under which the counts are likeliest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from atrisk.fit._mixing import ENDS, FAMILIES
from atrisk.fit._non_users import without_use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk.fit._dispersion import Dispersion
    from atrisk.fit._moments import Moments, Used


def with_families(moments: Moments, found: Dispersion, lines: Sequence[Used], family: str) -> Dispersion:
    """Choose the family of the shared frailty, each line's own, and the part of members without use in a year."""
    tried = []
    for shared in FAMILIES if family == "auto" else (family,):
        alike = found.with_families({"": shared} | {line.name: shared for line in lines})
        chosen = _owns(alike, lines) if family == "auto" else alike
        chosen = without_use(moments, chosen, lines)
        tried.append((sum(_log_likelihood(chosen, line) for line in lines if line.counted), chosen))
    best = max(tried, key=lambda pair: pair[0])[1]
    return replace(best, notes=(*best.notes, *_told(best)))


def _told(found: Dispersion) -> list[str]:
    """Tell the parts of members without use."""
    spreads = [("care", found.shared), *found.own.items()]
    return [
        f"beyond what rates and frailty tell, {spread.never:.1%} of members never use {what} and "
        f"{spread.non_users:.1%} of the others not in a year; both are taken as known"
        for what, spread in spreads
        if spread is not None and spread.users < 1.0
    ]


def _owns(found: Dispersion, lines: Sequence[Used]) -> Dispersion:
    """Choose the family of each counted line's own frailty by its counts."""
    for line in lines:
        if line.counted and found.own[line.name].cv > 0.0:
            options = [found.with_families({line.name: family}) for family in FAMILIES]
            found = max(options, key=lambda option: _log_likelihood(option, line))
    return found


def _log_likelihood(found: Dispersion, line: Used) -> float:
    """Return the log-likelihood of the kinds of counts of a line, person-years taken one by one."""
    kind = np.searchsorted(ENDS, line.used)
    chances = found.mixing(line.name).kinds(line.mean)[kind, np.arange(len(kind))]
    return float(np.log(np.maximum(chances, 1e-300)).sum())
