"""Lines that take back or repeat others: reversals, exact duplicates, and negatives netted against their claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk.claims._claim_table import KNOWN, ClaimTable, raw_codes
from atrisk.claims._texts import pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray


def whole_claims(table: ClaimTable) -> NDArray[np.int64]:
    """Return a code for each member's claim: equal numbers of two members are two claims."""
    return pairs(table.member.codes, table.claim)


def reversed_lines(table: ClaimTable, claims: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say which lines cancel each other: as many negative as positive ones of one claim, day, code and amount.

    Of several the first are taken, whichever stands first in the file, so that a corrected line billed after its
    reversal stays.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    out = np.zeros(len(table), dtype=bool)
    touched = np.zeros(int(claims.max()) + 1, dtype=bool)
    touched[claims[table.cents < 0]] = True
    rows = np.flatnonzero(touched[claims] & (table.cents != 0))
    if not len(rows):
        return out
    columns = {name: texts.codes[rows] for name, texts in table.codes.items() if len(texts.words)}
    key = {"claim": claims[rows], "day": table.day[rows], "amount": np.abs(table.cents[rows])} | columns
    group = pd.DataFrame(key).groupby(list(key), sort=False).ngroup().to_numpy()
    negative = table.cents[rows] < 0
    number = int(group.max()) + 1
    couples = np.minimum(
        np.bincount(group[negative], minlength=number), np.bincount(group[~negative], minlength=number)
    )
    rank = pd.Series(group).groupby([group, negative]).cumcount().to_numpy()
    out[rows[rank < couples[group]]] = True
    return out


def duplicates(table: ClaimTable, claims: NDArray[np.int64], cancelled: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which lines repeat an earlier one in every column.

    A line that was cancelled is no earlier one, unless it is negative: a reversal sent twice is a duplicate.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    columns: dict[str, NDArray[Any]] = {
        "claim": claims,
        "day": table.day,
        "thru": table.thru,
        "cents": table.cents,
        "line": table.line.codes,
    } | {name: texts.codes for name, texts in table.codes.items() if len(texts.words)}
    again = pd.DataFrame(columns).duplicated(keep=False).to_numpy()
    rows = np.flatnonzero(again & (~cancelled | (table.cents < 0)))
    further = [name for name in table.frame.columns if name not in KNOWN or name in {"paid", "diagnosis"}]
    few = pd.DataFrame({name: column[rows] for name, column in columns.items()})
    part = table.frame.iloc[rows]
    for position, name in enumerate(further):
        few[f"further {position}"] = raw_codes(part, name)
    few["known"] = table.known[rows]
    # Negative lines that were cancelled stand before those that were not: they are the first of each group.
    order = np.argsort(~cancelled[rows], kind="stable")
    twice = np.zeros(len(rows), dtype=bool)
    twice[order] = few.iloc[order].duplicated().to_numpy()
    out = np.zeros(len(table), dtype=bool)
    out[rows[twice]] = True
    return out & ~cancelled


def netted(
    cents: NDArray[np.int64], claims: NDArray[np.int64], kept: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Take negative lines off the positive ones of their claim, the largest first.

    Returns
    -------
    tuple
        Cents of each line after netting (0 for the negative lines); masks of the negative lines so used, of the lines
        of claims whose net is below zero, and of those of claims whose net is zero.
    """
    after = cents.copy()
    none = np.zeros(len(cents), dtype=bool)
    negative = kept & (cents < 0)
    if not negative.any():
        return after, none, none.copy(), none.copy()
    touched = np.zeros(int(claims.max()) + 1, dtype=bool)
    touched[claims[negative]] = True
    rows = np.flatnonzero(kept & touched[claims])
    _, group = np.unique(claims[rows], return_inverse=True)
    number = int(group.max()) + 1
    amounts = cents[rows]
    up, down = (_sums(group, np.where(side, amounts, 0), number) for side in (amounts > 0, amounts < 0))
    net = up + down
    below, nil = none.copy(), none.copy()
    below[rows[net[group] < 0]] = True
    nil[rows[net[group] == 0]] = True
    after[rows] = _taken_off(group, amounts, -down)
    after[below] = cents[below]
    after[nil] = cents[nil]
    return after, negative & ~below & ~nil, below, nil


def _taken_off(group: NDArray[np.int64], amounts: NDArray[np.int64], debts: NDArray[np.int64]) -> NDArray[np.int64]:
    positive = np.maximum(amounts, 0)
    order = np.lexsort((-positive, group))
    sorted_group, sorted_up = group[order], positive[order]
    running = np.cumsum(sorted_up) - sorted_up
    first = np.searchsorted(sorted_group, np.arange(len(debts)))
    before = running - running[first][sorted_group]
    left = np.empty_like(positive)
    left[order] = sorted_up - np.clip(debts[sorted_group] - before, 0, sorted_up)
    return left


def _sums(group: NDArray[np.int64], values: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """Sum whole cents by group without floats."""
    out = np.zeros(number, dtype=np.int64)
    np.add.at(out, group, values)
    return out
