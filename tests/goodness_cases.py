"""Person-years that a known model made, and small ones that can be worked out by hand."""

import numpy as np
import pandas as pd

import atrisk as ar
from atrisk.fit._simulated import Layout, Sample
from atrisk.person_years import Line

VISITS, STAYS, DRUGS = Line("visits", counted=True), Line("stays", counted=True), Line("drugs", counted=False)


def care(*, rate=3_000.0, severity=2.0, common=1.0, own=0.8, kept=0.7):
    """Three lines that share a frailty; the arguments are what a wrong model gets wrong."""
    frailty = ar.Frailty(cv=own, permanent_share=kept) if own else None
    shared = ar.Frailty(cv=common, permanent_share=kept) if common else None
    return ar.Utilization(
        services=[
            ar.Service("visits", per_1000=rate, allowed=ar.LogNormal(mean=80.0, cv=0.5 * severity), frailty=frailty),
            ar.Service("stays", per_1000=150.0, allowed=ar.LogNormal(mean=2_500.0, cv=severity), frailty=frailty),
            ar.Service("drugs", per_1000=1_500.0, allowed=ar.LogNormal(mean=40.0, cv=0.5 * severity)),
        ],
        frailty=shared,
    )


def people(members, years=4):
    """Rows of members who are there in all years, with no use yet."""
    frame = pd.DataFrame({"member_id": np.repeat(np.arange(members), years), "year": np.tile(range(years), members)})
    return frame.assign(age=40.0 + frame["year"], sex="female", **dict.fromkeys(columns(), 0.0))


def columns():
    return ["visits_events", "visits_dollars", "stays_events", "stays_dollars", "drugs_dollars"]


def used_by(frame, model, seed):
    """Person-years of a model: every event of a study of members who are there in all years, summed by hand."""
    panel = frame.drop_duplicates("member_id").reset_index(drop=True)[["age", "sex"]].assign(risk_score=1.0)
    years = frame["year"].nunique()
    study = ar.Study(ar.Population.from_frame(panel), model, {"arm": ar.FeeForService()}, years=years, seed=seed)
    claims = study.claims(0)
    sums = claims.groupby(["service", "member_ix", "year"])["allowed"].agg(["size", "sum"])
    at = pd.MultiIndex.from_arrays([frame["member_id"], frame["year"] + 1])
    filled = frame.copy()
    for service in ("visits", "stays", "drugs"):
        found = sums.loc[service].reindex(at).fillna(0.0)
        filled[f"{service}_dollars"] = found["sum"].to_numpy()
        if service != "drugs":
            filled[f"{service}_events"] = found["size"].to_numpy()
    return ar.PersonYears.from_frame(filled)


def sample(member, year, events, dollars, lines=(VISITS, STAYS)):
    """Return a sample of rows given one by one."""
    frame = pd.DataFrame({"member_id": member, "year": year, "age": 40.0, "sex": "male"})
    for position, line in enumerate(lines):
        frame[line.dollars] = np.asarray(dollars, dtype=float)[:, position]
        if line.counted:
            frame[line.events] = np.asarray(events, dtype=float)[:, position]
    table = ar.PersonYears.from_frame(frame)
    return Sample.observed(table, Layout.of(table))
