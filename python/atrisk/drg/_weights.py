"""Weights of diagnosis-related groups: the table of fiscal year 2021, or a user's own, looked up for each case."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from atrisk._errors import InputError
from atrisk._payment import _tables
from atrisk._payment._cases import codes, measured, whole_numbers
from atrisk._payment._checks import refuse
from atrisk.rules._facts import given_facts

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLACE = "drg.weights"
DIGITS = 3
NEEDED = ("drg", "weight", "geometric_mean_length_of_stay", "post_acute", "special_pay")
YES = {True: 1, False: 0, "Y": 1, "N": 0, "Yes": 1, "No": 0, "": 0}


@dataclass(frozen=True)
class Weights:
    """Groups with their weights; of one year, or of several.

    Attributes
    ----------
    drg : list of str
        Groups, three digits where they are numbers.
    years : array of int, or None
        The fiscal year of each row; None where the table holds for all cases.
    weight, mean : array of float
        Relative weight; geometric mean length of stay, days.
    post_acute, special_pay : array of bool
        Whether post-acute transfers are paid by the day; whether half at once.
    """

    drg: list[str]
    years: NDArray[np.intp] | None
    weight: NDArray[np.float64]
    mean: NDArray[np.float64]
    post_acute: NDArray[np.bool_]
    special_pay: NDArray[np.bool_]

    def rows(self, groups: NDArray[np.str_], of: NDArray[np.intp], years: NDArray[np.int_]) -> NDArray[np.intp]:
        """Return the row of each case: its group is ``groups[of]``, its year is in ``years``."""
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        if self.years is None:
            found = pd.Index(self.drg).get_indexer(pd.Index(groups))[of]
            within = "the table of weights"
        else:
            self._refuse_other_years(years)
            place = pd.Index(self.drg).unique()
            key = self.years * len(place) + place.get_indexer(pd.Index(self.drg))
            known = place.get_indexer(pd.Index(groups))[of]
            wanted = np.where(known < 0, -1, years * len(place) + known)
            found = pd.Index(key).get_indexer(pd.Index(np.atleast_1d(wanted))).reshape(np.shape(wanted))
            within = "the table of weights of its fiscal year"
        names = np.broadcast_to(groups[of], np.shape(found))
        refuse("drg.drg", found < 0, f"must be a group of {within}", _first(names, found < 0))
        without = self.weight[found] == 0
        refuse("drg.drg", without, "must be a group that has a weight", _first(names, without))
        return np.asarray(found)

    def has_all(self, years: NDArray[np.int_]) -> bool:
        """Say whether there are weights of all these years."""
        return self.years is None or bool(np.isin(years, self.years).all())

    def _refuse_other_years(self, years: NDArray[np.int_]) -> None:
        available = sorted(set(np.asarray(self.years).tolist()))
        wrong = np.flatnonzero(~np.isin(years, available))
        if wrong.size:
            hint = f"there are weights of {', '.join(map(str, available))}"
            raise InputError(PLACE, f"must be given for fiscal year {years.flat[wrong[0]]}", hint=hint)


def _first(names: NDArray[np.str_], wrong: NDArray[np.bool_]) -> str:
    """Return the first name that is wrong as errors show it."""
    rows = np.flatnonzero(wrong)
    return repr(str(names.flat[rows[0]])) if rows.size else ""


def groups_of(path: str, values: object) -> tuple[NDArray[np.str_], NDArray[np.intp]]:
    """Return the groups that are named, three digits where they are numbers, and which one each case has."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    array = np.asarray(values)
    if array.ndim > 1:
        raise InputError(path, "must be a group or a column of groups", f"{array.ndim} dimensions")
    of, unique = pd.factorize(array.ravel(), use_na_sentinel=False)
    words = []
    for position, each in enumerate(unique.tolist()):
        word = _word(each)
        if word is None:
            row = f"[{np.flatnonzero(of == position)[0]}]" if array.ndim else ""
            got = "a missing value" if pd.isna(each) else repr(each)
            raise InputError(f"{path}{row}", "must be a diagnosis-related group such as 470 or '001'", got)
        words.append(word)
    return np.array(words, dtype=np.str_), of.astype(np.intp).reshape(array.shape)


