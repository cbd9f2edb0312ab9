"""atrisk: what a way of paying for care does to the provider that accepts it.

A panel of members is simulated, the care they use and what it costs; every contract is settled on the same
simulated years. Start with :class:`Population`, :class:`Utilization`, the contracts and :class:`Study`.
"""

from atrisk import datasets
from atrisk._core import __version__
from atrisk._errors import InputError
from atrisk.contracts import Capitation, Contract, FeeForService, SharedSavings, StopLoss
from atrisk.distributions import Distribution, Fixed, Gamma, LogNormal
from atrisk.population import Population
from atrisk.results import Results
from atrisk.statement import Statement
from atrisk.study import Study
from atrisk.utilization import Service, Utilization

__all__ = [
    "Capitation",
    "Contract",
    "Distribution",
    "FeeForService",
    "Fixed",
    "Gamma",
    "InputError",
    "LogNormal",
    "Population",
    "Results",
    "Service",
    "SharedSavings",
    "Statement",
    "StopLoss",
    "Study",
    "Utilization",
    "__version__",
    "datasets",
]
