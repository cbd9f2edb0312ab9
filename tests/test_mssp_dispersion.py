"""Savings rates of the Shared Savings Program are the published ones, and the fit finds what is put in."""

import gzip
import math
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

import atrisk as ar
from atrisk import metrics
from atrisk.datasets import _make_mssp_savings_rates as maker
from atrisk.datasets import dispersion

SHIPPED = files("atrisk.datasets").joinpath("mssp_savings_rates.csv.gz")
DOCS = Path(__file__).parents[1] / "docs" / "datasets.md"
CROSSWALK = {"A67373": "A1001", "A38665": "A1002"}


@pytest.fixture(scope="module")
def rates():
    return ar.datasets.mssp_savings_rates()


@pytest.fixture(scope="module")
def changes(rates):
    return ar.datasets.savings_rate_changes(rates)


def made_up(pairs, s, k, *, seed=1, mean=0.01):
    """Changes of a known law: sizes of 5,000 to 150,000."""
    rng = np.random.default_rng(seed)
    members = np.exp(rng.uniform(math.log(5_000), math.log(150_000), pairs))
    change = mean + rng.normal(0.0, 1.0, pairs) * np.sqrt(2 * (s**2 + k**2 / members))
    return pd.DataFrame({"first_year": 2016, "members": members, "savings_rate_change": change})


def source_of(**columns):
    """A year's file of two ACOs as texts."""
    plain = {
        "ACO_Num": ["A67373", "A99999"],
        "Current_Start_Date": ["01/01/2016", "7/1/2012"],
        "N_AB": ["51150", "9896"],
        "Sav_rate": ["0.1", "-0.05"],
        "MinSavPerc": ["0.021", "-"],
        "ABtotBnchmk": ["1000", "2000"],
        "ABtotExp": ["900", "2100"],
    }
    return pd.DataFrame(plain | columns)


def test_years_and_rows(rates):
    assert rates.groupby("performance_year").size().to_dict() == {2014: 333, 2016: 432, 2017: 472, 2021: 475, 2023: 453}
    assert not rates.duplicated(["aco_id", "performance_year"]).any()
    assert not rates.isna().any().any()
    assert rates.equals(rates.sort_values(["aco_id", "performance_year"], ignore_index=True))


def test_an_aco_is_the_same_in_all_years(rates):
    """Palm Beach Accountable Care Organization: A67373 until 2017, A1001 since."""
    found = rates.set_index(["aco_id", "performance_year"]).loc["A1001"]
    assert found.index.tolist() == [2014, 2016, 2017, 2021, 2023]
    assert found["members"].tolist() == [34_601, 51_150, 67_521, 89_403, 78_364]
    assert found["benchmark_dollars"].tolist() == [450_902_466, 667_198_021, 899_870_234, 1_175_345_650, 1_098_668_352]
    printed = [0.07135345566, 0.09405282, 0.070179641, 0.0717, 0.0909]
    assert found["savings_rate"].tolist() == pytest.approx(printed, abs=0.00005)
    assert found["savings_rate"].tolist()[:3] == pytest.approx(printed[:3], abs=1e-8)
    assert found["minimum_savings_rate"].tolist() == pytest.approx([0.02354, 0.02177, 0.02, 0.02, 0.02])


def test_minimum_savings_rates_are_shares(rates):
    """Between 2 % and 3.9 % from 5,000 members on, or what an ACO of two-sided risk chose, 0 among it."""
    large = rates[rates["members"] >= 5_000]
    assert large["minimum_savings_rate"].between(0, 0.04).all()
    assert 0.02 < large["minimum_savings_rate"].median() < 0.03


def test_every_column_is_described(rates):
    for name in rates.columns:
        assert f"``{name}``:" in ar.datasets.mssp_savings_rates.__doc__
        assert f"`{name}`" in DOCS.read_text(encoding="utf-8")


def test_shipped_file_is_small_undated_and_what_the_maker_writes(rates, tmp_path):
    shipped = SHIPPED.read_bytes()
    assert len(shipped) < 150_000
    assert shipped[4:8] == bytes(4), "a date in the gzip header"
    maker.write(rates.drop(columns="savings_rate"), tmp_path / "again.csv.gz")
    assert gzip.decompress((tmp_path / "again.csv.gz").read_bytes()) == gzip.decompress(shipped)


