"""The care of a preset: service lines from its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atrisk._errors import InputError, a
from atrisk._spec import rate, text
from atrisk.distributions import Distribution, LogNormal, Mixture
from atrisk.frailty import Frailty
from atrisk.presets._rows import LINES, Figures, known
from atrisk.service import Service
from atrisk.utilization import Utilization

#: Lines that the provider gives unless something else is said: those of a practice.
OWN_LINES = ("physician visits",)
DELIVERERS = ("provider", "other_providers")


def care(name: object, own_cost_share: object, delivered_by: object) -> Utilization:
    """Return the care of a preset; see :meth:`Utilization.preset`."""
    figures = Figures(known("preset.name", name))
    share = rate("preset.own_cost_share", own_cost_share)
    by = deliverers(delivered_by)
    services = [service(figures, line, share, by[line]) for line in LINES]
    return Utilization(
        services=services,
        frailty=Frailty(cv=figures["frailty.cv"], permanent_share=figures["frailty.permanent_share"]),
        severity_cv=figures["severity.cv"],
        assumptions=figures.used,
    )


def service(figures: Figures, line: str, own_cost_share: float, delivered_by: str) -> Service:
    """Return one service line."""
    price, spread = figures[f"{line}.price"], figures[f"{line}.price_cv"]
    own = figures[f"{line}.frailty_cv"]
    by_age = {int(age): factor for age, factor in figures.under(f"{line}.age").items()}
    relativities: dict[str, Mapping[Any, float]] = {"sex": figures.under(f"{line}.sex")}
    if by_age:
        relativities["age"] = by_age
    allowed: Distribution = LogNormal(mean=price, cv=spread)
    if line == "inpatient":
        share, large = figures["inpatient.large_share"], figures["inpatient.large_price"]
        others = (1.0 - share * large) / (1.0 - share)
        sizes = ((1.0 - share, others), (share, large))
        allowed = Mixture([(weight, LogNormal(mean=size * price, cv=spread)) for weight, size in sizes])
    return Service(
        line,
        per_1000=figures[f"{line}.per_1000"],
        allowed=allowed,
        own_cost=own_cost_share * price,
        delivered_by=delivered_by,
        frailty=Frailty(cv=own, permanent_share=figures["own_frailty.permanent_share"]) if own else None,
        relativities=relativities,
    )


def deliverers(given: object) -> dict[str, str]:
    """Return who gives each line, with what was given in place of what is usual."""
    usual = {line: "provider" if line in OWN_LINES else "other_providers" for line in LINES}
    if given is None:
        return usual
    path = "preset.delivered_by"
    if not isinstance(given, Mapping):
        hint = 'for example {"inpatient": "provider"}'
        raise InputError(path, "must map service lines to who gives them", a(given), hint)
    for line, who in given.items():
        if line not in LINES:
            raise InputError(path, f"must name service lines of the preset: {', '.join(LINES)}", repr(line))
        if text(f"{path}.{line}", who).replace(" ", "_") not in DELIVERERS:
            raise InputError(f"{path}.{line}", f"must be one of {', '.join(DELIVERERS)}", repr(who))
    return usual | dict(given)
