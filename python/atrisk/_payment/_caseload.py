"""Caseloads from what a user knows of them: a mix of groups, and laws of days, visits or minutes, combined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._frames import need, numbers, read_frame, refuse_missing
from atrisk._spec import plain
from atrisk.case_prices import MOST_CASES
from atrisk.distributions import Distribution

if TYPE_CHECKING:
    import pandas as pd

SHARE = "share"
NO_EVENT = 1e-9  # what is likelier than this to lie beyond the last value is refused, or counted there


def mix(path: str, given: object, key: str) -> pd.DataFrame:
    """Return a mix of groups as a frame with the column ``share``: one group, groups with shares, or a frame."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if isinstance(given, str) or not hasattr(given, "__len__"):
        table = pd.DataFrame({key: [given], SHARE: [1.0]})
    elif isinstance(given, Mapping) and SHARE not in given:
        table = pd.DataFrame({key: list(given), SHARE: list(given.values())})
    else:
        table = read_frame(path, given)
    need(path, table, [SHARE])
    shares = numbers(path, table, SHARE, 0.0, 1e12)
    refuse_missing(path, SHARE, shares)
    if not shares.sum() > 0:
        raise InputError(f"{path}.{SHARE}", "must not all be 0", "none" if not len(table) else "only zeros")
    return table.assign(**{SHARE: shares / shares.sum()})


def whole(path: str, given: object, low: int, high: int, *, last_holds_more: bool = False) -> pd.DataFrame:
    """Return whole numbers and their shares: of a number, of a mapping of numbers to shares, or of a law.

    A law's values are rounded up. What lies beyond ``high`` is refused, or counted there where ``last_holds_more``.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if isinstance(given, Distribution):
        values = np.arange(low, high + 1)
        below = np.concatenate([[0.0], given.cdf(values.astype(float))])
        beyond = 1.0 - below[-1]
        if beyond > NO_EVENT and not last_holds_more:
            hint = f"truncate it: Truncated(distribution, upper={high})"
            raise InputError(path, f"must not reach beyond {high:,}", f"{beyond:.2g} of it there", hint)
        below[-1] = 1.0
        table = pd.DataFrame({"value": values, SHARE: np.diff(below)})
        return table[table[SHARE] > 0].reset_index(drop=True)
    pairs: Mapping[Any, Any] = given if isinstance(given, Mapping) else {given: 1.0}
    values_given = [plain(path, value) for value in pairs]
    for value in values_given:
        if not low <= value <= high or value % 1:
            raise InputError(path, f"must be whole numbers from {low:,} to {high:,}", f"{value:g}")
    return mix(path, {"value": values_given, SHARE: list(pairs.values())}, "value")


def with_steps(cases: pd.DataFrame, priced: pd.DataFrame) -> pd.DataFrame:
    """Return cases with every step of their price as further columns."""
    return cases.join(priced[[name for name in priced if name not in cases]])


def combined(path: str, *parts: pd.DataFrame) -> pd.DataFrame:
    """Return every combination of the rows of some frames, each with the product of their shares."""
    count = int(np.prod([len(part) for part in parts], dtype=float))
    if count > MOST_CASES:
        hint = "fewer groups, or shares of a few values in place of a law"
        raise InputError(path, f"must come to at most {MOST_CASES:,} cases", f"{count:,}", hint)
    first, *rest = parts
    for part in rest:
        first = first.merge(part.rename(columns={SHARE: "share_of_part"}), how="cross")
        first[SHARE] *= first.pop("share_of_part")
    return first
