"""A hospital's payment after its three quality programs, in their order."""

from __future__ import annotations

from typing import Any

from atrisk import _figures
from atrisk.rules._rule import Rule

PLACE = "hospital.payment"
ORDER = _figures.note(
    "purchasing and readmissions both move base payments",
    "42 USC 1395ww(o)(7) and (q)(2)",
    "recalled",
)


def payment(frame: object = None, /, *, fiscal_year: int, **facts: object) -> Any:  # noqa: ANN401 - a frame of the user's kind
    """Apply value-based purchasing, readmissions reduction, then the reduction for acquired conditions.

    Parameters
    ----------
    frame : data frame, optional
        Hospitals in rows: ``base_payment`` (base operating payments, dollars); optional ``other_payment`` (payments on
        top of these, dollars, 0), ``purchasing_factor`` and ``readmissions_factor`` (1), ``worst_quartile`` (no).
    fiscal_year : int
        Federal fiscal year of the payments.
    **facts
        The same by name: numbers give a :class:`Statement`, arrays a frame.

    Returns
    -------
    Statement or data frame
        ``purchasing_adjustment`` (above 0 where gained), ``readmissions_reduction``, ``conditions_reduction`` and
        ``payment``, dollars.

    Notes
    -----
    42 USC 1395ww(p)(1): the reduction for acquired conditions is taken from the amount after the other two. That these
    two are both taken from base payments is recalled.

    Examples
    --------
    >>> import atrisk as ar
    >>> hospital = {"base_payment": 1_000_000, "purchasing_factor": 1.005, "readmissions_factor": 0.98}
    >>> ar.hospital.payment(fiscal_year=2024, worst_quartile=True, **hospital)["payment"]
    Decimal('975150.00')
    """
    figures = _figures.of_year("atrisk.hospital", "hac", f"{PLACE}.fiscal_year", fiscal_year, "reduction_rate")
    waterfall = [
        ("base_payment", 1),
        ("other_payment", 1),
        ("purchasing_adjustment", 1),
        ("readmissions_reduction", -1),
        ("conditions_reduction", -1),
        ("payment", 1),
    ]
    terms = {"reduction_rate": figures["reduction_rate"]}
    rule = Rule("hospital_payment", terms, PLACE, waterfall, [*figures.notes, ORDER], figures.source("reduction_rate"))
    return rule.settle(frame, **facts)
