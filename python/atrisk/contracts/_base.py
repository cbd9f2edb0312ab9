"""What all contracts have in common: frozen terms that know their low-level name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError
from atrisk._spec import fields, names, snake_case, term
from atrisk.benchmark import Benchmark
from atrisk.contracts._tags import tags

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from atrisk.population import Population


@dataclass(frozen=True, kw_only=True)
class Contract:
    """Base of all contracts; rules about terms are checked when a study is built."""

    @classmethod
    def tags(cls) -> dict[str, str]:
        """Return what frameworks of payment models call this contract.

        Returns
        -------
        dict of str to str
            ``lan_category`` (Health Care Payment Learning and Action Network, 2017), ``vbpr_payment_stream`` (HL7 Da
            Vinci value-based performance reporting), ``source`` and ``confidence``; ``none`` where it is no payment.
        """
        return dict(tags()[snake_case(cls.__name__)])

    def member_columns(self, path: str, population: Population) -> dict[str, NDArray[np.float64]]:  # noqa: ARG002 - of those that ask
        """Return what the contract at a path asks of each member beside the panel's columns, by name."""
        return {}

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads: terms as the decimals that were written."""
        return {snake_case(type(self).__name__): {name: _term(name, value) for name, value in fields(self).items()}}


def _term(name: str, value: object) -> Any:  # noqa: ANN401 - JSON
    if name == "scope":
        return names(value)
    if name == "benchmark" and value is not None and not isinstance(value, Benchmark):
        raise InputError(name, "must be a Benchmark", repr(value), "a fixed one is benchmark_pmpm=")
    return value.to_spec() if isinstance(value, Benchmark) else term(value)
