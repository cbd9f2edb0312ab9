"""What the demonstration rests on: estimates from the RAND data, and terms that were made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk.assumption import Assumption

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from atrisk.fit import Estimates

RAND = "RAND Health Insurance Experiment, free plan (randhie.csv of statsmodels 0.15.0), full person-years"
YEARS, DOLLARS = "1974-1982", "1970s dollars"


def fitted(estimates: Estimates) -> list[Assumption]:
    """Return every figure of the fitted care with the data and the years that it is of."""
    basis = estimates.table["basis"]
    stated = [
        _fitted(estimates, each.figure, each.value, each.unit.replace("dollars", DOLLARS), str(basis[each.figure]))
        for each in estimates.utilization.assumptions
    ]
    return [*stated, *_without_error(estimates)]


def made_up(figures: Mapping[str, tuple[float, str]], why: str) -> list[Assumption]:
    """Return figures that no source says: by name their value and unit."""
    return [
        Assumption(figure=name, value=f"{value:,.10g}", unit=unit, year=YEARS, source=why, confidence="assumed")
        for name, (value, unit) in figures.items()
    ]


def _without_error(estimates: Estimates) -> Iterator[Assumption]:
    """Yield what the fit takes as known: how prices are spread, and who is without use."""
    for line in estimates.lines:
        price = line.severity.distribution
        basis = f"{line.price_basis}, {line.severity.family.replace('_', '-')}"
        yield _fitted(estimates, f"{line.name}.allowed.cv", f"{price.std() / price.mean():.6g}", "ratio", basis)
    care = estimates.utilization
    frailties = {"utilization": care.frailty, **{service.name: service.frailty for service in care.services}}
    for name, frailty in frailties.items():
        for share in ("non_user_share", "never_user_share"):
            value = getattr(frailty, share, 0.0)
            if value > 0.0:
                basis = "years without any use, single and in pairs"
                yield _fitted(estimates, f"{name}.frailty.{share}", f"{value:.6g}", "share", basis)


def _fitted(estimates: Estimates, figure: str, value: str, unit: str, basis: str) -> Assumption:
    part = f"half of them: {estimates.person_years:,} person-years of {estimates.members:,} persons"
    source = f"{RAND}; {part}; from {basis}"
    return Assumption(figure=figure, value=value, unit=unit, year=YEARS, source=source, confidence="fitted")
