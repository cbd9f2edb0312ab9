"""Second opinion on shared savings: benchmarks, spending, quality, and what is earned or owed."""

import math

import numpy as np

from oracle_care import Book
from oracle_lines import growth, services_of
from oracle_panel import mean_recorded
from oracle_quality import measure_share, rate_found
from oracle_quantiles import log_scale, normal_quantile, number_of, unit_log_normal
from oracle_random import F64, MARKET, Terms, shared_uniform
from oracle_response import mean_price, sharing_rates
from oracle_terms import Signed
from oracle_transfers import Transfer, settled, whole_cents
from oracle_world import World, shock_levels


def spending_by_member(signed: Signed, book: Book, year: int) -> F64:
    """Dollars of a year on the basis of the contract, of who counts, shape (members, services)."""
    care, counted = book.cares[year], book.world.panel[year].attributed & book.members_of(signed.payer)
    bases = {"allowed": care.allowed_by_member, "paid": care.paid_by_member}
    return np.asarray(bases[signed.terms["basis"]] * counted[:, np.newaxis], dtype=np.float64)


def savings_spending(signed: Signed, book: Book, year: int) -> float:
    """Dollars of a year that shared savings measures, all services, truncated member by member."""
    terms, truncation = signed.terms, number_of(signed.terms, "truncation", math.inf)
    if truncation < math.inf and terms.get("benchmark") is None and not terms.get("benchmark_truncated"):
        raise ValueError("truncated spending against a benchmark that was not truncated")
    return math.fsum(np.minimum(spending_by_member(signed, book, year).sum(axis=1), truncation))


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


def benchmark_pmpm(signed: Signed, book: Book, year: int) -> float:
    """Dollars per member per month that a performance year is compared with."""
    benchmark = signed.terms.get("benchmark")
    if benchmark is None:
        return number_of(signed.terms, "benchmark_pmpm")
    bases = base_years(book.world.spec, benchmark, year)
    weights = benchmark.get("weights") or [1.0 / len(bases)] * len(bases)
    months = {each: book.member_months(each, signed.payer, counted=True) for each in (*bases, year)}
    parts = [
        float(weight)
        * savings_spending(signed, book, base)
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


def earned_and_owed(
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


def shared_savings(signed: Signed, book: Book, year: int) -> list[Transfer]:
    """What is earned or owed of a year, and what goes on to participants."""
    score, payer = quality_of(signed.terms, book, year), signed.payer
    terms = {**signed.terms, "quality_score": score}
    months = book.member_months(year, payer, counted=True)
    benchmark = benchmark_pmpm(signed, book, year) * months
    benchmark *= 1.0 - number_of(terms, "discount_rate", 0.0)
    benchmark *= 1.0 - number_of(terms, "quality_withhold_rate", 0.0) * (1.0 - score)
    revenue = math.fsum(spending_by_member(signed, book, year)[:, book.own].sum(axis=1))
    earned, owed = earned_and_owed(terms, benchmark, savings_spending(signed, book, year), months / 12, revenue)
    month = number_of(terms, "settle_month", 21)
    ledger = settled(("payer", "provider", "shared_savings"), year, month, earned, payer)
    ledger += settled(("provider", "payer", "shared_losses"), year, month, owed, payer)
    passed, borne = (number_of(terms, name, 0.0) for name in ("distributed_share", "recovered_share"))
    ledger += settled(("provider", "other_providers", "distribution"), year, month, passed * earned, payer)
    return ledger + settled(("other_providers", "provider", "distribution"), year, month, borne * owed, payer)
