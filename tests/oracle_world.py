"""Second opinion on worlds: from members to events, year by year, under the baseline."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from oracle_episodes import episodes_of, run_out_years
from oracle_inputs import with_inputs
from oracle_lines import concerns, growth, services_of
from oracle_netting import own_part
from oracle_panel import Standing, condition_factors, follow, relativity
from oracle_quantiles import (
    cholesky_root,
    gamma_quantile,
    log_normal_quantile,
    log_scale,
    normal_quantile,
    number_of,
    poisson_quantile,
    quantile,
    two_point_quantile,
    unit_log_normal,
)
from oracle_random import (
    F64,
    FRAILTY,
    I64,
    MONTH,
    SERVICE,
    SERVICE_FRAILTY,
    SEVERITY,
    SHOCK,
    U64,
    Columns,
    Luck,
    Terms,
    address_words,
    chosen,
    digit,
    frailty_uniform,
    member_uniform,
    name_hash,
    place,
    shared_uniform,
    uniform,
)
from oracle_terms import payer_levels


class Events(NamedTuple):
    """Events of one year, ordered by service, then member row, then number."""

    member_row: I64  # (events,): row of the member, from 0
    service: I64  # (events,): index of the service, from 0
    number: I64  # (events,): number of the event within its member, service and year, from 0; -1 of care of episodes
    month: I64  # (events,): 1 to 12
    price: F64  # (events,): dollars with trend, shocks and severity, before any fee level of an arm
    case_cost: F64  # (events,): dollars that giving the listed case costs, with its trend; 0 where none are listed
    added: npt.NDArray[np.bool_]  # (events,): whether an arm adds it to those of the baseline
    place: F64  # (events,): part of the month that is over, of care that an episode brings; -1: words of its own tell


class Year(NamedTuple):
    """One year of one world under the baseline."""

    rates: F64  # (members, services): expected events of the year
    price_factors: F64  # (members, services): what a price of year 0 is multiplied by
    common_factors: F64  # (members, services): the same without the severity of the member
    counts: I64  # (members, services)
    events: Events


class World(NamedTuple):
    """One replicate of all its years; with episodes the last ones are years of run-out, which have no figures."""

    spec: Terms  # with the uncertain inputs of the world's draw in their places
    luck: Luck
    panel: dict[int, Standing]  # by year
    shocks: dict[int, F64]  # by year, (shocks,): the normals behind the shocks
    years: dict[int, Year]  # by number: 1 is the first performance year, 0 and below are base years

    @property
    def performance_years(self) -> list[int]:
        """The years that contracts settle."""
        return list(range(1, int(self.spec.get("years", 1)) + 1))


# ---------------------------------------------------------------------------------------------------------
# What makes members and years differ
# ---------------------------------------------------------------------------------------------------------


def frailty_quantile(u: F64, family: str, cv: float) -> F64:
    """Quantile of a frailty of mean 1."""
    if cv == 0.0:
        return np.ones(u.shape)
    if family == "gamma":
        return gamma_quantile(u, 1.0, cv)
    if family == "log_normal":
        return log_normal_quantile(u, 1.0, cv)
    if family == "two_point":
        return two_point_quantile(u, cv)
    raise ValueError(f"unknown family {family!r}")


def users_quantile(u: F64, family: str, cv: float, none: float) -> F64:
    """Quantile of a part of a frailty: 0 for a share without use, above it that of users, who make the mean 1."""
    if not none:
        return frailty_quantile(u, family, cv)
    users = 1.0 - none
    above = np.minimum((1.0 - u) / users, 1.0 - 2.0**-53)
    return np.where(1.0 - u >= users, 0.0, frailty_quantile(1.0 - above, family, cv) / users)


def kept_cv(frailty: Terms) -> float:
    """Coefficient of variation of the part that members keep."""
    return math.sqrt(number_of(frailty, "permanent_share", 1.0)) * number_of(frailty, "cv")


def yearly_cv(frailty: Terms) -> float:
    """Coefficient of variation of the part that is another in every year."""
    share, variance = number_of(frailty, "permanent_share", 1.0), number_of(frailty, "cv") ** 2
    return math.sqrt((1.0 - share) * variance / (1.0 + share * variance))


def part_of(frailty: Terms, u: F64, year: int | None) -> F64:
    """One part of a frailty: that of a year, or without a year that which is kept, shape of u."""
    if year is None:
        return users_quantile(u, frailty["family"], kept_cv(frailty), number_of(frailty, "never_user_share", 0.0))
    return users_quantile(u, frailty["family"], yearly_cv(frailty), number_of(frailty, "non_user_share", 0.0))


def shared_frailty(spec: Terms) -> Terms:
    """The frailty that all services share; `frailty_cv` is a gamma frailty that is kept whole."""
    utilization = spec["utilization"]
    short = {"family": "gamma", "cv": number_of(utilization, "frailty_cv", 0.0), "permanent_share": 1.0}
    given: Terms | None = utilization.get("frailty")
    return short if given is None else given


def shared_part(spec: Terms, luck: Luck, year: int | None, member: U64) -> F64:
    """One part of the shared frailty: that of a year, or without a year that which is kept, (members,)."""
    return part_of(shared_frailty(spec), frailty_uniform(luck, FRAILTY, year, 0, member), year)


def shared_frailty_of(spec: Terms, luck: Luck, year: int, member: U64) -> F64:
    """The frailty that all services share in a year, kept part × yearly part, shape (members,)."""
    return shared_part(spec, luck, None, member) * shared_part(spec, luck, year, member)


def frailty_part(spec: Terms, luck: Luck, year: int | None, member: U64) -> F64:
    """One part of frailty, kept or of a year, shared × own, shape (members, services)."""
    shared = shared_part(spec, luck, year, member)
    product = [shared * own_frailty(service, luck, year, member) for service in services_of(spec)]
    return np.stack(product, axis=1)


def own_frailty(service: Terms, luck: Luck, year: int | None, member: U64) -> F64:
    """One part of a service's own frailty: that of a year, or without a year that which is kept, (members,)."""
    frailty = service.get("frailty")
    if frailty is None:
        return np.ones(len(member))
    return part_of(frailty, frailty_uniform(luck, SERVICE_FRAILTY, year, name_hash(service["whole"]), member), year)


