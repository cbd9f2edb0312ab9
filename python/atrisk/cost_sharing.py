"""What members pay, what becomes of bills, and clinicians who come in whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError
from atrisk._spec import by_name, names, number, optional_number, term, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk._types import Uncertain


@dataclass(frozen=True, kw_only=True)
class CostSharing:
    """What a member pays of its claims in the order in which they come; it begins anew in every year.

    Of a claim the member pays first what is left of the deductible; then the copay, then the coinsurance of the rest;
    and no more than what is left of the maximum.

    Parameters
    ----------
    deductible : float, default 0
        Dollars that a member pays first in a year, at the arm's prices.
    exempt : sequence of str, default ()
        Names of services to which the deductible does not apply.
    copay : float or mapping of str to float, default 0
        Dollars of an event after the deductible, of all services or by service.
    coinsurance : float or mapping of str to float, optional
        Share of what is left, 0-1, of all services or by service; by default that of each :class:`Service`.
    out_of_pocket_maximum : float, optional
        The most that a member pays in a year; by default no maximum.
    """

    deductible: Uncertain = 0.0
    exempt: Sequence[str] = ()
    copay: Uncertain | Mapping[str, Uncertain] = 0.0
    coinsurance: Uncertain | Mapping[str, Uncertain] | None = None
    out_of_pocket_maximum: Uncertain | None = None

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        return {
            "deductible": number(self.deductible),
            "exempt": names(self.exempt),
            "copay": by_name(self.copay),
            "coinsurance": {} if self.coinsurance is None else by_name(self.coinsurance),
            "out_of_pocket_maximum": optional_number(self.out_of_pocket_maximum),
        }


@dataclass(frozen=True, kw_only=True)
class Collections:
    """What becomes of the bills that the provider sends: to a payer for claims, to members for their cost share.

    Parameters
    ----------
    denial_rate : float, default 0
        The part, 0-1, of what a payer owes for claims under fee-for-service that it never pays.
    bad_debt_rate : float, default 0
        The part, 0-1, of the members' cost share that is never paid.
    days_to_pay : float, default 0
        Days from service to cash, 0-730; cash moves so many whole months later.
    billing_cost : float, default 0
        Dollars a claim that is billed.
    """

    denial_rate: Uncertain = 0.0
    bad_debt_rate: Uncertain = 0.0
    days_to_pay: Uncertain = 0.0
    billing_cost: Uncertain = 0.0

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        return {
            "denial_rate": term(self.denial_rate),
            "bad_debt_rate": term(self.bad_debt_rate),
            "days_to_pay": number(self.days_to_pay),
            "billing_cost": term(self.billing_cost),
        }


@dataclass(frozen=True)
class Capacity:
    """Clinicians (or rooms, or teams) that the provider keeps for some of its services: whole numbers of them.

    Parameters
    ----------
    name : str
        Name.
    events_per_month : float
        Events that one of them can give in a month, above 0.
    cost_per_month : float
        Dollars of each of them a month.
    services : sequence of str, optional
        Names of the services they give; by default all that the provider delivers.
    least : float, default 0
        The fewest that are kept.
    """

    name: str
    _: KW_ONLY
    events_per_month: Uncertain
    cost_per_month: Uncertain
    services: Sequence[str] | None = None
    least: Uncertain = 0

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        return {
            "name": text("capacity.name", self.name),
            "services": names(self.services),
            "events_per_month": term(self.events_per_month),
            "cost_per_month": term(self.cost_per_month),
            "least": term(self.least),
        }


def by_payer(kind: type, path: str, given: object) -> dict[str, Any]:
    """Return what concerns a payer by payer; under an empty name what concerns all."""
    if given is None:
        return {}
    items: list[tuple[Any, Any]] = list(given.items()) if isinstance(given, Mapping) else [("", given)]
    for payer, each in items:
        if not isinstance(each, kind):
            where = f"{path}.{payer}" if payer else path
            raise InputError(where, f"must be a {kind.__name__}", f"a {type(each).__name__}")
    return {str(payer).strip(): each.to_spec() for payer, each in items}
