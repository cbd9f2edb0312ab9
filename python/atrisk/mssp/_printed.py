"""Printed rates after quality: where they must be used, and what their rounding leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from atrisk._spec import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.contracts.shared_savings import SharedSavings
    from atrisk.mssp._cases import Cases, Floats

#: Of half a unit of the last printed digit: what binary arithmetic may add to it.
HAIR = 1.0 + 1e-6
HALF_A_CENT = 0.005


def printed_rates(cases: Cases, terms: SharedSavings, facts: dict[str, Floats]) -> dict[str, Floats]:
    """Return the printed rates where terms and published score do not give them to the last printed digit.

    They do not count where both quality standards are known to be missed: rates are printed even if nothing is earned.
    Of who shares at the reduced rate the printed one is already reduced, and the rule reduces it again.
    """
    # A dollar all saved, or a dollar more lost: the rate of the side that happened, whatever the minimum.
    saved = facts["spending"] <= facts["benchmark"]
    rates = terms.rule().columns(facts | {"benchmark": np.ones(len(saved)), "spending": np.where(saved, 0.0, 2.0)})
    share, loss = rates["sharing_rate"], rates["loss_rate"]
    factor = 1.0 if terms.reduced_sharing is None else terms.reduced_sharing[0]
    reduced = (cases.column("reduced_sharing", 0.0) > 0.0) & (factor > 0.0)
    scale = np.where(reduced, factor, 1.0)
    missed = (cases.column("met_quality_standard", 1.0) == 0.0) & (facts["met_alternative_quality_standard"] == 0.0)
    by_share = _agrees(cases, "final_sharing_rate", share) | _agrees(cases, "final_sharing_rate", share * scale)
    by_loss = _agrees(cases, "final_loss_rate", loss)
    printed = np.minimum(cases.columns["final_sharing_rate"] / scale, 1.0)
    return {
        "final_sharing_rate": np.where(by_share | missed | ~saved, np.nan, printed),
        "final_loss_rate": np.where(by_loss | missed | saved, np.nan, cases.columns["final_loss_rate"]),
    }


def _agrees(cases: Cases, name: str, computed: Floats) -> NDArray[np.bool_]:
    return np.abs(cases.columns[name] - computed) <= cases.column(f"{name}_half_unit", 0.0) * HAIR + 1e-12


def rounding_tolerance(cases: Cases, terms: SharedSavings, lines: dict[str, Floats]) -> Floats:
    """Half a unit of the last printed digit of the rate that decided × savings; 0 where that rate is not rounded."""
    sharing_rate, loss_rate = plain("sharing_rate", terms.sharing_rate), plain("loss_rate", terms.loss_rate)
    score = sharing_rate * cases.column("quality_score_half_unit", 0.0)
    share, loss = (
        np.where(np.isnan(cases.columns[name]), score, cases.column(f"{name}_half_unit", 0.0))
        for name in ("final_sharing_rate", "final_loss_rate")
    )
    exact = [0.0, loss_rate, *(terms.loss_rate_by_quality or ())]
    whole = [0.0, sharing_rate, *(sharing_rate * factor for factor in (terms.reduced_sharing or ())[:1])]
    of_savings = np.where(np.isin(lines["sharing_rate"], whole) | _at(lines, "earned", "payment_limit"), 0.0, share)
    of_losses = np.where(np.isin(lines["loss_rate"], exact) | _at(lines, "limited_losses", "loss_limit"), 0.0, loss)
    half_unit = np.where(lines["savings"] > 0.0, of_savings, of_losses)
    return np.where(lines["settlement"] == 0.0, 0.0, np.abs(lines["savings"]) * half_unit)


def _at(lines: dict[str, Floats], line: str, limit: str) -> NDArray[np.bool_]:
    """Where a line stands at its limit."""
    return np.abs(lines[line] - lines[limit]) < HALF_A_CENT
