"""Settles the ACO-years of public use files again: the terms of their tracks, at their published facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from atrisk._errors import InputError
from atrisk._spec import plain
from atrisk.contracts._flow import one_side, with_flow
from atrisk.contracts.shared_savings import SharedSavings
from atrisk.mssp._reasons import reasons
from atrisk.mssp._tracks import emergency_share, minimum_savings_rate, track_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from atrisk.statement import Statement

    Floats = NDArray[np.float64]

NEEDED = ("aco_id", "performance_year", "track", "members", "benchmark", "spending", "minimum_savings_rate")
#: Lines of the rule that are returned.
LINES = ("savings", "minimum_rate", "sharing_rate", "loss_rate", "payment_limit", "loss_limit", "disaster_reduction")
SETTLED = ("aco_id", "performance_year", "track", "earned", "earned_published", "rounding_tolerance", "reason", *LINES)
#: Of half a unit of the last printed digit: what binary arithmetic may add to it.
HAIR = 1.0 + 1e-6


class Alike(NamedTuple):
    """ACO-years with the same terms."""

    rows: pd.DataFrame
    terms: SharedSavings
    emergency_share: float
    reduced_from: float


def settle(frame: pd.DataFrame) -> pd.DataFrame:
    """Settle each ACO's year: what it earns of its savings, or owes of its losses.

    Parameters
    ----------
    frame : pandas.DataFrame
        As :func:`read_puf` returns it; or a user's own with the columns ``aco_id``, ``performance_year``, ``track``,
        ``members``, ``benchmark``, ``spending`` and ``minimum_savings_rate``, and where they matter
        ``agreement_start``, ``quality_score``, ``met_quality_standard``, ``met_alternative_quality_standard``,
        ``final_sharing_rate``, ``final_loss_rate``, ``disaster_adjustment``, ``revenue_loss_limit``, ``low_revenue``,
        ``reduced_sharing``.

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
    _check(frame)
    parts = [_settled(alike) for alike in _alike(frame)]
    return _together(parts, frame)


def explain(frame: pd.DataFrame, aco_id: str) -> Statement:
    """Return the statement of one ACO: its facts and every line of its settlement.

    Lines of the side that did not happen are left out: of losses where it saved, of savings where it overspent.
    ``kept_by_payer`` or ``borne_by_payer`` is Medicare's part; the waterfall leads from savings or losses over what
    Medicare keeps or bears, sequestration, limits and disasters to what is earned or owed.

    Parameters
    ----------
    frame : pandas.DataFrame
        As for :func:`settle`.
    aco_id : str
        Whose year; the frame must hold one year of it.

    Raises
    ------
    InputError
        If the frame does not hold one year of the ACO, or not its benchmark and spending.
    """
    _check(frame)
    rows = frame[frame["aco_id"] == aco_id]
    if len(rows) != 1:
        raise InputError("mssp.explain.aco_id", "must name one row of the frame", f"{aco_id!r}, {len(rows)} rows")
    alike = next(_alike(rows), None)
    if alike is None:
        raise InputError("mssp.explain.aco_id", "must have a benchmark and spending", repr(aco_id))
    facts = {name: float(column[0]) for name, column in _facts(alike).items() if not np.isnan(column[0])}
    return one_side(with_flow(alike.terms.rule().statement(**facts))).titled(_title(alike.rows))


def _title(rows: pd.DataFrame) -> str:
    """Return whose year it is, under which track, and its spending against the benchmark."""
    row = rows.iloc[0]
    name = f"{row['aco_name']} ({row['aco_id']})" if "aco_name" in rows else row["aco_id"]
    benchmark = _column(rows, "benchmark")[0]
    saved = benchmark - _column(rows, "spending")[0]
    side = "saved" if saved >= 0.0 else "overspent"
    what = f"{side} {100.0 * abs(saved) / benchmark:.2f} % of a benchmark of {benchmark / 1e6:,.1f} million dollars"
    return f"{name}, performance year {int(row['performance_year'])}: {row['track']}, {what}"


def _check(frame: pd.DataFrame) -> None:
    missing = [name for name in NEEDED if name not in frame.columns]
    if missing:
        raise InputError("mssp.settle", f"must have the columns {', '.join(NEEDED)}", f"no {', '.join(missing)}")


