"""The benchmark in floating point, written from the regulation and not from the package."""

import numpy as np

KINDS = ["esrd", "disabled", "aged_dual", "aged_non_dual"]
WEIGHT_CHEAPER = [0, 0.35, 0.5, 0.5, 0.5]
WEIGHT_DEARER = [0, 0.15, 0.25, 0.35, 0.5]


def benchmark_by_hand(facts, start, number=1):
    """Historical, adjusted and updated benchmark of an agreement that starts in a year."""
    of = {name: value if isinstance(value, dict) else dict.fromkeys(KINDS, value) for name, value in facts.items()}
    base = of["person_years_base_year_3"]
    historical = {kind: historical_of(of, kind, number) for kind in KINDS}
    regional = regional_of(of, facts, historical, start)
    flat = flat_adjustment(of, facts, weighted(regional, base), start)
    adjusted = {kind: historical[kind] + (regional[kind] if flat is None else flat) for kind in KINDS}
    dollars = {kind: adjusted[kind] * of["person_years"][kind] for kind in KINDS}
    at_risk = {kind: dollars[kind] * risk for kind, risk in risk_of(of, dollars, start).items()}
    updates = {kind: update_of(of, facts, kind, start) for kind in KINDS}
    return {
        "historical_benchmark_all": weighted(historical, base),
        "adjusted_benchmark_all": weighted(adjusted, base),
        "updated_benchmark_total": sum(at_risk[kind] * updates[kind][0] for kind in KINDS),
        "two_way_benchmark_total": sum(at_risk[kind] * updates[kind][1] for kind in KINDS),
    }


def weighted(values, weights):
    total = sum(weights.values())
    return sum(weights[kind] * values[kind] for kind in KINDS) / total if total else 0.0


def historical_of(of, kind, number):
    own = of["market_share_base_year_3"][kind]
    spent = 0.0
    for year, weight in zip((1, 2, 3), (0.1, 0.3, 0.6) if number == 1 else (1 / 3, 1 / 3, 1 / 3), strict=True):
        at_year_3 = of[f"per_capita_base_year_{year}"][kind]
        if year < 3:
            national = of[f"national_trend_base_year_{year}"][kind]
            local = of[f"regional_trend_base_year_{year}"][kind]
            at_year_3 *= own * national + (1 - own) * local
            at_year_3 *= of["risk_score_base_year_3"][kind] / of[f"risk_score_base_year_{year}"][kind]
        spent += weight * at_year_3
    return spent


def regional_of(of, facts, historical, start):
    base = of["person_years_base_year_3"]
    gap = {kind: of["regional_per_capita"][kind] - historical[kind] for kind in KINDS}
    part = (WEIGHT_CHEAPER if weighted(gap, base) > 0 else WEIGHT_DEARER)[min(int(facts["regional_adjustments"]), 4)]
    spending = {kind: base[kind] * of["per_capita_base_year_3"][kind] for kind in KINDS}
    risk = weighted(of["risk_score_base_year_3"], spending)
    offset = min(1, max(0, facts["dual_share_base_year_3"] + risk - 1)) if start >= 2024 else 0
    adjustment = {}
    for kind in KINDS:
        national = of["national_per_capita"][kind]
        lowest = -(0.015 if start >= 2024 else 0.05) * national
        capped = min(max(part * gap[kind], lowest), 0.05 * national)
        adjustment[kind] = capped * (1 - offset) if capped < 0 else capped
    return adjustment


def flat_adjustment(of, facts, regional, start):
    """Dollars for every type, None where the regional adjustment is applied."""
    if start < 2024:
        return None
    ceiling = 0.05 * weighted(of["national_per_capita"], of["person_years_base_year_3"])
    saved = sum(facts[f"prior_savings_year_{year}"] for year in (1, 2, 3)) / 3
    prior = min(ceiling, max(0, 0.5 * saved * facts["prior_savings_proration"]))
    population = 0
    if start >= 2025 and facts["low_income_share"] >= 0.15:
        population = facts["low_income_share"] * (ceiling - max(regional, prior, 0))
    best = max(regional, prior, population)
    return None if best == regional and best > 0 else max(best, 0)


def risk_of(of, dollars, start):
    growth = {kind: of["risk_score"][kind] / of["risk_score_base_year_3"][kind] for kind in KINDS}
    ageing = {kind: of["demographic_score"][kind] / of["demographic_score_base_year_3"][kind] for kind in KINDS}
    cap = 1.03
    if start >= 2024:
        cap = weighted(ageing, dollars) + 0.03
        cap = cap if weighted(growth, dollars) > cap else np.inf
    return {kind: min(growth[kind], cap) for kind in KINDS}


def update_of(of, facts, kind, start):
    """Update with and without the prospective trend."""
    local = of["regional_trend"][kind]
    room = facts["regional_demographic_growth_all"] + 0.03
    cap = room + facts["market_share_all"] * max(0, facts["regional_risk_growth_all"] - room)
    if start >= 2024 and facts["regional_risk_growth_all"] > cap:
        local *= max(1, of["regional_risk_growth"][kind] / cap)
    own = of["market_share"][kind]
    two_way = own * of["national_trend"][kind] + (1 - own) * local
    return (two_way * 2 / 3 + of["prospective_trend"][kind] / 3 if start >= 2024 else two_way), two_way
