"""Terms of the tracks by performance year, from the shipped tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._spec import whole
from atrisk.benchmark import Benchmark
from atrisk.mssp._tables import table
from atrisk.rules._rule import Rule
from atrisk.rules._tables import table_bands

if TYPE_CHECKING:
    from atrisk.contracts.shared_savings import Band, SharedSavings

LONGEST_AGREEMENT = 10
#: From the surest on.
CONFIDENCES = ("read", "read_secondary", "recalled")
FIRST_BENCHMARK = (0.1, 0.3, 0.6)
ELECTED = 0.02


def minimum_rate_table() -> tuple[Band, ...]:
    """Return the minimum savings rates by members."""
    return tuple(
        (float(row["members_from"]), _number(row["members_to"]), float(row["rate_at_low"]), float(row["rate_at_high"]))
        for row in table("minimum_savings_rates.csv")
    )


def minimum_savings_rate(members: Any) -> Any:  # noqa: ANN401 - a number or an array
    """Return the minimum savings rate that the program's table gives a number of assigned beneficiaries.

    Parameters
    ----------
    members : float or array of float
        Heads.

    Returns
    -------
    float or numpy.ndarray
        A share of the benchmark, 0-1: a straight line inside each band (42 CFR 425.604(b), 425.605(b)).
    """
    terms = {"minimum_rate_table": table_bands("minimum_rate_table", minimum_rate_table())}
    rule = Rule("minimum_savings_rate", terms, "mssp.minimum_savings_rate")
    rates = rule.columns({"members": members})["minimum_savings_rate"]
    return float(rates[0]) if np.ndim(members) == 0 else rates


def tracks() -> list[str]:
    """Return the names of all tracks."""
    return list(dict.fromkeys(row["track"] for row in table("tracks.csv")))


def track_row(track: str, year: int, agreement_year: int = 1) -> dict[str, str]:
    """Return the row of a track in a performance year.

    Raises
    ------
    InputError
        If there is none; the tracks or years that exist are named.
    """
    rows = [row for row in table("tracks.csv") if row["track"].lower() == str(track).strip().lower()]
    if not rows:
        raise InputError("SharedSavings.mssp", f"must be a track: {', '.join(tracks())}", repr(track))
    for row in rows:
        years = int(row["first_year"]) <= year <= int(row["last_year"])
        first, last = _number(row["agreement_year_from"]) or 0.0, _number(row["agreement_year_to"])
        if years and first <= agreement_year and (last is None or agreement_year <= last):
            return row
    first_year, last_year = min(row["first_year"] for row in rows), max(row["last_year"] for row in rows)
    hint = f"years of {rows[0]['track']}: {first_year} to {last_year}"
    raise InputError("SharedSavings.mssp.year", "must be a performance year of the track", str(year), hint)


def payment_row(year: int) -> dict[str, str]:
    """Return what holds for all tracks in a performance year."""
    rows = table("payments.csv")
    for row in rows:
        if int(row["first_year"]) <= year <= int(row["last_year"]):
            return row
    hint = f"the years are {rows[0]['first_year']} to {rows[-1]['last_year']}"
    raise InputError("mssp.year", "must be a performance year of the program", str(year), hint)


def emergency_share(year: int) -> float:
    """Return the part of a year in a nationwide public health emergency, which no loss is owed for."""
    return float(payment_row(year)["emergency_months"]) / 12.0


def sharing_terms(
    cls: type[SharedSavings], track: str, year: object, agreement_year: object, terms: dict[str, Any]
) -> SharedSavings:
    """Return the contract of a track, with a user's own terms in place of the track's."""
    year = whole("SharedSavings.mssp.year", year, 1, 9999)
    agreement_year = whole("SharedSavings.mssp.agreement_year", agreement_year, 1, LONGEST_AGREEMENT)
    row, payment = track_row(track, year, agreement_year), payment_row(year)
    started = year - agreement_year + 1
    if started < float(row["reduced_sharing_agreements_from"] or "-inf"):
        row = row | {"reduced_sharing_factor": ""}
    preset = _sharing(row) | _minimum(row) | {"sequestration_rate": float(payment["sequestration_rate"])}
    preset["notes"] = tuple(_notes(row, payment, year))
    if "benchmark" not in terms and "benchmark_pmpm" not in terms:
        preset["benchmark"] = Benchmark(weights=FIRST_BENCHMARK)
    try:
        return cls(**(preset | terms))
    except TypeError as error:
        raise InputError("SharedSavings.mssp", "must be given terms of SharedSavings", str(error)) from None


def confidence_of(row: dict[str, str], year: int) -> str:
    """Return the lower confidence of a track's terms and of what holds for all tracks in a year."""
    both = row["confidence"], payment_row(year)["confidence"]
    return max(both, key=CONFIDENCES.index)


