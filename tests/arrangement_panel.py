"""The panel and the care of random arrangements: who is there, what is used, what opens episodes."""

import numpy as np
import pandas as pd

import atrisk as ar

PAYERS = ("Commercial", "Medicaid", "Medicare")
#: Name, events per 1,000, mean price, own cost, coinsurance, whether the provider gives it.
LINES = (
    ("complications", 0, 600.0, 500.0, 0.1, False),
    ("controls", 0, 300.0, 200.0, 0.1, True),
    ("crises", 0, 250.0, 180.0, 0.2, True),
    ("drugs", 3_000, 70.0, 2.0, 0.25, False),
    ("stays", 200, 8_000.0, 6_000.0, 0.0, False),
    ("surgery", 300, 5_000.0, 3_500.0, 0.1, True),
    ("tests", 1_500, 40.0, 21.0, 0.1, True),
    ("visits", 3_000, 110.0, 64.0, 0.2, True),
)
OWN = [line[0] for line in LINES if line[5]]
#: Lines of which there is nothing but what episodes bring: what a programme can avoid, and the dollars of each.
AVOIDABLE = {"complications": 600.0, "crises": 250.0}
MEASURES = (ar.Measure("Checked", rate=0.6, sd_between=0.1), ar.Measure("Controlled", rate=0.4))
REPLICATE = 2
BASE_YEARS, YEARS = 2, 2
SURGERY_DAYS = 45
SURGEONS = ("Abel", "Baker", "Clark")
STAGES = ("none", "mild", "severe")
ILLNESS = ar.Condition(
    "illness",
    states=STAGES,
    transition=((0.7, 0.2, 0.1), (0.1, 0.6, 0.3), (0, 0.2, 0.8)),
    column="stage",
    relativities={"visits": (1, 1.5, 2), "stays": (0.8, 1, 2)},
)
#: What opens further episodes, which nothing settles: a state of a condition opens no more than one.
WATCHED = ar.Condition("watched", states=STAGES, transition=np.eye(3).tolist(), column="stage")
#: Every odds of a worse path and of avoidable care become 0.
PREVENTION = ar.Programme(
    "prevention", effect=-1, episodes=["surgery", "chronic"], cost_pmpm=1, cost_per_episode=12, start_cost=100
)


class Between:
    """Random numbers of one arrangement."""

    def __init__(self, number):
        self.random = np.random.default_rng([2026, number])

    def between(self, low, high):
        """Return a number with two decimals."""
        return round(float(self.random.uniform(low, high)), 2)

    def chance(self, part):
        """Say whether something of such a chance happens."""
        return bool(self.random.random() < part)

    def pick(self, values):
        """Return one of some values."""
        return values[int(self.random.integers(len(values)))]

    def some(self, values, part):
        """Return those of some values that come up, each with such a chance."""
        return [value for value in values if self.chance(part)]


def people(random):
    """Return members of every payer, some of whom come or leave in year 1; now and then not all are attributed."""
    members = int(random.random.integers(20, 40))
    # Of every payer one is there all the time.
    moves = np.r_[[0] * len(PAYERS), random.random.choice(3, members - len(PAYERS), p=[0.8, 0.1, 0.1])]
    month = random.random.integers(2, 12, members)
    frame = pd.DataFrame(
        {
            "age": random.random.integers(1, 90, members),
            "sex": random.random.choice(["female", "male"], members),
            "risk_score": random.random.gamma(4.0, 0.25, members).round(3),
            "payer": np.r_[PAYERS, random.random.choice(PAYERS, members - len(PAYERS))],
            "entry_month": np.where(moves == 1, month, 1),
            "exit_month": np.where(moves == 2, month, 12),
            "surgeon": random.random.choice(SURGEONS, members),
            "stage": random.random.choice(STAGES, members),
        }
    )
    attribution = ar.Attribution(share=random.between(0.3, 0.8), turnover=0.2) if random.chance(0.35) else None
    return ar.Population.from_frame(frame, conditions=[ILLNESS, WATCHED], attribution=attribution)


def surgery(random):
    """Return what every operation opens: complications at once, which a programme avoids, and drugs and stays later."""
    at_once = {"amount": AVOIDABLE["complications"], "days": (0, 0)}
    return ar.Episode(
        "surgery",
        trigger="surgery",
        window_days=SURGERY_DAYS,
        paths=[
            ar.EpisodePath("home", share=0.7),
            ar.EpisodePath("nursing", share=0.3, care=[ar.EpisodeCare("complications", **at_once)]),
        ],
        care=[
            ar.EpisodeCare("complications", share=0.25, avoidable=True, **at_once),
            ar.EpisodeCare("stays", amount=ar.LogNormal(mean=2_000, cv=0.5), share=0.4),
            ar.EpisodeCare("drugs", amount=90.0, days=(0, 30)),
        ],
        death_rate=random.pick([0.0, 0.0, 0.0, 0.05, 1.0]),
        effects=[ar.EpisodeEffect("surgeon", log_odds_sd=0.5, price_cv=random.pick([0.0, 0.4]))],
        absorbs=False,
        within_lines=False,
    )


def chronic(random):
    """Return the year of those who have a condition, mostly whole years, so that months tell what lies in them."""
    window = random.pick([365, 365, 365, 150])
    return ar.Episode(
        "chronic",
        condition="illness",
        states=random.pick([None, ["severe"], ["none", "severe"]]),
        window_days=window,
        care=[
            ar.EpisodeCare("crises", amount=AVOIDABLE["crises"], share=0.4, days=(5, 140), avoidable=True),
        ],
        effects=random.pick([(), [ar.EpisodeEffect("surgeon", price_cv=0.3)]]),
        within_lines=False,
    )


def checks():
    """Return episodes whose care is part of their line: nothing is left out of totals, and nothing settles them."""
    care = [ar.EpisodeCare("tests", amount=ar.LogNormal(mean=16, cv=0.5), share=0.5, days=(0, 90))]
    return ar.Episode("checks", condition="watched", states=["mild"], window_days=90, care=care)


def controls(random):
    """Return care on one day of the year of those who are watched: a day before or after its window may end.

    The third is such that windows of operations of whole months hold it, and of others do not.
    """
    day = random.pick([149, 151, 5 * 365 / 12 + SURGERY_DAYS - 0.01])
    care = [ar.EpisodeCare("controls", amount=300.0, days=(day, day))]
    states = ["none", "severe"]
    return ar.Episode("controls", condition="watched", states=states, window_days=365, care=care, within_lines=False)


def care_of(random):
    """Return service lines and episodes."""
    services = [
        ar.Service(
            name,
            per_1000=rate,
            allowed=ar.LogNormal(mean=price, cv=0.9),
            own_cost=cost,
            coinsurance=share,
            delivered_by="provider" if own else "other_providers",
        )
        for name, rate, price, cost, share, own in LINES
    ]
    episodes = [surgery(random), chronic(random), checks(), controls(random)]
    return ar.Utilization(services=services, episodes=episodes, fixed_cost_per_month=500)
