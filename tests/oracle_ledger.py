"""Second opinion on the ledger: every transfer of an arm in the order of its contracts, and the result columns."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from oracle_bundles import episode_bundle
from oracle_care import Book
from oracle_health import found
from oracle_lines import concerns
from oracle_money import administrative_cost, advance_payment, financing, investment, repayment_mechanism
from oracle_panel import MONTHS
from oracle_payments import capitation, care_management_fee, care_transfers, direct_primary_care, fee_for_service
from oracle_quality import pay_for_performance
from oracle_quantiles import number_of
from oracle_random import F64, Columns, Terms
from oracle_riders import (
    medical_loss_ratio_rebate,
    risk_corridor,
    risk_pool,
    sequestration,
    stop_loss,
    withhold,
)
from oracle_savings import shared_savings
from oracle_terms import Signed
from oracle_transfers import Transfer, cash_by_month, monthly, net_paid, of_year, whole_cents
from oracle_world import World

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

#: Contracts that settle a year from its care alone.
FROM_CARE: dict[str, Callable[[Signed, Book, int], list[Transfer]]] = {
    "administrative_cost": administrative_cost,
    "capitation": capitation,
    "care_management_fee": care_management_fee,
    "direct_primary_care": direct_primary_care,
    "episode_bundle": episode_bundle,
    "fee_for_service": fee_for_service,
}
#: Contracts that settle a year from its care and what was settled before them.
FROM_EARLIER: dict[str, Callable[[Signed, Book, int, Sequence[Transfer]], list[Transfer]]] = {
    "medical_loss_ratio_rebate": medical_loss_ratio_rebate,
    "pay_for_performance": pay_for_performance,
    "risk_corridor": risk_corridor,
    "sequestration": sequestration,
    "shared_savings": shared_savings,
    "stop_loss": stop_loss,
    "withhold": withhold,
}
#: Contracts that carry something from year to year.
OVER_YEARS: dict[str, Callable[[Signed, Book, Sequence[Transfer]], list[Transfer]]] = {
    "advance_payment": advance_payment,
    "financing": financing,
    "investment": lambda signed, book, _: investment(signed, book),
    "repayment_mechanism": lambda signed, book, _: repayment_mechanism(signed, book),
    "risk_pool": lambda signed, book, _: risk_pool(signed, book),
}


def contract_transfers(signed: Signed, book: Book, before: Sequence[Transfer]) -> list[Transfer]:
    """What moves because of a contract in all years, after what was written before it."""
    if signed.kind in OVER_YEARS:
        return OVER_YEARS[signed.kind](signed, book, before)
    if signed.kind in FROM_CARE:
        return [each for year in book.years for each in FROM_CARE[signed.kind](signed, book, year)]
    if signed.kind not in FROM_EARLIER:
        raise ValueError(f"unknown contract {signed.kind!r}")
    return [each for year in book.years for each in FROM_EARLIER[signed.kind](signed, book, year, before)]


def capacity_cost(capacity: Terms, book: Book, year: int) -> float:
    """Dollars a month of the clinicians who give what the provider delivers of some services in a year."""
    given = book.own & np.array([concerns(capacity, service) for service in book.services])
    events = float(book.cares[year].events_by_month[:, given].sum())
    needed = math.ceil(events / (MONTHS * number_of(capacity, "events_per_month")))
    return number_of(capacity, "cost_per_month") * max(number_of(capacity, "least", 0.0), needed)


def episodes_by_month(book: Book, kind: str, year: int) -> F64:
    """Episodes of a kind that begin in each month of a year, of all members."""
    opened = book.care.episodes[kind]
    which = opened.year == year
    month = np.floor(opened.start[which]).astype(np.int64) - MONTHS * (year - min(book.world.years))
    return np.asarray(np.bincount(month, opened.episodes[which], MONTHS), dtype=np.float64)


def programme_transfers(programme: Terms, book: Book, year: int) -> list[Transfer]:
    """What a programme costs in a year."""
    start = int(number_of(programme, "start_month", 1.0))
    month = np.arange(1, MONTHS + 1) + MONTHS * (year - 1)
    pmpm = number_of(programme, "cost_pmpm", 0.0) * number_of(programme, "reach", 1.0)
    running = np.where(month >= start, pmpm * book.there(year, None).sum(axis=0), 0.0)
    once = np.where(month == start, number_of(programme, "start_cost", 0.0), 0.0)
    each = number_of(programme, "cost_per_episode", 0.0) * number_of(programme, "reach", 1.0)
    flow = ("provider", "suppliers", "programme_cost")
    ledger = monthly(flow, year, running, None) + monthly(flow, year, once, None)
    for kind in programme.get("episodes") or [] if each else []:
        of_month = episodes_by_month(book, kind, year)
        ledger += monthly(flow, year, np.where(month >= start, each * of_month, 0.0), None)
    return ledger


def year_transfers(book: Book, year: int) -> list[Transfer]:
    """What moves in a year whatever the contracts say."""
    utilization = book.world.spec["utilization"]
    grown = (1.0 + number_of(utilization, "fixed_cost_trend", 0.0)) ** year
    fixed_cost = number_of(utilization, "fixed_cost_per_month", 0.0) * grown
    ledger = monthly(("provider", "suppliers", "fixed_cost"), year, [fixed_cost] * MONTHS, None)
    ledger += care_transfers(book, year)
    for capacity in utilization.get("capacity") or []:
        cost = capacity_cost(capacity, book, year)
        ledger += monthly(("provider", "suppliers", "capacity_cost"), year, [cost] * MONTHS, None)
    for programme in book.arm.get("programmes") or []:
        ledger += programme_transfers(programme, book, year)
    return ledger


def write_ledger(book: Book) -> list[Transfer]:
    """Every transfer of one world under one arm: care, then the contracts, each over all years."""
    ledger = [each for year in book.years for each in year_transfers(book, year)]
    for signed in book.contracts:
        ledger += contract_transfers(signed, book, ledger)
    return ledger


# ---------------------------------------------------------------------------------------------------------
# What is read off
# ---------------------------------------------------------------------------------------------------------


def minimum_cash(cash: F64, year: int, years: int) -> tuple[float, int]:
    """The lowest month-end balance of a year in dollars, and the first month that has it; the last year goes on."""
    before = MONTHS * (year - 1)
    of_it = cash[before:] if year == years else cash[before : before + MONTHS]
    lowest = int(np.argmin(of_it))
    return float(of_it[lowest]) / 100.0, before + lowest + 1


def settle_year(book: Book, year: int, ledger: Sequence[Transfer]) -> dict[str, Any]:
    """Result columns of one year but those of cash, in dollars, from the transfers incurred in it."""
    care = book.cares[year]
    revenue = -net_paid(ledger, "provider", ("payer", "member"))
    cost = net_paid(ledger, "provider", ("suppliers", "other_providers", "reinsurer", "lender"))
    return {
        "member_months": int(book.member_months(year, None)),
        "allowed": math.fsum(care.allowed_by_member.flat),
        "paid": math.fsum(care.paid_by_member.flat),
        "provider_revenue": revenue,
        "provider_cost": cost,
        "provider_net": revenue - cost,
        "payer_spend": net_paid(ledger, "payer"),
        "member_cost_share": net_paid(ledger, "member"),
    }


def settle(world: World, columns: Columns, arm_index: int) -> list[dict[str, Any]]:
    """Settle one world under one arm: for each performance year its result columns, `found` and its `ledger`.

    The ledger of the last year has what is incurred after it too, which is in none of its columns.
    """
    book = Book(world, columns, arm_index)
    ledger, years = write_ledger(book), len(book.years)
    cash = np.array([whole_cents(each) for each in np.cumsum(cash_by_month(ledger, years))])
    settled_years = []
    for year in book.years:
        incurred = of_year(ledger, year)
        lowest, month = minimum_cash(cash, year, years)
        figures = {**settle_year(book, year, incurred), "minimum_cash": lowest, "minimum_cash_month": month}
        later = [each for each in ledger if year == years and each.month_incurred > MONTHS * years]
        health = found(world, columns, arm_index, year)
        settled_years.append({**figures, "found": health, "ledger": incurred + later})
    return settled_years
