"""The accountable care organizations (ACOs) of the Medicare Shared Savings Program: raw files, and savings rates."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from atrisk._errors import InputError

if TYPE_CHECKING:
    import pandas as pd

FILE = "mssp_savings_rates.csv.gz"
PUF_YEARS = (2014, 2016, 2017, 2021, 2023)


def mssp_puf(year: int) -> Path:
    """Raw public use file of a performance year, as published and compressed with gzip.

    Parameters
    ----------
    year : int
        Performance year: 2014, 2016, 2017, 2021 or 2023, one of each family of rules.

    Returns
    -------
    pathlib.Path
        The file, for :func:`atrisk.mssp.read_puf`.

    Raises
    ------
    InputError
        If the file of that year is not shipped; the years that are are listed.

    Notes
    -----
    Source: "Performance Year Financial and Quality Results" public use files of the Centers for Medicare &
    Medicaid Services, works of the US Government in the public domain.

    Examples
    --------
    >>> import atrisk as ar
    >>> len(ar.mssp.read_puf(ar.datasets.mssp_puf(2023)))
    453
    """
    if isinstance(year, bool) or year not in PUF_YEARS:
        shipped = ", ".join(map(str, PUF_YEARS))
        raise InputError("datasets.mssp_puf.year", f"must be one of {shipped}", repr(year), "others: data.cms.gov")
    return Path(__file__).with_name(f"mssp_puf_{int(year)}.csv.gz")


def mssp_savings_rates() -> pd.DataFrame:
    """Benchmark and expenditure of every ACO in performance years 2014, 2016, 2017, 2021 and 2023.

    Returns
    -------
    pandas.DataFrame
        2,165 rows, one for each ACO and year, sorted by these:

        - ``aco_id``: identifier since 2018, of earlier years too, so that an ACO is the same in all of them
        - ``performance_year``: calendar year
        - ``agreement_start``: first day of the agreement period; within one the benchmark is not rebased
        - ``members``: assigned beneficiaries, number
        - ``benchmark_dollars``: updated benchmark of all of them, dollars a year
        - ``expenditure_dollars``: their expenditure, dollars a year
        - ``minimum_savings_rate``: share of the benchmark, 0 where the ACO chose none
        - ``savings_rate``: (benchmark - expenditure) / benchmark, a share, below zero for losses

    Notes
    -----
    Source: "Performance Year Financial and Quality Results" public use files of the Centers for Medicare &
    Medicaid Services, a work of the US Government in the public domain. The few ACOs with fewer than 5,000
    members are as published.

    Examples
    --------
    >>> import atrisk as ar
    >>> rates = ar.datasets.mssp_savings_rates()
    >>> rates.groupby("performance_year")["savings_rate"].mean().round(4).to_dict()[2017]
    0.0135
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    with files("atrisk.datasets").joinpath(FILE).open("rb") as stream:
        table = pd.read_csv(stream, compression="gzip", parse_dates=["agreement_start"])
    saved = table["benchmark_dollars"] - table["expenditure_dollars"]
    return table.assign(savings_rate=saved / table["benchmark_dollars"])
