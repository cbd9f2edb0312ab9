"""Rules by which a programme sets target prices: caps, weights of baseline years, limits of later adjustments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError
from atrisk._spec import plain, rate, refuse_other_sum, texts, whole
from atrisk.episodes import _programmes
from atrisk.rules import _presets

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACE = "PriceRules"


@dataclass(frozen=True, kw_only=True)
class PriceRules:
    """How target prices come from the episodes of a baseline.

    Parameters
    ----------
    year_weights : sequence of float, default (1,)
        Weights of the baseline years, oldest first, which add up to 1; a single one takes all episodes together.
    cap_percentile : float, optional
        Episodes count at most for this percentile of their cell, 0-1, by straight lines between the ordered episodes.
    cap_deviations : float, optional
        Instead, for the mean of their cell and so many standard deviations (of a sample), above 0.
    discount : float, default 0
        The part of the price, 0-1, that is taken off.
    trend_limit, normalization_limit : float, optional
        By how much of 1 a later adjustment of the trend and of the normalization may move prices, 0-1.
    source : str, optional
        What says so.
    notes : sequence of str, optional
        Which figures are recalled or doubtful.
    """

    year_weights: Sequence[float] = (1.0,)
    cap_percentile: float | None = None
    cap_deviations: float | None = None
    discount: float = 0.0
    trend_limit: float | None = None
    normalization_limit: float | None = None
    source: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse rules that set no price."""
        given: object = self.year_weights
        if isinstance(given, str) or not isinstance(given, (list, tuple)) or not given:
            raise InputError(f"{PLACE}.year_weights", "must be a list of weights", repr(given))
        weights = [rate(f"{PLACE}.year_weights[{position}]", weight) for position, weight in enumerate(given)]
        refuse_other_sum(f"{PLACE}.year_weights", weights, "must add up to 1")
        for name in ("cap_percentile", "discount", "trend_limit", "normalization_limit"):
            if getattr(self, name) is not None:
                rate(f"{PLACE}.{name}", getattr(self, name))
        if self.cap_deviations is not None:
            if self.cap_percentile is not None:
                hint = "one of both caps episodes"
                raise InputError(f"{PLACE}.cap_deviations", "must not be given beside cap_percentile", "both", hint)
            if plain(f"{PLACE}.cap_deviations", self.cap_deviations) <= 0:
                raise InputError(f"{PLACE}.cap_deviations", "must be above 0", f"{self.cap_deviations:g}")
        texts(f"{PLACE}.notes", self.notes)

    @classmethod
    def team(cls, *, year: int, category: str, **rules: Any) -> PriceRules:  # noqa: ANN401 - rules
        """Return the rules of the Transforming Episode Accountability Model for a category in a year, 2026-2030."""
        path = f"{PLACE}.team"
        number = whole(f"{path}.year", year, *_programmes.span(_programmes.PRICES, "team"))
        of_category = _programmes.in_year(_programmes.TERMS, _programmes.CATEGORIES, number)
        known = [row["of"] for row in of_category]
        if category not in known:
            raise InputError(f"{path}.category", f"must be one of {', '.join(known)}", repr(category))
        rows = _programmes.in_year(_programmes.PRICES, "team", number)
        rows += [row for row in of_category if row["of"] == category]
        return cls(**(_rules(f"TEAM {number}", rows) | rules))

    @classmethod
    def cjr(cls, performance_year: int, **rules: Any) -> PriceRules:  # noqa: ANN401 - rules
        """Return the rules of Comprehensive Care for Joint Replacement in a performance year, 1-8.

        Prices are those before the discount, which depends on the composite score. The blend of a hospital's own and
        regional prices in the first three years is the user's: prices of both, weighted.
        """
        years = _programmes.span(_programmes.PRICES, "cjr")
        number = whole(f"{PLACE}.cjr.performance_year", performance_year, *years)
        rows = _programmes.in_year(_programmes.PRICES, "cjr", number)
        return cls(**(_rules(f"CJR performance year {number}", rows) | rules))


def _rules(name: str, rows: list[_presets.Row]) -> dict[str, Any]:
    rules: dict[str, Any] = {row["item"]: float(row["value"]) for row in rows if row["item"] != "year_weight"}
    rules["year_weights"] = tuple(float(row["value"]) for row in rows if row["item"] == "year_weight")
    says = {"source": _presets.source(name, None, rows), "notes": _presets.notes(rows, _programmes.described)}
    return rules | says
