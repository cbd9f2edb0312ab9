"""Second opinion on dollars: from the events of an arm to transfers, and from transfers to result columns."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from oracle_quantiles import log_scale, mean_of, normal_quantile, number_of, unit_log_normal
from oracle_random import F64, I64, MARKET, Columns, Terms, shared_uniform
from oracle_world import MONTHS, Events, World, arm_events, enrolled, growth, is_enrolled, services_of, shock_levels

COLUMNS = (
    "member_months",
    "allowed",
    "paid",
    "provider_revenue",
    "provider_cost",
    "provider_net",
    "payer_spend",
    "member_cost_share",
    "minimum_cash",
    "minimum_cash_month",
)


class Care(NamedTuple):
    """The care of one year in dollars at the prices of one arm, summed two ways."""

    events_by_month: F64  # (services, 12): number of events
    allowed_by_month: F64  # (services, 12): dollars
    share_by_month: F64  # (services, 12): dollars owed by the members
    allowed_by_member: F64  # (members, services): dollars of the year
    paid_by_member: F64  # (members, services): dollars of the year, allowed less cost share


class Book(NamedTuple):
    """What the settlement of one arm reads."""

    world: World
    columns: Columns
    arm: Terms
    cares: Mapping[int, Care]  # by year

    @property
    def services(self) -> list[Terms]:
        """The services of the study."""
        return services_of(self.world.spec)

    @property
    def years(self) -> list[int]:
        """The performance years."""
        return [year for year in self.cares if year >= 1]


class Transfer(NamedTuple):
    """One movement of dollars; transfers of nothing are not written."""

    from_party: str
    to_party: str
    account: str
    service: int | None  # index of the service, where the transfer belongs to one
    month_incurred: int  # 1 is the first month of the first performance year
    month_cash: int
    amount: float


# ---------------------------------------------------------------------------------------------------------
# Who bears what, and what it comes to
# ---------------------------------------------------------------------------------------------------------


def contracts_of(arm: Terms, kind: str | None = None) -> list[tuple[str, Terms]]:
    """The contracts of an arm as pairs of kind and terms, all of them or those of one kind."""
    pairs = [pair for contract in arm.get("contracts", ()) for pair in contract.items()]
    return [(each, terms or {}) for each, terms in pairs if kind in (None, each)]


def delivered_by(service: Terms) -> str:
    """The party that delivers a service."""
    party = service.get("delivered_by") or "provider"
    if party not in ("provider", "other_providers"):
        raise ValueError(f"nobody called {party!r} delivers care")
    return str(party)


def scope_of(terms: Terms, services: Sequence[Terms], default: Sequence[int]) -> list[int]:
    """Indices of the services in the scope of a contract."""
    if terms.get("scope") is None:
        return list(default)
    names = [service["name"] for service in services]
    return [names.index(name) for name in terms["scope"]]


def claimed_by(kind: str, terms: Terms, services: Sequence[Terms]) -> list[int]:
    """Indices of the services that a contract claims; only base payments claim any."""
    everything = range(len(services))
    own = [index for index in everything if delivered_by(services[index]) == "provider"]
    if kind == "capitation":
        return scope_of(terms, services, everything)
    if kind != "fee_for_service":
        return []
    claimed = scope_of(terms, services, own)
    if not set(claimed) <= set(own):
        raise ValueError("fee_for_service cannot claim what other providers deliver")
    return claimed


def bearers_of(arm: Terms, services: Sequence[Terms]) -> tuple[list[str | None], F64]:
    """For each service, the kind of base payment that bears it (None: the payer), and its fee level."""
    bearers: list[str | None] = [None] * len(services)
    fee_levels = np.ones(len(services))
    for kind, terms in contracts_of(arm):
        for index in claimed_by(kind, terms, services):
            if bearers[index] is not None:
                raise ValueError(f"two base payments claim {services[index]['name']!r}")
            bearers[index] = kind
            fee_levels[index] = number_of(terms, "fee_level", 1.0) if kind == "fee_for_service" else 1.0
    return bearers, fee_levels


def value_care(events: Events, services: Sequence[Terms], fee_levels: F64, members: int) -> Care:
    """Value every event at the arm's fee levels, summed by service and month and by member and service."""
    coinsurance = np.array([number_of(service, "coinsurance", 0.0) for service in services])
    allowed = fee_levels[events.service] * events.price
    share = coinsurance[events.service] * allowed
    count = len(services)

    def by_month(weights: F64) -> F64:
        cell = events.service * MONTHS + events.month - 1
        return np.asarray(np.bincount(cell, weights, count * MONTHS), np.float64).reshape(count, MONTHS)

    def by_member(weights: F64) -> F64:
        cell = events.member_row * count + events.service
        return np.asarray(np.bincount(cell, weights, members * count), np.float64).reshape(members, count)

    return Care(
        events_by_month=by_month(np.ones(len(allowed))),
        allowed_by_month=by_month(allowed),
        share_by_month=by_month(share),
        allowed_by_member=by_member(allowed),
        paid_by_member=by_member(allowed - share),
    )


