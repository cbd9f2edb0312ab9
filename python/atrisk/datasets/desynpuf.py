"""A sample of CMS's synthetic Medicare claims, in the format of the real ones."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

BENEFICIARIES, INPATIENT = "desynpuf_sample_beneficiaries.csv.gz", "desynpuf_sample_inpatient.csv.gz"


def desynpuf_sample() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Beneficiary summaries and inpatient claims of 500 beneficiaries of DE-SynPUF, 2008-2010.

    **Synthetic: they show the format, not the care. Calibrate nothing on them.** DRGs are nearly uniform noise and
    dollars of 2010 are about 40 % low by construction.

    Returns
    -------
    beneficiaries : pandas.DataFrame
        1,471 rows, one for each beneficiary and year: the columns as published, and ``YEAR``.
    inpatient : pandas.DataFrame
        297 rows: their 295 inpatient claims, two of them with a second segment, the columns as published.

    Everything is text, as in the files; empty is missing.

    Notes
    -----
    Source: Centers for Medicare & Medicaid Services, Data Entrepreneurs' Synthetic Public Use File (DE 1.0), for public
    use. The 500 are chosen by a hash of their identifiers from 90,000 (nine of the twenty published samples).

    Examples
    --------
    >>> import atrisk as ar
    >>> person_years = ar.claims.synpuf_person_years(*ar.datasets.desynpuf_sample())
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    tables = []
    for name in (BENEFICIARIES, INPATIENT):
        with files("atrisk.datasets").joinpath(name).open("rb") as stream:
            tables.append(pd.read_csv(stream, compression="gzip", dtype=str))
    return tables[0], tables[1]
