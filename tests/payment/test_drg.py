"""Inpatient stays: worked examples with their steps, the table whole, transfers, outliers, a twin in decimals."""

import hashlib
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from drg_twin import twin

RATIOS = {"operating_cost_to_charge_ratio": 0.25, "capital_cost_to_charge_ratio": 0.02}
STAY = {"drg": 470, "length_of_stay": 2, "charges": 0, "discharge": "home", "wage_index": 1.05, **RATIOS}
WEIGHT_SUM = 1766.6769
CHECKSUM = "fd713cc444ed19f1cc42c8fcbda18ad75267987fe4ab2c48155ce0e56cd0d301"  # of the numbers of the published table
WEIGHTS = ar.drg.tables()["weights"]
WEIGHTS_BY_GROUP = WEIGHTS.set_index("drg").to_dict("index")
PRICED = WEIGHTS[WEIGHTS["weight"] > 0]


def explain(**changes):
    return ar.drg.explain({"fiscal_year": 2021, **STAY, **changes})


def price(**changes):
    return ar.drg.price({"fiscal_year": 2021, **STAY, **changes})


@pytest.mark.parametrize(
    ("changes", "steps"),
    [
        (
            {},
            {
                "weight": "1.8999",
                "transfer_fraction": "1",
                "geographic_factor": "1.034",
                "operating_payment": "11712.67",
                "capital_payment": "915.87",
                "payment": "12628.54",
            },
        ),
        (
            {"drg": 481, "wage_index": 0.95, "discharge": "post_acute"},
            {
                "labor_amount": "3696.01",
                "transfer_fraction": "0.8488",
                "operating_payment": "10274.45",
                "capital_payment": "800.63",
                "payment": "11075.08",
            },
        ),
        (
            {"drg": 291, "wage_index": 0.95, "length_of_stay": 1, "discharge": "post_acute"},
            {"transfer_fraction": "0.5", "payment": "4174.65"},
        ),
        (
            {"drg": 291, "wage_index": 0.95, "length_of_stay": 1, "discharge": "acute_transfer"},
            {"transfer_fraction": "0.5", "payment": "4174.65"},
        ),
        (
            {"drg": 329, "length_of_stay": 12, "charges": 400_000},
            {
                "operating_cost": "100000",
                "capital_cost": "8000",
                "operating_payment": "29901.56",
                "capital_payment": "2338.14",
                "operating_outlier": "33814.65",
                "capital_outlier": "2748.62",
                "payment": "68802.97",
            },
        ),
    ],
)
def test_worked_examples(changes, steps):
    statement = explain(**changes)
    assert {name: statement[name] for name in steps} == {name: Decimal(value) for name, value in steps.items()}
    frame = price(**changes)
    assert frame["payment"].tolist() == [float(steps["payment"])]
    assert frame["confidence"].tolist() == ["read"]
    walk = statement.waterfall_steps()
    assert sum(value for _, value in walk[:-1]) == walk[-1][1]
    assert walk[-1][0] == "payment"


def test_the_table_is_whole():
    numbers = ["weight", "geometric_mean_length_of_stay", "arithmetic_mean_length_of_stay", "post_acute", "special_pay"]
    text = "\n".join(
        " ".join([row.drg, *(f"{getattr(row, name):g}" for name in numbers)]) for row in WEIGHTS.itertuples()
    )
    assert len(WEIGHTS) == 767
    assert WEIGHTS["drg"].is_unique
    assert (int(WEIGHTS["post_acute"].sum()), int(WEIGHTS["special_pay"].sum())) == (280, 42)
    assert round(float(WEIGHTS["weight"].sum()), 4) == WEIGHT_SUM
    assert hashlib.sha256(text.encode()).hexdigest() == CHECKSUM


@pytest.mark.parametrize(
    ("drg", "row"),
    [
        ("469", [3.0844, 3.1, 4.2, 1, 0]),
        ("521", [3.0634, 6.2, 7.2, 1, 1]),
        ("453", [9.1936, 7.5, 9.6, 0, 0]),
        ("231", [8.4902, 10.7, 12.3, 0, 0]),
        ("233", [7.7927, 11.4, 12.7, 1, 0]),
        ("331", [1.7101, 3.3, 3.8, 1, 0]),
    ],
)
def test_rows_of_the_table(drg, row):
    assert list(WEIGHTS_BY_GROUP[drg].values())[1:6] == row


