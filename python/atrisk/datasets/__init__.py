"""Real data that come with the package, and what of a study can be read from them."""

from atrisk.datasets.calibration import frailty_cv, full_years, risk_score, service_lines, total_dollars
from atrisk.datasets.desynpuf import desynpuf_sample
from atrisk.datasets.dispersion import Dispersion, dispersion_by_size, fit_dispersion, savings_rate_changes
from atrisk.datasets.mssp import mssp_puf, mssp_savings_rates
from atrisk.datasets.rand import rand_hie

__all__ = [
    "Dispersion",
    "desynpuf_sample",
    "dispersion_by_size",
    "fit_dispersion",
    "frailty_cv",
    "full_years",
    "mssp_puf",
    "mssp_savings_rates",
    "rand_hie",
    "risk_score",
    "savings_rate_changes",
    "service_lines",
    "total_dollars",
]
