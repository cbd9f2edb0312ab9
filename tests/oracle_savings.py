"""Second opinion on shared savings: benchmarks, spending, quality, and what is earned or owed."""

import math
from collections.abc import Sequence

import numpy as np

from oracle_care import Book
from oracle_earned import Dollars, earned, owed
from oracle_lines import growth, services_of
from oracle_panel import mean_recorded
from oracle_quality import quality_of
from oracle_quantiles import log_scale, normal_quantile, number_of, unit_log_normal
from oracle_random import F64, MARKET, Terms, shared_uniform
from oracle_response import mean_price
from oracle_terms import Signed
from oracle_transfers import Transfer, of_year, paid_for_episodes, seen_by, settled
from oracle_world import World, shock_levels

Ledger = Sequence[Transfer]


def spending_by_month(signed: Signed, book: Book, year: int) -> F64:
    """Dollars of a year on the basis of the contract, of who counts, shape (members, services, 12)."""
    care, counted = book.cares[year], book.world.panel[year].attributed & book.members_of(signed.payer)
    bases = {"allowed": care.allowed_by_member_month, "paid": care.paid_by_member_month}
    return np.asarray(bases[signed.terms["basis"]] * counted[:, np.newaxis, np.newaxis], dtype=np.float64)


def spending_by_member(signed: Signed, book: Book, year: int) -> F64:
    """The same by member, shape (members, services)."""
    return np.asarray(spending_by_month(signed, book, year).sum(axis=2), dtype=np.float64)


def care_spending(signed: Signed, book: Book, year: int) -> float:
    """Dollars of a year's care, all services, truncated member by member."""
    terms, truncation = signed.terms, number_of(signed.terms, "truncation", math.inf)
    if truncation < math.inf and terms.get("benchmark") is None and not terms.get("benchmark_truncated"):
        raise ValueError("truncated spending against a benchmark that was not truncated")
    return math.fsum(np.minimum(spending_by_member(signed, book, year).sum(axis=1), truncation))


def savings_spending(signed: Signed, book: Book, year: int, before: Ledger) -> float:
    """Dollars of a year that shared savings measures: its care, and what bundles before it paid for episodes."""
    paid = paid_for_episodes(signed.terms, of_year(seen_by(signed.payer, before), year))
    return care_spending(signed, book, year) + paid


# ---------------------------------------------------------------------------------------------------------
# Benchmarks
# ---------------------------------------------------------------------------------------------------------


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


def risk_ratio(signed: Signed, book: Book, benchmark: Terms, base: int, year: int) -> float:
    """Growth of the mean recorded risk score of who counts since a base year that a benchmark follows."""
    if not benchmark.get("risk_adjusted"):
        return 1.0
    panel, mine = book.world.panel, book.members_of(signed.payer)
    now, then = (mean_recorded(panel[each], panel[each].attributed & mine) for each in (year, base))
    return min(now / then, 1.0 + number_of(benchmark, "risk_score_cap", math.inf))


def base_years(spec: Terms, benchmark: Terms, year: int) -> list[int]:
    """Years that the benchmark of a performance year is computed from, the earliest first."""
    count = int(spec.get("base_years", 0))
    every = benchmark.get("rebase_every")
    shift = 0 if every is None else (year - 1) // int(every) * int(every)
    return [shift + 1 - back for back in range(count, 0, -1)]


def benchmark_pmpm(signed: Signed, book: Book, year: int, before: Ledger) -> float:
    """Dollars per member per month that a performance year is compared with."""
    benchmark = signed.terms.get("benchmark")
    if benchmark is None:
        return number_of(signed.terms, "benchmark_pmpm")
    bases = base_years(book.world.spec, benchmark, year)
    weights = benchmark.get("weights") or [1.0 / len(bases)] * len(bases)
    months = {each: book.member_months(each, signed.payer, counted=True) for each in (*bases, year)}
    parts = [
        float(weight)
        * savings_spending(signed, book, base, before)
        / months[base]
        * benchmark_trend(book.world, benchmark, base, year)
        * risk_ratio(signed, book, benchmark, base, year)
        for base, weight in zip(bases, weights, strict=True)
        if months[base] and months[year]  # a year without members adds nothing
    ]
    return math.fsum(parts)


# ---------------------------------------------------------------------------------------------------------
# Savings and losses
# ---------------------------------------------------------------------------------------------------------


def taken_off(terms: Terms, score: float) -> float:
    """What discount and quality withhold leave of a benchmark or a target, as a part of it."""
    withheld = number_of(terms, "quality_withhold_rate", 0.0)
    return (1.0 - number_of(terms, "discount_rate", 0.0)) * (1.0 - withheld * (1.0 - score))


def dollars_of(signed: Signed, book: Book, year: int, score: float, before: Ledger) -> Dollars:
    """Benchmark after what is taken off it, spending, members and revenue of a year."""
    months = book.member_months(year, signed.payer, counted=True)
    benchmark = benchmark_pmpm(signed, book, year, before) * months * taken_off(signed.terms, score)
    revenue = math.fsum(spending_by_member(signed, book, year)[:, book.own].sum(axis=1))
    return Dollars(benchmark, savings_spending(signed, book, year, before), months / 12, revenue)


def of_first_months(signed: Signed, book: Book, year: int, whole: Dollars) -> Dollars:
    """The same of the members and claims of the first months that an interim settlement looks at.

    The benchmark goes by member-months. What is spent above the truncation is known of a year alone: it counts in
    proportion to spending. What bundles pay is no part of it.
    """
    first = int(number_of(signed.terms, "interim_claims_months", 12))
    there = book.there(year, signed.payer, counted=True)
    spent = spending_by_month(signed, book, year).sum(axis=(0, 1))
    part = spent[:first].sum() / spent.sum() if spent.sum() else 0.0
    months = there[:, :first].sum() / there.sum() if there.sum() else 0.0
    spending = care_spending(signed, book, year) * part
    return whole._replace(benchmark=float(whole.benchmark * months), spending=float(spending))


def interim_settlement(signed: Signed, book: Book, year: int, whole: Dollars, terms: Terms) -> list[Transfer]:
    """What is paid before the final settlement, and taken back with it, by terms that know the score."""
    share = number_of(terms, "interim_share", 0.0)
    if share == 0.0:
        return []
    paid = share * earned(terms, of_first_months(signed, book, year, whole))
    early, late = number_of(terms, "interim_month"), number_of(terms, "settle_month", 21)
    ledger = settled(("payer", "provider", "interim_settlement"), year, early, paid, signed.payer)
    return ledger + settled(("provider", "payer", "interim_settlement"), year, late, paid, signed.payer)


def shared_savings(signed: Signed, book: Book, year: int, before: Ledger) -> list[Transfer]:
    """What is earned or owed of a year, what of it is paid before, and what goes on to participants."""
    score, payer = quality_of(signed.terms, book, year), signed.payer
    terms, whole = {**signed.terms, "quality_score": score}, dollars_of(signed, book, year, score, before)
    gain, loss = earned(terms, whole), owed(terms, whole)
    month = number_of(terms, "settle_month", 21)
    ledger = settled(("payer", "provider", "shared_savings"), year, month, gain, payer)
    ledger += settled(("provider", "payer", "shared_losses"), year, month, loss, payer)
    ledger += interim_settlement(signed, book, year, whole, terms)
    passed, borne = (number_of(terms, name, 0.0) for name in ("distributed_share", "recovered_share"))
    ledger += settled(("provider", "other_providers", "distribution"), year, month, passed * gain, payer)
    return ledger + settled(("other_providers", "provider", "distribution"), year, month, borne * loss, payer)