def open_book(world: World, columns: Columns, arm_index: int) -> Book:
    """Value all years of a world under one arm."""
    arm, services = world.spec["arms"][arm_index], services_of(world.spec)
    _, fee_levels = bearers_of(arm, services)
    members = len(columns["member"])
    cares = {
        year: value_care(arm_events(world, columns, arm, year), services, fee_levels, members) for year in world.years
    }
    return Book(world, columns, arm, cares)


def member_months(columns: Columns, year: int) -> int:
    """Months of enrolment in a year."""
    return int(enrolled(columns, year)[1].sum())


def members_by_month(columns: Columns, year: int) -> I64:
    """Members enrolled in each month of a year, shape (12,)."""
    return np.asarray(is_enrolled(columns, year).sum(axis=0), dtype=np.int64)


def mean_risk_score(columns: Columns, year: int) -> float:
    """Mean risk score per member-month of a year."""
    return float(np.average(columns["risk_score"], weights=enrolled(columns, year)[1]))


# ---------------------------------------------------------------------------------------------------------
# Contracts
# ---------------------------------------------------------------------------------------------------------


def whole_cents(dollars: float) -> float:
    """Dollars as a whole number of cents, half a cent rounded away from zero."""
    cents = abs(dollars) * 100.0
    whole = math.floor(cents)
    return math.copysign(whole + (cents - whole >= 0.5), dollars)


def savings_spending(terms: Terms, care: Care) -> float:
    """Dollars of a year that shared savings measures, over all services, truncated member by member."""
    truncation = number_of(terms, "truncation", math.inf)
    if truncation < math.inf and terms.get("benchmark") is None and not terms.get("benchmark_truncated"):
        raise ValueError("truncated spending against a benchmark that was not truncated")
    bases = {"allowed": care.allowed_by_member, "paid": care.paid_by_member}
    return math.fsum(np.minimum(bases[terms["basis"]].sum(axis=1), truncation))


def measured_market(world: World, population: str, noise_cv: float, year: int) -> float:
    """What is measured of the spending of a reference population in a year, in the unit of year 0."""
    spec, services = world.spec, services_of(world.spec)
    weights = np.array([number_of(each, "per_1000") / 1000.0 * mean_of(each["allowed"]) for each in services])
    use, price = shock_levels(spec, world.shocks, year, population)
    grown = [growth(spec, each, "trend", year) * growth(spec, each, "price_trend", year) for each in services]
    true = float((weights * np.array(grown) * use * price).sum() / weights.sum())
    z = normal_quantile(np.array([shared_uniform(world.luck, MARKET, year, 0)]))
    return true * float(unit_log_normal(z, log_scale(noise_cv))[0])


def benchmark_trend(world: World, benchmark: Terms, base: int, year: int) -> float:
    """What a base year is multiplied by to be compared with a performance year."""
    kind = benchmark.get("trend") or "national"
    if kind == "prospective":
        return float((1.0 + number_of(benchmark, "trend_rate")) ** (year - base))
    noise = number_of(benchmark, "noise_cv", 0.0)
    return measured_market(world, kind, noise, year) / measured_market(world, kind, noise, base)


