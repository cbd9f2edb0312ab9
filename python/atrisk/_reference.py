"""The reference panel on which payment models are compared, and the arms that stand for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from atrisk import metrics
from atrisk.contracts import (
    Capitation,
    CareManagementFee,
    DirectPrimaryCare,
    FeeForService,
    PayForPerformance,
    SharedSavings,
    StopLoss,
)
from atrisk.distributions import Distribution
from atrisk.health import Measure
from atrisk.population import Population
from atrisk.study import Study
from atrisk.utilization import Utilization

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from atrisk.contracts import Contract
    from atrisk.service import Service

    Arms = dict[str, list[Contract]]

MEMBERS = 2_000
PRESET = "medicare"
OWN = "physician visits"
OWN_COST_RATE = 0.8
#: What a partial capitation bears: the provider's own visits and the care that is ordered from there.
IN_SCOPE = (OWN, "outpatient", "other visits", "emergency", "home health", "equipment")
ATTACHMENT_POINT = 100_000.0
MEASURE = Measure("Controlled", rate=0.7, sd_between=0.05, benchmarks=(0.6, 0.8))


def spread_of_models(models: list[str], replicates: int, seed: int) -> pd.DataFrame:
    """Return the standard deviation of the provider's net, dollars per member per month, by model."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    population = Population.synthetic(PRESET, members=MEMBERS, seed=seed)
    care = _care()
    arms = _arms(_means(population, care, replicates, seed))
    study = Study(population, care, {model: arms[model] for model in models}, measures=[MEASURE], seed=seed)
    results = study.run(replicates, progress=False, cash=False)
    rows = {}
    for model in models:
        net = results.values("provider_net", model) / results.values("member_months", model)
        spread, error = metrics.standard_deviation(net)
        rows[model] = {"provider_net_sd_pmpm": spread, "provider_net_sd_pmpm_se": error}
    return pd.DataFrame.from_dict(rows, orient="index")


def _care() -> Utilization:
    """Return the preset's care, of which the provider gives physician visits at a part of their price."""
    preset = Utilization.preset(PRESET)
    return replace(preset, services=[_at_a_cost(each) if each.name == OWN else each for each in preset.services])


def _at_a_cost(service: Service) -> Service:
    """Return a service that costs its deliverer a part of its mean price."""
    if not isinstance(service.allowed, Distribution):
        raise TypeError(service.name)  # the preset has laws of prices
    return replace(service, own_cost=OWN_COST_RATE * service.allowed.mean())


def _means(population: Population, care: Utilization, replicates: int, seed: int) -> dict[str, float]:
    """Return what all care, care in scope and the provider's own visits are paid, dollars per member per month.

    Means of the same years on which models are compared: what an arm leaves the payer to pay is taken off.
    """
    scopes = {"all": None, "in_scope": IN_SCOPE, "own": (OWN,)}
    arms: Arms = {name: [Capitation(pmpm=0.0, scope=scope)] for name, scope in scopes.items()}
    arms["fees"] = [FeeForService()]
    results = Study(population, care, arms, seed=seed).run(replicates, progress=False, cash=False)
    months = float(results.values("member_months", "fees").mean())
    spend = {arm: float(results.values("payer_spend", arm).mean()) / months for arm in arms}
    return {name: spend["fees"] - spend[name] for name in scopes}


def _arms(means: Mapping[str, float]) -> dict[str, list[Contract]]:
    """Return the arm that stands for each model, priced at what care costs on average."""
    fees = FeeForService()
    one_sided = SharedSavings(benchmark_pmpm=round(means["all"], 2), sharing_rate=0.5, minimum_savings_rate=0.02)
    everything = Capitation(pmpm=round(means["all"], 2))
    return {
        "Fee-for-service": [fees],
        "Pay-for-performance": [fees, PayForPerformance(bonus_rate=0.05, penalty_rate=0.05)],
        "Medical home": [fees, CareManagementFee(pmpm=20.0, performance_adjustment=0.0)],
        "Direct primary care": [DirectPrimaryCare(retainer_pmpm=round(means["own"], 2), scope=[OWN])],
        "Shared savings, one-sided": [fees, one_sided],
        "Shared savings, two-sided": [fees, replace(one_sided, loss_rate=0.5, minimum_loss_rate=0.02)],
        "Partial capitation": [Capitation(pmpm=round(means["in_scope"], 2), scope=list(IN_SCOPE))],
        "Global capitation, stop-loss": [everything, StopLoss(attachment_point=ATTACHMENT_POINT, premium_pmpm=0.0)],
        "Global capitation": [everything],
    }