def severity(spec: Terms, luck: Luck, member: U64) -> F64:
    """Factor of the prices of each member, mean 1, shape (members,)."""
    sigma = log_scale(number_of(spec["utilization"], "severity_cv", 0.0))
    r = number_of(spec["utilization"], "severity_correlation", 0.0)
    of_frailty = normal_quantile(frailty_uniform(luck, FRAILTY, None, 0, member))
    of_its_own = normal_quantile(member_uniform(luck, SEVERITY, None, 0, member))
    return unit_log_normal(r * of_frailty + math.sqrt(1.0 - r * r) * of_its_own, sigma)


def shock_normals(spec: Terms, luck: Luck, year: int) -> F64:
    """Normals behind the shocks of one year, shape (shocks,)."""
    shocks = spec["utilization"].get("shocks") or []
    z = normal_quantile(np.array([shared_uniform(luck, SHOCK, year, name_hash(shock["name"])) for shock in shocks]))
    correlation = spec["utilization"].get("shock_correlation")
    return z if correlation is None else np.asarray(cholesky_root(correlation) @ z, dtype=np.float64)


def shock_years(shock: Terms, year: int) -> list[int]:
    """The years whose shocks make the level of a year."""
    if not shock.get("permanent"):
        steps = [year]
    else:
        steps = list(range(1, year + 1)) if year >= 1 else list(range(year + 1, 1))
    happens = shock.get("years")
    return [step for step in steps if happens is None or step in happens]


def followed_part(shock: Terms, population: str | None) -> float:
    """The part of a shock's σ that a reference population has; None is the panel itself."""
    if population is None:
        return 1.0
    regional = number_of(shock, "market_share", 0.0)
    return regional if population == "regional" else number_of(shock, "national_share", regional)


def shock_levels(spec: Terms, shocks: Mapping[int, F64], year: int, population: str | None = None) -> tuple[F64, F64]:
    """Levels of a year that multiply rates and prices of each service, shapes (services,).

    They are made of the normals of each year, shapes (shocks,), for the panel or for a reference population.
    """
    services = services_of(spec)
    levels = {"use": np.ones(len(services)), "price": np.ones(len(services))}
    for index, shock in enumerate(spec["utilization"].get("shocks") or []):
        sigma = log_scale(number_of(shock, "cv")) * followed_part(shock, population)
        level = 1.0
        for step in shock_years(shock, year):
            level *= float(unit_log_normal(float(shocks[step][index]), sigma))
        touched = np.array([concerns(shock, service) for service in services])
        levels[shock.get("on") or "use"] *= np.where(touched, level, 1.0)
    return levels["use"], levels["price"]


def yearly_rates(spec: Terms, columns: Columns, standing: Standing, year: int, frailty: F64, use: F64) -> F64:
    """Expected events of the year, shape (members, services), from frailty of that shape and shocks (services,)."""
    rates = [
        number_of(service, "per_1000")
        / 1000.0
        * columns["risk_score"]
        * standing.months
        / 12.0
        * standing.last_year
        * frailty[:, index]
        * relativity(service, columns, year)
        * growth(spec, service, "trend", year)
        * use[index]
        for index, service in enumerate(services_of(spec))
    ]
    return np.asarray(np.stack(rates, axis=1) * condition_factors(spec, standing.states), dtype=np.float64)


def common_factors(spec: Terms, columns: Columns, year: int, level: F64) -> F64:
    """What a price of year 0 is multiplied by but for severity, (members, services), from shocks (services,)."""
    services = services_of(spec)
    grown = np.array([growth(spec, service, "price_trend", year) * service["price_level"] for service in services])
    return np.asarray(payer_levels(columns, services) * grown * level, dtype=np.float64)


# ---------------------------------------------------------------------------------------------------------
# Events
# ---------------------------------------------------------------------------------------------------------