def test_every_row_of_every_table_has_a_source_and_says_how_sure_it_is():
    for table in ar.drg.tables().values():
        assert (table["source"].str.len() > 0).all()
        assert set(table["confidence"]) <= {"read", "read_secondary", "recalled"}


@pytest.mark.parametrize("discharge", ["home", "acute_transfer", "post_acute"])
def test_transfers_rise_with_days_and_never_pay_more_than_the_whole(discharge):
    """Every group, every day up to the longest mean."""
    days = np.arange(0, 45)
    stays = {"drg": np.repeat(PRICED["drg"].to_numpy(), len(days)), "length_of_stay": np.tile(days, len(PRICED))}
    paid = price(**stays, discharge=discharge)
    whole = price(**stays, discharge="home")
    assert (paid["payment"] <= whole["payment"]).all()
    assert (np.diff(paid["payment"].to_numpy().reshape(len(PRICED), -1)) >= 0).all()
    exempt = stays["drg"] == "789"
    assert (paid["payment"][exempt] == whole["payment"][exempt]).all()
    assert set(paid["transfer_policy"][exempt]) == {"none"}


@pytest.mark.parametrize(
    ("drg", "discharge", "policy"),
    [
        (470, "home", "none"),
        (470, "acute_transfer", "per_diem"),
        (470, "post_acute", "per_diem"),
        (481, "acute_transfer", "per_diem"),
        (481, "post_acute", "special_pay"),
        (453, "post_acute", "none"),
        (453, "acute_transfer", "per_diem"),
        (789, "acute_transfer", "none"),
        (789, "post_acute", "none"),
    ],
)
def test_which_transfer_policy(drg, discharge, policy):
    assert price(drg=drg, discharge=discharge)["transfer_policy"].tolist() == [policy]


def test_a_ladder_of_days():
    """Group 481: geometric mean 4.3 days; day 0 counts as day 1, one day is added, at 4.3 all is paid."""
    days = [0, 1, 2, 3, 4]
    half = price(drg=481, length_of_stay=days, discharge="post_acute")["transfer_fraction"]
    assert half.tolist() == [0.7326, 0.7326, 0.8488, 0.9651, 1]
    by_day = price(drg=481, length_of_stay=days, discharge="acute_transfer")["transfer_fraction"]
    assert by_day.tolist() == [0.4651, 0.4651, 0.6977, 0.9302, 1]


def test_the_outlier_threshold_to_the_cent():
    """Without capital costs the operating threshold alone decides; costs are charges at a ratio of 1."""
    ratios = {"operating_cost_to_charge_ratio": 1, "capital_cost_to_charge_ratio": 0}
    threshold = price(**ratios)["operating_outlier_threshold"][0] + price(**ratios)["capital_outlier_threshold"][0]
    charges = np.round(threshold, 2) + np.array([-1, -0.01, 0.01, 1.0])
    paid = price(**ratios, charges=charges)
    operating = price(**ratios)["operating_outlier_threshold"][0]
    expected = np.where(charges >= threshold, np.round(0.8 * (charges - operating), 2), 0)
    assert paid["operating_outlier"].tolist() == pytest.approx(expected.tolist(), abs=0.0051)
    assert (paid["operating_outlier"][:2] == 0).all()
    assert (paid["operating_outlier"][2:] > 0).all()


def test_both_costs_together_must_reach_both_thresholds():
    """Operating costs far beyond their threshold with capital costs far below theirs: what counts is the sum."""
    stay = {"drg": 329, "charges": 300_000}
    joint = price(**stay, operating_cost_to_charge_ratio=0.205, capital_cost_to_charge_ratio=0.001)
    cost = joint["operating_cost"] + joint["capital_cost"]
    thresholds = joint["operating_outlier_threshold"] + joint["capital_outlier_threshold"]
    assert (joint["operating_cost"] > joint["operating_outlier_threshold"]).all()
    assert (cost < thresholds).all()
    assert joint["operating_outlier"].tolist() == [0]


