"""Four ways of paying for the same care, settled on the same years, calibrated on the RAND experiment.

Usage: ``python -m atrisk.demo [--output DIR] [--replicates 10000] [--members 5000]``
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import textwrap
import time
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import atrisk as ar
from atrisk import _demo_assumptions, metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

# Assumptions, in 1970s dollars: the RAND data say what was spent on care, not what giving it cost. These are
# set so that fee-for-service leaves a thin margin, about 2 % of revenue, that bad luck turns into a loss.
# What care costs *other* providers is not asked: it never reaches the provider's account.
OWN_COST = {"physician visits": 10.00, "psychotherapy visits": 9.00}
FIXED_COST_PMPM = 2.50

# Terms of the contracts: made up, and the same for every panel.
CAPITATION_LOADING = 0.02
ATTACHMENT_POINT, CEDED_SHARE, STOP_LOSS_LOADING = 4_000.00, 0.9, 0.25
SHARED_SAVINGS_TERMS: dict[str, Any] = {
    "sharing_rate": 0.5,
    "loss_rate": 0.4,
    "minimum_savings_rate": 0.02,
    "minimum_loss_rate": 0.02,
    "payment_limit_rate": 0.10,
    "loss_limit_rate": 0.05,
}

SEED, PILOT_SEED, PILOT_REPLICATES = 1976, 1977, 2_000
MONTHS, WIDTH = 12, 120
FEE_FOR_SERVICE, CAPITATION = "Fee-for-service", "Global capitation"
TITLE = "Four ways of paying for the same care"
QUESTION = (
    "What would a group of physicians that is paid by fees earn and risk under global capitation, the same with "
    "stop-loss, or two-sided shared savings, on a panel like the free plan of the RAND experiment?"
)
STOP_LOSS, SHARED_SAVINGS = "Global capitation with stop-loss", "Shared savings, two-sided"

#: Unit of a printed figure: factor and decimals.
DOLLARS, CENTS, PERCENT = (1.0, 0), (1.0, 3), (100.0, 1)
#: Figure of a results table -> its words and unit, in the order of printing.
FIGURES = {
    "provider_revenue_mean": ("provider revenue, mean", DOLLARS),
    "provider_cost_mean": ("provider cost, mean", DOLLARS),
    "provider_net_mean": ("provider net, mean", DOLLARS),
    "provider_net_sd": ("provider net, standard deviation", DOLLARS),
    "provider_net_quantile_05": ("provider net, worst 1 year in 20", DOLLARS),
    "probability_of_loss": ("chance of a loss, percent", PERCENT),
    "probability_of_more": ("chance of netting more, percent", PERCENT),
    "minimum_cash_mean": ("lowest cash in the year, mean", DOLLARS),
    "payer_spend_mean": ("payer spend, mean", DOLLARS),
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A panel and its care, with the dollars it is expected to use per member per month."""

    table: pd.DataFrame
    panel: ar.Population
    care: ar.Utilization
    expected_pmpm: float


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demonstration.

    Parameters
    ----------
    argv : sequence of str, optional
        Command line without the program's name; by default the real one.

    Returns
    -------
    int
        0.
    """
    started = time.perf_counter()
    asked = _arguments(argv)
    person_years = free_plan()
    case = build(person_years, asked.members)
    _print_calibration(case, person_years)
    recovery = pilot_recovery_pmpm(case)
    arms = arrangements(case, premium_pmpm=recovery[0] * (1.0 + STOP_LOSS_LOADING))
    _print_terms(arms, recovery, sample_recovery_pmpm(person_years))
    study = ar.Study(case.panel, case.care, arms, seed=SEED)
    results = study.run(replicates=asked.replicates, progress=_has("tqdm"))
    _print_results(results)
    _save_pages(results, asked.output)
    print(f"Wall time {time.perf_counter() - started:.1f} s.")
    return 0


def free_plan() -> pd.DataFrame:
    """Full person-years of the free plan, each with its risk score."""
    everybody = ar.datasets.rand_hie()
    free = (everybody["coinsurance_percent"] == 0) & (everybody["individual_deductible"] == 0)
    sample = ar.datasets.full_years(everybody[free])
    return sample.assign(risk_score=ar.datasets.risk_score(sample))


def build(person_years: pd.DataFrame, members: int) -> Case:
    """Calibrate the services and draw a panel of real persons' age, sex and risk score, with replacement."""
    table = ar.datasets.service_lines(person_years)
    rows = np.random.default_rng(SEED).integers(len(person_years), size=members)
    people = person_years[["age", "sex", "risk_score"]].iloc[rows].reset_index(drop=True)
    frailty_cv = ar.datasets.frailty_cv(person_years)
    care = ar.Utilization(
        services=[_service(str(name), line) for name, line in table.iterrows()],
        frailty_cv=frailty_cv,
        fixed_cost_per_month=round(FIXED_COST_PMPM * members, 2),
        assumptions=[*_demo_assumptions.read(table, frailty_cv), *_made_up()],
    )
    per_year = float((table["per_1000"] / 1_000.0 * table["mean_dollars"]).sum())
    expected_pmpm = per_year / MONTHS * float(people["risk_score"].mean())
    return Case(table=table, panel=ar.Population.from_frame(people), care=care, expected_pmpm=expected_pmpm)


