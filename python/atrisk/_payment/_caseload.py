"""Caseloads from what a user knows of them: a mix of groups and laws of days, visits or minutes, then priced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atrisk._errors import InputError, a
from atrisk._frames import known_numbers, need, read_frame
from atrisk._spec import plain
from atrisk.case_prices import MOST_CASES
from atrisk.distributions import Distribution

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

SHARE = "share"
NEGLIGIBLE = 1e-9  # a law may have as much probability outside its range


class Law(NamedTuple):
    """A law of whole numbers in a caseload: what was given, its range, and whether its last number holds all beyond."""

    given: object
    low: int
    high: int
    last_holds_more: bool = False


def is_frame(given: object) -> bool:
    """Say whether a mix is given as cases with shares, in a frame or a mapping of columns."""
    return SHARE in given if isinstance(given, Mapping) else hasattr(given, "columns") or hasattr(given, "schema")


def mix(path: str, given: object, key: str) -> pd.DataFrame:
    """Return a mix of groups as a frame with the column ``share``: one group, groups with shares, or a frame."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if is_frame(given):
        table = read_frame(path, given)
    elif isinstance(given, Mapping):
        table = pd.DataFrame({key: list(given), SHARE: list(given.values())})
    elif isinstance(given, (str, int)):
        table = pd.DataFrame({key: [given], SHARE: [1.0]})
    else:
        rule = f"must be a {key}, {key}s with their shares, or a frame with the column {SHARE}"
        raise InputError(path, rule, a(given))
    need(path, table, [SHARE])
    shares = known_numbers(path, table, SHARE, 0.0, 1e12)
    if not shares.sum() > 0:
        raise InputError(f"{path}.{SHARE}", "must not all be 0", "only zeros" if len(table) else "none")
    return table.assign(**{SHARE: shares / shares.sum()})


def whole(path: str, law: Law) -> pd.DataFrame:
    """Return whole numbers and their shares: of a number, of a mapping of numbers to shares, or of a law rounded up."""
    given, low, high = law.given, law.low, law.high
    if isinstance(given, Distribution):
        return _rounded_up(path, given, law)
    pairs: Mapping[Any, Any] = given if isinstance(given, Mapping) else {_number(path, given): 1.0}
    values = [plain(path, value) for value in pairs]
    for value in values:
        if not low <= value <= high or value % 1:
            raise InputError(path, f"must be whole numbers from {low:,} to {high:,}", f"{value:g}")
    return mix(path, {"value": [int(value) for value in values], SHARE: list(pairs.values())}, "value")


def _number(path: str, given: object) -> float:
    if isinstance(given, (bool, str)) or not np.isscalar(given):
        raise InputError(path, "must be a number, numbers with their shares, or a distribution", a(given))
    return plain(path, given)


def _rounded_up(path: str, given: Distribution, law: Law) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    values = np.arange(law.low, law.high + 1)
    below = np.concatenate([[float(given.cdf(float(law.low - 1)))], given.cdf(values.astype(float))])
    for part, word, bound in ((below[0], "below", law.low), (1.0 - below[-1], "beyond", law.high)):
        if part > NEGLIGIBLE and not (word == "beyond" and law.last_holds_more):
            limits = f"lower={law.low - 1}" if word == "below" else f"upper={law.high}"
            hint = f"truncate it: Truncated(distribution, {limits})"
            raise InputError(path, f"must not reach {word} {bound:,}", f"{part:.2g} of it there", hint)
    below[0], below[-1] = 0.0, 1.0
    table = pd.DataFrame({"value": values, SHARE: np.diff(below)})
    return table[table[SHARE] > 0].reset_index(drop=True)


def combined(path: str, cases: pd.DataFrame, laws: Mapping[str, Law]) -> pd.DataFrame:
    """Return every case with every number that the laws of further columns give, each with the product of shares."""
    count = float(len(cases))
    for column, law in laws.items():
        if column in cases:
            raise InputError(f"{path}.{column}", "must be given once", "in the mix and as a law")
        values = whole(f"{path}.{column}", law).rename(columns={"value": column, SHARE: "share_of_part"})
        count *= len(values)
        if count > MOST_CASES:
            hint = "fewer groups, or shares of a few values in place of a law"
            raise InputError(path, f"must come to at most {MOST_CASES:,} cases", f"{count:,.0f}", hint)
        cases = cases.merge(values, how="cross")
        cases[SHARE] *= cases.pop("share_of_part")
    return cases


def priced(cases: pd.DataFrame, price: Callable[..., Any], facts: Mapping[str, Any]) -> pd.DataFrame:
    """Return cases with the facts that all share and every step of their price as further columns."""
    steps = price(cases.drop(columns=SHARE), **facts)
    alike: dict[str, Any] = {name: value for name, value in facts.items() if np.isscalar(value) and name not in cases}
    # What the price says of a case prevails over a column that came along.
    known = cases.assign(**alike)
    return known.drop(columns=[name for name in steps if name in known]).join(steps)
