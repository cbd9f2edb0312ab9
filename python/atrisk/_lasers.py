"""Lasers of stop-loss: members whose cover begins elsewhere, from their identifiers to rows of the panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from atrisk._columns import identifier
from atrisk._errors import InputError
from atrisk._spec import known_term

if TYPE_CHECKING:
    from atrisk.population import Population

SHOWN = 3


def lasers_spec(given: object) -> list[dict[str, Any]]:
    """Return members, by the text of their identifiers, and their attachment points."""
    if not isinstance(given, Mapping):
        hint = 'for example {"M017": 500_000}'
        raise InputError("lasers", "must map member_id to an attachment point", f"a {type(given).__name__}", hint)
    lasers: dict[str, Any] = {}
    for member, attachment_point in given.items():
        name = identifier("lasers", member)
        if name in lasers:
            raise InputError("lasers", "must name each member once", f"{name!r} twice")
        lasers[name] = known_term(f"lasers[{name}]", attachment_point)
    return [{"member_id": name, "attachment_point": point} for name, point in lasers.items()]


def find_members(spec: dict[str, Any], population: Population) -> None:
    """Give every laser the row of its member, refusing who is not among the members that the cover is for."""
    from atrisk._arms import signed  # noqa: PLC0415 - knows contracts

    with_lasers = [each for arm in spec["arms"] for each in signed(arm) if each.terms.get("lasers")]
    if not with_lasers:
        return
    rows = {identifier("member_id", given): row for row, given in enumerate(population.columns["member_id"].tolist())}
    payers = population.columns["payer"].tolist()
    for path, payer, _, terms in with_lasers:
        for laser in terms["lasers"]:
            row = rows.get(laser["member_id"])
            if row is None or payer not in (None, payers[row]):
                whose = "the population" if payer is None else payer
                known = [name for name, row in rows.items() if payer in (None, payers[row])]
                hint = f"the members are {', '.join(known[:SHOWN])}{', ...' if len(known) > SHOWN else ''}"
                raise InputError(f"{path}.lasers", f"must name members of {whose}", repr(laser["member_id"]), hint)
            laser["row"] = row
