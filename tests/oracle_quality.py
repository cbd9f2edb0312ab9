"""Second opinion on pay for quality: scores of measures, and what a score earns and owes."""

import math
from collections.abc import Mapping, Sequence

from oracle_care import Book
from oracle_health import found
from oracle_programmes import programme
from oracle_quantiles import number_of
from oracle_random import Terms
from oracle_terms import Signed
from oracle_transfers import Transfer, of_year, paid_by_months, posted, seen_by, settled

Rungs = Sequence[tuple[float, float]]
DECIMALS = 9  # to which a score meets a rung


def rungs_of(given: Sequence[Terms], drift: float = 0.0) -> Rungs:
    """Rungs as pairs of a value and what it gives, moved by a drift."""
    return [(float(rung["from"]) + drift, float(rung["gives"])) for rung in given]


def on_ladder(value: float, rungs: Rungs, *, straight: bool) -> float:
    """What rungs that rise give at a value: of the highest reached, or what lies between two; nothing below all."""
    reached = [k for k, (start, _) in enumerate(rungs) if round(value, DECIMALS) >= round(start, DECIMALS)]
    if not reached:
        return 0.0
    low, gives = rungs[reached[-1]]
    if not straight or reached[-1] + 1 == len(rungs):
        return gives
    high, gives_there = rungs[reached[-1] + 1]
    return gives + (gives_there - gives) * (value - low) / (high - low)


def on_falling_ladder(score: float, rungs: Rungs, *, straight: bool) -> float:
    """What a penalty's rungs give: all of a rung's share up to its score, or what lies between; nothing above all."""
    ahead = [k for k, (end, _) in enumerate(rungs) if round(score, DECIMALS) <= round(end, DECIMALS)]
    if not ahead:
        return 0.0
    high, gives = rungs[ahead[0]]
    if not straight or ahead[0] == 0:
        return gives
    low, gives_there = rungs[ahead[0] - 1]
    return gives_there + (gives - gives_there) * (score - low) / (high - low)


# ---------------------------------------------------------------------------------------------------------
# Measures
# ---------------------------------------------------------------------------------------------------------


def counts_of(book: Book, name: str, year: int) -> tuple[int, int]:
    """Members who meet a measure and who are eligible in a year; none in a year that is not simulated."""
    if year not in book.cares:
        return 0, 0
    return found(book.world, book.columns, book.arm_index, year)[name]


def rate_found(book: Book, name: str, year: int) -> float | None:
    """The rate found of a measure in a year, None without eligible members."""
    met, eligible = counts_of(book, name, year)
    return met / eligible if eligible else None


def own_share(book: Book, name: str, rate: float, year: int) -> float:
    """What a measure's own benchmarks, which drift, make of its rate."""
    (scoring,) = [each["scoring"] for each in book.world.spec["measures"] if each["name"] == name]
    better = 1.0 - rate if scoring.get("inverse") else rate
    rungs = rungs_of(scoring["benchmarks"], number_of(scoring, "drift", 0.0) * (year - 1))
    return on_ladder(better, rungs, straight=True)


def improvement(rate: float, baseline: float | None, target: float, part: float | None) -> float:
    """What closing a part of the gap from the baseline to the target earns; better is more, no better is nothing."""
    if part is None or baseline is None or rate <= baseline:
        return 0.0
    return 1.0 if rate >= target else min((rate - baseline) / (part * (target - baseline)), 1.0)


def measure_share(book: Book, measure: Terms, year: int) -> float:
    """The share that a measure with eligible members earns in a year, 0-1."""
    name, ladder = measure["name"], measure.get("ladder")
    rate, baseline = rate_found(book, name, year), rate_found(book, name, year - 1)
    if rate is None:
        raise ValueError(f"nobody is eligible for {name!r}")
    if ladder is None:
        return own_share(book, name, rate, year)
    rungs = rungs_of(ladder["ladder"])
    sign = -1.0 if rungs[-1][0] < rungs[0][0] else 1.0  # less is better where performances fall
    rungs = [(sign * start, gives) for start, gives in rungs]
    achieved = on_ladder(sign * rate, rungs, straight=ladder["straight_line"])
    part = None if ladder.get("improvement") is None else number_of(ladder, "improvement")
    before = None if baseline is None else sign * baseline
    return max(achieved, improvement(sign * rate, before, rungs[-1][0], part))


