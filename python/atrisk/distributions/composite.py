"""Distributions made of distributions: mixtures, splices and truncations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from atrisk._errors import InputError, a
from atrisk._spec import number
from atrisk.distributions._base import MOST_SHOWN, ContinuousDistribution, Distribution, component_of
from atrisk.distributions.discrete import Fixed


class CompositeDistribution(ContinuousDistribution):
    """A distribution made of others, which may have atoms beside its density."""


class Mixture(CompositeDistribution):
    """A choice between distributions: kinds of cases that share a price.

    Parameters
    ----------
    components : sequence of (weight, distribution), or mapping of distribution to weight
        Weights of at least 0, divided by their sum, and distributions; a number is a fixed value.

    Examples
    --------
    >>> ar.Mixture([(0.9, ar.Gamma(mean=200, cv=1)), (0.1, ar.LogNormal(mean=9_000, cv=1.5))]).mean()
    1080.0
    """

    def __init__(self, components: Mapping[Distribution, float] | Iterable[tuple[float, Distribution | float]]) -> None:
        pairs: Any = components
        if isinstance(components, Mapping):
            pairs = [(weight, distribution) for distribution, weight in components.items()]
        rule = "must be pairs of a weight and a distribution"
        if isinstance(pairs, (str, Distribution)) or not isinstance(pairs, Iterable):
            raise InputError("Mixture.components", rule, a(pairs))
        given = []
        for position, pair in enumerate(pairs):
            path = f"Mixture.components[{position}]"
            if not (isinstance(pair, (tuple, list, np.ndarray)) and len(pair) == 2):  # noqa: PLR2004 - a pair
                raise InputError(path, rule, a(pair))
            given.append((pair[0], component_of(path, pair[1])))
        super().__init__(components=given)

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        components = []
        for weight, part in self.parameters["components"]:
            distribution = part if isinstance(part, Distribution) else Fixed(part)
            components.append({"weight": number(weight), **distribution.to_spec()})
        return {"mixture": {"components": components}}

    def __repr__(self) -> str:
        components = self.parameters["components"]
        kept = components if len(components) <= MOST_SHOWN else (*components[:3], *components[-1:])
        pairs = [f"({weight!r}, {part!r})" for weight, part in kept]
        if len(components) > MOST_SHOWN:
            pairs.insert(3, f"... {len(components):,} components ...")
        return f"Mixture([{', '.join(pairs)}])"


class Spliced(CompositeDistribution):
    """One distribution up to a point, another beyond it: a body of claims with a tail of its own.

    Parameters
    ----------
    body : Distribution
        What values up to ``at`` are: the distribution on the condition of being at most ``at``.
    tail : Distribution
        What values above ``at`` are: the distribution on the condition of being above ``at``.
    at : float
        Where they are joined, dollars.
    tail_probability : float, optional
        Probability of exceeding ``at``; by default that of ``body``.
    """

    def __init__(
        self,
        body: Distribution | float,
        tail: Distribution | float,
        *,
        at: float,
        tail_probability: float | None = None,
    ) -> None:
        body, tail = component_of("Spliced.body", body), component_of("Spliced.tail", tail)
        super().__init__(body=body, tail=tail, at=at, tail_probability=tail_probability)


class Truncated(CompositeDistribution):
    """A distribution on the condition that its value lies from ``lower`` to ``upper``, both included.

    Parameters
    ----------
    distribution : Distribution
        What is truncated.
    lower, upper : float, optional
        The ends; at least one.
    """

    def __init__(
        self, distribution: Distribution | float, lower: float | None = None, upper: float | None = None
    ) -> None:
        super().__init__(distribution=component_of("Truncated.distribution", distribution), lower=lower, upper=upper)
