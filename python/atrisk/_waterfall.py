"""A waterfall: amounts that add up, each beginning where the one above ended."""

from __future__ import annotations

from itertools import accumulate
from textwrap import fill
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from matplotlib.axes import Axes

UP, DOWN, SUM = "#2a7f62", "#b3443a", "#4a5568"
TITLE_LETTERS = 80
#: From this many units on one decimal is enough.
MANY = 100.0
MOST_DECIMALS = 3


def waterfall(title: str, steps: Sequence[tuple[str, Decimal]], ax: Axes | None = None) -> Axes:
    """Draw amounts of dollars from top to bottom, the last of which is the sum of those before.

    Parameters
    ----------
    title : str
        Printed above.
    steps : sequence of (str, Decimal)
        Words and dollars; what comes to nothing is left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.
    """
    from atrisk.plot import SCALES, axes_of  # noqa: PLC0415 - an optional dependency

    ax = axes_of(ax)
    *parts, last_step = steps
    steps = [*(part for part in parts if part[1]), last_step]
    largest = max((abs(float(amount)) for _, amount in steps), default=0.0)
    scale, word = next(((scale, word) for scale, word in SCALES if largest >= scale), SCALES[-1])
    decimals = 1 if scale > 1.0 and largest >= MANY * scale else 2
    amounts = [float(amount) / scale for _, amount in steps]
    # The sum begins anew at nothing.
    starts = [*accumulate(amounts[:-2], initial=0.0), 0.0][-len(amounts) :]
    for position, (start, amount) in enumerate(zip(starts, amounts, strict=True)):
        last = position == len(amounts) - 1
        ax.barh(position, amount, left=start, height=0.6, color=SUM if last else UP if amount >= 0 else DOWN)
        if not last:
            ax.plot([start + amount] * 2, [position, position + 1], color="black", linewidth=0.6, alpha=0.5)
        sign = "+" if position > 0 and not last and amount > 0.0 else ""
        _label(ax, position, max(start, start + amount), sign + _printed(amount, decimals))
    ax.axvline(0.0, color="black", linewidth=0.8)
    ax.set_yticks(range(len(steps)), [name.replace("_", " ") for name, _ in steps])
    ax.set_ylim(len(steps) - 0.5, -0.5)
    ends = [0.0, *(start + amount for start, amount in zip(starts, amounts, strict=True))]
    room = (max(ends) - min(ends) or 1.0) * 0.05
    ax.set_xlim(min(ends) - room, max(ends) + 3 * room)
    ax.set_xlabel(f"{word}dollars")
    ax.xaxis.set_major_formatter("{x:,.10g}")
    ax.locator_params(axis="x", nbins=6)
    ax.set_title(_in_lines(title), loc="left", fontsize="medium")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="x", alpha=0.3)
    ax.set_axisbelow(True)
    return ax


def _label(ax: Axes, position: int, end: float, text: str) -> None:
    """Write a figure beyond the right end of its bar."""
    box = {"color": "white", "alpha": 0.8, "pad": 0.5}
    ax.annotate(text, (end, position), xytext=(5, 0), textcoords="offset points", va="center", bbox=box)


def _in_lines(title: str) -> str:
    """Return a title whose lines have room above a narrow picture, what follows a colon on its own."""
    return "\n".join(fill(part, TITLE_LETTERS) for part in title.replace(": ", ":\n").splitlines())


def _printed(amount: float, decimals: int) -> str:
    """Return an amount with so many decimals, or as many more as a small one needs to be seen."""
    while decimals < MOST_DECIMALS and amount and not round(amount, decimals):
        decimals += 1
    return f"{amount:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")
