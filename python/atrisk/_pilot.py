"""The pilot run of a study: how often shared savings earn and owe before anyone responds to them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _core
from atrisk._arms import signed

if TYPE_CHECKING:
    from collections.abc import Callable

SAVINGS = "shared_savings"


def find_chances(spec: dict[str, Any], replicates: int, build: Callable[[dict[str, Any]], _core.Study]) -> None:
    """Write the chance of earning and of owing into every response whose arm or reference shares savings."""
    by_name = {arm["name"]: arm for arm in spec["arms"]}
    for arm in spec["arms"]:
        response = arm.get("response")
        if response is None or not any(response["provider"].values()):
            continue
        for name in (arm["name"], response["reference"]):
            if name in by_name and any(each.kind == SAVINGS for each in signed(by_name[name])):
                response["chances"][name] = _chances(spec, by_name[name], replicates, build)


def _chances(
    spec: dict[str, Any], arm: dict[str, Any], replicates: int, build: Callable[[dict[str, Any]], _core.Study]
) -> list[float]:
    """Return the chances of the first performance year: what the arm has more or less than without its savings."""
    without = [contract for contract in arm["contracts"] if SAVINGS not in contract]
    of_payers = [
        of | {"contracts": [contract for contract in of["contracts"] if SAVINGS not in contract]}
        for of in arm["payers"]
    ]
    pilot = copy.deepcopy({key: value for key, value in spec.items() if key != "arms"}) | {"years": 1}
    pilot["parameters"] = {"inputs": [], "correlation": None}
    bare = {key: value for key, value in copy.deepcopy(arm).items() if key != "response"}
    # An arm needs a contract: fees at the drawn price are what no contract at all comes to.
    without = without if without or of_payers else [{"fee_for_service": {"fee_level": "1", "scope": None}}]
    pilot["arms"] = [bare | {"name": "with"}, bare | {"name": "without", "contracts": without, "payers": of_payers}]
    figures = build(pilot).run(0, replicates, None, False).reshape(replicates, 2, -1)  # noqa: FBT003 - no cash
    revenue = _core.figure_names().index("provider_revenue")
    gained = np.round(figures[:, 0, revenue] - figures[:, 1, revenue], 2)
    return [float(np.mean(gained > 0)), float(np.mean(gained < 0))]
