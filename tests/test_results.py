"""Tables of results: columns, order, standard errors that are right, statements that add up to the cent."""

import copy
import pickle
import platform
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk import metrics
from conftest import make_arms, make_care, make_panel, make_rich_panel

COLUMNS = [
    "arm",
    "draw",
    "replicate",
    "year",
    "member_months",
    "allowed",
    "paid",
    "provider_revenue",
    "provider_cost",
    "provider_net",
    "payer_spend",
    "member_cost_share",
]


@pytest.fixture(scope="module")
def results():
    return ar.Study(make_rich_panel(), make_care(), make_arms(), seed=20).run(400, first=50, progress=False)


def test_to_pandas_has_the_promised_form(results):
    frame = results.to_pandas()
    assert list(frame.columns) == COLUMNS
    assert isinstance(frame.index, pd.RangeIndex)
    assert len(frame) == 400 * 6
    assert frame.equals(frame.sort_values(COLUMNS[:4]).reset_index(drop=True))
    assert set(frame["replicate"]) == set(range(50, 450))
    assert set(frame["year"]) == {1}
    assert set(frame["draw"]) == {0}


def test_figures_hang_together(results):
    frame = results.to_pandas()
    np.testing.assert_allclose(frame["provider_net"], frame["provider_revenue"] - frame["provider_cost"])
    np.testing.assert_allclose(frame["allowed"], frame["paid"] + frame["member_cost_share"])
    months = results.study.population.member_months
    assert set(frame["member_months"]) == {months}


def test_summary_gives_every_figure_a_standard_error(results):
    summary = results.summary()
    assert list(summary.index) == results.arms
    figures = [name for name in summary.columns if not name.endswith("_se")]
    assert [f"{name}_se" for name in figures] == [name for name in summary.columns if name.endswith("_se")]
    net = results.values("provider_net", "ACO")
    row = summary.loc["ACO"]
    assert row["provider_net_mean"] == pytest.approx(net.mean())
    assert row["provider_net_mean_se"] == pytest.approx(net.std(ddof=1) / 20)
    assert row["provider_net_sd"] == pytest.approx(net.std(ddof=1))
    assert row["probability_of_loss"] == (net < 0).mean()
    assert row["provider_net_pmpm"] == pytest.approx(net.mean() / results.values("member_months", "ACO")[0])


def test_compare_is_paired(results):
    compared = results.compare("Capitation")
    assert "Capitation" not in compared.index
    difference = results.values("provider_net", "Capitation, covered") - results.values("provider_net", "Capitation")
    row = compared.loc["Capitation, covered"]
    assert row["provider_net_mean"] == pytest.approx(difference.mean())
    assert row["provider_net_mean_se"] == pytest.approx(difference.std(ddof=1) / 20)
    unpaired = np.hypot(
        *(results.summary().loc[arm, "provider_net_mean_se"] for arm in ("Capitation", "Capitation, covered"))
    )
    assert row["provider_net_mean_se"] < 0.7 * unpaired
    assert row["provider_revenue_mean"] == pytest.approx(0, abs=1e-6)


def test_standard_errors_are_what_repetition_shows():
    """Figures of 2,000 samples of 500: their spread against the standard error each sample claims."""
    samples = np.random.default_rng(1).gamma(2.0, 1.0, (2_000, 500))
    figures = {
        "mean": metrics.mean,
        "sd": metrics.standard_deviation,
        "probability": lambda values: metrics.probability(values > 4),
        "quantile": lambda values: metrics.quantile(values, 0.05),
    }
    for name, figure in figures.items():
        values, errors = np.array([figure(sample) for sample in samples]).T
        assert errors.mean() == pytest.approx(values.std(ddof=1), rel=0.12), name


def test_none_seen_is_not_never():
    value, error = metrics.probability(np.zeros(100, dtype=bool))
    assert (value, round(error, 4)) == (0.0, 0.007)


def test_what_is_undefined_is_missing_with_a_reason(study):
    summary = study.run(1, progress=False).summary()
    assert summary["provider_net_mean_se"].isna().all()
    assert summary["provider_net_sd"].isna().all()
    assert "too few replicates (1) for" in summary.attrs["missing"]
    assert summary["provider_net_mean"].notna().all()


def test_statements_add_up_to_the_cent(results):
    for arm in results.arms:
        for replicate in (50, 77, 449):
            statement = results.statement(arm, replicate=replicate)
            ledger = statement.ledger()
            assert all(amount == amount.quantize(Decimal("0.01")) for amount in ledger["amount"])
            received = sum(ledger.loc[ledger["to_party"] == "provider", "amount"])
            paid = sum(ledger.loc[ledger["from_party"] == "provider", "amount"])
            totals = statement.totals().set_index("account")["provider_net"]
            assert totals["total"] == received - paid
            simulated = results.values("provider_net", arm)[replicate - 50]
            # The simulation does not round; a statement rounds every line of every month.
            assert float(totals["total"]) == pytest.approx(simulated, abs=0.005 * (len(ledger) + 24))


