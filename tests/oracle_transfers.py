"""Second opinion on transfers: how they are written, and what is read off those that stand there."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from oracle_panel import MONTHS
from oracle_random import F64, Terms


class Transfer(NamedTuple):
    """One movement of dollars; transfers of nothing are not written."""

    from_party: str
    to_party: str
    account: str
    month_incurred: int  # 1 is the first month of the first performance year
    month_cash: int
    amount: float
    payer: int | None = None  # whose members or contract it is of; None: of no single payer
    apart: bool = False  # of a bundle of members who are not attributed
    bundle: bool = False  # what the stop-loss of a bundle repays


Flow = tuple[str, str, str]  # from, to, account


def posted(flow: Flow, incurred: int, cash: int, amount: float, payer: int | None) -> list[Transfer]:
    """A transfer, unless it is of nothing."""
    return [Transfer(*flow, incurred, cash, float(amount), payer)] if amount != 0.0 else []


def monthly(flow: Flow, year: int, amounts: Iterable[float], payer: int | None, later: int = 0) -> list[Transfer]:
    """Transfers of the twelve months of a year, cash so many months later than incurred."""
    months = enumerate(amounts, start=MONTHS * (year - 1) + 1)
    return [each for month, amount in months for each in posted(flow, month, month + later, amount, payer)]


def settled(flow: Flow, year: int, settle_month: float, amount: float, payer: int | None) -> list[Transfer]:
    """A transfer incurred in month 12 of a year whose cash moves later, counted from the start of the year."""
    before = MONTHS * (year - 1)
    return posted(flow, before + MONTHS, before + int(settle_month), amount, payer)


def whole_cents(dollars: float) -> float:
    """Dollars as a whole number of cents, half a cent rounded away from zero."""
    cents = abs(dollars) * 100.0
    whole = math.floor(cents)
    return math.copysign(whole + (cents - whole >= 0.5), dollars)


# ---------------------------------------------------------------------------------------------------------
# What stands there
# ---------------------------------------------------------------------------------------------------------


def seen_by(payer: int | None, ledger: Iterable[Transfer]) -> list[Transfer]:
    """What a contract sees of those before it: its payer's alone, or all where it is with all payers."""
    return [each for each in ledger if payer is None or each.payer == payer]


def of_year(ledger: Iterable[Transfer], year: int) -> list[Transfer]:
    """What is incurred in a year."""
    return [each for each in ledger if MONTHS * (year - 1) < each.month_incurred <= MONTHS * year]


def total(ledger: Iterable[Transfer], *accounts: str) -> float:
    """Dollars of accounts, whichever way they move."""
    return math.fsum(each.amount for each in ledger if each.account in accounts)


def repaid_by_covers(ledger: Iterable[Transfer]) -> float:
    """Dollars that stop-loss covers repay: not what that of a bundle does, which is of care that is billed."""
    return total((each for each in ledger if not each.bundle), "stop_loss_recovery")


def paid_for_episodes(terms: Terms, ledger: Iterable[Transfer]) -> float:
    """What bundles leave a provider of prices and gains, where a contract counts it: less care and losses."""
    if terms.get("episode_payments") == "apart":
        return 0.0
    signs = {"episode_price": 1.0, "episode_gain": 1.0, "episode_care": -1.0, "episode_loss": -1.0}
    return math.fsum(signs[each.account] * each.amount for each in ledger if each.account in signs and not each.apart)


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


def paid_by_months(ledger: Iterable[Transfer], accounts: Sequence[str]) -> Mapping[tuple[int, int], float]:
    """What the payer pays the provider in accounts, less what it takes back, by months incurred and of cash."""
    found: dict[tuple[int, int], list[Transfer]] = {}
    for each in ledger:
        if each.account in accounts:
            found.setdefault((each.month_incurred, each.month_cash), []).append(each)
    return {months: net_paid(group, "payer", ["provider"]) for months, group in sorted(found.items())}


def cash_by_month(ledger: Sequence[Transfer], years: int) -> F64:
    """What the provider's cash gains in each month, at least to the end of the last year."""
    last = max([MONTHS * years, *(transfer.month_cash for transfer in ledger)])
    flows: list[list[Transfer]] = [[] for _ in range(last)]
    for transfer in ledger:
        flows[transfer.month_cash - 1].append(transfer)
    return np.array([-net_paid(flow, "provider") for flow in flows])
