"""The second opinion: the slow twin replays the same worlds and must come to the same counts and dollars."""

import ast
import sys
from pathlib import Path

import numpy as np
import pytest

import atrisk as ar
import oracle
from atrisk import _core
from conftest import make_arms, make_care, make_rich_panel, make_services

REPLICATES = 200


def oracle_columns(panel):
    return {"member": panel.member_words} | {
        name: panel.columns[name] for name in ("risk_score", "entry_month", "exit_month")
    }


@pytest.fixture(scope="module")
def both():
    study = ar.Study(make_rich_panel(), make_care(), make_arms(), seed=20)
    results = study.run(REPLICATES, progress=False)
    twin = oracle.run(study.spec, oracle_columns(study.population), range(REPLICATES))
    return study, results, twin


@pytest.mark.parametrize("figure", [name for name in _core.figure_names() if name != "minimum_cash_month"])
def test_dollars_agree_within_a_millionth(both, figure):
    study, results, twin = both
    for index, arm in enumerate(study.arms):
        ours, theirs = results.values(figure, arm), twin[figure][:, index]
        # Nets are differences of large sums: a millionth of those is what both can promise.
        scale = np.maximum(np.abs(theirs), results.values("provider_cost", arm) if "net" in figure else 0)
        if figure == "minimum_cash":
            scale = np.maximum(scale, results.values("provider_revenue", arm))
        error = np.abs(ours - theirs) / np.maximum(scale, 1.0)
        assert error.max() < 1e-6, (arm, error.max())


def test_months_of_the_lowest_cash_agree(both):
    study, results, twin = both
    for index, arm in enumerate(study.arms):
        same = results.values("minimum_cash_month", arm) == twin["minimum_cash_month"][:, index]
        assert same.all()


def test_every_event_agrees_in_count_month_and_price(both):
    study, _, _ = both
    columns = oracle_columns(study.population)
    names = np.array([service["name"] for service in study.spec["utilization"]["services"]])
    for replicate in range(REPLICATES):
        events = study.claims(replicate)
        world = oracle.simulate(study.spec, columns, replicate)
        keys = ["member_ix", "service", "month", "allowed"]
        ours = events.sort_values(keys)[keys].reset_index(drop=True)
        order = np.lexsort((world.price, world.month, names[world.service], world.member_row))
        assert len(ours) == world.counts.sum()
        assert (ours["member_ix"].to_numpy() == world.member_row[order]).all()
        assert (ours["service"].to_numpy() == names[world.service][order]).all()
        assert (ours["month"].to_numpy() == world.month[order]).all()
        np.testing.assert_allclose(ours["allowed"], world.price[order], rtol=1e-6)


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
    results = study.run(20, first=1_000, progress=False)
    twin = oracle.run(study.spec, oracle_columns(study.population), range(1_000, 1_020))
    for index, arm in enumerate(study.arms):
        for figure in ("allowed", "paid", "provider_cost", "payer_spend"):
            np.testing.assert_allclose(results.values(figure, arm), twin[figure][:, index], rtol=1e-6)


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
    events = study.claims(3)
    assert events.equals(again.claims(3))
    world = oracle.simulate(study.spec, oracle_columns(study.population), 3)
    assert len(events) == world.counts.sum() > 400
    ours, theirs = (np.sort(prices) for prices in (events["allowed"].to_numpy(), world.price))
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("allowed", SEVERITIES, ids=lambda allowed: type(allowed).__name__)
def test_samples_agree_value_by_value(allowed):
    theirs = oracle.sample(allowed.to_spec(), 2**64 - 5, 4_001)
    np.testing.assert_allclose(allowed.sample(4_001, seed=2**64 - 5), theirs, rtol=1e-6, atol=1e-9)


def test_the_twin_imports_nothing_but_numpy_and_scipy():
    tree = ast.parse(Path(oracle.__file__).read_text(encoding="utf-8"))
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            modules.add(node.module.split(".")[0])
    assert modules - set(sys.stdlib_module_names) <= {"numpy", "scipy"}
