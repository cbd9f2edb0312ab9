"""What a further arm costs: with a member layer of its own, and with none.

Prints nanoseconds of processor time per member-year for a distinct member layer, cut from dollars that other layers
count too or from dollars of its own, and microseconds per arm and replicate beyond it, each the difference of the
fastest of several alternating runs of one process on one thread.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import pandas as pd

import atrisk as ar

MEMBERS, REPLICATES, ARMS = 10_000, 20, 40
FEW_MEMBERS, MANY_REPLICATES, MANY_ARMS = 200, 400, 400
SERVICES = [
    ar.Service("visits", per_1000=4_000, allowed=ar.LogNormal(mean=110, cv=0.7), own_cost=70),
    ar.Service("stays", per_1000=90, allowed=ar.LogNormal(mean=14_000, cv=1.4), delivered_by="other_providers"),
    ar.Service("drugs", per_1000=9_000, allowed=ar.LogNormal(mean=60, cv=1.1), delivered_by="other_providers"),
]


def study(arms: dict[str, list[ar.Contract]], members: int = MEMBERS) -> ar.Study:
    """Return a study of equal members with these arms."""
    frame = pd.DataFrame({"age": np.full(members, 50.0), "sex": "f", "risk_score": 1.0})
    return ar.Study(ar.Population.from_frame(frame), ar.Utilization(services=SERVICES), arms, seed=1)


def covers(attachments: list[float], step: float = 0.0) -> dict[str, list[ar.Contract]]:
    """Return an arm with a cover for each attachment point, each with a fee higher by a step than the one before."""
    return {
        f"arm {number}": [
            ar.FeeForService(fee_level=1 + step * number),
            ar.StopLoss(attachment_point=each, premium_pmpm=1),
        ]
        for number, each in enumerate(attachments)
    }


def seconds(runs: dict[str, ar.Study], repeat: int, replicates: int = REPLICATES) -> dict[str, float]:
    """Return the fastest of several alternating runs of each study."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(repeat):
        for name, each in runs.items():
            start = time.process_time()
            each.run(replicates, threads=1, cash=False, progress=False)
            best[name] = min(best[name], time.process_time() - start)
    return best


def main() -> int:
    """Measure, print, and fail above the bars that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--most-layer-ns", type=float)
    parser.add_argument("--most-arm-us", type=float)
    given = parser.parse_args()

    best = seconds(
        {
            "same": study(covers([50_000.0] * ARMS)),
            "high": study(covers([50_000.0 + 1_000.0 * number for number in range(ARMS)])),
            "low": study(covers([1_000.0 + 100.0 * number for number in range(ARMS)])),
            "own": study(covers([50_000.0] * ARMS, 0.01)),
        },
        given.repeat,
    )
    layers = {
        "beginning at $50,000 to $89,000": "high",
        "beginning at $1,000 to $4,900": "low",
        "at fees of its own": "own",
    }
    cost = {
        text: (best[name] - best["same"]) / (REPLICATES * MEMBERS * (ARMS - 1)) * 1e9 for text, name in layers.items()
    }
    few = {count: study(covers([50_000.0] * count), FEW_MEMBERS) for count in (1, MANY_ARMS)}
    arms = seconds({str(count): each for count, each in few.items()}, given.repeat, MANY_REPLICATES)
    arm = (arms[str(MANY_ARMS)] - arms["1"]) / (MANY_REPLICATES * (MANY_ARMS - 1)) * 1e6
    for text, layer in cost.items():
        print(f"{layer:.2f} ns for each member-year and distinct member layer {text}")
    print(f"{arm:.2f} µs for each arm and replicate beyond it")
    slow = given.most_layer_ns is not None and max(cost.values()) > given.most_layer_ns
    return int(slow or (given.most_arm_us is not None and arm > given.most_arm_us))


if __name__ == "__main__":
    sys.exit(main())
