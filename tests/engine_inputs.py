"""Studies that differ in one input from a valid one: what tests of bad input build."""

import pandas as pd

import atrisk as ar
from conftest import make_panel, make_services

TWO = [ar.Shock("a", 0.1), ar.Shock("b", 0.1)]
THREE = [*TWO, ar.Shock("c", 0.1)]


def study(care=None, arms=None, panel=None, **how):
    return ar.Study(panel or make_panel(20), care or utilization(), arms or {"A": ar.FeeForService()}, **how)


def utilization(**terms):
    return ar.Utilization(**{"services": make_services()} | terms)


def care(**terms):
    return study(utilization(**terms))


def shock(cv=0.1, **terms):
    return care(shocks=[ar.Shock("flu", cv, **terms)])


def service(**terms):
    fields = {"per_1000": 100, "allowed": 10.0} | terms
    return care(services=[ar.Service("inpatient", **fields)])


def pair(**parts):
    frame = {"age": [40.0, 50.0], "sex": "f", "risk_score": [1.0, 2.0], "stage": ["no", "yes"]}
    return ar.Population.from_frame(pd.DataFrame(frame), **parts)


def panel(**parts):
    return study(panel=pair(**parts))


def condition(**terms):
    fields = {"states": ("no", "yes"), "transition": [[0.9, 0.1], [0, 1]], "shares": [0.5, 0.5]} | terms
    return panel(conditions=[ar.Condition("diabetes", **fields)])


def savings(base_years=3, **terms):
    contract = ar.SharedSavings(**{"basis": "allowed", "sharing_rate": 0.5} | terms)
    return study(arms={"ACO": [ar.FeeForService(), contract]}, base_years=base_years)


def benchmark(base_years=3, **terms):
    return savings(base_years, benchmark=ar.Benchmark(**terms))


def programme(**terms):
    one = ar.Programme("care", **{"effect": -0.1} | terms)
    return study(arms={"ACO": ar.Arm(ar.FeeForService(), programmes=one)})


def capitation(**terms):
    return study(arms={"A": ar.Capitation(**{"pmpm": 1} | terms)})


def unknown(**how):
    terms = {name: ar.Normal(0, 0.01) for name in ("trend", "price_trend", "fixed_cost_trend")}
    return study(utilization(**terms), **how)


def frailty(**terms):
    return ar.Frailty(**{"cv": 0.5} | terms)


def enrolment(**terms):
    return panel(enrolment=ar.Enrolment(**terms))


def attribution(**terms):
    return panel(attribution=ar.Attribution(**terms))


def scores(**terms):
    return panel(risk_scores=ar.RiskScores(**terms))
