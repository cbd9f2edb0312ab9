"""Target prices of episodes from a baseline: capped, averaged over its years, trended, discounted, normalized."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError, a
from atrisk._frames import give_back, known_numbers, need, read_frame
from atrisk._spec import plain
from atrisk.episodes._by_cell import MOST_DOLLARS
from atrisk.episodes._price_rules import PriceRules
from atrisk.statement import Line, Statement, in_unit, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

PLACE = "target_prices"
ADJUSTED = "risk_adjusted_targets"
MOST_FACTOR = 1e3


def target_prices(
    frame: object,
    /,
    *,
    rules: PriceRules,
    trend: float | Mapping[Any, float] = 1.0,
    normalization: float | Mapping[Any, float] = 1.0,
) -> Any:  # noqa: ANN401 - a frame of the user's kind
    """Compute the target price of each cell from the episodes of a baseline.

    Each episode counts at most for the cap of its cell (its diagnosis group and region); then::

        benchmark = Σ year_weights × mean of the year
        target_price = benchmark × trend × (1 − discount) × normalization

    Parameters
    ----------
    frame : data frame
        Episodes of the baseline in rows: ``cell``, ``actual`` (dollars), and ``year`` where there are several weights.
    rules : PriceRules
        Caps, weights and discount: ``PriceRules.team(...)``, ``PriceRules.cjr(...)`` or a user's own.
    trend, normalization : float or mapping of cell to float, default 1
        Factors above 0: from the baseline to the performance year, and so that risk adjustment leaves the mean price.

    Returns
    -------
    data frame
        Of the kind that was given, one row for each cell, in their order: ``cell``; ``episodes``; ``cap``, dollars
        (missing where nothing is capped); ``capped_episodes``; ``benchmark`` and ``target_price``, dollars, unrounded.

    Raises
    ------
    InputError
        Where columns are missing, a cell has no episode in a baseline year, or a factor is missing or out of range.
    """
    table = _baseline(frame, rules)
    of_cell = dict(list(table.groupby("cell", sort=False)))
    rows = [_priced(of_cell[cell], cell, rules, trend, normalization) for cell in _cells(table)]
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    columns = ("cell", "episodes", "cap", "capped_episodes", "benchmark", "target_price")
    return give_back(pd.DataFrame([[row[name] for name in columns] for row in rows], columns=list(columns)), frame)


def explain(
    frame: object,
    /,
    *,
    cell: object,
    rules: PriceRules,
    trend: float | Mapping[Any, float] = 1.0,
    normalization: float | Mapping[Any, float] = 1.0,
) -> Statement:
    """Return the target price of one cell line by line, with what says so; arguments as in :func:`target_prices`."""
    table = _baseline(frame, rules)
    if cell not in _cells(table):
        raise InputError(
            "explain.cell", f"must be a cell of the frame: {', '.join(map(str, _cells(table)))}", repr(cell)
        )
    priced = _priced(table[table["cell"] == cell], cell, rules, trend, normalization)
    lines = [_line("episodes", "episodes of the cell in the baseline", priced["episodes"], "count")]
    if not np.isnan(priced["cap"]):
        lines.append(_line("cap", _cap_formula(rules), priced["cap"]))
        lines.append(_line("capped_episodes", "episodes above the cap", priced["capped_episodes"], "count"))
    for year, mean, weight in priced["years"]:
        lines.append(_line(f"mean_{year}", "mean of its episodes, capped", mean))
        lines.append(_line(f"weight_{year}", "weight of the year", weight, "rate"))
    lines += [
        _line("benchmark", "sum over years of weight × mean", priced["benchmark"]),
        _line("trend", "from the baseline to the performance year", priced["trend"], "factor"),
        _line("discount", "taken off for the payer", rules.discount, "rate"),
        _line("normalization", "so that risk adjustment leaves the mean price", priced["normalization"], "factor"),
        _line("target_price", "benchmark × trend × (1 − discount) × normalization", priced["target_price"]),
    ]
    last = lines[-1]._replace(source=rules.source)
    return Statement(f"Target price of {cell}", [*lines[:-1], last], notes=rules.notes)


def risk_adjusted_targets(  # noqa: PLR0913 - each factor has a name
    frame: object,
    prices: Mapping[Any, float],
    /,
    *,
    rules: PriceRules,
    multipliers: Sequence[str] = (),
    trend_adjustment: float = 1.0,
    normalization_adjustment: float = 1.0,
) -> Any:  # noqa: ANN401 - a frame of the user's kind
    """Return episodes with their ``target``: price of the cell × risk multipliers × adjustments within their limits.

    Parameters
    ----------
    frame : data frame
        Episodes of the performance year in rows, with ``cell`` and the columns of multipliers.
    prices : mapping of cell to float
        Preliminary target prices, dollars.
    rules : PriceRules
        Its ``trend_limit`` and ``normalization_limit`` hold the adjustments: 0.03 keeps a factor between 0.97 and 1.03.
    multipliers : sequence of str, default ()
        Columns with a factor each, above 0: of the number of conditions, age, income, the hospital.
    trend_adjustment, normalization_adjustment : float, default 1
        Final over prospective trend, and final over prospective normalization.

    Returns
    -------
    data frame
        The frame with a column ``target``, dollars, unrounded.
    """
    table = read_frame(ADJUSTED, frame)
    if isinstance(multipliers, str):
        raise InputError(f"{ADJUSTED}.multipliers", "must be a list of columns", repr(multipliers))
    need(ADJUSTED, table, ["cell", *multipliers])
    if not isinstance(prices, Mapping):
        raise InputError(f"{ADJUSTED}.prices", "must map cells to dollars", a(prices))
    missing = [str(cell) for cell in table["cell"].drop_duplicates() if cell not in prices]
    if missing:
        raise InputError(
            f"{ADJUSTED}.prices", "must have every cell of the frame", f"none of {', '.join(missing[:12])}"
        )
    of_cell = {cell: _within(f"{ADJUSTED}.prices[{cell}]", price, MOST_DOLLARS) for cell, price in prices.items()}
    target = table["cell"].map(of_cell).to_numpy(dtype=np.float64)
    for name in multipliers:
        factor = known_numbers(ADJUSTED, table, name, 0.0, MOST_FACTOR)
        for row in np.flatnonzero(factor <= 0):
            raise InputError(f"{ADJUSTED}.{name}[{row}]", "must be above 0", f"{factor[row]:g}")
        target = target * factor
    trend = _limited("trend_adjustment", trend_adjustment, rules.trend_limit)
    normalization = _limited("normalization_adjustment", normalization_adjustment, rules.normalization_limit)
    adjusted = table.assign(target=target * trend * normalization)
    index = getattr(frame, "index", None)
    return give_back(adjusted if index is None or callable(index) else adjusted.set_axis(index), frame)


def _limited(name: str, given: object, limit: float | None) -> float:
    factor = _within(f"{ADJUSTED}.{name}", given, MOST_FACTOR)
    return factor if limit is None else min(max(factor, 1 - limit), 1 + limit)


def _within(path: str, given: object, most: float) -> float:
    """Return a known number above 0."""
    number = plain(path, given)
    if not 0 < number <= most:
        raise InputError(path, f"must be above 0 and at most {most:g}", f"{number:g}")
    return number


def _baseline(frame: object, rules: PriceRules) -> pd.DataFrame:
    if not isinstance(rules, PriceRules):
        raise InputError(f"{PLACE}.rules", "must be PriceRules", a(rules))
    table = read_frame(PLACE, frame)
    several = len(rules.year_weights) > 1
    need(PLACE, table, ["cell", "actual", *(["year"] if several else [])])
    for name in ("cell", *(["year"] if several else [])):
        for row in np.flatnonzero(table[name].isna()):
            raise InputError(f"{PLACE}.{name}[{row}]", "must not be missing")
    if several and (found := table["year"].nunique()) != len(rules.year_weights):
        rule = f"must have {len(rules.year_weights)} years, one for each weight"
        raise InputError(f"{PLACE}.year", rule, f"{found}")
    return table.assign(actual=known_numbers(PLACE, table, "actual", 0.0, MOST_DOLLARS))


def _cells(table: pd.DataFrame) -> list[Any]:
    return sorted(table["cell"].unique().tolist(), key=lambda cell: (str(type(cell)), cell))


def _factor(name: str, given: float | Mapping[Any, float], cell: object) -> float:
    path = f"{PLACE}.{name}"
    if isinstance(given, Mapping):
        if cell not in given:
            raise InputError(path, "must have every cell", f"none of {cell}")
        return _within(f"{path}[{cell}]", given[cell], MOST_FACTOR)
    return _within(path, given, MOST_FACTOR)


def _cap(spent: NDArray[np.float64], rules: PriceRules) -> float:
    if rules.cap_percentile is not None:
        return float(np.quantile(spent, rules.cap_percentile))
    if rules.cap_deviations is not None and len(spent) > 1:
        return float(spent.mean() + rules.cap_deviations * spent.std(ddof=1))
    return np.nan


def _cap_formula(rules: PriceRules) -> str:
    if rules.cap_percentile is not None:
        return f"percentile {100 * rules.cap_percentile:g} of the cell"
    return f"mean of the cell + {rules.cap_deviations:g} standard deviations"


def _priced(
    own: pd.DataFrame,
    cell: object,
    rules: PriceRules,
    trend: float | Mapping[Any, float],
    normalization: float | Mapping[Any, float],
) -> dict[str, Any]:
    """Return how the price of a cell comes about."""
    # In order of their dollars, so that the order of rows changes no digit.
    own = own.sort_values("actual", kind="stable")
    spent = own["actual"].to_numpy(dtype=np.float64)
    cap = _cap(spent, rules)
    counted = spent if np.isnan(cap) else np.minimum(spent, cap)
    years = _years(own, counted, cell, rules)
    benchmark = sum(weight * mean for _, mean, weight in years)
    trended, normal = _factor("trend", trend, cell), _factor("normalization", normalization, cell)
    return {
        "cell": cell,
        "episodes": len(own),
        "cap": cap,
        "capped_episodes": int((spent > cap).sum()),
        "years": years,
        "benchmark": benchmark,
        "trend": trended,
        "normalization": normal,
        "target_price": benchmark * trended * (1 - rules.discount) * normal,
    }


def _years(
    own: pd.DataFrame, counted: NDArray[np.float64], cell: object, rules: PriceRules
) -> list[tuple[Any, float, float]]:
    """Return year, mean and weight of each baseline year."""
    weights = [float(weight) for weight in rules.year_weights]
    if len(weights) == 1:
        return [("baseline", float(counted.mean()), 1.0)]
    year = own["year"].to_numpy()
    there = sorted(set(year.tolist()))
    if len(there) != len(weights):
        told = ", ".join(map(str, there))
        hint = "merge the cell with another, or give rules with fewer year_weights"
        raise InputError(f"{PLACE}.cell", f"must have episodes in every baseline year: {cell} has", told, hint)
    return [(each, float(counted[year == each].mean()), weight) for each, weight in zip(there, weights, strict=True)]


def _line(name: str, formula: str, value: float, unit: str = "dollars") -> Line:
    shown = in_unit(str(Decimal(repr(float(value)))), unit) if unit == "dollars" else written(value, unit)
    return Line(name, formula, shown, unit)
