"""Settles the ACO-years of public use files again: the terms of their tracks, at their published facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atrisk._errors import InputError
from atrisk.contracts._flow import one_side, with_flow
from atrisk.contracts.shared_savings import SharedSavings
from atrisk.mssp._cases import frame_of, read_cases
from atrisk.mssp._printed import HAIR, printed_rates, rounding_tolerance
from atrisk.mssp._reasons import NO_MINIMUM, NOT_PUBLISHED, reasons
from atrisk.mssp._tracks import confidence_of, emergency_share, minimum_savings_rate, track_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from atrisk.mssp._cases import Cases, Floats, Places
    from atrisk.statement import Statement

#: Lines of the rule that are returned.
LINES = ("savings", "minimum_rate", "sharing_rate", "loss_rate", "payment_limit", "loss_limit", "disaster_reduction")


class Alike(NamedTuple):
    """ACO-years with the same terms, and where they stand."""

    places: Places
    cases: Cases
    terms: SharedSavings
    emergency_share: float
    reduced_from: float
    confidence: str


def settle(frame: object) -> pd.DataFrame:
    """Settle each ACO's year: what it earns of its savings, or owes of its losses.

    Parameters
    ----------
    frame : data frame or path
        As :func:`read_puf` returns it, or the path of a public use file; or a user's own (pandas, polars, Arrow) with
        the columns ``aco_id``, ``performance_year``, ``track``, ``members``, ``benchmark``, ``spending`` and
        ``minimum_savings_rate``, and where they matter ``agreement_start``, ``quality_score``,
        ``met_quality_standard``, ``met_alternative_quality_standard``, ``final_sharing_rate``, ``final_loss_rate``,
        ``disaster_adjustment``, ``revenue_loss_limit``, ``low_revenue``, ``reduced_sharing``.

    Returns
    -------
    pandas.DataFrame
        One row for each of the frame, with its index:

        - ``aco_id``, ``performance_year``, ``track``
        - ``earned``: dollars paid to the ACO after sequestration and before any recoupment of advances, below zero
          where it owes
        - ``earned_published``: the same as published, whole dollars, missing where it is missing
        - ``rounding_tolerance``: dollars; half a unit of the last printed digit of the rate × savings, 0 where the rate
          is not rounded or does not decide
        - ``reason``: what decided
        - ``confidence``: of the terms, the lowest of "read", "read_secondary" and "recalled"
        - ``savings``, ``minimum_rate``, ``sharing_rate``, ``loss_rate``, ``payment_limit``, ``loss_limit``,
          ``disaster_reduction``: lines of the computation, dollars and shares 0-1

    Raises
    ------
    InputError
        If columns are missing (all are named), or a track has no terms in a year.

    Notes
    -----
    Terms are those of ``tracks.csv`` and ``payments.csv``, by track, performance year and year of the agreement. A rate
    after quality is computed from the published score where that agrees with the printed rate, which is rounded;
    elsewhere the printed rate holds. The minimum rate is that of the table where the table's, rounded, is what is
    printed. The revenue of participants, which limits some losses, is not published.
    """
    table, index = frame_of("mssp.settle", frame)
    cases = read_cases("mssp.settle", table)
    numbers = {name: np.full(len(table), np.nan) for name in ("earned", "rounding_tolerance", *LINES)}
    reason = np.full(len(table), NOT_PUBLISHED, dtype=object)
    confidence = np.full(len(table), None, dtype=object)
    for alike in _alike(cases):
        settled, reason[alike.places] = _settled(alike)
        confidence[alike.places] = alike.confidence
        for name, column in settled.items():
            numbers[name][alike.places] = column
    published = cases.columns["earned_published"]
    told: dict[str, Any] = {name: table[name] for name in ("aco_id", "performance_year", "track")}
    told |= {"earned": numbers["earned"], "earned_published": published}
    told |= {"rounding_tolerance": numbers["rounding_tolerance"], "reason": reason, "confidence": confidence}
    return type(table)(told | {name: numbers[name] for name in LINES}).set_axis(index)


def explain(frame: object, aco_id: str, *, performance_year: int | None = None) -> Statement:
    """Return the statement of one ACO: its facts and every line of its settlement.

    Lines of the side that did not happen are left out: of losses where it saved, of savings where it overspent.
    ``kept_by_payer`` or ``borne_by_payer`` is Medicare's part; the waterfall leads from savings or losses over what
    Medicare keeps or bears, sequestration, limits and disasters to what is earned or owed.

    Parameters
    ----------
    frame : pandas.DataFrame
        As for :func:`settle`.
    aco_id : str
        Whose year.
    performance_year : int, optional
        Which year; may be left out where the frame holds one of the ACO.

    Raises
    ------
    InputError
        If the frame does not hold one year of the ACO, or not its benchmark and spending.
    """
    table, _ = frame_of("mssp.explain", frame)
    rows = table[table["aco_id"] == aco_id].reset_index(drop=True)
    if performance_year is not None:
        rows = rows[rows["performance_year"] == performance_year].reset_index(drop=True)
    if len(rows) != 1:
        hint = "performance_year= says which year" if len(rows) > 1 else None
        raise InputError("mssp.explain.aco_id", "must name one row of the frame", f"{aco_id!r}, {len(rows)} rows", hint)
    alike = next(_alike(read_cases("mssp.explain", rows)), None)
    if alike is None:
        raise InputError("mssp.explain.aco_id", "must have a track, members, benchmark and spending", repr(aco_id))
    facts = {name: float(column[0]) for name, column in _facts(alike).items() if not np.isnan(column[0])}
    return one_side(with_flow(alike.terms.rule().statement(**facts))).titled(_title(rows, facts))


def _title(rows: pd.DataFrame, facts: dict[str, float]) -> str:
    """Return whose year it is, under which track, and its spending against the benchmark."""
    row = rows.iloc[0]
    name = f"{row['aco_name']} ({row['aco_id']})" if "aco_name" in rows else row["aco_id"]
    benchmark, saved = facts["benchmark"], facts["benchmark"] - facts["spending"]
    side = "saved" if saved >= 0.0 else "overspent"
    what = f"{side} {100.0 * abs(saved) / benchmark:.2f} % of a benchmark of {benchmark / 1e6:,.1f} million dollars"
    return f"{name}, performance year {int(row['performance_year'])}: {row['track']}, {what}"


def _alike(cases: Cases) -> Iterator[Alike]:
    """Divide the rows that can be settled by their terms."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    known = (cases.columns["benchmark"] > 0.0) & (cases.track != "")
    known &= ~np.isnan(cases.columns["spending"]) & ~np.isnan(cases.columns["members"])
    agreement_year = cases.agreement_year()
    tracks, names = pd.factorize(cases.track)
    groups, keys = pd.factorize((tracks * 10_000 + cases.year) * 100 + agreement_year)
    order = np.argsort(groups, kind="stable")
    ends = np.cumsum(np.bincount(groups, minlength=len(keys)))
    for key, places in zip(keys.tolist(), np.split(order, ends[:-1]), strict=True):
        settled = places[known[places]]
        if len(settled):
            track, year, agreement = key // 1_000_000, key // 100 % 10_000, key % 100
            yield _of_terms(str(names[track]), year, agreement, settled, cases)


