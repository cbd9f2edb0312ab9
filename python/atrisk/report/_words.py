"""Figures and terms in words: what they are called, their units, and as many digits as their errors leave."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any, NamedTuple

MINUS = "\N{MINUS SIGN}"
UNKNOWN = "\N{EN DASH}"
PLUS_MINUS = "\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}"
PERCENT = 100.0
MOST_DECIMALS = 4
WRITTEN_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?(e[-+]?\d+)?", re.IGNORECASE)
MOST_LISTED = 12
MANY = 1_000.0  # from which on nothing after the point is shown
DUST = 1e-9  # part of a figure below which its error is that of sums
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
    value = float(value) * scale
    if missing(error):
        return f"{number(value)}{PLUS_MINUS}unknown"
    error = float(error) * scale
    certain = error <= DUST * abs(value)
    decimals = _decimals(value / PERCENT if certain else error)
    return f"{number(value, decimals)}{PLUS_MINUS}{number(error, decimals)}"


def number(value: float, decimals: int | None = None) -> str:
    """Return a number with thousands and a minus sign; by default with four digits, or all before the point."""
    shown = f"{value:,.{_decimals(value / PERCENT) if decimals is None else decimals}f}"
    nothing = not shown.strip("-0.,")
    return (shown.lstrip("-") if nothing else shown).replace("-", MINUS)


def short(value: float) -> str:
    """Return a number with four digits, or all before the point, and without zeros at its end."""
    return exact(f"{value:.0f}" if abs(value) >= MANY else f"{value:.4g}")


def exact(value: str) -> str:
    """Return a number with all the digits it was written with, and thousands."""
    shown = f"{Decimal(value):,f}"
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown).replace("-", MINUS)


def percent(rate: float) -> str:
    """Return a rate of 0-1 in percent."""
    return f"{short(rate * PERCENT)}\N{NO-BREAK SPACE}%"


def money(amount: str, unit: str) -> str:
    """Return an amount, as it is shown, with its unit: a sign for dollars of any year, which the page names once."""
    if not unit.endswith("dollars"):
        return f"{amount} {unit}"
    return f"{MINUS}${amount.removeprefix(MINUS)}" if amount.startswith(MINUS) else f"${amount}"


def dollars(value: Any, unit: str) -> str:  # noqa: ANN401 - a term of a specification
    """Return a term that is money, in cents where it is not whole."""
    amount = Decimal(str(value))
    cents = amount == amount.quantize(Decimal("0.01")) and amount != amount.to_integral_value()
    return money(f"{amount:,.2f}".replace("-", MINUS) if cents else exact(str(value)), unit)


def _decimals(error: float) -> int:
    if not error:
        return 0
    return min(max(1 - math.floor(math.log10(abs(error))), 0), MOST_DECIMALS)


def shown(value: Any, *, whole: bool = False) -> str:  # noqa: ANN401 - JSON of a specification
    """Return a term of a specification as a reader sees it: with few digits, or with the whole of them."""
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    if isinstance(value, dict):
        return "; ".join(f"{spaced(str(name))} {shown(each, whole=whole)}".strip() for name, each in value.items())
    if isinstance(value, list):
        if len(value) > MOST_LISTED:
            return f"{len(value):,} values"
        return ", ".join(shown(each, whole=whole) for each in value)
    if not WRITTEN_NUMBER.fullmatch(str(value)):
        return str(value)
    return exact(str(value)) if whole else short(float(value))


def spaced(name: str) -> str:
    """Return a low-level name as words."""
    return name.replace("_", " ")


def quoted(name: str) -> str:
    """Return the name of an arm in a sentence, where commas of its own must not divide it."""
    return f"“{name}”"


def together(names: list[str], last: str = "and") -> str:
    """Return names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"
