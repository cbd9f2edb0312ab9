"""Pictures of results, as matplotlib axes that can be drawn into and drawn on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._kept import MONTHS_OF_A_YEAR
from atrisk._spec import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.text import Text
    from numpy.typing import NDArray

    from atrisk.results import Results

    Curve = tuple[int, str, NDArray[np.float64]]

SCALES = ((1e6, "million "), (1e3, "thousand "), (1.0, ""))
#: Dashes by which lines are told apart where colours are not.
DASHES = ("-", "--", ":", "-.", (0, (8, 2, 1, 2, 1, 2)), (0, (1, 3)), (0, (10, 4)), (0, (3, 1, 1, 1)))
COLOURS = 10  # of the cycle C0 to C9
BINS = 80
#: Replicates either side of which 1 in 20 is left out, and the line between is drawn.
ENDS = (0.05, 0.95)
ROW_HEIGHT = 0.75
LETTERS = 28  # of a name on one line
#: Percentiles of cash: the edges of the light and the dark part of its fan, and what is between them.
FAN = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST_TICKS = 13  # of an axis of months


class Plot:
    """The pictures of a result; needs matplotlib (``pip install atrisk[plot]``).

    An arm has the same colour and the same dashes in every picture.
    """

    def __init__(self, results: Results) -> None:
        self._results = results

    def exceedance(self, *, ax: Axes | None = None, relative_to: str | None = None, unit: str = "dollars") -> Axes:
        """Draw the chance that the provider's net over the years is at least as much, by arm.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure.
        relative_to : str, optional
            Name of an arm whose net is taken off, replicate by replicate; by default none.
        unit : str, default "dollars"
            Words for the unit of money.

        Returns
        -------
        matplotlib.axes.Axes
        """
        return _exceedance(axes_of(ax), self._curves(relative_to), self._label(relative_to), unit)

    def distribution(self, *, ax: Axes | None = None, relative_to: str | None = None, unit: str = "dollars") -> Axes:
        """Draw how the provider's net over the years is distributed, a row for each arm.

        A row is a histogram, as high as its highest bar, on a line from the 5th to the 95th percentile with a dot at
        the mean.

        Parameters
        ----------
        ax, relative_to, unit
            As :meth:`exceedance` takes them.

        Returns
        -------
        matplotlib.axes.Axes
        """
        return _distribution(axes_of(ax), self._curves(relative_to), self._label(relative_to), unit)

    def difference(self, baseline: str, *, ax: Axes | None = None, unit: str = "dollars") -> Axes:
        """Draw how much more or less the provider nets than under a baseline arm, replicate by replicate.

        Parameters
        ----------
        baseline : str
            Name of the arm to compare with.
        ax, unit
            As :meth:`exceedance` takes them.

        Returns
        -------
        matplotlib.axes.Axes
        """
        return self.distribution(ax=ax, relative_to=baseline, unit=unit)

    def cash(
        self,
        arm: str | None = None,
        *,
        opening_cash: float = 0.0,
        credit_limit: float | None = None,
        ax: Axes | None = None,
        unit: str = "dollars",
    ) -> Axes:
        """Draw the provider's cash at the end of each month as a fan, after a run with ``keep="months"``.

        Dark is half of the replicates about the median, light nine in ten. The trough is marked where the 5th
        percentile is lowest, with its dollars and month. The lowest month of a replicate may be another one: the cash
        that is enough in 19 of 20 is the 5th percentile of ``values("minimum_cash", arm)``, which lies at or below it.
        A dotted line ends the last performance year; after it nothing moves but bills and settlements of the years.

        Parameters
        ----------
        arm : str, optional
            Name of an arm; by default the first.
        opening_cash : float, default 0
            Dollars of cash before month 1, below zero a debt, from which the fan begins.
        credit_limit : float, optional
            Dollars that can be borrowed, at least 0: a dashed line so far below zero; by default none.
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure.
        unit : str, default "dollars"
            Words for the unit of money.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        InputError
            If months were not kept, there is no such arm, or a number of dollars is none.
        """
        arm = self._results.arms[0] if arm is None else arm
        opening = plain("cash.opening_cash", opening_cash)
        limit = None if credit_limit is None else plain("cash.credit_limit", credit_limit)
        if limit is not None and limit < 0:
            hint = "dollars that can be borrowed, without a sign"
            raise InputError("cash.credit_limit", "must be at least 0", f"{limit:.10g}", hint)
        return _cash(axes_of(ax), arm, self._results, (opening, limit, unit))

    def _curves(self, relative_to: str | None) -> list[Curve]:
        """Return the net of every replicate, by arm, with the number of the arm."""
        results = self._results
        base = 0.0 if relative_to is None else results.values("provider_net", relative_to)
        arms = [(index, arm) for index, arm in enumerate(results.arms) if arm != relative_to]
        return [(index, arm, results.values("provider_net", arm) - base) for index, arm in arms]

    def _label(self, relative_to: str | None) -> str:
        span = "a year" if self._results.years == 1 else f"{self._results.years} years"
        return f"provider net of {span}" + ("" if relative_to is None else f", less that under {relative_to}")


def axes_of(ax: Axes | None) -> Axes:
    """Return the axes that were given, or new ones."""
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as plt  # noqa: PLC0415 - an optional dependency
    except ImportError:
        message = "plots need matplotlib: pip install atrisk[plot]"
        raise ImportError(message) from None
    return plt.subplots(figsize=(8, 5), layout="constrained")[1]


def _exceedance(ax: Axes, curves: Sequence[Curve], label: str, unit: str) -> Axes:
    """Draw a curve per arm: the share of replicates with at least as many dollars."""
    scale, word = _scale(curves)
    lines = []
    for index, arm, dollars in curves:
        ordered = np.sort(dollars) / scale
        chance = 1.0 - np.arange(len(ordered)) / len(ordered)
        style: dict[str, Any] = {"color": _colour(index), "linestyle": DASHES[index % len(DASHES)]}
        lines += ax.step(ordered, chance, where="pre", label=arm, **style)
    ax.axvline(0.0, color="black", linewidth=0.8)
    ax.set(ylabel="chance of at least as much", ylim=(0.0, 1.0))
    _literal(ax.set_xlabel(f"{label} ({word}{unit})"))
    ax.xaxis.set_major_formatter("{x:,.10g}")
    ax.grid(alpha=0.3)
    if curves:
        # A legend leaves out names that begin with an underscore, unless they come in later.
        legend = ax.legend(lines, [""] * len(lines), frameon=False, handlelength=3.5)
        for text, (_, arm, _) in zip(legend.get_texts(), curves, strict=True):
            text.set_text(arm)
            _literal(text)
    return ax


def _distribution(ax: Axes, curves: Sequence[Curve], label: str, unit: str) -> Axes:
    """Draw a histogram per arm, one below the other."""
    scale, word = _scale(curves)
    for row, (index, _, dollars) in enumerate(curves):
        _row(ax, row, dollars / scale, _colour(index))
    ax.axvline(0.0, color="black", linewidth=0.8)
    ax.set_yticks(range(len(curves)), [_in_lines(arm) for _, arm, _ in curves])
    for text in ax.get_yticklabels():
        _literal(text)
    ax.set_ylim(max(len(curves) - 0.5, 0.5), -0.9)
    _literal(ax.set_xlabel(f"{label} ({word}{unit})"))
    ax.xaxis.set_major_formatter("{x:,.10g}")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", alpha=0.3)
    ax.set_axisbelow(True)
    return ax


def _row(ax: Axes, row: int, values: NDArray[np.float64], colour: str) -> None:
    """Draw a histogram that stands on its row, and below it what is likely."""
    counts, edges = np.histogram(values, bins=min(BINS, max(len(values) // 10, 1)))
    tops = np.append(counts, counts[-1]) / counts.max() * ROW_HEIGHT
    ax.fill_between(edges, row - tops, row, step="post", color=colour, alpha=0.35, linewidth=0)
    ax.step(edges, row - tops, where="post", color=colour, linewidth=0.8)
    low, high = np.quantile(values, ENDS)
    ax.plot([low, high], [row + 0.06] * 2, color="black", linewidth=2.0, solid_capstyle="butt")
    ax.plot(float(values.mean()), row + 0.06, color="white", marker="o", markeredgecolor="black", markersize=6)


def _cash(ax: Axes, arm: str, results: Results, terms: tuple[float, float | None, str]) -> Axes:
    """Draw percentiles of the month-end balance, and what they are to be read against."""
    opening, limit, unit = terms
    balance = opening + results.cash_balance(arm)
    index = results.arms.index(arm)
    scale, word = _scale([(index, arm, balance)])
    months = np.arange(balance.shape[1] + 1)
    lowest, low, median, high, highest = (
        np.concatenate([[opening], np.quantile(balance, part, axis=0)]) / scale for part in FAN
    )
    colour = _colour(index)
    ax.fill_between(months, lowest, highest, color=colour, alpha=0.2, linewidth=0, label="5th to 95th percentile")
    ax.fill_between(months, low, high, color=colour, alpha=0.4, linewidth=0, label="25th to 75th percentile")
    ax.plot(months, median, color="black", linewidth=1.5, label="median")
    _trough(ax, months, lowest, (scale, unit))
    ax.axhline(0.0, color="black", linewidth=0.8)
    if limit is not None:
        ax.axhline(-limit / scale, color="black", linewidth=1.2, linestyle=DASHES[1], label="limit of credit")
    ends = results.years * MONTHS_OF_A_YEAR
    if months[-1] > ends:
        ax.axvline(ends, color="black", linewidth=1.2, linestyle=DASHES[2], label=f"end of year {results.years}")
    ax.set(xlabel="end of month, counted from the first performance year", xlim=(0, months[-1]))
    ax.set_xticks(range(0, len(months), _months_between_ticks(len(months))))
    ax.margins(y=0.12)
    _literal(ax.set_ylabel(f"cash of the provider ({word}{unit})"))
    ax.yaxis.set_major_formatter("{x:,.10g}")
    _literal(ax.set_title(arm))
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    return ax


def _trough(ax: Axes, months: NDArray[np.int_], lowest: NDArray[np.float64], terms: tuple[float, str]) -> None:
    """Mark where a curve is lowest, and write how much that is and when, within the axes."""
    scale, unit = terms
    at = int(lowest.argmin())
    ax.plot(at, lowest[at], marker="v", color="black", linestyle="none", label="lowest 5th percentile")
    side = "left" if at < months[-1] / 4 else "right" if at > months[-1] * 3 / 4 else "center"
    text = f"{lowest[at] * scale:,.0f} {unit}, month {at}"
    behind = {"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1}
    place: dict[str, Any] = {"xytext": (0, -9), "textcoords": "offset points", "ha": side, "va": "top"}
    _literal(ax.annotate(text, (at, lowest[at]), bbox=behind, **place))


def _months_between_ticks(months: int) -> int:
    """Return a part of a year, or years, so that the ticks are no more than a dozen or so."""
    return next((step for step in (1, 3, 6, 12, 24) if months <= MOST_TICKS * step), 48)


def _scale(curves: Sequence[Curve]) -> tuple[float, str]:
    """Return the unit that keeps the digits of an axis few, and its word."""
    largest = max((float(np.abs(dollars).max()) for _, _, dollars in curves), default=0.0)
    return next(((scale, word) for scale, word in SCALES if largest >= scale), SCALES[-1])


def _colour(index: int) -> str:
    return f"C{index % COLOURS}"


def _in_lines(name: str) -> str:
    from textwrap import wrap  # noqa: PLC0415 - only where it is drawn

    return "\n".join(wrap(name, LETTERS, break_on_hyphens=False)) or name


def _literal(text: Text) -> None:
    """Show dollar signs of names as they are, and no formulas."""
    text.set_parse_math(False)
