"""Second opinion on arms: who bears which service, and which terms the members of a payer have."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from oracle_lines import delivered_by
from oracle_quantiles import number_of
from oracle_random import F64, I64, Columns, Terms


def contracts_of(arm: Terms, kind: str | None = None) -> list[tuple[str, Terms]]:
    """The contracts of an arm as pairs of kind and terms, all of them or those of one kind."""
    pairs = [pair for contract in arm.get("contracts", ()) for pair in contract.items()]
    return [(each, terms or {}) for each, terms in pairs if kind in (None, each)]


def scope_of(terms: Terms, services: Sequence[Terms], default: Sequence[int]) -> list[int]:
    """Indices of the service lines in the scope of a contract; a name means all lines of its service."""
    if terms.get("scope") is None:
        return list(default)
    unknown = set(terms["scope"]) - {service["whole"] for service in services}
    if unknown:
        raise ValueError(f"no service is called {unknown}")
    return [index for index, service in enumerate(services) if service["whole"] in terms["scope"]]


def claimed_by(kind: str, terms: Terms, services: Sequence[Terms]) -> list[int]:
    """Indices of the service lines that a contract claims; only base payments claim any."""
    everything = range(len(services))
    if kind == "capitation":
        return scope_of(terms, services, everything)
    if kind != "fee_for_service":
        return []
    own = [index for index in everything if delivered_by(services[index]) == "provider"]
    claimed = [index for index in scope_of(terms, services, own) if not services[index]["outside"]]
    if not set(claimed) <= set(own):
        raise ValueError("fee_for_service cannot claim what other providers deliver")
    return claimed


def bearers_of(arm: Terms, services: Sequence[Terms]) -> tuple[list[str | None], F64]:
    """For each service line, the kind of base payment that bears it (None: the payer), and its fee level."""
    bearers: list[str | None] = [None] * len(services)
    fee_levels = np.ones(len(services))
    for kind, terms in contracts_of(arm):
        for index in claimed_by(kind, terms, services):
            if bearers[index] is not None:
                raise ValueError(f"two base payments claim {services[index]['name']!r}")
            bearers[index] = kind
            fee_levels[index] = number_of(terms, "fee_level", 1.0) if kind == "fee_for_service" else 1.0
    return bearers, fee_levels


# ---------------------------------------------------------------------------------------------------------
# Terms by payer and by service
# ---------------------------------------------------------------------------------------------------------


def payers_of(columns: Columns) -> tuple[list[str], I64]:
    """Names of the payers and the index of each member's, shape (members,); without names their codes stand."""
    given = columns["payer_name"] if "payer_name" in columns else columns["payer"]
    texts = [str(each) for each in given.tolist()]
    names = sorted(set(texts))
    return names, np.array([names.index(each) for each in texts], dtype=np.int64)


def terms_of_payer(by_payer: Mapping[str, Any] | None, payer: str) -> Any:
    """What is given for a payer, or else for all payers, whose name is empty; None where nothing is."""
    given = by_payer or {}
    return given.get(payer, given.get(""))


def term_of_service(by_service: Mapping[str, Any] | None, service: Terms, default: float) -> float:
    """A term that is given by service, or for all services under an empty name."""
    given = by_service or {}
    value = given.get(service["whole"], given.get(""))
    return default if value is None else float(value)


def cost_sharing_of(spec: Terms, arm: Terms) -> Mapping[str, Any]:
    """What members pay in an arm, by payer: the arm's own terms where it has any, else those of the utilization."""
    own: Mapping[str, Any] = arm.get("cost_sharing") or {}
    common: Mapping[str, Any] = spec["utilization"].get("cost_sharing") or {}
    return own or common
