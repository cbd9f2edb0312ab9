"""Versions by which figures are found, and the warning where they are looked at again by others."""

from __future__ import annotations

import platform
import warnings
from typing import TYPE_CHECKING

import numpy as np

from atrisk import _core

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk.results import Results


def current() -> dict[str, str]:
    """Return the versions that run here, by name."""
    return {"atrisk": _core.__version__, "numpy": np.__version__, "python": platform.python_version()}


def warn_of_others(results: Results, that_matter: Sequence[str]) -> None:
    """Warn where results were found by other versions, so that the same replicates may have other bits."""
    here = current()
    others = [name for name in that_matter if results.versions.get(name) != here[name]]
    if others:
        found = ", ".join(f"{name} {results.versions.get(name, 'unknown')} (here: {here[name]})" for name in others)
        warnings.warn(f"the results were found by {found}: their last digits may differ", stacklevel=3)
