"""Distributions: of what an event costs, how many there are, and what is not known for sure."""

from atrisk.distributions._base import Distribution
from atrisk.distributions.composite import Mixture, Spliced, Truncated
from atrisk.distributions.continuous import (
    Beta,
    Gamma,
    InverseGaussian,
    LogNormal,
    Normal,
    Pareto,
    Triangular,
    Uniform,
    Weibull,
)
from atrisk.distributions.discrete import Bernoulli, Binomial, Empirical, Fixed, NegativeBinomial, Poisson

__all__ = [
    "Bernoulli",
    "Beta",
    "Binomial",
    "Distribution",
    "Empirical",
    "Fixed",
    "Gamma",
    "InverseGaussian",
    "LogNormal",
    "Mixture",
    "NegativeBinomial",
    "Normal",
    "Pareto",
    "Poisson",
    "Spliced",
    "Triangular",
    "Truncated",
    "Uniform",
    "Weibull",
]
