"""The tables of results: a row for each arm, every figure with its Monte Carlo standard error."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import metrics
from atrisk._errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from atrisk.metrics import Figure
    from atrisk.results import Results

QUANTILE = 0.05
COMPARED = ("provider_net", "provider_revenue", "provider_cost", "payer_spend", "member_cost_share")


def summary_of(results: Results, arm: str, year: int | None) -> dict[str, Figure]:
    """Return the figures of one arm, of one year or of all together."""

    def of(name: str) -> NDArray[np.float64]:
        return results.values(name, arm, year=year)

    def mean(values: NDArray[np.float64]) -> Figure:
        return metrics.mean(values, draws=draws)

    net, spend, months = of("provider_net"), of("payer_spend"), of("member_months")
    draws = results.clusters
    cash = {"minimum_cash_mean": mean(of("minimum_cash"))} if results.cash else {}
    return {
        "provider_revenue_mean": mean(of("provider_revenue")),
        "provider_cost_mean": mean(of("provider_cost")),
        "provider_net_mean": mean(net),
        "provider_net_sd": metrics.standard_deviation(net, draws=draws),
        "provider_net_quantile_05": metrics.quantile(net, QUANTILE, draws=draws),
        "provider_net_tail_mean_05": metrics.lower_tail_mean(net, QUANTILE, draws=draws),
        "provider_net_pmpm": mean(net / months),
        "probability_of_loss": metrics.probability(metrics.cents(net) < 0, draws=draws),
        "payer_spend_mean": mean(spend),
        "payer_spend_pmpm": mean(spend / months),
        "member_cost_share_mean": mean(of("member_cost_share")),
    } | cash


def difference(results: Results, arm: str, baseline: str, year: int | None) -> dict[str, Figure]:
    """Return the paired differences of one arm to a baseline arm."""
    draws = results.clusters

    def paired(name: str) -> NDArray[np.float64]:
        return results.values(name, arm, year=year) - results.values(name, baseline, year=year)

    figures: dict[str, Figure] = {f"{name}_mean": metrics.mean(paired(name), draws=draws) for name in COMPARED}
    figures["provider_net_sd"] = metrics.standard_deviation(paired("provider_net"), draws=draws)
    figures["probability_of_more"] = metrics.probability(metrics.cents(paired("provider_net")) > 0, draws=draws)
    return figures


def table(results: Results, rows: dict[str, dict[str, Figure]]) -> pd.DataFrame:
    """Return figures as a frame, each with its standard error beside it."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    flat = {
        arm: {key: part for name, pair in figures.items() for key, part in zip((name, f"{name}_se"), pair, strict=True)}
        for arm, figures in rows.items()
    }
    frame = pd.DataFrame.from_dict(flat, orient="index")
    frame.index.name = "arm"
    undefined = [name for name in frame.columns if frame[name].isna().any()]
    for name in undefined:
        frame[name] = frame[name].astype("Float64")
    if undefined:
        frame.attrs["missing"] = f"too few replicates ({results.replicates:,}) for {', '.join(undefined)}"
    frame.attrs["replicates"] = results.replicates
    if results.study.uncertain_inputs:
        frame.attrs["parameters"] = results.plan.parameters
    return frame


def probability_of_loss(results: Results, arm: str, horizon: str | int, relative_to: str | None) -> Figure:
    """Return the chance that the provider's net is below zero, as :meth:`Results.probability_of_loss` tells it."""
    if not (horizon in ("total", "any_year") or isinstance(horizon, (int, np.integer))):
        raise InputError("horizon", 'must be "total", "any_year" or a year', repr(horizon))

    def net(year: int | None) -> NDArray[np.float64]:
        base = 0.0 if relative_to is None else results.values("provider_net", relative_to, year=year)
        return metrics.cents(results.values("provider_net", arm, year=year) - base)

    if horizon == "any_year":
        lost = np.any([net(year) < 0 for year in range(1, results.years + 1)], axis=0)
    else:
        lost = net(None if horizon == "total" else int(horizon)) < 0
    return metrics.probability(lost, draws=results.clusters)


def variance_split(
    results: Results, arm: str, figure: str, year: int | None, relative_to: str | None
) -> metrics.VarianceSplit:
    """Return the shares of the variance, as :meth:`Results.variance_split` tells them."""
    if results.draws is None:
        raise InputError("variance_split", "must have nested draws", "none", "run(replicates=500, draws=200)")
    base = 0.0 if relative_to is None else results.values(figure, relative_to, year=year)
    values = results.values(figure, arm, year=year) - base
    return metrics.variance_split(values[: results.draws * (results.plan.inner or 1)], results.draws)


def title(results: Results) -> str:
    """Return in words what was run."""
    members, seed = len(results.study.population), results.spec["seed"]
    numbers = f"replicates: {results.replicates:,} from {results.first:,}"
    years = "1 year" if results.years == 1 else f"{results.years} years"
    inputs = len(results.study.uncertain_inputs)
    known = f", {inputs} uncertain inputs at their means" if inputs else ""
    if results.plan.inputs is not None:
        drawn = f"{results.draws} draws" if results.draws else "a draw for each replicate"
        design = "" if results.plan.design == "plain" else f", {results.plan.design}"
        known = f", uncertain inputs: {inputs} ({drawn}{design})"
    return f"{members:,} members, {years}, arms: {len(results.arms)}, {numbers}, seed {seed}{known}"


def page(results: Results) -> str:
    """Return the summary as a notebook shows it."""
    summary = results.summary()
    names = [name for name in summary.columns if not name.endswith("_se")]
    head = "".join(f"<th>{html.escape(arm)}</th>" for arm in results.arms)
    rows = "".join(
        f"<tr><th>{name}</th>"
        + "".join(f"<td>{_with_error(row[name], row[f'{name}_se'])}</td>" for _, row in summary.iterrows())
        + "</tr>"
        for name in names
    )
    span = "a year" if results.years == 1 else f"over {results.years} years"
    note = f"± one Monte Carlo standard error; dollars {span} unless the name says otherwise"
    return f"<p>{html.escape(title(results))}<br><small>{note}</small></p><table><tr><th></th>{head}</tr>{rows}</table>"


def _with_error(value: Any, error: Any) -> str:  # noqa: ANN401 - a float or a missing value
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if pd.isna(value):
        return "-"
    if pd.isna(error):
        return f"{value:,.2f}"
    digits = 0 if abs(value) >= 10_000 else 2 if abs(value) > 1 else 4  # noqa: PLR2004 - what a person can read
    return f"{value:,.{digits}f} ± {error:,.{digits}f}"
