"""What every section of a report is made from: the results, what the reader is told besides, tables computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from atrisk._errors import InputError, a
from atrisk._spec import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from atrisk.results import Results


class Fit(Protocol):
    """How well a model shows what was observed: a table, a figure of matplotlib, and notes."""

    @property
    def table(self) -> pd.DataFrame:
        """What was observed beside what the model shows."""

    @property
    def notes(self) -> Sequence[str]:
        """What a reader must know."""

    def figure(self) -> Any:  # noqa: ANN401 - of matplotlib, which is optional
        """Return the picture, a matplotlib Figure."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the reader is told besides the figures; see :meth:`Results.report`."""

    question: str = ""
    title: str | None = None
    baseline: str | None = None
    fit: Fit | None = None
    unit: str = "dollars"
    date: str = ""

    def __post_init__(self) -> None:
        for name in ("question", "unit", "date"):
            object.__setattr__(self, name, text(f"report.{name}", getattr(self, name)))
        if self.title is not None:
            object.__setattr__(self, "title", text("report.title", self.title))
        lacking = [name for name in ("table", "figure", "notes") if not hasattr(self.fit, name)]
        if self.fit is not None and lacking:
            raise InputError("report.fit", "must have table, figure() and notes", a(self.fit), f"no {lacking[0]}")


class Facts:
    """Results with what is told besides, and their tables, each computed once."""

    def __init__(self, results: Results, told: Told) -> None:
        if told.baseline is not None and told.baseline not in results.arms:
            raise InputError("report.baseline", f"must be one of {', '.join(results.arms)}", repr(told.baseline))
        self.results = results
        self.told = told
        self.spec: dict[str, Any] = results.spec
        self.arms = results.arms
        self.baseline = results.arms[0] if told.baseline is None else told.baseline
        self.others = [arm for arm in results.arms if arm != self.baseline]
        self.money = told.unit or "dollars"
        self.span = "in one year" if results.years == 1 else f"over {results.years} years"

    @cached_property
    def summary(self) -> pd.DataFrame:
        """The summary over all years."""
        return self.results.summary()

    @cached_property
    def compared(self) -> pd.DataFrame:
        """The paired differences to the baseline, over all years."""
        return self.results.compare(self.baseline)

    @cached_property
    def uncertain(self) -> frozenset[str]:
        """Paths of the uncertain inputs."""
        return frozenset(each["path"] for each in self.spec["parameters"]["inputs"])

    @property
    def drawn(self) -> bool:
        """Whether uncertain inputs were drawn."""
        return self.results.plan.inputs is not None