def weight_of(book: Book, measure: Terms) -> float:
    """The weight of a measure: that of the contract, or else its own."""
    (scoring,) = [each["scoring"] for each in book.world.spec["measures"] if each["name"] == measure["name"]]
    return number_of(measure, "weight", number_of(scoring, "weight", 1.0))


def measures_of(signed: Signed, book: Book) -> list[Terms]:
    """The measures that a contract pays for, all of the study unless it names some."""
    return list(signed.terms.get("measures") or [{"name": each["name"]} for each in book.world.spec["measures"]])


def score_of(signed: Signed, book: Book, year: int) -> float:
    """The score of a year: shares by weight, of measures that count."""
    terms = signed.terms
    least = int(number_of(terms, "minimum_eligible", 1))
    counts = [each for each in measures_of(signed, book) if counts_of(book, each["name"], year)[1] >= least]
    if not counts or len(counts) < int(number_of(terms, "minimum_measures", 1)):
        return 0.0
    weights = [weight_of(book, each) for each in counts]
    shares = [measure_share(book, each, year) for each in counts]
    total = math.fsum(weights)
    return math.fsum(w * s for w, s in zip(weights, shares, strict=True)) / total if total else 0.0


def quality_of(terms: Terms, book: Book, year: int) -> float:
    """The score of a year: as given, or the mean by weight of the scores of measures that have eligible members."""
    names = terms.get("quality_measures") or []
    if not names:
        return number_of(terms, "quality_score", 1.0)
    measures = {each["name"]: each for each in book.world.spec["measures"]}
    counts = [name for name in names if rate_found(book, name, year) is not None]
    weights = {name: number_of(measures[name]["scoring"], "weight") for name in counts}
    total = math.fsum(weights.values())
    shares = (weights[name] * measure_share(book, {"name": name}, year) for name in counts)
    return math.fsum(shares) / total if total else 0.0


# ---------------------------------------------------------------------------------------------------------
# Dollars
# ---------------------------------------------------------------------------------------------------------


def pay_for_performance(signed: Signed, book: Book, year: int, before: Sequence[Transfer]) -> list[Transfer]:
    """What the score of the year, or of so many years before, moves of a year's payments."""
    by_months = paid_by_months(of_year(seen_by(signed.payer, before), year), ["claim", "capitation"])
    score = score_of(signed, book, year - int(number_of(signed.terms, "lag_years", 0)))
    if signed.terms.get("payment_adjustment") is not None:
        return programme(signed, year, by_months, score)
    return own_design(signed, book, year, by_months, score)


def own_design(
    signed: Signed, book: Book, year: int, by_months: Mapping[tuple[int, int], float], score: float
) -> list[Transfer]:
    """What is withheld and returned, bonus, dollars for members who meet a measure, and penalty."""
    terms, payer = signed.terms, signed.payer
    straight, payments = bool(terms["straight_line"]), math.fsum(by_months.values())
    ledger: list[Transfer] = []
    for months, paid in by_months.items():
        kept = number_of(terms, "withhold_rate", 0.0) * paid
        ledger += posted(("provider", "payer", "withheld"), *months, kept, payer)
    share = on_ladder(score, rungs_of(terms["ladder"]), straight=straight)
    pool = number_of(terms, "bonus_pmpm", 0.0) * book.member_months(year, payer)
    pool += number_of(terms, "bonus_rate", 0.0) * payments
    each = terms.get("dollars_per_member") or {}
    met = math.fsum(float(dollars) * counts_of(book, name, year)[0] for name, dollars in each.items())
    owed = on_falling_ladder(score, rungs_of(terms["penalty_ladder"]), straight=straight)
    penalty = owed * number_of(terms, "penalty_rate", 0.0) * payments
    returned = share * number_of(terms, "withhold_rate", 0.0) * payments
    month = number_of(terms, "settle_month", 21)
    ledger += settled(("payer", "provider", "withhold_returned"), year, month, returned, payer)
    ledger += settled(("payer", "provider", "quality_payment"), year, month, share * pool + met, payer)
    return ledger + settled(("provider", "payer", "quality_penalty"), year, month, penalty, payer)
