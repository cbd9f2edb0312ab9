"""What a further arm costs: with a member layer of its own, and with none.

Prints nanoseconds per member-year for a distinct member layer, and microseconds per arm and replicate beyond it, each
the difference of the fastest of several alternating runs of one process on one thread.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import pandas as pd

import atrisk as ar

MEMBERS, REPLICATES, ARMS = 10_000, 20, 40
SERVICES = [
    ar.Service("visits", per_1000=4_000, allowed=ar.LogNormal(mean=110, cv=0.7), own_cost=70),
    ar.Service("stays", per_1000=90, allowed=ar.LogNormal(mean=14_000, cv=1.4), delivered_by="other_providers"),
    ar.Service("drugs", per_1000=9_000, allowed=ar.LogNormal(mean=60, cv=1.1), delivered_by="other_providers"),
]


def study(arms: dict[str, list[ar.Contract]]) -> ar.Study:
    """Return a study of equal members with these arms."""
    frame = pd.DataFrame({"age": np.full(MEMBERS, 50.0), "sex": "f", "risk_score": 1.0})
    return ar.Study(ar.Population.from_frame(frame), ar.Utilization(services=SERVICES), arms, seed=1)


def seconds(runs: dict[str, ar.Study], repeat: int) -> dict[str, float]:
    """Return the fastest of several alternating runs of each study."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(repeat):
        for name, each in runs.items():
            start = time.perf_counter()
            each.run(REPLICATES, threads=1, cash=False, progress=False)
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def main() -> int:
    """Measure, print, and fail above the bars that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--most-layer-ns", type=float)
    parser.add_argument("--most-arm-us", type=float)
    given = parser.parse_args()

    def covers(attachments: list[float]) -> dict[str, list[ar.Contract]]:
        return {
            f"arm {number}": [ar.FeeForService(), ar.StopLoss(attachment_point=each, premium_pmpm=1)]
            for number, each in enumerate(attachments)
        }

    best = seconds(
        {
            "one": study(covers([50_000.0])),
            "same layer": study(covers([50_000.0] * ARMS)),
            "own layers": study(covers([50_000.0 + 1_000.0 * number for number in range(ARMS)])),
        },
        given.repeat,
    )
    layer = (best["own layers"] - best["same layer"]) / (REPLICATES * MEMBERS * (ARMS - 1)) * 1e9
    arm = (best["same layer"] - best["one"]) / (REPLICATES * (ARMS - 1)) * 1e6
    print(f"{layer:.2f} ns for each member-year and distinct member layer")
    print(f"{arm:.2f} µs for each arm and replicate beyond it")
    slow = (given.most_layer_ns is not None and layer > given.most_layer_ns) or (
        given.most_arm_us is not None and arm > given.most_arm_us
    )
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
