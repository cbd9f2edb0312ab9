"""Random arms in which every contract appears, with one payer and with several, for the twin to settle too."""

import numpy as np
import pandas as pd

import atrisk as ar
from rider_order import put_in_order

PAYERS = ("Commercial", "Medicaid", "Medicare")
MEASURES = [
    ar.Measure("checked", rate=0.6, sd_between=0.1, benchmarks=(0.4, 0.6, 0.9), drift=0.02, weight=2),
    ar.Measure("readmitted", rate=0.2, inverse=True, depends_on={"visits": 0.3}),
    ar.Measure("assessed", rate=0.4, eligible={"age": (65, 120)}),
]
#: Accounts between payer and provider that withholds and sequestrations may look at.
ACCOUNTS = ("claim", "capitation", "care_management_fee", "sequestered", "withheld", "quality_payment")
EARNINGS = ("shared_savings", "quality_payment", "corridor_receipt", "pool_surplus", "withhold_returned")
OWN, OTHERS = ("tests", "therapy", "visits"), ("drugs", "stays")
BANDS = ((0.0, 0.03, 0.25), (0.03, 0.2, 0.5), (0.3, None, 0.8))


def make_people(members=60, seed=3, *, earliest=-1, **moves):
    """Members of three payers who come and go, of all ages."""
    rng = np.random.default_rng(seed)
    entry = rng.integers(earliest, 3, members)
    moves = {
        "enrolment": ar.Enrolment(lapse_rate=0.01, death_rate={0: 0.001, 65: 0.01}, last_year_relativity=2),
        "attribution": ar.Attribution(share=0.7, turnover=0.2),
        "risk_scores": ar.RiskScores(coding_growth=0.03, noise_cv=0.2, new_member_score=0.9),
    } | moves
    frame = {
        "age": rng.integers(1, 95, members),
        "sex": rng.choice(["female", "male"], members),
        "risk_score": rng.gamma(4.0, 0.25, members).round(3),
        "payer": np.r_[PAYERS, rng.choice(PAYERS, members - 3)],
        "entry_year": entry,
        "entry_month": rng.integers(1, 13, members),
        "exit_year": np.maximum(entry + 1, rng.integers(1, 5, members)),
        "exit_month": rng.integers(1, 13, members),
    }
    return ar.Population.from_frame(pd.DataFrame(frame), **moves)


def make_lines():
    """Care of the provider and of others, some of it out of network."""
    return [
        ar.Service("drugs", per_1000=3_000, allowed=70.0, coinsurance=0.25, delivered_by="other_providers"),
        ar.Service("stays", per_1000=300, allowed=ar.LogNormal(mean=6_000, cv=0.9), delivered_by="other_providers"),
        ar.Service("tests", per_1000=1_500, allowed=40.0, own_cost=21, coinsurance=0.1),
        ar.Service("therapy", per_1000=900, allowed=ar.Gamma(mean=150, cv=0.4), own_cost=90, out_of_network_rate=0.2),
        ar.Service("visits", per_1000=3_000, allowed=ar.Gamma(mean=110, cv=0.5), own_cost=64, coinsurance=0.2),
    ]


def make_billed_care(**other):
    """Care whose bills are denied, unpaid and late, and whose members pay in the order of their claims."""
    collections = {
        "Commercial": ar.Collections(denial_rate=0.08, bad_debt_rate=0.3, days_to_pay=75, billing_cost=4),
        "Medicare": ar.Collections(denial_rate=0.03, days_to_pay=30),
    }
    sharing = {"Commercial": ar.CostSharing(deductible=300, copay={"visits": 15}, out_of_pocket_maximum=2_000)}
    terms = {"services": make_lines(), "frailty_cv": 0.6, "fixed_cost_per_month": 300.0, "collections": collections}
    return ar.Utilization(**terms | {"cost_sharing": sharing} | other)


