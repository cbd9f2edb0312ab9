"""A waterfall: amounts that add up, each beginning where the one above ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from matplotlib.axes import Axes

UP, DOWN, SUM = "#2a7f62", "#b3443a", "#4a5568"
SHOW_CENTS_BELOW = 1_000


def waterfall(title: str, steps: Sequence[tuple[str, Decimal]], ax: Axes | None = None) -> Axes:
    """Draw amounts in dollars from top to bottom, the last of which is the sum of those before.

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
    cents = 2 if max(map(abs, amounts)) < SHOW_CENTS_BELOW else 0
    starts = [sum(amounts[:position]) for position in range(len(amounts) - 1)] + [0.0]
    for position, (start, amount) in enumerate(zip(starts, amounts, strict=True)):
        last = position == len(amounts) - 1
        ax.barh(position, amount, left=start, height=0.6, color=SUM if last else UP if amount >= 0 else DOWN)
        if not last:
            ax.plot([start + amount] * 2, [position, position + 1], color="black", linewidth=0.6, alpha=0.5)
        at = (max(start, start + amount), position)
        ax.annotate(
            dollars(amount, cents),
            at,
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            bbox={"color": "white", "alpha": 0.8, "pad": 0.5},
        )
    ax.axvline(0.0, color="black", linewidth=0.8)
    ax.set_yticks(range(len(steps)), [name.replace("_", " ") for name, _ in steps])
    ax.set_xlabel("dollars")
    ax.xaxis.set_major_formatter(lambda value, _: dollars(value, cents))
    ax.locator_params(axis="x", nbins=6)
    ax.set_title(title, loc="left")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="x", alpha=0.3)
    ax.set_axisbelow(True)
    ends = [0.0, *(start + amount for start, amount in zip(starts, amounts, strict=True))]
    low, high = min(ends), max(ends)
    room = (high - low or 1.0) * 0.05
    ax.set_xlim(low - room, high + 3 * room)
    ax.set_ylim(len(steps) - 0.5, -0.5)
    return ax


def dollars(amount: float, cents: int = 0) -> str:
    """Return an amount as a person reads it."""
    return f"{amount:,.{cents}f}".replace("-", "\N{MINUS SIGN}")
