"""Fit what no table tells: how members of a preset differ, so that its dollars have the shape that is published.

Usage: ``python -m atrisk.presets._fit_shape commercial medicaid medicare`` writes their rows of ``shape.csv`` anew.

Within each trial the frailty of a line and the spread of its price follow from MEPS: so many members use the line,
and this is the median over the mean of those who do. What lines share is found by least squares over the published
shape, with random numbers that are the same in all trials.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from atrisk.presets import _model
from atrisk.presets._make_figures import DIGITS, write
from atrisk.presets._rows import LINES, TARGETS, read
from atrisk.presets._shape import shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from atrisk.assumption import Assumption

MEMBERS, SEED, TRIALS = 80_000, 2013, 70
#: Cv of the shared frailty and of severity, price of a large stay, permanent shares: shared, of the lines.
START = {
    "commercial": (1.15, 0.05, 7.0, 0.85, 0.05),
    "medicaid": (1.05, 0.05, 2.0, 0.85, 0.1),
    "medicare": (1.4, 0.15, 1.5, 0.65, 0.1),
}
STEP = 0.4  # of their logarithms or log odds
#: How far off a figure may be for one unit of loss.
TOLERANCE = {"median_over_mean.any": 0.02, "stays.1": 0.02, "users.any": 0.01}
ELSE = 0.01
#: What of the shape of all persons is aimed at too, beside a preset's own figures.
OF_ALL = {
    "commercial": ("top.1", "top.5", "top.50", "stays.1", "stays.bottom_50"),
    "medicaid": ("stays.1", "stays.bottom_50"),
    "medicare": ("stays.1", "stays.bottom_50"),
}
#: Of the preset's own figures those that contradict the others: MEPS of 65 and over against Medicare's own claims.
LEFT_OUT = {"medicare": ("median_over_mean.any",)}
#: Whose spread of prices is taken: to show the medians of MEPS beside that concentration, prices would have none.
PRICES_OF = {"medicare": "commercial"}


def aims(preset: str) -> list[Assumption]:
    """Return the published figures of the shape that a preset is fitted to."""
    own = [row for row in read(TARGETS)[preset] if row.figure.startswith("top.") or row.figure.endswith(".any")]
    own = [row for row in own if row.figure != "mean.any" and row.figure not in LEFT_OUT.get(preset, ())]
    return own + [row for row in read(TARGETS)["mixture"] if row.figure in OF_ALL[preset]]


def fit(preset: str) -> tuple[_model.Spread, dict[str, _model.Line], dict[str, float]]:
    """Return the spread with the smallest loss, the lines that go with it and the shape they show."""
    from scipy.optimize import minimize  # noqa: PLC0415 - run by hand

    panel = _model.Panel(preset, MEMBERS, SEED)
    lines = {row.figure: float(row.value) for row in read(TARGETS)[preset]}
    wanted = aims(preset)
    prices = prices_of(PRICES_OF[preset]) if preset in PRICES_OF else None
    tried: list[tuple[float, _model.Spread, dict[str, _model.Line], dict[str, float]]] = []

    def loss(free: NDArray[np.float64]) -> float:
        spread = spread_of(free)
        dollars, found = _model.simulate(panel, spread, lines, SEED, prices)
        shown = shape(dollars)
        off = [(shown[row.figure] - float(row.value)) / TOLERANCE.get(row.figure, ELSE) for row in wanted]
        tried.append((float(np.square(off).sum()), spread, found, shown))
        return tried[-1][0]

    start = free_of(START[preset])
    simplex = np.vstack([start, start + STEP * np.eye(len(start))])
    options = {"maxfev": TRIALS, "xatol": 0.01, "fatol": 0.05, "initial_simplex": simplex}
    minimize(loss, start, method="Nelder-Mead", options=options)
    least = min(tried, key=lambda trial: trial[0])
    print(f"{preset}: loss {least[0]:.2f}", least[1], {name: round(value, 3) for name, value in least[3].items()})  # noqa: T201
    for name, line in least[2].items():
        print(f"  {name}: {line}")  # noqa: T201 - for the reader of the run
    return least[1], least[2], least[3]


def prices_of(preset: str) -> dict[str, float]:
    """Return the coefficients of variation of prices by line of a preset that was fitted before."""
    found = {row.figure: float(row.value) for row in read("shape.csv")[preset]}
    return {line: found[f"{line}.price_cv"] for line in LINES}


def free_of(values: Sequence[float]) -> NDArray[np.float64]:
    """Return spreads as logarithms and shares as log odds, so that every number is one that may be."""
    frailty, severity, large, *shares = values
    return np.array(
        [np.log(frailty), np.log(severity), np.log(large - 1.0), *(np.log(share / (1.0 - share)) for share in shares)]
    )


def spread_of(free: NDArray[np.float64]) -> _model.Spread:
    """Return the spread that free numbers stand for."""
    frailty, severity, large = (float(each) for each in np.exp(free[:3]))
    permanent, own = (float(each) for each in 1.0 / (1.0 + np.exp(-free[3:])))
    return _model.Spread(frailty, severity, permanent, own, 1.0 + large)


def rows(
    preset: str, spread: _model.Spread, lines: dict[str, _model.Line], shown: dict[str, float]
) -> Iterator[list[str]]:
    """Yield the fitted rows of a preset."""
    wanted = aims(preset)
    told = ", ".join(f"{row.figure} {row.value} ({shown[row.figure]:.3f} shown)" for row in wanted)
    sources = "; ".join(dict.fromkeys(row.source.partition(": ")[0] for row in wanted))
    source = f"least squares over {told}, of {sources}"
    ends = [year for row in wanted for year in row.year.split("-")]
    years = f"{min(ends)}-{max(ends)}"
    cv, share = "coefficient of variation", "share"
    for figure, value, unit in (
        ("frailty.cv", spread.frailty, cv),
        ("frailty.permanent_share", spread.permanent, share),
        ("severity.cv", spread.severity, cv),
        ("own_frailty.permanent_share", spread.own_permanent, share),
        ("inpatient.large_price", spread.large, "mean prices of a stay"),
    ):
        yield [preset, figure, f"{value:.{DIGITS}g}", unit, years, source, "fitted"]
    for line in LINES:
        for figure, value, reached in (
            ("frailty_cv", lines[line].frailty, lines[line].users),
            ("price_cv", lines[line].price, lines[line].median_over_mean),
        ):
            yield [preset, f"{line}.{figure}", f"{value:.{DIGITS}g}", cv, *_rests_on(preset, line, figure, reached)]


def _rests_on(preset: str, line: str, figure: str, reached: float) -> tuple[str, str, str]:
    """Return year, source and confidence of a fitted figure of a line."""
    aim = f"{'users' if figure == 'frailty_cv' else 'median_over_mean'}.{line}"
    of = {row.figure: row for row in read(TARGETS)[preset]}
    if figure == "price_cv" and preset in PRICES_OF:
        known = {row.figure: row for row in read("shape.csv")[PRICES_OF[preset]]}[f"{line}.{figure}"]
        why = "beside the concentration aimed at, prices without spread would show the medians"
        return known.year, f"as in the preset {PRICES_OF[preset]}: {why}", "assumed"
    if aim not in of:
        return of["users.physician visits"].year, "as for physician visits, in want of a table", "assumed"
    row = of[aim]
    limit = "" if abs(reached - float(row.value)) < ELSE else ", as near as it comes"
    return row.year, f"chosen to show {aim} {row.value} ({reached:.3f} shown{limit}): {row.source}", "fitted"


def main(arguments: Sequence[str]) -> int:
    """Fit the named presets and write their rows anew."""
    path = Path(__file__).with_name("shape.csv")
    kept = []
    if path.exists():
        with path.open(encoding="utf-8") as stream:
            kept = [row for row in list(csv.reader(stream))[1:] if row[0] not in arguments]
    made = [row for preset in arguments for row in rows(preset, *fit(preset))]
    write(path, sorted(kept + made, key=lambda row: row[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