def _alike(frame: pd.DataFrame) -> Iterator[Alike]:
    """Divide the rows that can be settled by their terms."""
    rows = frame[frame[["benchmark", "spending", "members"]].notna().all(axis=1)]
    years = rows["performance_year"].astype("int64")
    agreement_years = _agreement_years(rows)
    for alike, places in rows.groupby([rows["track"], years, agreement_years]).indices.items():
        track, year, agreement_year = cast("tuple[str, int, int]", alike)
        row = track_row(track, int(year), int(agreement_year))
        terms = SharedSavings.mssp(track, year=int(year), agreement_year=int(agreement_year))
        reduced_from = float(row["reduced_sharing_agreements_from"] or "inf")
        yield Alike(rows.iloc[places], terms, emergency_share(int(year)), reduced_from)


def _agreement_years(rows: pd.DataFrame) -> pd.Series[int]:
    """Return the year of the agreement, 1 where its start is not known."""
    start = _column(rows, "agreement_start_year")
    if "agreement_start" in rows:
        start = rows["agreement_start"].dt.year.to_numpy(dtype=np.float64)
    number = rows["performance_year"].to_numpy(dtype=np.float64) - start + 1.0
    return rows["performance_year"].astype("int64") * 0 + np.clip(np.nan_to_num(number, nan=1.0), 1, 10).astype(
        np.int64
    )


def _column(rows: pd.DataFrame, name: str, missing: float = np.nan) -> Floats:
    """Return a column as numbers, what is missing replaced."""
    if name not in rows:
        return np.full(len(rows), missing)
    read = rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isnan(read), missing, read)


def _facts(alike: Alike) -> dict[str, Floats]:
    """Return the facts of the rule; rates after quality only where the printed ones must be used."""
    rows = alike.rows
    benchmark = _column(rows, "benchmark")
    savings = _column(rows, "savings")
    spending = np.where(np.isnan(savings), _column(rows, "spending"), benchmark - savings)
    facts = {
        "benchmark": benchmark,
        "spending": spending,
        "members": _column(rows, "members"),
        "elected_minimum_rate": _minimum_rate(rows),
        "quality_score": np.where(
            _column(rows, "quality_by_reporting", 0.0) > 0, 1.0, _column(rows, "quality_score", 1.0)
        ),
        "met_quality_standard": _column(rows, "met_quality_standard", 1.0),
        "met_alternative_quality_standard": _column(rows, "met_alternative_quality_standard", 0.0),
        "low_revenue": _reduced(alike),
        "revenue_loss_limit": _column(rows, "revenue_loss_limit"),
        "disaster_share": np.full(len(rows), alike.emergency_share),
        "disaster_adjustment": _column(rows, "disaster_adjustment", 0.0),
    }
    if alike.terms.table_below_members is None and alike.terms.minimum_rate_table:
        del facts["elected_minimum_rate"]
    return facts | _printed_rates(alike, facts)


def _minimum_rate(rows: pd.DataFrame) -> Floats:
    """Return the printed minimum rate; where it is that of the table, rounded, that of the table itself."""
    printed, by_table = _column(rows, "minimum_savings_rate"), minimum_savings_rate(_column(rows, "members"))
    half_unit = _column(rows, "minimum_savings_rate_half_unit", 0.0)
    return np.where(np.abs(printed - by_table) <= half_unit * HAIR, by_table, printed)


def _reduced(alike: Alike) -> Floats:
    """Return who shares at the reduced rate below the minimum: as published, else by revenue and agreement."""
    rows = alike.rows
    started = np.full(len(rows), -np.inf)
    if "agreement_start" in rows:
        started = rows["agreement_start"].dt.year.to_numpy(dtype=np.float64)
    by_rule = (_column(rows, "low_revenue", 0.0) > 0) & (started >= alike.reduced_from)
    published = _column(rows, "reduced_sharing")
    return np.where(np.isnan(published), by_rule, published)


