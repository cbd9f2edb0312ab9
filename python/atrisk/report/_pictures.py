"""Pictures of a report: drawn alike whatever the user's style is, and the same bytes for the same figures."""

from __future__ import annotations

import base64
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from atrisk.report._facts import Facts

#: Letters as outlines look the same on every machine; the salt makes the same names in every run.
STYLE: dict[Any, Any] = {
    "svg.fonttype": "path",
    "svg.hashsalt": "atrisk",
    "text.parse_math": False,
    "axes.unicode_minus": True,
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
WIDTH = 8.0
BAND = 5  # years of age
HIGHEST = 99.5  # percentile of the risk scores up to which they are drawn


def need() -> None:
    """Refuse to go on without matplotlib, as plots do."""
    try:
        import matplotlib as mpl  # noqa: F401, PLC0415 - an optional dependency
    except ImportError:
        message = "reports need matplotlib: pip install atrisk[plot]"
        raise ImportError(message) from None


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of reports, whatever the user's is."""
    import matplotlib as mpl  # noqa: PLC0415 - an optional dependency

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def drawn(height: float, *pictures: Callable[[Axes], object]) -> str:
    """Draw pictures beside each other and return them as the source of an image."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - an optional dependency

    with style():
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        axes = figure.subplots(1, len(pictures), squeeze=False)[0]
        for picture, ax in zip(pictures, axes, strict=True):
            picture(ax)
        return source(figure)


def source(figure: Any) -> str:  # noqa: ANN401 - a figure of matplotlib
    """Return a figure as the source of an image that needs nothing else."""
    with style():
        data = io.BytesIO()
        figure.savefig(data, format="svg", metadata=NO_METADATA)
    return f"data:image/svg+xml;base64,{base64.b64encode(data.getvalue()).decode()}"


def panel(facts: Facts) -> str:
    """Draw the panel: members by age and sex, and by risk score."""
    columns = facts.results.study.population.columns
    age, sex, risk = (columns[name] for name in ("age", "sex", "risk_score"))

    def by_age(ax: Axes) -> None:
        edges = np.arange(0.0, max(float(age.max()), BAND) + BAND, BAND)
        for kind, dashes in (("female", "-"), ("male", "--")):
            counts, _ = np.histogram(age[sex == kind], edges)
            ax.stairs(counts, edges, label=kind, color="black" if kind == "female" else "#777777", linestyle=dashes)
        ax.set(xlabel="age (years)", ylabel=f"members, by bands of {BAND} years")
        ax.legend(frameon=False, handlelength=3.0)

    def by_risk(ax: Axes) -> None:
        ax.hist(
            risk[risk <= np.percentile(risk, HIGHEST)], bins=30, color="#bbbbbb", edgecolor="#555555", linewidth=0.5
        )
        ax.axvline(float(risk.mean()), color="black", linestyle=":", label="mean")
        ax.set(xlabel="risk score (1 is the member the rates are for)", ylabel="members")
        ax.legend(frameon=False, handlelength=3.0)

    return drawn(2.9, by_age, by_risk)


def beyond(risk: NDArray[np.float64]) -> str:
    """Return in words how many members the picture of risk scores leaves out, at its far end."""
    top = float(np.percentile(risk, HIGHEST))
    left_out = int(np.count_nonzero(risk > top))
    return f" ({left_out:,} members above {top:.2f} are not drawn)" if left_out else ""


def exceedance(facts: Facts) -> str:
    """Draw the chance of at least as much, by arm."""
    return drawn(4.2, lambda ax: facts.results.plot.exceedance(ax=ax, unit=facts.money))


def distribution(facts: Facts) -> str:
    """Draw the distribution of the provider's net, by arm."""
    height = 0.9 + 0.75 * len(facts.arms)
    return drawn(height, lambda ax: facts.results.plot.distribution(ax=ax, unit=facts.money))


def difference(facts: Facts) -> str:
    """Draw the paired differences to the baseline."""
    height = 0.9 + 0.75 * len(facts.others)
    return drawn(height, lambda ax: facts.results.plot.difference(facts.baseline, ax=ax, unit=facts.money))
