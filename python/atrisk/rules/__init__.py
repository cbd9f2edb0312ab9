"""Rules that settle a user's own figures without any simulation."""

from atrisk.rules.measure_ladder import MeasureLadder
from atrisk.rules.medical_loss_ratio_rebate import MedicalLossRatioRebate
from atrisk.rules.pay_for_performance import PayForPerformance
from atrisk.rules.risk_corridor import RiskCorridor
from atrisk.rules.sequestration import Sequestration

__all__ = ["MeasureLadder", "MedicalLossRatioRebate", "PayForPerformance", "RiskCorridor", "Sequestration"]
