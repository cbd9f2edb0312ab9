"""Rules that settle a user's own figures without any simulation."""

from atrisk.rules.measure_ladder import MeasureLadder
from atrisk.rules.pay_for_performance import PayForPerformance
from atrisk.rules.risk_corridor import RiskCorridor

__all__ = ["MeasureLadder", "PayForPerformance", "RiskCorridor"]
