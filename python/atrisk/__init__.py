"""atrisk: what a way of paying for care does to the provider that accepts it.

A panel of members is simulated, the care they use and what it costs; every contract is settled on the same
simulated years. Start with :class:`Population`, :class:`Utilization`, the contracts and :class:`Study`.
"""

from typing import TYPE_CHECKING

from atrisk import contracts, metrics
from atrisk._core import __version__
from atrisk._errors import InputError
from atrisk._lazily import lazily
from atrisk.arm import Arm
from atrisk.arm_statement import ArmStatement
from atrisk.assumption import Assumption
from atrisk.benchmark import Benchmark
from atrisk.case_prices import CasePrices
from atrisk.condition import Condition, RiskScores
from atrisk.contracts._base import Contract
from atrisk.cost_sharing import Capacity, Collections, CostSharing
from atrisk.distributions import (
    Bernoulli,
    Beta,
    Binomial,
    Distribution,
    Empirical,
    Fixed,
    Gamma,
    InverseGaussian,
    LogNormal,
    Mixture,
    NegativeBinomial,
    Normal,
    Pareto,
    Poisson,
    Spliced,
    Triangular,
    Truncated,
    Uniform,
    Weibull,
)
from atrisk.enrolment import Attribution, Enrolment
from atrisk.episode import Episode, EpisodeCare, EpisodePath
from atrisk.episode_baseline import EpisodeBaseline
from atrisk.episode_effect import EpisodeEffect
from atrisk.frailty import Frailty
from atrisk.health import Measure, Outcome
from atrisk.population import Population
from atrisk.programme import Programme
from atrisk.response import Response
from atrisk.results import Results
from atrisk.service import Service
from atrisk.shock import Shock
from atrisk.statement import Statement
from atrisk.study import Study
from atrisk.utilization import Utilization

if TYPE_CHECKING:
    from atrisk import (
        claims,
        datasets,
        drg,
        episodes,
        exact,
        fit,
        home_health,
        hospice,
        hospital,
        irf,
        ltch,
        mips,
        mssp,
        outpatient,
        presets,
        snf,
        therapy,
    )
    from atrisk._catalogue import catalogue
    from atrisk._saved import load
    from atrisk.contracts import (
        AdministrativeCost,
        AdvancePayment,
        Capitation,
        CareManagementFee,
        DirectPrimaryCare,
        EpisodeBundle,
        FeeForService,
        Financing,
        Investment,
        MedicalLossRatioRebate,
        PayForPerformance,
        RepaymentMechanism,
        RiskCorridor,
        RiskPool,
        Sequestration,
        SharedSavings,
        StopLoss,
        Withhold,
    )
    from atrisk.person_years import PersonYears
    from atrisk.rules import MeasureLadder, MedicareAdvantageBid, MedicareAdvantageScore

RULES = ("MeasureLadder", "MedicareAdvantageBid", "MedicareAdvantageScore")

MODULES = (
    "claims",
    "datasets",
    "drg",
    "episodes",
    "exact",
    "fit",
    "home_health",
    "hospice",
    "hospital",
    "irf",
    "ltch",
    "mips",
    "mssp",
    "outpatient",
    "presets",
    "snf",
    "therapy",
)

ELSEWHERE = {"PersonYears": "atrisk.person_years", "catalogue": "atrisk._catalogue", "load": "atrisk._saved"}

__getattr__, __dir__ = lazily(
    "atrisk",
    dict.fromkeys(MODULES, "")
    | dict.fromkeys(contracts.__all__, "atrisk.contracts")
    | dict.fromkeys(RULES, "atrisk.rules")
    | ELSEWHERE,
)

__all__ = [
    "AdministrativeCost",
    "AdvancePayment",
    "Arm",
    "ArmStatement",
    "Assumption",
    "Attribution",
    "Benchmark",
    "Bernoulli",
    "Beta",
    "Binomial",
    "Capacity",
    "Capitation",
    "CareManagementFee",
    "CasePrices",
    "Collections",
    "Condition",
    "Contract",
    "CostSharing",
    "DirectPrimaryCare",
    "Distribution",
    "Empirical",
    "Enrolment",
    "Episode",
    "EpisodeBaseline",
    "EpisodeBundle",
    "EpisodeCare",
    "EpisodeEffect",
    "EpisodePath",
    "FeeForService",
    "Financing",
    "Fixed",
    "Frailty",
    "Gamma",
    "InputError",
    "InverseGaussian",
    "Investment",
    "LogNormal",
    "Measure",
    "MeasureLadder",
    "MedicalLossRatioRebate",
    "MedicareAdvantageBid",
    "MedicareAdvantageScore",
    "Mixture",
    "NegativeBinomial",
    "Normal",
    "Outcome",
    "Pareto",
    "PayForPerformance",
    "PersonYears",
    "Poisson",
    "Population",
    "Programme",
    "RepaymentMechanism",
    "Response",
    "Results",
    "RiskCorridor",
    "RiskPool",
    "RiskScores",
    "Sequestration",
    "Service",
    "SharedSavings",
    "Shock",
    "Spliced",
    "Statement",
    "StopLoss",
    "Study",
    "Triangular",
    "Truncated",
    "Uniform",
    "Utilization",
    "Weibull",
    "Withhold",
    "__version__",
    "catalogue",
    "claims",
    "datasets",
    "drg",
    "episodes",
    "exact",
    "fit",
    "home_health",
    "hospice",
    "hospital",
    "irf",
    "load",
    "ltch",
    "metrics",
    "mips",
    "mssp",
    "outpatient",
    "presets",
    "snf",
    "therapy",
]
