"""What the exact engine can be asked about a study: its care and arms as rates, prices and weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._spec import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atrisk.population import Population

# The fields whose meaning the engine knows; all others must have a value that changes nothing.
STUDY = {"seed", "years", "utilization", "arms"}
UTILIZATION = {"services", "frailty_cv", "fixed_cost_per_month"}
SERVICE = {"name", "per_1000", "allowed", "own_cost", "delivered_by", "coinsurance"}
CONTRACTS = {
    "fee_for_service": {"fee_level", "scope"},
    "capitation": {"pmpm", "scope"},
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
    },
}
NEUTRAL: tuple[object, ...] = (None, False, 0, "0", "0.0", [], {})


def model_of(spec: Mapping[str, Any], population: Population) -> dict[str, Any]:
    """Return services, mixing and members as the engine reads them, or refuse what has no closed form."""
    _refuse_unknown("study", spec, STUDY)
    if spec["years"] != 1:
        raise InputError("study.years", "must be 1 for the exact engine", shown(spec["years"]))
    care = spec["utilization"]
    _refuse_unknown("utilization", care, UTILIZATION)
    for service in care["services"]:
        _refuse_unknown(service["name"], service, SERVICE)
    columns = population.columns
    months = columns["exit_month"] - columns["entry_month"] + 1
    weights, counts = np.unique(columns["risk_score"] * (months / 12.0), return_counts=True)
    return {
        "services": [
            {
                "rate": _number(f"{service['name']}.per_1000", service["per_1000"]) / 1_000.0,
                "price": service["allowed"],
                "weight": 1.0,
                "frailty": "one",
            }
            for service in care["services"]
        ],
        "frailty": {"gamma": {"cv": _number("utilization.frailty_cv", care["frailty_cv"])}},
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
    for contract in arm["contracts"]:
        [(kind, terms)] = contract.items()
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
    for position, contract in enumerate(arm["contracts"]):
        [(kind, terms)] = contract.items()
        path = f"{arm['name']}[{position}]"
        if kind not in CONTRACTS:
            known = ", ".join(CONTRACTS)
            raise InputError(path, f"must be one of {known} for the exact engine", kind)
        _refuse_unknown(path, terms, CONTRACTS[kind])


def _refuse_unknown(path: str, given: Mapping[str, Any], known: set[str]) -> None:
    for name, value in given.items():
        if name not in known and value not in NEUTRAL:
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
