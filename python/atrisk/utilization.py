"""Service lines: how often they are used, for whom, at what price and at what cost."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError
from atrisk._spec import number, term, text
from atrisk.distributions import Distribution

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Service:
    """One service line.

    Parameters
    ----------
    name : str
        Name. It is also the address of the service's random numbers: a renamed service has other luck,
        a reordered or inserted one changes nothing else.
    per_1000 : float
        Events per 1,000 member-years of members with risk score 1.0, at least 0; no member may have more than 1,000,000
        expected events a year.
    allowed : Distribution or float
        Price of one event in dollars at fee level 1, the member's cost share included; a number is fixed.
    own_cost : float, default 0
        Dollars that giving one event costs whoever delivers it, whatever the fee.
    delivered_by : {"provider", "other_providers"}, default "provider"
        Who gives the service: the provider whose risk is studied, or others.
    coinsurance : float, default 0
        The member's share of the allowed amount, 0-1.
    """

    name: str
    _: KW_ONLY
    per_1000: float
    allowed: Distribution | float
    own_cost: float = 0.0
    delivered_by: str = "provider"
    coinsurance: float = 0.0

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        allowed = self.allowed
        return {
            "name": text("service.name", self.name),
            "per_1000": number(self.per_1000),
            "allowed": allowed.to_spec() if isinstance(allowed, Distribution) else number(allowed),
            "own_cost": term(self.own_cost),
            "delivered_by": text(f"{self.name}.delivered_by", self.delivered_by).replace(" ", "_"),
            "coinsurance": term(self.coinsurance),
        }


@dataclass(frozen=True, kw_only=True)
class Utilization:
    """The care a panel uses in a year.

    A member's events of a service are Poisson with rate
    ``per_1000 / 1000 × risk_score × member_months / 12 × frailty``.

    Parameters
    ----------
    services : sequence of Service
        The service lines, with names of their own.
    frailty_cv : float, default 0
        Coefficient of variation of frailty, 0-20: a gamma variable of mean 1 for each member, shared by all
        services, for what the risk score does not know.
    fixed_cost_per_month : float, default 0
        Dollars the provider spends each month whatever care is given.
    """

    services: Sequence[Service]
    frailty_cv: float = 0.0
    fixed_cost_per_month: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "services", _services(self.services))

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        return {
            "services": [service.to_spec() for service in self.services],
            "frailty_cv": number(self.frailty_cv),
            "fixed_cost_per_month": term(self.fixed_cost_per_month),
        }

    def to_pandas(self) -> pd.DataFrame:
        """Return the service lines as a pandas frame, one row per service."""
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        names = ["name", "per_1000", "allowed", "own_cost", "delivered_by", "coinsurance"]
        return pd.DataFrame([{name: getattr(service, name) for name in names} for service in self.services])

    def _repr_html_(self) -> str:
        rest = f"frailty_cv {self.frailty_cv}, fixed_cost_per_month {self.fixed_cost_per_month} dollars"
        return f"<p>Utilization: {html.escape(rest)}</p>" + self.to_pandas().to_html(index=False)


def _services(given: object) -> tuple[Service, ...]:
    if isinstance(given, (Service, str)) or not isinstance(given, Iterable):
        raise InputError("utilization.services", "must be a list of Service", f"a {type(given).__name__}")
    services = tuple(given)
    for position, service in enumerate(services):
        if not isinstance(service, Service):
            path = f"utilization.services[{position}]"
            raise InputError(path, "must be a Service", f"a {type(service).__name__}")
    return services