def risk_ratio(columns: Columns, benchmark: Terms, base: int, year: int) -> float:
    """Growth of the mean risk score since a base year that a benchmark follows."""
    if not benchmark.get("risk_adjusted"):
        return 1.0
    ratio = mean_risk_score(columns, year) / mean_risk_score(columns, base)
    return min(ratio, 1.0 + number_of(benchmark, "risk_score_cap", math.inf))


def base_years(spec: Terms, benchmark: Terms, year: int) -> list[int]:
    """Years that the benchmark of a performance year is computed from, the earliest first."""
    count = int(spec.get("base_years", 0))
    every = benchmark.get("rebase_every")
    shift = 0 if every is None else (year - 1) // int(every) * int(every)
    return [shift + 1 - back for back in range(count, 0, -1)]


def benchmark_pmpm(book: Book, terms: Terms, year: int) -> float:
    """Dollars per member per month that a performance year is compared with."""
    benchmark = terms.get("benchmark")
    if benchmark is None:
        return number_of(terms, "benchmark_pmpm")
    bases = base_years(book.world.spec, benchmark, year)
    weights = benchmark.get("weights") or [1.0 / len(bases)] * len(bases)
    parts = [
        float(weight)
        * savings_spending(terms, book.cares[base])
        / member_months(book.columns, base)
        * benchmark_trend(book.world, benchmark, base, year)
        * risk_ratio(book.columns, benchmark, base, year)
        for base, weight in zip(bases, weights, strict=True)
    ]
    return math.fsum(parts)


def shared_savings(terms: Terms, benchmark: float, spending: float) -> tuple[float, float]:
    """Dollars earned and dollars owed by the provider, from the benchmark and the spending of a year in dollars."""
    savings = benchmark - spending
    losses = -savings
    savings_gate = whole_cents(number_of(terms, "minimum_savings_rate", 0.0) * benchmark)
    loss_gate = whole_cents(number_of(terms, "minimum_loss_rate", 0.0) * benchmark)
    earned = owed = 0.0
    if whole_cents(savings) > 0.0 and whole_cents(savings) >= savings_gate:
        limit = number_of(terms, "payment_limit_rate", math.inf) * benchmark
        earned = min(number_of(terms, "sharing_rate") * savings, limit)
    if whole_cents(losses) > 0.0 and whole_cents(losses) >= loss_gate:
        limit = number_of(terms, "loss_limit_rate", math.inf) * benchmark
        owed = min(number_of(terms, "loss_rate", 0.0) * losses, limit)
    return earned, owed


def capitation_payments(terms: Terms, columns: Columns, year: int) -> F64:
    """Dollars paid in each month of a year, shape (12,)."""
    pmpm = number_of(terms, "pmpm") * (1.0 + number_of(terms, "trend", 0.0)) ** (year - 1)
    if not terms.get("risk_adjusted"):
        return np.asarray(pmpm * members_by_month(columns, year), dtype=np.float64)
    scores = columns["risk_score"] @ is_enrolled(columns, year) / number_of(terms, "normalization", 1.0)
    cap = number_of(terms, "risk_score_cap", math.inf)
    if cap < math.inf:
        most = (1.0 + cap) * mean_risk_score(columns, 1)
        scores = scores * min(1.0, most / mean_risk_score(columns, year))
    return np.asarray(pmpm * scores, dtype=np.float64)


def stop_loss_recovery(terms: Terms, covered: F64) -> float:
    """Dollars recovered from the reinsurer, from each member's covered dollars of the year, (members,)."""
    above = np.maximum(covered - number_of(terms, "attachment_point"), 0.0)
    layers = np.minimum(above, number_of(terms, "limit", math.inf))
    return number_of(terms, "ceded_share", 1.0) * math.fsum(layers)


# ---------------------------------------------------------------------------------------------------------
# The ledger
# ---------------------------------------------------------------------------------------------------------