def test_a_statement_decides_as_the_simulation_did():
    """Benchmarks a cent of the total apart, around the gate: earned in both or in neither."""
    service = ar.Service("visits", per_1000=20_000, allowed=10.333, coinsurance=0.2)
    care = ar.Utilization(services=[service])
    fees = ar.Study(make_panel(3), care, {"A": ar.FeeForService()}, seed=3).run(1, progress=False)
    spending = fees.values("paid", "A")[0]
    decided = set()
    for cents in range(-20, 21):
        terms = {"basis": "paid", "sharing_rate": 1, "minimum_savings_rate": 0.5}
        savings = ar.SharedSavings(benchmark_pmpm=(2 * spending + cents / 100) / 36, **terms)
        arms = {"A": [ar.FeeForService(), savings]}
        results = ar.Study(make_panel(3), care, arms, seed=3).run(1, progress=False)
        lines = results.statement("A", replicate=0).to_frame().set_index("line")["value"]
        earned = results.values("provider_revenue", "A")[0] - results.values("allowed", "A")[0]
        assert float(lines["earned"]) == pytest.approx(earned, abs=0.006), cents
        decided.add(bool(earned > 1))
    assert decided == {True, False}


def test_a_statement_shows_its_computation(results):
    steps = results.statement("ACO", replicate=60).to_frame()
    assert set(steps["contract"]) == {"ACO[0]", "ACO[1]"}
    lines = steps[steps["contract"] == "ACO[1]"].set_index("line")["value"]
    assert lines["benchmark"] == (lines["member_months"] * Decimal(190)).quantize(Decimal("0.01"))
    assert lines["savings"] == lines["benchmark"] - lines["spending"] + lines["truncated"]
    expected = min(lines["savings"] * Decimal("0.5"), lines["payment_limit"]) if lines["earned"] else Decimal(0)
    assert abs(lines["earned"] - expected) <= Decimal("0.01")
    assert set(steps["unit"]) == {"dollars", "member_months", "rate"}


def test_minimum_cash_is_read_off_the_ledger(results):
    for arm in results.arms:
        ledger = results.statement(arm, replicate=99).ledger()
        signed = ledger["amount"].astype(float) * (
            (ledger["to_party"] == "provider").astype(int) - (ledger["from_party"] == "provider").astype(int)
        )
        balance = signed.groupby(ledger["month_cash"]).sum().reindex(range(1, 61), fill_value=0.0).cumsum()
        index = 99 - 50
        assert results.values("minimum_cash", arm)[index] == pytest.approx(balance.min(), abs=2.0)
        assert results.values("minimum_cash_month", arm)[index] == balance.idxmin()


def test_results_carry_what_it_takes_to_run_them_again(results):
    assert results.spec["seed"] == 20
    assert results.versions["atrisk"] == ar.__version__
    assert results.versions["python"] == platform.python_version()
    assert results.rerun().first == 50


def test_a_seed_that_was_not_given_is_recorded(panel, care, arms):
    unseeded = ar.Study(panel, care, arms)
    again = ar.Study(panel, care, arms, seed=unseeded.seed)
    assert unseeded.seed != ar.Study(panel, care, arms).seed
    first, second = (study.run(3, progress=False).to_pandas() for study in (unseeded, again))
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_seeds_of_numpy(panel, care, arms):
    def allowed(seed):
        return ar.Study(panel, care, arms, seed=seed).run(2, progress=False).values("allowed", "ACO").tolist()

    assert allowed(np.random.SeedSequence(5)) == allowed(np.random.SeedSequence(5))
    assert allowed(np.random.default_rng(5)) == allowed(np.random.default_rng(5))
    assert allowed(np.int64(7)) == allowed(7)


def test_what_a_notebook_shows(results):
    page = results._repr_html_()
    assert page.count("<tr>") == 1 + 12
    assert "±" in page
    assert "seed 20" in page
    assert "Statement of ACO" in results.statement("ACO", replicate=50)._repr_html_()
    assert repr(results) == "Results(300 members, 1 year, arms: 6, replicates: 400 from 50, seed 20)"
    assert repr(results.study).startswith("Study(300 members, 4 services, arms: ['Fee-for-service'")


def test_pictures_have_units_and_every_arm(results):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    axes = results.plot.exceedance(unit="1970s dollars")
    assert axes.get_xlabel() == "provider net of a year (thousand 1970s dollars)"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == results.arms
    against = results.plot.exceedance(relative_to="ACO")
    assert against.get_xlabel() == "provider net of a year, less that under ACO (thousand dollars)"
    colours = {line.get_label(): line.get_color() for line in axes.get_lines()}
    assert all(
        colours[line.get_label()] == line.get_color() for line in against.get_lines() if line.get_label() in colours
    )
    curve = axes.get_lines()[0]
    net = np.sort(results.values("provider_net", results.arms[0]))
    np.testing.assert_allclose(curve.get_xdata(), net / 1e3)
    assert curve.get_ydata()[0] == 1.0


