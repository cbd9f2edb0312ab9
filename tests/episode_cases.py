"""Episodes and bundles that several tests share."""

import numpy as np
import pandas as pd

from atrisk.contracts.episode_bundle import EpisodeBundle

CELLS = ["469", "470", "521"]


def settled(terms, target, actual, **facts):
    return terms.settle(target=target, actual=actual, **facts)["settlement"]


def bundle(**terms):
    return EpisodeBundle(episodes="lejr", **terms)


def frame_of(rows=60, seed=3, providers=4):
    rng = np.random.default_rng(seed)
    actual = rng.lognormal(10.1, 0.6, rows).round(2)
    return pd.DataFrame(
        {
            "hospital": rng.choice([f"hospital {i}" for i in range(providers)], rows),
            "cell": rng.choice(CELLS, rows),
            "actual": actual,
            "post_episode": rng.lognormal(7.5, 1.0, rows).round(2),
            "readmission": (actual * (rng.random(rows) < 0.1) * 0.4).round(2),
        }
    )


PRICES = {"469": 41_250.35, "470": 24_000, "521": 52_000.1}
CAPS = {"469": 70_000, "470": 45_000.55, "521": 80_000}
FULL = {
    "target_price": PRICES,
    "truncate_at": CAPS,
    "raise_to": 9_000,
    "discount": 0.02,
    "best_score": 100,
    "quality_gain_cut": 0.1,
    "quality_loss_cut": 0.15,
    "minimum_savings_rate": 0.005,
    "minimum_loss_rate": 0.01,
    "sharing_rate": 0.75,
    "loss_rate": 0.5,
    "stop_gain_rate": 0.1,
    "stop_loss_rate": 0.05,
    "post_episode_threshold": {"469": 3_000, "470": 2_500.5, "521": 4_000},
}