def monthly(
    from_party: str, to_party: str, account: str, service: int | None, year: int, amounts: Iterable[float]
) -> list[Transfer]:
    """Transfers of the twelve months of a year, cash in the month incurred."""
    return [
        Transfer(from_party, to_party, account, service, month, month, float(amount))
        for month, amount in enumerate(amounts, start=MONTHS * (year - 1) + 1)
        if amount != 0.0
    ]


def settled(
    from_party: str, to_party: str, account: str, year: int, settle_month: float, amount: float
) -> list[Transfer]:
    """A transfer incurred in month 12 of a year whose cash moves later, counted from the start of the year."""
    before = MONTHS * (year - 1)
    month_cash = before + int(settle_month)
    return [Transfer(from_party, to_party, account, None, before + MONTHS, month_cash, amount)] if amount else []


def care_transfers(index: int, service: Terms, bearer: str | None, care: Care, year: int) -> list[Transfer]:
    """What moves because the members used one service in a year."""
    deliverer = delivered_by(service)
    share = care.share_by_month[index]
    paid = care.allowed_by_month[index] - share
    one = number_of(service, "own_cost", 0.0) * (1.0 + number_of(service, "own_cost_trend", 0.0)) ** year
    ledger = monthly("member", deliverer, "cost_share", index, year, share)
    ledger += monthly(deliverer, "suppliers", "own_cost", index, year, care.events_by_month[index] * one)
    if bearer != "capitation":
        ledger += monthly("payer", deliverer, "claim", index, year, paid)
    elif deliverer == "other_providers":
        ledger += monthly("provider", "other_providers", "purchased_care", index, year, paid)
    return ledger


def programme_transfers(programme: Terms, columns: Columns, year: int) -> list[Transfer]:
    """What a programme costs in a year."""
    start = int(number_of(programme, "start_month", 1.0))
    month = np.arange(1, MONTHS + 1) + MONTHS * (year - 1)
    pmpm = number_of(programme, "cost_pmpm", 0.0) * number_of(programme, "reach", 1.0)
    running = np.where(month >= start, pmpm * members_by_month(columns, year), 0.0)
    once = np.where(month == start, number_of(programme, "start_cost", 0.0), 0.0)
    ledger = monthly("provider", "suppliers", "programme_cost", None, year, running)
    return ledger + monthly("provider", "suppliers", "programme_cost", None, year, once)


def contract_transfers(kind: str, terms: Terms, book: Book, year: int) -> list[Transfer]:
    """What moves because of a contract itself in a year."""
    columns, care = book.columns, book.cares[year]
    if kind == "capitation":
        return monthly("payer", "provider", "capitation", None, year, capitation_payments(terms, columns, year))
    if kind == "shared_savings":
        benchmark = benchmark_pmpm(book, terms, year) * member_months(columns, year)
        earned, owed = shared_savings(terms, benchmark, savings_spending(terms, care))
        month = number_of(terms, "settle_month", 21)
        ledger = settled("payer", "provider", "shared_savings", year, month, earned)
        return ledger + settled("provider", "payer", "shared_losses", year, month, owed)
    if kind == "stop_loss":
        premium = number_of(terms, "premium_pmpm") * members_by_month(columns, year)
        covered = stop_loss_scope(book.arm, terms, book.services)
        recovery = stop_loss_recovery(terms, care.paid_by_member[:, covered].sum(axis=1))
        month = number_of(terms, "settle_month", 15)
        ledger = monthly("provider", "reinsurer", "stop_loss_premium", None, year, premium)
        return ledger + settled("reinsurer", "provider", "stop_loss_recovery", year, month, recovery)
    if kind != "fee_for_service":
        raise ValueError(f"unknown contract {kind!r}")
    return []


def stop_loss_scope(arm: Terms, terms: Terms, services: Sequence[Terms]) -> list[int]:
    """Indices of the services that a stop-loss covers."""
    everything = list(range(len(services)))
    capitations = contracts_of(arm, "capitation")
    capitated = [index for kind, each in capitations for index in claimed_by(kind, each, services)]
    return scope_of(terms, services, capitated if capitations else everything)


