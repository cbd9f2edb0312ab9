"""Random kinds of episodes, the lines and the patients they belong to: what events and conditions open, and by whom."""

import numpy as np

import atrisk as ar
import rider_quality
from rider_studies import make_people

PATHS = ("home", "home health", "skilled nursing", "rehabilitation")
TRIGGERS = ("knee", "stroke")
KINDS = (*TRIGGERS, "chronic")
CARES = ("drugs", "stays", "tests", "therapy")
SURGEONS, HOSPITALS = ("Adams", "Baker", "Clark", "Davis", "Evans"), ("North", "South", "East")
FAILURE = ("none", "mild", "severe")


def make_conditions():
    """One condition that a column of the panel tells in year 1, and one that is drawn."""
    return [
        ar.Condition(
            "failure",
            states=FAILURE,
            transition=[[0.8, 0.15, 0.05], [0.1, 0.6, 0.3], [0.0, 0.1, 0.9]],
            column="failure",
            relativities={"stays": (0.8, 1.4, 2.1), "stroke": (0.7, 1.0, 1.9)},
            risk_scores=(0.0, 0.2, 0.6),
        ),
        ar.Condition(
            "frail",
            states=("no", "yes"),
            transition=[[0.7, 0.3], [0.45, 0.55]],
            shares=(0.65, 0.35),
            relativities={"stays": (0.9, 1.3), "knee": (1.2, 0.7), "visits": (0.9, 1.6)},
        ),
    ]


def make_patients(members, seed, *, conditions=True):
    """Members of three payers who come and go, each with a surgeon, a hospital and a state of heart failure."""
    rng = np.random.default_rng([2030, seed])
    people = make_people(members, seed=seed, earliest=-3)
    surgeon = rng.choice(SURGEONS, members)
    frame = people.to_pandas().assign(
        surgeon=surgeon,
        hospital=np.where(surgeon == "Adams", "North", rng.choice(HOSPITALS, members)),
        failure=rng.choice(FAILURE, members, p=(0.5, 0.3, 0.2)),
    )
    return ar.Population.from_frame(
        frame,
        enrolment=people.enrolment,
        attribution=people.attribution,
        risk_scores=people.risk_scores,
        conditions=make_conditions() if conditions else [],
    )


def make_services():
    """Two services that open episodes, four lines that their care belongs to, and one that has nothing of them."""
    fees = {"Commercial": 1.4, "Medicaid": 0.8}
    others = {"delivered_by": "other_providers"}
    stays = {"price_trend": 0.03, "fee_levels": fees, **others}
    return [
        ar.Service("drugs", per_1000=12_000, allowed=170.0, coinsurance=0.25, **others),
        ar.Service("knee", per_1000=400, allowed=ar.LogNormal(mean=9_000, cv=0.3), own_cost=4_000, trend=0.04),
        ar.Service("stays", per_1000=1_600, allowed=ar.LogNormal(mean=6_000, cv=0.9), **stays),
        ar.Service(
            "stroke",
            per_1000=350,
            allowed=7_000.0,
            coinsurance=0.1,
            relativities={"sex": {"female": 1.3, "male": 0.8}},
            **others,
        ),
        ar.Service(
            "tests", per_1000=12_000, allowed=90.0, own_cost=21, coinsurance=0.1, trend=0.02, own_cost_trend=0.03
        ),
        ar.Service("therapy", per_1000=6_000, allowed=ar.Gamma(mean=250, cv=0.4), own_cost=90, fee_levels=fees),
        ar.Service("visits", per_1000=3_000, allowed=ar.Gamma(mean=110, cv=0.5), own_cost=64, out_of_network_rate=0.2),
    ]


class Draws(rider_quality.Draws):
    """Random numbers from a fixed seed, in the words that terms need."""

    def __init__(self, seed):
        super().__init__(seed, years=0)

    def one(self, *choices):
        return choices[int(self.random.integers(len(choices)))]

    def maybe(self, low, high, p=0.5):
        return self.between(low, high) if self.chance(p) else None


class Kinds(Draws):
    """Kinds of episodes at random."""

    def care(self, window):
        """Return care of an episode or of a path, in small amounts so that lines have the dollars."""
        first = self.between(0, 0.5 * window)
        days = (first, self.between(first, window)) if self.chance(0.7) else None
        service = self.one(*CARES)
        mean = {"drugs": 150, "stays": 2_500, "tests": 120, "therapy": 300}[service]
        cases = ar.CasePrices({"price": [90.0, 40.0, 65.0], "share": [3, 5, 2]}, weight="share")
        amount = self.one(ar.LogNormal(mean=mean, cv=0.8), ar.Gamma(mean=mean, cv=0.5), float(mean), cases)
        share, avoidable = self.between(0.2, 1), self.chance(0.4)
        return ar.EpisodeCare(service, share=share, amount=amount, days=days, avoidable=avoidable)

    def cares(self, window, most=3):
        return [self.care(window) for _ in range(self.random.integers(0, most))]

    def paths(self, window):
        shares = self.random.dirichlet(np.ones(int(self.random.integers(1, 5)))).round(3)
        shares[-1] = 1 - shares[:-1].sum()
        return [
            ar.EpisodePath(PATHS[k], share=round(float(share), 3), care=self.cares(window))
            for k, share in enumerate(shares)
        ]

    def effects(self):
        """Return nobody's effect, or those of surgeons, of hospitals, or of both."""
        surgeons = ar.EpisodeEffect("surgeon", log_odds_sd=self.between(0, 0.8), price_cv=self.between(0, 0.4))
        hospitals = ar.EpisodeEffect("hospital", log_odds_sd=self.between(0, 0.5), price_cv=self.between(0, 0.2))
        return self.one([], [surgeons], [hospitals], [surgeons, hospitals])

    def episode(self, name):
        """Return a kind of episodes that events open, or years with a condition."""
        window = int(self.one(30, 90, 180, 365))
        by_sex = {"sex": {"female": self.between(0.5, 2), "male": 1.0}}
        relativities = self.one(None, by_sex, {"age": 0.02}, by_sex | {"risk_score": self.between(-0.5, 0.5)})
        if name in TRIGGERS:
            death = self.one(0.0, self.between(0.05, 0.6))
            opened = {"trigger": name, "death_rate": death, "absorbs": self.chance(0.5)}
        else:
            condition, states = self.one(("failure", ["severe"]), ("failure", ["none", "mild"]), ("frail", ["yes"]))
            opened = {"condition": condition, "states": states if self.chance(0.6) else None}
        return ar.Episode(
            name,
            window_days=window,
            paths=self.paths(window) if self.chance(0.85) else [],
            care=[self.care(window), *self.cares(window)],
            relativities=relativities,
            effects=self.effects(),
            within_lines=self.chance(0.7),
            **opened,
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
            cost_sharing=sharing if self.chance(0.5) else None,
        )
