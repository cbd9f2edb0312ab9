"""The demonstration runs as a reader would run it, and its figures hang together."""

import dataclasses
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk import _demo_care, demo

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
def fitted(person_years):
    return demo.fit_by_halves(person_years)


@pytest.fixture(scope="module")
def estimates(fitted):
    return fitted[0]


@pytest.fixture(scope="module")
def results(person_years, estimates):
    case = demo.build(person_years, estimates, members=1_000)
    arms = demo.arrangements(case, premium_pmpm=0.35)
    return case, ar.Study(case.panel, case.care, arms, seed=1).run(1_000, progress=False)


def test_demo_prints_fit_and_arms_and_saves_the_plots(fitted, tmp_path, capsys, monkeypatch):
    from matplotlib import image  # noqa: PLC0415 - only here

    estimates, judged = fitted
    monkeypatch.setattr(demo, "fit_by_halves", lambda _: fitted)  # the next test runs it as it is
    folder = tmp_path / "new" / "folder"
    assert demo.main(["--replicates", "50", "--members", "300", "--output", str(folder)]) == 0
    printed = capsys.readouterr().out
    assert all(f"  {arm}: " in printed for arm in ARMS)
    told = " ".join(printed.split())
    assert (
        f"{judged.within} of {len(judged.table)} figures of persons not used in the fit are within their bands" in told
    )
    assert estimates.notes
    assert all(f"- {note} " in told for note in estimates.notes)
    for line in estimates.lines:
        assert f"{line.per_1000:,.2f}" in printed
        assert f"{line.price:,.2f}" in printed
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
    assert "no goodness of fit was given" not in page
    assert judged.notes
    assert all(note.replace("'", "&#x27;") in page for note in judged.notes)


def test_demo_runs_as_a_module_without_a_terminal(tmp_path):
    words = ["-m", "atrisk.demo", "--replicates", "20", "--members", "100", "--output", str(tmp_path)]
    ran = subprocess.run([sys.executable, *words], check=False, capture_output=True, encoding="utf-8")  # noqa: S603
    assert ran.returncode == 0, ran.stderr
    assert "admissions" in ran.stdout
    assert "figures of persons" in ran.stdout
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


def test_without_scipy_it_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(ImportError) as raised:
        demo.main([])
    assert str(raised.value) == "the demonstration fits its care with SciPy: pip install atrisk[fit]"


