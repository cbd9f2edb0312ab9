"""Second opinion on surgeons, hospitals and their kind: what each makes of the odds and the prices of its episodes."""

import math
from typing import NamedTuple

import numpy as np

from oracle_quantiles import log_scale, normal_quantile, number_of, unit_log_normal
from oracle_random import EPISODE_EFFECT, F64, Columns, Luck, Terms, address_words, name_hash, uniform

NODES = 80  # of the Gauss-Hermite rule that expectations over effects are made with


class Effects(NamedTuple):
    """What those whom members go to multiply by in one world, each (members,)."""

    odds: F64
    price: F64  # mean 1


def effects_of(luck: Luck, episode: Terms, columns: Columns) -> Effects:
    """The factors of an episode's effects; each value of a column has its own numbers, the same in every year."""
    members = len(columns["member"])
    odds, price = np.ones(members), np.ones(members)
    for effect in episode.get("effects") or []:
        value = columns[effect["factor"]].astype(np.uint64)
        words = address_words(luck, EPISODE_EFFECT, None, name_hash(effect["name"]), value)
        z = normal_quantile(uniform(words[:, :2]))
        odds = odds * np.exp(number_of(effect, "log_odds_sd", 0.0) * z[:, 0])
        price = price * unit_log_normal(z[:, 1], log_scale(number_of(effect, "price_cv", 0.0)))
    return Effects(odds, price)


def spread_of(episode: Terms) -> list[tuple[float, float]]:
    """Factors of odds that effects may come to, each with its weight, so that weighted means are expectations."""
    variance = math.fsum(number_of(effect, "log_odds_sd", 0.0) ** 2 for effect in episode.get("effects") or [])
    if variance == 0.0:
        return [(1.0, 1.0)]
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    factors = np.exp(math.sqrt(variance) * nodes)
    return list(zip(factors.tolist(), (weights / math.sqrt(2.0 * math.pi)).tolist(), strict=True))
