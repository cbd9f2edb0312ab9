"""Contracts of random arrangements: base payments that divide the services, and what stands on them."""

import atrisk as ar
from arrangement_bundle_terms import corridor_of_payer, savings, taken_off
from arrangement_panel import LINES, OWN

WAYS = ("fee", "capitation", "retainer", "flat", "none")


def base(random):
    """Divide the services of a payer over base payments; what none has stays with the payer at its price.

    Returns the contracts and how each service is paid for, with the level of its fee or the dollars of a visit.
    """
    how = {name: random.pick(WAYS if name in OWN else ("capitation", "none", "none")) for name, *_ in LINES}
    level, visit = random.between(0.5, 1.5), random.between(20, 90)
    levels = {"fee": level, "flat": visit}
    scope = {way: [name for name in how if how[name] == way] for way in WAYS}
    contracts = []
    if scope["fee"]:
        contracts.append(ar.FeeForService(fee_level=level, scope=scope["fee"]))
    if scope["capitation"]:
        lag = int(random.random.integers(4))
        pmpm = random.between(50, 300)
        contracts.append(ar.Capitation(pmpm=pmpm, scope=scope["capitation"], claims_lag_months=lag))
    if scope["retainer"]:
        retainer, sponsor = random.between(20, 90), random.between(0, 1)
        contracts.append(ar.DirectPrimaryCare(retainer_pmpm=retainer, scope=scope["retainer"], sponsor_share=sponsor))
    if scope["flat"]:
        contracts.append(ar.CareManagementFee(pmpm=5, flat_visit_fee=visit, visit_scope=scope["flat"]))
    return contracts, {name: (way, levels.get(way, 1.0)) for name, way in how.items()}


def riders(random, *, capitated, apart):
    """Return riders of one payer, of which some are taken; `apart`: none may count what bundles pay."""
    found = [
        ar.CareManagementFee(pmpm=random.between(1, 20), prepaid_incentive_pmpm=2, incentive_earned_share=0.5),
        cover(random),
        savings(random, apart=apart),
        ar.Sequestration(rates=0.02),
        ar.PayForPerformance(
            withhold_rate=0.02, bonus_pmpm=3, penalty_rate=0.03, lag_years=int(random.random.integers(3))
        ),
        programme(random),
        ar.Withhold(withhold_rate=0.1, returned_share=0.7, target_pmpm=random.between(50, 300)),
        ar.AdvancePayment(amount=random.between(10, 9_000)),
        corridor_of_payer(random, apart=apart),
    ]
    if capitated:
        bands = ((0.03, 0.08, 0.5), (0.08, None, 0.8))
        found.append(ar.RiskCorridor(losses=bands, target_pmpm=random.between(50, 300), **taken_off(random)))
        found.append(ar.MedicalLossRatioRebate(standard=0.85))
    else:
        found.append(ar.RiskPool(budget_pmpm=random.between(50, 300), surplus_share=0.5, deficit_share=0.3))
    return found


def cover(random):
    """Return a specific cover, now and then of claims that are paid in time alone."""
    late = {"basis": f"12/{random.random.integers(12, 19)}", "payment_lag_months": int(random.random.integers(12))}
    return ar.StopLoss(
        attachment_point=random.between(100, 9_000),
        ceded_share=0.8,
        premium_pmpm=random.between(1, 30),
        **(late if random.chance(0.5) else {}),
    )


def programme(random):
    """Return a programme of Medicare that moves payments by a score."""
    lag = {"lag_years": int(random.random.integers(3))}
    if random.chance(0.5):
        slope = random.between(1, 4)
        return ar.PayForPerformance.value_based_purchasing(fiscal_year=2024, slope=slope, **lag)
    year = int(random.pick([2019, 2021, 2022, 2025]))
    scaled = {"scaling_factor": random.between(0, 3)} | ({"exceptional_scaling_factor": 0.5} if year < 2025 else {})
    return ar.PayForPerformance.mips(payment_year=year, **scaled, **lag)


def of_all(random):
    """Return riders with all payers, of which some are taken; what counts bundles of payers sees all of them."""
    return [
        ar.StopLoss(kind="aggregate", attachment_point=random.between(10_000, 90_000), premium_pmpm=2),
        savings(random, apart=False),
        ar.Investment(amount=random.between(100, 9_000), month=3, life_months=int(random.random.integers(1, 40))),
        ar.AdministrativeCost(per_year=random.between(0, 999), pmpm=1, hours_per_measure=3, hourly_cost=40),
        ar.RepaymentMechanism(form="escrow", amount=random.between(10, 999)),
    ]
