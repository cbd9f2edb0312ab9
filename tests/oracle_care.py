"""Second opinion on the care of an arm in dollars, and on whose it is."""

import math
from functools import cached_property
from typing import NamedTuple

import numpy as np

from oracle_arms import care_of_arm
from oracle_lines import delivered_by, own_cost, services_of
from oracle_panel import MONTHS, Flags, is_enrolled
from oracle_quantiles import number_of
from oracle_random import F64, I64, Columns, Terms
from oracle_sharing import member_shares
from oracle_terms import Signed, bearers_of, cost_sharing_of, fee_levels_of, payers_of, signed_contracts, terms_of_payer
from oracle_world import Events, World


class Care(NamedTuple):
    """The care of one year in dollars at the prices of one arm, summed in several ways."""

    events_by_month: F64  # (payers, services, 12): number of events
    paid_by_month: F64  # (payers, services, 12): dollars, allowed less cost share
    share_by_month: F64  # (payers, services, 12): dollars owed by the members
    case_cost_by_month: F64  # (payers, services, 12): dollars that giving listed cases costs
    counted_events_by_month: F64  # as above, of the members who are attributed
    counted_paid_by_month: F64
    allowed_by_member_month: F64  # (members, services, 12): dollars
    paid_by_member_month: F64  # (members, services, 12): dollars, allowed less cost share

    @property
    def allowed_by_member(self) -> F64:
        """Dollars of the year, shape (members, services)."""
        return np.asarray(self.allowed_by_member_month.sum(axis=2), dtype=np.float64)

    @property
    def paid_by_member(self) -> F64:
        """Dollars of the year, allowed less cost share, shape (members, services)."""
        return np.asarray(self.paid_by_member_month.sum(axis=2), dtype=np.float64)


class Bills(NamedTuple):
    """What becomes of the bills that the provider sends to a payer and its members."""

    denied: float = 0.0  # part of the claims
    unpaid: float = 0.0  # part of the members' cost share
    later: int = 0  # months from service to cash
    cost: float = 0.0  # dollars a claim


