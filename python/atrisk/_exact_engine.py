"""Questions of the exact engine about one panel and its care: equal questions are asked once."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from atrisk import _core
from atrisk._exact_arms import Part, arm_weights, members_of, payers_of
from atrisk._exact_model import model_of
from atrisk._spec import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from atrisk.population import Population

Bracket = tuple[float | None, float | None, float | None]
Group = tuple[tuple[str, ...] | None, list[float]]
WHOLE = Part()


def ask(question: Mapping[str, Any], **figures: object) -> dict[str, Any]:
    """Ask the core."""
    return _core.exact(json.dumps(copy.copy(dict(question)) | figures))


def times(bracket: Bracket, factor: float) -> Bracket:
    """Return a bracket in another unit."""
    lower, value, upper = (None if figure is None else figure * factor for figure in bracket)
    return lower, value, upper


class Engine:
    """One panel and its care."""

    def __init__(self, spec: Mapping[str, Any], population: Population, cells: int | None) -> None:
        self.spec = spec
        self.population = population
        self.model = model_of(spec, population)
        self.cells = None if cells is None else whole("exact.cells", cells, 1, 2**22)
        self.answers: dict[str, dict[str, Any]] = {}

    @property
    def is_independent(self) -> bool:
        """Whether nothing moves all members together."""
        return bool(self.model["shock"] == "one")

    def members(self, payer: str | None) -> int:
        """Members of a payer, or all."""
        return len(self.population) if payer is None else int((self.population.columns["payer"] == payer).sum())

    def member_months(self, payer: str | None) -> int:
        """Months of enrolment of a payer's members, or of all."""
        if payer is None:
            return self.population.member_months
        columns = self.population.columns
        months = columns["exit_month"] - columns["entry_month"] + 1
        return int(months[columns["payer"] == payer].sum())

    def ask(self, weights: Sequence[float], part: Part = WHOLE, **figures: object) -> dict[str, Any]:
        """Ask about dollars of a part of the panel, counted with these weights of the services."""
        services = [
            service | {"weight": service["weight"] * weight}
            for service, weight in zip(self.model["services"], weights, strict=True)
        ]
        key = json.dumps([weights, part, figures])
        if key not in self.answers:
            question = self.model | members_of(self.population, part) | {"services": services}
            self.answers[key] = ask(question, cells=self.cells, **figures)
        return self.answers[key]

    def groups(
        self, arm: Mapping[str, Any], payer: str | None, weights_of: Callable[[str], list[float]]
    ) -> list[Group]:
        """Return the payers of a contract by the weights of their services; one group of all where they are alike."""
        groups: list[tuple[list[str], list[float]]] = []
        for each in payers_of(arm, payer):
            weights = weights_of(each)
            known = next((names for names, other in groups if other == weights), None)
            if known is None:
                groups.append(([each], weights))
            else:
                known.append(each)
        alike = payer is None and len(groups) == 1
        return [(None if alike else tuple(names), weights) for names, weights in groups]

    def arm_groups(self, arm: Mapping[str, Any], payer: str | None, *, paid: bool) -> list[Group]:
        """Return the payers of a contract by what is allowed or paid of their services."""
        return self.groups(arm, payer, lambda each: arm_weights(self.spec, arm, each, paid=paid))
