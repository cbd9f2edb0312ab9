"""Episodes of care: target prices from a user's own baseline, the care of a caseload, kinds from cited facts."""

from typing import TYPE_CHECKING

from atrisk._lazily import lazily

if TYPE_CHECKING:
    from atrisk.episodes._care import care
    from atrisk.episodes._coronary_bypass import coronary_bypass
    from atrisk.episodes._facts import facts
    from atrisk.episodes._joint_replacement import joint_replacement
    from atrisk.episodes._price_rules import PriceRules
    from atrisk.episodes._targets import explain, risk_adjusted_targets, target_prices

__getattr__, __dir__ = lazily(
    "atrisk.episodes",
    {
        "PriceRules": "atrisk.episodes._price_rules",
        "care": "atrisk.episodes._care",
        "coronary_bypass": "atrisk.episodes._coronary_bypass",
        "explain": "atrisk.episodes._targets",
        "facts": "atrisk.episodes._facts",
        "joint_replacement": "atrisk.episodes._joint_replacement",
        "risk_adjusted_targets": "atrisk.episodes._targets",
        "target_prices": "atrisk.episodes._targets",
    },
)

__all__ = [
    "PriceRules",
    "care",
    "coronary_bypass",
    "explain",
    "facts",
    "joint_replacement",
    "risk_adjusted_targets",
    "target_prices",
]