def test_burns_are_paid_ninety_percent_and_review_codes_nothing():
    burns = price(drg=["927", "928", "929", "933", "934", "935"], charges=3e6)
    assert (burns["outlier_part"] == 0.9).all()
    beyond = burns["operating_cost"] - burns["operating_outlier_threshold"]
    assert burns["operating_outlier"].tolist() == pytest.approx((0.9 * beyond).tolist(), abs=0.0051)
    assert (price(charges=3e6)["outlier_part"] == 0.8).all()
    assert (price(charges=3e6, without_outlier=True)["operating_outlier"] == 0).all()


@pytest.mark.parametrize(
    ("low_income", "factor"),
    [(0.1499, 0), (0.15, 0.025), (0.2019, 0.0587), (0.202, 0.0588), (0.3, 0.1397), (0.6, 0.3872)],
)
def test_a_ladder_of_low_income_patients(low_income, factor):
    share = {"ssi_ratio": low_income / 2, "medicaid_ratio": low_income / 2, "location": "urban", "beds": 300}
    assert price(**share)["disproportionate_share_factor"].tolist() == [factor]


@pytest.mark.parametrize(
    ("hospital", "capped", "capital"),
    [
        ({"location": "urban", "beds": 99}, True, False),
        ({"location": "urban", "beds": 100}, False, True),
        ({"location": "rural", "beds": 499}, True, False),
        ({"location": "rural", "beds": 500}, False, False),
        ({"location": "rural", "beds": 500, "hospital_type": "sole_community"}, True, False),
        ({"location": "rural", "beds": 50, "hospital_type": "07"}, False, False),
        ({"location": "rural", "beds": 50, "hospital_type": "medicare_dependent"}, False, False),
        ({"location": "urban", "beds": 50, "hospital_type": "essential_access"}, True, False),
    ],
)
def test_which_hospitals_have_a_cap(hospital, capped, capital):
    paid = explain(ssi_ratio=0.3, medicaid_ratio=0.3, **hospital)
    assert paid["disproportionate_share_factor"] == Decimal("0.12" if capped else "0.3872")
    assert (paid["capital_disproportionate_share_factor"] > 0) == capital


def test_steps_of_a_teaching_hospital():
    """(1.4^0.405 − 1) × 1.35 and 2.7183 to 0.2025 × 0.4 and to 0.2822 × 0.3, by mpmath at 30 digits."""
    paid = explain(
        residents_to_beds=0.4,
        residents_to_average_daily_census=0.3,
        ssi_ratio=0.1,
        medicaid_ratio=0.3,
        location="urban",
        beds=400,
        uncompensated_care=321.45,
    )
    assert paid["teaching_factor"] == Decimal("0.197090157")
    assert paid["capital_teaching_factor"] == Decimal("0.088347582")
    assert paid["capital_disproportionate_share_factor"] == Decimal("0.0844")
    assert paid["teaching_payment"] == Decimal("2308.45")
    assert paid["disproportionate_share_payment"] == Decimal("650.64")
    assert paid["uncompensated_care_payment"] == Decimal("321.45")


def test_programs_take_from_operating_payments_and_conditions_from_all():
    paid = explain(readmissions_factor=0.98, value_based_factor=1.01, worst_quartile=True, uncompensated_care=1000)
    assert paid["readmissions_adjustment"] == Decimal("-234.25")
    assert paid["value_based_adjustment"] == Decimal("117.13")
    assert paid["subtotal"] == Decimal("13511.42")
    assert paid["conditions_adjustment"] == Decimal("-135.11")
    assert paid["payment"] == Decimal("13376.31")


def test_new_technology_pays_the_smaller_and_never_less_than_nothing():
    stay = {"charges": [0, 60_000, 400_000], "new_technology_maximum": 5000}
    paid = price(**stay)
    beyond = paid["operating_cost"] - paid["operating_payment"]
    assert paid["new_technology_payment"].tolist() == [0, round(0.65 * beyond[1], 2), 5000]
    assert set(paid["confidence"]) == {"recalled"}
    assert price(**stay, new_technology_part=0.75)["new_technology_payment"][1] == round(0.75 * beyond[1], 2)


