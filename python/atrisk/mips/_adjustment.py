"""Payment adjustment of a clinician by the final score of a performance year."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from atrisk import _figures
from atrisk._errors import InputError
from atrisk._spec import nested_terms, plain, uncertain
from atrisk.rules._rule import Rule, without

PLACE = "mips.adjustment"


def adjustment(
    score: object,
    *,
    year: int,
    scaling_factor: float | None = None,
    exceptional_scaling_factor: float | None = None,
    payments: object = None,
) -> Any:  # noqa: ANN401 - a statement or a frame
    """Return the payment adjustment that a final score earns.

    Parameters
    ----------
    score : float or array
        Final score, 0-100.
    year : int
        Performance year, the year of the score; it moves payments two years later.
    scaling_factor : float, optional
        Factor on gains that makes them cost what reductions save, 0-3; by default 1, before scaling, as a note says.
        CMS does not publish it beforehand. The largest adjustments paid are in :func:`figures` as
        ``top_adjustment_rate`` (recalled).
    exceptional_scaling_factor : float, optional
        Factor on payments for exceptional performance that holds them to their pool, 0-1, in performance years
        2017-2022; by default 1, before scaling, as a note says.
    payments : float or array, optional
        Payments for covered professional services in the payment year, dollars.

    Returns
    -------
    Statement or data frame
        ``adjustment_rate``, ``exceptional_rate``, their sum ``payment_rate`` (parts of payments, below 0 for a
        reduction) and ``adjustment`` (dollars, where payments are given); frames have ``payment_year`` and
        ``confidence`` too. Numbers give a :class:`Statement`, arrays a frame, of pandas or of the kind of the series
        given (pandas, polars, Arrow).

    Raises
    ------
    InputError
        A year without figures (the error lists those that have them), scores or factors out of range.

    Notes
    -----
    42 CFR 414.1405. With threshold T and applicable rate a: −a up to T ÷ 4, −a (T − s) ÷ T below T, then
    scaling factor × a (s − T) ÷ (100 − T).

    Examples
    --------
    >>> import atrisk as ar
    >>> ar.mips.adjustment(60, year=2023)["payment_rate"]
    Decimal('-0.018')
    >>> ar.mips.adjustment([18.75, 80], year=2023, scaling_factor=0.25)["payment_rate"].round(5).tolist()
    [-0.09, 0.0045]
    """
    figures = _figures.of_year("atrisk.mips", "mips", f"{PLACE}.year", year, "performance_threshold")
    scores = _scores(score, figures.number("highest_score"))
    for name, factor in (
        ("scaling_factor", scaling_factor),
        ("exceptional_scaling_factor", exceptional_scaling_factor),
    ):
        if factor is not None:
            plain(f"{PLACE}.{name}", factor)
    terms = nested_terms(rule_terms(PLACE, figures, scaling_factor, exceptional_scaling_factor))
    payment_year = figures["payment_year"]
    notes = [f"performance year {year}, payment year {payment_year}", *figures.notes]
    if scaling_factor is None:
        notes.append("before the scaling that makes gains cost what reductions save: give scaling_factor=")
    if terms["exceptional"] is not None and exceptional_scaling_factor is None:
        notes.append("exceptional performance before it is held to its pool: give exceptional_scaling_factor=")
    rule = Rule("mips", terms, PLACE, notes=notes, source=figures.source("performance_threshold"))
    given = {"score": scores} | ({} if payments is None else {"payments": payments})
    settled = rule.settle(**given)
    if all(np.ndim(value) == 0 for value in given.values()):
        return without(settled, "adjustment") if payments is None else settled
    return _with_year(settled, payments is not None, int(payment_year), figures.confidence)


def _with_year(settled: Any, in_dollars: bool, payment_year: int, confidence: str) -> Any:  # noqa: ANN401, FBT001 - frames
    """Return a frame of any kind with its payment year, without dollars where no payments were given."""
    import narwhals as nw  # noqa: PLC0415 - keeps the import of atrisk quick

    table = nw.from_native(settled, eager_only=True)
    kept = table if in_dollars else table.drop("adjustment")
    named = kept.with_columns(payment_year=nw.lit(payment_year), confidence=nw.lit(confidence))
    return named.to_native()


def _scores(score: object, highest: float) -> Any:  # noqa: ANN401 - a number or a column of them
    import narwhals as nw  # noqa: PLC0415 - keeps the import of atrisk quick

    values = np.asarray(list(score) if isinstance(score, Iterable) and not hasattr(score, "__array__") else score)
    if values.dtype.kind not in "iuf":
        raise InputError(f"{PLACE}.score", "must be numbers", repr(score)[:60])
    flat = np.atleast_1d(values)
    wrong = np.flatnonzero(~((flat >= 0) & (flat <= highest)))
    if len(wrong):
        row = f"[{wrong[0]}]" if values.ndim else ""
        raise InputError(f"{PLACE}.score{row}", f"must be between 0 and {highest:g}", f"{flat[wrong[0]]:g}")
    # A series says of which kind the frame is, and what its index.
    return score if nw.dependencies.is_into_series(score) else values


def rule_terms(
    place: str, figures: _figures.Year, scaling_factor: object, exceptional_scaling_factor: object
) -> dict[str, Any]:
    """Return the terms of the rule in a year; what is left out scales nothing."""
    most = figures.number("largest_scaling_factor")
    terms: dict[str, Any] = {
        name: figures[name]
        for name in ("performance_threshold", "applicable_rate", "full_reduction_part", "highest_score")
    }
    terms |= {"scaling_factor": _factor(f"{place}.scaling_factor", scaling_factor, most)}
    terms |= {"largest_scaling_factor": figures["largest_scaling_factor"]}
    return terms | {"exceptional": _exceptional(place, figures, exceptional_scaling_factor)}


def _factor(path: str, value: object, most: float) -> Any:  # noqa: ANN401 - a number, or its distribution in a study
    if value is None:
        return 1
    if uncertain(value):
        return value
    factor = plain(path, value)
    if not 0 <= factor <= most:
        raise InputError(path, f"must be between 0 and {most:g}", f"{factor:g}")
    return factor


def _exceptional(place: str, figures: _figures.Year, scaling: object) -> dict[str, Any] | None:
    """Return the terms of the pool for exceptional performance, in years that have one."""
    path = f"{place}.exceptional_scaling_factor"
    if "additional_threshold" not in figures:
        if scaling is not None:
            raise InputError(path, "must be left out: the year has no pool for exceptional performance", f"{scaling}")
        return None
    return {
        "threshold": figures["additional_threshold"],
        "least": figures["exceptional_least"],
        "most": figures["exceptional_most"],
        "scaling_factor": _factor(path, scaling, 1.0),
    }
