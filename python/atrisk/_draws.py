"""Which replicates of which parameter draws a run consists of, and the uncertain inputs of each draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from atrisk._errors import InputError
from atrisk._parameters import DESIGNS, uniforms
from atrisk._spec import shown, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.study import Study

LARGEST_REPLICATE = 2**32 - 1
MEANS = ("drawn", "mean")


@dataclass(frozen=True)
class Plan:
    """The replicates of a run.

    Parameters
    ----------
    first : int
        Absolute number of the first replicate; 0 where draws are nested.
    replicates : int
        Number of replicates, over all draws.
    draws : int or None
        Number of nested draws.
    parameters, design : str
        As :meth:`Study.run` takes them.
    inputs : numpy.ndarray or None
        Uncertain inputs, a row for each draw; None where nothing is uncertain or inputs are at their means.
    """

    first: int
    replicates: int
    draws: int | None
    parameters: str
    design: str
    inputs: NDArray[np.float64] | None

    @property
    def inner(self) -> int | None:
        """Replicates of each nested draw."""
        return None if self.draws is None else self.replicates // self.draws

    @property
    def clusters(self) -> int | None:
        """How many independent groups the replicates are of, where they are not independent themselves."""
        if self.draws is not None:
            return self.draws
        mirrored = self.design == "antithetic" and self.inputs is not None
        return self.replicates // 2 if mirrored and self.first % 2 == 0 and self.replicates % 2 == 0 else None

    def rows(self, done: int, size: int) -> list[list[float]] | None:
        """Return the uncertain inputs of the draws of some replicates, counted from the first."""
        if self.inputs is None:
            return None
        inner = self.inner or 1
        rows: list[list[float]] = self.inputs[done // inner : (done + size - 1) // inner + 1].tolist()
        return rows


def drawn(  # noqa: PLR0913, PLR0917 - the parts of a plan
    study: Study, replicates: int, draws: object, parameters: str, design: str, first: object
) -> Plan:
    """Check what is to be run, and draw the uncertain inputs."""
    for name, value, choices in (("parameters", parameters, MEANS), ("design", design, DESIGNS)):
        if value not in choices:
            raise InputError(f"run.{name}", f"must be one of {', '.join(choices)}", repr(value))
    first = whole("run.first", first, 0, LARGEST_REPLICATE + 1 - replicates)
    if draws is not None:
        draws = whole("run.draws", draws, 2, (LARGEST_REPLICATE + 1) // replicates)
    depends = design in {"latin_hypercube", "sobol"}
    if first and (draws is not None or depends):
        what = "draws" if draws is not None else f"a {design} design"
        raise InputError("run.first", f"must be 0 with {what}", shown(first))
    total = replicates * (draws or 1)
    values = None
    if study.uncertain_inputs and parameters == "drawn":
        core = study._core  # noqa: SLF001 - its own package
        points = uniforms(core, design, first, draws or replicates, study.seed)
        values = np.array(core.parameter_values(points.tolist()))
    return Plan(first, total, draws, parameters, design, values)
