"""What was found, in sentences that are made from the figures, and the tables they are taken from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atrisk.report import _html
from atrisk.report._words import (
    CERTAIN,
    DIFFERENCES,
    FIGURES,
    HEALTH,
    PERCENT,
    Words,
    missing,
    money,
    pair,
    quoted,
    spaced,
    together,
)

if TYPE_CHECKING:
    import pandas as pd

    from atrisk.report._facts import Facts

COLUMNS = 4  # arms side by side that a page has room for
YEARLY = ("provider_net_mean", "probability_of_loss", "payer_spend_mean")
NOT_TOLD = "that it is not told from luck by these replicates"


def sentences(facts: Facts) -> list[str]:
    """Return the findings: the provider's net, the chance of a loss, and the difference to the baseline."""
    said = [_net(facts), _loss(facts)]
    return said + ([_difference(facts)] if facts.others else [])


def _net(facts: Facts) -> str:
    summary = facts.summary
    order = list(summary["provider_net_mean"].sort_values(ascending=False, kind="stable").index)
    each = [f"{money(_of(summary, arm, 'provider_net_mean'), facts.money)} under {quoted(arm)}" for arm in order]
    return f"The provider nets, on average {facts.span}, {together(each)}."


def _loss(facts: Facts) -> str:
    summary = facts.summary
    order = list(summary["probability_of_loss"].sort_values(kind="stable").index)
    each = [
        f"{_of(summary, arm, 'probability_of_loss', PERCENT)}\N{NO-BREAK SPACE}% under {quoted(arm)}" for arm in order
    ]
    return f"The chance that the provider loses money {facts.span} is {together(each)}."


def _difference(facts: Facts) -> str:
    compared = facts.compared
    parts = []
    for arm in facts.others:
        value, error = _figure(compared, arm, "provider_net_mean")
        open_ = missing(error) or abs(value) <= CERTAIN * error
        way = "changes" if open_ else "raises" if value > 0 else "lowers"
        amount = money(pair(value if open_ else abs(value), error), facts.money)
        doubt = f" (so little {NOT_TOLD})" if open_ else ""
        parts.append(f"{quoted(arm)} {way} the provider's net by {amount}{doubt}")
    return f"Against {quoted(facts.baseline)}, in the same simulated years, {together(parts)}."


def _of(frame: pd.DataFrame, arm: str, figure: str, scale: float = 1.0) -> str:
    return pair(*_figure(frame, arm, figure), scale)


def _figure(frame: pd.DataFrame, arm: str, figure: str) -> tuple[Any, Any]:
    """Return a figure of an arm and its standard error."""
    return frame.loc[arm, figure], frame.loc[arm, f"{figure}_se"]


def results(facts: Facts) -> list[str]:
    """Return the table of results by arm, and the years where there are several."""
    caption = f"Results {facts.span}, ± one Monte Carlo standard error"
    parts = _by_arm(caption, facts, facts.summary, FIGURES)
    if facts.results.years > 1:
        parts += _by_year(facts)
    return parts + _health(facts)


def comparison(facts: Facts) -> list[str]:
    """Return the table of paired differences."""
    if not facts.others:
        return [_html.paragraph("There is one arm alone, and nothing to compare it with.")]
    caption = f"Differences to {facts.baseline} {facts.span}, in the same replicates, ± one Monte Carlo standard error"
    return _by_arm(caption, facts, facts.compared, DIFFERENCES)


def _by_arm(caption: str, facts: Facts, frame: pd.DataFrame, words: dict[str, Words]) -> list[str]:
    """Return tables with a column for each arm, as many beside each other as a page has room for."""
    known = {name: of for name, of in words.items() if name in frame.columns}
    tables = []
    for some, more in _blocks(list(frame.index)):
        rows = [
            (of.name, of.unit.format(money=facts.money), *(_of(frame, arm, name, of.scale) for arm in some))
            for name, of in known.items()
        ]
        tables.append(_html.table(caption + more, ("figure", "unit", *some), rows, numbers=range(2, 2 + len(some))))
    return tables


def _by_year(facts: Facts) -> list[str]:
    """Return a table for each of the figures that are looked at by year."""
    years = {year: facts.results.summary(year=year) for year in range(1, facts.results.years + 1)}
    tables = []
    for name in YEARLY:
        of = FIGURES[name]
        caption = f"By performance year: {of.name} ({of.unit.format(money=facts.money)})"
        for some, more in _blocks(facts.arms):
            rows = [
                (f"year {year}", *(_of(frame, arm, name, of.scale) for arm in some)) for year, frame in years.items()
            ]
            head = ("year", *some)
            tables.append(_html.table(caption + more, head, rows, numbers=range(1, len(head))))
    return tables


def _blocks(arms: list[str]) -> list[tuple[list[str], str]]:
    """Divide arms into as many as a page has room for, side by side, with what a caption says of the later ones."""
    starts = range(0, len(arms), COLUMNS)
    return [(arms[start : start + COLUMNS], " (continued)" if start else "") for start in starts]


def _health(facts: Facts) -> list[str]:
    """Return outcomes and measures by arm, where any are looked at."""
    tables = []
    for kind in ("outcomes", "measures"):
        if not facts.spec[kind]:
            continue
        frame = facts.results.outcomes() if kind == "outcomes" else facts.results.measures()
        words = {}
        for each in facts.spec[kind]:
            for end, of in HEALTH.items():
                words[f"{each['name']}{end}"] = of._replace(name=f"{each['name']}: {of.name}")
        tables += _by_arm(
            f"{spaced(kind).capitalize()} {facts.span}, ± one Monte Carlo standard error", facts, frame, words
        )
    return tables
