"""A year's aggregate claims against the installable peers: time to a standard error, error against the exact answer.

Task: negative-binomial frequency (2,500 claims, gamma mixing of cv 10 %), log-normal severity (mean 10,000, cv 1.5);
wanted are the mean and the 99 % quantile of the total. The distributions are fixed, the random numbers are not. Every
contestant runs in a process of its own, in the environment it was installed into, first on one processor, then on all;
what is timed goes from the words of the task to the two figures. `make race-peers` makes the environment.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT, MIXING_CV, MEAN, CV = 2_500, 0.1, 10_000.0, 1.5
SHAPE = 100.0  # 1 / MIXING_CV², which is a hair below in floating point
REPLICATES = 10_000
SEEDS = 20
P = 0.99
TARGET = 0.001  # of the exact figure
SCRIPT = Path(__file__)

Estimate = tuple[float, float]


class Contestant(NamedTuple):
    """Who, where it is installed, how it works, and how it is imported and asked."""

    name: str
    here: bool
    random: bool
    load: Callable[[], Callable[[int], Estimate]]


# Each loader imports what it needs (timed apart) and returns the task: from a seed to the mean and the quantile.
# ruff: noqa: PLC0415


def log_normal() -> tuple[float, float]:
    """Return μ and σ of the severity."""
    s2 = math.log1p(CV * CV)
    return math.log(MEAN) - s2 / 2, math.sqrt(s2)


def load_atrisk() -> Callable[[int], Estimate]:
    """One member with 2,500 claims a year and a frailty: the study a user would write."""
    import pandas as pd

    import atrisk as ar

    def task(seed: int) -> Estimate:
        panel = ar.Population.from_frame(pd.DataFrame({"age": [50], "sex": ["f"], "risk_score": [1.0]}))
        service = ar.Service("claims", per_1000=1_000 * COUNT, allowed=ar.LogNormal(mean=MEAN, cv=CV))
        care = ar.Utilization(services=[service], frailty_cv=MIXING_CV)
        study = ar.Study(panel, care, {"Fees": ar.FeeForService()}, seed=seed)
        allowed = study.run(REPLICATES, progress=False).values("allowed", "Fees")
        return ar.metrics.mean(allowed)[0], ar.metrics.quantile(allowed, P)[0]

    return task


def load_numpy() -> Callable[[int], Estimate]:
    """Plain NumPy, in pieces that fit the cache."""
    import numpy as np

    mu, sigma = log_normal()
    piece = 50

    def task(seed: int) -> Estimate:
        rng = np.random.default_rng(seed)
        counts = rng.poisson(COUNT * rng.gamma(SHAPE, 1 / SHAPE, REPLICATES))
        totals = np.empty(REPLICATES)
        for start in range(0, REPLICATES, piece):
            here = counts[start : start + piece]
            claims = rng.lognormal(mu, sigma, here.sum())
            totals[start : start + piece] = np.add.reduceat(claims, np.concatenate([[0], np.cumsum(here)[:-1]]))
        return float(totals.mean()), float(np.quantile(totals, P))

    return task


def load_riskpy(sampling: str) -> Callable[[int], Estimate]:
    """RiskPY: a compound of its own distributions."""
    from riskpy.mc import Compound, LogNormal, Model, NegativeBinomial

    def task(seed: int) -> Estimate:
        frequency = NegativeBinomial(SHAPE, SHAPE / (SHAPE + COUNT))
        severity = LogNormal.from_moments(mean=MEAN, sd=MEAN * CV)
        model = Model(claims=Compound(frequency, severity))
        result = model.run(REPLICATES, seed=seed, fn=lambda claims: claims, sampling=sampling)
        return float(result.mean), float(result.percentile(100 * P))

    return task


def load_gemact(**method: object) -> Callable[[int], Estimate]:
    """GEMAct: a loss model without layers."""
    from gemact.lossmodel import Frequency, LossModel, Severity

    mu, sigma = log_normal()

    def task(seed: int) -> Estimate:
        frequency = Frequency(dist="nbinom", par={"n": SHAPE, "p": SHAPE / (SHAPE + COUNT)})
        severity = Severity(dist="lognormal", par={"shape": sigma, "scale": math.exp(mu)})
        model = LossModel(severity=severity, frequency=frequency, random_state=seed, **method)
        return float(model.mean(use_dist=True)), float(model.ppf(P))

    return task


def load_aggregate(**grid: object) -> Callable[[int], Estimate]:
    """Aggregate: its own language; the name carries the seed so that nothing is looked up from before."""
    import warnings

    warnings.filterwarnings("ignore")
    from aggregate import build

    def task(seed: int) -> Estimate:
        words = f"agg Year{seed} {COUNT} claims sev lognorm {MEAN:.0f} cv {CV} mixed gamma {MIXING_CV}"
        answer = build(words, **grid)
        return float(answer.est_m), float(answer.q(P))

    return task


FFT = {"aggr_loss_dist_method": "fft", "n_aggr_dist_nodes": 2**16, "n_sev_discr_nodes": 2**16, "sev_discr_step": 1_000}
MC = {"aggr_loss_dist_method": "mc", "n_sim": REPLICATES}
CONTESTANTS = {
    "atrisk": Contestant("atrisk", here=True, random=True, load=load_atrisk),
    "numpy": Contestant("plain NumPy", here=False, random=True, load=load_numpy),
    "riskpy": Contestant("RiskPY 0.6.0, random", here=False, random=True, load=lambda: load_riskpy("random")),
    "riskpy_lhs": Contestant("RiskPY 0.6.0, Latin hypercube", here=False, random=True, load=lambda: load_riskpy("lhs")),
    "gemact_mc": Contestant("GEMAct 1.3.0, Monte Carlo", here=False, random=True, load=lambda: load_gemact(**MC)),
    "gemact_fft": Contestant("GEMAct 1.3.0, FFT", here=False, random=False, load=lambda: load_gemact(**FFT)),
    "aggregate": Contestant("aggregate 0.30.1, FFT", here=False, random=False, load=load_aggregate),
}
IMPORTS = {
    "atrisk": "import atrisk",
    "numpy": "import numpy",
    "RiskPY": "import riskpy.mc",
    "GEMAct": "import gemact.lossmodel",
    "aggregate": "import aggregate",
    "heormodel": "import heormodel",
}


def contest(name: str) -> None:
    """Run one contestant in this process and print what it came to."""
    task = CONTESTANTS[name].load()
    task(0)  # whatever is set up once is no part of the time
    runs = []
    for seed in range(1, SEEDS + 1):
        start = time.perf_counter()
        mean, quantile = task(seed)
        runs.append((time.perf_counter() - start, mean, quantile))
    print(json.dumps(runs))


def process(python: str, *arguments: str, one: bool = False) -> str:
    """Run Python in a fresh process, on one processor or on all."""
    processors = os.sched_getaffinity(0)
    chosen = {min(processors)} if one else processors
    ran = subprocess.run(
        [python, *arguments],
        check=False,
        capture_output=True,  # some peers talk much
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, chosen),
    )
    if ran.returncode:
        raise SystemExit(ran.stderr)
    return ran.stdout


def exact() -> tuple[float, float, float]:
    """Compute the mean, the standard deviation and the 99 % quantile: closed forms and a Fourier transform."""
    import numpy as np
    from scipy.special import ndtr

    step, cells = 125.0, 2**20
    mu, sigma = log_normal()
    edges = (np.arange(cells) + 0.5) * step
    below = ndtr((np.log(edges) - mu) / sigma)
    mass = np.diff(below, prepend=0.0)
    transform = np.fft.rfft(mass)
    total = np.fft.irfft((1 + COUNT / SHAPE * (1 - transform)) ** -SHAPE, cells)
    assert abs(total.sum() - 1) < 1e-6  # noqa: PLR2004 - nothing has wrapped around
    quantile = float(np.interp(P, np.cumsum(total), (np.arange(cells) + 0.5) * step))
    mean = COUNT * MEAN
    variance = COUNT * MEAN**2 * (1 + CV**2) + (mean * MIXING_CV) ** 2
    return mean, math.sqrt(variance), quantile


class Row(NamedTuple):
    """What a contestant came to: seconds a run, and root mean square errors relative to the exact figures."""

    seconds: dict[bool, float]
    errors: tuple[float, float]
    bias: float  # of the mean, in its own standard errors


def measure(python: str, name: str, truth: tuple[float, float, float]) -> Row:
    """Let one contestant run on one processor and on all."""
    mean, sd, quantile = truth
    runs = {one: json.loads(process(python, str(SCRIPT), "--contestant", name, one=one)) for one in (True, False)}
    of_means = [run[1] / mean - 1 for run in runs[True]]
    of_quantiles = [run[2] / quantile - 1 for run in runs[True]]
    errors = tuple(math.sqrt(statistics.fmean(e * e for e in found)) for found in (of_means, of_quantiles))
    bias = statistics.fmean(of_means) * mean / (sd / math.sqrt(REPLICATES * SEEDS))
    # The least, since whatever else runs on the machine only ever adds.
    seconds = {one: min(run[0] for run in runs[one]) for one in runs}
    return Row(seconds, (errors[0], errors[1]), bias)


def to_target(row: Row, error: float, *, one: bool, random: bool) -> str:
    """Seconds until the error is a thousandth: of a sample by its square, of a grid as it is if it is fine enough."""
    if random:
        return f"{row.seconds[one] * (error / TARGET) ** 2:.2f}"
    return f"{row.seconds[one]:.2f}" if error <= TARGET else "not reached"


HEADS = (
    "who",
    "s a run, one processor",
    "all",
    "error of the mean",
    "of the 99 % quantile",
    "s to 0.1 % of the mean, one processor",
    "all",
    "s to 0.1 % of the quantile, one processor",
    "all",
)


def table(rows: dict[str, Row]) -> list[str]:
    """Lay the rows out for a page."""
    lines = [
        f"| {' | '.join(HEADS)} |",
        "|---" * len(HEADS) + "|",
    ]
    for name, row in rows.items():
        who = CONTESTANTS[name]
        times = [to_target(row, error, one=one, random=who.random) for error in row.errors for one in (True, False)]
        cells = [who.name, *(f"{row.seconds[one]:.3f}" for one in (True, False))]
        cells += [f"{100 * error:.4f} %" for error in row.errors]
        lines.append(f"| {' | '.join(cells + times)} |")
    return lines


def imports(pythons: dict[bool, str]) -> list[str]:
    """Measure imports in fresh processes, the least of five, less what an empty program takes."""

    def least(python: str, words: str) -> float:
        def once() -> float:
            start = time.perf_counter()
            process(python, "-W", "ignore", "-c", words)
            return time.perf_counter() - start

        return min(once() for _ in range(5))

    lines = ["| import | s |", "|---|---|"]
    for name, words in IMPORTS.items():
        python = pythons[name == "atrisk"]
        lines.append(f"| {name} | {least(python, words) - least(python, 'pass'):.2f} |")
    return lines


PAGE = """# Against the installable peers

