"""Conditions that members have and move through, and the risk scores that are recorded of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._spec import matrix, number, numbers, optional_number, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from atrisk._types import Uncertain


@dataclass(frozen=True)
class Condition:
    """A condition with states between which members move once a year.

    Parameters
    ----------
    name : str
        Name; also the address of its random numbers.
    states : sequence of str
        Names of the states, 2-50, for example ``("none", "diabetes", "complicated")``.
    transition : matrix of float
        Chance to be in each state in the next year, a row for each state; rows sum to 1. Incidence is what leads out of
        the first state, progression what leads on.
    shares : sequence of float, optional
        Share of the members in each state in performance year 1; or
    column : str, optional
        the column of the panel that holds each member's state.
    relativities : mapping of str to sequence of float, optional
        By service: the factor of its rate in each state.
    risk_scores : sequence of float, optional
        What each state adds to the recorded risk score, where :class:`RiskScores` records it.
    """

    name: str
    _: KW_ONLY
    states: Sequence[str]
    transition: Sequence[Sequence[Uncertain]]
    shares: Sequence[Uncertain] | None = None
    column: str | None = None
    relativities: Mapping[str, Sequence[Uncertain]] | None = None
    risk_scores: Sequence[Uncertain] | None = None

    @property
    def factor_name(self) -> str:
        """Name under which the members' states cross to the core."""
        return f"factor:condition {self.name}"

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        path = f"population.conditions.{self.name}"
        relativities: Any = {} if self.relativities is None else self.relativities
        if not isinstance(relativities, Mapping):
            rule = "must map services to the factors of each state"
            raise InputError(f"{path}.relativities", rule, repr(relativities))
        states: Any = self.states
        if isinstance(states, str) or not isinstance(states, Iterable) or len(set(states)) < len(list(states)):
            raise InputError(f"{path}.states", "must be a list of different names", repr(states))
        return {
            "name": text("population.conditions.name", self.name),
            "states": [text(f"{path}.states", state) for state in states],
            "transition": matrix(f"{path}.transition", self.transition),
            "shares": None if self.shares is None else numbers(f"{path}.shares", self.shares),
            "column": None if self.column is None else self.factor_name,
            "relativities": {name: numbers(f"{path}.relativities", of) for name, of in relativities.items()},
            "risk_scores": None if self.risk_scores is None else numbers(f"{path}.risk_scores", self.risk_scores),
        }

    def state_of(self, columns: Mapping[str, NDArray[Any]]) -> NDArray[np.float64] | None:
        """Return the number of each member's state, from 0; None where no column tells it."""
        if self.column is None:
            return None
        path = f"population.conditions.{self.name}.column"
        if self.column not in columns:
            raise InputError(path, "must be a column of the panel", repr(self.column), f"it has {', '.join(columns)}")
        numbers_of = {state: float(position) for position, state in enumerate(self.states)}
        values = columns[self.column].tolist()
        for row, value in enumerate(values):
            if value not in numbers_of:
                hint = f"the states are {', '.join(map(str, self.states))}"
                raise InputError(f"population.{self.column}[{row}]", "must be one of the states", repr(value), hint)
        return np.array([numbers_of[value] for value in values])


@dataclass(frozen=True, kw_only=True)
class RiskScores:
    """How risk scores are recorded: what moves payments and not care.

    The recorded score of a member in year y is ``(risk_score + what its conditions add, as far as they were found
    again) × (1 + coding_growth)^(y − 1) × noise``; in its first year, where ``new_member_score`` is given, that.

    Parameters
    ----------
    coding_growth : float, default 0
        Yearly growth of recorded scores that no care goes with.
    recapture : float, default 1
        Chance, 0-1, that a condition is recorded again in a year.
    noise_cv : float, default 0
        Coefficient of variation of log-normal noise of mean 1, another in each year: what a score does not know.
        :meth:`with_r_squared` finds it for a stated R² with next year's cost.
    new_member_score : float, optional
        Recorded score of members in their first year, of whom only age and sex are known; by default as of others.
    """

    coding_growth: Uncertain = 0.0
    recapture: Uncertain = 1.0
    noise_cv: Uncertain = 0.0
    new_member_score: Uncertain | None = None

    @classmethod
    def with_r_squared(
        cls,
        r_squared: float,
        *,
        risk_score: NDArray[np.float64],
        without_noise: float,
        **terms: Any,  # noqa: ANN401
    ) -> RiskScores:
        """Return the recording whose scores explain a stated part of the variance of next year's cost.

        Noise of coefficient of variation v divides R² by ``1 + v² E[r²] / var(r)``.

        Parameters
        ----------
        r_squared : float
            The part of the variance of members' cost in the next year that recorded scores explain.
        risk_score : numpy.ndarray
            Risk scores of the panel.
        without_noise : float
            The part that the risk scores themselves explain, for example the square of their correlation with the
            cost of ``study.claims()``.
        **terms
            Further terms of :class:`RiskScores`.
        """
        if not 0.0 < r_squared <= without_noise:
            rule = f"must be above 0 and at most {without_noise:g} (without noise)"
            raise InputError("risk_scores.r_squared", rule, f"{r_squared:g}")
        ratio = without_noise / r_squared - 1.0
        noise = float(np.sqrt(ratio * np.var(risk_score) / np.mean(np.square(risk_score))))
        return cls(noise_cv=noise, **terms)

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        return {
            "coding_growth": number(self.coding_growth),
            "recapture": number(self.recapture),
            "noise_cv": number(self.noise_cv),
            "new_member_score": optional_number(self.new_member_score),
        }
