"""Figures and terms in words: what they are called, their units, and as many digits as their errors leave."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

MINUS = "\N{MINUS SIGN}"
UNKNOWN = "\N{EN DASH}"
PERCENT = 100.0
MOST_DECIMALS = 4
CERTAIN = 1.96  # standard errors beyond which a difference is told from luck, 95 times in 100


class Words(NamedTuple):
    """What a figure is called, its unit ("" stands for money) and what it is multiplied with to be shown."""

    name: str
    unit: str
    scale: float = 1.0


#: Of ``results.summary()``; {money} is the unit of money.
FIGURES = {
    "provider_revenue_mean": Words("provider revenue, mean", "{money}"),
    "provider_cost_mean": Words("provider cost, mean", "{money}"),
    "provider_net_mean": Words("provider net, mean", "{money}"),
    "provider_net_sd": Words("provider net, standard deviation", "{money}"),
    "provider_net_quantile_05": Words("provider net, 5th percentile: 1 in 20 is worse", "{money}"),
    "provider_net_tail_mean_05": Words("provider net, mean of the worst 1 in 20", "{money}"),
    "provider_net_pmpm": Words("provider net", "{money} per member per month"),
    "probability_of_loss": Words("chance of a loss", "%", PERCENT),
    "payer_spend_mean": Words("payer spend, mean", "{money}"),
    "payer_spend_pmpm": Words("payer spend", "{money} per member per month"),
    "member_cost_share_mean": Words("member cost share, mean", "{money}"),
    "minimum_cash_mean": Words("lowest month-end cash, mean", "{money}"),
}
#: Of ``results.compare()``: of the arm less the baseline.
DIFFERENCES = {
    "provider_net_mean": Words("provider net, mean", "{money}"),
    "provider_net_sd": Words("provider net, standard deviation of the difference", "{money}"),
    "probability_of_more": Words("chance that the provider nets more", "%", PERCENT),
    "provider_revenue_mean": Words("provider revenue, mean", "{money}"),
    "provider_cost_mean": Words("provider cost, mean", "{money}"),
    "payer_spend_mean": Words("payer spend, mean", "{money}"),
    "member_cost_share_mean": Words("member cost share, mean", "{money}"),
}
MEMBER_YEARS = "per 1,000 member-years"
#: Of ``results.outcomes()`` and ``results.measures()``, by the end of their names.
HEALTH = {
    "_per_1000": Words("events", MEMBER_YEARS),
    "_rate": Words("rate found", "%", PERCENT),
    "_rate_sd": Words("rate found, standard deviation", "percentage points", PERCENT),
    "_eligible": Words("eligible members, all years", "members"),
    "_score": Words("score in the last year, mean", "0 to 1"),
}


def missing(value: Any) -> bool:  # noqa: ANN401 - a float or a missing value
    """Say whether a figure is not known."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    return value is None or bool(pd.isna(value))


def pair(value: Any, error: Any, scale: float = 1.0) -> str:  # noqa: ANN401 - floats or missing values
    """Return a figure ± its standard error, which has two digits, or whole units where it is large."""
    if missing(value):
        return UNKNOWN
    if missing(error):
        return f"{number(float(value) * scale)} ± unknown"
    decimals = _decimals(float(error) * scale) if error else _decimals(float(value) * scale / PERCENT)
    return f"{number(float(value) * scale, decimals)} ± {number(float(error) * scale, decimals)}"


def number(value: float, decimals: int | None = None) -> str:
    """Return a number with thousands and a minus sign; without decimals given, with four digits or all before the point."""
    if decimals is None:
        decimals = _decimals(value / PERCENT)
    shown = f"{value:,.{decimals}f}"
    nothing = not shown.strip("-0.,")
    return (shown.lstrip("-") if nothing else shown).replace("-", MINUS)


def short(value: float) -> str:
    """Return a number without zeros at its end."""
    shown = number(value, MOST_DECIMALS)
    return shown.rstrip("0").rstrip(".")


def percent(rate: float) -> str:
    """Return a rate of 0-1 in percent."""
    return f"{short(rate * PERCENT)} %"


def _decimals(error: float) -> int:
    if not error:
        return 0
    return min(max(1 - math.floor(math.log10(abs(error))), 0), MOST_DECIMALS)


def shown(value: Any) -> str:  # noqa: ANN401 - JSON of a specification
    """Return a term of a specification as a reader sees it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{spaced(name)} {shown(each)}".strip() for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(shown, value)) if len(value) <= MOST_LISTED else f"{len(value):,} values"
    try:
        return short(float(value))
    except ValueError:
        return str(value)


MOST_LISTED = 12


def spaced(name: str) -> str:
    """Return a low-level name as words."""
    return name.replace("_", " ")


def together(names: list[str], last: str = "and") -> str:
    """Return names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"
