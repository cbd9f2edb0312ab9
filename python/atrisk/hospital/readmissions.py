"""Hospital readmissions reduction: excess readmissions, weighed by payments, lower base payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from atrisk import _figures
from atrisk import _frames as frames
from atrisk._errors import InputError
from atrisk._spec import plain, term
from atrisk.hospital import _published
from atrisk.hospital._base_payments import base_payments_of
from atrisk.hospital._result import ProgramResult
from atrisk.rules._rule import Rule, without

if TYPE_CHECKING:
    import pandas as pd

    from atrisk.statement import Statement

PLACE = "hospital.hrrp"


def hrrp(
    measures: object, *, fiscal_year: int, neutrality_modifier: float | None = None, base_payments: object = None
) -> ProgramResult:
    """Settle hospital readmissions reduction.

    Parameters
    ----------
    measures : data frame
        A row for each hospital and measure: ``facility_id``, ``measure``, ``discharges`` (eligible, a number),
        ``excess_ratio`` (predicted ÷ expected readmissions), ``payment_ratio`` (the measure's part of base payments,
        0-1), from fiscal year 2019 on ``peer_median`` (median excess ratio of the peer group). The file of the Provider
        Data Catalog does as it is published, with the last two columns added.
    fiscal_year : int
        Federal fiscal year of the payments.
    neutrality_modifier : float, optional
        National modifier of the year; needed from 2019 on.
    base_payments : mapping or data frame, optional
        Base operating payments by diagnosis-related group, dollars, by ``facility_id``; a frame has it and
        ``base_payment``.

    Returns
    -------
    ProgramResult
        - ``measures``: ``facility_id measure counts excess weighted_excess``; ``counts`` says whether there are
          enough discharges
        - ``hospitals``: ``facility_id measures weighted_excess reduction_rate payment_factor``, with base payments
          ``base_payment reduction payment``, dollars; ``confidence``

    Raises
    ------
    InputError
        Missing columns (all named), ratios out of range, a year without figures.

    Notes
    -----
    42 USC 1395ww(q); peer groups since fiscal year 2019. Formulas stand in ``docs/hospital.md``.

    Examples
    --------
    >>> import atrisk as ar
    >>> result = ar.hospital.hrrp(
    ...     {"facility_id": ["A", "A"], "measure": ["PN", "HF"], "discharges": [48, 24], "excess_ratio": [1.1, 1.2],
    ...      "peer_median": [1.0, 1.0], "payment_ratio": [0.05, 0.05]},
    ...     fiscal_year=2024, neutrality_modifier=0.96)
    >>> result.hospitals["payment_factor"].tolist()
    [0.9952]
    """
    figures = _figures.of_year("atrisk.hospital", "hrrp", f"{PLACE}.fiscal_year", fiscal_year, "cap")
    minimum = figures.number("minimum_discharges")
    table = frames.read_frame(f"{PLACE}.measures", measures)
    if _published.is_published(table):
        table = _published.readmissions(table, minimum)
    table = _weighted(table, minimum, figures)
    rule = _rule(figures, neutrality_modifier)
    hospitals = table.groupby("facility_id").agg(measures=("counts", "sum"), weighted_excess=("weighted_excess", "sum"))
    hospitals = base_payments_of(PLACE, hospitals.reset_index(), base_payments)
    dollars = ["reduction", "payment"] if "base_payment" in hospitals.columns else []
    facts = ["weighted_excess", *(["base_payment"] if dollars else [])]
    settled = rule.columns({name: hospitals[name].to_numpy() for name in facts})
    hospitals = hospitals.assign(**{line: settled[line] for line in ("reduction_rate", "payment_factor", *dollars)})
    hospitals["confidence"] = figures.confidence

    def statement(facility: str) -> Statement:
        row = hospitals.set_index("facility_id").loc[facility]
        settled = rule.statement(**{name: row[name] for name in facts})
        return settled if dollars else without(settled, "reduction", "payment")

    kept = ["facility_id", "measure", "counts", "excess", "weighted_excess"]
    return ProgramResult(
        hospitals=frames.give_back(hospitals, measures),
        measures=frames.give_back(table[kept], measures),
        notes=figures.notes,
        _statement=statement,
    )


def _weighted(table: pd.DataFrame, minimum: float, figures: _figures.Year) -> pd.DataFrame:
    """Return measures with what each adds to the reduction; a measure without a ratio adds nothing."""
    if "fixed_peer_median" in figures and "peer_median" not in table.columns:
        table = table.assign(peer_median=figures.number("fixed_peer_median"))
    columns = ["facility_id", "measure", "discharges", "excess_ratio", "peer_median", "payment_ratio"]
    frames.need(PLACE, table, columns)
    table = table.assign(facility_id=table["facility_id"].astype(str))
    frames.once(PLACE, table, ["facility_id", "measure"])
    discharges = frames.numbers(PLACE, table, "discharges", 0.0, 1e9)
    ratio = frames.numbers(PLACE, table, "excess_ratio", 0.0, 100.0)
    counts = (np.nan_to_num(discharges) >= minimum) & ~np.isnan(ratio)
    weights = {}
    for name, most in (("peer_median", 100.0), ("payment_ratio", 1.0)):
        weights[name] = frames.numbers(PLACE, table, name, 0.0, most)
        frames.refuse_missing(PLACE, name, np.where(counts, weights[name], 0.0))
    excess = np.where(counts, np.maximum(ratio - weights["peer_median"], 0.0), 0.0)
    weighted = np.where(counts, excess * np.nan_to_num(weights["payment_ratio"]), 0.0)
    return table.assign(counts=counts, excess=excess, weighted_excess=weighted)


def _rule(figures: _figures.Year, neutrality_modifier: float | None) -> Rule:
    path = f"{PLACE}.neutrality_modifier"
    if neutrality_modifier is not None:
        modifier = term(plain(path, neutrality_modifier))
    elif "fixed_neutrality_modifier" in figures:
        modifier = figures["fixed_neutrality_modifier"]
    else:
        raise InputError(path, "must be given for fiscal years from 2019 on", "None", "CMS publishes it every year")
    terms = {"neutrality_modifier": modifier, "cap": figures["cap"], "decimals": int(figures["factor_decimals"])}
    waterfall = [("base_payment", 1), ("reduction", -1), ("payment", 1)]
    return Rule(
        "readmissions_reduction", terms, PLACE, waterfall, figures.notes, figures.source("cap", "factor_decimals")
    )
