"""Second opinion on dollars: from the events of an arm to transfers, and from transfers to result columns."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from oracle_health import found
from oracle_lines import concerns, delivered_by, growth, own_cost, services_of
from oracle_panel import MONTHS, Flags, Standing, is_enrolled, mean_recorded
from oracle_quantiles import log_scale, normal_quantile, number_of, unit_log_normal
from oracle_random import F64, I64, MARKET, Columns, Terms, shared_uniform
from oracle_response import mean_price, sharing_rates
from oracle_sharing import member_shares
from oracle_terms import bearers_of, claimed_by, contracts_of, cost_sharing_of, payers_of, scope_of, terms_of_payer
from oracle_world import Events, World, arm_events, shock_levels

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

    events_by_month: F64  # (payers, services, 12): number of events
    paid_by_month: F64  # (payers, services, 12): dollars, allowed less cost share
    share_by_month: F64  # (payers, services, 12): dollars owed by the members
    case_cost_by_month: F64  # (payers, services, 12): dollars that giving listed cases costs
    allowed_by_member: F64  # (members, services): dollars of the year
    paid_by_member: F64  # (members, services): dollars of the year, allowed less cost share


class Book(NamedTuple):
    """What the settlement of one arm reads."""

    world: World
    columns: Columns
    arm_index: int
    cares: Mapping[int, Care]  # by year

    @property
    def arm(self) -> Terms:
        """The arm that is settled."""
        terms: Terms = self.world.spec["arms"][self.arm_index]
        return terms

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


def value_care(events: Events, shares: F64, allowed: F64, payer: I64, shape: tuple[int, int, int]) -> Care:
    """Sum events by payer, service and month and by member and service.

    Shares and allowed dollars are (events,), payer is (members,), the shape is how many payers, members and services
    there are.
    """
    payers, members, count = shape

    def by_month(weights: F64) -> F64:
        cell = (payer[events.member_row] * count + events.service) * MONTHS + events.month - 1
        table = np.bincount(cell, weights, payers * count * MONTHS)
        return np.asarray(table, np.float64).reshape(payers, count, MONTHS)

    def by_member(weights: F64) -> F64:
        cell = events.member_row * count + events.service
        return np.asarray(np.bincount(cell, weights, members * count), np.float64).reshape(members, count)

    return Care(
        events_by_month=by_month(np.ones(len(allowed))),
        paid_by_month=by_month(allowed - shares),
        share_by_month=by_month(shares),
        case_cost_by_month=by_month(events.case_cost),
        allowed_by_member=by_member(allowed),
        paid_by_member=by_member(allowed - shares),
    )


def open_book(world: World, columns: Columns, arm_index: int) -> Book:
    """Value all years of a world under one arm."""
    arm, services = world.spec["arms"][arm_index], services_of(world.spec)
    _, fee_levels = bearers_of(arm, services)
    names, payer = payers_of(columns)
    shape = (len(names), len(columns["member"]), len(services))
    sharing, cares = cost_sharing_of(world.spec, arm), {}
    for year in world.years:
        events = arm_events(world, columns, arm, year)
        allowed = np.asarray(fee_levels[events.service] * events.price, dtype=np.float64)
        shares = member_shares(sharing, world.luck, year, services, columns, events, allowed)
        cares[year] = value_care(events, shares, allowed, payer, shape)
    return Book(world, columns, arm_index, cares)


def member_months(standing: Standing, counted: Flags | None = None) -> int:
    """Months of enrolment in a year, of all members or of those who count."""
    return int(standing.months.sum() if counted is None else standing.months[counted].sum())


def members_by_month(standing: Standing) -> I64:
    """Members enrolled in each month of a year, shape (12,)."""
    return np.asarray(is_enrolled(standing).sum(axis=0), dtype=np.int64)


# ---------------------------------------------------------------------------------------------------------
# Contracts
# ---------------------------------------------------------------------------------------------------------


def whole_cents(dollars: float) -> float:
    """Dollars as a whole number of cents, half a cent rounded away from zero."""
    cents = abs(dollars) * 100.0
    whole = math.floor(cents)
    return math.copysign(whole + (cents - whole >= 0.5), dollars)


def savings_spending(terms: Terms, care: Care, counted: Flags) -> float:
    """Dollars of a year that shared savings measures, of who counts, all services, truncated member by member."""
    truncation = number_of(terms, "truncation", math.inf)
    if truncation < math.inf and terms.get("benchmark") is None and not terms.get("benchmark_truncated"):
        raise ValueError("truncated spending against a benchmark that was not truncated")
    bases = {"allowed": care.allowed_by_member, "paid": care.paid_by_member}
    return math.fsum(np.minimum(bases[terms["basis"]].sum(axis=1), truncation)[counted])


def own_revenue(terms: Terms, book: Book, care: Care, counted: Flags) -> float:
    """Dollars of a year's care that the provider gives itself, of who counts, on the basis of the contract."""
    bases = {"allowed": care.allowed_by_member, "paid": care.paid_by_member}
    own = [delivered_by(service) == "provider" for service in book.services]
    return math.fsum(bases[terms["basis"]][:, own].sum(axis=1)[counted])


