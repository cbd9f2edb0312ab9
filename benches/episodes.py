"""What bundles cost to simulate: a hospital's episodes a year under five arms, on two threads.

Prints seconds for the replicates asked for and the nanoseconds of an episode, all arms together.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import pandas as pd

import atrisk as ar

EPISODES = 1_000


def hospital() -> tuple[ar.Population, ar.Utilization]:
    """Return a thousand places for cases, and what an episode brings."""
    frame = pd.DataFrame({"age": np.full(EPISODES, 70.0), "sex": "f", "risk_score": 1.0})
    stay = ar.LogNormal(mean=14_000, cv=0.9)
    nursing = ar.EpisodeCare("skilled nursing", amount=ar.LogNormal(mean=12_000, cv=0.7), days=(3, 5))
    rehabilitation = ar.EpisodeCare("rehabilitation", amount=ar.LogNormal(mean=20_000, cv=0.3), days=(3, 5))
    episode = ar.Episode(
        "joint",
        trigger="joint replacement",
        window_days=90,
        paths=[
            ar.EpisodePath("home", share=0.60),
            ar.EpisodePath("skilled nursing", share=0.34, care=[nursing]),
            ar.EpisodePath("rehabilitation", share=0.06, care=[rehabilitation]),
        ],
        care=[ar.EpisodeCare("inpatient", share=0.063, amount=stay, days=(5, 90))],
        death_rate=0.004,
        absorbs=False,
        within_lines=False,
    )
    others = [
        ar.Service(name, per_1000=0, allowed=1, delivered_by="other_providers")
        for name in ("inpatient", "rehabilitation", "skilled nursing")
    ]
    surgery = ar.Service("joint replacement", per_1000=1_000, allowed=ar.LogNormal(mean=15_000, cv=0.2))
    return ar.Population.from_frame(frame), ar.Utilization(services=[surgery, *others], episodes=[episode])


def main() -> int:
    """Measure, print, and fail above the bar that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--most-seconds", type=float)
    given = parser.parse_args()
    fees, terms = ar.FeeForService(), {"episodes": "joint", "target_price": 21_000}
    home = ar.Programme("home first", effect=-0.5, episodes=["joint"])
    limited = ar.EpisodeBundle(**terms, stop_gain_rate=0.2, stop_loss_rate=0.2)
    arms = {
        "Fees": fees,
        "Bundle": [fees, limited],
        "Narrow": [fees, ar.EpisodeBundle(**terms, truncate_at=50_000, stop_gain_rate=0.05, stop_loss_rate=0.05)],
        "Before": [fees, ar.EpisodeBundle(**terms, kind="prospective", case_attachment=60_000)],
        "Home first": ar.Arm([fees, limited], programmes=[home]),
    }
    study = ar.Study(*hospital(), arms, seed=1)
    study.run(100, threads=given.threads, progress=False)
    start = time.perf_counter()
    study.run(given.replicates, threads=given.threads, progress=False)
    seconds = time.perf_counter() - start
    each = seconds / (given.replicates * EPISODES) * 1e9
    print(f"{seconds:.2f} s for {given.replicates:,} replicates of {EPISODES:,} episodes a year under {len(arms)} arms")
    print(f"{each:.0f} ns for an episode, all arms together, on {given.threads} threads")
    return int(given.most_seconds is not None and seconds > given.most_seconds)


if __name__ == "__main__":
    sys.exit(main())