def pilot_recovery_pmpm(case: Case) -> tuple[float, float | None]:
    """Estimate the stop-loss recovery per member per month, with its standard error, from its own run."""
    contracts: list[ar.Contract] = [ar.Capitation(pmpm=0.0), _stop_loss(premium_pmpm=0.0)]
    arms: dict[str, list[ar.Contract]] = {"without": contracts[:1], "with": contracts}
    results = ar.Study(case.panel, case.care, arms, seed=PILOT_SEED).run(PILOT_REPLICATES, progress=False)
    recovery = results.values("provider_net", "with") - results.values("provider_net", "without")
    return metrics.mean(recovery / case.panel.member_months)


def sample_recovery_pmpm(person_years: pd.DataFrame) -> metrics.Figure:
    """Work out what the same stop-loss would have recovered on the person-years themselves."""
    above = (ar.datasets.total_dollars(person_years) - ATTACHMENT_POINT).clip(lower=0.0)
    return metrics.mean(np.asarray(CEDED_SHARE * above / MONTHS, dtype=np.float64))


def arrangements(case: Case, *, premium_pmpm: float) -> dict[str, list[ar.Contract]]:
    """Four ways of paying for the same care; terms in whole cents."""
    capitation = ar.Capitation(pmpm=round(case.expected_pmpm * (1.0 + CAPITATION_LOADING), 2))
    shared_savings = ar.SharedSavings(
        benchmark_pmpm=round(case.expected_pmpm, 2),
        basis="allowed",
        **SHARED_SAVINGS_TERMS,
    )
    return {
        FEE_FOR_SERVICE: [ar.FeeForService()],
        CAPITATION: [capitation],
        STOP_LOSS: [capitation, _stop_loss(premium_pmpm=round(premium_pmpm, 2))],
        SHARED_SAVINGS: [ar.FeeForService(), shared_savings],
    }


def _made_up() -> list[ar.Assumption]:
    """Return the costs and terms that no source says, each as what it is."""
    an_event, monthly = "1970s dollars an event", "1970s dollars per member per month"
    costs = {f"{name}: own_cost": (cost, an_event) for name, cost in OWN_COST.items()}
    costs["fixed_cost_per_month, a member"] = (FIXED_COST_PMPM, monthly)
    terms = {
        "capitation above the care that is expected": (CAPITATION_LOADING, "share, 0 to 1"),
        "stop-loss attachment point": (ATTACHMENT_POINT, "1970s dollars a member and year"),
        "stop-loss ceded share": (CEDED_SHARE, "share, 0 to 1"),
        "stop-loss premium above what it recovers in a pilot run": (STOP_LOSS_LOADING, "share, 0 to 1"),
        **{f"shared savings: {name}": (value, "share, 0 to 1") for name, value in SHARED_SAVINGS_TERMS.items()},
    }
    thin = "Made up, so that fee-for-service leaves a thin margin: the data do not say what care costs to give"
    return [
        *_demo_assumptions.made_up(costs, thin),
        *_demo_assumptions.made_up(terms, "Made up: terms of a contract nobody signed"),
    ]


def _service(name: str, line: pd.Series[Any]) -> ar.Service:
    return ar.Service(
        name,
        per_1000=float(line["per_1000"]),
        allowed=ar.LogNormal(mean=float(line["mean_dollars"]), cv=float(line["cv"])),
        own_cost=OWN_COST.get(name, 0.0),
        delivered_by="provider" if name in OWN_COST else "other_providers",
    )


def _stop_loss(*, premium_pmpm: float) -> ar.StopLoss:
    return ar.StopLoss(attachment_point=ATTACHMENT_POINT, ceded_share=CEDED_SHARE, premium_pmpm=premium_pmpm)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m atrisk.demo", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("demo-output"), help="folder of the plots and the report")
    parser.add_argument("--replicates", type=_count, default=10_000, help="simulated years (default 10,000)")
    parser.add_argument("--members", type=_count, default=5_000, help="size of the panel (default 5,000)")
    return parser.parse_args(argv)


