"""The second opinion: the slow twin replays the same worlds and must come to the same counts and dollars."""

import ast
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
import oracle
from atrisk import _core
from conftest import make_arms, make_care, make_rich_panel, make_services

REPLICATES = 200


def oracle_columns(study):
    return study.population.core_columns() | study.factors


def assert_figures_agree(study, results, twin):
    """Every figure by arm and year within a millionth, and the months of the lowest cash.

    Nets are differences of large sums: a millionth of those is what both can promise.
    """
    for index, arm in enumerate(study.arms):
        for year in range(1, study.years + 1):
            dollars = {name: results.values(name, arm, year=year) for name in _core.figure_names()}
            theirs = {name: twin[name][:, index, year - 1] for name in dollars}
            large = np.maximum(dollars["provider_cost"], dollars["provider_revenue"])
            for name, ours in dollars.items():
                if name == "minimum_cash_month":
                    assert (ours == theirs[name]).all(), (arm, year)
                    continue
                scale = np.abs(theirs[name])
                if name in {"provider_net", "minimum_cash"}:
                    scale = np.maximum(scale, large * (year if name == "minimum_cash" else 1))
                error = np.abs(ours - theirs[name]) / np.maximum(scale, 1.0)
                assert error.max() < 1e-6, (name, arm, year, int(error.argmax()), error.max())


def assert_events_agree(study, replicate, *, base_years=False):
    """Every event of the baseline in member, year, service, month and price; returns how many each year has."""
    world = oracle.simulate(study.spec, oracle_columns(study), replicate, base_years=base_years)
    names = np.array([service["name"] for service in study.spec["utilization"]["services"]])
    keys = ["member_ix", "year", "service", "month", "allowed"]
    theirs = pd.concat(
        pd.DataFrame(dict(zip(keys, (e.member_row, year, names[e.service], e.month, e.price), strict=True)))
        for year, e in ((year, drawn.events) for year, drawn in world.years.items())
    )
    events = study.claims(replicate, base_years=base_years)
    ours, theirs = (frame.sort_values(keys)[keys].reset_index(drop=True) for frame in (events, theirs))
    assert len(ours) == len(theirs)
    for key in keys[:-1]:
        assert (ours[key].to_numpy() == theirs[key].to_numpy()).all(), key
    np.testing.assert_allclose(ours["allowed"], theirs["allowed"], rtol=1e-6, atol=1e-9)
    return theirs["year"].value_counts().to_dict()


def assert_agree(study, replicates, *, looked_at=5, first=0, **how):
    """Figures of all replicates, and the events of some, base years included; returns the figures of both."""
    results = study.run(replicates, first=first, progress=False, **how)
    twin = oracle.run(study.spec, oracle_columns(study), range(first, first + replicates), **how)
    assert_figures_agree(study, results, twin)
    for replicate in range(first, first + looked_at):
        assert_events_agree(study, replicate, base_years=True)
    return results, twin


def test_one_year_agrees_in_every_figure_of_every_contract():
    study = ar.Study(make_rich_panel(), make_care(), make_arms(), seed=20)
    assert_agree(study, REPLICATES, looked_at=REPLICATES)


def test_agreement_does_not_depend_on_the_panel():
    """Another panel, other rates, no frailty, a heavy service: still the same counts and dollars."""
    services = [
        ar.Service("therapy", per_1000=90_000, allowed=ar.Gamma(mean=40, cv=0.5), own_cost=31.0),
        ar.Service("surgery", per_1000=12, allowed=ar.LogNormal(mean=40_000, cv=2.0), coinsurance=0.1),
        *make_services()[1:3],
    ]
    care = make_care(services, frailty_cv=0.0)
    arms = {"Capitation": ar.Capitation(pmpm=700), "Fees": ar.FeeForService(fee_level=0.8)}
    study = ar.Study(make_rich_panel(80, seed=8), care, arms, seed=2**64 - 1)
    assert_agree(study, 20, first=1_000)


TAILED = ar.Spliced(ar.LogNormal(mean=900, cv=1.2), ar.Pareto(shape=2.2, scale=3_000), at=4_000, tail_probability=0.02)
SEVERITIES = [
    ar.Pareto(shape=2.5, scale=4_000),
    ar.Spliced(ar.LogNormal(mean=900, cv=1.2), ar.Pareto(shape=2.2, scale=3_000), at=4_000),
    TAILED,
    ar.Empirical([10, 20, 55.5, 300], [5, 3, 1, 0.5]),
    ar.Mixture([(0.7, ar.Gamma(mean=80, cv=0.6)), (0.3, ar.LogNormal(mean=2_000, cv=1.5))]),
    ar.Mixture([(3, 0.0), (1, TAILED)]),
]


@pytest.mark.parametrize("allowed", SEVERITIES, ids=lambda allowed: type(allowed).__name__)
def test_severities_agree_event_by_event(allowed):
    care = make_care([ar.Service("visits", per_1000=6_000, allowed=allowed)], frailty_cv=0.5)
    study = ar.Study(make_rich_panel(120, seed=4), care, {"Fees": ar.FeeForService()}, seed=77)
    again = ar.Study.from_spec(study.population, study.run(2, progress=False).spec)
    assert study.claims(3).equals(again.claims(3))
    assert assert_events_agree(study, 3)[1] > 400


@pytest.mark.parametrize("allowed", SEVERITIES, ids=lambda allowed: type(allowed).__name__)
def test_samples_agree_value_by_value(allowed):
    theirs = oracle.sample(allowed.to_spec(), 2**64 - 5, 4_001)
    np.testing.assert_allclose(allowed.sample(4_001, seed=2**64 - 5), theirs, rtol=1e-6, atol=1e-9)


def test_the_twin_imports_nothing_but_numpy_and_scipy():
    modules = set()
    files = sorted(Path(oracle.__file__).parent.glob("oracle*.py"))
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                modules.add(node.module.split(".")[0])
    own = {file.stem for file in files}
    assert modules - set(sys.stdlib_module_names) - own <= {"numpy", "scipy"}
