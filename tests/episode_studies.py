"""Random studies with episodes: several kinds, programmes and responses, bundles of every term, for the twin too."""

import numpy as np

import atrisk as ar
from rider_studies import MEASURES, PAYERS, make_people

PATHS = ("home", "home health", "skilled nursing", "rehabilitation")
KINDS = ("knee", "stroke")
CARES = ("drugs", "stays", "tests", "therapy")


def make_services():
    """Two services that open episodes, four lines that their care belongs to, and one that has nothing of them."""
    fees = {"Commercial": 1.4, "Medicaid": 0.8}
    others = {"delivered_by": "other_providers"}
    return [
        ar.Service("drugs", per_1000=9_000, allowed=170.0, coinsurance=0.25, **others),
        ar.Service("knee", per_1000=400, allowed=ar.LogNormal(mean=9_000, cv=0.3), own_cost=4_000, trend=0.04),
        ar.Service(
            "stays", per_1000=900, allowed=ar.LogNormal(mean=6_000, cv=0.9), price_trend=0.03, fee_levels=fees, **others
        ),
        ar.Service(
            "stroke",
            per_1000=350,
            allowed=7_000.0,
            coinsurance=0.1,
            relativities={"sex": {"female": 1.3, "male": 0.8}},
            **others,
        ),
        ar.Service(
            "tests", per_1000=9_000, allowed=90.0, own_cost=21, coinsurance=0.1, trend=0.02, own_cost_trend=0.03
        ),
        ar.Service("therapy", per_1000=4_000, allowed=ar.Gamma(mean=250, cv=0.4), own_cost=90, fee_levels=fees),
        ar.Service("visits", per_1000=3_000, allowed=ar.Gamma(mean=110, cv=0.5), own_cost=64, out_of_network_rate=0.2),
    ]


