"""Families of frailty: those under which the counts are likeliest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from atrisk.fit._any_use import any_use
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
        # Years without use hardly tell the family of an own frailty, and a log-normal one may need a huge variance.
        owns = {line.name: shared if line.counted or family != "auto" else "gamma" for line in lines}
        alike = found.with_families({"": shared} | owns)
        chosen = _of_dollars(moments, _owns(alike, lines) if family == "auto" else alike, lines)
        chosen = without_use(moments, chosen, lines)
        tried.append((_likely(moments, chosen, lines), chosen))
    best = max(tried, key=lambda pair: pair[0])[1]
    return replace(best, notes=(*best.notes, *_told(best)))


def _likely(moments: Moments, found: Dispersion, lines: Sequence[Used]) -> float:
    """Return the log-likelihood of all counts, less what its parts without use are bound to gain (Schwarz's criterion).

    A family that needs such parts to have as many years without use is not to win by them where another needs none.
    """
    spreads = [found.spread(""), *found.own.values()]
    parts = sum(part > 0.0 for spread in spreads for part in (spread.non_users, spread.never))
    members = int(moments.member[-1]) + 1
    counted = sum(_log_likelihood(found, line) for line in lines if line.counted)
    return counted - parts * float(np.log(members)) / 2.0


def _of_dollars(moments: Moments, found: Dispersion, lines: Sequence[Used]) -> Dispersion:
    """Give lines of dollars the frailty that any use of them tells."""
    for line in lines:
        if not line.counted:
            found = found.with_own(line.name, any_use(moments, line, found).own)
    return found


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
