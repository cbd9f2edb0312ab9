"""From person-years to estimates: rates, then frailties, then prices, each with every member's influence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk.distributions import LogNormal
from atrisk.fit._any_use import any_use
from atrisk.fit._design import design
from atrisk.fit._dispersion import dispersion
from atrisk.fit._estimates import Estimates
from atrisk.fit._families import with_families
from atrisk.fit._line_fit import LineFit
from atrisk.fit._mixing import FAMILIES
from atrisk.fit._moments import Moments, Used
from atrisk.fit._prices import Priced, severity_variance, unseen_variance
from atrisk.fit._rates import rates
from atrisk.fit._severity import Severity, severity
from atrisk.person_years import person_years_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from atrisk.fit._any_use import AnyUse
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
    dollars = {line.name: person_years.frame[line.dollars].to_numpy(dtype=np.float64) for line in person_years.lines}
    priced = {line.name: _priced(person_years, line) for line in person_years.lines if line.counted}
    kept = severity_variance(moments, list(priced.values()), person_years.members)
    found = with_families(moments, dispersion(moments, lines, dollars, kept), lines, family)
    fits = []
    for used in lines:
        if used.counted:
            mine = priced[used.name]
            fits.append(_counted(used, mine, _amounts(person_years, mine), moments, kept.value))
        else:
            told = any_use(moments, used, found)
            found = found.with_own(used.name, told.own)
            fits.append(_unseen(used, told, found, kept.value))
    return Estimates.of(person_years, by, fits, found, kept)


def _used(person_years: PersonYears, line: Line, by: Design, member: NDArray[np.int64]) -> Used:
    column = line.events if line.counted else line.dollars
    used = person_years.frame[column].to_numpy(dtype=np.float64)
    if line.counted and not person_years.frame[line.dollars].sum() > 0.0:
        raise InputError(f"fit.{line.name}", "must have dollars", "none", "leave the line out")
    return Used(line.name, line.counted, used, rates(f"fit.{line.name}", used, by, member))


def _priced(person_years: PersonYears, line: Line) -> Priced:
    """Return events whose dollars are known, and the dollars."""
    frame = person_years.frame
    events, dollars = (frame[name].to_numpy(dtype=np.float64) for name in (line.events, line.dollars))
    single = person_years.events
    if single is not None and "dollars_known" in single:
        unknown = single[(single["service"] == line.name) & ~single["dollars_known"].astype(bool)]
        if len(unknown):
            rows = frame.set_index(["member_id", "year"]).index.get_indexer(
                unknown.set_index(["member_id", "year"]).index
            )
            events = events - np.bincount(rows, minlength=len(frame))
    return Priced(line.name, events, dollars)


def _amounts(person_years: PersonYears, priced: Priced) -> tuple[NDArray[np.float64], bool]:
    """Return prices of single events, and whether they are of all: else of person-years with one event."""
    events = person_years.events
    if events is not None and (events["service"] == priced.name).any():
        rows = events["service"] == priced.name
        amounts = events.loc[rows, "allowed"].to_numpy(dtype=np.float64)
        return amounts[amounts > 0.0], True
    return priced.dollars[(priced.events == 1.0) & (priced.dollars > 0.0)], False


def _counted(
    used: Used, priced: Priced, known: tuple[NDArray[np.float64], bool], moments: Moments, kept: float
) -> LineFit:
    """Price a counted line: the family of single events; where not all are known, the spread of all dollars."""
    amounts, all_of_them = known
    cv = None if all_of_them else float(np.sqrt(priced.relative_variance(kept)))
    told = severity(amounts, priced.mean, cv)
    basis = "single events" if all_of_them else "annual dollars"
    return LineFit(used, priced.influence(moments), told, "counted events", basis, "")


def _unseen(used: Used, told: AnyUse, found: Dispersion, kept: float) -> LineFit:
    """Price a line whose events are not counted."""
    spread = unseen_variance(used, found, told.price, kept)
    note = told.note if spread > 0.0 else f"{used.name}: any use and frailty leave no spread for prices"
    law = LogNormal(mean=told.price, cv=float(np.sqrt(max(spread, 0.0))))
    return LineFit(used, told.price_influence, Severity(law, "log_normal"), "any use", "annual dollars", note)
