"""Medicare's episode programmes: their worked examples, cut points, limits and years, and what is refused."""

from decimal import Decimal

import pandas as pd
import pytest

import atrisk as ar
from atrisk.contracts.episode_bundle import EpisodeBundle
from atrisk.episodes import _programmes

TARGET = 2_000_000


def team(track, year=2027, hospital="safety_net", **terms):
    return EpisodeBundle.team(track=track, year=year, category="lejr", hospital=hospital, **terms)


def settlement(bundle, actual, score, target=TARGET):
    return bundle.settle(target=target, actual=actual, quality_score=score)["settlement"]


@pytest.mark.parametrize(
    ("track", "actual", "score", "expected"),
    [
        (3, 1_850_000, 70, "145500.00"),
        (3, 2_150_000, 70, "-139500.00"),
        (1, 1_700_000, 90, "200000.00"),
        (2, 2_150_000, 40, "-100000.00"),
        # The limits and one cent either side: 20, 10 and 5 % of two million, at the best score.
        (3, 1_600_000.01, 100, "399999.99"),
        (3, 1_600_000.00, 100, "400000.00"),
        (3, 1_599_999.99, 100, "400000.00"),
        (3, 2_399_999.99, 0, "-399999.99"),
        (3, 2_400_000.01, 0, "-400000.00"),
        (1, 1_800_000.01, 100, "199999.99"),
        (1, 1_799_999.99, 100, "200000.00"),
        (1, 2_900_000.00, 0, "0.00"),
        (2, 1_900_000.01, 100, "99999.99"),
        (2, 1_899_999.99, 100, "100000.00"),
        (2, 2_099_999.99, 0, "-99999.99"),
        (2, 2_100_000.01, 0, "-100000.00"),
        # 15 % off losses at the best score in track 2, 10 % in track 3.
        (2, 2_010_000, 100, "-8500.00"),
        (3, 2_010_000, 100, "-9000.00"),
        # 10 % off gains at the worst.
        (1, 1_990_000, 0, "9000.00"),
        (2, 1_990_000, 0, "9000.00"),
        (3, 1_990_000, 0, "9000.00"),
    ],
)
def test_team_by_track(track, actual, score, expected):
    assert settlement(team(track), actual, score) == Decimal(expected)


@pytest.mark.parametrize(
    ("year", "open_to_any", "open_to_safety_net", "open_to_rural"),
    [
        (2026, {1, 3}, {1, 3}, {1, 3}),
        (2027, {3}, {1, 2, 3}, {2, 3}),
        (2028, {3}, {1, 2, 3}, {2, 3}),
        (2029, {3}, {2, 3}, {2, 3}),
        (2030, {3}, {2, 3}, {2, 3}),
    ],
)
def test_team_tracks_are_open_by_year_and_hospital(year, open_to_any, open_to_safety_net, open_to_rural):
    def is_open(track, hospital):
        try:
            return bool(team(track, year, hospital))
        except ar.InputError as error:
            assert f"must be a track that is open in {year}: " in str(error)  # noqa: PT017 - most are open
            return False

    for hospital, expected in [("any", open_to_any), ("safety_net", open_to_safety_net), ("rural", open_to_rural)]:
        assert {track for track in (1, 2, 3) if is_open(track, hospital)} == expected


@pytest.mark.parametrize(
    ("category", "discount"),
    [("lejr", 0.02), ("shfft", 0.02), ("spinal_fusion", 0.02), ("cabg", 0.015), ("major_bowel", 0.015)],
)
def test_team_discounts_by_category_only_where_prices_have_none(category, discount):
    sent = EpisodeBundle.team(track=3, year=2026, category=category)
    benchmark = EpisodeBundle.team(track=3, year=2026, category=category, discounted=False)
    assert (sent.discount, benchmark.discount) == (0.0, discount)
    assert benchmark.episodes == (category,)
    assert settlement(benchmark, 900_000, 100, 1_000_000) == 100_000 - 1_000_000 * Decimal(str(discount))


CJR_DISCOUNTS = [
    # Scores one hundredth of a point either side of each cut point: 4.0, 6.0 and 13.2, then 5.0, 6.9 and 15.0.
    (1, 3.99, None),
    (1, 4.0, "0.03"),
    (4, 5.99, "0.03"),
    (4, 6.0, "0.02"),
    (5, 13.2, "0.02"),
    (5, 13.21, "0.015"),
    (5, 20, "0.015"),
    (6, 4.99, None),
    (6, 5.0, "0.03"),
    (7, 6.89, "0.03"),
    (7, 6.9, "0.015"),
    (8, 15.0, "0.015"),
    (8, 15.01, "0"),
]


