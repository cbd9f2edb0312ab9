"""Published files of fiscal year 2024 that the tests of hospitals reproduce."""

from functools import cache
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent / "data" / "hospital_p4p"
DOMAINS = {
    "clinical_outcomes": "Normalized Clinical Outcomes",
    "efficiency_and_cost_reduction": "Normalized Efficiency And Cost Reduction",
    "person_and_community_engagement": "Person And Community Engagement",
    "safety": "Normalized Safety",
}


@cache
def published(name):
    return pd.read_csv(FOLDER / f"{name}.csv.gz", dtype=str, encoding="utf-8-sig")


def purchasing_domains():
    return [published(f"hvbp_{domain}") for domain in DOMAINS]


def number(column):
    """A published number, "3 out of 10" too; missing where it is none."""
    return pd.to_numeric(column.str.replace(r" out of \d+$", "", regex=True), errors="coerce")


def published_points(kind):
    """Published points or scores of every measure: one row for each hospital and measure that has them."""
    parts = []
    for table in purchasing_domains():
        for column in table.columns:
            if column.endswith(kind) and not column.startswith("Combined"):
                measure = column.removesuffix(kind).strip()
                values = {"facility_id": table["Facility ID"], "measure": measure, "published": number(table[column])}
                parts.append(pd.DataFrame(values).dropna())
    return pd.concat(parts)
