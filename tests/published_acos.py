"""The public use files of the Shared Savings Program, read once."""

from functools import cache
from pathlib import Path

from atrisk import mssp

YEARS = (2014, 2016, 2017, 2021, 2023)
DATA = Path(__file__).parent / "data" / "mssp"


@cache
def _read(year):
    return mssp.read_puf(DATA / f"mssp_puf_{year}.csv.gz")


def puf(year):
    """Return a copy of the file of a year."""
    return _read(year).copy()