@pytest.mark.parametrize(("year", "score", "discount"), CJR_DISCOUNTS)
def test_cjr_discounts_by_cut_point(year, score, discount):
    """Of episodes that cost 96 % of their price: what is below acceptable is paid nothing."""
    paid = settlement(EpisodeBundle.cjr(year), 960_000, score, 1_000_000)
    assert paid == (0 if discount is None else 40_000 - 1_000_000 * Decimal(discount))


@pytest.mark.parametrize(
    ("year", "score", "discount"),
    [
        # Repayments have discounts of their own in the second and third year.
        (2, 3, "0.02"),
        (2, 6, "0.01"),
        (3, 13.2, "0.01"),
        (3, 13.21, "0.005"),
        (4, 3, "0.03"),
        (4, 6, "0.02"),
        (8, 15.01, "0"),
    ],
)
def test_cjr_repayments(year, score, discount):
    """Of episodes that cost 1 % more than their price, below every limit."""
    assert settlement(EpisodeBundle.cjr(year), 1_010_000, score, 1_000_000) == -10_000 - 1_000_000 * Decimal(discount)


def test_cjr_repayments_begin_where_the_smaller_discount_ends():
    """In the second year gains count below 97 % of the price and losses above 98 %, at an acceptable score."""
    bundle = EpisodeBundle.cjr(2)
    for actual, expected in [
        (969_999.99, "0.01"),
        (970_000.00, "0.00"),
        (975_000.00, "0.00"),
        (980_000.00, "0.00"),
        (980_000.01, "-0.01"),
    ]:
        assert settlement(bundle, actual, 5, 1_000_000) == Decimal(expected)


def test_episodes_have_the_discount_of_their_hospital():
    frame = pd.DataFrame({"hospital": ["a", "b", "a"], "actual": [900.0, 900.0, 800.0]})
    bundle = EpisodeBundle.cjr(4, target_price=1_000)
    each = bundle.by_episode(frame, provider="hospital", quality_score={"a": 5, "b": 14})
    assert each["discounted_target"].tolist() == [970.0, 985.0, 970.0]
    assert each["difference"].tolist() == [70.0, 85.0, 170.0]
    assert each["hospital"].tolist() == ["a", "b", "a"]
    settled = bundle.settle(frame, provider="hospital", quality_score={"a": 5, "b": 14})
    assert settled["difference"].tolist() == [240.0, 85.0]


@pytest.mark.parametrize(
    ("year", "gain", "loss", "rural_loss"),
    [
        (1, "0.05", "0", "0"),
        (2, "0.05", "0.05", "0.03"),
        (3, "0.10", "0.10", "0.05"),
        (4, "0.20", "0.20", "0.05"),
        (5, "0.20", "0.20", "0.05"),
        (6, "0.20", "0.20", "0.05"),
        (7, "0.20", "0.20", "0.05"),
        (8, "0.20", "0.20", "0.05"),
    ],
)
def test_cjr_limits_by_performance_year(year, gain, loss, rural_loss):
    # An acceptable score: of gains 3 % are taken off, of losses 2 % in the second and third year.
    gain_target = Decimal(970_000)
    loss_target = Decimal(980_000) if year in {2, 3} else gain_target
    for rural, limit in [(False, loss), (True, rural_loss)]:
        bundle = EpisodeBundle.cjr(year, rural=rural)
        assert settlement(bundle, 0, 5.5, 1_000_000) == gain_target * Decimal(gain)
        assert settlement(bundle, 9_000_000, 5.5, 1_000_000) == -loss_target * Decimal(limit)


@pytest.mark.parametrize(
    ("year", "surgical", "discount"),
    [
        (1, True, "0.03"),
        (5, True, "0.03"),
        (8, True, "0.03"),
        (5, False, "0.03"),
        (6, False, "0.02"),
        (8, False, "0.02"),
    ],
)
def test_bpci_advanced_by_model_year(year, surgical, discount):
    bundle = EpisodeBundle.bpci_advanced(year, surgical=surgical)
    target = 1_000_000 * (1 - Decimal(discount))
    assert settlement(bundle, 900_000, 100, 1_000_000) == target - 900_000
    assert settlement(bundle, 900_000, 0, 1_000_000) == (target - 900_000) * Decimal("0.9")
    assert settlement(bundle, 1_000_000, 100, 1_000_000) == (target - 1_000_000) * Decimal("0.9")
    assert settlement(bundle, 0, 100, 1_000_000) == target * Decimal("0.2")
    assert settlement(bundle, 3_000_000, 50, 1_000_000) == target * Decimal("-0.2")


