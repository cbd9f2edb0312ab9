"""Pictures of results, as matplotlib axes that can be drawn into and drawn on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from atrisk.results import Results

SCALES = ((1e6, "million "), (1e3, "thousand "), (1.0, ""))

Curve = tuple[int, str, "NDArray[np.float64]"]


class Plot:
    """The pictures of a result; needs matplotlib (``pip install atrisk[plot]``).

    An arm has the same colour in every picture.
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
        results = self._results
        base = 0.0 if relative_to is None else results.values("provider_net", relative_to)
        arms = [(index, arm) for index, arm in enumerate(results.arms) if arm != relative_to]
        curves = [(index, arm, results.values("provider_net", arm) - base) for index, arm in arms]
        span = "a year" if results.years == 1 else f"{results.years} years"
        label = f"provider net of {span}" + ("" if relative_to is None else f", less that under {relative_to}")
        return _exceedance(axes_of(ax), curves, label, unit)


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
    largest = max((float(np.abs(dollars).max()) for _, _, dollars in curves), default=0.0)
    scale, word = next(((scale, word) for scale, word in SCALES if largest >= scale), SCALES[-1])
    for index, arm, dollars in curves:
        ordered = np.sort(dollars) / scale
        chance = 1.0 - np.arange(len(ordered)) / len(ordered)
        ax.step(ordered, chance, where="pre", label=arm, color=f"C{index}")
    ax.axvline(0.0, color="black", linewidth=0.8)
    ax.set(xlabel=f"{label} ({word}{unit})", ylabel="chance of at least as much", ylim=(0.0, 1.0))
    ax.grid(alpha=0.3)
    if curves:
        ax.legend(frameon=False)
    return ax
