"""Rules that settle a user's own figures without any simulation."""

from atrisk.rules.risk_corridor import RiskCorridor

__all__ = ["RiskCorridor"]
