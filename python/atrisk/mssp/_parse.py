"""What the cells of a public use file mean: numbers, rates, flags and dates behind signs that change by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from atrisk._errors import InputError

if TYPE_CHECKING:
    import pandas as pd

#: What stands for a missing value, in lower case: not applicable, suppressed, not reported.
MISSING = (
    "",
    "-",
    "--",
    "\u2013",
    "\u2014",
    "*",
    "**",
    ".",
    "n/a",
    "na",
    "nan",
    "null",
    "none",
    "#n/a",
    "not applicable",
)
TRUE = ("1", "1.0", "yes", "y", "true", "low revenue")
FALSE = ("0", "0.0", "no", "n", "false", "high revenue")
#: Quality that counted by reporting alone, without a score.
REPORTED = "p4r"


def is_missing(texts: pd.Series[str]) -> pd.Series[bool]:
    """Return where a cell says that it holds nothing."""
    return texts.str.strip().str.lower().isin(MISSING)


def attempted(texts: pd.Series[str]) -> tuple[pd.Series[float], pd.Series[bool]]:
    """Read "1,234", "$1,234", "(1,234)", "7.17%" (as 0.0717) and what stands for a missing value.

    Returns
    -------
    numbers, refused : pandas.Series
        The numbers, and where a cell is neither a number nor a missing value.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    plain = pd.to_numeric(texts, errors="coerce").astype("float64")
    if plain.notna().all() and not plain.abs().eq(np.inf).any():
        return plain, plain.isna()
    bare = texts.str.strip().str.replace(r"[,$\s]", "", regex=True).str.replace("\u2212", "-", regex=False)
    bare = bare.str.replace(r"^\((.*)\)$", r"-\1", regex=True)
    percent = bare.str.endswith("%")
    read = pd.to_numeric(bare.str.rstrip("%"), errors="coerce").astype("float64")
    refused = (read.isna() | read.abs().eq(np.inf)) & ~is_missing(texts)
    return read.where(~percent, read / 100.0).mask(refused), refused


def numbers(texts: pd.Series[str], path: str) -> pd.Series[float]:
    """Read a column of numbers; a percent sign divides by 100.

    Raises
    ------
    InputError
        If a cell is neither a number nor a sign of a missing value.
    """
    read, refused = attempted(texts)
    _refuse(texts, refused, path, "must be a number")
    return read


def shares(texts: pd.Series[str], path: str, percent_above: float) -> pd.Series[float]:
    """Read a column of shares, 0-1, whether it is printed as 0.75, 75.00% or 75.

    Parameters
    ----------
    texts : pandas.Series
        The column as published.
    path : str
        Where it stands, for errors.
    percent_above : float
        A figure without a sign that is further from 0 than this must be percent, and so must the whole column.
    """
    read = numbers(texts, path)
    unsigned = ~texts.str.contains("%", regex=False)
    if (read[unsigned].abs() > percent_above).any():
        return read.where(~unsigned, read / 100.0)
    return read


def half_unit(texts: pd.Series[str], read: pd.Series[float], path: str) -> pd.Series[float]:
    """Return half a unit of the last printed digit of each figure, as a share.

    Zeros at the end are often dropped, so the figure with the most decimals of the column tells how many were printed.
    """
    signed = texts.str.contains("%", regex=False)
    digits = texts.str.extract(r"\d\.?(\d*)(?:[eE]([+-]?\d+))?\s*%?\s*$")
    decimals = digits[0].str.len() - digits[1].astype("float64").fillna(0.0)
    printed, _ = attempted(texts.str.replace("%", "", regex=False))
    unsigned_is_percent = bool((printed[~signed] - read[~signed]).abs().gt(0.0).any())
    scale = signed.map({True: 100.0, False: 100.0 if unsigned_is_percent else 1.0})
    unit = 0.5 * 10.0 ** (-decimals.groupby(signed).transform("max")) / scale
    return unit.where(read.notna()).rename(path)


def flags(texts: pd.Series[str], path: str) -> pd.Series[bool]:
    """Read a column of yes and no: 1 and 0, words, or the revenue category.

    Raises
    ------
    InputError
        If a cell is something else.
    """
    words = texts.str.strip().str.lower().str.replace(r"\s+", " ", regex=True)
    yes, no = words.isin(TRUE), words.isin(FALSE)
    _refuse(texts, ~(yes | no | is_missing(texts)), path, "must be 1, 0 or missing")
    return yes.astype("boolean").mask(~(yes | no))


def dates(texts: pd.Series[str], path: str) -> pd.Series[pd.Timestamp]:
    """Read a column of days as 7/1/2012, 07/01/2012 or 2012-07-01.

    Raises
    ------
    InputError
        If a cell is something else.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    missing = is_missing(texts)
    read = pd.to_datetime(texts.str.strip().mask(missing), format="mixed", errors="coerce")
    _refuse(texts, read.isna() & ~missing, path, "must be a day, month first")
    return read


def years(texts: pd.Series[str], path: str) -> pd.Series[float]:
    """Read a column of years as 2014 or PY2014.

    Raises
    ------
    InputError
        If a cell is something else.
    """
    read = texts.str.strip().str.extract(r"^\D*(20\d\d)(?:\.0|[A-Za-z])?$")[0].astype("float64")
    _refuse(texts, read.isna() & ~is_missing(texts), path, "must be a year")
    return read


def words(texts: pd.Series[str]) -> pd.Series[str]:
    """Read a column of texts, None where missing."""
    stripped = texts.str.strip().astype(object)
    return stripped.mask(is_missing(texts), None)


def _refuse(texts: pd.Series[str], refused: pd.Series[bool], path: str, rule: str) -> None:
    if refused.any():
        row = int(refused.to_numpy().argmax())
        others = int(refused.sum()) - 1
        raise InputError(f"{path}[{row}]", rule, repr(texts.iloc[row]), f"and {others} more" if others else None)
