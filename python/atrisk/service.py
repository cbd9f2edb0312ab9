"""A service line: how often it is used, for whom, at what price and at what cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._columns import banded, looked_up
from atrisk._errors import InputError, a
from atrisk._relativities import column
from atrisk._spec import number, plain, term, text
from atrisk.case_prices import CasePrices
from atrisk.distributions import Distribution
from atrisk.frailty import Frailty

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk._types import Uncertain
    from atrisk.population import Population


AGE, RISK_SCORE = "age", "risk_score"
#: Columns whose relativities are by bands, each from its key on; the values of every other column are looked up.
BANDED = (AGE, RISK_SCORE)


@dataclass(frozen=True)
class Service:
    """One service line.

    Parameters
    ----------
    name : str
        Name. It is also the address of the service's random numbers: a renamed service has other luck,
        a reordered or inserted one changes nothing else.
    per_1000 : float
        Events per 1,000 member-years of year 0 of members with risk score 1.0 and relativities 1, at least 0; no member
        may have more than 1,000,000 expected events a year.
    allowed : Distribution or float
        Price of one event in dollars of year 0 at fee level 1, the member's cost share included; a number is fixed.
    price : CasePrices, optional
        In place of ``allowed``: cases that a payment system has priced, such as ``ar.snf.Pdpm(...)`` or
        ``ar.therapy.Visit(...)``. A case is drawn for each event, with its price and its own cost.
    own_cost : float, default 0
        Dollars of year 0 that giving one event costs whoever delivers it, whatever the fee.
    own_cost_per : mapping of str to float, optional
        What each day, visit or minute of a case costs besides, dollars of year 0, by columns of the cases of ``price``:
        ``{"days": 380.0}``.
    delivered_by : {"provider", "other_providers"}, default "provider"
        Who gives the service: the provider whose risk is studied, or others.
    coinsurance : float, default 0
        The member's share of the allowed amount, 0-1.
    frailty : Frailty, optional
        How members differ in the use of this service alone, beside the frailty that services share.
    trend, price_trend, own_cost_trend : float, default 0
        Yearly growth of the rate, of prices and of the own cost from year 0 on; 0.03 is three per cent.
    relativities : mapping of str to mapping, optional
        Factors of the rate by columns of the panel: ``{"sex": {"female": 1.1, "male": 0.9}, "age": {0: 1.2, 18: 0.7,
        65: 2.1}}``. Ages and risk scores (``"risk_score": {0: 0.9, 1: 1.0, 2.5: 1.2}``) are by bands, each from its
        key on up to the next; ages begin at 0, and members age from year to year. The values of every other column
        are looked up as they are. That of a risk score comes on top of the rate's proportion to it.
    fee_levels : mapping of str to float, optional
        By payer, what prices are multiplied with, 0-100; payers that are not named have 1.
    out_of_network_rate : float, default 0
        The part of the events, 0-1, that others give out of the provider's network; they are a service line of their
        own named ``"NAME, out of network"``, which every term that names this service means too.
    out_of_network_price : float, default 1
        What the price of such an event is multiplied with, 0-100.
    """

    name: str
    _: KW_ONLY
    per_1000: Uncertain
    allowed: Distribution | float | None = None
    price: CasePrices | None = None
    own_cost: Uncertain = 0.0
    own_cost_per: Mapping[str, float] | None = None
    delivered_by: str = "provider"
    coinsurance: Uncertain = 0.0
    frailty: Frailty | None = None
    trend: Uncertain = 0.0
    price_trend: Uncertain = 0.0
    own_cost_trend: Uncertain = 0.0
    relativities: Mapping[str, Mapping[Any, float]] | None = None
    fee_levels: Mapping[str, Uncertain] | None = None
    out_of_network_rate: Uncertain = 0.0
    out_of_network_price: Uncertain = 1.0

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        if self.frailty is not None and not isinstance(self.frailty, Frailty):
            raise InputError(f"{self.name}.frailty", "must be a Frailty", f"a {type(self.frailty).__name__}")
        relativities = _checked(self.name, self.relativities)
        return {
            "name": text("service.name", self.name),
            "per_1000": number(self.per_1000),
            **self._price(),
            "own_cost": term(self.own_cost),
            "delivered_by": text(f"{self.name}.delivered_by", self.delivered_by).replace(" ", "_"),
            "coinsurance": term(self.coinsurance),
            "frailty": None if self.frailty is None else self.frailty.to_spec(),
            "trend": number(self.trend),
            "price_trend": number(self.price_trend),
            "own_cost_trend": number(self.own_cost_trend),
            "age_relativities": _bands(self.name, relativities[AGE]) if AGE in relativities else None,
            "relativity": factor_name(self.name) if set(relativities) - {AGE} else None,
            "fee_levels": {str(payer): number(level) for payer, level in (self.fee_levels or {}).items()},
            "out_of_network_rate": number(self.out_of_network_rate),
            "out_of_network_price": number(self.out_of_network_price),
        }

    def _price(self) -> dict[str, Any]:
        """Return the price of an event: of a law, or of listed cases with what each costs to give."""
        if (self.allowed is None) == (self.price is None):
            got = "neither" if self.price is None else "both"
            raise InputError(f"{self.name}.allowed", "must be given, or price in place of it", got)
        if self.price is None:
            if self.own_cost_per is not None:
                hint = "own_cost is dollars of an event"
                raise InputError(f"{self.name}.own_cost_per", "must go with the cases of a price", "no price", hint)
            allowed: Any = self.allowed
            if isinstance(allowed, CasePrices):
                hint = "CasePrices are given as price"
                raise InputError(f"{self.name}.allowed", "must be a distribution or a number", "CasePrices", hint)
            return {"allowed": allowed.to_spec() if isinstance(allowed, Distribution) else number(allowed)}
        price: object = self.price
        if not isinstance(price, CasePrices):
            hint = "a distribution or a number of dollars is given as allowed"
            raise InputError(f"{self.name}.price", "must be CasePrices, such as ar.snf.Pdpm(...)", a(price), hint)
        listed = {"values": price.prices.tolist(), "weights": price.weights.tolist()}
        costs = price.costs(f"{self.name}.own_cost_per", self.own_cost_per)
        # Costs of nothing would be looked up for every event.
        case_costs = costs.tolist() if costs.any() else None
        return {"allowed": {"empirical": listed}, "by_case": True, "case_costs": case_costs}

    def factor(self, population: Population) -> NDArray[np.float64] | None:
        """Return what the relativities of each member come to, without those by age; None where there are none."""
        relativities = {name: of for name, of in _checked(self.name, self.relativities).items() if name != AGE}
        if not relativities:
            return None
        product = np.ones(len(population))
        for name, of in relativities.items():
            path = f"{self.name}.relativities.{name}"
            factors = banded if name == RISK_SCORE else looked_up
            product = product * factors(path, column(path, population, name), of)
        return product


def factor_name(service: str) -> str:
    """Return the name under which the factors of a service's members cross to the core."""
    return f"factor:{service.strip()}"


def _checked(name: str, relativities: object) -> Mapping[str, Mapping[Any, float]]:
    if relativities is None:
        return {}
    path = f"{name}.relativities"
    if not isinstance(relativities, Mapping):
        hint = 'for example {"sex": {"female": 1.1, "male": 0.9}}'
        raise InputError(path, "must map columns to factors", f"a {type(relativities).__name__}", hint)
    for each, of in relativities.items():
        if not isinstance(of, Mapping) or not of:
            raise InputError(f"{path}.{each}", "must map values to factors", repr(of))
    return relativities


def _bands(name: str, factors: Mapping[Any, float]) -> dict[str, Any]:
    ages = sorted(factors, key=lambda age: plain(f"{name}.relativities.{AGE}", age))
    return {"from": [number(age) for age in ages], "factors": [number(factors[age]) for age in ages]}