def draw_counts(luck: Luck, process: int, year: int, service: Terms, member: U64, rate: F64) -> I64:
    """Events of one service in a year, shape (members,)."""
    return poisson_quantile(member_uniform(luck, process, year, name_hash(service["name"]), member), rate)


def numbered(count: I64) -> tuple[I64, I64]:
    """Member row and number of each event, shapes (events,), from counts (members,)."""
    row = np.repeat(np.arange(len(count)), count)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)


def draw_prices(luck: Luck, process: int, year: int, service: Terms, member: U64, number: I64) -> tuple[F64, F64]:
    """Price of each event in dollars of year 0, and what its case costs in dollars of the year, shape (events,) each.

    From the event's member word and number. A listed case is found at its uniform by the running sum of the weights in
    the order of the list.
    """
    block, order = place(number)
    words = address_words(luck, process, year, name_hash(service["name"]), member, block)
    # The first word of block 0 is the count.
    u = uniform(chosen(words, np.where(block == 0, order + 1, order)))
    if not service.get("by_case"):
        return quantile(service["allowed"], u), np.zeros(len(u))
    listed = service["allowed"]["empirical"]
    running = np.cumsum(np.asarray(listed["weights"], dtype=np.float64))
    case = np.minimum(np.searchsorted(running / running[-1], u, side="left"), len(running) - 1)
    grown = (1.0 + number_of(service, "own_cost_trend", 0.0)) ** year
    values = np.asarray(listed["values"], dtype=np.float64)
    costs = np.zeros(len(values)) if service.get("case_costs") is None else np.array(service["case_costs"], dtype=float)
    return values[case], costs[case] * grown


def draw_months(
    luck: Luck, year: int, service: Terms, columns: Columns, standing: Standing, row: I64, number: I64
) -> I64:
    """Month of each event, 1 to 12, shape (events,), from its member row and number."""
    block, order = place(number)
    words = address_words(luck, MONTH, year, name_hash(service["name"]), columns["member"][row], block // 8)
    return standing.first[row] + digit(chosen(words, order), standing.months[row], block % 8)


def picked(events: Events, which: npt.NDArray[np.bool_]) -> Events:
    """Some of the events, in their order."""
    return Events(
        member_row=events.member_row[which],
        service=events.service[which],
        number=events.number[which],
        month=events.month[which],
        price=events.price[which],
        case_cost=events.case_cost[which],
        added=events.added[which],
        place=events.place[which],
    )


def joined(parts: Sequence[Events]) -> Events:
    """Events one after the other."""
    return Events(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def draw_year(
    spec: Terms,
    luck: Luck,
    columns: Columns,
    standing: Standing,
    year: int,
    kept: F64,
    shocks: Mapping[int, F64],
    first: int,
) -> Year:
    """Draw one year under the baseline, from how members stand, kept frailty and the normals of the shocks.

    What episodes bring is not among it, and the lines they belong to are as much smaller.
    """
    use, dearer = shock_levels(spec, shocks, year)
    frailty = kept * frailty_part(spec, luck, year, columns["member"])
    rates = yearly_rates(spec, columns, standing, year, frailty, use)
    if episodes_of(spec):
        rates = rates * own_part(spec, columns, year, first)
    common = common_factors(spec, columns, year, dearer)
    factors = common * severity(spec, luck, columns["member"])[:, np.newaxis]
    member, counts, parts = columns["member"], [], []
    for index, service in enumerate(services_of(spec)):
        count = draw_counts(luck, SERVICE, year, service, member, rates[:, index])
        row, number = numbered(count)
        month = draw_months(luck, year, service, columns, standing, row, number)
        price, case_cost = draw_prices(luck, SERVICE, year, service, member[row], number)
        price *= factors[row, index]
        counts.append(count)
        services = np.full(len(row), index)
        added, after = np.zeros(len(row), dtype=np.bool_), np.full(len(row), -1.0)
        parts.append(Events(row, services, number, month, price, case_cost, added, after))
    return Year(rates, factors, common, np.stack(counts, axis=1), joined(parts))


def simulate(
    spec: Terms,
    columns: Columns,
    replicate: int,
    *,
    draw: int | None = None,
    base_years: bool = False,
    design: str = "plain",
) -> World:
    """Draw one world.

    Without a draw the world has the uncertain inputs of the draw with the replicate's number, and the luck of
    draw 0; with one it has both of that draw.
    """
    filled = with_inputs(spec, replicate if draw is None else draw, design)
    luck = Luck(int(spec["seed"]), draw or 0, replicate)
    runs_out = run_out_years(spec)
    earliest = 1 - int(spec.get("base_years", 0)) if base_years or runs_out else 1
    kept = frailty_part(filled, luck, None, columns["member"])
    years = range(earliest, int(spec.get("years", 1)) + 1 + runs_out)
    panel = follow(filled, luck, columns, years)
    shocks = {year: shock_normals(filled, luck, year) for year in years}
    drawn = {year: draw_year(filled, luck, columns, panel[year], year, kept, shocks, earliest) for year in years}
    return World(filled, luck, panel, shocks, drawn)