def _printed_rates(alike: Alike, facts: dict[str, Floats]) -> dict[str, Floats]:
    """Return the printed rates where the terms and the published score do not give them, to the last printed digit."""
    all_saved, all_lost = facts | {"spending": 0.0 * facts["benchmark"]}, facts | {"spending": 2.0 * facts["benchmark"]}
    share = alike.terms.rule().columns(all_saved)["sharing_rate"]
    loss = alike.terms.rule().columns(all_lost)["loss_rate"]
    factor = 1.0 if alike.terms.reduced_sharing is None else alike.terms.reduced_sharing[0]
    scale = np.where(facts["low_revenue"] > 0, factor, 1.0)
    return {
        "final_sharing_rate": np.where(
            _agrees(alike.rows, "final_sharing_rate", share) | _agrees(alike.rows, "final_sharing_rate", share * scale),
            np.nan,
            _column(alike.rows, "final_sharing_rate"),
        ),
        "final_loss_rate": np.where(
            _agrees(alike.rows, "final_loss_rate", loss), np.nan, _column(alike.rows, "final_loss_rate")
        ),
    }


def _agrees(rows: pd.DataFrame, name: str, computed: Floats) -> NDArray[np.bool_]:
    apart = np.abs(_column(rows, name) - computed)
    return apart <= _column(rows, f"{name}_half_unit", 0.0) * HAIR + 1e-12


def _settled(alike: Alike) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    rows, facts = alike.rows, _facts(alike)
    lines = alike.terms.rule().columns(facts)
    told = {name: rows[name] for name in SETTLED[:3]} | {
        "earned": lines["settlement"],
        "earned_published": _column(rows, "earned_published"),
        "rounding_tolerance": _rounding_tolerance(alike, lines),
        "reason": reasons(alike.terms, lines),
    }
    return pd.DataFrame(told | {name: lines[name] for name in LINES}, index=rows.index)


def _rounding_tolerance(alike: Alike, lines: dict[str, Floats]) -> Floats:
    """Half a unit of the last printed digit of the rate that decided × savings; 0 where that rate is not rounded."""
    rows, terms = alike.rows, alike.terms
    sharing_rate, loss_rate = plain("sharing_rate", terms.sharing_rate), plain("loss_rate", terms.loss_rate)
    score = sharing_rate * _column(rows, "quality_score_half_unit", 0.0)
    share = np.where(
        np.isnan(_column(rows, "final_sharing_rate")), score, _column(rows, "final_sharing_rate_half_unit", 0.0)
    )
    loss = np.where(np.isnan(_column(rows, "final_loss_rate")), score, _column(rows, "final_loss_rate_half_unit", 0.0))
    exact = [0.0, loss_rate, *(terms.loss_rate_by_quality or ())]
    whole = [0.0, sharing_rate, *(sharing_rate * factor for factor in (terms.reduced_sharing or ())[:1])]
    of_savings = np.where(np.isin(lines["sharing_rate"], whole) | _at(lines, "earned", "payment_limit"), 0.0, share)
    of_losses = np.where(np.isin(lines["loss_rate"], exact) | _at(lines, "limited_losses", "loss_limit"), 0.0, loss)
    half_unit = np.where(lines["savings"] > 0.0, of_savings, of_losses)
    return np.where(lines["settlement"] == 0.0, 0.0, np.abs(lines["savings"]) * half_unit)


def _at(lines: dict[str, Floats], line: str, limit: str) -> NDArray[np.bool_]:
    """Where a line stands at its limit."""
    return np.abs(lines[line] - lines[limit]) < 0.005  # noqa: PLR2004 - half a cent


def _together(parts: list[pd.DataFrame], frame: pd.DataFrame) -> pd.DataFrame:
    """Put the parts into the order of the frame; rows without benchmark or spending say so."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    settled = pd.concat(parts) if parts else pd.DataFrame(columns=list(SETTLED), dtype=object)
    settled = settled.reindex(frame.index)
    left = settled["reason"].isna()
    settled.loc[left, ["aco_id", "performance_year", "track"]] = frame.loc[
        left, ["aco_id", "performance_year", "track"]
    ]
    settled["reason"] = settled["reason"].mask(left, "benchmark, spending or members not published")
    return settled[list(SETTLED)]