def write_ledger(book: Book, year: int) -> list[Transfer]:
    """Every transfer incurred in one performance year of one world under one arm."""
    bearers, _ = bearers_of(book.arm, book.services)
    utilization = book.world.spec["utilization"]
    grown = (1.0 + number_of(utilization, "fixed_cost_trend", 0.0)) ** year
    fixed_cost = number_of(utilization, "fixed_cost_per_month", 0.0) * grown
    ledger = monthly("provider", "suppliers", "fixed_cost", None, year, [fixed_cost] * MONTHS)
    for index, service in enumerate(book.services):
        ledger += care_transfers(index, service, bearers[index], book.cares[year], year)
    for programme in book.arm.get("programmes") or []:
        ledger += programme_transfers(programme, book.columns, year)
    for kind, terms in contracts_of(book.arm):
        ledger += contract_transfers(kind, terms, book, year)
    return ledger


# ---------------------------------------------------------------------------------------------------------
# What is read off
# ---------------------------------------------------------------------------------------------------------


def net_paid(ledger: Iterable[Transfer], party: str, counterparties: Iterable[str] | None = None) -> float:
    """Dollars paid by a party to the counterparties (None: to anyone), less what it receives from them."""
    others = None if counterparties is None else set(counterparties)
    amounts = []
    for transfer in ledger:
        if transfer.from_party == party and (others is None or transfer.to_party in others):
            amounts.append(transfer.amount)
        if transfer.to_party == party and (others is None or transfer.from_party in others):
            amounts.append(-transfer.amount)
    return math.fsum(amounts)


def month_end_cash(ledger: Sequence[Transfer], years: int) -> F64:
    """The provider's cash in whole cents at the end of each month, at least to the end of the last year."""
    last = max([MONTHS * years, *(transfer.month_cash for transfer in ledger)])
    flows: list[list[Transfer]] = [[] for _ in range(last)]
    for transfer in ledger:
        flows[transfer.month_cash - 1].append(transfer)
    balance = np.cumsum([-net_paid(flow, "provider") for flow in flows])
    return np.array([whole_cents(each) for each in balance])


def minimum_cash(cash: F64, year: int, years: int) -> tuple[float, int]:
    """The lowest month-end balance of a year in dollars, and the first month that has it; the last year goes on."""
    before = MONTHS * (year - 1)
    of_year = cash[before:] if year == years else cash[before : before + MONTHS]
    lowest = int(np.argmin(of_year))
    return float(of_year[lowest]) / 100.0, before + lowest + 1


def settle_year(book: Book, year: int, ledger: Sequence[Transfer]) -> dict[str, Any]:
    """Result columns of one year but those of cash, in dollars, from the transfers incurred in it."""
    care = book.cares[year]
    revenue = -net_paid(ledger, "provider", ("payer", "member"))
    cost = net_paid(ledger, "provider", ("suppliers", "other_providers", "reinsurer"))
    return {
        "member_months": member_months(book.columns, year),
        "allowed": math.fsum(care.allowed_by_member.flat),
        "paid": math.fsum(care.paid_by_member.flat),
        "provider_revenue": revenue,
        "provider_cost": cost,
        "provider_net": revenue - cost,
        "payer_spend": net_paid(ledger, "payer"),
        "member_cost_share": net_paid(ledger, "member"),
    }


def settle(world: World, columns: Columns, arm_index: int) -> list[dict[str, Any]]:
    """Settle one world under one arm: for each performance year its result columns and its `ledger`."""
    book = open_book(world, columns, arm_index)
    ledgers = {year: write_ledger(book, year) for year in book.years}
    cash = month_end_cash([transfer for ledger in ledgers.values() for transfer in ledger], len(ledgers))
    settled_years = []
    for year, ledger in ledgers.items():
        lowest, month = minimum_cash(cash, year, len(ledgers))
        figures = {**settle_year(book, year, ledger), "minimum_cash": lowest, "minimum_cash_month": month}
        settled_years.append({**figures, "ledger": ledger})
    return settled_years