def test_hospitals_with_a_rate_of_their_own():
    """Federal parts are held with nine decimals; only what is paid is cut to cents."""
    own = {"hospital_specific_rate": 7000, "drg": 470}
    sole = explain(hospital_type="sole_community", **own)
    dependent = explain(hospital_type="14", **own)
    excess = Decimal("13299.30") - Decimal("1.8999") * (Decimal("4071.57") * Decimal("1.05") + Decimal("1889.74"))
    cent = Decimal("0.01")
    assert sole["hospital_specific_payment"] == excess.quantize(cent)
    assert dependent["hospital_specific_payment"] == (excess * Decimal("0.75")).quantize(cent)
    assert any("hospital_specific_base" in note and "read" in note for note in sole.notes)
    assert price(hospital_type="sole_community", **own)["confidence"].tolist() == ["read"]
    moved = explain(hospital_type="16", **own | {"drg": 329}, discharge="acute_transfer", length_of_stay=1)
    assert moved["transfer_fraction"] == Decimal("0.1961")
    assert abs(moved["hospital_specific_payment"] - Decimal("33952.10") + moved["operating_payment"]) <= cent


def test_the_hospital_specific_payment_is_cut_to_cents_once():
    """26,199.47555 is 26,199.48; less a cent-rounded operating payment it would be 26,199.47."""
    facts = {"drg": 329, "length_of_stay": 10, "discharge": "post_acute", "wage_index": 0.9999, "charges": 21748.76}
    ratios = {"operating_cost_to_charge_ratio": 0.38, "capital_cost_to_charge_ratio": 0.029}
    paid = explain(**facts, **ratios, hospital_type="16", hospital_specific_rate=11362.56)
    assert paid["hospital_specific_payment"] == Decimal("26199.48")
    parts = [value for line, value in paid.waterfall_steps() if line != "payment"]
    assert sum(parts) == paid["payment"]


def test_new_technology_meets_parts_that_are_not_cut_to_cents():
    """0.65 × (15,000 − 11,326.6664265843) is 2,387.67; with 11,326.67 it would be 2,387.66."""
    paid = explain(drg=470, wage_index=1.0001, charges=60_000, new_technology_maximum=9999)
    assert paid["operating_payment"] == Decimal("11326.67")
    assert paid["new_technology_payment"] == Decimal("2387.67")


def test_emergency_and_free_products():
    whole, covid = price(), price(covid_diagnosis=True)
    assert covid["operating_payment"][0] == pytest.approx(1.2 * whole["operating_payment"][0], abs=0.01)
    assert covid["capital_payment"].tolist() == whole["capital_payment"].tolist()
    free = price(drg="018", no_cost_product=[True, False])
    for line in ("operating_payment", "capital_payment"):
        assert free[line][0] == pytest.approx(0.17 * free[line][1], abs=0.01)


def test_low_volume_and_what_comes_after_all():
    paid = explain(low_volume_rate=0.25, pass_through=100, deductible=1484, sequestration_rate=0.02)
    assert paid["low_volume_payment"] == Decimal("3157.14")  # a quarter of 12,628.54: half a cent up
    assert paid["payment"] == Decimal("15885.68")
    assert paid["sequestration"] == Decimal("288.03")
    assert paid["medicare_payment"] == Decimal("14113.65")