@pytest.mark.parametrize("year", [2014, 2016, 2017, 2021, 2023])
def test_raw_files_are_shipped_undated_and_hold_the_same_figures(rates, year):
    path = ar.datasets.mssp_puf(year)
    assert isinstance(path, Path)
    assert path.read_bytes()[4:8] == bytes(4), "a date in the gzip header"
    assert path.stat().st_size < 200_000
    raw, tidy = ar.mssp.read_puf(path), rates[rates["performance_year"] == year]
    assert sorted(raw["benchmark"]) == sorted(tidy["benchmark_dollars"])
    assert sorted(raw["spending"]) == sorted(tidy["expenditure_dollars"])
    assert sorted(raw["members"]) == sorted(tidy["members"])


def test_a_year_may_be_a_number_of_numpy():
    assert ar.datasets.mssp_puf(np.int64(2023)) == ar.datasets.mssp_puf(2023)


@pytest.mark.parametrize("year", [2015, "2023", None, True])
def test_a_year_that_is_not_shipped_is_told_which_are(year):
    with pytest.raises(ar.InputError) as caught:
        ar.datasets.mssp_puf(year)
    assert str(caught.value) == (
        f"datasets.mssp_puf.year: must be one of 2014, 2016, 2017, 2021, 2023, got {year!r} (others: data.cms.gov)"
    )


def test_numbers_are_read_as_every_year_writes_them():
    texts = pd.Series(["1,175,345,650", "7.17%", " 2.00% ", "-1.15%", "0.0217", "-", "*", ".", "", "-459"])
    read = maker.numbers(texts)
    assert read[:5].tolist() == pytest.approx([1_175_345_650, 0.0717, 0.02, -0.0115, 0.0217])
    assert read[5:9].isna().all()
    assert read[9] == -459


def test_tidy_renames_crosswalks_and_scales():
    table = maker.tidy(source_of(), 2016, CROSSWALK)
    assert table.columns.tolist() == [
        "aco_id",
        "performance_year",
        "agreement_start",
        "members",
        "benchmark_dollars",
        "expenditure_dollars",
        "minimum_savings_rate",
    ]
    assert table["aco_id"].tolist() == ["A1001", "A99999"]
    assert table["agreement_start"].tolist() == ["2016-01-01", "2012-07-01"]
    assert table["members"].tolist() == [51_150, 9_896]
    assert table["minimum_savings_rate"][0] == 0.021
    assert pd.isna(table["minimum_savings_rate"][1])
    percent = maker.tidy(source_of(Sav_rate=["10", "-5"], MinSavPerc=["2.1", "3"]), 2014, CROSSWALK)
    assert percent["minimum_savings_rate"].tolist() == pytest.approx([0.021, 0.03])


def test_a_rate_that_its_dollars_do_not_give_is_refused():
    maker.tidy(source_of(Sav_rate=["10.00%", "-5.00%"]), 2021, CROSSWALK)
    with pytest.raises(ar.InputError, match=r"mssp_puf_2021\.csv: must print the savings rate its dollars give"):
        maker.tidy(source_of(Sav_rate=["10.02%", "-5.00%"]), 2021, CROSSWALK)


def test_the_maker_reads_marks_of_order_and_latin_letters(tmp_path):
    (tmp_path / "aco_id_crosswalk.csv").write_text("ACO_ID,ACO_NUM\nA1001,A67373\n", encoding="ascii")
    head = "ACO_{0},ACO_Name,{1},N_AB,Sav_Rate,MinSavPerc,ABtotBnchmk,ABtotExp\n"
    row = '{0},Salud Peña,{1},"7,000",{2},{3},"1,000",900\n'
    old = head.format("Num", "Start_Date") + row.format("A67373", "7/1/2012", "10", "2.5")
    new = head.format("ID", "Current_Start_Date") + row.format("A1001", "7/1/2019", "10.00%", "2.50%")
    (tmp_path / "mssp_puf_2014.csv").write_bytes(old.encode("latin-1"))
    (tmp_path / "mssp_puf_2021.csv").write_bytes(new.encode("utf-8-sig"))
    assert maker.main([str(tmp_path), str(tmp_path / "made.csv.gz")]) == 0
    made = pd.read_csv(tmp_path / "made.csv.gz")
    assert made["aco_id"].tolist() == ["A1001", "A1001"]
    assert made["performance_year"].tolist() == [2014, 2021]
    assert made["members"].tolist() == [7_000, 7_000]
    assert made["minimum_savings_rate"].tolist() == [0.025, 0.025]


