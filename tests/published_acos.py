"""The public use files of the Shared Savings Program, read once."""

from functools import cache

from atrisk import datasets, mssp

YEARS = (2014, 2016, 2017, 2021, 2023)


@cache
def _read(year):
    return mssp.read_puf(datasets.mssp_puf(year))


def puf(year):
    """Return a copy of the file of a year."""
    return _read(year).copy()
