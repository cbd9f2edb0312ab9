"""A waterfall: amounts that add up, each standing on the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from matplotlib.axes import Axes

UP, DOWN, SUM = "#2a7f62", "#b3443a", "#4a5568"


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
    from atrisk.plot import axes_of  # noqa: PLC0415 - an optional dependency

    ax = axes_of(ax)
    amounts = [float(amount) for _, amount in steps]
    at = 0.0
    for position, amount in enumerate(amounts):
        last = position == len(amounts) - 1
        start = 0.0 if last else at
        colour = SUM if last else UP if amount >= 0 else DOWN
        ax.bar(position, amount, bottom=start, color=colour, width=0.65)
        ax.annotate(
            f"{amount:,.0f}",
            (position, max(start, start + amount)),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            fontsize="small",
        )
        at = start + amount
    ax.axhline(0.0, color="black", linewidth=0.8)
    ax.set_xticks(range(len(steps)), [name.replace("_", " ") for name, _ in steps], rotation=20, ha="right")
    ax.set_title(title)
    ax.margins(y=0.12)
    ax.set_ylabel("dollars")
    ax.yaxis.set_major_formatter("{x:,.0f}")
    return ax
