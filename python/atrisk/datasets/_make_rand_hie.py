"""Make the shipped file from the RAND table as statsmodels distributes it.

Usage: ``python -m atrisk.datasets._make_rand_hie randhie.csv rand_hie.csv.gz``
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

#: Name in the source -> name here, what is fixed for a person before what changes by year.
#: Left out is only what these give: logarithms, and flags of a child or of any expense.
COLUMNS = {
    "zper": "person_id",
    "site": "site",
    "plan": "plan",
    "coins": "coinsurance_percent",
    "idp": "individual_deductible",
    "mdeoff": "maximum_expenditure",
    "pioff": "participation_incentive",
    "female": "sex",
    "black": "black",
    "income": "income",
    "educdec": "education_years",
    "tookphys": "baseline_examination",
    "hlthg": "self_rated_health",
    "xghindx": "general_health_index",
    "ghindx": "general_health_imputed",
    "mhi": "mental_health_index",
    "disea": "chronic_disease_index",
    "physlm": "physical_limitation",
    "year": "year",
    "time": "enrolled_share",
    "xage": "age",
    "num": "family_size",
    "mdvis": "physician_visits",
    "notmdvis": "non_physician_visits",
    "mentvis": "psychotherapy_visits",
    "totadm": "admissions",
    "inpmis": "inpatient_charges_missing",
    "outpdol": "outpatient_dollars",
    "drugdol": "drug_dollars",
    "suppdol": "supply_dollars",
    "mentdol": "psychotherapy_dollars",
    "inpdol": "inpatient_dollars",
    "meddol": "medical_dollars",
}
DECIMALS = {"age": 3, "enrolled_share": 6, "income": 2} | {
    name: 2 for name in COLUMNS.values() if name.endswith("_dollars")
}


def tidy(source: pd.DataFrame) -> pd.DataFrame:
    """Give the source table readable columns.

    Parameters
    ----------
    source : pandas.DataFrame
        The 45 columns of ``randhie.csv``.

    Returns
    -------
    pandas.DataFrame
        The columns of :func:`atrisk.datasets.rand_hie`, sorted by person and year.
    """
    table = source[list(COLUMNS)].rename(columns=COLUMNS)
    table["sex"] = source["female"].map({0: "male", 1: "female"})
    table["self_rated_health"] = "excellent"
    for column, health in {"hlthg": "good", "hlthf": "fair", "hlthp": "poor"}.items():
        table.loc[source[column] == 1, "self_rated_health"] = health
    table["general_health_imputed"] = source["ghindx"].isna().astype(int)
    return table.round(DECIMALS).sort_values(["person_id", "year"], ignore_index=True)


def write(table: pd.DataFrame, path: Path) -> None:
    """Write the table as gzip without a date or a name, so that the same table gives the same file."""
    text = table.to_csv(index=False, lineterminator="\n", float_format="%.12g")
    path.write_bytes(gzip.compress(text.encode("ascii"), compresslevel=9, mtime=0))


def main(arguments: Sequence[str]) -> int:
    """Read the first path, write the second."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    source, target = map(Path, arguments)
    write(tidy(pd.read_csv(source)), target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
