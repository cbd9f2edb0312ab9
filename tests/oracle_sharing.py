"""Second opinion on what members pay of their claims, in the order in which these come."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from oracle_quantiles import number_of
from oracle_random import (
    CLAIM_ORDER,
    EXTRA_ORDER,
    F64,
    U64,
    Columns,
    Luck,
    Terms,
    address_words,
    chosen,
    name_hash,
    place,
)
from oracle_terms import payers_of, term_of_service, terms_of_payer
from oracle_world import Events


def claim_words(luck: Luck, year: int, services: Sequence[Terms], columns: Columns, events: Events) -> U64:
    """The words that order events within their month, shape (events,); of care of episodes its place in the month."""
    words = np.asarray(np.maximum(events.place, 0.0) * 2.0**64, dtype=np.uint64)
    for index, service in enumerate(services):
        for process, added in ((CLAIM_ORDER, False), (EXTRA_ORDER, True)):
            which = (events.service == index) & (events.added == added) & (events.number >= 0)
            if not which.any():
                continue
            block, order = place(events.number[which])
            member = columns["member"][events.member_row[which]]
            found = address_words(luck, process, year, name_hash(service["name"]), member, block)
            words[which] = chosen(found, order)
    return words


class Purse:
    """What one member of a payer has still to pay in a year."""

    def __init__(self, terms: Terms) -> None:
        """Begin a year."""
        self.deductible = number_of(terms, "deductible", 0.0)
        self.maximum = number_of(terms, "out_of_pocket_maximum", math.inf)

    def pay(self, allowed: float, copay: float, coinsurance: float, *, exempt: bool) -> float:
        """Dollars that the member pays of a claim: of the deductible, then the copay, then the coinsurance."""
        first = 0.0 if exempt else min(allowed, self.deductible)
        rest = allowed - first
        fixed = min(copay, rest)
        due = min(first + fixed + coinsurance * (rest - fixed), self.maximum)
        self.deductible -= first
        self.maximum -= due
        return due


def member_shares(
    by_payer: Mapping[str, Any],
    luck: Luck,
    year: int,
    services: Sequence[Terms],
    columns: Columns,
    events: Events,
    allowed: F64,
) -> F64:
    """Dollars that members owe of each event of a year, shape (events,), from its allowed dollars (events,)."""
    own = np.array([number_of(service, "coinsurance", 0.0) for service in services])
    shares = np.asarray(own[events.service] * allowed, dtype=np.float64)
    if not by_payer:
        return shares
    payers, payer = payers_of(columns)
    of_payer = [terms_of_payer(by_payer, name) for name in payers]
    words = claim_words(luck, year, services, columns, events)
    purses: dict[int, Purse] = {}
    for event in np.lexsort((words, events.month, events.member_row)).tolist():
        row, index = int(events.member_row[event]), int(events.service[event])
        terms = of_payer[payer[row]]
        if terms is None:
            continue
        purse = purses.setdefault(row, Purse(terms))
        service = services[index]
        shares[event] = purse.pay(
            float(allowed[event]),
            term_of_service(terms.get("copay"), service, 0.0),
            term_of_service(terms.get("coinsurance"), service, float(own[index])),
            exempt=service["whole"] in (terms.get("exempt") or ()),
        )
    return shares
