"""Data sets simulated with known parameters, and how often the intervals of a fit hold them."""

import numpy as np
import pandas as pd
from scipy import stats

import atrisk as ar
from atrisk.fit._parameters import on_scale

YEARS = 3
BANDS = {"age": {0: 1.0, 45: 1.5}, "sex": {"female": 1.0, "male": 0.8}}
LEVELS = {"age": (0, 45), "sex": None}
BASE = {"age": 0, "sex": "female"}
TRUTH = {
    "visits.per_1000": 3_000.0,
    "inpatient.per_1000": 120.0,
    "drugs.per_1000": 2_000.0,
    "supplies.per_1000": 1_500.0,
    "visits.allowed.mean": 100.0,
    "inpatient.allowed.mean": 9_000.0,
    "drugs.allowed.mean": 80.0,
    "supplies.allowed.mean": 60.0,
    "visits.frailty.cv": 0.6,
    "visits.frailty.permanent_share": 0.5,
    "drugs.frailty.cv": 0.7,
    "drugs.frailty.permanent_share": 0.6,
    "supplies.frailty.cv": 0.7,
    "utilization.frailty.cv": 0.8,
    "utilization.frailty.permanent_share": 0.7,
    "utilization.severity_cv": 0.4,
} | {
    f"{line}.relativities.{level}": value
    for line in ("visits", "inpatient", "drugs", "supplies")
    for level, value in (("age.45", 1.5), ("sex.male", 0.8))
}


def true_care(family="gamma"):
    """Care with the parameters of TRUTH: three counted lines, and supplies, of which a fit is shown dollars alone."""
    services = [
        ar.Service(
            "visits",
            per_1000=3_000,
            allowed=ar.Gamma(mean=100, cv=0.7),
            relativities=BANDS,
            frailty=ar.Frailty(cv=0.6, family=family, permanent_share=0.5),
        ),
        ar.Service("inpatient", per_1000=120, allowed=ar.LogNormal(mean=9_000, cv=1.2), relativities=BANDS),
        ar.Service(
            "drugs",
            per_1000=2_000,
            allowed=ar.LogNormal(mean=80, cv=1.0),
            relativities=BANDS,
            frailty=ar.Frailty(cv=0.7, family=family, permanent_share=0.6),
        ),
        ar.Service(
            "supplies",
            per_1000=1_500,
            allowed=ar.LogNormal(mean=60, cv=1.0),
            relativities=BANDS,
            frailty=ar.Frailty(cv=0.7, family=family),
        ),
    ]
    shared = ar.Frailty(cv=0.8, family=family, permanent_share=0.7)
    return ar.Utilization(services=services, frailty=shared, severity_cv=0.4)


class DataSets:
    """Person-years of one panel, simulated again and again."""

    def __init__(self, members, family="gamma", seed=11):
        random = np.random.default_rng(seed)
        panel = pd.DataFrame(
            {
                "age": np.where(random.random(members) < 0.5, 30.0, 60.0),
                "sex": np.where(random.random(members) < 0.5, "female", "male"),
                "risk_score": random.gamma(4.0, 0.25, members),
            }
        )
        population = ar.Population.from_frame(panel)
        arms = {"Fees": ar.FeeForService()}
        self.study = ar.Study(population, true_care(family), arms, years=YEARS, seed=seed)
        rows = np.repeat(np.arange(members), YEARS)
        self.base = panel.iloc[rows].reset_index(drop=True)
        self.base["member_id"], self.base["year"] = rows, np.tile(np.arange(1, YEARS + 1), members)
        self.base["age"] += self.base["year"] - 1

    def person_years(self, number):
        """One data set: dollars of every line, and events of all but supplies."""
        claims = self.study.claims(number)
        of_row = (claims["member_ix"] * YEARS + claims["year"] - 1).to_numpy()
        table = self.base.copy()
        for line in ("visits", "inpatient", "drugs", "supplies"):
            mine = (claims["service"] == line).to_numpy()
            dollars = claims["allowed"].to_numpy()[mine]
            table[f"{line}_dollars"] = np.bincount(of_row[mine], weights=dollars, minlength=len(table))
            if line != "supplies":
                table[f"{line}_events"] = np.bincount(of_row[mine], minlength=len(table))
        return table


def held(data, number, family):
    """Fit one data set: for each true parameter the normal score of the estimate, and whether its interval holds it."""
    estimates = ar.Utilization.fit(data.person_years(number), relativities=LEVELS, base=BASE, family=family)
    found = {each.path: each for each in estimates.parameters}
    table, rows = estimates.table, []
    for path, true in TRUTH.items():
        each = found.get(path)
        if each is None:  # a spread that the data set does not show has no interval, and none that holds it
            rows.append((path, np.nan, np.nan, False))
            continue
        score = (on_scale(each.scale, true) - on_scale(each.scale, each.value)) / each.error
        inside = table.loc[path, "low_95"] <= true <= table.loc[path, "high_95"]
        rows.append((path, each.value, score, inside))
    return rows


def coverage(members, sets, family="auto", seed=11):
    """Fit so many data sets: by parameter the mean estimate, the part of intervals that hold it, ranks' uniformity."""
    data = DataSets(members, seed=seed)
    rows = [row for number in range(sets) for row in held(data, number, family)]
    table = pd.DataFrame(rows, columns=["parameter", "estimate", "score", "held"])
    by = table.groupby("parameter")
    ranks = by["score"].apply(lambda score: stats.kstest(stats.norm.cdf(score.dropna()), "uniform").pvalue)
    return pd.DataFrame(
        {
            "true": pd.Series(TRUTH),
            "estimate": by["estimate"].mean(),
            "held": by["held"].mean(),
            "uniform_p": ranks,
        }
    )
