"""Second opinion on programmes of Medicare that move payments by a score: clinicians (MIPS) and hospitals."""

import math
from collections.abc import Mapping

from oracle_quantiles import number_of
from oracle_random import Terms
from oracle_terms import Signed
from oracle_transfers import Flow, Transfer, posted, settled

#: Payments by months incurred and of cash.
Payments = Mapping[tuple[int, int], float]
POINTS, DECIMALS = 100.0, 9


def mips_rate(terms: Terms, points: float) -> float:
    """The part of payments that a final score adds, below 0 takes."""
    threshold, rate = number_of(terms, "performance_threshold"), number_of(terms, "applicable_rate")
    if points <= number_of(terms, "full_reduction_part") * threshold:
        return -rate
    if points < threshold:
        return -rate * (threshold - points) / threshold
    highest = number_of(terms, "highest_score")
    gained = number_of(terms, "scaling_factor") * rate * (points - threshold) / (highest - threshold)
    return gained + exceptional_rate(terms.get("exceptional"), points, highest)


def exceptional_rate(terms: Terms | None, points: float, highest: float) -> float:
    """What the pool for exceptional performance adds, where the year has one."""
    if terms is None or points < number_of(terms, "threshold"):
        return 0.0
    least, most, first = number_of(terms, "least"), number_of(terms, "most"), number_of(terms, "threshold")
    of_score = least + (most - least) * (points - first) / (highest - first)
    return number_of(terms, "scaling_factor") * of_score


def incentive_rate(terms: Terms, points: float) -> float:
    """The part of payments that a hospital's total performance score brings."""
    return number_of(terms, "withhold_rate") * points / number_of(terms, "divisor") * number_of(terms, "slope")


def moved(flow: Flow, signed: Signed, year: int, payments: Payments, rate: float) -> list[Transfer]:
    """A part of each payment when it is paid, where the score is that of an earlier year; else in the settle month."""
    if number_of(signed.terms, "lag_years", 0) > 0:
        each = (posted(flow, *months, rate * paid, signed.payer) for months, paid in payments.items())
        return [transfer for transfers in each for transfer in transfers]
    total = rate * math.fsum(payments.values())
    return settled(flow, year, number_of(signed.terms, "settle_month", 21), total, signed.payer)


def programme(signed: Signed, year: int, payments: Payments, score: float) -> list[Transfer]:
    """What the rule of a programme moves of a year's payments at a score of the measures, 0-1."""
    ((rule, terms),) = signed.terms["payment_adjustment"].items()
    points = round(score * POINTS, DECIMALS)
    if rule == "mips":
        rate = mips_rate(terms, points)
        gain, loss = ("payer", "provider", "quality_payment"), ("provider", "payer", "quality_penalty")
        return moved(gain if rate > 0.0 else loss, signed, year, payments, abs(rate))
    if rule != "value_based_purchasing":
        raise ValueError(f"unknown programme {rule!r}")
    ledger: list[Transfer] = []
    for months, paid in payments.items():
        taken = number_of(terms, "withhold_rate") * paid
        ledger += posted(("provider", "payer", "withheld"), *months, taken, signed.payer)
    returned = ("payer", "provider", "withhold_returned")
    return ledger + moved(returned, signed, year, payments, incentive_rate(terms, points))
