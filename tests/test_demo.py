"""The demonstration runs as a reader would run it, and its figures hang together."""

import subprocess
import sys

import numpy as np
import pytest

import atrisk as ar
from atrisk import demo

ARMS = [
    "Fee-for-service",
    "Global capitation",
    "Global capitation with stop-loss",
    "Shared savings, two-sided",
]
PLOTS = ["exceedance.png", "exceedance_against_fee_for_service.png"]


@pytest.fixture(scope="module")
def person_years():
    return demo.free_plan()


@pytest.fixture(scope="module")
def results(person_years):
    case = demo.build(person_years, members=1_000)
    arms = demo.arrangements(case, premium_pmpm=0.35)
    return case, ar.Study(case.panel, case.care, arms, seed=1).run(1_000, progress=False)


def test_demo_prints_the_arms_and_saves_the_plots(tmp_path, capsys):
    from matplotlib import image  # noqa: PLC0415 - only here

    folder = tmp_path / "new" / "folder"
    assert demo.main(["--replicates", "50", "--members", "300", "--output", str(folder)]) == 0
    printed = capsys.readouterr().out
    assert all(f"  {arm}: " in printed for arm in ARMS)
    for line in printed.splitlines():
        assert len(line) <= 120, line
    for name in PLOTS:
        assert str(folder / name) in printed
        pixels = image.imread(folder / name)[:, :, :3]
        assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 50, "blank"
    assert printed.splitlines()[-1].startswith("Wall time ")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert f"Saved {folder / 'report.html'}" in printed
    assert all(arm in page for arm in ARMS)
    assert "RAND Health Insurance Experiment, free plan" in page
    assert "Made up: terms of a contract nobody signed" in page
    assert "No assumptions were recorded" not in page


def test_demo_runs_as_a_module_without_a_terminal(tmp_path):
    words = ["-m", "atrisk.demo", "--replicates", "20", "--members", "100", "--output", str(tmp_path)]
    ran = subprocess.run([sys.executable, *words], check=False, capture_output=True, encoding="utf-8")  # noqa: S603
    assert ran.returncode == 0, ran.stderr
    assert "hospital admissions" in ran.stdout
    assert {path.name for path in tmp_path.iterdir()} == {*PLOTS, "report.html"}


@pytest.mark.parametrize("option", ["--members", "--replicates"])
@pytest.mark.parametrize("value", ["0", "-3", "many"])
def test_demo_refuses_what_is_no_count(option, value, capsys):
    with pytest.raises(SystemExit):
        demo.main([f"{option}={value}"])
    assert option in capsys.readouterr().err


def test_importing_the_demo_imports_no_matplotlib():
    code = "import sys, atrisk.demo; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - its own code


def test_demo_has_four_arms_and_five_services(results):
    case, run = results
    assert run.arms == ARMS
    delivered = {service.name: service.delivered_by for service in case.care.services}
    own = [name for name, by in delivered.items() if by == "provider"]
    assert own == ["physician visits", "psychotherapy visits"]
    assert len(delivered) == 5


def test_panel_is_drawn_from_real_persons_and_repeats(person_years):
    panel = demo.build(person_years, members=500).panel.to_pandas()
    real = set(zip(person_years["age"], person_years["sex"], person_years["risk_score"], strict=True))
    assert set(zip(panel["age"], panel["sex"], panel["risk_score"], strict=True)) <= real
    assert panel.equals(demo.build(person_years, members=500).panel.to_pandas())


@pytest.mark.parametrize("members", [300, 5_000])
def test_fee_for_service_loses_in_some_years_and_not_in_all(person_years, members):
    case = demo.build(person_years, members)
    arms = {"Fee-for-service": ar.FeeForService()}
    net = (
        ar.Study(case.panel, case.care, arms, seed=2).run(300, progress=False).values("provider_net", "Fee-for-service")
    )
    assert 0.02 < (net < 0).mean() < 0.5
    assert net.mean() > 0


def test_payer_spends_what_the_table_expects(results):
    case, run = results
    spend = run.values("payer_spend", "Fee-for-service") / case.panel.member_months
    error = spend.std(ddof=1) / np.sqrt(len(spend))
    assert spend.mean() == pytest.approx(case.expected_pmpm, abs=4 * error)
    capitated = run.values("payer_spend", "Global capitation") / case.panel.member_months
    assert capitated == pytest.approx(round(1.02 * case.expected_pmpm, 2))


def test_every_figure_of_the_demo_names_its_source(results):
    case, run = results
    given = {each.figure: each for each in run.study.assumptions}
    for service, line in case.table.iterrows():
        assert float(given[f"{service}: per_1000"].value.replace(",", "")) == round(line["per_1000"], 1)
        assert given[f"{service}: allowed, mean"].confidence == "derived"
    invented = {name for name, each in given.items() if each.confidence == "assumed"}
    assert {f"{name}: own_cost" for name in demo.OWN_COST} < invented
    assert {"stop-loss attachment point", "shared savings: loss_rate"} < invented
    assert given["stop-loss attachment point"].value == "4,000"
    terms = {name: float(given[f"shared savings: {name}"].value) for name in demo.SHARED_SAVINGS_TERMS}
    assert terms == demo.SHARED_SAVINGS_TERMS


def test_stop_loss_premium_rests_on_the_pilot(person_years):
    case = demo.build(person_years, members=1_000)
    recovery, error = demo.pilot_recovery_pmpm(case)
    arms = demo.arrangements(case, premium_pmpm=1.25 * recovery)
    _, stop_loss = arms["Global capitation with stop-loss"]
    assert stop_loss.premium_pmpm == round(1.25 * recovery, 2)
    run = ar.Study(case.panel, case.care, arms, seed=3).run(2_000, progress=False)
    kept = run.values("provider_net", "Global capitation with stop-loss") - run.values(
        "provider_net", "Global capitation"
    )
    again = kept / case.panel.member_months + stop_loss.premium_pmpm
    both = np.hypot(error, again.std(ddof=1) / np.sqrt(len(again)))
    assert again.mean() == pytest.approx(recovery, abs=4 * both)


def test_sample_recovers_more_than_the_model(person_years):
    recovery, error = demo.sample_recovery_pmpm(person_years)
    assert (recovery, error) == pytest.approx((1.019, 0.291), abs=0.001)
    pilot, _ = demo.pilot_recovery_pmpm(demo.build(person_years, members=1_000))
    assert pilot < recovery, "the far tail of the model has changed: mend docs/datasets.md"
