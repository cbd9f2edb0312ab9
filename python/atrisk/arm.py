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
    contracts : Contract or sequence of Contract
        The contracts, which settle in their order.
    programmes : sequence of Programme, default ()
        What the provider does in this arm that changes the care its members use.
    cost_sharing : CostSharing or mapping of str to CostSharing, optional
        What members pay in this arm, of all payers or by payer; by default as the utilization says.
    response : Response, optional
        How volumes respond to the arm's incentives; by default not at all.
    """

    contracts: Contract | Sequence[Contract]
    programmes: Sequence[Programme] = ()
    cost_sharing: CostSharing | Mapping[str, CostSharing] | None = None
    response: Response | None = None

    def to_spec(self, name: str) -> dict[str, Any]:
        """Return the specification the core reads, of an arm with this name."""
        contracts: Any = [self.contracts] if isinstance(self.contracts, Contract) else self.contracts
        if not isinstance(contracts, Sequence) or isinstance(contracts, str):
            raise InputError(name, "must be a contract or a list of contracts", f"a {type(contracts).__name__}")
        for position, contract in enumerate(contracts):
            if not isinstance(contract, Contract) or type(contract) is Contract:
                raise InputError(f"{name}[{position}]", "must be a contract", f"a {type(contract).__name__}")
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
            "contracts": [contract.to_spec() for contract in contracts],
            "programmes": [programme.to_spec() for programme in programmes],
            "cost_sharing": by_payer(CostSharing, f"{name}.cost_sharing", self.cost_sharing),
            "response": None if self.response is None else self.response.to_spec(),
        }
