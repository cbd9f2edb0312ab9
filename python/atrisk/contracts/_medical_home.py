"""Terms of known medical-home payments, from the shipped tables."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from atrisk import _shipped
from atrisk._errors import InputError
from atrisk._spec import plain, rate, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from atrisk._shipped import Row

YEARS = (1965, 2100)


def table(file: str) -> tuple[Row, ...]:
    """Return the rows of a table beside this file."""
    return _shipped.rows("atrisk.contracts", file)


def cpc_plus_terms(track: object, year: object, risk_cut_points: Iterable[float]) -> dict[str, Any]:
    """Return the terms of a track of Comprehensive Primary Care Plus."""
    path = "CareManagementFee.cpc_plus"
    rows = _dated(path, "cpc_plus_fees.csv", year, ("track", whole(f"{path}.track", track, 1, 2)))
    cuts = [plain(f"{path}.risk_cut_points", cut) for cut in risk_cut_points]
    if len(cuts) != len(rows) - 1:
        rule = f"must be the {len(rows) - 1} risk scores between the {len(rows)} tiers of the track"
        raise InputError(f"{path}.risk_cut_points", rule, f"{len(cuts)}")
    bounds = pairwise([0.0, *cuts, None])
    return {
        "tiers": tuple((low, high, float(row["pmpm"])) for (low, high), row in zip(bounds, rows, strict=True)),
        "prepaid_incentive_pmpm": float(rows[0]["prepaid_incentive_pmpm"]),
        "notes": _notes(rows, lambda row: f"CPC+ track {row['track']}, ${row['pmpm']} for {row['criterion']}"),
    }


def primary_care_first_terms(risk_group: object, year: object) -> dict[str, Any]:
    """Return the population-based payment and flat visit fee of a practice risk group."""
    path = "CareManagementFee.primary_care_first"
    group = whole(f"{path}.risk_group", risk_group, 1, 4)
    rows = _dated(path, "primary_care_first_fees.csv", year, ("risk_group", group))
    row = rows[0]
    return {
        "pmpm": float(row["pmpm"]),
        "flat_visit_fee": float(row["flat_visit_fee"]),
        "notes": _notes(rows, lambda row: f"Primary Care First, ${row['pmpm']} for {row['criterion']}"),
    }


def chronic_care_terms(shares: Mapping[str, float], year: object, eligible_share: object) -> dict[str, Any]:
    """Return the mean monthly fee that care-management codes come to."""
    path = "CareManagementFee.chronic_care"
    eligible = rate(f"{path}.eligible_share", eligible_share)
    year = whole(f"{path}.year", year, *YEARS)
    rows = [row for row in table("chronic_care_rates.csv") if date.fromisoformat(row["first_date"]).year == year]
    if not rows:
        years = sorted({row["first_date"][:4] for row in table("chronic_care_rates.csv")})
        raise InputError(f"{path}.year", f"must be a year of the table: {', '.join(years)}", str(year))
    codes = dict.fromkeys(row["code"] for row in rows)
    total = 0.0
    for code, share in shares.items():
        if text(f"{path}.shares", code) not in codes:
            raise InputError(f"{path}.shares", f"must be by codes of the table: {', '.join(codes)}", repr(code))
        services = plain(f"{path}.shares[{code}]", share)
        if services < 0.0:
            raise InputError(f"{path}.shares[{code}]", "must be a finite number of at least 0", f"{services:g}")
        total += services * _mean_rate([row for row in rows if row["code"] == code])
    used = [row for row in rows if row["code"] in shares]
    return {
        "pmpm": eligible * total,
        "notes": _notes(used, lambda row: f"{row['code']} from {row['first_date']} ${row['rate']}"),
    }


def _mean_rate(rows: Sequence[Row]) -> float:
    """Return a code's rate over the year, each weighed with the days on which it holds."""
    days = [(date.fromisoformat(row["last_date"]) - date.fromisoformat(row["first_date"])).days + 1 for row in rows]
    return sum(float(row["rate"]) * n for row, n in zip(rows, days, strict=True)) / sum(days)


def _dated(path: str, file: str, year: object, key: tuple[str, int]) -> list[Row]:
    """Return the rows of a key in a year, refusing a year that has none."""
    year = whole(f"{path}.year", year, *YEARS)
    column, value = key
    rows = [row for row in table(file) if row[column] == str(value)]
    found = [row for row in rows if int(row["first_year"]) <= year <= int(row["last_year"])]
    if not found:
        spans = dict.fromkeys((row["first_year"], row["last_year"]) for row in rows)
        named = ", ".join(first if first == last else f"{first}-{last}" for first, last in spans)
        raise InputError(f"{path}.year", f"must be a year of the table: {named}", str(year))
    return found


def _notes(rows: Sequence[Row], describe: Any) -> tuple[str, ...]:  # noqa: ANN401 - of a row, its words
    """Return what a reader must know of the figures: their sources, and how sure they are."""
    return tuple(f"{describe(row)}: {row['source']} (confidence: {row['confidence']})" for row in rows)