def test_changes_by_eye():
    def year(of, members, rate, start):
        return {"performance_year": of, "members": members, "savings_rate": rate, "agreement_start": start}

    rows = [
        {"aco_id": "A"} | year(2016, 10_000, 0.01, "2016-01-01"),
        {"aco_id": "A"} | year(2017, 30_000, 0.05, "2016-01-01"),
        {"aco_id": "B"} | year(2016, 8_000, 0.02, "2014-01-01"),
        {"aco_id": "B"} | year(2017, 8_000, 0.01, "2017-01-01"),
        {"aco_id": "C"} | year(2016, 4_999, 0.01, "2016-01-01"),
        {"aco_id": "C"} | year(2017, 9_000, 0.01, "2016-01-01"),
        {"aco_id": "D"} | year(2014, 9_000, 0.03, "2014-01-01"),
        {"aco_id": "D"} | year(2016, 9_000, 0.01, "2014-01-01"),
    ]
    changes = ar.datasets.savings_rate_changes(pd.DataFrame(rows))
    assert changes["aco_id"].tolist() == ["A", "B"]
    assert changes["first_year"].tolist() == [2016, 2016]
    assert changes["members"].tolist() == pytest.approx([15_000, 8_000])
    assert changes["savings_rate_change"].tolist() == pytest.approx([0.04, -0.01])
    assert changes["same_agreement"].tolist() == [True, False]
    apart = ar.datasets.savings_rate_changes(pd.DataFrame(rows), years_apart=2)
    assert apart["aco_id"].tolist() == ["D"]
    assert apart["savings_rate_change"].tolist() == pytest.approx([-0.02])


def test_bands_by_eye():
    sizes = [5_000, 9_999.9, 10_000, 50_000, 60_000]
    change = [0.01, 0.03, 0.5, 0.0, 0.02]
    table = ar.datasets.dispersion_by_size(
        pd.DataFrame({"first_year": 2016, "members": sizes, "savings_rate_change": change})
    )
    assert table.index.tolist() == ["5,000-10,000", "10,000-20,000", "20,000-50,000", "50,000+"]
    assert table["pairs"].tolist() == [2, 1, 0, 2]
    assert table["sd"].isna().tolist() == [False, True, True, False]
    assert table.loc["5,000-10,000", "sd"] == pytest.approx(0.01)


def test_large_acos_carry_more_than_luck(changes):
    """The published spread at 50,000 members and more is far above what luck of that many leaves."""
    table = ar.datasets.dispersion_by_size(changes)
    assert table["pairs"].tolist() == [120, 127, 79, 25]
    rows = [f"| {line.pairs} | {100 * line.sd:.2f} ± {100 * line.sd_se:.2f} |" for line in table.itertuples()]
    assert all(row in DOCS.read_text(encoding="utf-8") for row in rows), rows
    assert table["sd"].tolist() == pytest.approx([0.0405, 0.0372, 0.0214, 0.0227], abs=0.00005)
    assert table.loc["50,000+", "sd"] - 2 * table.loc["50,000+", "sd_se"] > 2.14 / math.sqrt(50_000)


@pytest.mark.parametrize(
    ("years_apart", "first_year", "same", "pairs", "s", "k"),
    [
        (1, 2016, False, 351, (0.0151, 0.0045), (3.45, 0.43)),
        (1, 2016, True, 285, (0.0147, 0.0042), (2.99, 0.51)),
        (2, 2014, False, 233, (0.0156, 0.0072), (4.47, 0.57)),
        (2, 2014, True, 90, (0.0, 0.0058), (4.16, 0.46)),
        (2, 2021, False, 336, (0.0159, 0.0025), (2.45, 0.31)),
        (2, 2021, True, 205, (0.0124, 0.0027), (2.13, 0.27)),
    ],
)
def test_the_fit_is_what_the_page_says(  # noqa: PLR0917 - one row of the table
    rates, years_apart, first_year, same, pairs, s, k
):
    changes = ar.datasets.savings_rate_changes(rates, years_apart=years_apart)
    changes = changes[(changes["first_year"] == first_year) & (changes["same_agreement"] | (not same))]
    fit = ar.datasets.fit_dispersion(changes)
    assert fit.pairs == pairs
    assert fit.sd_at_any_size == pytest.approx(s, abs=0.00006)
    assert fit.sd_of_one_member == pytest.approx(k, abs=0.006)
    # The reading of the same files that is to be reproduced is 1.3 to 1.4 %; few pairs tell nothing of it.
    assert pairs < 200 or abs(fit.sd_at_any_size[0] - 0.0135) < 1.96 * fit.sd_at_any_size[1]
    row = f"| {pairs} | {100 * s[0]:.2f} ± {100 * s[1]:.2f} | {k[0]:.2f} ± {k[1]:.2f} |"
    assert row in DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize(("s", "k"), [(0.0135, 2.14), (0.0, 3.0), (0.02, 0.0)])
