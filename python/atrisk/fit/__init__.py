"""From person-years to care: estimates with their errors, and how well they fit."""

from atrisk.fit._estimates import Estimates
from atrisk.fit._fit import fit

__all__ = ["Estimates", "fit"]
