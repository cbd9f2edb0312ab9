"""What the exact engine can be asked about a study's care: rates, prices and what mixes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._spec import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atrisk.population import Population

# The fields whose meaning the engine knows; all others must have a value that changes nothing.
STUDY = {"seed", "years", "base_years", "utilization", "arms"}
UTILIZATION = {
    "services",
    "frailty_cv",
    "frailty",
    "trend",
    "price_trend",
    "shocks",
    "fixed_cost_per_month",
    "fixed_cost_trend",
    "capacity",
    "collections",
}
SERVICE = {
    "name",
    "per_1000",
    "allowed",
    "own_cost",
    "by_case",
    "case_costs",
    "delivered_by",
    "coinsurance",
    "frailty",
    "trend",
    "price_trend",
    "own_cost_trend",
    "out_of_network_price",
}
NEUTRAL: tuple[object, ...] = (None, False, 0, "0", "0.0", [], {})
NODES = 64  # of a quadrature for log-normal laws, by Gauss and Hermite


def model_of(spec: Mapping[str, Any], population: Population) -> dict[str, Any]:
    """Return services and mixing as the engine reads them, or refuse what has no closed form."""
    refuse_unknown("study", spec, STUDY)
    if spec["years"] != 1:
        raise InputError("study.years", "must be 1 for the exact engine", shown(spec["years"]))
    care = spec["utilization"]
    refuse_unknown("utilization", care, UTILIZATION)
    shared = _shared(care)
    for service in care["services"]:
        refuse_unknown(service["name"], service, SERVICE)
        if service["frailty"] is not None and not _is_quick(shared):
            hint = "one without a shared frailty, or with one of two points, has; or simulate it: study.run(...)"
            raise InputError(f"{service['name']}.frailty", "has no quick closed form", "a shared one beside it", hint)
    columns = population.columns
    for name in ("entry_year", "exit_year"):
        if name in columns:
            hint = "simulate it: study.run(replicates=...)"
            raise InputError(f"population.{name}", "has no closed form", "a column of years", hint)
    growth, price_growth = (1.0 + known_number(f"utilization.{name}", care[name]) for name in ("trend", "price_trend"))
    return {
        "services": [
            {
                "rate": growth
                * (1.0 + known_number(f"{service['name']}.trend", service["trend"]))
                * (known_number(f"{service['name']}.per_1000", service["per_1000"]) / 1_000.0),
                "price": service["allowed"],
                # The growth of prices, and what dollars count for in an arm beside it.
                "weight": price_growth * (1.0 + known_number(f"{service['name']}.price_trend", service["price_trend"])),
                "frailty": _mixing(f"{service['name']}.frailty", service["frailty"]),
            }
            for service in care["services"]
        ],
        "frailty": shared,
        "shock": _shock(care["shocks"]),
    }


def _is_quick(shared: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether a frailty has so few values that frailties of services can be summed over beside it."""
    if shared == "one":
        return True
    return len(shared["nodes"]["values"]) <= 2 if "nodes" in shared else shared["gamma"]["cv"] == 0.0  # noqa: PLR2004


def _shared(care: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if care["frailty"] is None:
        return {"gamma": {"cv": known_number("utilization.frailty_cv", care["frailty_cv"])}}
    return _mixing("utilization.frailty", care["frailty"])


def _mixing(path: str, frailty: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 - JSON
    """Return the law of a frailty in one year, where it is one law and not the product of a kept and a yearly part."""
    if frailty is None:
        return "one"
    cv, share = (
        known_number(f"{path}.cv", frailty["cv"]),
        known_number(f"{path}.permanent_share", frailty["permanent_share"]),
    )
    for name in ("non_user_share", "never_user_share"):
        if (without := known_number(f"{path}.{name}", frailty[name])) != 0.0:
            hint = "Frailty.non_users(share), whose users are all alike, has; or simulate it: study.run(replicates=...)"
            raise InputError(f"{path}.{name}", "has no closed form", shown(without), hint)
    if share not in (0.0, 1.0) and frailty["family"] != "log_normal":
        hint = "a permanent_share of 0 or 1 has, or a log-normal of any; or simulate it: study.run(replicates=...)"
        raise InputError(f"{path}.permanent_share", "has no closed form", shown(share), hint)
    if frailty["family"] == "gamma":
        return {"gamma": {"cv": cv}}
    if frailty["family"] == "log_normal":
        return _log_normal(cv)  # of which a product of two is one
    users = 1.0 / (1.0 + cv * cv)
    return {"nodes": {"values": [0.0, 1.0 / users], "probabilities": [1.0 - users, users]}}


def _shock(shocks: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - JSON
    """Return the law of what moves all rates in year 1: independent log-normal shocks, whose product is log-normal."""
    variance = 0.0
    for position, shock in enumerate(shocks):
        path = f"utilization.shocks[{position}]"
        if shock["services"] is not None or shock["on"] != "use":
            hint = "one on the use of all services has; or simulate it: study.run(replicates=...)"
            raise InputError(path, "has no closed form", shown(shock["name"]), hint)
        if shock["years"] is None or 1 in shock["years"]:
            variance += np.log1p(known_number(f"{path}.cv", shock["cv"]) ** 2)
    return _log_normal(float(np.sqrt(np.expm1(variance)))) if variance > 0.0 else "one"


def _log_normal(cv: float) -> Any:  # noqa: ANN401 - JSON
    if cv == 0.0:
        return "one"
    points, weights = np.polynomial.hermite_e.hermegauss(NODES)
    probabilities = weights / weights.sum()
    sigma = np.sqrt(np.log1p(cv * cv))
    values = np.exp(sigma * points - 0.5 * sigma * sigma)
    values /= float(probabilities @ values)
    return {"nodes": {"values": values.tolist(), "probabilities": probabilities.tolist()}}


def _neutral(value: object) -> bool:
    if isinstance(value, dict):
        return all(_neutral(each) for each in value.values())
    return value in NEUTRAL


def refuse_unknown(path: str, given: Mapping[str, Any], known: set[str]) -> None:
    """Refuse fields that the engine does not know, unless their values change nothing."""
    for name, value in given.items():
        if name not in known and not _neutral(value):
            hint = "simulate it: study.run(replicates=...)"
            raise InputError(f"{path}.{name}", "has no closed form", shown(value), hint)


def known_number(path: str, value: object) -> float:
    """Return a number, refusing what is not known for certain."""
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return float(str(value))
    except ValueError:
        rule = "must be a number for the exact engine, known without doubt"
        raise InputError(path, rule, shown(value)) from None
