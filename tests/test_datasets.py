"""The RAND person-years are the published ones, and what is read from them adds up."""

import gzip
import math
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk.datasets import _make_rand_hie, calibration

PLAN = ["coinsurance_percent", "individual_deductible"]
SHIPPED = files("atrisk.datasets").joinpath("rand_hie.csv.gz")
DOCS = Path(__file__).parents[1] / "docs" / "datasets.md"


@pytest.fixture(scope="module")
def person_years():
    return ar.datasets.rand_hie()


@pytest.fixture(scope="module")
def free_plan(person_years):
    return person_years[(person_years["coinsurance_percent"] == 0) & (person_years["individual_deductible"] == 0)]


def few(**columns):
    """Four person-years of one plan that can be reckoned by eye."""
    plain = dict.fromkeys(
        [
            "physician_visits",
            "psychotherapy_visits",
            "admissions",
            "inpatient_charges_missing",
            *calibration.DOLLARS,
        ],
        0,
    )
    plan = {"coinsurance_percent": 0, "individual_deductible": 0, "enrolled_share": 1.0}
    return pd.DataFrame(plan | plain | {"age": 30.0, "sex": "female"} | columns, index=range(4))


def test_rows_persons_and_years(person_years):
    assert len(person_years) == 20_190
    assert person_years["person_id"].nunique() == 5_912
    assert not person_years.duplicated(["person_id", "year"]).any()
    assert person_years["year"].between(1, 5).all()
    assert person_years[["person_id", "year"]].equals(
        person_years[["person_id", "year"]].sort_values(["person_id", "year"])
    )


def test_medical_dollars_have_the_published_mean_and_spread(person_years):
    assert person_years["medical_dollars"].mean() == pytest.approx(172, abs=0.5)
    assert person_years["medical_dollars"].std() == pytest.approx(698, abs=0.5)


def test_medical_dollars_are_as_concentrated_as_published(person_years):
    ordered = np.sort(person_years["medical_dollars"])[::-1]
    shares = [ordered[: round(len(ordered) * top)].sum() / ordered.sum() for top in (0.01, 0.05, 0.1, 0.2, 0.5)]
    assert shares == pytest.approx([0.29, 0.58, 0.72, 0.85, 0.97], abs=0.006)


@pytest.mark.parametrize(
    ("plan", "rows", "visits", "no_expense"),
    [
        ((0, 0), 6_822, 3.55, 0.133),
        ((0, 1), 4_175, 2.42, 0.277),
        ((25, 0), 4_065, 2.79, 0.213),
        ((50, 0), 1_401, 2.56, 0.228),
        ((95, 0), 2_653, 2.11, 0.348),
        ((100, 1), 1_074, 2.68, 0.263),
    ],
)
def test_visits_and_expense_by_plan(person_years, plan, rows, visits, no_expense):
    group = person_years.groupby(PLAN).get_group(plan)
    assert len(group) == rows
    assert group["physician_visits"].mean() == pytest.approx(visits, abs=0.005)
    assert (group["medical_dollars"] == 0).mean() == pytest.approx(no_expense, abs=0.0005)


def test_care_that_costs_the_family_is_used_less(person_years):
    visits = person_years.groupby(PLAN)["physician_visits"].mean()
    none = (person_years["medical_dollars"] == 0).groupby([person_years[name] for name in PLAN]).mean()
    assert 3.1 < visits[0, 0] < 3.6
    assert visits[95, 0] == pytest.approx(2.1, abs=0.05)
    assert (none[0, 0], none[95, 0]) == pytest.approx((0.13, 0.35), abs=0.005)


def test_medical_dollars_are_all_kinds_but_psychotherapy(person_years):
    kinds = ["outpatient_dollars", "drug_dollars", "supply_dollars", "inpatient_dollars"]
    apart = (person_years["medical_dollars"] - person_years[kinds].sum(axis="columns")).abs()
    assert (apart > 0.035).sum() == 2, "two rows of the source do not add up; the others do, to a cent a kind"
    assert person_years["psychotherapy_dollars"].sum() == pytest.approx(138_712, abs=1)


def test_missing_values_are_where_the_page_says(person_years):
    missing = person_years.isna().sum()
    assert missing[missing > 0].to_dict() == {
        "maximum_expenditure": 5,
        "participation_incentive": 5,
        "education_years": 4,
    }


