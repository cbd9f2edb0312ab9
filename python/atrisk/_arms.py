"""Arms as users write them: names and the contracts they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from atrisk._errors import InputError
from atrisk._spec import text
from atrisk.arm import Arm
from atrisk.contracts import Contract

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from atrisk.population import Population

Arrangement = Contract | Sequence[Contract] | Arm


def pairs(arms: object) -> list[tuple[Any, Any]]:
    """Return the arms as (name, arrangement) pairs, from any form they may be given in."""
    if isinstance(arms, Mapping):
        return list(arms.items())
    if isinstance(arms, Contract) or not isinstance(arms, Sequence) or isinstance(arms, str):
        hint = 'for example {"Fee-for-service": ar.FeeForService()}'
        raise InputError("arms", "must name their arrangements", f"a {type(arms).__name__}", hint)
    for position, pair in enumerate(arms):
        if not (isinstance(pair, tuple) and len(pair) == 2):  # noqa: PLR2004 - a pair
            raise InputError(f"arms[{position}]", "must be a (name, arrangement) pair", f"a {type(pair).__name__}")
    return list(arms)


def arm_spec(name: object, arrangement: object) -> dict[str, Any]:
    """Return the specification of one arm."""
    arm = arrangement if isinstance(arrangement, Arm) else Arm(arrangement)  # type: ignore[arg-type]
    return {"name": text("arms", name), **arm.to_spec(str(name))}


def member_columns(arms: object, population: Population) -> dict[str, NDArray[np.float64]]:
    """Return what checked contracts ask of each member beside the panel's own columns, by its name in the core."""
    found: dict[str, NDArray[np.float64]] = {}
    for name, arrangement in pairs(arms):
        arm = arrangement if isinstance(arrangement, Arm) else Arm(arrangement)
        for path, contract in arm.by_path(str(name)):
            found |= contract.member_columns(path, population)
    return found


class Signed(NamedTuple):
    """A contract of an arm: its path, the payer it is with (None for all of them), its kind and its terms."""

    path: str
    payer: str | None
    kind: str
    terms: dict[str, Any]


def signed(arm: Mapping[str, Any]) -> list[Signed]:
    """Return the contracts of an arm's specification in the order in which they settle: of payers, then of all."""
    groups = [(f"{arm['name']}.payers[{of['payer']}]", of["payer"], of["contracts"]) for of in arm.get("payers", ())]
    return [
        Signed(f"{path}[{position}]", payer, *next(iter(contract.items())))
        for path, payer, contracts in [*groups, (arm["name"], None, arm["contracts"])]
        for position, contract in enumerate(contracts)
    ]


def in_words(arm: Mapping[str, Any]) -> str:
    """Return the contracts of an arm with the terms that were given."""
    words = []
    for each in signed(arm):
        terms = ", ".join(f"{name}={value}" for name, value in each.terms.items() if value is not None)
        words.append(f"{f'{each.payer}: ' if each.payer else ''}{each.kind}({terms})")
    return "; ".join(words)
