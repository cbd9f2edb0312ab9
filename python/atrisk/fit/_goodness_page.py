"""One page that shows data beside model, readable in black and white."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from atrisk.fit._goodness import GoodnessOfFit

A4 = (8.27, 11.69)  # inches
ERRORS = 1.96  # standard errors of a bar, which then holds 95 % of samples
PERCENT = 100.0
LINE, LINES = 62, 11  # characters of a line of the notes, and lines
SMALL = {"font.size": 7.5, "axes.titlesize": 8.5, "legend.fontsize": 7.0, "hatch.linewidth": 0.6}
SLANTED = 7  # names that have room when slanted
LARGE = 3.0  # from which on variances are drawn on a logarithmic scale
MOST = 12  # relative variances and covariances that have room
DATA: dict[str, Any] = {"color": "black", "elinewidth": 0.9, "capsize": 2.0}
MODEL: dict[str, Any] = {"color": "0.45", "elinewidth": 0.9, "capsize": 2.0, "markerfacecolor": "white"}
MARKS = (("o", "-"), ("s", "--"), ("^", ":"))


def page(fit: GoodnessOfFit) -> Figure:
    """Draw the page: data dark and filled, model hatched or hollow; error bars hold 95 % of samples."""
    try:
        import matplotlib as mpl  # noqa: PLC0415 - an optional dependency
        from matplotlib.layout_engine import ConstrainedLayoutEngine  # noqa: PLC0415 - an optional dependency

        from atrisk.fit._goodness_shown import Shown  # noqa: PLC0415 - made of matplotlib
    except ImportError:
        message = "plots need matplotlib: pip install atrisk[plot]"
        raise ImportError(message) from None
    with mpl.rc_context(SMALL):  # type: ignore[arg-type] # names of any kind
        figure = Shown(figsize=A4, layout=ConstrainedLayoutEngine(h_pad=0.08, w_pad=0.08))
        axes = figure.subplots(4, 2).ravel()
        kinds = dict(iter(fit.details.groupby("kind", sort=False)))
        empty = fit.details.iloc[:0]
        drawn = (_top, _unused, _exceedance, _quantiles, _lags, _relative, _excess)
        shown = ("top", "unused", "exceedance", "quantile", "lag", "relative", "excess")
        for ax, draw, kind in zip(axes, drawn, shown, strict=False):
            draw(ax, kinds.get(kind, empty))
            ax.grid(alpha=0.25)
            ax.set_axisbelow(True)
        _words(axes[-1], fit)
        size = f"{fit.person_years:,} person-years of {fit.members:,} members, {fit.replicates} replicates"
        bars = (
            "error bars hold 95 % of samples, of the data by a bootstrap over persons, of the model by its replicates"
        )
        figure.suptitle(f"Persons that were not used in the fit: data beside model\n{size}\n{bars}", fontsize=9.0)
    return figure


def _top(ax: Axes, rows: pd.DataFrame) -> None:
    _bars(ax, rows, PERCENT)
    ax.set(title="Dollars in the top parts", xlabel="person-years with most dollars", ylabel="share of dollars (%)")
    ax.set_yticks(range(0, 101, 20))


def _unused(ax: Axes, rows: pd.DataFrame) -> None:
    _bars(ax, rows, PERCENT)
    ax.set(title="Person-years without use", ylabel="share of person-years (%)")
    ax.set(xlabel="service line", yticks=range(0, 101, 20))
    _slanted(ax, rows)


def _exceedance(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw both curves down to the smallest chance that was seen, below which a logarithmic axis cannot go."""
    ax.set(title="Chance of more annual dollars", xlabel="annual dollars", ylabel="person-years above (%)")
    rows = rows[(rows["data"] > 0.0) | (rows["model"] > 0.0)]
    if not len(rows):
        return
    x = rows["x"].to_numpy()
    data, model, sd = (PERCENT * rows[name].to_numpy() for name in ("data", "model", "model_sd"))
    floor = float(np.concatenate([data[data > 0.0], model[model > 0.0]]).min())
    low, high = (np.maximum(model + side * ERRORS * sd, floor) for side in (-1.0, 1.0))
    band: dict[str, Any] = {"facecolor": "0.9", "edgecolor": "0.6", "hatch": "////", "label": "95 % of replicates"}
    ax.fill_between(x, low, high, **band)
    points, line = data > 0.0, np.where(model > 0.0, model, np.nan)
    ax.plot(x[points], data[points], color="black", marker="o", markersize=2.2, linewidth=0.8, label="data")
    ax.plot(x, line, color="0.35", linestyle="--", linewidth=1.2, label="model")
    _logarithmic(ax)
    ax.legend(frameon=False)