def measured_market(world: World, population: str, noise_cv: float, year: int) -> float:
    """What is measured of the spending of a reference population in a year, in the unit of year 0."""
    spec, services = world.spec, services_of(world.spec)
    weights = np.array([number_of(each, "per_1000") / 1000.0 * mean_price(each) for each in services])
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


def risk_ratio(panel: Mapping[int, Standing], benchmark: Terms, base: int, year: int) -> float:
    """Growth of the mean recorded risk score of who is attributed since a base year that a benchmark follows."""
    if not benchmark.get("risk_adjusted"):
        return 1.0
    now, then = (mean_recorded(panel[each], panel[each].attributed) for each in (year, base))
    ratio = now / then
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
    bases, panel = base_years(book.world.spec, benchmark, year), book.world.panel
    weights = benchmark.get("weights") or [1.0 / len(bases)] * len(bases)
    parts = [
        float(weight)
        * savings_spending(terms, book.cares[base], panel[base].attributed)
        / member_months(panel[base], panel[base].attributed)
        * benchmark_trend(book.world, benchmark, base, year)
        * risk_ratio(panel, benchmark, base, year)
        for base, weight in zip(bases, weights, strict=True)
    ]
    return math.fsum(parts)


def minimum_rate(terms: Terms, name: str, members: float) -> float:
    """The elected rate of a year, or that of the table where it holds for so many members."""
    table, below = terms.get("minimum_rate_table") or [], terms.get("table_below_members")
    if not table or (below is not None and members >= float(below)):
        return number_of(terms, name, 0.0)
    band = max((band for band in table if float(band["from"]) <= members), key=lambda band: float(band["from"]))
    low, high, first = float(band["low"]), float(band["high"]), float(band["from"])
    if band["to"] is None:
        return high
    return low + (high - low) * min(1.0, (members - first) / (float(band["to"]) - first))


def shared_savings(
    terms: Terms, benchmark: float, spending: float, members: float, revenue: float
) -> tuple[float, float]:
    """Dollars earned and dollars owed by the provider, from the benchmark and the spending of a year in dollars."""
    savings = benchmark - spending
    losses = -savings
    savings_gate = whole_cents(minimum_rate(terms, "minimum_savings_rate", members) * benchmark)
    loss_gate = whole_cents(minimum_rate(terms, "minimum_loss_rate", members) * benchmark)
    share, loss_share = sharing_rates(terms)
    earned = owed = 0.0
    if whole_cents(savings) > 0.0 and whole_cents(savings) >= savings_gate:
        limit = number_of(terms, "payment_limit_rate", math.inf) * benchmark
        earned = min(share * savings * (1.0 - number_of(terms, "sequestration_rate", 0.0)), limit)
    if whole_cents(losses) > 0.0 and whole_cents(losses) >= loss_gate:
        limit = number_of(terms, "loss_limit_rate", math.inf) * benchmark
        if terms.get("loss_limit_revenue_rate") is not None:
            limit = min(limit, number_of(terms, "loss_limit_revenue_rate") * revenue)
        owed = min(loss_share * losses, limit)
    return earned, owed


