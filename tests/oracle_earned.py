"""Second opinion on what a year of shared savings earns or owes, from its dollars and what is known of the provider."""

from typing import NamedTuple

from oracle_quantiles import number_of
from oracle_random import Terms
from oracle_terms import limit_of
from oracle_transfers import whole_cents


class Standing(NamedTuple):
    """What is known of the provider beside its dollars."""

    standard: bool = True  # whether it meets the quality standard
    alternative: bool = False  # whether it meets the alternative standard
    low_revenue: bool = False


#: In a study the standard is met, and revenue is not low.
MET = Standing()


class Dollars(NamedTuple):
    """A year, or the first months of one."""

    benchmark: float
    spending: float
    members: float = 0.0  # that minimum rates by members and reduced sharing look at
    revenue: float | None = None  # None: losses have no limit by revenue


# ---------------------------------------------------------------------------------------------------------
# Rates
# ---------------------------------------------------------------------------------------------------------


def part_by_quality(terms: Terms, standing: Standing) -> float:
    """What quality leaves of the sharing rate."""
    score = number_of(terms, "quality_score", 1.0)
    reached = 1.0 if standing.standard else 0.0
    rule = terms.get("quality_rule") or "none"
    if rule == "full_or_alternative" and standing.alternative and not standing.standard:
        return score
    parts = {
        "none": 1.0,
        "times_score": score * reached,
        "all_or_nothing": reached,
        "full_or_alternative": reached,
    }
    return parts[rule]


def loss_rate_of(terms: Terms, standing: Standing) -> float:
    """The share of losses, by quality where the terms say so: the most of it where no standard is met."""
    if terms.get("loss_rate_by_quality") is None:
        return number_of(terms, "loss_rate", 0.0)
    least, most = map(float, terms["loss_rate_by_quality"])
    either = terms.get("quality_rule") == "full_or_alternative" and standing.alternative
    if not standing.standard and not either:
        return most
    by_quality = 1.0 - number_of(terms, "sharing_rate") * number_of(terms, "quality_score", 1.0)
    return min(max(by_quality, least), most)


def sharing_rates(terms: Terms, standing: Standing) -> tuple[float, float]:
    """The shares of savings and of losses after quality."""
    return number_of(terms, "sharing_rate") * part_by_quality(terms, standing), loss_rate_of(terms, standing)


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


def part_below_minimum(terms: Terms, members: float, standing: Standing) -> float:
    """What is left of the sharing rate for savings that do not reach the minimum."""
    if terms.get("reduced_sharing") is None or not standing.low_revenue:
        return 0.0
    factor, least = map(float, terms["reduced_sharing"])
    return factor if members >= least else 0.0


# ---------------------------------------------------------------------------------------------------------
# Dollars
# ---------------------------------------------------------------------------------------------------------


def earned(terms: Terms, year: Dollars, standing: Standing = MET) -> float:
    """Dollars of savings that the provider gets."""
    savings = year.benchmark - year.spending
    if whole_cents(savings) <= 0.0:
        return 0.0
    share = sharing_rates(terms, standing)[0]
    minimum = minimum_rate(terms, "minimum_savings_rate", year.members) * year.benchmark
    if whole_cents(savings) < whole_cents(minimum):
        share *= part_below_minimum(terms, year.members, standing)
    limit = limit_of(terms, "payment_limit_rate", year.benchmark)
    return min(share * savings * (1.0 - number_of(terms, "sequestration_rate", 0.0)), limit)


def owed(terms: Terms, year: Dollars, standing: Standing = MET) -> float:
    """Dollars of losses that the provider pays."""
    losses = year.spending - year.benchmark
    minimum = minimum_rate(terms, "minimum_loss_rate", year.members) * year.benchmark
    if whole_cents(losses) <= 0.0 or whole_cents(losses) < whole_cents(minimum):
        return 0.0
    limit = limit_of(terms, "loss_limit_rate", year.benchmark)
    if terms.get("loss_limit_revenue_rate") is not None and year.revenue is not None:
        limit = min(limit, number_of(terms, "loss_limit_revenue_rate") * year.revenue)
    return min(sharing_rates(terms, standing)[1] * losses, limit)
