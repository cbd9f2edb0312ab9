"""Make the shipped file from the raw public use files of the Shared Savings Program.

Usage: ``python -m atrisk.datasets._make_mssp_savings_rates DIRECTORY mssp_savings_rates.csv.gz``, where the directory
holds ``mssp_puf_YYYY.csv`` of one or more performance years and ``aco_id_crosswalk.csv``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from atrisk._errors import InputError
from atrisk.datasets._make_rand_hie import write

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

#: Name here -> names in the files, in lower case: case and names change from year to year.
COLUMNS = {
    "aco_id": ("aco_id", "aco_num"),
    "agreement_start": ("current_start_date", "start_date"),
    "members": ("n_ab",),
    "benchmark_dollars": ("abtotbnchmk",),
    "expenditure_dollars": ("abtotexp",),
    "minimum_savings_rate": ("minsavperc",),
    "published_savings_rate": ("sav_rate",),
}
TEXTS = ("aco_id", "agreement_start")
RATES = ("minimum_savings_rate", "published_savings_rate")
MISSING = ("", "-", "*", ".")
PERCENT_YEARS = (2014,)  # rates are percent without a sign; later ones are shares, or percent with a sign
ROUNDING = 0.0000501  # rates of the last years are printed to a hundredth of a percent


def numbers(texts: pd.Series[str]) -> pd.Series[float]:
    """Read "1,234", "7.17%" (as 0.0717) and what stands for a missing value."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    bare = texts.str.strip().str.replace(",", "", regex=False)
    percent = bare.str.endswith("%", na=False)
    read = pd.to_numeric(bare.str.rstrip("%").mask(bare.isin(MISSING)))
    return read.where(~percent, read / 100.0)


def tidy(source: pd.DataFrame, year: int, identifiers: dict[str, str]) -> pd.DataFrame:
    """Give one year's file readable columns.

    Parameters
    ----------
    source : pandas.DataFrame
        A file as texts.
    year : int
        Its performance year.
    identifiers : dict of str to str
        Identifier until 2017 -> identifier since 2018.

    Returns
    -------
    pandas.DataFrame
        The columns of :func:`atrisk.datasets.mssp_savings_rates` but the savings rate.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    found = {name.strip().lower(): name for name in source.columns}
    raw = {here: source[next(found[name] for name in names if name in found)] for here, names in COLUMNS.items()}
    table = pd.DataFrame({here: texts if here in TEXTS else numbers(texts) for here, texts in raw.items()})
    if year in PERCENT_YEARS:
        table[list(RATES)] /= 100.0
    table["aco_id"] = table["aco_id"].str.strip().replace(identifiers)
    table["agreement_start"] = pd.to_datetime(table["agreement_start"], format="%m/%d/%Y").dt.strftime("%Y-%m-%d")
    table["minimum_savings_rate"] = table["minimum_savings_rate"].round(6)
    for name in ("members", "benchmark_dollars", "expenditure_dollars"):
        table[name] = table[name].astype("int64")
    saved = (table["benchmark_dollars"] - table["expenditure_dollars"]) / table["benchmark_dollars"]
    apart = (saved - table.pop("published_savings_rate")).abs()
    if not (apart <= ROUNDING).all():
        raise InputError(f"mssp_puf_{year}.csv", "must print the savings rate its dollars give", f"{apart.max()} apart")
    table.insert(1, "performance_year", year)
    return table


def main(arguments: Sequence[str]) -> int:
    """Read the directory, write the file."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    directory, target = map(Path, arguments)
    crosswalk = pd.read_csv(directory / "aco_id_crosswalk.csv", dtype=str)
    identifiers = dict(zip(crosswalk["ACO_NUM"], crosswalk["ACO_ID"], strict=True))
    years = []
    for path in sorted(directory.glob("mssp_puf_*.csv")):
        encoding = "utf-8-sig" if path.read_bytes().startswith(b"\xef\xbb\xbf") else "latin-1"
        source = pd.read_csv(path, dtype=str, keep_default_na=False, encoding=encoding, encoding_errors="replace")
        years.append(tidy(source, int(path.stem.rpartition("_")[2]), identifiers))
    write(pd.concat(years).sort_values(["aco_id", "performance_year"], ignore_index=True), target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
