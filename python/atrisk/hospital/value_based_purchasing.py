"""Hospital value-based purchasing: points, scores, and the factor that moves base payments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _figures
from atrisk import _frames as frames
from atrisk._errors import InputError
from atrisk._spec import plain
from atrisk.hospital import _published
from atrisk.hospital._base_payments import base_payments_of
from atrisk.hospital._result import ProgramResult
from atrisk.hospital._scores import PLACE, Scores, score
from atrisk.rules._rule import Rule, without
from atrisk.statement import Line, Statement, in_unit

if TYPE_CHECKING:
    import pandas as pd


def vbp(
    measures: object, *, fiscal_year: int, base_payments: object = None, slope: float | None = None
) -> ProgramResult:
    """Score and settle hospital value-based purchasing.

    Parameters
    ----------
    measures : data frame, or a sequence of them
        One of

        - files of the Provider Data Catalog as they are published: the four domains, or the total scores;
        - a row for each hospital and measure: ``facility_id``, ``measure``, ``performance``, and where there is one
          ``baseline``. ``domain``, ``threshold``, ``benchmark`` and ``floor`` (worst rate of any hospital, for
          consistency) are needed for measures whose national figures are not known for the year. ``cases`` leaves out
          measures with too few. ``combined_as`` and ``weight`` (predicted infections) make one score of several
          measures; ``combined_score`` gives it. A rate that is missing is not available.
        - a row for each hospital: ``facility_id``, ``total_performance_score`` (0-100; up to 110 from 2026).
    fiscal_year : int
        Federal fiscal year of the payments.
    base_payments : mapping or data frame, optional
        Base operating payments by diagnosis-related group, dollars, by ``facility_id``; a frame has it and
        ``base_payment``. Needed for dollars, and for the slope unless that is given.
    slope : float, optional
        Slope of the exchange function; by default that which pays out all that is withheld from the hospitals given
        (budget neutrality), but for rounding: each hospital's dollars are rounded to cents, so that sums agree within a
        cent for each. Published once a year for the nation.

    Returns
    -------
    ProgramResult
        - ``measures``: ``facility_id domain measure achievement_points improvement_points measure_score``, points
        - ``domains``: ``facility_id domain measures points consistency_points score weight weighted_score``; a score,
          0-100, is missing where too few measures are available
        - ``hospitals``: ``facility_id domains total_performance_score``, with a slope ``incentive_rate``
          ``payment_factor`` (a factor on base payments), with base payments ``base_payment withheld incentive
          payment``, dollars; ``confidence``. A hospital without a total stands outside: factor 1.
        - ``parameters``: ``slope``

    Raises
    ------
    InputError
        Missing columns (all named), rates out of range, a year without figures.

    Notes
    -----
    42 CFR 412.160-412.168, 42 USC 1395ww(o). Formulas stand in ``docs/hospital.md``.

    Examples
    --------
    >>> import atrisk as ar
    >>> totals = {"facility_id": ["A", "B"], "total_performance_score": [40.0, 20.0]}
    >>> result = ar.hospital.vbp(totals, fiscal_year=2024, base_payments={"A": 1_000_000, "B": 1_000_000})
    >>> result.hospitals["payment_factor"].round(6).tolist()
    [1.006667, 0.993333]
    """
    parts = list(measures) if isinstance(measures, Sequence) else [measures]
    if not parts:
        raise InputError(f"{PLACE}.measures", "must be a data frame or several", "none")
    table = _long(parts)
    given = "total_performance_score" in table.columns
    figures = _figures.of_year(
        "atrisk.hospital", "vbp", f"{PLACE}.fiscal_year", fiscal_year, "withhold_rate" if given else "minimum_domains"
    )
    scores = _given_totals(table, figures.number("divisor")) if given else score(table, int(fiscal_year), figures)
    rule, hospitals = _settle(scores.hospitals, figures, base_payments, slope)
    notes = [*scores.notes, *figures.notes]
    confidence = _figures.least_sure([*scores.confidences, figures.confidence])
    hospitals["confidence"] = confidence
    if rule is not None:
        rule = replace(rule, notes=notes)
    return ProgramResult(
        hospitals=frames.give_back(hospitals, parts[0]),
        measures=None if given else frames.give_back(scores.measures, parts[0]),
        domains=None if given else frames.give_back(scores.domains, parts[0]),
        parameters={} if rule is None else {"slope": float(rule.terms["slope"])},
        notes=notes,
        _statement=None if rule is None else lambda facility: _statement(rule, scores.domains, hospitals, facility),
    )


def _long(parts: list[object]) -> pd.DataFrame:
    """Return one long frame."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    tables = []
    for part in parts:
        table = frames.read_frame(f"{PLACE}.measures", part)
        tables.append(_published.purchasing(f"{PLACE}.measures", table) if _published.is_published(table) else table)
    if len({"total_performance_score" in table.columns for table in tables}) > 1:
        raise InputError(f"{PLACE}.measures", "must be measures, or total scores", "both")
    return pd.concat(tables, ignore_index=True)