def _quantiles(ax: Axes, rows: pd.DataFrame) -> None:
    rows = rows[(rows["data"] > 0.0) & (rows["model"] > 0.0)]
    data, model = rows["data"].to_numpy(), rows["model"].to_numpy()
    ax.set(title="Quantiles of annual dollars", xlabel="quantile of the data (dollars)")
    ax.set_ylabel("quantile of the model (dollars)")
    if not len(rows):
        return
    bar: dict[str, Any] = {"color": "0.3", "ecolor": "0.3", "elinewidth": 0.8, "capsize": 1.5}
    error = (_below(data, ERRORS * rows["data_se"].to_numpy()), _below(model, ERRORS * rows["model_sd"].to_numpy()))
    ax.errorbar(data, model, xerr=error[0], yerr=error[1], fmt="o", markerfacecolor="white", markersize=3.5, **bar)
    ends = [min(data.min(), model.min()), max(data.max(), model.max())]
    ax.plot(ends, ends, color="black", linewidth=0.8, label="equal")
    _logarithmic(ax)
    for position in np.flatnonzero(np.isin(rows["x"], (0.5, 0.9, 0.99))):
        ax.annotate(
            f"{PERCENT * rows['x'].iloc[position]:g} %",
            (data[position], model[position]),
            textcoords="offset points",
            xytext=(-6, 6),
            ha="right",
        )
    ax.legend(frameon=False)