Written by `make race-peers`; figures of another machine or day differ, their ratios less.

A year's aggregate claims: negative-binomial frequency (2,500, gamma mixing of cv 10 %), log-normal severity (mean
10,000, cv 1.5). Wanted: the mean and the 99 % quantile. {processors} processors, {seeds} seeds each, {replicates:,}
replicates a run; times are the least of them, from the words of the task to the figures. Errors are root mean squares
over the seeds against the exact answer (mean 25,000,000 and standard deviation {sd:,.0f} by closed form, quantile
{quantile:,.0f} by Fourier transform), so the time to a standard error of 0.1 % carries an error of about a third
itself. Grids have no standard error: they take what they take.

{table}

atrisk draws the month of every claim too, for the ledger's cash, and settles an arm; the others add up dollars. For
this one figure a Fourier transform is the right tool, and it is what `aggregate` and GEMAct are for. GEMAct takes the
whole part of a negative binomial's shape without a word (99.999 is 99, a mean 1 % low); here the shape is 100.

{imports}

## What could not be raced

- The panel task (members, five services, frailty, truncation by member, a settlement: `make bench`) cannot be written
  in any of them: aggregate, GEMAct and RiskPY know portfolios of claims but no members whose services share a frailty,
  no layer by member within a panel, no contract between payer and provider. NumPy is raced there.
