"""Prices of listed cases: what a payment system pays for each, how likely each is, and what each takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError, a
from atrisk._frames import known_numbers, need, read_frame
from atrisk._spec import plain, text
from atrisk.distributions import Distribution

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

PLACE = "CasePrices"
MOST_CASES = 1_000_000
LARGEST = 1e12
UNCERTAIN = "own_cost may be a distribution, for what is not known"


class CasePrices:
    """Cases with their prices, one of which is drawn for each event of a service.

    A word of the random generator means the same case whatever the prices are: services of one name whose cases stand
    in one order have the same caseload under every payment system.

    Parameters
    ----------
    cases : data frame or mapping of columns
        A row for each case: its price, its weight, and anything else that is known of it, such as days, visits or
        minutes. What a payment system's ``price`` gives back may be used as it is.
    price : str, default "price"
        Column of prices, dollars of an event, the member's cost share included.
    weight : str, optional
        Column of weights, at least 0, in proportion to which cases are drawn; by default all are equally likely.
    title : str, optional
        What it is called where it is shown.

    Examples
    --------
    >>> import atrisk as ar
    >>> visits = ar.CasePrices({"price": [60.0, 90.0], "share": [0.75, 0.25], "minutes": [30, 45]}, weight="share")
    >>> visits.mean(), visits.mean("minutes")
    (67.5, 33.75)
    >>> service = ar.Service("therapy", per_1000=4_000, price=visits, own_cost_per={"minutes": 1.4})
    """

    def __init__(self, cases: object, *, price: str = "price", weight: str | None = None, title: str = "") -> None:
        table = read_frame(PLACE, cases)
        price = text(f"{PLACE}.price", price)
        need(PLACE, table, [price] if weight is None else [price, weight])
        if not 1 <= len(table) <= MOST_CASES:
            raise InputError(PLACE, f"must have 1 to {MOST_CASES:,} cases", f"{len(table):,}")
        prices = known_numbers(PLACE, table, price, 0.0, LARGEST)
        weights = np.ones(len(table)) if weight is None else known_numbers(PLACE, table, weight, 0.0, LARGEST)
        if not weights.sum() > 0:
            raise InputError(f"{PLACE}.{weight}", "must not all be 0", "only zeros")
        self._table, self._prices, self._weights = table, prices, weights / weights.sum()
        self.title = title or type(self).__name__

    @property
    def cases(self) -> pd.DataFrame:
        """All that is known of the cases, as a new frame."""
        return self._table.copy()

    @property
    def prices(self) -> NDArray[np.float64]:
        """Dollars of each case, shape (cases,)."""
        return self._prices.copy()

    @property
    def weights(self) -> NDArray[np.float64]:
        """The part of all events that each case is, shape (cases,); they sum to 1."""
        return np.array(self._weights)

    def __len__(self) -> int:
        return len(self._prices)

    def mean(self, column: str | None = None) -> float:
        """Return the mean price, dollars, or the mean of another column over the cases by their weights."""
        values = self._prices if column is None else self._column(PLACE, column)
        return float(self._weights @ values)

    def costs(self, path: str, own_cost_per: object) -> NDArray[np.float64]:
        """Return what giving each case costs, dollars, shape (cases,), at dollars for each day, visit or minute."""
        costs = np.zeros(len(self))
        if own_cost_per is not None and not isinstance(own_cost_per, Mapping):
            hint = 'for example {"days": 380.0}'
            raise InputError(path, "must map columns of the cases to dollars", a(own_cost_per), hint)
        for column, dollars in dict(own_cost_per or {}).items():
            if isinstance(dollars, Distribution):
                raise InputError(f"{path}.{column}", "must be a number of dollars", a(dollars), UNCERTAIN)
            each = plain(f"{path}.{column}", dollars)
            if not 0 <= each <= LARGEST:
                raise InputError(f"{path}.{column}", "must be at least 0 dollars", f"{each:g}")
            costs = costs + each * self._column(path, column)
        if costs.max() > LARGEST:
            raise InputError(path, f"must come to at most {LARGEST:g} dollars a case", f"{costs.max():g}")
        return costs

    def _column(self, path: str, column: str) -> NDArray[np.float64]:
        if column not in self._table.columns:
            hint = f"the columns are {', '.join(map(str, self._table.columns))}"
            raise InputError(f"{path}.{column}", "must be a column of the cases", repr(column), hint)
        return known_numbers(path, self._table, column, 0.0, LARGEST)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how the prices of events are distributed: the part of events at or below each price.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure.
        """
        import matplotlib.pyplot as plt  # noqa: PLC0415 - keeps the import of atrisk quick

        ax = plt.subplots()[1] if ax is None else ax
        order = np.argsort(self._prices, kind="stable")
        ax.step(self._prices[order], np.cumsum(self._weights[order]), where="post", label=self.title)
        ax.axvline(self.mean(), linestyle=":", color="grey", label=f"mean {self.mean():,.2f} dollars")
        ax.set_xlabel("price of an event, dollars")
        ax.set_ylabel("part of events at or below")
        ax.set_title(self.title)
        ax.legend(frameon=False)
        return ax

    def __eq__(self, other: object) -> bool:
        """Say whether the cases are the same in all that is known of them."""
        return isinstance(other, CasePrices) and self._key() == other._key() and self._table.equals(other._table)

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[str, bytes, bytes]:
        return self.title, self._prices.tobytes(), self._weights.tobytes()

    def __repr__(self) -> str:
        low, high = self._prices.min(), self._prices.max()
        return f"{self.title}: {len(self):,} cases, mean price {self.mean():,.2f} dollars ({low:,.2f} to {high:,.2f})"

    def _repr_html_(self) -> str:
        import html  # noqa: PLC0415 - only where it is shown

        shown: Any = self._table.assign(part_of_events=self._weights).nlargest(10, "part_of_events")
        return f"<p>{html.escape(repr(self))}</p>{shown.to_html(index=False, border=0)}"
