"""The parts of simulated episodes that have each care, read off dollars that count."""

import numpy as np

import atrisk as ar

#: Dollars that count: less than a thousand of each come in a year of a replicate.
DIGITS = ("skilled nursing", "rehabilitation", "readmission", "alive")
COUNTING = {name: 1_000.0**place for place, name in enumerate(DIGITS[:3])}


def simulated(make, late):
    """Parts of episodes that have each care, or live so many days, and how many episodes there were.

    ``make`` returns the episode from prices and from further care.
    """
    alive = ar.EpisodeCare("alive", amount=1_000.0**3, days=(late, late))
    episode = make(prices=COUNTING, care=[alive])
    panel = ar.Population.episodes(volume_per_year=50, places=400, seed=1)
    fees = ar.FeeForService()
    arms = {"fees": fees} | {
        f"{target}": [fees, ar.EpisodeBundle(episodes=episode.name, target_price=target)] for target in (0.0, 1.0)
    }
    care = ar.episodes.care(episode, price=0.0)
    results = ar.Study(panel, care, arms, seed=2).run(1_500, cash=False, progress=False)
    at_nothing, at_a_dollar = (results.values("provider_net", f"{target}") for target in (0.0, 1.0))
    episodes = np.round(at_a_dollar - at_nothing).sum()
    spent = np.round(results.values("provider_net", "fees") - at_nothing).astype(np.int64)
    counts = {name: (spent // 1_000**place % 1_000).sum() for place, name in enumerate(DIGITS)}
    return {name: count / episodes for name, count in counts.items()}, episodes


def within(share, expected, episodes):
    """Whether a part of so many episodes is the expected one, within four standard errors."""
    return abs(share - expected) < 4 * (expected * (1 - expected) / episodes) ** 0.5
