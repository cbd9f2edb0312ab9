"""An arm: contracts and the care that goes with them, to be compared with others on the same years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atrisk._errors import InputError
from atrisk.contracts import Contract
from atrisk.cost_sharing import CostSharing, by_payer
from atrisk.programme import Programme
from atrisk.response import Response


@dataclass(frozen=True)
class Arm:
    """An arrangement of contracts with its care programmes; a contract or a list of contracts is its short form.

    Parameters
    ----------
    contracts : Contract or sequence of Contract, default ()
        The contracts, which settle in their order; beside ``payers`` those that are with all payers, or with the
        provider itself (stop-loss, costs), and settle after theirs.
    programmes : sequence of Programme, default ()
        What the provider does in this arm that changes the care its members use.
    cost_sharing : CostSharing or mapping of str to CostSharing, optional
        What members pay in this arm, of all payers or by payer; by default as the utilization says.
    response : Response, optional
        How volumes respond to the arm's incentives; by default not at all.
    payers : mapping of str to contract or list of contracts, optional
        Contracts of each payer of the population, on its own members alone; every payer is named, and ``[]`` leaves one
        without a contract, so that it pays for all care at its price.
    """

    contracts: Contract | Sequence[Contract] = ()
    programmes: Sequence[Programme] = ()
    cost_sharing: CostSharing | Mapping[str, CostSharing] | None = None
    response: Response | None = None
    payers: Mapping[str, Contract | Sequence[Contract]] | None = None

    def to_spec(self, name: str) -> dict[str, Any]:
        """Return the specification the core reads, of an arm with this name."""
        payers: Any = {} if self.payers is None else self.payers
        if not isinstance(payers, Mapping):
            hint = 'for example {"Medicare": [ar.FeeForService()], "Commercial": ar.Capitation(pmpm=400)}'
            raise InputError(f"{name}.payers", "must map payers to contracts", f"a {type(payers).__name__}", hint)
        of_payers = [
            {"payer": str(payer), "contracts": _specs(f"{name}.payers[{payer}]", contracts)}
            for payer, contracts in payers.items()
        ]
        programmes: Any = [self.programmes] if isinstance(self.programmes, Programme) else self.programmes
        if isinstance(programmes, str) or not isinstance(programmes, Sequence):
            raise InputError(f"{name}.programmes", "must be a list of Programme", f"a {type(programmes).__name__}")
        for position, programme in enumerate(programmes):
            if not isinstance(programme, Programme):
                path = f"{name}.programmes[{position}]"
                raise InputError(path, "must be a Programme", f"a {type(programme).__name__}")
        if self.response is not None and not isinstance(self.response, Response):
            raise InputError(f"{name}.response", "must be a Response", f"a {type(self.response).__name__}")
        return {
            "contracts": _specs(name, self.contracts),
            "payers": of_payers,
            "programmes": [programme.to_spec() for programme in programmes],
            "cost_sharing": by_payer(CostSharing, f"{name}.cost_sharing", self.cost_sharing),
            "response": None if self.response is None else self.response.to_spec(),
        }

    def by_path(self, name: str) -> list[tuple[str, Contract]]:
        """Return the contracts of an arm with this name, by their paths; once its specification has checked them."""
        of_payers = {} if self.payers is None else self.payers
        groups = [*((f"{name}.payers[{payer}]", given) for payer, given in of_payers.items()), (name, self.contracts)]
        return [
            (f"{path}[{position}]", contract)
            for path, given in groups
            for position, contract in enumerate([given] if isinstance(given, Contract) else given)
        ]


def _specs(path: str, given: object) -> list[dict[str, Any]]:
    """Return the specifications of a contract or of a list of them."""
    contracts: Any = [given] if isinstance(given, Contract) else given
    if not isinstance(contracts, Sequence) or isinstance(contracts, str):
        raise InputError(path, "must be a contract or a list of contracts", f"a {type(contracts).__name__}")
    for position, contract in enumerate(contracts):
        if not isinstance(contract, Contract) or type(contract) is Contract:
            raise InputError(f"{path}[{position}]", "must be a contract", f"a {type(contract).__name__}")
    return [contract.to_spec() for contract in contracts]