def _count(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return int(text)


def _print_calibration(case: Case, person_years: pd.DataFrame) -> None:
    persons = person_years["person_id"].nunique()
    print(f"RAND experiment, free plan: {len(person_years):,} full person-years of {persons:,} persons\n")
    shown = case.table.drop(columns="person_years").rename(columns={"cv_person_years": "cv from"})
    print(shown.rename_axis(None).to_string(float_format="{:,.2f}".format))
    print(f"\n{case.panel!r}")
    print(f"Frailty cv {case.care.frailty_cv:.2f}; expected care {case.expected_pmpm:.2f} per member per month.")
    print("1970s dollars throughout.")


def _print_terms(arms: Mapping[str, Sequence[ar.Contract]], pilot: metrics.Figure, sample: metrics.Figure) -> None:
    print(f"\nStop-loss recovery per member per month: {_pair(*sample, CENTS)} on the person-years themselves,")
    print(f"{_pair(*pilot, CENTS)} in a pilot of {PILOT_REPLICATES:,} simulated years;", end=" ")
    print(f"the premium is {1 + STOP_LOSS_LOADING:.2f} times the pilot's.\n\nArms")
    for name, contracts in arms.items():
        terms = f"{name}: {', '.join(map(_terms, contracts))}"
        print(textwrap.fill(terms, WIDTH, initial_indent="  ", subsequent_indent=" " * 6))
    print(flush=True)


def _terms(contract: ar.Contract) -> str:
    values = [(field, getattr(contract, field.name)) for field in fields(contract)]
    given = ", ".join(f"{field.name}={value}" for field, value in values if value != field.default)
    return f"{type(contract).__name__}({given})"


def _print_results(results: ar.Results) -> None:
    print(f"\n1970s dollars a year over {results.replicates:,} replicates, ± one Monte Carlo standard error\n")
    _print_pairs(results.summary())
    print(f"\nDifference to {FEE_FOR_SERVICE.lower()} in the same years\n")
    _print_pairs(results.compare(FEE_FOR_SERVICE))
    gain = results.values("provider_net", SHARED_SAVINGS) - results.values("provider_net", FEE_FOR_SERVICE)
    earned, owed = (
        _pair(*metrics.probability(hit), PERCENT) for hit in (metrics.cents(gain) > 0, metrics.cents(gain) < 0)
    )
    print("\nNo arm changes care, so what shared savings settles is luck:", end=" ")
    print(f"earned in {earned} % of years, owed in {owed} %.")


def _print_pairs(frame: pd.DataFrame) -> None:
    names = [textwrap.wrap(arm, 18) for arm in frame.index]
    for line in range(max(map(len, names))):
        print(" " * 34 + "".join(f"{name[line] if line < len(name) else '':>21}" for name in names))
    for figure in [name for name in FIGURES if name in frame.columns]:
        words, unit = FIGURES[figure]
        pairs = zip(frame[figure], frame[f"{figure}_se"], strict=True)
        print(f"{words:<34}" + "".join(f"{_pair(value, error, unit):>21}" for value, error in pairs))


def _pair(value: Any, error: Any, unit: tuple[float, int]) -> str:  # noqa: ANN401 - a float or a missing value
    import pandas as pd  # noqa: PLC0415 - keeps the start quick

    scale, digits = unit
    texts = ["-" if pd.isna(number) else f"{scale * number:,.{digits}f}" for number in (value, error)]
    return " ± ".join(texts)


def _save_pages(results: ar.Results, output: Path) -> None:
    if not _has("matplotlib"):
        print("\nNo plots and no report: they need matplotlib (pip install atrisk[plot]).")
        return
    from matplotlib.figure import Figure  # noqa: PLC0415 - an optional dependency

    output.mkdir(parents=True, exist_ok=True)
    plots: dict[str, Callable[..., Axes]] = {
        "exceedance": results.plot.exceedance,
        "exceedance_against_fee_for_service": partial(results.plot.exceedance, relative_to=FEE_FOR_SERVICE),
    }
    print()
    for name, plot in plots.items():
        figure = Figure(figsize=(8, 5), layout="constrained")
        ax = plot(ax=figure.subplots(), unit="1970s dollars")
        ax.set_title(f"{len(results.study.population):,} members, {results.replicates:,} simulated years")
        figure.savefig(output / f"{name}.png", dpi=150)
        print(f"Saved {output / name}.png")
    page = output / "report.html"
    results.report(page, title=TITLE, question=QUESTION, baseline=FEE_FOR_SERVICE, unit="1970s dollars")
    print(f"Saved {page}")


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


if __name__ == "__main__":
    sys.exit(main())