def test_every_column_is_described(person_years):
    for name in person_years.columns:
        assert f"``{name}``:" in ar.datasets.rand_hie.__doc__
        assert f"`{name}`" in DOCS.read_text(encoding="utf-8")


def test_shipped_file_is_small_undated_and_what_the_maker_writes(person_years, tmp_path):
    shipped = SHIPPED.read_bytes()
    assert len(shipped) < 400_000
    assert shipped[4:8] == bytes(4), "a date in the gzip header"
    _make_rand_hie.write(person_years, tmp_path / "again.csv.gz")
    assert gzip.decompress((tmp_path / "again.csv.gz").read_bytes()) == gzip.decompress(shipped)


def test_tidy_renames_recodes_and_sorts():
    source = pd.DataFrame(0.0, index=[0, 1], columns=[*_make_rand_hie.COLUMNS, "hlthf", "hlthp", "lnum"])
    source["zper"], source["female"], source["hlthp"], source["ghindx"] = (
        [2, 1],
        [0, 1],
        [1, 0],
        [np.nan, 50.0],
    )
    table = _make_rand_hie.tidy(source)
    assert list(table.columns) == list(_make_rand_hie.COLUMNS.values())
    assert table["person_id"].tolist() == [1, 2]
    assert table["sex"].tolist() == ["female", "male"]
    assert table["self_rated_health"].tolist() == ["excellent", "poor"]
    assert table["general_health_imputed"].tolist() == [0, 1]


def test_importing_atrisk_imports_no_pandas():
    code = "import sys, atrisk; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - its own code


def test_full_years_are_those_enrolled_all_year(free_plan):
    assert len(ar.datasets.full_years(free_plan)) == 6_811
    assert len(free_plan) == 6_822


@pytest.mark.parametrize(
    ("service", "per_1000", "mean_dollars", "cv", "users", "events", "cv_person_years"),
    [
        ("physician visits", 3_550.14, 17.88, 2.51, 5_327, 24_180, 1_214),
        ("psychotherapy visits", 527.38, 16.15, 0.69, 303, 3_592, 51),
        ("hospital admissions", 125.97, 844.05, 0.99, 687, 858, 549),
        ("drugs, any use in a year", 648.95, 26.80, 1.68, 4_420, 4_420, 4_420),
        ("supplies, any use in a year", 266.63, 32.40, 1.20, 1_816, 1_816, 1_816),
    ],
)
def test_service_lines_of_the_free_plan(  # noqa: PLR0917 - one row of the table
    free_plan, service, per_1000, mean_dollars, cv, users, events, cv_person_years
):
    line = ar.datasets.service_lines(free_plan).loc[service]
    assert (line["per_1000"], line["mean_dollars"], line["cv"]) == pytest.approx(
        (per_1000, mean_dollars, cv), abs=0.005
    )
    assert (line["users"], line["events"], line["cv_person_years"]) == (users, events, cv_person_years)
    assert line["person_years"] == 6_811


def test_basis_says_what_kind_of_estimate_a_line_is(free_plan):
    basis = ar.datasets.service_lines(free_plan)["basis"]
    annual = "any use \u00d7 annual dollars if any"
    assert basis.tolist() == ["dollars per event"] * 3 + [annual] * 2


@pytest.mark.parametrize("plan", [(0, 0), (0, 1), (25, 0), (50, 0), (95, 0), (100, 1)])
def test_lines_add_up_to_the_dollars_of_the_sample(person_years, plan):
    group = person_years.groupby(PLAN).get_group(plan)
    table, full = ar.datasets.service_lines(group), ar.datasets.full_years(group)
    per_year = (table["per_1000"] / 1_000 * table["mean_dollars"]).sum()
    assert per_year == pytest.approx(ar.datasets.total_dollars(full).mean(), rel=1e-12)
    assert per_year == pytest.approx((full["medical_dollars"] + full["psychotherapy_dollars"]).mean(), abs=0.01)