def _word(value: object) -> str | None:
    """Return a group as text of three digits; None for what is none."""
    if isinstance(value, str):
        text = value.strip()
        return text.zfill(DIGITS) if text.isdigit() else text or None
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and value % 1 == 0:
        return f"{int(value):0{DIGITS}d}"
    return None


@cache
def shipped() -> Weights:
    """Return the table of fiscal year 2021."""
    table = _tables.read("atrisk.drg", "weights.csv")
    return Weights(
        table.words("drg"),
        np.array(table.whole("fiscal_year"), dtype=np.intp),
        table.numbers("weight"),
        table.numbers("geometric_mean_length_of_stay"),
        table.numbers("post_acute") == 1,
        table.numbers("special_pay") == 1,
    )


def note(group: str) -> str:
    """Return what says that a group of the shipped table has its weight."""
    source = next(row["source"] for row in _tables.read("atrisk.drg", "weights.csv").rows if row["drg"] == group)
    return f"weight, geometric mean length of stay and transfer flags of group {group}: read ({source})"


@cache
def listed(name: str) -> frozenset[str]:
    """Return the groups of a list: those with a rule of their own."""
    rows = _tables.read("atrisk.drg", "groups.csv").rows
    return frozenset(row["drg"] for row in rows if row["list"] == name)


def given(frame: object) -> Weights:
    """Read a user's table of weights, refusing what cannot be one."""
    known = (*NEEDED, "arithmetic_mean_length_of_stay", "fiscal_year", "title", "source", "confidence")
    columns = given_facts(PLACE, frame, {}, known)
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise InputError(PLACE, f"must have the columns {', '.join(missing)}", f"only {', '.join(columns) or 'others'}")
    groups, of = groups_of(f"{PLACE}.drg", np.atleast_1d(np.asarray(columns["drg"])))
    years = columns.get("fiscal_year")
    weights = Weights(
        groups[of].tolist(),
        None if years is None else whole_numbers(f"{PLACE}.fiscal_year", years, 1984, 9999, "a year").astype(np.intp),
        measured(f"{PLACE}.weight", columns["weight"], 0, 1000, ""),
        measured(f"{PLACE}.geometric_mean_length_of_stay", columns["geometric_mean_length_of_stay"], 0, 1000, "days"),
        _flags("post_acute", columns["post_acute"]),
        _flags("special_pay", columns["special_pay"]),
    )
    _check(weights)
    return weights


def _flags(name: str, values: object) -> NDArray[np.bool_]:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    words = np.asarray(values)
    if words.dtype.kind in "biuf":
        return np.asarray(codes(f"{PLACE}.{name}", words.astype(float), [0.0, 1.0], "true or false") == 1)
    text = pd.Series(words.ravel()).fillna("").map(lambda word: word.strip() if isinstance(word, str) else word)
    position = codes(f"{PLACE}.{name}", text.to_numpy(dtype=object), list(YES), "true or false, Y or N")
    return np.asarray(np.array(list(YES.values()))[position] == 1)


def _check(weights: Weights) -> None:
    """Refuse tables with columns of several lengths, groups named twice, stays without a mean, half a policy."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    n = len(weights.drg)
    sizes = {each.size for each in (weights.weight, weights.mean, weights.post_acute, weights.special_pay)}
    if sizes != {n}:
        raise InputError(PLACE, "must have columns of one length", ", ".join(map(str, sorted({n, *sizes}))))
    twice = pd.DataFrame({"drg": weights.drg, "year": 0 if weights.years is None else weights.years}).duplicated()
    for row in np.flatnonzero(twice)[:1]:
        raise InputError(f"{PLACE}.drg[{row}]", "must be each group once", repr(weights.drg[row]))
    for row in np.flatnonzero((weights.weight > 0) & (weights.mean <= 0))[:1]:
        raise InputError(
            f"{PLACE}.geometric_mean_length_of_stay[{row}]", "must be above 0 where there is a weight", "0"
        )
    for row in np.flatnonzero(weights.special_pay & ~weights.post_acute)[:1]:
        raise InputError(f"{PLACE}.special_pay[{row}]", "must be false where post_acute is false", "true")