def test_an_interrupted_run_keeps_what_has_run(study, monkeypatch):
    calls = []

    class Interrupting:
        def run(self, first, replicates, threads, by_month):
            calls.append(replicates)
            if len(calls) == 3:
                raise KeyboardInterrupt
            return core.run(first, replicates, threads, by_month)

    core = study._core
    monkeypatch.setattr(study, "_core", Interrupting())
    with pytest.warns(UserWarning, match="interrupted: the first"):
        partial = study.run(10**6, progress=False)
    assert partial.replicates == sum(calls[:2])
    monkeypatch.undo()
    whole = study.run(partial.replicates, progress=False)
    pd.testing.assert_frame_equal(partial.to_pandas(), whole.to_pandas(), check_exact=True)


def test_memory_is_a_formula(study):
    assert study.memory_bytes(1_000) == 80 * 1_000 * 6 + 24 * 300


def test_the_dust_of_sums_is_neither_gain_nor_loss():
    """A fee that is exactly the cost: nothing is lost, whatever the last bit says."""
    service = ar.Service("visits", per_1000=5_000, allowed=99.9, own_cost=99.9)
    services = [service, ar.Service("tests", per_1000=700, allowed=33.3)]
    exact = ar.Study(make_panel(100), ar.Utilization(services=[service]), {"A": ar.FeeForService()}, seed=1)
    results = exact.run(2_000, progress=False)
    assert np.abs(results.values("provider_net", "A")).max() < 1e-6
    assert results.summary().loc["A", "probability_of_loss"] == 0
    assert (results.values("minimum_cash", "A") == 0).all()
    split = [ar.FeeForService(scope=["tests"]), ar.FeeForService(scope=["visits"])]
    arms = {"One": ar.FeeForService(), "Two": split}
    compared = ar.Study(make_panel(100), ar.Utilization(services=services), arms, seed=1).run(500, progress=False)
    assert compared.compare("One").loc["Two", "probability_of_more"] == 0


def test_nobody_changes_what_was_found(results):
    with pytest.raises(ValueError, match="read-only"):
        results.values("provider_net", "ACO")[0] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        results.study.population.columns["risk_score"][:] = 9.0
    with pytest.raises(TypeError):
        results.study.population.columns["risk_score"] = 9.0
    before = results.arms
    results.spec["arms"][0]["name"] = "changed"
    assert results.arms == before
    results.spec["arms"][0]["name"] = before[0]


def test_studies_and_results_travel(results):
    for again in (pickle.loads(pickle.dumps(results)), copy.deepcopy(results)):  # noqa: S301 - our own bytes
        pd.testing.assert_frame_equal(again.to_pandas(), results.to_pandas(), check_exact=True)
        pd.testing.assert_frame_equal(again.rerun().summary(), results.summary(), check_exact=True)
        assert str(again.statement("ACO", replicate=60)) == str(results.statement("ACO", replicate=60))


def test_the_last_replicate_there_is():
    study = ar.Study(make_panel(3), make_care(), {"A": ar.FeeForService()}, seed=1)
    assert study.run(1, first=2**32 - 1, progress=False).to_pandas()["replicate"].tolist() == [2**32 - 1]
    with pytest.raises(ar.InputError, match=r"run\.first"):
        study.run(2, first=2**32 - 1, progress=False)


def test_a_statement_of_too_many_dollars_is_refused():
    care = ar.Utilization(services=[ar.Service("moon", per_1000=1e6, allowed=1e12)])
    results = ar.Study(make_panel(30), care, {"A": ar.FeeForService()}, seed=1).run(1, progress=False)
    with pytest.raises(ar.InputError, match="statement: must have at most 1000000000000000 dollars"):
        results.statement("A", replicate=0)


INTERRUPTED = """
import os, signal, sys, threading, time
sys.path.insert(0, {tests!r})
from conftest import make_care, make_panel
import atrisk as ar
study = ar.Study(make_panel(200_000), make_care(), {{"A": ar.FeeForService()}}, seed=1)
study.run(2, progress=False)
sent = []
def interrupt():
    sent.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)
threading.Timer({after}, interrupt).start()
try:
    results = study.run(10**6, progress=False)
    print("kept", results.replicates, end=" ")
except KeyboardInterrupt:
    print("nothing", end=" ")
print(time.perf_counter() - sent[0])
"""


@pytest.mark.parametrize("after", [0.05, 2.0])
def test_ctrl_c_answers_within_half_a_second(after):
    code = INTERRUPTED.format(tests=str(Path(__file__).parent), after=after)
    shown = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    *_, seconds = shown.stdout.split()
    print(shown.stdout)
    assert float(seconds) < 0.5
    if after > 1:
        assert shown.stdout.startswith("kept")