def capitation_payments(terms: Terms, panel: Mapping[int, Standing], year: int) -> F64:
    """Dollars paid in each month of a year, shape (12,)."""
    pmpm = number_of(terms, "pmpm") * (1.0 + number_of(terms, "trend", 0.0)) ** (year - 1)
    if not terms.get("risk_adjusted"):
        return np.asarray(pmpm * members_by_month(panel[year]), dtype=np.float64)
    scores = panel[year].recorded @ is_enrolled(panel[year]) / number_of(terms, "normalization", 1.0)
    cap = number_of(terms, "risk_score_cap", math.inf)
    if cap < math.inf:
        most = (1.0 + cap) * mean_recorded(panel[1])
        scores = scores * min(1.0, most / mean_recorded(panel[year]))
    return np.asarray(pmpm * scores, dtype=np.float64)


def stop_loss_recovery(terms: Terms, covered: F64, months: float, repaid: float) -> float:
    """Dollars recovered from the reinsurer, from each member's covered dollars of the year, (members,)."""
    share, limit = number_of(terms, "ceded_share", 1.0), number_of(terms, "limit", math.inf)
    if terms.get("kind") == "aggregate":
        expected = number_of(terms, "attachment_rate", 0.0) * number_of(terms, "expected_pmpm", 0.0) * months
        above = math.fsum(covered) - repaid - number_of(terms, "attachment_point", expected)
        return share * min(max(above, 0.0), limit)
    attachment = np.full(covered.shape, number_of(terms, "attachment_point"))
    for laser in terms.get("lasers", []):
        attachment[laser["row"]] = number_of(laser, "attachment_point")
    return share * math.fsum(np.minimum(np.maximum(covered - attachment, 0.0), limit))


# ---------------------------------------------------------------------------------------------------------
# The ledger
# ---------------------------------------------------------------------------------------------------------