def random_stays(n):
    rng = np.random.default_rng(20)
    hospital_type = rng.choice(
        ["acute", "rural_referral", "medicare_dependent", "sole_community", "essential_access"], n
    )
    own = np.isin(hospital_type, ["acute", "rural_referral"])

    def number(low, high, places):
        return rng.uniform(low, high, n).round(places)

    return pd.DataFrame(
        {
            "drg": rng.choice([*PRICED["drg"], "789", "927", "928", "929", "933", "934", "935"], n),
            "length_of_stay": rng.integers(0, 25, n),
            "charges": rng.gamma(1, 250_000, n).round(2),
            "discharge": rng.choice(["home", "acute_transfer", "post_acute"], n),
            "wage_index": number(0.6, 1.9, 4),
            "cost_of_living_factor": rng.choice([1, 1, 1.25, 1.17], n),
            "operating_cost_to_charge_ratio": number(0.05, 1, 3),
            "capital_cost_to_charge_ratio": number(0, 0.1, 3),
            "residents_to_beds": number(0, 1.2, 4),
            "residents_to_average_daily_census": number(0, 2, 4),
            "ssi_ratio": number(0, 0.4, 4),
            "medicaid_ratio": number(0, 0.4, 4),
            "location": rng.choice(["urban", "rural"], n),
            "beds": rng.integers(20, 900, n),
            "hospital_type": hospital_type,
            "hospital_specific_rate": np.where(own, 0, number(5000, 30_000, 2)),
            "uncompensated_care": number(0, 900, 2),
            "covid_diagnosis": rng.random(n) < 0.2,
            "no_cost_product": rng.random(n) < 0.1,
            "new_technology_maximum": rng.choice([0, 0, 5000, 40_000], n),
            "without_outlier": rng.random(n) < 0.2,
            "readmissions_factor": number(0.97, 1, 4),
            "value_based_factor": number(0.98, 1.05, 9),
            "low_volume_rate": np.where(rng.random(n) < 0.3, number(0, 0.25, 4), 0),
            "worst_quartile": rng.random(n) < 0.2,
            "pass_through": number(0, 500, 2),
        }
    )


def test_a_twin_in_decimals_pays_the_same_cents():
    """Written from the formulas with Python's decimals, apart from the core; every line of every stay."""
    cases = random_stays(600)
    paid = ar.drg.price(cases, fiscal_year=2021)
    assert (paid[["operating_outlier", "capital_outlier"]] >= 0).all(axis=None)
    assert (paid["operating_outlier"] > 0).sum() > 100
    assert (paid["hospital_specific_payment"] > 0).sum() > 50
    assert (paid["new_technology_payment"] > 0).sum() > 50
    rows = paid.to_dict("records")
    for case, row in zip(cases.to_dict("records"), rows, strict=True):
        for line, value in twin(case, WEIGHTS_BY_GROUP).items():
            assert round(row[line], 9) == float(value), (line, case)


def test_order_kind_of_frame_and_explaining_change_nothing():
    pl = pytest.importorskip("polars")
    pa = pytest.importorskip("pyarrow")
    rng = np.random.default_rng(7)
    n = 300
    frame = pd.DataFrame(
        {
            "drg": rng.choice(PRICED["drg"].to_numpy(), n),
            "length_of_stay": rng.integers(0, 20, n),
            "charges": rng.gamma(2, 40_000, n).round(2),
            "discharge": rng.choice(["home", "acute_transfer", "post_acute"], n),
            "wage_index": rng.uniform(0.7, 1.4, n).round(4),
            "fiscal_year": 2021,
        },
        index=np.arange(n) + 5,
    )
    paid = ar.drg.price(frame, **RATIOS)
    assert paid.index.equals(frame.index)
    assert list(ar.drg.price(frame.iloc[:0], **RATIOS)) == list(paid)
    shuffled = frame.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(ar.drg.price(shuffled, **RATIOS), paid.loc[shuffled.index])
    of_polars = ar.drg.price(pl.from_pandas(frame), **RATIOS)
    of_arrow = ar.drg.price(pa.Table.from_pandas(frame, preserve_index=False), **RATIOS)
    assert isinstance(of_polars, pl.DataFrame)
    assert isinstance(of_arrow, pa.Table)
    for other in (of_polars.to_dict(as_series=False), of_arrow.to_pydict()):
        assert other["payment"] == paid["payment"].tolist()
        assert other["transfer_policy"] == paid["transfer_policy"].tolist()
    for row in (5, 100, 304):
        statement = ar.drg.explain(frame.loc[row], **RATIOS)
        assert float(statement["payment"]) == paid.loc[row, "payment"]
