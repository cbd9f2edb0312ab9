"""What decided a settlement, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.contracts.shared_savings import SharedSavings

HALF_A_CENT = 0.005
NOT_PUBLISHED = "track, members, benchmark or spending not published"
NO_MINIMUM = "minimum rate not published"


def reasons(terms: SharedSavings, lines: dict[str, NDArray[np.float64]]) -> NDArray[np.str_]:
    """Return what decided each settlement, from the lines of its computation."""
    one_sided = terms.loss_rate == 0 and terms.loss_rate_by_quality is None
    savings, reached = lines["savings"], np.abs(lines["savings"]) >= lines["minimum"] - HALF_A_CENT
    at_payment_limit = np.abs(lines["earned"] - lines["payment_limit"]) < HALF_A_CENT
    at_loss_limit = np.abs(lines["limited_losses"] - lines["loss_limit"]) < HALF_A_CENT
    cases = [
        (savings == 0.0, "spending equals the benchmark"),
        ((savings > 0.0) & ~reached & (lines["sharing_rate"] > 0.0), "savings shared at the reduced rate"),
        ((savings > 0.0) & ~reached, "savings below the minimum rate"),
        ((savings > 0.0) & (lines["sharing_rate"] == 0.0), "quality standard not met"),
        ((savings > 0.0) & at_payment_limit, "savings shared up to the payment limit"),
        (savings > 0.0, "savings shared"),
        (savings * one_sided < 0.0, "losses of a one-sided track"),
        (~reached, "losses below the minimum rate"),
        ((lines["owed"] == 0.0) & (lines["disaster_reduction"] > 0.0), "losses all taken back for a disaster"),
        (lines["disaster_reduction"] > 0.0, "losses shared, less what is taken back for a disaster"),
        (at_loss_limit, "losses shared up to the loss limit"),
    ]
    return np.select([where for where, _ in cases], [words for _, words in cases], "losses shared")
