"""Every published point, domain score and total of value-based purchasing, fiscal year 2024."""

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk.hospital import _published, _scores
from published_hospitals import DOMAINS, number, published, published_points, purchasing_domains


@pytest.fixture(scope="module")
def result():
    return ar.hospital.vbp(purchasing_domains(), fiscal_year=2024)


@pytest.mark.parametrize(
    ("kind", "ours", "rows"),
    [
        (" Achievement Points", "achievement_points", 17_683),
        (" Improvement Points", "improvement_points", 17_323),
        (" Score", "measure_score", 17_683),
    ],
)
def test_points(result, kind, ours, rows):
    """Improvement too: from the benchmark on, a rate better than the baseline earns all 9."""
    pairs = published_points(kind)
    if kind == " Score":
        pairs = pairs.assign(measure=pairs["measure"].str.removesuffix(" Measure").str.removesuffix(" Dimension"))
        pairs = pairs[~pairs["measure"].isin(["Hcahps Base", "Hcahps Consistency"])]
    pairs = pairs.merge(result.measures, on=["facility_id", "measure"], how="left", validate="one_to_one")
    same = pairs["published"] == pairs[ours]
    print(f"{ours}: {same.sum()} of {len(pairs)}")
    assert (same.sum(), len(pairs)) == (rows, rows)


def test_improvement_beyond_the_benchmark():
    """Where the baseline already lay at the benchmark, a better rate is published with all 9 points, an equal or worse
    one with none. The line between baseline and benchmark, which has no length there, would give 0 to all of them."""
    rows = []
    for table in purchasing_domains():
        for column in table.columns:
            if column.endswith(" Improvement Points"):
                measure = column.removesuffix(" Improvement Points")
                names = [f"{measure} {kind}" for kind in ("Achievement Threshold", "Benchmark", "Baseline Rate")]
                names += [f"{measure} Performance Rate", column]
                values = table[names].apply(lambda each: number(each.str.removesuffix("%"))).dropna()
                values.columns = ["threshold", "benchmark", "baseline", "performance", "points"]
                rows.append(values)
    rows = pd.concat(rows, ignore_index=True)
    better = np.sign(rows["benchmark"] - rows["threshold"])
    beyond = better * (rows["baseline"] - rows["benchmark"]) > 0
    improved = better * (rows["performance"] - rows["baseline"]) > 0
    reached = better * (rows["performance"] - rows["benchmark"]) >= 0
    assert (beyond & improved).sum() == 17
    assert (rows["points"][beyond & improved] == 9).all()
    assert (rows["points"][reached & improved] == 9).all()
    assert (rows["points"][~improved] == 0).all()


def test_consistency(result):
    table = published("hvbp_person_and_community_engagement").set_index("Facility ID")
    ours = result.domains[result.domains["domain"] == "person_and_community_engagement"].set_index("facility_id")
    for column, line in [("Hcahps Base Score", "points"), ("Hcahps Consistency Score", "consistency_points")]:
        theirs = number(table[column]).dropna()
        assert len(theirs) == 1_003
        assert (theirs == ours[line].reindex(theirs.index)).all()


@pytest.mark.parametrize(
    ("domain", "rows"),
    [
        ("clinical_outcomes", 977),
        ("efficiency_and_cost_reduction", 1_007),
        ("person_and_community_engagement", 1_003),
        ("safety", 845),
    ],
)
def test_domains(result, domain, rows):
    table = published("hvbp_tps").set_index("Facility ID")
    theirs = number(table[f"Unweighted {DOMAINS[domain]} Domain Score"])
    weighted = number(
        table[next(name for name in table if name.startswith("Weighted") and DOMAINS[domain].split()[-1] in name)]
    )
    ours = result.domains[result.domains["domain"] == domain].set_index("facility_id").reindex(theirs.index)
    assert theirs.notna().sum() == rows
    assert (theirs.notna() == ours["score"].notna()).all(), "scored where it is published, and nowhere else"
    np.testing.assert_allclose(ours["score"], theirs, rtol=0, atol=1e-11)
    np.testing.assert_allclose(ours["weighted_score"], weighted, rtol=0, atol=1e-11)


def test_totals(result):
    theirs = number(published("hvbp_tps").set_index("Facility ID")["Total Performance Score"])
    ours = result.hospitals.set_index("facility_id")["total_performance_score"].reindex(theirs.index)
    assert theirs.notna().sum() == len(result.hospitals) == 1_008
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-11)


def test_combined_infections_are_whole_and_between_their_parts():
    """How two infection measures make one rests on predicted infections, which are not published: taken as it is."""
    table = published("hvbp_safety")
    combined, colon, hysterectomy = (
        number(table[f"{name} Measure Score"]) for name in ("Combined SSI", "HAI-3", "HAI-4")
    )
    both = colon.notna() & hysterectomy.notna()
    assert (both.sum(), (colon.notna() ^ hysterectomy.notna()).sum()) == (247, 446)
    low, high = np.minimum(colon, hysterectomy)[both], np.maximum(colon, hysterectomy)[both]
    assert ((combined[both] >= low) & (combined[both] <= high) & (combined[both] % 1 == 0)).all()
    alone = combined.notna() & ~both
    assert (combined[alone] == colon.fillna(hysterectomy)[alone]).all()


def test_published_totals_alone_settle_as_measures_do():
    settled = [
        ar.hospital.vbp(table, fiscal_year=2024, slope=2.7).hospitals.set_index("facility_id")["payment_factor"]
        for table in (purchasing_domains(), published("hvbp_tps"))
    ]
    pd.testing.assert_series_equal(*settled, rtol=0, atol=1e-10)


def test_a_users_long_frame_gives_the_same(result):
    """Measures of the year need no thresholds: the national ones are known."""
    table = published("hvbp_clinical_outcomes")
    parts = [
        pd.DataFrame(
            {
                "facility_id": table["Facility ID"],
                "measure": name,
                "performance": number(table[f"{name} Performance Rate"]),
                "baseline": number(table[f"{name} Baseline Rate"]),
            }
        )
        for name in ("MORT-30-AMI", "MORT-30-HF", "COMP-HIP-KNEE")
    ]
    ours = ar.hospital.vbp(pd.concat(parts), fiscal_year=2024).measures
    both = ours.merge(result.measures, on=["facility_id", "measure"], validate="one_to_one")
    assert len(both) == len(ours) == 695 + 968 + 653
    for line in ("achievement_points", "improvement_points", "measure_score"):
        assert (both[f"{line}_x"] == both[f"{line}_y"]).all()


def test_published_text_is_read_as_numbers():
    """Percents become rates, on the scale of the national figures of the package."""
    text = pd.Series(["6 out of 10", "79.42%", "0.869247", "1,234", "Not Available", "12"])
    assert _published.number(text).tolist()[:4] == [6, 0.7942, 0.869247, 1234]
    assert np.isnan(_published.number(text)[4])
    national = _scores._file("vbp_measures.csv").set_index("measure")
    for table in purchasing_domains():
        long = _published.purchasing("", table).groupby("measure")[["threshold", "benchmark"]].first()
        for name in long:
            np.testing.assert_allclose(long[name], national[name][long.index], rtol=1e-12)