def test_a_price_is_never_invented():
    for bundle in (team(3), EpisodeBundle.cjr(4), EpisodeBundle.bpci_advanced(8, surgical=True)):
        assert bundle.target_price is None
        with pytest.raises(ar.InputError, match="must have the columns target"):
            bundle.settle(pd.DataFrame({"actual": [1.0]}), quality_score=10)


def test_other_terms_go_before_those_of_the_programme():
    bundle = team(3, target_price=25_000, truncate_at=60_000, stop_gain_rate=0.05)
    assert (bundle.target_price, bundle.truncate_at, bundle.stop_gain_rate, bundle.stop_loss_rate) == (
        25_000,
        60_000,
        0.05,
        0.2,
    )


def test_what_is_recalled_is_noted_on_statements():
    bundle = team(1)
    assert bundle.source == (
        "preset TEAM track 1 2027: 42 CFR 512.520: track 1 in the second and third performance year for safety-net "
        "hospitals alone; appliedpolicy.com, summary of the final rule: upside only"
    )
    assert bundle.notes == (
        "Recalled, not checked against a text: best_score 100, quality_gain_cut 0.10, stop_gain_rate 0.10 "
        "(42 CFR 512.550)",
    )
    statement = repr(bundle.settle(target=2, actual=1, quality_score=50))
    assert "Note: Recalled, not checked" in statement
    assert "Source: preset TEAM track 1 2027" in statement
    rural = " ".join(EpisodeBundle.cjr(5, rural=True).notes)
    assert "stop_loss_rate rural 0.05" in rural
    assert "stop_loss_rate 0.20" not in rural, "it holds for other hospitals"
    assert "stop_loss_rate 0.20" in " ".join(EpisodeBundle.cjr(5).notes)


@pytest.mark.parametrize("file", [_programmes.TERMS, _programmes.PRICES])
def test_every_figure_has_a_source_years_and_says_how_sure_it_is(file):
    rows = _programmes.table(file)
    assert rows
    for row in rows:
        assert row["source"], row
        assert row["confidence"] in {"read", "read_secondary", "recalled", "doubtful"}, row
        assert int(row["first_year"]) <= int(row["last_year"]), row
        assert None not in row.values(), row


def test_no_two_rows_say_the_same_of_a_year():
    said = [
        (row["programme"], year, row["item"], row["of"])
        for file in (_programmes.TERMS, _programmes.PRICES)
        for row in _programmes.table(file)
        for year in range(int(row["first_year"]), int(row["last_year"]) + 1)
    ]
    assert len(said) == len(set(said))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: team(1, 2028, "any"),
            "EpisodeBundle.team.track: must be a track that is open in 2028: 1 to safety_net; 2 to medicare_dependent, "
            "rural, safety_net, sole_community, essential_access; 3 to any, got 1 (hospital='any')",
        ),
        (
            lambda: team(2, 2026, "rural"),
            "EpisodeBundle.team.track: must be a track that is open in 2026: 1 to any; 3 to any, got 2 "
            "(hospital='rural')",
        ),
        (lambda: team(4), "EpisodeBundle.team.track: must be a whole number between 1 and 3, got 4"),
        (lambda: team(3, 2031), "EpisodeBundle.team.year: must be a whole number between 2,026 and 2,030, got 2031"),
        (
            lambda: team(3, hospital="teaching"),
            "EpisodeBundle.team.hospital: must be one of any, essential_access, medicare_dependent, rural, safety_net, "
            "sole_community, got 'teaching'",
        ),
        (
            lambda: EpisodeBundle.team(track=3, year=2026, category="knee"),
            "EpisodeBundle.team.category: must be one of lejr, shfft, spinal_fusion, cabg, major_bowel, or several of "
            "them, got 'knee'",
        ),
        (
            lambda: EpisodeBundle.team(track=3, year=2026, category=["lejr", "cabg"], discounted=False),
            "EpisodeBundle.team.category: must have one discount, got lejr 0.02, cabg 0.015 (give discounted prices, "
            "or a bundle for each)",
        ),
        (
            lambda: EpisodeBundle.cjr(9),
            "EpisodeBundle.cjr.performance_year: must be a whole number between 1 and 8, got 9",
        ),
        (
            lambda: EpisodeBundle.cjr(3, rural="yes"),
            "EpisodeBundle.cjr.rural: must be True or False, got 'yes'",
        ),
        (
            lambda: EpisodeBundle.bpci_advanced(0, surgical=True),
            "EpisodeBundle.bpci_advanced.model_year: must be a whole number between 1 and 8, got 0",
        ),
    ],
)
def test_programmes_that_do_not_exist(make, message):
    with pytest.raises(ar.InputError) as error:
        make()
    assert str(error.value) == message
