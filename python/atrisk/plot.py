"""Pictures of results, as matplotlib axes that can be drawn into and drawn on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from atrisk.results import Results

MILLION = 1e6


class Plot:
    """The pictures of a result; needs matplotlib (``pip install atrisk[plot]``)."""

    def __init__(self, results: Results) -> None:
        self._results = results

    def provider_net(self, ax: Axes | None = None, *, unit: str = "dollars") -> Axes:
        """Draw the chance that the provider's net of a year is at least as much, by arm.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure.
        unit : str, default "dollars"
            Words for the unit of money.

        Returns
        -------
        matplotlib.axes.Axes
        """
        ax = _axes(ax)
        for arm in self._results.arms:
            _exceedance(ax, self._results.values("provider_net", arm), arm)
        return _finish(ax, f"provider net of a year (million {unit})", "chance of at least as much")

    def margin_against(self, baseline: str, ax: Axes | None = None, *, unit: str = "dollars") -> Axes:
        """Draw the chance that the provider nets at least as much more than under a baseline arm, paired.

        Parameters
        ----------
        baseline : str
            Name of the arm to compare with.
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure.
        unit : str, default "dollars"
            Words for the unit of money.

        Returns
        -------
        matplotlib.axes.Axes
        """
        ax = _axes(ax)
        base = self._results.values("provider_net", baseline)
        for arm in self._results.arms:
            if arm == baseline:
                next(ax._get_lines.prop_cycler, None) if hasattr(ax._get_lines, "prop_cycler") else None
                continue
            _exceedance(ax, self._results.values("provider_net", arm) - base, arm)
        label = f"provider net of a year, less that under {baseline} (million {unit})"
        return _finish(ax, label, "chance of at least as much")


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as plt  # noqa: PLC0415 - an optional dependency
    except ImportError:
        message = "plots need matplotlib: pip install atrisk[plot]"
        raise ImportError(message) from None
    return plt.subplots(figsize=(8, 5), layout="constrained")[1]


def _exceedance(ax: Axes, dollars: NDArray[np.float64], label: str) -> None:
    ordered = np.sort(dollars) / MILLION
    chance = 1.0 - np.arange(len(ordered)) / len(ordered)
    ax.step(ordered, chance, where="post", label=label)


def _finish(ax: Axes, x_label: str, y_label: str) -> Axes:
    ax.axvline(0.0, color="black", linewidth=0.8)
    ax.set(xlabel=x_label, ylabel=y_label, ylim=(0.0, 1.0))
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    return ax