- heormodel 0.7.4 runs cohort, microsimulation and discrete-event models and values information about their parameters
  (EVPI, EVPPI, EVSI); it has no compound distributions, and atrisk has no value of information yet. Its import alone is
  measured.
"""


def main() -> None:
    """Race everyone and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contestant", choices=CONTESTANTS)
    parser.add_argument("--peers", default=sys.executable, help="the Python into which the peers are installed")
    parser.add_argument("--output", type=Path, help="the page to write")
    given = parser.parse_args()
    if given.contestant:
        contest(given.contestant)
        return
    pythons = {True: sys.executable, False: given.peers}
    truth = exact()
    rows = {name: measure(pythons[who.here], name, truth) for name, who in CONTESTANTS.items()}
    page = PAGE.format(
        processors=len(os.sched_getaffinity(0)),
        seeds=SEEDS,
        replicates=REPLICATES,
        sd=truth[1],
        quantile=truth[2],
        table="\n".join(table(rows)),
        imports="\n".join(imports(pythons)),
    )
    print(page)
    if given.output:
        given.output.write_text(page, encoding="utf-8")
    wrong = {name: row.bias for name, row in rows.items() if CONTESTANTS[name].random and abs(row.bias) > 4}  # noqa: PLR2004
    if wrong:
        raise SystemExit(f"means that are wrong by more than four standard errors: {wrong}")


if __name__ == "__main__":
    main()