def test_a_made_up_dispersion_is_found(s, k):
    """20,000 changes; a variance that is zero is found near zero."""
    fit = ar.datasets.fit_dispersion(made_up(20_000, s, k), resamples=20)
    assert fit.sd_at_any_size[0] == pytest.approx(s, abs=0.0004 if s else 0.003)
    assert fit.sd_of_one_member[0] == pytest.approx(k, abs=0.06 if k else 0.6)
    assert fit.mean_change[0] == pytest.approx(0.01, abs=0.001)


def test_the_fit_is_the_maximum_of_the_likelihood(changes):
    x, n = (changes[name].to_numpy() for name in ("savings_rate_change", "members"))

    def loss(terms):
        variance = 2 * (terms[1] ** 2 + terms[2] ** 2 / n)
        return 0.5 * np.sum(np.log(variance) + (x - terms[0]) ** 2 / variance)

    exact = {"xatol": 1e-9, "fatol": 1e-10, "maxiter": 10_000}
    best = minimize(loss, [0.0, 0.02, 2.0], method="Nelder-Mead", options=exact)
    fit = ar.datasets.fit_dispersion(changes, resamples=2)
    found = [fit.mean_change[0], fit.sd_at_any_size[0], fit.sd_of_one_member[0]]
    assert found == pytest.approx(np.abs(best.x), rel=1e-4)


def test_errors_of_the_fit_are_what_repetition_shows():
    fits = [ar.datasets.fit_dispersion(made_up(350, 0.015, 2.5, seed=seed), resamples=60) for seed in range(100)]
    for part, truth in (("sd_at_any_size", 0.015), ("sd_of_one_member", 2.5), ("mean_change", 0.01)):
        values, errors = np.array([getattr(fit, part) for fit in fits]).T
        print(f"{part}: {values.mean():.4f} ± {values.std(ddof=1):.4f}, claimed {errors.mean():.4f}")
        assert errors.mean() == pytest.approx(values.std(ddof=1), rel=0.3)
        assert abs(values.mean() - truth) < 4 * values.std(ddof=1) / math.sqrt(100)


def test_the_bootstrap_has_a_seed(changes):
    first, again = (ar.datasets.fit_dispersion(changes, resamples=50, seed=3) for _ in range(2))
    assert first == again
    assert ar.datasets.fit_dispersion(changes, resamples=50, seed=4) != first


def test_other_frames_few_pairs_and_mixed_years_are_refused(rates, changes):
    with pytest.raises(ar.InputError, match=r"must have the columns of mssp_savings_rates\(\), got no savings_rate"):
        ar.datasets.savings_rate_changes(rates.drop(columns="savings_rate"))
    for read in (ar.datasets.dispersion_by_size, ar.datasets.fit_dispersion):
        with pytest.raises(
            ar.InputError, match=r"must have the columns of savings_rate_changes\(\), got no first_year"
        ):
            read(rates)
        with pytest.raises(ar.InputError, match="must be of one first year, got 2 of them"):
            read(ar.datasets.savings_rate_changes(rates, years_apart=2))
    with pytest.raises(ar.InputError, match="must be at least 10, got 9"):
        ar.datasets.fit_dispersion(changes[:9])


def test_the_shipped_pairs_have_a_spread_by_hand(changes):
    large = changes.loc[changes["members"] >= 50_000, "savings_rate_change"].to_numpy() / math.sqrt(2)
    table = dispersion.dispersion_by_size(changes)
    assert table.loc["50,000+", ["sd", "sd_se"]].tolist() == pytest.approx(metrics.standard_deviation(large))
