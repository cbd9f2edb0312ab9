"""Rates, shares and factors of the year of each period of care, a user's own in their place."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._payment._cases import codes
from atrisk._payment._checks import flags, refuse
from atrisk.home_health._names import ADD_ON_DISCIPLINES, DISCIPLINES, PLACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from atrisk._payment._year_figures import YearFigures

UNITS = [f"{each}_units" for each in DISCIPLINES]
VISIT_RATES = [f"{each}_visit_rate" for each in DISCIPLINES]
ADD_ON_FACTORS = [f"{each}_add_on_factor" for each in ADD_ON_DISCIPLINES]
OF_THE_YEAR = [
    "base_rate",
    "fixed_dollar_loss_ratio",
    "loss_sharing",
    "agency_outlier_cap",
    "labor_share",
    "rural_factor",
]
RURAL = ["none", "high_utilization", "low_population", "all_other"]
LARGEST_RATE, LARGEST_FACTOR = 100_000, 2  # dollars of a rate, a factor: more is a slip


def rates_of(look: YearFigures, read: Mapping[str, Any], lupa: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the figures of the year; the user's own where given. What a case does not use is 0 where it is unknown."""
    dollars, part, factor = (0, LARGEST_RATE, "dollars"), (0, 1, ""), (0, LARGEST_FACTOR, "")
    quality = flags(f"{PLACE}.quality_data", look.given.get("quality_data", 1.0)) == 1
    units = np.asarray(sum((read[name] for name in UNITS if name in read), np.zeros(())))
    outlier = ~lupa & (units > 0)
    capped = outlier & (read.get("prior_payments", np.zeros(())) > 0)

    def base(absent: NDArray[np.bool_]) -> NDArray[np.float64]:
        reported, not_reported = (
            look.figure(name, absent & ~lupa & of, "base_rate")
            for name, of in (("base_rate", quality), ("base_rate_without_quality_data", ~quality))
        )
        return np.where(quality, reported, not_reported)

    found = {
        "base_rate": look.own_or("base_rate", dollars, base),
        "fixed_dollar_loss_ratio": look.own_or_figure("fixed_dollar_loss_ratio", (0, 10, ""), outlier, needed=~lupa),
        "loss_sharing": look.own_or_figure("loss_sharing", part, outlier),
        "agency_outlier_cap": look.own_or_figure("agency_outlier_cap", part, capped),
        "labor_share": look.own_or_figure("labor_share", part),
        "rural_factor": _rural_factor(look, lupa, factor),
    }
    for discipline, name in zip(DISCIPLINES, VISIT_RATES, strict=True):
        counted = lupa & (read.get(f"{discipline}_visits", np.zeros(())) > 0)
        shipped = partial(_visit_rate, look, name, counted, quality)
        found[name] = look.own_or(name, dollars, shipped)
        eligible = counted & (read["first_period"] == 1)
        if discipline in ADD_ON_DISCIPLINES:
            of = f"{discipline}_add_on_factor"
            found[of] = look.own_or_figure(of, factor, eligible)
    refuse(f"{PLACE}.base_rate", ~lupa & (found["base_rate"] == 0), "must be above 0", "0")
    return {name: np.nan_to_num(values) for name, values in found.items()}


def _visit_rate(
    look: YearFigures,
    name: str,
    counted: NDArray[np.bool_],
    quality: NDArray[np.bool_],
    absent: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return rates of visits; without quality data they are in no table."""
    needed = counted & absent
    hint = "rates of visits without quality data are in no table"
    got = "a missing value" if name in look.given else "none"
    refuse(f"{PLACE}.{name}", needed & ~quality, "must be given", got, hint)
    return look.figure(name, needed)


def _rural_factor(look: YearFigures, lupa: NDArray[np.bool_], bounds: tuple[float, float, str]) -> NDArray[np.float64]:
    """Return rural add-ons as factors: on base rates and rates of units, which a LUPA does not have."""
    given = look.given.get("rural_category", "none")
    category = codes(f"{PLACE}.rural_category", given, RURAL, f"one of {', '.join(RURAL)}")

    def shipped(absent: NDArray[np.bool_]) -> NDArray[np.float64]:
        factor = np.ones(np.broadcast_shapes(absent.shape, category.shape, look.position.shape, lupa.shape))
        for at, word in enumerate(RURAL[1:], 1):
            there = absent & (category == at)
            if there.any():
                found = look.figure(word, there & ~lupa, "rural_factor")
                factor = np.where(category == at, found, factor)
        return factor

    return look.own_or("rural_factor", bounds, shipped)
