"""A waterfall: amounts that add up, each standing on the one before."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from matplotlib.axes import Axes

UP, DOWN, SUM = "#2a7f62", "#b3443a", "#4a5568"
WIDTH = 0.65
#: More bars than these have no room for their names side by side.
MOST_LEVEL = 7
NAME_LETTERS, TITLE_LETTERS = 11, 70
#: For the figures beyond the bars, as a part of the height.
ROOM = 0.1
#: From this many units on one decimal is enough.
MANY = 100.0
MOST_DECIMALS = 3


def waterfall(title: str, steps: Sequence[tuple[str, Decimal]], ax: Axes | None = None) -> Axes:
    """Draw amounts in dollars, the last of which is the sum of those before.

    Parameters
    ----------
    title : str
        Printed above.
    steps : sequence of (str, Decimal)
        Words and dollars.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.
    """
    from atrisk.plot import SCALES, axes_of  # noqa: PLC0415 - an optional dependency

    ax = axes_of(ax)
    largest = max((abs(float(amount)) for _, amount in steps), default=0.0)
    scale, word = next(((scale, word) for scale, word in SCALES if largest >= scale), SCALES[-1])
    decimals = 1 if scale > 1.0 and largest >= MANY * scale else 2
    amounts = [float(amount) / scale for _, amount in steps]
    at, ends = 0.0, [0.0]
    for position, amount in enumerate(amounts):
        last = position == len(amounts) - 1
        start = 0.0 if last else at
        colour = SUM if last else UP if amount >= 0 else DOWN
        ax.bar(position, amount, bottom=start, color=colour, width=WIDTH)
        sign = "+" if position > 0 and not last and amount > 0.0 else ""
        _label(ax, position, start, amount, sign + _printed(amount, decimals))
        at = start + amount
        ends.append(at)
        if not last:
            edges = position + WIDTH / 2, position + 1 - WIDTH / 2
            ax.plot(edges, (at, at), color="grey", linewidth=0.8)
    ax.axhline(0.0, color="black", linewidth=0.8)
    _names(ax, [name.replace("_", " ") for name, _ in steps])
    ax.set_title(_in_lines(title), fontsize="medium")
    low, high = min(ends), max(ends)
    if low < high:
        room = ROOM * (high - low)
        ax.set_ylim(low - room if low < 0.0 else 0.0, high + room if high > 0.0 else 0.0)
    ax.set_ylabel(f"{word}dollars")
    ax.yaxis.set_major_formatter("{x:,.10g}")
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _in_lines(title: str) -> str:
    """Return a title whose lines have room above a narrow picture, what follows a colon on its own."""
    return "\n".join(fill(part, TITLE_LETTERS) for part in title.replace(": ", ":\n").splitlines())


def _label(ax: Axes, position: int, start: float, amount: float, text: str) -> None:
    """Write the amount beyond the end of its bar that is further from zero."""
    low, high = sorted((start, start + amount))
    below = low + high < 0.0
    ax.annotate(
        text,
        (position, low if below else high),
        xytext=(0, -3 if below else 3),
        textcoords="offset points",
        ha="center",
        va="top" if below else "bottom",
        fontsize="small",
    )


def _printed(amount: float, decimals: int) -> str:
    """Return an amount with so many decimals, or as many more as a small one needs to be seen."""
    while decimals < MOST_DECIMALS and amount and not round(amount, decimals):
        decimals += 1
    return f"{amount:,.{decimals}f}".replace("-", "−")


def _names(ax: Axes, names: Sequence[str]) -> None:
    """Write what the bars are, side by side where they have room."""
    if len(names) <= MOST_LEVEL:
        ax.set_xticks(range(len(names)), [fill(name, NAME_LETTERS) for name in names])
    else:
        ax.set_xticks(range(len(names)), names, rotation=30, ha="right", rotation_mode="anchor")
