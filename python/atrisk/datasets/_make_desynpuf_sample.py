"""Make the shipped sample from the DE-SynPUF tables of all years.

Usage: ``python -m atrisk.datasets._make_desynpuf_sample BENEFICIARIES INPATIENT DIRECTORY``, where the first two are
parquet files: the beneficiary summaries of 2008-2010 with the further column ``YEAR``, and the inpatient claims.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from atrisk.datasets._make_rand_hie import write
from atrisk.datasets.desynpuf import BENEFICIARIES, INPATIENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

MEMBERS = 500


def chosen(identifiers: Sequence[str], members: int = MEMBERS) -> set[str]:
    """Choose beneficiaries by the order of a hash of their identifiers: at random, and always the same."""
    return set(sorted(set(identifiers), key=lambda each: hashlib.sha256(each.encode()).hexdigest())[:members])


def sample(beneficiaries: pd.DataFrame, inpatient: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return all years and all inpatient claims of some beneficiaries, columns as published and YEAR."""
    people = chosen(beneficiaries["DESYNPUF_ID"].tolist())
    years = beneficiaries[beneficiaries["DESYNPUF_ID"].isin(people)].drop(columns="SAMPLE")
    claims = inpatient[inpatient["DESYNPUF_ID"].isin(people)].drop(columns="SAMPLE")
    return (
        years.sort_values(["DESYNPUF_ID", "YEAR"], kind="stable", ignore_index=True),
        claims.sort_values(["DESYNPUF_ID", "CLM_ID", "SEGMENT"], kind="stable", ignore_index=True),
    )


def main(arguments: Sequence[str]) -> int:
    """Read the first two paths, write the two files into the third."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    beneficiaries, inpatient, directory = map(Path, arguments)
    years, claims = sample(pd.read_parquet(beneficiaries), pd.read_parquet(inpatient))
    write(years, directory / BENEFICIARIES)
    write(claims, directory / INPATIENT)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
