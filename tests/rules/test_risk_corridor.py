"""Risk corridors on ladders a person can check by eye, and the published ones."""

from decimal import Decimal

import pytest

import atrisk as ar

OVERLAP = "RiskCorridor.losses[1].from: must not begin before the band before it ends: bands do not overlap, got 0.05"
ACA = ((0.03, 0.08, 0.5), (0.08, None, 0.8))


def settlement(corridor, target, cost):
    return corridor.settle(target=target, cost=cost)["settlement"]


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        # Half of each cent beyond 3 %, four fifths beyond 8 %; halves of a cent away from zero.
        ("102.99", "0.00"),
        ("103.00", "0.00"),
        ("103.01", "0.01"),
        ("103.02", "0.01"),
        ("107.99", "2.50"),
        ("108.00", "2.50"),
        ("108.01", "2.51"),
        ("110.00", "4.10"),
        ("97.01", "0.00"),
        ("97.00", "0.00"),
        ("96.99", "-0.01"),
        ("92.00", "-2.50"),
        ("91.99", "-2.51"),
        ("90.00", "-4.10"),
    ],
)
def test_a_ladder_of_costs(cost, expected):
    assert settlement(ar.RiskCorridor(losses=ACA), 100, float(cost)) == Decimal(expected)


@pytest.mark.parametrize(
    ("preset", "year", "target", "cost", "expected"),
    [
        ("aca", 2014, 10_000_000, 10_500_000, 100_000),
        ("aca", 2016, 10_000_000, 11_000_000, 410_000),
        ("aca", 2015, 10_000_000, 9_000_000, -410_000),
        ("medicare_part_d", 2008, 100, 108, 1.5),
        ("medicare_part_d", 2024, 100, 115, 6.5),
        ("medicare_part_d", 2011, 100, 93, -1),
        ("medicare_part_d", 2012, 100, 85, -6.5),
        # 75 % between 2.5 and 5 %, 80 % beyond.
        ("medicare_part_d", 2006, 1_000, 1_050, 18.75),
        ("medicare_part_d", 2007, 1_000, 1_060, 26.75),
        ("aco_reach_global", 2021, 100, 70, 27.5),
        ("aco_reach_global", 2025, 100, 130, -27.5),
        ("aco_reach_professional", 2026, 100, 92, 3.55),
        ("lead_global", 2027, 100, 200, -33.75),
        ("lead_professional", 2027, 100, 90, 6),
        ("lead_professional", 2027, 100, 110, -5),
        ("next_generation_aco_a", 2018, 100, 80, 12),
        ("next_generation_aco_a", 2019, 100, 80, 12.75),
        ("next_generation_aco_b", 2017, 100, 120, -15),
        ("michigan_pihp", None, 100, 92, -1.5),
        ("michigan_pihp", None, 100, 150, 0),
    ],
)
def test_published_corridors(preset, year, target, cost, expected):
    corridor = ar.RiskCorridor.preset(preset, year=year)
    assert settlement(corridor, target, cost) == Decimal(str(expected))


def test_targets_below_nothing_are_refused():
    corridor = ar.RiskCorridor(losses=ACA)
    assert settlement(corridor, 0, 10) == 8
    with pytest.raises(ar.InputError, match=r"^RiskCorridor\.target: must be at least 0, got -100$"):
        corridor.settle(target=-100, cost=90)
    with pytest.raises(ar.InputError, match=r"^RiskCorridor\.target\[1\]: must be at least 0, got -0\.01$"):
        corridor.settle(target=[0, -0.01], cost=90)


def test_gains_are_those_of_losses_unless_given():
    assert settlement(ar.RiskCorridor(losses=ACA, gains=()), 100, 50) == 0
    assert settlement(ar.RiskCorridor(losses=ACA, gains=[(0, None, 1)]), 100, 50) == -50


def test_whose_share_it_is_turns_the_sign():
    for cost in (80, 130):
        payer, provider = (ar.RiskCorridor(losses=ACA, share_of=party) for party in ("payer", "provider"))
        assert settlement(payer, 100, cost) == -settlement(provider, 100, cost)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (
            {"losses": [(0, 0.1, 50)]},
            "RiskCorridor.losses[0].share: must be between 0 and 1, got 50 (did you mean 0.50?)",
        ),
        (
            {"losses": [(0, 0.1, 0.5), (0.05, 0.2, 0.5)]},
            OVERLAP,
        ),
        (
            {"losses": [(0, None, 0.5), (0.05, 0.2, 0.5)]},
            OVERLAP,
        ),
        ({"losses": ACA, "gains": [(0.2, 0.1, 0.5)]}, "RiskCorridor.gains[0].to: must lie above from, got 0.1"),
        (
            {"losses": [(-0.1, 0.1, 0.5)]},
            "RiskCorridor.losses[0].from: must be a finite number of at least 0, got -0.1",
        ),
        (
            {"losses": [(0, 0.1)]},
            "RiskCorridor.losses[0]: must be bands (from, to, share), where to may be None, got (0, 0.1)",
        ),
        ({"losses": 0.5}, "RiskCorridor.losses: must be bands (from, to, share), where to may be None, got 0.5"),
        ({"losses": [(0, "a", 0.5)]}, 'RiskCorridor.losses[0].to: must be a number, got "a"'),
        ({"losses": [(0, float("nan"), 0.5)]}, "RiskCorridor.losses[0].to: must lie above from, got nan"),
        ({"losses": ACA, "share_of": "plan"}, 'RiskCorridor.share_of: must be one of payer or provider, got "plan"'),
        (
            {"losses": [(0, None, ar.Uniform(0, 1))]},
            "RiskCorridor.losses[0].share: must be known: a number and no distribution, got Uniform(lower=0, upper=1)",
        ),
    ],
)
def test_terms_are_refused_when_they_are_given(terms, message):
    with pytest.raises(ar.InputError) as error:
        ar.RiskCorridor(**terms)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("name", "year", "message"),
    [
        (
            "acaa",
            2014,
            "must be one of aca (2014-2016), medicare_part_d (2006-2007, 2008-2011, 2012-), aco_reach_global",
        ),
        ("aca", 2017, "RiskCorridor.preset.year: must be a year of aca (2014-2016), got 2017"),
        ("aca", None, "RiskCorridor.preset.year: must be a year of aca (2014-2016), got None"),
        ("aca", "2014", "RiskCorridor.preset.year: must be a whole number between 1,965 and 2,100, got '2014'"),
        ("aco_reach_global", 2026, "the bands of PY2026 above 10 % were not found"),
    ],
)
def test_presets_that_do_not_exist(name, year, message):
    with pytest.raises(ar.InputError) as error:
        ar.RiskCorridor.preset(name, year=year)
    assert message in str(error.value)


def test_what_is_in_doubt_is_noted():
    sure = ar.RiskCorridor.preset("aca", year=2014)
    assert sure.notes == ()
    assert "42 USC 18062(b)" in repr(sure.settle(target=1, cost=1))
    doubtful = ar.RiskCorridor.preset("lead_professional", year=2027)
    assert "Doubtful, not checked against a text: share 0.5 of loss from 0 to 0.1" in repr(doubtful)
    statement = doubtful.settle(target=100, cost=110)
    assert "Doubtful" in repr(statement)
    assert "Doubtful" in statement._repr_html_()
    recalled = ar.RiskCorridor.preset("medicare_part_d", year=2012)
    assert recalled.notes[0].startswith("Recalled, not checked against a text: share 0.5 of loss from 0.05 to 0.1")
