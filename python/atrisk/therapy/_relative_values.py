"""Relative value units from a user's file (that of CMS as it is published, or a frame), and the fees they make."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _figures as figures
from atrisk._errors import InputError
from atrisk._frames import give_back, need, read_frame
from atrisk._payment import _tables
from atrisk.rules._facts import as_written, is_one, numbers
from atrisk.rules._rule import Rule
from atrisk.therapy import _figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

PARTS = ("work", "practice_expense", "malpractice")
MOST = 10_000


def read_relative_values(source: Any, /) -> pd.DataFrame:  # noqa: ANN401 - a path or a frame of any kind
    """Read a file of relative value units, as CMS publishes it (PPRRVU), or a frame.

    Parameters
    ----------
    source : path or data frame
        A CSV file with its preamble: the row that begins with HCPCS ends the headers, which may stand in several rows
        one above the other. Or a frame with the columns HCPCS, MOD, WORK RVU, NON-FAC PE RVU and MP RVU, or with
        ``code``, ``work``, ``practice_expense`` and ``malpractice``.

    Returns
    -------
    pandas.DataFrame
        ``code``, ``modifier`` ("" for the whole service), ``work``, ``practice_expense`` (outside a facility, which
        therapy is always paid) and ``malpractice``, relative value units; ``conversion_factor``, dollars, and
        ``calendar_year`` where they are given.

    Raises
    ------
    InputError
        A file without these columns; values that are no numbers of 0 to 10,000; a code twice.
    """
    return _read("therapy.read_relative_values", source)


def _read(place: str, source: Any) -> pd.DataFrame:  # noqa: ANN401 - a path or a frame of any kind
    """Read relative value units; errors are those of ``place``."""
    table = _of_file(place, Path(source)) if isinstance(source, (str, PathLike)) else read_frame(place, source)
    table = table.rename(columns=_renamed(place, list(map(str, table.columns))))
    need(place, table, ["code", *PARTS])
    kept = [n for n in ("code", "modifier", *PARTS, "conversion_factor", "calendar_year") if n in table.columns]
    table = table[kept].reset_index(drop=True)
    table["code"] = [str(code).strip().upper() for code in table["code"]]
    for row in np.flatnonzero([code.endswith(".0") for code in table["code"]])[:1]:
        hint = "codes are text, or whole numbers: read them as text"
        raise InputError(f"{place}.code[{row}]", "must be a code such as 97110", repr(table["code"][row]), hint)
    modifier = table["modifier"] if "modifier" in table else [""] * len(table)
    table["modifier"] = ["" if word is None or word != word else str(word).strip() for word in modifier]  # noqa: PLR0124 - what is missing differs from itself
    for name in (*PARTS, *(n for n in ("conversion_factor",) if n in table)):
        table[name] = _column(f"{place}.{name}", table[name])
    twice = table.duplicated([n for n in ("code", "modifier", "calendar_year") if n in table]).to_numpy()
    for row in np.flatnonzero(twice)[:1]:
        raise InputError(f"{place}.code[{row}]", "must be there once", f"{table['code'][row]} twice")
    return table[["code", "modifier", *(name for name in table if name not in {"code", "modifier"})]]


def _of_file(place: str, path: Path) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    try:
        with path.open(encoding="latin-1", newline="") as stream:
            rows = [[cell.strip() for cell in row] for row in csv.reader(stream)]
    except OSError as error:
        raise InputError(place, "must be a file that can be read", f"{path}: {error.strerror}") from None
    headed = [at for at, row in enumerate(rows) if row and row[0].lstrip("ï»¿").upper() in {"HCPCS", "CODE"}]
    if not headed:
        raise InputError(place, "must have a row of headers that begins with HCPCS", str(path))
    width, above = len(rows[headed[0]]), rows[: headed[0] + 1]
    names = [" ".join(row[at] for row in above if at < len(row) and row[at]) for at in range(1, width)]
    body = [row + [""] * (width - len(row)) for row in rows[headed[0] + 1 :] if row and row[0]]
    return pd.DataFrame([row[:width] for row in body], columns=["HCPCS", *names])


def _renamed(place: str, names: Sequence[str]) -> dict[str, str]:
    """Return our names of the columns of CMS; each must be there once."""
    found: dict[str, str] = {}
    for name in names:
        words = name.upper().replace("NON- FAC", "NON-FAC").replace("NON-FACILITY", "NON-FAC").split()
        ours = next((ours for ours, ends in HEADERS.items() if words[-len(ends) :] == list(ends)), None)
        if ours is None:
            continue
        if ours in found.values() or ours in names:
            raise InputError(place, f"must have one column of {ours}", repr(name))
        found[name] = ours
    return found


HEADERS = {
    "code": ("HCPCS",),
    "modifier": ("MOD",),
    "work": ("WORK", "RVU"),
    "practice_expense": ("NON-FAC", "PE", "RVU"),
    "malpractice": ("MP", "RVU"),
    "conversion_factor": ("CONV", "FACTOR"),
}


def _column(path: str, values: pd.Series[Any]) -> NDArray[np.float64]:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    found = pd.to_numeric(values, errors="coerce").to_numpy(na_value=np.nan)
    read = as_written(found) if found.dtype.kind == "f" else found.astype(np.float64)
    for row in np.flatnonzero(~((read >= 0) & (read <= MOST)))[:1]:
        raise InputError(f"{path}[{row}]", f"must be a number between 0 and {MOST:,}", f"{values.iloc[row]}")
    return read


@dataclass(frozen=True)
class RelativeValues:
    """Relative value units by code, and by year where they are of several years."""

    table: pd.DataFrame

    @classmethod
    def read(cls, place: str, source: object) -> RelativeValues:
        """Read what a user gave as fees; rows of a modifier (a part of a service) are left out."""
        table = _read(f"{place}.fees", source)
        return cls(table[table["modifier"] == ""].reset_index(drop=True))

    def of(self, place: str, codes: Sequence[str], years: Sequence[int]) -> NDArray[np.float64]:
        """Return work, practice expense and malpractice of codes, a row for each; all that lack them are named."""
        by_year = "calendar_year" in self.table
        keys = self.table["calendar_year"].astype(int) if by_year else [None] * len(self.table)
        rows = {key: row for row, key in enumerate(zip(self.table["code"], keys, strict=True))}
        wanted = [(code, year if by_year else None) for code, year in zip(codes, years, strict=True)]
        lacking = sorted({f"{code} {year or ''}".rstrip() for code, year in wanted if (code, year) not in rows})
        if lacking:
            raise InputError(f"{place}.fees", "must have a row for every code", f"none for {', '.join(lacking)}")
        values = self.table[list(PARTS)].to_numpy(dtype=np.float64)
        found = values[np.array([rows[key] for key in wanted], dtype=np.intp)]
        unpriced = sorted({code for (code, _), row in zip(wanted, found, strict=True) if not row.any()})
        if unpriced:
            rule = "must have relative value units above 0: without any a code has no fee"
            raise InputError(f"{place}.fees", rule, f"0 for {', '.join(unpriced)}")
        return found


def read_gpci(place: str, gpci: object) -> NDArray[np.float64]:
    """Return the three geographic practice cost indexes."""
    rule = "must be three numbers: of work, practice expense and malpractice"
    values = numbers(f"{place}.gpci", [] if is_one(gpci) else gpci)
    if values.shape != (len(PARTS),):
        raise InputError(f"{place}.gpci", rule, repr(gpci)[:60])
    for at in np.flatnonzero(~((values > 0) & (values <= 10)))[:1]:  # noqa: PLR2004 - indexes are near 1
        raise InputError(f"{place}.gpci[{at}]", "must be above 0 and at most 10", f"{values[at]:g}")
    return values


def fee_schedule(fees: Any, /, *, calendar_year: int, gpci: object = (1.0, 1.0, 1.0)) -> Any:  # noqa: ANN401 - a frame of the user's kind
    """Return the fees of codes in a year.

    Parameters
    ----------
    fees : path or data frame
        Relative value units, as :func:`read_relative_values` takes them; rows of a modifier are left out.
    calendar_year : int
        2005 to 2009 or 2012 to 2026.
    gpci : three numbers
        Geographic practice cost indexes of work, practice expense and malpractice; the nation's are 1.

    Returns
    -------
    data frame
        A row for each code and each conversion factor of the year: ``code``, ``first_date``, ``last_date``,
        ``qualifying_apm`` (whether it is that of participants in a qualifying alternative payment model; missing where
        there is one for all), ``work``, ``practice_expense``, ``malpractice``, ``conversion_factor``, ``fee`` (dollars
        a unit, in cents; missing for codes without relative value units, which have none), ``reduced_fee`` (with half
        the practice expense, as units beside another service are paid; missing where the rule began later) and
        ``confidence``.

    Notes
    -----
    42 CFR 414.20-414.26. fee = (work × its index + practice expense × its index + malpractice × its index) × conversion
    factor. The assistant's reduction, the deductible and coinsurance come after: :func:`price`.

    Examples
    --------
    >>> import atrisk as ar
    >>> exercise = {"code": ["97110"], "work": [0.45], "practice_expense": [0.4], "malpractice": [0.02]}
    >>> ar.therapy.fee_schedule(exercise, calendar_year=2025)["fee"].tolist()
    [28.14]
    """
    place = "therapy.fee_schedule"
    factors = _tables.read(_figures.PACKAGE, "conversion_factors.csv").frame()
    years = factors["calendar_year"].unique().tolist()
    if calendar_year not in years:
        rule = f"must be a calendar year with a conversion factor: {', '.join(map(str, years))}"
        raise InputError(f"{place}.calendar_year", rule, repr(calendar_year))
    periods = factors[factors["calendar_year"] == calendar_year]
    parts = RelativeValues.read(place, fees).table
    if "calendar_year" in parts:
        parts = parts[parts["calendar_year"] == calendar_year]
    table = parts[["code", *PARTS]].merge(periods, how="cross")
    reduction = _figures.dated("practice_expense_factor")
    at = reduction.at(table["first_date"].to_numpy(dtype="datetime64[D]"))
    indexes = dict(zip([f"{part}_gpci" for part in PARTS], read_gpci(place, gpci), strict=True))
    facts = {name: table[name].to_numpy() for name in (*PARTS, "conversion_factor")}
    begun = {"units": 1, "full_units": 1, "assistant_factor": 1}
    factor = np.where(at >= 0, reduction.values()[at], 1.0)
    fee = Rule("therapy_allowed", {}, place).columns({**facts, **indexes, **begun, "practice_expense_factor": factor})
    priced = table[list(PARTS)].to_numpy().any(axis=1)
    table["fee"] = np.where(priced, fee["fee"], np.nan)
    table["reduced_fee"] = np.where(priced & (at >= 0), fee["reduced_fee"], np.nan)
    sure = np.array([figures.CONFIDENCES.index(word) for word in table["confidence"]])
    table["confidence"] = _tables.least_sure(sure, np.where(at >= 0, reduction.sure()[at], sure))
    named = ["code", "first_date", "last_date", "qualifying_apm", *PARTS, "conversion_factor", "fee", "reduced_fee"]
    return give_back(table[[*named, "confidence"]], None if isinstance(fees, (str, PathLike)) else fees)
