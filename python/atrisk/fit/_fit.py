"""From person-years to estimates: rates, then frailties, then prices, each with every member's influence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk.distributions import LogNormal
from atrisk.fit._design import design
from atrisk.fit._dispersion import dispersion
from atrisk.fit._estimates import Estimates, LineFit
from atrisk.fit._families import with_families
from atrisk.fit._mixing import FAMILIES
from atrisk.fit._moments import Moments, Used
from atrisk.fit._prices import Priced, severity_variance
from atrisk.fit._rates import rates
from atrisk.fit._severity import Severity, severity
from atrisk.fit._unseen import unseen_price
from atrisk.person_years import person_years_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from atrisk.fit._design import Design
    from atrisk.fit._dispersion import Dispersion
    from atrisk.person_years import Line, PersonYears

FEWEST_MEMBERS = 20


def fit(
    frame: object,
    *,
    services: Mapping[str, object] | None = None,
    relativities: object = ("age", "sex"),
    base: Mapping[str, Any] | None = None,
    family: str = "auto",
) -> Estimates:
    """Fit care to person-years; see :meth:`atrisk.Utilization.fit`."""
    person_years = person_years_of(frame, services)
    if family not in ("auto", *FAMILIES):
        raise InputError("fit.family", f"must be one of auto, {', '.join(FAMILIES)}", repr(family))
    if person_years.members < FEWEST_MEMBERS:
        raise InputError("person_years", f"must be of at least {FEWEST_MEMBERS} members", f"{person_years.members}")
    member = np.unique(person_years.frame["member_id"].to_numpy(), return_inverse=True)[1]
    by = design(person_years, relativities, base)
    moments = Moments(by, member)
    lines = [_used(person_years, line, by, member) for line in person_years.lines]
    dollars = {line.name: float(person_years.frame[line.dollars].sum()) for line in person_years.lines}
    found = with_families(moments, dispersion(moments, lines, dollars), lines, family)
    priced = [_priced(person_years, line) for line in person_years.lines if line.counted]
    kept = severity_variance(moments, priced) if priced else (0.0, np.zeros(person_years.members))
    fits = [
        _counted(person_years, line, used, moments, max(kept[0], 0.0))
        if line.counted
        else _unseen(line, used, moments, found)
        for line, used in zip(person_years.lines, lines, strict=True)
    ]
    return Estimates.of(person_years, by, fits, found, kept)


def _used(person_years: PersonYears, line: Line, by: Design, member: NDArray[np.int64]) -> Used:
    column = line.events if line.counted else line.dollars
    used = person_years.frame[column].to_numpy(dtype=np.float64)
    if line.counted and not person_years.frame[line.dollars].sum() > 0.0:
        raise InputError(f"fit.{line.name}", "must have dollars", "none", "leave the line out")
    return Used(line.name, line.counted, used, rates(f"fit.{line.name}", used, by, member))


def _priced(person_years: PersonYears, line: Line) -> Priced:
    columns = (person_years.frame[name].to_numpy(dtype=np.float64) for name in (line.events, line.dollars))
    return Priced(line.name, *columns)


def _counted(person_years: PersonYears, line: Line, used: Used, moments: Moments, kept: float) -> LineFit:
    """Price a counted line: single events where they are known, else person-years with one event and all sums."""
    priced = _priced(person_years, line)
    events = person_years.events
    if events is not None and (events["service"] == line.name).any():
        amounts = events.loc[events["service"] == line.name, "allowed"].to_numpy(dtype=np.float64)
        told, basis = severity(amounts[amounts > 0.0], priced.mean, None), "single events"
    else:
        single = priced.dollars[(priced.events == 1.0) & (priced.dollars > 0.0)]
        cv = float(np.sqrt(priced.relative_variance(kept)))
        told, basis = severity(single, priced.mean, cv), "annual dollars"
    return LineFit(used, priced.influence(moments), told, "counted events", basis, "")


def _unseen(line: Line, used: Used, moments: Moments, found: Dispersion) -> LineFit:
    price = unseen_price(moments, used, found)
    law = LogNormal(mean=price.mean, cv=float(np.sqrt(price.relative_variance)))
    told = Severity(law, "log_normal")
    return LineFit(used, price.influence, told, "any use", "annual dollars", price.note)
