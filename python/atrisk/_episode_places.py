"""A caseload in place of a panel: places for the episodes of a year, each for a patient of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from atrisk._errors import InputError, a
from atrisk._frames import read_frame
from atrisk._payment._caseload import SHARE, is_frame, mix
from atrisk._seed import recorded_seed
from atrisk._spec import plain, rate, refuse_other_sum, text, whole
from atrisk.distributions import Distribution
from atrisk.population import Population

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk._seed import Seed

PLACE = "episodes"
PAYER = "payer"
MOST_PLACES, MOST_VOLUME, MOST_ROWS = 10_000, 10_000_000, 2**31 - 1
#: Columns that the caseload makes itself, and where what is meant by them has its place.
OWN = {
    "risk_score": "a place's rate; give it another name, and a factor in Episode(relativities=...)",
    PAYER: "give payers=",
    "member_id": "places are numbered",
    **dict.fromkeys(("entry_month", "exit_month", "entry_year", "exit_year"), "places are open all year"),
}
#: Age and sex of a place where nothing is said of them, which matter only to relativities that ask for them.
UNSAID = {"age": 70.0, "sex": "female"}

Columns = dict[str, "NDArray[Any]"]


def caseload(volume: object, case_mix: object, payers: object, places: object, seed: Seed) -> Population:
    """Return a population of places for episodes; see :meth:`Population.episodes`."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    per_year = plain(f"{PLACE}.volume_per_year", volume)
    if not 0 < per_year <= MOST_VOLUME:
        raise InputError(f"{PLACE}.volume_per_year", f"must be above 0 and at most {MOST_VOLUME:,}", f"{per_year:g}")
    rows = math.ceil(per_year * whole(f"{PLACE}.places", places, 1, MOST_PLACES))
    if rows > MOST_ROWS:
        hint = "fewer places for each episode are fewer rows"
        raise InputError(f"{PLACE}.places", f"must make at most {MOST_ROWS:,} rows", f"{rows:,}", hint)
    number = recorded_seed(seed, f"{PLACE}.seed")
    columns: dict[str, Any] = UNSAID | _cases(case_mix, rows, number)
    if payers is not None:
        columns[PAYER] = _payers(payers, rows, number)
    return Population.from_frame(pd.DataFrame(columns | {"risk_score": np.full(rows, per_year / rows)}))


def _cases(case_mix: object, rows: int, seed: int) -> Columns:
    """Return the columns of the patients: those of a mapping each by itself, rows of a frame together."""
    if case_mix is None:
        return {}
    path = f"{PLACE}.case_mix"
    if isinstance(case_mix, Mapping):
        names = _free(path, list(case_mix))
        return {name: _column(f"{path}.{name}", case_mix[name], _uniforms(seed, name, rows)) for name in names}
    return _rows_of(path, case_mix, _uniforms(seed, "", rows))


def _uniforms(seed: int, name: str, rows: int) -> NDArray[np.float64]:
    """Return a column's uniforms, in a sequence of its own: neither further columns nor further rows move it."""
    return np.random.default_rng([seed, crc32(name.encode())]).random(rows)


def _column(path: str, of: object, uniforms: NDArray[np.float64]) -> NDArray[Any]:
    if isinstance(of, Distribution):
        values: NDArray[Any] = of.ppf(uniforms)
        return values
    if isinstance(of, Mapping):
        return _by_share(path, of, uniforms)
    if isinstance(of, (str, int, float)):
        return np.full(len(uniforms), of, dtype=object if isinstance(of, str) else float)
    rule = "must be a distribution, values with their shares, or one value for all"
    raise InputError(path, rule, a(of), "a data frame of cases keeps columns together")


def _by_share(path: str, shares: Mapping[Any, object], uniforms: NDArray[np.float64]) -> NDArray[Any]:
    parts = [rate(f"{path}.{value}", share) for value, share in shares.items()]
    refuse_other_sum(path, parts, "must have shares that come to 1")
    values = list(shares)
    of_numbers = all(isinstance(value, (int, float)) for value in values)
    return np.array(values, dtype=float if of_numbers else object)[_chosen(np.array(parts), uniforms)]


def _rows_of(path: str, frame: object, uniforms: NDArray[np.float64]) -> Columns:
    if not is_frame(frame):
        raise InputError(path, "must be a mapping of columns, or a data frame of cases", a(frame))
    table = read_frame(path, frame)
    if len(table) == 0:
        raise InputError(path, "must have cases", "none")
    names = _free(path, [name for name in table.columns if name != SHARE])
    weighed = table if SHARE in table.columns else table.assign(**{SHARE: 1.0})
    chosen = _chosen(mix(path, weighed, "case")[SHARE].to_numpy(), uniforms)
    return {name: table[name].to_numpy()[chosen] for name in names}


def _chosen(shares: NDArray[np.float64], uniforms: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the position of the share in which each uniform falls; the last that is any takes what rounding leaves."""
    last = int(np.flatnonzero(shares)[-1])
    found: NDArray[np.intp] = np.searchsorted(np.cumsum(shares)[:last], uniforms, side="right")
    return found


def _free(path: str, names: list[Any]) -> list[str]:
    for name in names:
        if text(path, name) in OWN:
            raise InputError(f"{path}.{name}", "must not be a column that the caseload makes", repr(name), OWN[name])
    return names


def _payers(payers: object, rows: int, seed: int) -> NDArray[Any]:
    path = f"{PLACE}.payers"
    if isinstance(payers, str):
        return np.full(rows, payers, dtype=object)
    if not isinstance(payers, Mapping) or not payers:
        raise InputError(path, "must be a name, or names with their shares", a(payers))
    return _by_share(path, {text(path, name): share for name, share in payers.items()}, _uniforms(seed, path, rows))