class Drawn:
    """Parts of a study at random, from a fixed seed."""

    def __init__(self, number):
        self.random = np.random.default_rng([2028, number])

    def between(self, low, high, digits=3):
        return round(float(self.random.uniform(low, high)), digits)

    def chance(self, p):
        return bool(self.random.random() < p)

    def one(self, *choices):
        return choices[int(self.random.integers(len(choices)))]

    def maybe(self, low, high, p=0.5):
        return self.between(low, high) if self.chance(p) else None

    def settle_month(self):
        return int(self.random.integers(12, 61))

    # What opens, and what follows

    def care(self, window):
        """Return care of an episode or of a path, in small amounts so that lines have the dollars."""
        first = self.between(0, 0.5 * window)
        days = (first, self.between(first, window)) if self.chance(0.7) else None
        service = self.one(*CARES)
        mean = {"drugs": 150, "stays": 2_500, "tests": 120, "therapy": 300}[service]
        cases = ar.CasePrices({"price": [90.0, 40.0, 65.0], "share": [3, 5, 2]}, weight="share")
        amount = self.one(ar.LogNormal(mean=mean, cv=0.8), ar.Gamma(mean=mean, cv=0.5), float(mean), cases)
        return ar.EpisodeCare(service, share=self.between(0.2, 1), amount=amount, days=days)

    def cares(self, window, most=3):
        return [self.care(window) for _ in range(self.random.integers(0, most))]

    def episode(self, name):
        window = int(self.one(30, 90, 180, 365))
        shares = self.random.dirichlet(np.ones(int(self.random.integers(1, 5)))).round(3)
        shares[-1] = 1 - shares[:-1].sum()
        paths = [
            ar.EpisodePath(PATHS[k], share=round(float(share), 3), care=self.cares(window))
            for k, share in enumerate(shares)
        ]
        by_sex = {"sex": {"female": self.between(0.5, 2), "male": 1.0}}
        relativities = self.one(None, by_sex, {"age": 0.02}, by_sex | {"risk_score": self.between(-0.5, 0.5)})
        return ar.Episode(
            name,
            trigger=name,
            window_days=window,
            paths=paths if self.chance(0.85) else [],
            care=[self.care(window), *self.cares(window)],
            death_rate=self.one(0.0, self.between(0.05, 0.6)),
            relativities=relativities,
            absorbs=self.chance(0.5),
            within_lines=self.chance(0.6),
        )

    def utilization(self):
        sharing = {"Commercial": ar.CostSharing(deductible=900, copay={"visits": 15}, out_of_pocket_maximum=3_000)}
        shocks = [ar.Shock("walk", cv=0.05, permanent=True), ar.Shock("price", cv=0.05, on="price", services=["stays"])]
        return ar.Utilization(
            services=make_services(),
            episodes=[self.episode(name) for name in KINDS],
            frailty=ar.Frailty(cv=0.6, permanent_share=0.5),
            severity_cv=0.3,
            severity_correlation=0.4,
            price_trend=0.02,
            fixed_cost_per_month=20_000,
            shocks=shocks if self.chance(0.5) else [],
            cost_sharing=sharing if self.chance(0.6) else None,
        )

    # What arms do

    def programmes(self):
        """Return programmes that avoid, add, and send patients elsewhere."""
        made = [
            ar.Programme("fewer", services=["knee", "drugs"], effect=self.between(-0.6, 0), reach=0.7, start_month=4),
            ar.Programme("more", services=["knee", "stroke", "stays"], effect=self.between(0, 0.9), ramp_months=5),
            ar.Programme("home", episodes=["knee"], effect=self.between(-0.7, 0.5), reach=0.6, cost_pmpm=0.5),
            ar.Programme("any", episodes=list(KINDS), effect=self.between(-0.5, 1), start_month=3, ramp_months=9),
        ]
        return [programme for programme in made if self.chance(0.5)]

    def by_cell(self, low, high):
        one = self.between(low, high, 0)
        return one if self.chance(0.4) else {"knee": one, "stroke": self.between(low, high, 0)}

    def retrospective(self):
        rungs = [(0, 0.06), (8, 0.03), (14, self.between(0, 0.03))]
        losses = [(0, 0.04), (8, 0.02), (14, 0.0)]
        quality = {
            "best_score": 20,
            **self.one({"quality_measures": ["checked", "readmitted"]}, {"quality_score": 13.5}),
        }
        laddered = {"quality_discounts": rungs, "quality_loss_discounts": losses if self.chance(0.5) else None}
        cuts = {
            "discount": self.between(0, 0.1),
            "quality_gain_cut": self.between(0, 0.3),
            "quality_loss_cut": self.between(0, 0.3),
            "least_quality": self.maybe(1, 19),
        }
        return ar.EpisodeBundle(
            episodes=list(KINDS),
            target_price=self.by_cell(7_000, 16_000),
            truncate_at=self.by_cell(12_000, 40_000) if self.chance(0.5) else None,
            raise_to=self.by_cell(1_000, 8_000) if self.chance(0.5) else None,
            minimum_savings_rate=self.between(0, 0.03),
            minimum_loss_rate=self.between(0, 0.03),
            sharing_rate=self.between(0.3, 1),
            loss_rate=self.between(0, 1),
            stop_gain_rate=self.maybe(0.01, 0.2),
            stop_loss_rate=self.maybe(0.01, 0.2),
            settle_month=self.settle_month(),
            **quality,
            **self.one(laddered, cuts),
        )

    def prospective(self):
        return ar.EpisodeBundle(
            episodes=self.one("knee", "stroke", list(KINDS)),
            kind="prospective",
            target_price=self.between(7_000, 16_000),
            discount=self.between(0, 0.1),
            case_attachment=self.maybe(8_000, 20_000, 0.7),
            case_ceded_share=self.between(0.5, 1),
            aggregate_attachment_rate=self.maybe(0.5, 1.2, 0.7),
            settle_month=self.settle_month(),
        )

    def contracts(self, *, prospective):
        base = self.one(
            ar.FeeForService(fee_level=self.between(0.8, 1.3)),
            ar.Capitation(pmpm=600, scope=["therapy", "stays"]),
            ar.FeeForService(scope=["knee"], fee_level=1.1),
        )
        bundle = self.prospective() if prospective and self.chance(0.5) else self.retrospective()
        return [base, bundle]

    def arm(self, position, *, in_order):
        """Return an arm; prospective bundles only where no member pays in the order of claims."""
        response = (
            ar.Response("Arm 0", elasticity=0.4, member_elasticity=-0.2) if position and self.chance(0.4) else None
        )
        programmes = self.programmes() if position else []
        if self.chance(0.5):
            payers = {payer: self.contracts(prospective=not in_order) for payer in PAYERS}
            return ar.Arm([], payers=payers, programmes=programmes, response=response)
        return ar.Arm(self.contracts(prospective=not in_order), programmes=programmes, response=response)


def make_study(number, *, arms=4, members=60):
    """Return a random study of several arms with episodes, of one to three years."""
    drawn = Drawn(number)
    care = drawn.utilization()
    in_order = bool(care.cost_sharing)
    made = {f"Arm {position}": drawn.arm(position, in_order=in_order) for position in range(arms)}
    terms = {"base_years": number % 3, "years": 1 + number // 3 % 3, "measures": MEASURES, "seed": 300 + number}
    return ar.Study(make_people(members, seed=number), care, made, **terms)
