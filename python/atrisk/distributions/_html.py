"""How a notebook shows a distribution: a small plot and the figures a person asks for first."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.distributions._base import Distribution

WIDTH, HEIGHT = 320, 90
POINTS = 160
MOST_BARS = 120
QUANTILES = (0.5, 0.9, 0.99, 0.999)


def page(distribution: Distribution) -> str:
    """Return the distribution as HTML: its call, a plot, mean, standard deviation and quantiles."""
    names = ["mean", "sd", *(f"{100 * p:g} %" for p in QUANTILES)]
    values = [distribution.mean(), distribution.std(), *distribution.ppf(QUANTILES)]
    head = "".join(f"<th>{name}</th>" for name in names)
    row = "".join(f"<td>{value:,.6g}</td>" for value in values)
    text = html.escape(repr(distribution))
    table = f"<table><tr>{head}</tr><tr>{row}</tr></table>"
    return f"<div><code>{text}</code><br>{_plot(distribution)}{table}</div>"


def _plot(distribution: Distribution) -> str:
    law: Any = distribution._law  # noqa: SLF001 - of the same family
    low, high = distribution.ppf(0.001), distribution.isf(0.005)
    if not high > low:
        low, high = low - 0.5, low + 0.5
    knots = law.knots(10 * MOST_BARS)
    atoms = np.asarray([] if knots is None else knots, dtype=np.float64)
    atoms = atoms[(atoms >= low) & (atoms <= high)]
    masses = law.mass(atoms) if atoms.size else atoms
    atoms, masses = atoms[masses > 0], masses[masses > 0]
    drawn = ""
    if not law.discrete():
        x = np.linspace(low, high, POINTS)
        density = law.density(x)
        finite = density[np.isfinite(density)]
        top = float(np.quantile(finite, 0.99)) * 1.1 if finite.size else 0.0
        drawn += _curve(x, np.where(np.isfinite(density), density, top), top, low, high)
    elif atoms.size == 0 or atoms.size > MOST_BARS:
        x = np.linspace(low, high, POINTS)
        drawn += _curve(x, law.probability(x, upper=False), 1.0, low, high)
        masses = masses[:0]
    if masses.size:
        top = float(masses.max())
        for at, mass in zip(atoms, masses, strict=True):
            across, up = WIDTH * (at - low) / (high - low), (HEIGHT - 6) * mass / top
            line = f'<line x1="{across:.1f}" x2="{across:.1f}" y1="{HEIGHT}" y2="{HEIGHT - up:.1f}"'
            drawn += f'{line} stroke="currentColor" stroke-width="2"/>'
    ends = f'<text x="0" y="{HEIGHT + 14}">{low:,.6g}</text>'
    ends += f'<text x="{WIDTH}" y="{HEIGHT + 14}" text-anchor="end">{high:,.6g}</text>'
    style = 'font-size="11" fill="currentColor"'
    box = f'viewBox="-4 -4 {WIDTH + 8} {HEIGHT + 24}" width="{WIDTH + 8}" height="{HEIGHT + 24}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} {style}>{drawn}{ends}</svg>'


def _curve(x: NDArray[np.float64], y: NDArray[np.float64], top: float, low: float, high: float) -> str:
    if not (top > 0 and math.isfinite(top)):
        return ""
    across = WIDTH * (x - low) / (high - low)
    down = HEIGHT - (HEIGHT - 6) * np.minimum(y / top, 1.0)
    points = " ".join(f"{a:.1f},{d:.1f}" for a, d in zip(across, down, strict=True))
    return f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