class Book:
    """What the settlement of one arm reads."""

    def __init__(self, world: World, columns: Columns, arm_index: int, *, programmes: bool = True) -> None:
        """Value all years of a world under one arm, or under its prices alone, without programmes and response."""
        self.world, self.columns, self.arm_index = world, columns, arm_index
        self.arm: Terms = world.spec["arms"][arm_index]
        if not programmes:
            self.arm = {**self.arm, "programmes": [], "response": None}
        self.services = services_of(world.spec)
        self.payers, self.payer = payers_of(columns)
        self.contracts = signed_contracts(self.arm, self.payers)
        self.bearers = bearers_of(self.arm, self.services, self.payers)
        self.care = care_of_arm(world, columns, self.arm)
        self.allowed: dict[int, F64] = {}  # by year, (events,): dollars at the arm's prices
        self.shares: dict[int, F64] = {}  # by year, (events,): what members owe of them
        self.cares: dict[int, Care] = {year: self._care(year) for year in world.years}

    def _care(self, year: int) -> Care:
        events = self.care.events[year]
        levels = fee_levels_of(self.bearers)[self.payer[events.member_row], events.service]
        allowed = np.asarray(levels * events.price, dtype=np.float64)
        sharing = cost_sharing_of(self.world.spec, self.arm)
        shares = member_shares(sharing, self.world.luck, year, self.services, self.columns, events, allowed)
        self.allowed[year], self.shares[year] = allowed, shares
        shape = (len(self.payers), len(self.payer), len(self.services))
        return value_care(events, shares, allowed, self.payer, self.world.panel[year].attributed, shape)

    @cached_property
    def years(self) -> list[int]:
        """The performance years."""
        return self.world.performance_years

    @cached_property
    def without_programmes(self) -> "Book":
        """The same care and prices as far as no programme and no response moves them."""
        return Book(self.world, self.columns, self.arm_index, programmes=False)

    @property
    def last_month(self) -> int:
        """The last month of the study."""
        return MONTHS * len(self.years)

    @cached_property
    def own(self) -> Flags:
        """Whether the provider gives each service line itself, shape (services,)."""
        return np.array([delivered_by(service) == "provider" for service in self.services])

    def of(self, payer: int | None) -> list[int]:
        """Indices of the payers that a contract is with."""
        return list(range(len(self.payers))) if payer is None else [payer]

    def members_of(self, payer: int | None) -> Flags:
        """Whether each member is one of a payer, shape (members,)."""
        return np.asarray(np.isin(self.payer, self.of(payer)), dtype=np.bool_)

    def borne_by(self, kind: str, payer: int | None) -> Flags:
        """Which service lines of a contract's payers a kind of base payment bears, shape (payers, services)."""
        flags = [[each is not None and each.kind == kind for each in row] for row in self.bearers]
        mine = np.isin(np.arange(len(self.payers)), self.of(payer))
        return np.asarray(np.array(flags) & mine[:, np.newaxis], dtype=np.bool_)

    def claims_of(self, signed: Signed) -> list[tuple[int, int]]:
        """Payer and service line of what a base payment bears."""
        bears = [(p, s) for p, row in enumerate(self.bearers) for s, each in enumerate(row) if each == signed]
        return [pair for pair in bears if pair[0] in self.of(signed.payer)]

    def there(self, year: int, payer: int | None, *, counted: bool = False) -> F64:
        """1 where a member of a payer is enrolled, else 0, shape (members, 12); of all, or of who is attributed."""
        standing = self.world.panel[year]
        who = self.members_of(payer) & (standing.attributed if counted else True)
        return np.asarray(is_enrolled(standing) * who[:, np.newaxis], dtype=np.float64)

    def member_months(self, year: int, payer: int | None, *, counted: bool = False) -> float:
        """Months of enrolment in a year."""
        return float(self.there(year, payer, counted=counted).sum())

    def bills(self, payer: int) -> Bills:
        """What becomes of the bills sent to a payer."""
        terms = terms_of_payer(self.world.spec["utilization"].get("collections"), self.payers[payer])
        if terms is None:
            return Bills()
        months = number_of(terms, "days_to_pay", 0.0) / (365.25 / MONTHS)
        rates = number_of(terms, "denial_rate", 0.0), number_of(terms, "bad_debt_rate", 0.0)
        return Bills(*rates, math.floor(months + 0.5), number_of(terms, "billing_cost", 0.0))

    def own_cost(self, year: int) -> F64:
        """Dollars that giving the care of a year costs whoever gives it, shape (payers, services, 12)."""
        each = np.array([own_cost(service, year) for service in self.services])
        care = self.cares[year]
        return np.asarray(care.events_by_month * each[:, np.newaxis] + care.case_cost_by_month, dtype=np.float64)

    def cost_of_care(self, year: int, which: Flags, value_own_at: str) -> float:
        """Dollars of a year's care of some lines (payers, services); own services at what is paid or what they cost."""
        paid, cost = self.cares[year].paid_by_month.sum(axis=2), self.own_cost(year).sum(axis=2)
        dollars = np.where(self.own & (value_own_at == "own_cost"), cost, paid)
        return math.fsum(dollars[which])


def value_care(
    events: Events, shares: F64, allowed: F64, payer: I64, attributed: Flags, shape: tuple[int, int, int]
) -> Care:
    """Sum events by payer, service and month and by member, service and month.

    Shares and allowed dollars are (events,), payer and attributed are (members,), the shape is how many payers, members
    and services there are.
    """
    payers, members, count = shape
    counts = attributed[events.member_row].astype(np.float64)

    def by_month(weights: F64) -> F64:
        cell = (payer[events.member_row] * count + events.service) * MONTHS + events.month - 1
        table = np.bincount(cell, weights, payers * count * MONTHS)
        return np.asarray(table, np.float64).reshape(payers, count, MONTHS)

    def by_member(weights: F64) -> F64:
        cell = (events.member_row * count + events.service) * MONTHS + events.month - 1
        table = np.bincount(cell, weights, members * count * MONTHS)
        return np.asarray(table, np.float64).reshape(members, count, MONTHS)

    return Care(
        events_by_month=by_month(np.ones(len(allowed))),
        paid_by_month=by_month(allowed - shares),
        share_by_month=by_month(shares),
        case_cost_by_month=by_month(events.case_cost),
        counted_events_by_month=by_month(counts),
        counted_paid_by_month=by_month(counts * (allowed - shares)),
        allowed_by_member_month=by_member(allowed),
        paid_by_member_month=by_member(allowed - shares),
    )


def mean_recorded_of(book: Book, year: int, payer: int | None) -> float:
    """Mean recorded risk score per member-month of a year, of a payer's members."""
    there = book.there(year, payer).sum(axis=1)
    return math.fsum(book.world.panel[year].recorded * there) / float(there.sum())