def test_lines_by_eye():
    rows = few(
        admissions=[0, 1, 1, 2],
        inpatient_dollars=[0, 100, 300, 800],
        drug_dollars=[0, 0, 10, 30],
    )
    table = ar.datasets.service_lines(rows)
    stay, drugs = table.loc["hospital admissions"], table.loc["drugs, any use in a year"]
    assert (stay["per_1000"], stay["mean_dollars"], stay["events"], stay["cv_person_years"]) == (
        1_000,
        300,
        4,
        2,
    )
    assert stay["cv"] == pytest.approx(math.sqrt(20_000) / 200)
    assert (drugs["per_1000"], drugs["mean_dollars"], drugs["events"]) == (500, 20, 2)
    assert drugs["cv"] == pytest.approx(math.sqrt(200) / 20)


def test_stays_with_missing_charges_count_but_have_no_say_in_the_cv():
    rows = few(admissions=1, inpatient_dollars=[100, 100, 100, 0], inpatient_charges_missing=[0, 0, 0, 1])
    stay = ar.datasets.service_lines(rows).loc["hospital admissions"]
    assert (stay["per_1000"], stay["mean_dollars"], stay["cv"], stay["cv_person_years"]) == (1_000, 75, 0, 3)


def test_a_cv_of_too_few_is_missing_with_its_reason(person_years):
    table = ar.datasets.service_lines(person_years[person_years["coinsurance_percent"] == 100])
    assert table["cv"].isna().tolist() == [False, True, False, False, False]
    assert table.loc["psychotherapy visits", "cv"] is pd.NA
    assert table.attrs["missing"] == "too few person-years for the cv of psychotherapy visits"


@pytest.mark.parametrize("read", [ar.datasets.service_lines, ar.datasets.frailty_cv])
def test_several_plans_no_full_year_or_no_column_are_refused(person_years, read):
    with pytest.raises(ar.InputError, match="person_years: must be of one plan, got 6 plans"):
        read(person_years)
    with pytest.raises(ar.InputError, match="person_years: must be of one plan, got 2 plans"):
        read(person_years[person_years["coinsurance_percent"] == 0])
    with pytest.raises(ar.InputError, match="must hold full years"):
        read(few(enrolled_share=0.5))
    with pytest.raises(ar.InputError, match="got no admissions"):
        read(few().drop(columns="admissions"))


def test_risk_score_is_the_relativity_of_age_and_sex(free_plan):
    full = ar.datasets.full_years(free_plan)
    score = ar.datasets.risk_score(full)
    assert score.name == "risk_score"
    assert score.index.equals(full.index)
    assert score.notna().all()
    assert score.mean() == pytest.approx(1.0, rel=1e-12)
    assert score.nunique() == 14
    cell = (full["sex"] == "female") & full["age"].between(25, 35, inclusive="left")
    dollars = ar.datasets.total_dollars(full)
    assert score[cell].unique() == pytest.approx([dollars[cell].mean() / dollars.mean()])
    assert score[full["age"] >= 55].mean() > 1.5
    assert score[full["age"].between(5, 17.9)].mean() < 0.7


def test_frailty_is_what_poisson_and_risk_leave_over(free_plan):
    full = ar.datasets.full_years(free_plan)
    visits, score = full["physician_visits"], ar.datasets.risk_score(full)
    total = (visits.var() - visits.mean()) / visits.mean() ** 2
    assert total == pytest.approx(1.66, abs=0.01)
    frailty_cv = ar.datasets.frailty_cv(free_plan)
    assert (1 + score.var()) * (1 + frailty_cv**2) == pytest.approx(1 + total, rel=1e-12)
    assert frailty_cv == pytest.approx(0.996, abs=0.001)


@pytest.mark.parametrize("cv", [0.0, 0.8])
def test_frailty_of_a_made_up_plan_is_found(cv):
    rng = np.random.default_rng(11)
    n = 20_000
    frailty = rng.gamma(1 / cv**2, cv**2, n) if cv else np.ones(n)
    made_up = pd.concat([few(outpatient_dollars=1)] * (n // 4), ignore_index=True)
    made_up["physician_visits"] = rng.poisson(3.0 * frailty)
    assert ar.datasets.frailty_cv(made_up) == pytest.approx(cv, abs=0.03 if cv else 0.1)


def test_frailty_without_visits_is_refused():
    with pytest.raises(ar.InputError, match="must have physician visits"):
        ar.datasets.frailty_cv(few(outpatient_dollars=1))
