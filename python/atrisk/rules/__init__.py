"""Rules that settle a user's own figures without any simulation; those that are contracts too live among them."""

from typing import TYPE_CHECKING

from atrisk._lazily import lazily

if TYPE_CHECKING:
    from atrisk.contracts.medical_loss_ratio_rebate import MedicalLossRatioRebate
    from atrisk.contracts.pay_for_performance import PayForPerformance
    from atrisk.contracts.risk_corridor import RiskCorridor
    from atrisk.contracts.sequestration import Sequestration
    from atrisk.rules.measure_ladder import MeasureLadder
    from atrisk.rules.medicare_advantage_bid import MedicareAdvantageBid
    from atrisk.rules.medicare_advantage_score import MedicareAdvantageScore

__getattr__, __dir__ = lazily(
    "atrisk.rules",
    {
        "MeasureLadder": "atrisk.rules.measure_ladder",
        "MedicalLossRatioRebate": "atrisk.contracts.medical_loss_ratio_rebate",
        "MedicareAdvantageBid": "atrisk.rules.medicare_advantage_bid",
        "MedicareAdvantageScore": "atrisk.rules.medicare_advantage_score",
        "PayForPerformance": "atrisk.contracts.pay_for_performance",
        "RiskCorridor": "atrisk.contracts.risk_corridor",
        "Sequestration": "atrisk.contracts.sequestration",
    },
)

__all__ = [
    "MeasureLadder",
    "MedicalLossRatioRebate",
    "MedicareAdvantageBid",
    "MedicareAdvantageScore",
    "PayForPerformance",
    "RiskCorridor",
    "Sequestration",
]
