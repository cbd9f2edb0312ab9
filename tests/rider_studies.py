"""Random arms in which every contract appears, with one payer and with several, for the twin to settle too."""

import numpy as np
import pandas as pd

import atrisk as ar
from rider_order import put_in_order
from rider_quality import MEASURES, ByQuality

PAYERS = ("Commercial", "Medicaid", "Medicare")
#: Accounts between payer and provider that withholds and sequestrations may look at.
ACCOUNTS = ("claim", "capitation", "care_management_fee", "sequestered", "withheld", "quality_payment")
EARNINGS = ("shared_savings", "quality_payment", "corridor_receipt", "pool_surplus", "withhold_returned")
OWN, OTHERS = ("tests", "therapy", "visits"), ("drugs", "stays")


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


class Arms(ByQuality):
    """Arms of a study at random, from a fixed seed; every other one has no deductible, so that claims may be late."""

    def __init__(self, number, *, years=2):
        super().__init__([2027, number], years)
        self.deductible = number % 2 == 0

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