def _given_totals(table: pd.DataFrame, most: float) -> Scores:
    """Return totals that were given as scores, none above the score that counts as all."""
    frames.need(PLACE, table, ["facility_id"])
    hospitals = table[["facility_id"]].astype(str)
    frames.once(PLACE, hospitals, ["facility_id"])
    hospitals["total_performance_score"] = frames.numbers(PLACE, table, "total_performance_score", 0.0, most)
    return Scores(table[:0], table[:0], hospitals, [], [])


def _settle(
    hospitals: pd.DataFrame, figures: _figures.Year, base_payments: object, slope: float | None
) -> tuple[Rule | None, pd.DataFrame]:
    """Return the rule of the year, and hospitals with what it gives them."""
    hospitals = base_payments_of(PLACE, hospitals, base_payments)
    if "fixed_payment_factor" in figures:
        return None, hospitals.assign(payment_factor=figures.number("fixed_payment_factor"))
    if slope is None and "base_payment" not in hospitals.columns:
        return None, hospitals
    rule = _rule(figures, _neutral_slope(hospitals, figures) if slope is None else plain(f"{PLACE}.slope", slope))
    return rule, _with_lines(rule, hospitals)


def _neutral_slope(hospitals: pd.DataFrame, figures: _figures.Year) -> float:
    """Return the slope that pays out what is withheld: Σ base ÷ Σ base × score ÷ divisor."""
    inside = hospitals.dropna(subset="total_performance_score")
    claims = float((inside["base_payment"] * inside["total_performance_score"]).sum()) / figures.number("divisor")
    if claims == 0:
        raise InputError(f"{PLACE}.slope", "must be given where no hospital with payments has a score above 0")
    return float(inside["base_payment"].sum()) / claims


def rule_terms(figures: _figures.Year, slope: object) -> dict[str, Any]:
    """Return the terms of the rule in a year."""
    return {"withhold_rate": figures["withhold_rate"], "divisor": figures["divisor"], "slope": slope}


def _rule(figures: _figures.Year, slope: float) -> Rule:
    terms = rule_terms(figures, repr(slope))
    waterfall = [("base_payment", 1), ("withheld", -1), ("incentive", 1), ("payment", 1)]
    return Rule("value_based_purchasing", terms, PLACE, waterfall, source=figures.source("withhold_rate", "divisor"))


def _with_lines(rule: Rule, hospitals: pd.DataFrame) -> pd.DataFrame:
    """Add the lines of the rule; hospitals without a total stand outside of the program."""
    outside = hospitals["total_performance_score"].isna().to_numpy()
    facts = {"total_performance_score": hospitals["total_performance_score"].fillna(0).to_numpy()}
    lines = ["incentive_rate", "payment_factor"]
    aside: dict[str, Any] = {"payment_factor": 1.0}
    if "base_payment" in hospitals.columns:
        facts["base_payment"] = hospitals["base_payment"].to_numpy()
        lines += ["withheld", "incentive", "payment"]
        aside["payment"] = facts["base_payment"]
    settled = rule.columns(facts)
    return hospitals.assign(**{line: np.where(outside, aside.get(line, 0.0), settled[line]) for line in lines})


def _statement(rule: Rule, domains: pd.DataFrame, hospitals: pd.DataFrame, facility: str) -> Statement:
    """Return the domains of a hospital, then the lines of the rule."""
    row = hospitals.set_index("facility_id").loc[facility]
    if np.isnan(row["total_performance_score"]):
        rule_broken = "must be a hospital with a total performance score; others stand outside of the program"
        raise InputError("ProgramResult.statement", rule_broken, repr(facility))
    facts: dict[str, Any] = {"total_performance_score": row["total_performance_score"]}
    if "base_payment" in row:
        facts["base_payment"] = row["base_payment"]
    settled = rule.statement(**facts)
    if "base_payment" not in row:
        settled = without(settled, "withheld", "incentive", "payment")
    shown = (
        []
        if domains.empty
        else domains[(domains["facility_id"] == facility) & domains["score"].notna()].to_dict("records")
    )
    lines = [
        Line(each["domain"], "points ÷ possible points × 100", in_unit(repr(float(each["score"])), "points"), "points")
        for each in shown
    ]
    title = f"Hospital value-based purchasing, {facility}"
    return Statement(title, [*lines, *settled.lines], settled.waterfall, settled.notes)
