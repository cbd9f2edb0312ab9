"""Bundles of random arrangements, and the savings and corridors that count what bundles pay."""

import atrisk as ar
from arrangement_panel import LINES

#: Services of a bundle of operations whose windows are known from the months of claims alone, nearly always.
KNOWN = (
    *(("surgery",), ("surgery", "complications"), ("surgery", "complications"), ("complications",)),
    ("complications", "controls"),
)
#: Those of a bundle of a condition, whose windows mostly are whole years.
OF_CONDITION = (None, None, ("stays", "visits", "crises", "drugs"), ("controls", "crises"))
#: Services whose events come to thousands.
DEAR = {"surgery", "stays"}
KINDS = (("surgery",), ("surgery",), ("chronic",), ("chronic",), ("chronic", "surgery"))


def bundles(random, *, attribution):
    """Return no bundle, one, two of a kind each, or one of those attributed and one of the others."""
    if random.chance(0.3):
        return []
    if attribution and random.chance(0.6):
        kinds = random.pick(KINDS)
        return [bundle(random, kinds, excludes_attributed=others) for others in random.pick([(True,), (False, True)])]
    if random.chance(0.3):
        return [bundle(random, ("surgery",)), bundle(random, ("chronic",))]
    return [bundle(random, random.pick(KINDS))]


def bundle(random, kinds, **terms):
    """Return a bundle of some kinds of episodes, reconciled or paid beforehand."""
    of_operations = "surgery" in kinds
    services = random.pick((None, *KNOWN) if of_operations else OF_CONDITION)
    terms |= {"episodes": kinds, "discount": random.between(0, 0.1)}
    size = 1.0 if services is None or DEAR & set(services) else 0.06
    terms |= {"target_price": {kind: random.between(1_000 * size, 9_000 * size) for kind in kinds}}
    if services is not None:
        terms["services"] = services
    if random.chance(0.3):
        terms["settle_month"] = 18
    if random.chance(0.4):
        terms["target_multipliers"] = random.pick([{"sex": {"female": 1.15, "male": 0.8}}, {"risk_score": 0.3}])
    if random.chance(0.35):
        weights = random.pick([None, (0.25, 0.75)])
        terms["baseline"] = ar.EpisodeBaseline(
            weights=weights, trend=random.between(-0.05, 0.1), own_share=random.pick([0.5, 1])
        )
    if random.chance(0.5):
        return ar.EpisodeBundle(kind="prospective", **terms, **beforehand(random, kinds, services, size))
    return ar.EpisodeBundle(**terms, **afterwards(random, kinds, services, size))


def afterwards(random, kinds, services, size):
    """Return terms of a reconciliation; where months do not tell what is in windows, each counts for the same."""
    terms = {"sharing_rate": random.between(0, 1), "loss_rate": random.between(0, 1)}
    most = {kind: random.between(3_000 * size, 12_000 * size) for kind in kinds}
    if "surgery" in kinds and services is None:
        terms |= {"truncate_at": most, "raise_to": {"surgery": most["surgery"]}}
    elif random.chance(0.5):
        terms["truncate_at"] = most
        if kinds == ("surgery",):
            terms["raise_to"] = random.between(100 * size, 2_999 * size)
    terms |= dict(random.some([("stop_gain_rate", 0.3), ("stop_loss_rate", 0.2)], 0.4))
    terms |= dict(random.some([("minimum_savings_rate", 0.2), ("minimum_loss_rate", 0.3)], 0.4))
    if random.chance(0.4):
        score = {"best_score": 20, "quality_score": random.between(0, 20), "least_quality": 5}
        terms |= score | {"quality_gain_cut": 0.2, "quality_loss_cut": 0.3}
    if kinds == ("surgery",) and services is not None and random.chance(0.75):
        terms["post_episode_threshold"] = random.between(0, 400)
        terms["post_episode_days"] = random.pick([30, 90, 320, 320])
    return terms


def beforehand(random, kinds, services, size):
    """Return terms of a price that is paid before: stop-loss of cases and of all, its premium, and a warranty."""
    terms = {}
    if random.chance(0.6):
        terms["case_attachment"] = {kind: random.between(500 * size, 9_000 * size) for kind in kinds}
        terms["case_ceded_share"] = random.between(0.3, 1)
    if random.chance(0.4):
        terms["aggregate_attachment_rate"] = random.between(0.3, 1.3)
    if terms and random.chance(0.7):
        terms["stop_loss_premium"] = random.between(10, 300)
    readmissions = [
        name for name in ("complications", "stays", "crises", "controls") if services is None or name in services
    ]
    if readmissions and random.chance(0.5):
        terms["warranty_share"] = random.between(0, 0.9)
        terms["readmission_services"] = readmissions[: random.pick([1, 2])]
    return terms


def taken_off(random):
    """Return what is taken off a benchmark or target."""
    score = {"quality_score": random.between(0, 1)}
    return score | {"discount_rate": random.between(0, 0.1), "quality_withhold_rate": random.between(0.01, 0.1)}


def overlap(random, *, apart):
    """Return whether what bundles pay is counted; where it cannot be seen it is not."""
    return {"episode_payments": "apart" if apart else random.pick(["counted", "counted", "apart"])}


def savings(random, *, apart):
    """Return two-sided shared savings: an interim settlement, a truncation, or a benchmark of base years at times."""
    terms = {"benchmark_pmpm": random.between(100, 900)}
    extra = random.random.integers(4)
    if extra == 0:
        terms |= {"interim_share": random.between(0.1, 1), "interim_month": int(random.random.integers(13, 21))}
        terms["interim_claims_months"] = int(random.random.integers(1, 13))
    elif extra == 1:
        terms |= {"truncation": random.between(2_000, 20_000), "benchmark_truncated": True}
    elif extra == 2:
        rebased = random.pick([None, 1])
        terms = {
            "benchmark": ar.Benchmark(
                trend="prospective", trend_rate=random.between(-0.1, 0.2), weights=(0.4, 0.6), rebase_every=rebased
            )
        }
    return ar.SharedSavings(
        **terms,
        sharing_rate=0.5,
        loss_rate=0.4,
        basis=random.pick(["allowed", "paid"]),
        distributed_share=random.between(0, 0.5),
        recovered_share=random.between(0, 0.5),
        quality_rule=random.pick(["none", "times_score", "all_or_nothing", "full_or_alternative"]),
        reduced_sharing=(0.5, 1) if random.chance(0.5) else None,
        **taken_off(random),
        **overlap(random, apart=apart),
    )


def corridor_of_payer(random, *, apart):
    """Return a corridor about what the payer bears, of which the provider takes shares."""
    bands = ((0.02, 0.1, 0.5), (0.1, None, 0.75))
    target = random.between(100, 900)
    return ar.RiskCorridor(
        losses=bands, share_of="provider", target_pmpm=target, **taken_off(random), **overlap(random, apart=apart)
    )


#: What is left of a dollar that a service is allowed once its members have paid their part.
PAID_SHARE = {line[0]: 1.0 - line[4] for line in LINES}
