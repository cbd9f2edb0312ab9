"""What care the demonstration's panel is expected to use: rates, relativities and prices, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from atrisk._columns import banded
from atrisk._spec import plain

if TYPE_CHECKING:
    import pandas as pd

    from atrisk.distributions import Distribution
    from atrisk.frailty import Frailty
    from atrisk.population import Population
    from atrisk.service import Service
    from atrisk.utilization import Utilization

MONTHS, PER_1000, PERCENT = 12, 1_000.0, 100.0


def expected_pmpm(care: Utilization, panel: Population) -> float:
    """Return the dollars a month that a member of the panel, all of risk score 1, is expected to use."""
    a_year = sum(_per_1000(service, panel) / PER_1000 * _price(service)[0] for service in care.services)
    return a_year / MONTHS


def mean_relativity(service: Service, panel: Population) -> float:
    """Return what the panel's members multiply a service's rate with, in the mean: age bands, and other columns."""
    factors = np.ones(len(panel))
    bands = (service.relativities or {}).get("age")
    if bands is not None:
        factors = banded(f"{service.name}.relativities.age", panel.columns["age"], bands)
    others = service.factor(panel)
    return float(np.mean(factors if others is None else factors * others))


def table(care: Utilization, panel: Population) -> pd.DataFrame:
    """Return what was fitted of each service line, with its rate on the panel, in columns named for readers."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    rows = {}
    for service in care.services:
        mean, cv = _price(service)
        rows[service.name] = {
            "per 1,000 at base": plain(f"{service.name}.per_1000", service.per_1000),
            "on the panel": _per_1000(service, panel),
            "mean dollars": mean,
            "price cv": cv,
            **_frailty(service.frailty),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def shared_frailty(care: Utilization) -> str:
    """Tell in words how members differ in all lines alike."""
    shared = care.frailty
    if shared is None:
        return "The lines show no frailty that they share."
    cv, kept = plain("frailty.cv", shared.cv), PERCENT * plain("frailty.permanent_share", shared.permanent_share)
    return f"Frailty that all lines share: {shared.family}, cv {cv:.2f}, {kept:.0f} % of it kept from year to year."


def _per_1000(service: Service, panel: Population) -> float:
    return plain(f"{service.name}.per_1000", service.per_1000) * mean_relativity(service, panel)


def _price(service: Service) -> tuple[float, float]:
    """Return mean and coefficient of variation of the price of an event."""
    allowed = cast("Distribution", service.allowed)  # a fit makes no fixed prices
    return allowed.mean(), allowed.std() / allowed.mean()


def _frailty(own: Frailty | None) -> dict[str, float]:
    """Return how members differ in one line beyond what all lines share; 0 where that was not seen."""
    cv, never = (0.0, 0.0) if own is None else (own.cv, own.never_user_share)
    return {
        "own frailty cv": plain("frailty.cv", cv),
        "never use it, %": PERCENT * plain("frailty.never_user_share", never),
    }
