"""Person-years of known frailty, drawn by NumPy alone, and the fit without each of its members."""

import warnings

import numpy as np
import pandas as pd

import atrisk as ar


def drawn(members=60, years=3, seed=1, *, shared=0.6, own=0.3, prices=0.4):
    """Return person-years of two counted lines and two of dollars alone.

    Members keep half of the variance of the frailty that lines share (relative variance ``shared`` in a year), all of
    each line's own (``own``) and a factor on their prices (cv ``prices``).
    """
    rng = np.random.default_rng(seed)
    member, year = np.repeat(np.arange(members), years), np.tile(np.arange(years), members)
    age = np.repeat(rng.integers(20, 80, members), years) + year
    sex = np.repeat(rng.choice(["female", "male"], members), years)
    months = rng.integers(6, 13, len(member)).astype(float)
    score = np.repeat(rng.gamma(4.0, 0.25, members), years)
    kept = rng.gamma(2.0 / shared, shared / 2.0, members)[member] if shared else 1.0
    yearly = (1.0 + shared) / (1.0 + shared / 2.0) - 1.0
    frailty = kept * (rng.gamma(1.0 / yearly, yearly, len(member)) if shared else 1.0)
    factor = np.exp(prices * rng.standard_normal(members) - prices**2 / 2.0)[member]
    frame = pd.DataFrame({"member_id": member, "year": 2020 + year, "age": age, "sex": sex})
    frame = frame.assign(risk_score=score, member_months=months)
    expected = score * months / 12.0 * np.where(sex == "male", 0.8, 1.0) * np.where(age >= 50, 1.5, 1.0) * frailty
    for line, rate, price, counted in LINES:
        mine = rng.gamma(1.0 / own, own, members)[member] if own else 1.0
        events = rng.poisson(rate * expected * mine)
        sums = [rng.lognormal(0.0, 0.6, count).sum() / np.exp(0.18) for count in events]
        if counted:
            frame[f"{line}_events"] = events
        frame[f"{line}_dollars"] = price * factor * np.array(sums)
    return frame


LINES = (
    ("visits", 3.0, 80.0, True),
    ("tests", 1.5, 40.0, True),
    ("drugs", 1.2, 60.0, False),
    ("transport", 0.8, 200.0, False),
)
BY = {"age": (0, 50), "sex": None}


def without_each(frame, estimate):
    """Return ``estimate(rows)``, an array, for the rows without each member: shape (members, ...)."""
    return np.array([estimate(frame[frame["member_id"] != member]) for member in frame["member_id"].unique()])


def quiet_fit(rows, **options):
    """Fit, with any warning an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return ar.Utilization.fit(rows, **{"relativities": BY, "family": "gamma"} | options)
