"""Second opinion on arms: who bears which service, and which terms the members of a payer have."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from oracle_lines import delivered_by
from oracle_quantiles import number_of
from oracle_random import F64, I64, Columns, Terms

# ---------------------------------------------------------------------------------------------------------
# Contracts
# ---------------------------------------------------------------------------------------------------------


class Signed(NamedTuple):
    """A contract of an arm, and whom it is with."""

    payer: int | None  # index of the payer; None: with all of them, or with the provider itself
    kind: str
    terms: Terms


def signed_contracts(arm: Terms, payers: Sequence[str]) -> list[Signed]:
    """The contracts of an arm in the order in which they settle: those of each payer as named, then those with all."""
    named = [each["payer"] for each in arm.get("payers") or []]
    if named and sorted(named) != sorted(payers):
        raise ValueError(f"every payer is named once, not {named}")
    lists: list[tuple[int | None, Sequence[Terms]]] = [
        (payers.index(each["payer"]), each["contracts"]) for each in arm.get("payers") or []
    ]
    lists.append((None, arm.get("contracts", ())))
    return [
        Signed(payer, kind, terms or {})
        for payer, contracts in lists
        for contract in contracts
        for kind, terms in contract.items()
    ]


def contracts_of(arm: Terms, kind: str | None = None) -> list[tuple[str, Terms]]:
    """The contracts of an arm, whoever they are with, as pairs of kind and terms; all of them or those of one kind."""
    signed = signed_contracts(arm, [each["payer"] for each in arm.get("payers") or []])
    return [(each.kind, each.terms) for each in signed if kind in (None, each.kind)]


# ---------------------------------------------------------------------------------------------------------
# Who bears what
# ---------------------------------------------------------------------------------------------------------


def named(names: Sequence[str] | None, services: Sequence[Terms], default: Sequence[int]) -> list[int]:
    """Indices of the service lines that are named; a name means all lines of its service."""
    if names is None:
        return list(default)
    unknown = set(names) - {service["whole"] for service in services}
    if unknown:
        raise ValueError(f"no service is called {unknown}")
    return [index for index, service in enumerate(services) if service["whole"] in names]


def scope_of(terms: Terms, services: Sequence[Terms], default: Sequence[int]) -> list[int]:
    """Indices of the service lines in the scope of a contract."""
    return named(terms.get("scope"), services, default)


def own_lines(names: Sequence[str] | None, services: Sequence[Terms], default: Sequence[int]) -> list[int]:
    """Indices of the lines that are named, of what the provider gives itself; others may not be named."""
    found = [index for index in named(names, services, default) if not services[index]["outside"]]
    if any(delivered_by(services[index]) != "provider" for index in found):
        raise ValueError("what other providers deliver cannot be named")
    return found


def claimed_by(kind: str, terms: Terms, services: Sequence[Terms]) -> list[int]:
    """Indices of the service lines that a contract claims; only base payments claim any."""
    everything = range(len(services))
    if kind == "capitation":
        carved = named(terms.get("carve_outs"), services, [])
        return [index for index in scope_of(terms, services, everything) if index not in carved]
    if kind == "direct_primary_care":
        retained = own_lines(terms["scope"], services, [])
        return sorted({*retained, *own_lines(terms.get("pass_through"), services, [])})
    if kind == "care_management_fee":
        return own_lines(terms.get("visit_scope"), services, [])
    if kind != "fee_for_service":
        return []
    own = [index for index in everything if delivered_by(services[index]) == "provider"]
    return own_lines(terms.get("scope"), services, own)


def fee_level_of(signed: Signed) -> float:
    """What a base payment multiplies the allowed price of its services by; under a retainer nothing is allowed."""
    if signed.kind == "direct_primary_care":
        return 0.0
    return number_of(signed.terms, "fee_level", 1.0) if signed.kind == "fee_for_service" else 1.0


def bearers_of(arm: Terms, services: Sequence[Terms], payers: Sequence[str]) -> list[list[Signed | None]]:
    """By payer and service line the base payment that bears it; None: the payer pays at the price."""
    bearers: list[list[Signed | None]] = [[None] * len(services) for _ in payers]
    for signed in signed_contracts(arm, payers):
        for payer in range(len(payers)) if signed.payer is None else [signed.payer]:
            for index in claimed_by(signed.kind, signed.terms, services):
                if bearers[payer][index] is not None:
                    raise ValueError(f"two base payments claim {services[index]['name']!r}")
                bearers[payer][index] = signed
    return bearers


def fee_levels_of(bearers: Sequence[Sequence[Signed | None]]) -> F64:
    """What the price of an event is multiplied by, shape (payers, services)."""
    return np.array([[1.0 if each is None else fee_level_of(each) for each in row] for row in bearers])


# ---------------------------------------------------------------------------------------------------------
# Terms by payer and by service
# ---------------------------------------------------------------------------------------------------------


def payers_of(columns: Columns) -> tuple[list[str], I64]:
    """Names of the payers and the index of each member's, shape (members,); without names their codes stand."""
    given = columns["payer_name"] if "payer_name" in columns else columns["payer"]
    texts = [str(each) for each in given.tolist()]
    names = sorted(set(texts))
    return names, np.array([names.index(each) for each in texts], dtype=np.int64)


def payer_levels(columns: Columns, services: Sequence[Terms]) -> F64:
    """What prices of each member's payer are multiplied by, (members, services)."""
    payers, payer = payers_of(columns)
    levels = [[number_of(service.get("fee_levels") or {}, name, 1.0) for service in services] for name in payers]
    return np.asarray(np.array(levels)[payer], dtype=np.float64)


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


def limit_of(terms: Terms, rate: str, dollars: float) -> float:
    """The limit that a rate sets as a part of dollars; without one there is none, whatever the dollars are."""
    return math.inf if terms.get(rate) is None else number_of(terms, rate) * dollars