def monthly(
    from_party: str,
    to_party: str,
    account: str,
    service: int | None,
    year: int,
    amounts: Iterable[float],
    later: int = 0,
) -> list[Transfer]:
    """Transfers of the twelve months of a year, cash so many months later than incurred."""
    return [
        Transfer(from_party, to_party, account, service, month, month + later, float(amount))
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


class Bills(NamedTuple):
    """What becomes of the bills that the provider sends to a payer and its members."""

    denied: float = 0.0  # part of the claims
    unpaid: float = 0.0  # part of the members' cost share
    later: int = 0  # months from service to cash
    cost: float = 0.0  # dollars a claim


def bills_of(terms: Terms | None) -> Bills:
    """What becomes of bills under the terms of a payer's collections."""
    if terms is None:
        return Bills()
    months = number_of(terms, "days_to_pay", 0.0) / (365.25 / MONTHS)
    rates = number_of(terms, "denial_rate", 0.0), number_of(terms, "bad_debt_rate", 0.0)
    return Bills(*rates, math.floor(months + 0.5), number_of(terms, "billing_cost", 0.0))


def care_transfers(book: Book, index: int, bearer: str | None, payer: int, bills: Bills, year: int) -> list[Transfer]:
    """What moves because the members of one payer used one service line in a year."""
    service, care = book.services[index], book.cares[year]
    deliverer = delivered_by(service)
    events, paid, share = (
        table[payer, index] for table in (care.events_by_month, care.paid_by_month, care.share_by_month)
    )
    if deliverer != "provider":
        bills = Bills()
    own = events * own_cost(service, year) + care.case_cost_by_month[payer, index]
    ledger = monthly("member", deliverer, "cost_share", index, year, share * (1.0 - bills.unpaid), bills.later)
    ledger += monthly(deliverer, "suppliers", "own_cost", index, year, own)
    if bearer != "capitation":
        ledger += monthly("payer", deliverer, "claim", index, year, paid * (1.0 - bills.denied), bills.later)
        ledger += monthly("provider", "suppliers", "billing_cost", index, year, events * bills.cost)
    elif deliverer == "other_providers":
        ledger += monthly("provider", "other_providers", "purchased_care", index, year, paid)
    return ledger


def capacity_cost(capacity: Terms, services: Sequence[Terms], care: Care) -> float:
    """Dollars a month of the clinicians who give what the provider delivers of some services in a year."""
    given = [concerns(capacity, service) and delivered_by(service) == "provider" for service in services]
    events = float(care.events_by_month[:, given].sum())
    needed = math.ceil(events / (MONTHS * number_of(capacity, "events_per_month")))
    return number_of(capacity, "cost_per_month") * max(number_of(capacity, "least", 0.0), needed)


def programme_transfers(programme: Terms, standing: Standing, year: int) -> list[Transfer]:
    """What a programme costs in a year."""
    start = int(number_of(programme, "start_month", 1.0))
    month = np.arange(1, MONTHS + 1) + MONTHS * (year - 1)
    pmpm = number_of(programme, "cost_pmpm", 0.0) * number_of(programme, "reach", 1.0)
    running = np.where(month >= start, pmpm * members_by_month(standing), 0.0)
    once = np.where(month == start, number_of(programme, "start_cost", 0.0), 0.0)
    ledger = monthly("provider", "suppliers", "programme_cost", None, year, running)
    return ledger + monthly("provider", "suppliers", "programme_cost", None, year, once)


def contract_transfers(kind: str, terms: Terms, book: Book, year: int, before: Sequence[Transfer]) -> list[Transfer]:
    """What moves because of a contract itself in a year, after what was written before it."""
    panel, care = book.world.panel, book.cares[year]
    standing = panel[year]
    if kind == "capitation":
        return monthly("payer", "provider", "capitation", None, year, capitation_payments(terms, panel, year))
    if kind == "shared_savings":
        benchmark = benchmark_pmpm(book, terms, year) * member_months(standing, standing.attributed)
        members = member_months(standing, standing.attributed) / MONTHS
        spending = savings_spending(terms, care, standing.attributed)
        revenue = own_revenue(terms, book, care, standing.attributed)
        earned, owed = shared_savings(terms, benchmark, spending, members, revenue)
        month = number_of(terms, "settle_month", 21)
        ledger = settled("payer", "provider", "shared_savings", year, month, earned)
        return ledger + settled("provider", "payer", "shared_losses", year, month, owed)
    if kind == "stop_loss":
        premium = number_of(terms, "premium_pmpm") * members_by_month(standing)
        covered = stop_loss_scope(book.arm, terms, book.services)
        own = np.array([delivered_by(service) == "provider" for service in book.services])
        paid = care.paid_by_member * np.where(own, number_of(terms, "value_own_services_at", 1.0), 1.0)
        repaid = math.fsum(each.amount for each in before if each.account == "stop_loss_recovery")
        recovery = stop_loss_recovery(terms, paid[:, covered].sum(axis=1), member_months(standing), repaid)
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
    for payer, name in enumerate(payers_of(book.columns)[0]):
        bills = bills_of(terms_of_payer(utilization.get("collections"), name))
        for index, bearer in enumerate(bearers):
            ledger += care_transfers(book, index, bearer, payer, bills, year)
    for capacity in utilization.get("capacity") or []:
        cost = capacity_cost(capacity, book.services, book.cares[year])
        ledger += monthly("provider", "suppliers", "capacity_cost", None, year, [cost] * MONTHS)
    for programme in book.arm.get("programmes") or []:
        ledger += programme_transfers(programme, book.world.panel[year], year)
    for kind, terms in contracts_of(book.arm):
        ledger += contract_transfers(kind, terms, book, year, ledger)
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
        "member_months": member_months(book.world.panel[year]),
        "allowed": math.fsum(care.allowed_by_member.flat),
        "paid": math.fsum(care.paid_by_member.flat),
        "provider_revenue": revenue,
        "provider_cost": cost,
        "provider_net": revenue - cost,
        "payer_spend": net_paid(ledger, "payer"),
        "member_cost_share": net_paid(ledger, "member"),
    }


def settle(world: World, columns: Columns, arm_index: int) -> list[dict[str, Any]]:
    """Settle one world under one arm: for each performance year its result columns, `found` and its `ledger`."""
    book = open_book(world, columns, arm_index)
    ledgers = {year: write_ledger(book, year) for year in book.years}
    cash = month_end_cash([transfer for ledger in ledgers.values() for transfer in ledger], len(ledgers))
    settled_years = []
    for year, ledger in ledgers.items():
        lowest, month = minimum_cash(cash, year, len(ledgers))
        figures = {**settle_year(book, year, ledger), "minimum_cash": lowest, "minimum_cash_month": month}
        settled_years.append({**figures, "found": found(world, columns, arm_index, year), "ledger": ledger})
    return settled_years
