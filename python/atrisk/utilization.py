"""The care a panel uses: service lines, and what makes members and years differ."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError
from atrisk._spec import all_of, fields, matrix, number, term
from atrisk.assumption import Assumption, checked
from atrisk.cost_sharing import Capacity, Collections, CostSharing, by_payer
from atrisk.episode import Episode
from atrisk.frailty import Frailty
from atrisk.service import Service, factor_name
from atrisk.shock import Shock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from atrisk._types import Uncertain
    from atrisk.fit import Estimates
    from atrisk.population import Population


@dataclass(frozen=True, kw_only=True)
class Utilization:
    """The care a panel uses.

    A member's events of a service in a year are Poisson with rate ``per_1000 / 1000 × risk_score × relativities ×
    member_months / 12 × frailty × trend × shocks``. Rates and prices are those of year 0, the last year before the
    first performance year: performance year 1 has one year of trend.

    Any number here may be a :class:`Distribution`: that is not knowing it, and every replicate draws its own.

    Parameters
    ----------
    services : sequence of Service
        The service lines, with names of their own.
    frailty_cv : float, default 0
        Coefficient of variation of frailty, 0-20: a gamma variable of mean 1 for each member, shared by all services
        and kept over the years, for what the risk score does not know. Short for ``frailty=Frailty(cv=...)``.
    frailty : Frailty, optional
        Frailty shared by all services, in any family and with a yearly part.
    severity_cv : float, default 0
        Coefficient of variation of severity, 0-5: a log-normal factor of mean 1 that a member keeps, by which the
        prices of all its events are multiplied.
    severity_correlation : float, default 0
        Correlation, -1 to 1, of the normals behind severity and the kept part of the shared frailty.
    trend, price_trend : float, default 0
        Yearly growth of all rates and of all prices, beside those of single services; 0.03 is three per cent.
    shocks : sequence of Shock, default ()
        What moves a year for everyone and does not shrink as the panel grows. ``[Shock.default()]`` is a cited minimum.
    shock_correlation : matrix of float, optional
        Correlation of the normals behind the shocks, in their order; by default they are independent.
    fixed_cost_per_month : float, default 0
        Dollars the provider spends each month of year 0 whatever care is given.
    fixed_cost_trend : float, default 0
        Yearly growth of the fixed cost.
    capacity : sequence of Capacity, default ()
        Clinicians that the provider keeps, in whole numbers.
    collections : Collections or mapping of str to Collections, optional
        What becomes of the provider's bills, of all payers or by payer; by default all are paid at once.
    cost_sharing : CostSharing or mapping of str to CostSharing, optional
        What members pay in the order of their claims, of all payers or by payer; by default the coinsurance of each
        service.
    episodes : sequence of Episode, default ()
        What opens windows of days, which way patients go then, and the care that follows.
    assumptions : sequence of Assumption, default ()
        What its figures rest on, for reports; nothing is computed from it.
    """

    services: Sequence[Service]
    frailty_cv: Uncertain = 0.0
    frailty: Frailty | None = None
    severity_cv: Uncertain = 0.0
    severity_correlation: Uncertain = 0.0
    trend: Uncertain = 0.0
    price_trend: Uncertain = 0.0
    shocks: Sequence[Shock] = ()
    shock_correlation: Sequence[Sequence[float]] | None = None
    fixed_cost_per_month: Uncertain = 0.0
    fixed_cost_trend: Uncertain = 0.0
    capacity: Sequence[Capacity] = ()
    collections: Collections | Mapping[str, Collections] | None = None
    cost_sharing: CostSharing | Mapping[str, CostSharing] | None = None
    episodes: Sequence[Episode] = ()
    assumptions: Sequence[Assumption] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "services", all_of(Service, "utilization.services", self.services))
        object.__setattr__(self, "shocks", all_of(Shock, "utilization.shocks", self.shocks))
        object.__setattr__(self, "capacity", all_of(Capacity, "utilization.capacity", self.capacity))
        object.__setattr__(self, "episodes", all_of(Episode, "utilization.episodes", self.episodes))
        object.__setattr__(self, "assumptions", checked("utilization.assumptions", self.assumptions))
        if self.frailty is not None and not isinstance(self.frailty, Frailty):
            raise InputError("utilization.frailty", "must be a Frailty", f"a {type(self.frailty).__name__}")

    @classmethod
    def fit(
        cls,
        frame: object,
        *,
        services: Mapping[str, object] | None = None,
        relativities: object = ("age", "sex"),
        base: Mapping[str, Any] | None = None,
        family: str = "auto",
    ) -> Estimates:
        """Fit care to person-years; needs SciPy (``pip install atrisk[fit]``).

        Rates are log-linear in the relativities and proportional to risk score and member-months; frailties come from
        the covariances of lines and years, prices from single events or from dollars of a year. Of lines whose events
        are not counted, any use tells how often and dollars how much. The page "Fitting" of the documentation has the
        formulas.

        Parameters
        ----------
        frame : PersonYears, or a pandas, polars or Arrow table of person-years
            As :meth:`atrisk.PersonYears.from_frame` reads it; :func:`atrisk.claims.person_years` makes it of claims.
        services : mapping of str, optional
            Service line -> its columns of events and of dollars, or its column of dollars alone.
        relativities : sequence of str, or mapping of str to bands, default ("age", "sex")
            What rates differ by: columns, with the lower bounds of bands for age and risk score, and None for others,
            of which each value is a level: ``{"age": (0, 18, 65), "sex": None, "plan": None}``. None for no
            relativities.
        base : mapping of str, optional
            Level of each column whose relativity is 1; by default that with most exposure.
        family : {"auto", "gamma", "log_normal"}, default "auto"
            Of frailties; "auto" takes those under which the counts are likeliest.

        Returns
        -------
        Estimates
            ``estimates.utilization`` is the care, ``estimates.table`` has every estimate with its interval,
            ``estimates.draws(n)`` draws of the parameters, ``estimates.uncertain()`` care with distributions for
            what is not known.

        Raises
        ------
        InputError
            If the table cannot be read, or a line tells nothing.
        """
        from atrisk.fit import fit  # noqa: PLC0415 - an optional part

        return fit(frame, services=services, relativities=relativities, base=base, family=family)

    @classmethod
    def preset(
        cls, name: str, *, own_cost_share: float = 0.0, delivered_by: Mapping[str, str] | None = None
    ) -> Utilization:
        """Return the care of a preset's population, to go with :meth:`Population.synthetic`; every figure is cited.

        Service lines are inpatient, emergency, outpatient (of hospitals), physician visits and other visits (in
        offices), drugs, home health, dental, and equipment (one event is a year with any). Expected dollars a member
        are the mean expense of the population in the Medical Expenditure Panel Survey of 2013, all sources of payment
        together; the spread between members is fitted to published shapes. Prices are dollars of 2013 and there is no
        trend: give your own, ``dataclasses.replace(care, price_trend=0.03)``. There are no shocks either.

        Parameters
        ----------
        name : str
            ``"commercial"``, ``"medicaid"`` or ``"medicare"``; :func:`atrisk.presets.names`.
        own_cost_share : float, default 0
            What giving an event costs as a part of its mean price, 0-1. The survey does not tell what care costs to
            give: by default nothing is said, and ``own_cost`` is 0.
        delivered_by : mapping of str to {"provider", "other_providers"}, optional
            Who gives a service line. By default the provider gives physician visits, others give the rest.

        Returns
        -------
        Utilization
            Its ``assumptions`` are the figures used, with their sources.

        Raises
        ------
        InputError
            If there is no such preset or service line, or a number is out of range.
        """
        from atrisk.presets._care import care  # noqa: PLC0415 - presets are made of utilizations

        return care(name, own_cost_share, delivered_by)

    def factors(self, population: Population) -> dict[str, NDArray[np.float64]]:
        """Return what services and episodes ask of each member, by the names it crosses under."""
        services = {factor_name(service.name): service.factor(population) for service in self.services}
        known = {name: factor for name, factor in services.items() if factor is not None}
        for episode in self.episodes:
            known |= episode.factors(population)
        return known

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        correlation = self.shock_correlation
        path = "utilization.shock_correlation"
        return {
            "services": [service.to_spec() for service in self.services],
            "frailty_cv": number(self.frailty_cv),
            "frailty": None if self.frailty is None else self.frailty.to_spec(),
            "severity_cv": number(self.severity_cv),
            "severity_correlation": number(self.severity_correlation),
            "trend": number(self.trend),
            "price_trend": number(self.price_trend),
            "shocks": [shock.to_spec() for shock in self.shocks],
            "shock_correlation": None if correlation is None else matrix(path, correlation),
            "fixed_cost_per_month": term(self.fixed_cost_per_month),
            "fixed_cost_trend": number(self.fixed_cost_trend),
            "capacity": [clinicians.to_spec() for clinicians in self.capacity],
            "collections": by_payer(Collections, "utilization.collections", self.collections),
            "cost_sharing": by_payer(CostSharing, "utilization.cost_sharing", self.cost_sharing),
        } | ({"episodes": [episode.to_spec() for episode in self.episodes]} if self.episodes else {})

    def to_pandas(self) -> pd.DataFrame:
        """Return the service lines as a pandas frame, one row per service; terms that no service uses are left out."""
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        shown = ["name", "per_1000", "allowed", "own_cost", "delivered_by", "coinsurance"]
        rest = [name for name in fields(self.services[0]) if name not in shown] if self.services else []
        shown += [name for name in rest if any(getattr(service, name) for service in self.services)]
        return pd.DataFrame([{name: getattr(service, name) for name in shown} for service in self.services])

    def _repr_html_(self) -> str:
        listed = ("services", "assumptions", "episodes")
        given = {
            name: value for name, value in fields(self).items() if name not in listed and value not in (None, 0.0, ())
        }
        rest = ", ".join(
            f"{name} {value}" for name, value in ({"frailty_cv": 0.0, "fixed_cost_per_month": 0.0} | given).items()
        )
        return f"<p>Utilization: {html.escape(rest)}</p>" + self.to_pandas().to_html(index=False)
