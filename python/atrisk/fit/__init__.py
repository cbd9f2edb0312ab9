"""Care fitted to data, and how well a model of care follows data that it was not fitted to."""

from atrisk.fit._goodness import GoodnessOfFit, goodness_of_fit

__all__ = ["GoodnessOfFit", "goodness_of_fit"]