def _sharing(row: dict[str, str]) -> dict[str, Any]:
    by_quality = row["loss_rule"] == "one_minus_share_times_quality"
    least, most = _number(row["loss_rate_min"]), _number(row["loss_rate_max"])
    reduced = _number(row["reduced_sharing_factor"])
    return {
        "sharing_rate": float(row["sharing_rate"]),
        "quality_rule": row["quality_rule"],
        "payment_limit_rate": _number(row["payment_limit_rate"]),
        "loss_rate": 0.0 if by_quality else most or 0.0,
        "loss_rate_by_quality": (least, most) if by_quality else None,
        "loss_limit_rate": _number(row["loss_limit_benchmark_rate"]),
        "loss_limit_revenue_rate": _number(row["loss_limit_revenue_rate"]),
        "reduced_sharing": None if reduced is None else (reduced, _number(row["reduced_sharing_members"])),
    }


def _minimum(row: dict[str, str]) -> dict[str, Any]:
    rule = row["minimum_rate_rule"]
    rate = 0.0 if rule == "table" else _number(row["minimum_rate"]) or ELECTED
    return {
        "minimum_savings_rate": rate,
        "minimum_loss_rate": rate,
        "minimum_rate_table": () if rule == "fixed" else minimum_rate_table(),
        # Without an election the table holds whatever the members.
        "table_below_members": _number(row["table_below_members"]) if rule == "elected" else None,
    }


def _notes(row: dict[str, str], payment: dict[str, str], year: int) -> list[str]:
    stated = [
        (f"terms of {row['track']}", row["source"], row["confidence"]),
        (_payment_terms(payment), payment["source"], payment["confidence"]),
    ]
    notes = [f"{what}, performance year {year}: {source} (confidence: {sure})" for what, source, sure in stated]
    if row["minimum_rate_rule"] != "fixed":
        notes += _table_notes()
    emergency = int(payment["emergency_months"])
    if emergency and row["loss_rule"] != "none":
        notes.append(
            f"{emergency} of 12 months of {year} lay in a public health emergency (confidence: "
            f"{payment['confidence']}): to take it off losses give disaster_share={emergency / 12:.6g}"
        )
    if row["loss_limit_revenue_rate"]:
        notes.append("losses are limited by the participants' revenue only where revenue is given")
    return notes


def _table_notes() -> list[str]:
    """Return what is not read in a regulation of the minimum rates by members."""
    rows = [row for row in table("minimum_savings_rates.csv") if row["confidence"] != "read"]
    ranges = [f"{row['members_from']}-{row['members_to']} {row['confidence']}" for row in rows]
    return [f"minimum rates by members, confidence: {', '.join(ranges)}"]


def _payment_terms(payment: dict[str, str]) -> str:
    emergency = "" if payment["emergency_months"] == "0" else f", {payment['emergency_months']} months of emergency"
    return f"sequestration of {100.0 * float(payment['sequestration_rate']):g} %{emergency}"


def _number(cell: str) -> float | None:
    return float(cell) if cell else None