def _lags(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw data with filled and model with hollow marks, a little apart, each series with its own mark and line."""
    ax.set(title="Correlation between a person's years", xlabel="lag (years)", ylabel="correlation (1)")
    for position, (label, series) in enumerate(rows.groupby("label", sort=False)):
        mark, line = MARKS[position % len(MARKS)]
        style: dict[str, Any] = {"marker": mark, "linestyle": line, "linewidth": 0.8, "markersize": 4.0}
        x = series["x"].to_numpy() + 0.09 * (position - 1)
        for aside, name, error, colours in ((-0.02, "data", "data_se", DATA), (0.02, "model", "model_sd", MODEL)):
            ax.errorbar(x + aside, series[name], yerr=ERRORS * series[error], **style, **colours)
        ax.plot([], [], color="black", label="\n".join(textwrap.wrap(str(label), 28)), **style)
    if len(rows):
        ax.plot([], [], "D", color="black", markersize=4.0, label="data: filled, black")
        ax.plot([], [], "D", color="0.45", markerfacecolor="white", markersize=4.0, label="model: hollow, grey")
        low, high = ax.get_ylim()
        low = min(low, 0.0)
        ax.set(xticks=sorted(set(rows["x"])), ylim=(low, high + 0.45 * (high - low)))
        ax.legend(frameon=False, loc="upper left", ncols=2, fontsize=6.5, columnspacing=0.8, handlelength=2.4)


def _relative(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw the variances, then the covariances; where there is no room for all, those that are farthest off."""
    found = len(rows)
    farthest = rows["standardised"].abs().sort_values(ascending=False, kind="stable").index[:MOST]
    rows = rows.loc[farthest.sort_values()]
    place = np.arange(len(rows))
    for aside, name, error, mark, colours in (
        (-0.12, "data", "data_se", "o", DATA),
        (0.12, "model", "model_sd", "s", MODEL),
    ):
        bars = ERRORS * rows[error]
        ax.errorbar(place + aside, rows[name], yerr=bars, fmt=mark, markersize=4.0, label=name, **colours)
    ax.axhline(0.0, color="black", linewidth=0.6)
    some = f" ({MOST} of {found})" if found > MOST else ""
    ax.set(title=f"Counts: relative variance and covariance{some}", ylabel="relative to means, net of Poisson (1)")
    large = len(rows) > 0 and float(rows[["data", "model"]].abs().to_numpy().max()) > LARGE
    if large:
        ax.set_yscale("symlog", linthresh=1.0)
        ax.yaxis.set_major_formatter("{x:g}")
    ax.set_xlabel("service line, or two of them")
    _slanted(ax, rows)
    if len(rows):
        low, high = ax.get_ylim()
        ax.set_ylim(1.5 * low if low < 0.0 else low, 6.0 * high if large else high + 0.2 * (high - low))
        ax.legend(frameon=False, loc="upper left", ncols=2)


def _excess(ax: Axes, rows: pd.DataFrame) -> None:
    _bars(ax, rows, 1.0)
    ax.set(title="Mean excess", xlabel="attachment (dollars a year)", ylabel="dollars above, of those above")


def _words(ax: Axes, fit: GoodnessOfFit) -> None:
    """Write what the comparison says, as much of it as has room."""
    ax.set_axis_off()
    ax.set_title(f"{fit.within} of {len(fit.table)} figures within their bands", loc="left")
    far = fit.table[~fit.table["within"]].sort_values("standardised", key=np.abs, ascending=False)
    lines = [f"{name} ({row['difference']:+.3g}, allowed {row['band']:.2g})" for name, row in far.iterrows()]
    wrapped = [textwrap.wrap(line, LINE, subsequent_indent="  ") for line in lines]
    text = ["Outside, the farthest in standard errors first", "(model less data in the units of the table):"]
    for position, each in enumerate(wrapped):
        if len(text) + len(each) > LINES:
            text.append(f"and {len(wrapped) - position} more: see the notes and the table")
            break
        text += each
    if not lines:
        text = ["All of them."]
    ax.text(0.0, 0.98, "\n".join(text), va="top", transform=ax.transAxes)


def _bars(ax: Axes, rows: pd.DataFrame, scale: float) -> None:
    place, width = np.arange(len(rows)), 0.38
    for side, name, error, face, hatch in (
        (-0.5, "data", "data_se", "0.35", ""),
        (0.5, "model", "model_sd", "white", "////"),
    ):
        ax.bar(
            place + side * width,
            scale * rows[name],
            width,
            yerr=ERRORS * scale * rows[error],
            facecolor=face,
            edgecolor="black",
            hatch=hatch,
            capsize=2.0,
            error_kw={"elinewidth": 0.9},
            label=name,
        )
    ax.set_xticks(place, rows["label"])
    if len(rows):
        ax.set_ylim(0.0, 1.2 * ax.get_ylim()[1])  # room for the legend above the bars
        ax.legend(frameon=False, loc="upper left", ncols=2)


def _slanted(ax: Axes, rows: pd.DataFrame) -> None:
    """Write the names of the lines below the axis: slanted, or upright where there are many."""
    many = len(rows) > SLANTED
    most = 1 if len(rows) > MOST else 2
    width = 30 if many else 18
    labels = [textwrap.shorten(label, most * width, placeholder=" …") if many else label for label in rows["label"]]
    names = ["\n".join(textwrap.wrap(label, width)) for label in labels]
    how: dict[str, Any] = {"rotation": 90, "fontsize": 6.0} if many else {"rotation": 35, "rotation_mode": "anchor"}
    ax.set_xticks(np.arange(len(rows)), names, ha="center" if many else "right", **how)


def _logarithmic(ax: Axes) -> None:
    """Make both axes logarithmic, with plain numbers: powers of ten need a style that reads mathematics."""
    ax.set(xscale="log", yscale="log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter("{x:,g}")
        axis.set_minor_formatter("")


def _below(values: NDArray[np.float64], error: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the two sides of an error bar that a logarithmic axis can show: the lower not down to 0."""
    return np.array([np.minimum(error, 0.9 * values), error])
