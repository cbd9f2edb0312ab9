"""What the exact engine can be asked about arms: whose members, and dollars for a drawn dollar of each service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atrisk._arms import signed
from atrisk._errors import InputError
from atrisk._exact_model import known_number, refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from atrisk._arms import Signed
    from atrisk.population import Population

# The terms whose meaning the engine knows; all others must have a value that changes nothing.
CONTRACTS = {
    "fee_for_service": {"fee_level", "scope"},
    "capitation": {
        "pmpm",
        "trend",
        "risk_adjusted",
        "normalization",
        "risk_score_cap",
        "cells",
        "cell_normalization",
        "scope",
        "carve_outs",
        # When cash moves changes nothing of a year's care.
        "retroactive_rate",
        "retroactive_months",
        "claims_lag_months",
    },
    "stop_loss": {
        "kind",
        "attachment_point",
        "attachment_rate",
        "expected_pmpm",
        "ceded_share",
        "limit",
        "premium_pmpm",
        "scope",
        "settle_month",
        "lasers",
        "basis",
        "payment_lag_months",
        "value_own_services_at",
    },
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
        "interim_share",
        "interim_claims_months",
        "interim_month",
        "episode_payments",
        "notes",
    },
}
#: Contracts that change no price of care, whatever their terms: what they pay has no closed form here, care has.
NEUTRAL = {
    "administrative_cost",
    "advance_payment",
    "financing",
    "investment",
    "medical_loss_ratio_rebate",
    "pay_for_performance",
    "repayment_mechanism",
    "risk_corridor",
    "risk_pool",
    "sequestration",
    "withhold",
}


class Part(NamedTuple):
    """Members of a panel, and how many months of their year count."""

    payers: tuple[str, ...] | None = None
    only: tuple[int, ...] | None = None
    without: tuple[int, ...] = ()
    months: int = 12


def members_of(population: Population, part: Part) -> dict[str, list[float]]:
    """Return exposed risk and how many members have it, of a part of the panel."""
    columns = population.columns
    chosen = np.ones(len(population), dtype=bool)
    if part.payers is not None:
        chosen = np.isin(columns["payer"].astype(str), part.payers)
    if part.only is not None:
        chosen &= np.isin(np.arange(len(population)), part.only)
    chosen[list(part.without)] = False
    months = np.maximum(np.minimum(columns["exit_month"], part.months) - columns["entry_month"] + 1, 0)
    exposed = (columns["risk_score"] * (months / 12.0))[chosen]
    weights, counts = np.unique(exposed, return_counts=True)
    return {"weights": weights.tolist(), "counts": counts.astype(float).tolist()}


def arm_weights(  # noqa: PLR0913 - every term has a name of its own
    spec: Mapping[str, Any],
    arm: Mapping[str, Any],
    payer: str,
    *,
    paid: bool,
    covered: Collection[str] | None = None,
    own_value: float = 1.0,
) -> list[float]:
    """Return dollars of an arm for a drawn dollar of each service: allowed or paid, all or only what is covered."""
    fees = _borne(spec, arm, payer, "fee_for_service")
    weights = []
    for service in spec["utilization"]["services"]:
        name = service["name"]
        share = known_number(f"{name}.coinsurance", service["coinsurance"]) if paid else 0.0
        value = own_value if service["delivered_by"] == "provider" else 1.0
        counts = covered is None or name in covered
        weights.append(float(fees.get(name, 1.0)) * (1.0 - share) * value if counts else 0.0)
    return weights


def covered_services(spec: Mapping[str, Any], arm: Mapping[str, Any], cover: Signed, payer: str) -> set[str]:
    """Return the services of one payer that a cover is for: its scope, or what a capitation of its payers bears."""
    scope = cover.terms["scope"]
    if scope is not None:
        return set(scope)
    of_cover = payers_of(arm, cover.payer)
    if any(_borne(spec, arm, each, "capitation") for each in of_cover):
        return set(_borne(spec, arm, payer, "capitation"))
    return {service["name"] for service in spec["utilization"]["services"]}


def payers_of(arm: Mapping[str, Any], payer: str | None) -> list[str]:
    """Return the payers that a contract is with; where no payer has its own, all are one without a name."""
    if payer is not None:
        return [payer]
    return [each["payer"] for each in arm.get("payers", ())] or [""]


def _borne(spec: Mapping[str, Any], arm: Mapping[str, Any], payer: str, by: str) -> dict[str, Any]:
    """Return the services of a payer that base payments of one kind claim, with the level of the fee."""
    borne = {}
    for _, of, kind, terms in signed(arm):
        if kind != by or of not in (None, payer):
            continue
        for service in spec["utilization"]["services"]:
            in_scope = terms["scope"] is None or service["name"] in terms["scope"]
            in_scope = in_scope and service["name"] not in (terms.get("carve_outs") or ())
            if in_scope and (kind == "capitation" or service["delivered_by"] == "provider"):
                borne[service["name"]] = terms.get("fee_level")
    return borne


def refuse_unknown_contracts(arm: Mapping[str, Any]) -> None:
    """Refuse contracts that may change prices in a way the engine does not know."""
    for path, _, kind, terms in signed(arm):
        if kind in NEUTRAL:
            continue
        if kind not in CONTRACTS:
            known = ", ".join(CONTRACTS)
            raise InputError(path, f"must be one of {known} for the exact engine", kind)
        refuse_unknown(path, terms, CONTRACTS[kind])
