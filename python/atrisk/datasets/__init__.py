"""Real data that come with the package, and what of a study can be read from them."""

from atrisk.datasets.calibration import frailty_cv, full_years, risk_score, service_lines, total_dollars
from atrisk.datasets.rand import rand_hie

__all__ = ["frailty_cv", "full_years", "rand_hie", "risk_score", "service_lines", "total_dollars"]