def test_without_matplotlib_plots_and_report_are_left_out(results, fitted, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    demo._save_pages(results[1], fitted[1], tmp_path / "pages")
    assert capsys.readouterr().out == "\nNo plots and no report: they need matplotlib (pip install atrisk[plot]).\n"
    assert list(tmp_path.iterdir()) == []


def test_those_who_judge_are_not_those_who_fit(person_years, fitted):
    estimates, judged = fitted
    assert estimates.members + judged.members == person_years.members
    assert estimates.person_years + judged.person_years == len(person_years)
    assert abs(estimates.members - judged.members) <= 1
    assert 0.7 * len(judged.table) < judged.within < len(judged.table)


def test_demo_has_four_arms_and_five_services(results):
    case, run = results
    assert run.arms == ARMS
    delivered = {service.name: service.delivered_by for service in case.care.services}
    own = [name for name, by in delivered.items() if by == "provider"]
    assert own == ["physician visits", "psychotherapy"] == list(demo.OWN_COST)
    assert len(delivered) == 5


def test_panel_is_drawn_from_real_persons_and_repeats(person_years, estimates):
    panel = demo.build(person_years, estimates, members=500).panel.to_pandas()
    real = set(zip(person_years.frame["age"], person_years.frame["sex"], strict=True))
    assert set(zip(panel["age"], panel["sex"], strict=True)) <= real
    assert (panel["risk_score"] == 1.0).all()
    assert panel.equals(demo.build(person_years, estimates, members=500).panel.to_pandas())


def test_relativities_are_those_of_the_age_band_and_the_sex():
    people = pd.DataFrame({"age": [0.5, 4.9, 5.0, 17.9, 18.0, 60.0], "sex": list("fmfmfm"), "risk_score": 1.0})
    panel = ar.Population.from_frame(people)
    bands, sexes = {18: 3.0, 0: 2.0, 5: 1.0}, {"female": 1.0, "male": 0.5}
    both = ar.Service("visits", per_1000=2_000.0, allowed=ar.LogNormal(mean=30.0, cv=1.0), relativities={"age": bands})
    assert _demo_care.mean_relativity(both, panel) == pytest.approx((2 + 2 + 1 + 1 + 3 + 3) / 6)
    both = dataclasses.replace(both, relativities={"age": bands, "sex": sexes})
    assert _demo_care.mean_relativity(both, panel) == pytest.approx((2 + 1 + 1 + 0.5 + 3 + 1.5) / 6)
    care = ar.Utilization(services=[both, dataclasses.replace(both, name="plain", relativities=None)])
    assert _demo_care.expected_pmpm(care, panel) == pytest.approx(2.0 * 30.0 / 12.0 * (1.5 + 1.0))


@pytest.mark.parametrize("members", [300, 5_000])
def test_fee_for_service_loses_in_some_years_and_not_in_all(person_years, estimates, members):
    case = demo.build(person_years, estimates, members)
    arms = {"Fee-for-service": ar.FeeForService()}
    net = (
        ar.Study(case.panel, case.care, arms, seed=2).run(300, progress=False).values("provider_net", "Fee-for-service")
    )
    assert 0.02 < (net < 0).mean() < 0.5
    assert net.mean() > 0


def test_payer_spends_what_the_fit_expects(results):
    case, run = results
    spend = run.values("payer_spend", "Fee-for-service") / case.panel.member_months
    error = spend.std(ddof=1) / np.sqrt(len(spend))
    assert spend.mean() == pytest.approx(case.expected_pmpm, abs=4 * error)
    capitated = run.values("payer_spend", "Global capitation") / case.panel.member_months
    assert capitated == pytest.approx(round(1.02 * case.expected_pmpm, 2))


def test_every_figure_of_the_demo_names_its_source(results, estimates):
    _, run = results
    given = {each.figure: each for each in run.study.assumptions}
    for path, row in estimates.table.iterrows():
        assert float(given[path].value) == pytest.approx(row["estimate"], rel=1e-5)
        assert given[path].confidence == "fitted"
        assert given[path].year == "1974-1982"
        assert given[path].source.startswith("RAND Health Insurance Experiment, free plan")
        assert given[path].source.endswith(f"3,382 person-years of 988 persons; from {row['basis']}")
    assert given["drugs.allowed.mean"].unit == "1970s dollars per event"
    for service in estimates.utilization.services:
        told = given[f"{service.name}.allowed.cv"]
        assert float(told.value) == pytest.approx(service.allowed.std() / service.allowed.mean(), rel=1e-5)
        assert told.confidence == "fitted"
    never = {name: float(each.value) for name, each in given.items() if name.endswith(".never_user_share")}
    assert never == pytest.approx(
        {
            "utilization.frailty.never_user_share": estimates.utilization.frailty.never_user_share,
            "psychotherapy.frailty.never_user_share": estimates.utilization.services[1].frailty.never_user_share,
        },
        rel=1e-5,
    )
    invented = {name for name, each in given.items() if each.confidence == "assumed"}
    assert {f"{name}: own_cost" for name in demo.OWN_COST} < invented
    assert {"stop-loss attachment point", "shared savings: loss_rate"} < invented
    assert given["stop-loss attachment point"].value == "4,000"
    terms = {name: float(given[f"shared savings: {name}"].value) for name in demo.SHARED_SAVINGS_TERMS}
    assert terms == demo.SHARED_SAVINGS_TERMS


def test_stop_loss_premium_rests_on_the_pilot(person_years, estimates):
    case = demo.build(person_years, estimates, members=1_000)
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


def test_sample_recovers_more_than_the_model(person_years, estimates):
    recovery, error = demo.sample_recovery_pmpm(person_years)
    assert (recovery, error) == pytest.approx((1.019, 0.291), abs=0.001)
    pilot, _ = demo.pilot_recovery_pmpm(demo.build(person_years, estimates, members=1_000))
    assert recovery - 2.0 * error < pilot < recovery, "the far tail of the model has changed: mend docs/datasets.md"
