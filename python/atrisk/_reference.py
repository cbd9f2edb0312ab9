"""The reference panel on which payment models are compared, and the arms that stand for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from atrisk import metrics
from atrisk.contracts import (
    Capitation,
    CareManagementFee,
    DirectPrimaryCare,
    EpisodeBundle,
    FeeForService,
    PayForPerformance,
    SharedSavings,
    StopLoss,
)
from atrisk.distributions import Distribution
from atrisk.episode import Episode
from atrisk.health import Measure
from atrisk.population import Population
from atrisk.study import Study
from atrisk.utilization import Utilization

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from atrisk.contracts import Contract
    from atrisk.service import Service

    Arms = dict[str, list[Contract]]
    Nets = dict[str, NDArray[np.float64]]

MEMBERS = 2_000
PRESET = "medicare"
OWN = "physician visits"
OWN_COST_RATE = 0.8
#: What a partial capitation bears: the provider's own visits and the care that is ordered from there.
IN_SCOPE = (OWN, "outpatient", "other visits", "emergency", "home health", "equipment")
ATTACHMENT_POINT = 100_000.0
#: What bundles cover: a hospital stay and all care of its member for 30 days. It brings no care of its own.
STAY = Episode("hospital stay", trigger="inpatient", window_days=30)
MEASURE = Measure("Controlled", rate=0.7, sd_between=0.05, benchmarks=(0.6, 0.8))


def spread_of_models(models: list[str], replicates: int, seed: int) -> pd.DataFrame:
    """Return the standard deviation of the provider's net, dollars per member per month, by model."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    population = Population.synthetic(PRESET, members=MEMBERS, seed=seed)
    care = _care()
    nets = _nets(population, care, replicates, seed) | _nets_of_bundles(population, care, replicates, seed)
    spread = {model: metrics.standard_deviation(nets[model]) for model in models}
    columns = ["provider_net_sd_pmpm", "provider_net_sd_pmpm_se"]
    return pd.DataFrame.from_dict(spread, orient="index", columns=columns)


def _nets(population: Population, care: Utilization, replicates: int, seed: int) -> Nets:
    """Return the provider's net under each model but bundles, dollars per member per month, shape (replicates,)."""
    arms = _arms(_means(population, care, replicates, seed))
    results = Study(population, care, arms, measures=[MEASURE], seed=seed).run(replicates, progress=False, cash=False)
    return {model: results.values("provider_net", model) / results.values("member_months", model) for model in arms}


def _nets_of_bundles(population: Population, care: Utilization, replicates: int, seed: int) -> Nets:
    """Return the same under bundles, priced at what an episode costs on average in the same years.

    Reconciled with a price of nothing, all that episodes cost is taken off, and a price of a dollar pays one for each.
    From these sums bundles settle, so that what falls into windows, which is most of the work, is found once.
    """
    arms: Arms = {"fees": [FeeForService()]}
    arms |= {f"{price}": [FeeForService(), EpisodeBundle(episodes=STAY.name, target_price=price)] for price in (0, 1)}
    study = Study(population, replace(care, episodes=[STAY]), arms, seed=seed)
    results = study.run(replicates, progress=False, cash=False)
    net = {arm: results.values("provider_net", arm) for arm in arms}
    actual, episodes = net["fees"] - net["0"], np.round(net["1"] - net["0"])
    price = round(float(actual.sum() / episodes.sum()), 2)
    settled = {model: _settled(bundle, price * episodes, actual) for model, bundle in _bundles(price).items()}
    return {model: (net["fees"] + settled[model]) / results.values("member_months", "fees") for model in settled}


def _bundles(price: float) -> dict[str, EpisodeBundle]:
    """Return the bundle that stands for each model."""
    bundle = EpisodeBundle(episodes=STAY.name, target_price=price)
    return {
        "Episode bundle, retrospective": replace(bundle, sharing_rate=0.5, loss_rate=0.5),
        "Episode bundle, prospective": replace(bundle, kind="prospective"),
    }


def _settled(bundle: EpisodeBundle, target: NDArray[np.float64], actual: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a bundle leaves the provider of the sums of each year's episodes, dollars."""
    if bundle.kind == "prospective":
        nothing = np.zeros_like(actual)
        found = bundle.settle(target=target, actual=actual, payer_readmission=nothing, case_recovery=nothing)["margin"]
    else:
        found = bundle.settle(target=target, actual=actual)["settlement"]
    return np.asarray(found, dtype=np.float64)


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
