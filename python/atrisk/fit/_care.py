"""The care that estimates make: a Utilization of their values, known or as distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk.assumption import Assumption
from atrisk.distributions import Beta, Distribution, Empirical, LogNormal
from atrisk.fit._parameters import from_scale, on_scale
from atrisk.fit._severity import scaled
from atrisk.frailty import Frailty
from atrisk.service import Service
from atrisk.utilization import Utilization

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from atrisk.fit._dispersion import Spread
    from atrisk.fit._estimates import Estimates
    from atrisk.fit._line_fit import LineFit

SHARED = "utilization.frailty"
SEVERITY = "utilization.severity_cv"
PARTS = 1_000


def relativity_path(service: str, column: str, level: object) -> str:
    """Return the path of a relativity."""
    return f"{service}.relativities.{column}.{level}"


def care_of(
    estimates: Estimates, values: Mapping[str, Any], fee_levels: Mapping[str, Mapping[str, Distribution]] | None = None
) -> Utilization:
    """Return the care at values of the parameters, by path: numbers, or distributions where the core takes them."""
    found = estimates.dispersion
    shared = None
    if found.shared is not None:
        shared = _frailty(SHARED, found.families[""], values, found.shared)
    return Utilization(
        services=[_service(estimates, line, values, (fee_levels or {}).get(line.name)) for line in estimates.lines],
        frailty=shared,
        severity_cv=values.get(SEVERITY, 0.0),
        assumptions=_assumptions(estimates),
    )


def _service(
    estimates: Estimates, line: LineFit, values: Mapping[str, Any], fee_levels: Mapping[str, Distribution] | None
) -> Service:
    found, path = estimates.dispersion, f"{line.name}.frailty"
    return Service(
        line.name,
        per_1000=values[f"{line.name}.per_1000"],
        allowed=scaled(line.severity.distribution, values[f"{line.name}.allowed.mean"] / line.price),
        frailty=_frailty(path, found.families[line.name], values, found.own[line.name]),
        relativities=_relativities(estimates, line, values) or None,
        fee_levels=fee_levels,
    )


def _frailty(path: str, family: str, values: Mapping[str, Any], spread: Spread) -> Frailty | None:
    """Return a frailty; None where the data show none."""
    if f"{path}.cv" not in values and spread.users == 1.0:
        return None
    return Frailty(
        cv=values.get(f"{path}.cv", 0.0),
        family=family,
        permanent_share=values.get(f"{path}.permanent_share", spread.permanent_share),
        non_user_share=spread.non_users,
        never_user_share=spread.never,
    )


def _relativities(estimates: Estimates, line: LineFit, values: Mapping[str, Any]) -> dict[str, dict[Any, float]]:
    relativities: dict[str, dict[Any, float]] = {}
    for factor in estimates.design.factors:
        # A level without events has the base's rate, and no parameter.
        relativities[factor.column] = {
            level: float(values.get(relativity_path(line.name, factor.column, level), 1.0)) for level in factor.levels
        }
    return relativities


def _assumptions(estimates: Estimates) -> Sequence[Assumption]:
    return [
        Assumption(
            figure=each.path,
            value=f"{each.value:.6g}",
            unit=each.unit,
            year="of the data",
            source=f"fitted to {estimates.source}; from {each.basis}",
            confidence="fitted",
        )
        for each in estimates.parameters
    ]


def as_distribution(scale: str, value: float, error: float) -> Distribution:
    """Return what is not known of an estimate.

    That is a log-normal about it, a beta of its mean and error for a share, or, for the root of a square that is
    normal, its quantiles at the middles of equal parts.
    """
    if scale == "log":
        return LogNormal(mu=float(np.log(value)), sigma=error)
    if scale == "square":
        return Empirical(from_scale(scale, on_scale(scale, value) + error * _normals()))
    spread = value * (1.0 - value) * error
    # A beta cannot be wider than all at its ends.
    spread = min(spread, 0.999 * (value * (1.0 - value)) ** 0.5)
    return Beta(mean=value, cv=spread / value)


def _normals() -> NDArray[np.float64]:
    """Return quantiles of the standard normal at the middles of equal parts."""
    from scipy.special import ndtri  # noqa: PLC0415 - an optional dependency

    return np.asarray(ndtri((np.arange(PARTS) + 0.5) / PARTS))
