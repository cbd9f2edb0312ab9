"""Flat memory: a million members, a thousand replicates, in a process whose peak the system counts."""

import json
import subprocess
import sys
import time

import pytest

PROGRAM = """
import json, resource, sys, time
import numpy as np, pandas as pd, atrisk as ar

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 2**30

n = 1_000_000
rng = np.random.default_rng(1)
frame = pd.DataFrame(
    {
        "age": rng.uniform(0, 90, n),
        "sex": rng.choice(["f", "m"], n),
        "risk_score": rng.gamma(2.0, 0.5, n),
        "member_id": [f"member {i:07d}" for i in range(n)],
        "payer": rng.choice(["Medicare", "employer"], n),
    }
)
seen = {"frame": peak()}
panel = ar.Population.from_frame(frame)
seen["panel"] = peak()
admissions = ar.Service("admissions", per_1000=80, allowed=ar.LogNormal(mean=14_000, cv=1.4))
frailty = ar.Frailty(cv=0.9, permanent_share=0.5)
care = ar.Utilization(services=[admissions], frailty=frailty, shocks=[ar.Shock.default()])
cover = ar.StopLoss(attachment_point=50_000, premium_pmpm=9)
arms = {"FFS": ar.FeeForService(), "Covered": [ar.Capitation(pmpm=95), cover]}
study = ar.Study(panel, care, arms, years=3, seed=1)
start = time.perf_counter()
results = study.run(1_000, progress=False)
seen["run"] = peak()
results.to_pandas()
results.summary()
seen["tables"] = peak()
print(json.dumps([seen, results.replicates, time.perf_counter() - start]))
"""


@pytest.mark.slow
def test_a_million_members_and_a_thousand_replicates_stay_small():
    start = time.perf_counter()
    shown = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)  # noqa: S603
    assert shown.returncode == 0, shown.stderr
    seen, replicates, seconds = json.loads(shown.stdout)
    stages = ", ".join(f"{stage} {gib:.2f}" for stage, gib in seen.items())
    print(f"peak GiB after {stages}; run {seconds:.0f} s, all {time.perf_counter() - start:.0f} s")
    assert replicates == 1_000
    assert max(seen.values()) < 1.5
    # What the run itself adds is its results and a little scratch, not claims.
    assert seen["run"] - seen["panel"] < 0.1
