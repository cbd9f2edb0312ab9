"""What the exact engine can be asked about a study: its care and arms as rates, prices and weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._arms import signed
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
CONTRACTS = {
    "fee_for_service": {"fee_level", "scope"},
    "capitation": {"pmpm", "trend", "risk_adjusted", "normalization", "risk_score_cap", "scope"},
    "stop_loss": {"attachment_point", "ceded_share", "limit", "premium_pmpm", "scope", "settle_month"},
    "shared_savings": {
        "benchmark_pmpm",
        "basis",
        "sharing_rate",
        "loss_rate",
        "minimum_savings_rate",
        "minimum_loss_rate",
        "payment_limit_rate",
        "loss_limit_rate",
        "truncation",
        "benchmark_truncated",
        "settle_month",
        # What is earned of savings has no closed form; spending has, whatever is earned.
        "quality_score",
        "quality_rule",
        "loss_rate_by_quality",
        "minimum_rate_table",
        "table_below_members",
        "loss_limit_revenue_rate",
        "reduced_sharing",
        "sequestration_rate",
        "quality_measures",
        "discount_rate",
        "quality_withhold_rate",
        "distributed_share",
        "recovered_share",
        "notes",
    },
    # Changes no price of care.
    "pay_for_performance": {
        "measures",
        "ladder",
        "penalty_ladder",
        "straight_line",
        "withhold_rate",
        "bonus_pmpm",
        "bonus_rate",
        "penalty_rate",
        "dollars_per_member",
        "pool",
        "budget_neutral",
        "minimum_eligible",
        "minimum_measures",
        "settle_month",
    },
}
NEUTRAL: tuple[object, ...] = (None, False, 0, "0", "0.0", [], {})
NODES = 64  # of a quadrature for log-normal laws, by Gauss and Hermite


def model_of(spec: Mapping[str, Any], population: Population) -> dict[str, Any]:
    """Return services, mixing and members as the engine reads them, or refuse what has no closed form."""
    _refuse_unknown("study", spec, STUDY)
    if spec["years"] != 1:
        raise InputError("study.years", "must be 1 for the exact engine", shown(spec["years"]))
    care = spec["utilization"]
    _refuse_unknown("utilization", care, UTILIZATION)
    shared = _shared(care)
    for service in care["services"]:
        _refuse_unknown(service["name"], service, SERVICE)
        if service["frailty"] is not None and not _is_quick(shared):
            hint = "one without a shared frailty, or with one of two points, has; or simulate it: study.run(...)"
            raise InputError(f"{service['name']}.frailty", "has no quick closed form", "a shared one beside it", hint)
    columns = population.columns
    for name in ("entry_year", "exit_year"):
        if name in columns:
            hint = "simulate it: study.run(replicates=...)"
            raise InputError(f"population.{name}", "has no closed form", "a column of years", hint)
    growth, price_growth = (1.0 + _number(f"utilization.{name}", care[name]) for name in ("trend", "price_trend"))
    months = columns["exit_month"] - columns["entry_month"] + 1
    weights, counts = np.unique(columns["risk_score"] * (months / 12.0), return_counts=True)
    return {
        "services": [
            {
                "rate": growth
                * (1.0 + _number(f"{service['name']}.trend", service["trend"]))
                * (_number(f"{service['name']}.per_1000", service["per_1000"]) / 1_000.0),
                "price": service["allowed"],
                # The growth of prices, and what dollars count for in an arm beside it.
                "weight": price_growth * (1.0 + _number(f"{service['name']}.price_trend", service["price_trend"])),
                "frailty": _mixing(f"{service['name']}.frailty", service["frailty"]),
            }
            for service in care["services"]
        ],
        "frailty": shared,
        "shock": _shock(care["shocks"]),
        "weights": weights.tolist(),
        "counts": counts.astype(float).tolist(),
    }


def arm_weights(
    spec: Mapping[str, Any], arm: Mapping[str, Any], *, paid: bool, covered_by: Mapping[str, Any] | None = None
) -> list[float]:
    """Return dollars of an arm for a drawn dollar of each service: allowed or paid, all or those a cover is for."""
    refuse_unknown_contracts(arm)
    capitated: set[str] = set()
    fees: dict[str, float] = {}
    services = spec["utilization"]["services"]
    for _, _, kind, terms in signed(arm):
        if kind not in ("capitation", "fee_for_service"):
            continue
        scope = terms["scope"]
        for service in services:
            name = service["name"]
            if scope is not None and name not in scope:
                continue
            if kind == "capitation":
                capitated.add(name)
            elif service["delivered_by"] == "provider":
                fees[name] = float(terms["fee_level"])
    weights = []
    for service in services:
        name = service["name"]
        counts = covered_by is None or _covers(covered_by, name, capitated)
        share = _number(f"{name}.coinsurance", service["coinsurance"]) if paid else 0.0
        weights.append(fees.get(name, 1.0) * (1.0 - share) if counts else 0.0)
    return weights


def _covers(terms: Mapping[str, Any], name: str, capitated: set[str]) -> bool:
    if terms["scope"] is not None:
        return name in terms["scope"]
    return not capitated or name in capitated


def refuse_unknown_contracts(arm: Mapping[str, Any]) -> None:
    """Refuse contracts that may change prices in a way the engine does not know."""
    for path, payer, kind, terms in signed(arm):
        if payer is not None:
            raise InputError(path, "must be with all payers for the exact engine", f"a contract with {payer}")
        if kind not in CONTRACTS:
            known = ", ".join(CONTRACTS)
            raise InputError(path, f"must be one of {known} for the exact engine", kind)
        _refuse_unknown(path, terms, CONTRACTS[kind])


def _is_quick(shared: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether a frailty has so few values that frailties of services can be summed over beside it."""
    if shared == "one":
        return True
    return len(shared["nodes"]["values"]) <= 2 if "nodes" in shared else shared["gamma"]["cv"] == 0.0  # noqa: PLR2004


def _shared(care: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if care["frailty"] is None:
        return {"gamma": {"cv": _number("utilization.frailty_cv", care["frailty_cv"])}}
    return _mixing("utilization.frailty", care["frailty"])


def _mixing(path: str, frailty: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 - JSON
    """Return the law of a frailty in one year, where it is one law and not the product of a kept and a yearly part."""
    if frailty is None:
        return "one"
    cv, share = _number(f"{path}.cv", frailty["cv"]), _number(f"{path}.permanent_share", frailty["permanent_share"])
    for name in ("non_user_share", "never_user_share"):
        if (without := _number(f"{path}.{name}", frailty[name])) != 0.0:
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
            variance += np.log1p(_number(f"{path}.cv", shock["cv"]) ** 2)
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


def _refuse_unknown(path: str, given: Mapping[str, Any], known: set[str]) -> None:
    for name, value in given.items():
        if name not in known and not _neutral(value):
            hint = "simulate it: study.run(replicates=...)"
            raise InputError(f"{path}.{name}", "has no closed form", shown(value), hint)


def _number(path: str, value: object) -> float:
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return float(str(value))
    except ValueError:
        rule = "must be a number for the exact engine, known without doubt"
        raise InputError(path, rule, shown(value)) from None