class Arms:
    """Arms of a study at random, from a fixed seed; every other one has no deductible, so that claims may be late."""

    def __init__(self, number, *, years=2):
        self.random = np.random.default_rng([2027, number])
        self.years = years
        self.deductible = number % 2 == 0

    def between(self, low, high, digits=2):
        return round(float(self.random.uniform(low, high)), digits)

    def chance(self, p):
        return bool(self.random.random() < p)

    def some(self, names):
        """Return some of the names, at least one."""
        chosen = [name for name in names if self.chance(0.5)]
        return chosen or [str(self.random.choice(names))]

    def month(self):
        return int(self.random.integers(1, 12 * self.years + 1))

    def settle_month(self):
        return int(self.random.integers(12, 61))

    def arm(self):
        """Return an arm with all payers, or with each of them; now and then with interest at its end."""
        if self.chance(0.6):
            payers = {payer: self.with_riders() for payer in PAYERS}
            common = [self.rider(capitated=False, pools=False) for _ in range(self.random.integers(0, 3))]
        else:
            payers, common = None, self.with_riders()
        common = put_in_order(common)
        if self.chance(0.5):
            rates = {"credit_rate": self.between(0, 0.2), "deposit_rate": self.between(0, 0.05)}
            common.append(ar.Financing(**rates, opening_cash=self.between(-9_000, 9_000)))
        return ar.Arm(common, payers=payers)

    def with_riders(self):
        """Return base payments and what looks at them, mostly after them."""
        bases, borne = self.bases()
        pools = any(way != "capitation" for way in borne.values())
        capitated = "capitation" in borne.values()
        contracts = bases + [self.rider(capitated=capitated, pools=pools) for _ in range(self.random.integers(1, 5))]
        return put_in_order(contracts[::-1] if self.chance(0.1) else contracts)

    def bases(self):
        """Divide the services over base payments; what none has stays with the payer at its price."""
        if self.chance(0.25):
            return [ar.FeeForService(fee_level=self.between(0.7, 1.3))], dict.fromkeys(OWN + OTHERS, "fee")
        ways = {name: str(self.random.choice(["fee", "capitation", "retainer", "flat", "none"])) for name in OWN}
        ways |= {name: str(self.random.choice(["capitation", "none"])) for name in OTHERS}
        of = {way: [name for name in ways if ways[name] == way] for way in set(ways.values())}
        made = {"fee": self.fees, "capitation": self.capitation, "retainer": self.retainer, "flat": self.visits}
        return [made[way](of[way]) for way in made if way in of], ways

    def fees(self, names):
        return ar.FeeForService(fee_level=self.between(0.7, 1.3), scope=names)

    def capitation(self, names):
        how = self.random.integers(3)
        terms = {"pmpm": self.between(50, 300), "trend": self.between(-0.05, 0.05)}
        if how == 0:
            age = int(self.random.integers(5, 80))
            cells = [(0, age, None, 0.8), (age, None, "female", 1.4), (age, None, "male", self.between(1, 2))]
            terms |= {"cells": cells, "cell_normalization": 1.1}
        if how == 1:
            terms |= {"risk_adjusted": True, "normalization": 1.05, "risk_score_cap": self.between(0, 0.03)}
        if self.chance(0.5):
            terms |= {"retroactive_rate": self.between(0, 0.3), "retroactive_months": int(self.random.integers(1, 20))}
        if len(names) == len(OWN + OTHERS):
            return ar.Capitation(**terms)
        others = [name for name in OWN + OTHERS if name not in names]
        scope = {"carve_outs": others} if self.chance(0.4) else {"scope": names}
        return ar.Capitation(**terms, **scope, claims_lag_months=int(self.random.integers(0, 5)))

    def retainer(self, names):
        bands = [(0, 18, 30), (18, 65, self.between(40, 90)), (65, None, 95)]
        some, passed = names[:1], names[1:]
        pass_through = {"pass_through": passed, "pass_through_markup": 0.15} if passed else {}
        return ar.DirectPrimaryCare(
            retainer_pmpm=bands if self.chance(0.6) else 55.5,
            scope=some,
            enrolment_fee=self.between(0, 150),
            sponsor_share=self.between(0, 1),
            **pass_through,
        )

    def visits(self, names):
        fee = {"flat_visit_fee": self.between(20, 120), "visit_scope": names}
        return ar.CareManagementFee(**self.management_terms(), **fee)

    def management_terms(self):
        tiers = [(0, 0.8, 4), (0.8, 1.5, self.between(5, 20)), (1.5, None, 30)]
        return {
            **({"tiers": tiers} if self.chance(0.5) else {"pmpm": self.between(1, 20)}),
            "coinsurance": self.between(0, 0.2),
            "prepaid_incentive_pmpm": self.between(0, 5),
            "incentive_earned_share": self.between(0, 1),
            "performance_adjustment": self.between(-0.5, 0.5),
            "settle_month": self.settle_month(),
        }

    def rider(self, *, capitated, pools):
        """Return a contract that stands on others."""
        kinds = [
            self.withhold,
            self.sequestration,
            self.management,
            self.stop_loss,
            self.savings,
            self.performance,
            self.advance,
            self.investment,
            self.administration,
            self.guarantee,
            self.corridor,
        ]
        if capitated:
            kinds += [self.corridor, self.rebate, self.rebate]
        if pools:
            kinds += [self.pool, self.pool]
        return kinds[self.random.integers(len(kinds))]()

    def withhold(self):
        target = {"target_pmpm": self.between(50, 400)} if self.chance(0.5) else {}
        accounts = {} if self.chance(0.5) else {"accounts": self.some(ACCOUNTS)}
        shares = {"returned_share": self.between(0.3, 1), "quality_score": self.between(0.5, 1)}
        return ar.Withhold(
            withhold_rate=self.between(0, 0.3), **accounts, **shares, **target, settle_month=self.settle_month()
        )

    def sequestration(self):
        dated = [("2026-01-01", self.between(0, 0.05)), (f"2026-{self.random.integers(2, 13):02}-15", 0.04)]
        rates = {"rates": dated, "first_date": "2026-01-01"} if self.chance(0.5) else {"rates": 0.02}
        accounts = {} if self.chance(0.5) else {"accounts": self.some(ACCOUNTS)}
        return ar.Sequestration(**rates, **accounts)

    def management(self):
        ahead = {"prospective_pmpm": self.between(1, 9), "fee_reduction": self.between(0.1, 0.9)}
        reduced = ahead | {"reduced_scope": self.some(OWN)} if self.chance(0.5) else {}
        return ar.CareManagementFee(**self.management_terms(), **reduced)

    def stop_loss(self):
        terms = {"ceded_share": self.between(0.5, 1), "premium_pmpm": self.between(1, 20)}
        if not self.deductible and self.chance(0.6):
            late = int(self.random.integers(0, 12))
            terms |= {"basis": f"12/{self.random.integers(12, 19)}", "payment_lag_months": late}
        if self.chance(0.4):
            expected = {"attachment_rate": self.between(0.5, 1), "expected_pmpm": self.between(50, 300)}
            return ar.StopLoss(kind="aggregate", **expected, **terms, settle_month=self.settle_month())
        return ar.StopLoss(attachment_point=self.between(100, 6_000), **terms)

    def savings(self):
        terms = {"sharing_rate": self.between(0.2, 0.8), "loss_rate": self.between(0.2, 0.8)}
        terms |= {"basis": str(self.random.choice(["allowed", "paid"])), "settle_month": self.settle_month()}
        terms |= {"discount_rate": self.between(0, 0.03), "quality_withhold_rate": self.between(0.01, 0.05)}
        terms |= {"distributed_share": self.between(0, 0.6), "recovered_share": self.between(0, 0.6)}
        terms |= self.quality_terms() | self.gates() | self.interim(terms["settle_month"])
        if self.chance(0.3):
            return ar.SharedSavings(benchmark=ar.Benchmark(risk_adjusted=True, noise_cv=0.02), **terms)
        terms["benchmark_truncated"] = terms["truncation"] is not None
        return ar.SharedSavings(benchmark_pmpm=self.between(150, 450), **terms)

    def quality_terms(self):
        """Return a score of measures, or one that is given."""
        if self.chance(0.5):
            return {"quality_measures": self.some([measure.name for measure in MEASURES])}
        return {"quality_score": self.between(0, 1)}

    def gates(self):
        """Return what quality, members and limits make of shared savings."""
        rules = ["none", "times_score", "all_or_nothing", "full_or_alternative"]
        return {
            "quality_rule": str(self.random.choice(rules)),
            "reduced_sharing": (self.between(0, 1), 1) if self.chance(0.3) else None,
            "minimum_savings_rate": self.between(0, 0.1),
            "minimum_loss_rate": self.between(0, 0.1),
            "minimum_rate_table": [(0, 15, 0.06, 0.02), (16, None, 0.02, 0.02)] if self.chance(0.3) else (),
            "loss_rate_by_quality": (0.4, 0.75) if self.chance(0.3) else None,
            "payment_limit_rate": self.between(0.05, 0.3) if self.chance(0.5) else None,
            "loss_limit_revenue_rate": self.between(0.1, 0.5) if self.chance(0.3) else None,
            "sequestration_rate": self.between(0, 0.05),
            "truncation": self.between(900, 9_000) if self.chance(0.4) else None,
        }

    def interim(self, settle_month):
        """Return terms of an interim settlement, where there is a month for it."""
        if settle_month == 12 or self.chance(0.3):
            return {}
        return {
            "interim_share": self.between(0.1, 1),
            "interim_claims_months": int(self.random.integers(1, 13)),
            "interim_month": int(self.random.integers(12, settle_month)),
        }

    def performance(self):
        straight = self.chance(0.5)
        ladders = {
            "checked": ar.MeasureLadder(ladder=[(0.5, 0.1), (0.7, 1)], improvement=0.4, straight_line=straight),
            "readmitted": ar.MeasureLadder(ladder=[(0.35, 0), (0.15, 0.8)], improvement=0.5, weight=3),
            "assessed": None,
        }
        named = self.some(list(ladders))
        measures = {name: ladders[name] for name in named} if self.chance(0.6) else {}
        counts = {
            "minimum_eligible": int(self.random.integers(1, 12)),
            "minimum_measures": int(self.random.integers(1, 1 + len(named))),
            "lag_years": int(self.random.integers(0, 3)),
            "settle_month": self.settle_month(),
        }
        if self.chance(0.4):
            return self.programme(measures=measures, **counts)
        return ar.PayForPerformance(
            measures=measures,
            ladder=[(0.2, 0.3), (0.6, 1), (0.9, 1.5)],
            penalty_ladder=[(0.25, 1), (0.5, 0.6), (0.8, 0.2)],
            straight_line=self.chance(0.5),
            withhold_rate=self.between(0, 0.1),
            bonus_pmpm=self.between(0, 5),
            bonus_rate=self.between(0, 0.05),
            penalty_rate=self.between(0, 0.1),
            dollars_per_member={"checked": 12.5} if "checked" in named else {},
            **counts,
        )

    def programme(self, **terms):
        """Return a programme of Medicare, of years with and without a pool for exceptional performance."""
        if self.chance(0.4):
            year = int(self.random.choice([2015, 2024, 2026]))
            return ar.PayForPerformance.value_based_purchasing(fiscal_year=year, slope=self.between(0, 4), **terms)
        year = int(self.random.choice([2019, 2021, 2024, 2026]))
        pool = {"exceptional_scaling_factor": self.between(0, 1)} if year <= 2024 else {}
        return ar.PayForPerformance.mips(payment_year=year, scaling_factor=self.between(0, 3), **pool, **terms)

    def advance(self):
        first = self.month()
        by_month = {"pmpm": self.between(1, 20), "last_month": int(self.random.integers(first, 12 * self.years + 1))}
        amount = {"amount": self.between(10, 20_000)}
        return ar.AdvancePayment(
            **(amount if self.chance(0.4) else by_month if self.chance(0.5) else amount | by_month),
            first_month=first,
            recouped_from=self.some(EARNINGS),
            repay_balance=self.chance(0.5),
        )

    def investment(self):
        first = {"first_month": self.month()} if self.chance(0.5) else {}
        life = int(self.random.integers(1, 50))
        return ar.Investment(amount=self.between(100, 9_000), month=self.month(), life_months=life, **first)

    def administration(self):
        hours = {"hours_per_measure": 3, "hourly_cost": 41.5} if self.chance(0.6) else {}
        measures = {"measures": int(self.random.integers(0, 9))} if hours and self.chance(0.5) else {}
        costs = {"per_year": self.between(0, 999), "pmpm": self.between(0, 3), "trend": self.between(-0.1, 0.1)}
        return ar.AdministrativeCost(**costs, **hours, **measures)

    def guarantee(self):
        form = str(self.random.choice(["escrow", "letter_of_credit", "surety_bond"]))
        fee = {} if form == "escrow" else {"yearly_fee_rate": self.between(0, 0.05)}
        share = {"benchmark_share": self.between(0, 0.1), "benchmark_pmpm": 250}
        amount = {"amount": self.between(10, 9_000)} if self.chance(0.5) else share
        months = {"first_month": self.month(), "release_month": self.settle_month()}
        return ar.RepaymentMechanism(form=form, **fee, **amount, **months)

    def corridor(self):
        gains = {"gains": [(0.02, 0.5, 0.4)]} if self.chance(0.5) else {}
        if self.chance(0.3):
            target = {"share_of": "provider", "target_pmpm": self.between(100, 400)}
        elif self.chance(0.5):
            target = {"target_loss_ratio": self.between(0.6, 1), "value_own_services_at": "own_cost"}
        else:
            target = {"target_pmpm": self.between(20, 300)}
        less = {"discount_rate": self.between(0, 0.1), "quality_withhold_rate": self.between(0.01, 0.1)}
        less = less | self.quality_terms() if self.chance(0.7) else {}
        return ar.RiskCorridor(losses=BANDS, **gains, **target, **less, settle_month=self.settle_month())

    def rebate(self):
        few = {"credibility": ((1, 0.08), (40, 0.01)), "deductible_factors": ((0, 0.9), (1_000, 1.2))}
        return ar.MedicalLossRatioRebate(
            standard=self.between(0.7, 1),
            **(few if self.chance(0.5) else {}),
            ratio_decimals=3 if self.chance(0.5) else None,
            value_own_services_at=str(self.random.choice(["paid", "own_cost"])),
            settle_month=self.settle_month(),
        )

    def pool(self):
        limits = {"surplus_limit_rate": self.between(0, 0.3), "deficit_limit_rate": self.between(0, 0.3)}
        return ar.RiskPool(
            budget_pmpm=self.between(50, 400),
            trend=self.between(-0.05, 0.05),
            surplus_share=self.between(0.2, 0.8),
            deficit_share=self.between(0, 0.8),
            **(limits if self.chance(0.6) else {}),
            truncation=self.between(500, 9_000) if self.chance(0.4) else None,
            carry_deficit=self.chance(0.6),
            settle_month=self.settle_month(),
        )


def make_study(number, *, arms=6, years=2, **care):
    """Return a random study of several arms."""
    drawn = Arms(number, years=years)
    made = {f"Arm {position}": drawn.arm() for position in range(arms)}
    panel = make_people(seed=number, earliest=-2)
    care = ({} if drawn.deductible else {"cost_sharing": None}) | care
    terms = {"base_years": 2, "years": years, "measures": MEASURES, "seed": 900 + number}
    return ar.Study(panel, make_billed_care(**care), made, **terms)
