"""From person-years to care: estimates with their errors, credibility, and how well a model follows other data."""

from atrisk.fit._credibility import Credibility, buhlmann_straub
from atrisk.fit._estimates import Estimates
from atrisk.fit._fit import fit
from atrisk.fit._goodness import GoodnessOfFit, goodness_of_fit

__all__ = ["Credibility", "Estimates", "GoodnessOfFit", "buhlmann_straub", "fit", "goodness_of_fit"]
