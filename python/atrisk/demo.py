"""Four ways of paying for the same care, settled on the same years, with care fitted to the RAND experiment.

Usage: ``python -m atrisk.demo [--output DIR] [--replicates 10000] [--members 5000]``
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import textwrap
import time
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import atrisk as ar
from atrisk import _demo_assumptions, _demo_care, metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from atrisk.fit import Estimates, GoodnessOfFit

# Assumptions, in 1970s dollars: the RAND data say what was spent on care, not what giving it cost. These are
# set so that fee-for-service leaves a thin margin, about 2 % of revenue, that bad luck turns into a loss.
# What care costs *other* providers is not asked: it never reaches the provider's account.
OWN_COST = {"physician visits": 10.00, "psychotherapy": 9.00}
FIXED_COST_PMPM = 2.58

# What rates differ by: lower bounds of age bands, and sex.
RELATIVITIES = {"age": (0, 5, 18, 25, 35, 45, 55), "sex": None}

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

SEED, PILOT_SEED, PILOT_REPLICATES = 1976, 1977, 1_000
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

    Raises
    ------
    ImportError
        If SciPy is missing.
    """
    started = time.perf_counter()
    asked = _arguments(argv)
    person_years = free_plan()
    estimates, judged = fit_by_halves(person_years)
    case = build(person_years, estimates, asked.members)
    _print_fit(person_years, estimates, judged)
    _print_case(case)
    recovery = pilot_recovery_pmpm(case)
    arms = arrangements(case, premium_pmpm=recovery[0] * (1.0 + STOP_LOSS_LOADING))
    _print_terms(arms, recovery, sample_recovery_pmpm(person_years))
    study = ar.Study(case.panel, case.care, arms, seed=SEED)
    results = study.run(replicates=asked.replicates, progress=_has("tqdm"))
    _print_results(results)
    _save_pages(results, judged, asked.output)
    print(f"Wall time {time.perf_counter() - started:.1f} s.")
    return 0


def free_plan() -> ar.PersonYears:
    """Full person-years of the free plan."""
    return ar.claims.rand_person_years(coinsurance_percent=0, individual_deductible=0)


def fit_by_halves(person_years: ar.PersonYears) -> tuple[Estimates, GoodnessOfFit]:
    """Fit care to half of the persons, and judge it on the other half."""
    if not _has("scipy"):
        raise ImportError("the demonstration fits its care with SciPy: pip install atrisk[fit]")
    fitted, held_out = person_years.split(0.5, seed=SEED)
    estimates = ar.Utilization.fit(fitted, relativities=RELATIVITIES)
    return estimates, estimates.goodness_of_fit(held_out)


def build(person_years: ar.PersonYears, estimates: Estimates, members: int) -> Case:
    """Put costs onto the fitted care, and draw a panel of real persons' age and sex, with replacement."""
    rows = np.random.default_rng(SEED).integers(len(person_years), size=members)
    people = person_years.frame[["age", "sex"]].iloc[rows].reset_index(drop=True)
    panel = ar.Population.from_frame(people.assign(risk_score=1.0))
    care = replace(
        estimates.utilization,
        services=[_with_costs(service) for service in estimates.utilization.services],
        fixed_cost_per_month=round(FIXED_COST_PMPM * members, 2),
        assumptions=[*_demo_assumptions.fitted(estimates), *_made_up()],
    )
    return Case(panel=panel, care=care, expected_pmpm=_demo_care.expected_pmpm(care, panel))


def pilot_recovery_pmpm(case: Case) -> tuple[float, float | None]:
    """Estimate the stop-loss recovery per member per month, with its standard error, from its own run."""
    contracts: list[ar.Contract] = [ar.Capitation(pmpm=0.0), _stop_loss(premium_pmpm=0.0)]
    arms: dict[str, list[ar.Contract]] = {"without": contracts[:1], "with": contracts}
    results = ar.Study(case.panel, case.care, arms, seed=PILOT_SEED).run(PILOT_REPLICATES, progress=False)
    recovery = results.values("provider_net", "with") - results.values("provider_net", "without")
    return metrics.mean(recovery / case.panel.member_months)


def sample_recovery_pmpm(person_years: ar.PersonYears) -> metrics.Figure:
    """Work out what the same stop-loss would have recovered on the person-years themselves."""
    above = (person_years.dollars - ATTACHMENT_POINT).clip(min=0.0)
    return metrics.mean(CEDED_SHARE * above / MONTHS)


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


def _with_costs(service: ar.Service) -> ar.Service:
    """Return a fitted service with what it costs to give and who gives it."""
    own = service.name in OWN_COST
    return replace(
        service, own_cost=OWN_COST.get(service.name, 0.0), delivered_by="provider" if own else "other_providers"
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


def _print_fit(person_years: ar.PersonYears, estimates: Estimates, judged: GoodnessOfFit) -> None:
    print(f"RAND experiment, free plan: {len(person_years):,} full person-years of {person_years.members:,} persons")
    print(f"Care is fitted to {estimates.members:,} persons and judged on the other {judged.members:,}:", end=" ")
    print(f"{judged.within} of {len(judged.table)} figures of persons\nnot used in the fit are within their bands.\n")
    for note in estimates.notes:
        print(textwrap.fill(note, WIDTH, initial_indent="  - ", subsequent_indent=" " * 4))


def _print_case(case: Case) -> None:
    print(f"\n{_demo_care.table(case.care, case.panel).to_string(float_format='{:,.2f}'.format)}")
    print("Base: the age band, and the sex, with most person-years; their relativities are 1.\n")
    print(_demo_care.shared_frailty(case.care))
    print(f"{case.panel!r}")
    print(f"Expected care {case.expected_pmpm:.2f} per member per month. 1970s dollars throughout.", flush=True)


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


def _save_pages(results: ar.Results, judged: GoodnessOfFit, output: Path) -> None:
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
    results.report(page, title=TITLE, question=QUESTION, baseline=FEE_FOR_SERVICE, fit=judged, unit="1970s dollars")
    print(f"Saved {page}")


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


if __name__ == "__main__":
    sys.exit(main())
