"""Samples of known laws, and how often an interval of 1.96 standard errors either side covers the truth."""

import math

import numpy as np
from scipy import stats
from scipy.integrate import quad

from atrisk import metrics

REPETITIONS = 1_000
P = 0.95
LAWS = {"normal": stats.norm(1.0, 0.02), "gamma": stats.gamma(2.0), "Pareto": stats.pareto(4.0)}


def tail_mean(quantile_above):
    """Mean of the worst 5 %, from the quantile as a function of the probability above."""
    return quad(quantile_above, 0.0, 1.0 - P)[0] / (1.0 - P)


def figures(law, draws=None):
    """Name -> (figure of a sample and its twin, truth): all the figures that are checked."""
    at = float(law.isf(1.0 - P))
    low = float(law.ppf(1.0 - P))
    return {
        "mean": (lambda x, _: metrics.mean(x, draws=draws), law.mean()),
        "probability": (lambda x, _: metrics.probability(x > at, draws=draws), 1.0 - P),
        "quantile": (lambda x, _: metrics.quantile(x, P, draws=draws), at),
        "lower quantile": (lambda x, _: metrics.quantile(x, 1.0 - P, draws=draws), low),
        "tail": (lambda x, _: metrics.tail_value_at_risk(x, P, draws=draws), tail_mean(law.isf)),
        "lower tail": (lambda x, _: metrics.lower_tail_mean(x, 1.0 - P, draws=draws), tail_mean(law.ppf)),
        "paired difference": (lambda x, twin: metrics.mean(x - twin, draws=draws), 0.2 * law.mean()),
    }


def twin(sample, rng, spread):
    """Another arm on the same replicates: four fifths of the first, and something of its own."""
    return 0.8 * sample + rng.normal(0.0, spread, sample.shape)


def coverage(samples, checked):
    """Share of samples and twins whose interval covers, and mean error over the spread of the values, by figure."""
    found = {name: [] for name in checked}
    for sample, other in samples:
        for name, (figure, _) in checked.items():
            found[name].append(figure(sample, other))
    shares = {}
    for name, (_, truth) in checked.items():
        values, errors = np.array(found[name], dtype=float).T
        assert not np.isnan(errors).any(), name
        shares[name] = float(np.mean(np.abs(values - truth) <= 1.96 * errors))
        ratio = errors.mean() / values.std(ddof=1)
        print(f"{name}: {shares[name]:.3f} covered; mean standard error / spread {ratio:.2f}")
    return shares


def nested(rng, draws, replicates, *, parameters, luck, transform=lambda x: x):
    """Values draw by draw: what a draw is off by, plus luck of each replicate."""
    shared = rng.normal(0.0, parameters, (draws, 1))
    return transform(1.0 + shared + rng.normal(0.0, luck, (draws, replicates))).ravel()


def nested_law(parameters, luck, *, exponential=False):
    """Law of one value of :func:`nested`."""
    spread = math.hypot(parameters, luck)
    return stats.lognorm(spread, scale=math.e) if exponential else stats.norm(1.0, spread)