def _of_terms(track: str, year: int, agreement_year: int, places: Places, cases: Cases) -> Alike:
    row = track_row(track, year, agreement_year)
    # Who shares at the reduced rate is a fact of each row: its agreement must be late enough.
    terms = SharedSavings.mssp(track, year=year, agreement_year=1 if row["reduced_sharing_factor"] else agreement_year)
    reduced_from = float(row["reduced_sharing_agreements_from"] or "inf")
    sure = confidence_of(row, year)
    return Alike(places, cases.taken(places), terms, emergency_share(year), reduced_from, sure)


def _facts(alike: Alike) -> dict[str, Floats]:
    """Return the facts of the rule; rates after quality only where the printed ones must be used."""
    cases = alike.cases
    benchmark, savings = cases.columns["benchmark"], cases.columns["savings"]
    facts = {
        "benchmark": benchmark,
        "spending": np.where(np.isnan(savings), cases.columns["spending"], benchmark - savings),
        "members": cases.columns["members"],
        "elected_minimum_rate": _minimum_rate(cases),
        "quality_score": np.where(
            cases.column("quality_by_reporting", 0.0) > 0, 1.0, cases.column("quality_score", 1.0)
        ),
        "met_quality_standard": cases.column("met_quality_standard", 1.0),
        "met_alternative_quality_standard": cases.column("met_alternative_quality_standard", 0.0),
        "low_revenue": _reduced(alike),
        "revenue_loss_limit": cases.columns["revenue_loss_limit"],
        "disaster_share": np.full(len(benchmark), alike.emergency_share),
        "disaster_adjustment": cases.column("disaster_adjustment", 0.0),
    }
    if alike.terms.table_below_members is None and alike.terms.minimum_rate_table:
        del facts["elected_minimum_rate"]
    return facts | printed_rates(cases, alike.terms, facts)


def _minimum_rate(cases: Cases) -> Floats:
    """Return the printed minimum rate; where it is that of the table, rounded, that of the table itself."""
    printed, by_table = cases.columns["minimum_savings_rate"], minimum_savings_rate(cases.columns["members"])
    half_unit = cases.column("minimum_savings_rate_half_unit", 0.0)
    return np.where(np.abs(printed - by_table) <= half_unit * HAIR, by_table, printed)


def _reduced(alike: Alike) -> Floats:
    """Return who shares at the reduced rate below the minimum: as published, else by revenue and agreement."""
    cases = alike.cases
    by_rule = (cases.column("low_revenue", 0.0) > 0) & (cases.started >= alike.reduced_from)
    published = cases.columns["reduced_sharing"]
    return np.where(np.isnan(published), by_rule, published)


def _settled(alike: Alike) -> tuple[dict[str, Floats], NDArray[np.object_]]:
    """Settle ACO-years of the same terms: numbers by name, and what decided."""
    facts, terms = _facts(alike), alike.terms
    lines = terms.rule().columns(facts)
    tolerance = rounding_tolerance(alike.cases, terms, lines)
    told = {"earned": lines["settlement"], "rounding_tolerance": tolerance} | {name: lines[name] for name in LINES}
    reason = reasons(terms, lines).astype(object)
    # Elected and not published, the terms' own rate stands in, which must not decide.
    elected = facts.get("elected_minimum_rate", facts["members"])
    unknown = np.isnan(elected) & (facts["members"] >= (terms.table_below_members or 0.0))
    reason[unknown] = NO_MINIMUM
    for name in ("earned", "minimum_rate"):
        told[name] = np.where(unknown, np.nan, told[name])
    return told, reason
