"""Frames as the Provider Data Catalog of CMS publishes them, made into long ones of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk._errors import InputError

if TYPE_CHECKING:
    import pandas as pd

THRESHOLD = " Achievement Threshold"
# Published columns after the name of a measure, and ours.
PURCHASING = {
    "Performance Rate": "performance",
    "Baseline Rate": "baseline",
    "Achievement Threshold": "threshold",
    "Benchmark": "benchmark",
    "Floor": "floor",
}
COMBINED = ("Combined SSI Measure Score", ("HAI-3", "HAI-4"))
READMISSIONS = {
    "Facility ID": "facility_id",
    "Measure Name": "measure",
    "Number of Discharges": "discharges",
    "Excess Readmission Ratio": "excess_ratio",
}
Z_SCORE = " W Z Score"


def is_published(table: pd.DataFrame) -> bool:
    """Say whether a frame is one of the Provider Data Catalog."""
    return "Facility ID" in table.columns


def number(column: pd.Series) -> pd.Series:
    """Read "6 out of 10", "79.42%" and "Not Available": 6, 0.7942 and missing."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    text = column.astype(str).str.strip()
    percent = text.str.endswith("%")
    plain = text.str.removesuffix("%").str.replace(r" out of \d+$", "", regex=True).str.replace(",", "")
    read = pd.to_numeric(plain, errors="coerce")
    return read.where(~percent, read / 100)


def purchasing(path: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return the measures of a published domain, or its total scores, a row for each hospital (and measure)."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    facility = table["Facility ID"].astype(str)
    if "Total Performance Score" in table.columns:
        total = number(table["Total Performance Score"])
        return pd.DataFrame({"facility_id": facility, "total_performance_score": total})
    measures = [name.removesuffix(THRESHOLD) for name in table.columns if name.endswith(THRESHOLD)]
    if not measures:
        rule = f"must have columns of measures (ending in {THRESHOLD!r}) or Total Performance Score"
        raise InputError(path, rule, f"only {', '.join(table.columns[:8])}")
    parts = []
    for measure in measures:
        columns = {ours: f"{measure} {theirs}" for theirs, ours in PURCHASING.items()}
        read = {ours: number(table[theirs]) for ours, theirs in columns.items() if theirs in table.columns}
        if measure in COMBINED[1] and COMBINED[0] in table.columns:
            read["combined_score"] = number(table[COMBINED[0]])
        parts.append(pd.DataFrame({"facility_id": facility, "measure": measure, **read}))
    return pd.concat(parts, ignore_index=True)


def readmissions(table: pd.DataFrame, minimum_discharges: float) -> pd.DataFrame:
    """Return published excess ratios; a number of discharges that is withheld beside a ratio is enough of them."""
    long = table.rename(columns=READMISSIONS)
    long["facility_id"] = long["facility_id"].astype(str)
    for name in ("discharges", "excess_ratio"):
        if name in long.columns:
            long[name] = number(long[name])
    if "discharges" in long.columns and "excess_ratio" in long.columns:
        enough = long["discharges"].isna() & long["excess_ratio"].notna()
        long["discharges"] = long["discharges"].mask(enough, minimum_discharges)
    return long


def conditions(table: pd.DataFrame) -> pd.DataFrame:
    """Return published winsorized z-scores; hospitals outside of the program have neither yes nor no."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    parts = [
        pd.DataFrame(
            {
                "facility_id": table["Facility ID"].astype(str),
                "measure": name.removesuffix(Z_SCORE),
                "z_score": number(table[name]),
                "exempt": ~table["Payment Reduction"].isin(["Yes", "No"])
                if "Payment Reduction" in table.columns
                else False,
            }
        )
        for name in table.columns
        if name.endswith(Z_SCORE)
    ]
    return pd.concat(parts, ignore_index=True) if parts else table.rename(columns={"Facility ID": "facility_id"})
