"""A service line as fitted, and the parameters that it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from atrisk.fit._care import relativity_path
from atrisk.fit._parameters import Parameter, variation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from atrisk.fit._design import Design
    from atrisk.fit._dispersion import Dispersion, Spread
    from atrisk.fit._moments import Used
    from atrisk.fit._severity import Severity


@dataclass(frozen=True)
class LineFit:
    """A service line as fitted.

    Attributes
    ----------
    used : Used
        What was used, with the fitted mean: events, or dollars where events are not counted.
    price_influence : numpy.ndarray
        What each member adds to the logarithm of the mean price.
    severity : Severity
        Prices of events.
    rate_basis, price_basis : str
        What rate and price were estimated from.
    note : str
        What could not be told.
    """

    used: Used
    price_influence: NDArray[np.float64]
    severity: Severity
    rate_basis: str
    price_basis: str
    note: str

    @property
    def name(self) -> str:
        """The line."""
        return self.used.name

    @property
    def price(self) -> float:
        """Mean price of an event, dollars."""
        return self.severity.distribution.mean()

    @property
    def per_1000(self) -> float:
        """Events per 1,000 member-years at risk score 1 and relativities 1."""
        level = float(np.exp(self.used.rates.coefficients[0]))
        return 1_000.0 * (level if self.used.counted else level / self.price)


def of_line(line: LineFit, design: Design, dispersion: Dispersion) -> list[Parameter]:
    """Return the parameters of a line: rate, relativities, frailty, price."""
    name, found = line.name, line.used.rates
    level = found.influence[:, 0] - (0.0 if line.used.counted else line.price_influence)
    unit = "events per 1,000 member-years"
    parameters = [Parameter(f"{name}.per_1000", line.per_1000, level, "log", unit, line.rate_basis)]
    for place, (column, of) in enumerate(design.names, start=1):
        if found.free[place]:
            value, path = float(np.exp(found.coefficients[place])), relativity_path(name, column, of)
            basis = line.rate_basis if line.used.counted else "annual dollars"
            parameters.append(Parameter(path, value, found.influence[:, place], "log", "ratio", basis))
    basis = "spread of counts" if line.used.counted else "years of a member without use"
    parameters += of_frailty(f"{name}.frailty", dispersion.own[name], basis)
    price = f"{name}.allowed.mean"
    parameters.append(Parameter(price, line.price, line.price_influence, "log", "dollars per event", line.price_basis))
    return parameters


def of_frailty(path: str, spread: Spread, basis: str) -> list[Parameter]:
    """Return the parameters of a frailty: its cv, and the part that is kept where the data tell it."""
    if spread.cv == 0.0:
        return []
    kept, among, share = spread.kept, spread.among_users, spread.permanent_share
    moved = spread.users * spread.variance.influence
    parameters = [variation(f"{path}.cv", among, moved, basis)]
    if kept is not None and 0.0 < share < 1.0:
        influence = ((1.0 - spread.never) * kept.influence - share * moved) / among / (share * (1.0 - share))
        parameters.append(Parameter(f"{path}.permanent_share", share, influence, "logit", "share", "years of a member"))
    return parameters


def empty_levels(lines: Sequence[LineFit], design: Design) -> list[str]:
    """Tell the levels that have no rate of their own: nobody in them used a line, or nobody of the base did."""
    there = [bool(column.any()) for column in design.matrix.T[1:]]
    nobody = [f"{column} {level}" for (column, level), any_of in zip(design.names, there, strict=True) if not any_of]
    notes = [f"nobody is of {', '.join(nobody)}; they have the base's rates"] if nobody else []
    for line in lines:
        names = zip(design.names, there, line.used.rates.free[1:], strict=True)
        alike = [f"{column} {level}" for (column, level), any_of, free in names if any_of and not free]
        if alike:
            notes.append(f"{line.name}: too little use to tell {', '.join(alike)} from the base; they have its rate")
    return notes
