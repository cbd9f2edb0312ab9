"""Episodes of care without a simulation: target prices from a user's own baseline."""

from typing import TYPE_CHECKING

from atrisk._lazily import lazily

if TYPE_CHECKING:
    from atrisk.episodes._price_rules import PriceRules
    from atrisk.episodes._targets import explain, risk_adjusted_targets, target_prices

__getattr__, __dir__ = lazily(
    "atrisk.episodes",
    {
        "PriceRules": "atrisk.episodes._price_rules",
        "explain": "atrisk.episodes._targets",
        "risk_adjusted_targets": "atrisk.episodes._targets",
        "target_prices": "atrisk.episodes._targets",
    },
)

__all__ = ["PriceRules", "explain", "risk_adjusted_targets", "target_prices"]
