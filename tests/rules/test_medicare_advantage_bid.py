"""Payments of Medicare Advantage: either side of the benchmark and of each step of the stars."""

from decimal import Decimal

import pytest

import atrisk as ar

Y2024 = ar.MedicareAdvantageBid.preset(year=2024)


@pytest.mark.parametrize(
    ("stars", "share"),
    [(0, "0.5"), (3, "0.5"), (3.49, "0.5"), (3.5, "0.65"), (4, "0.65"), (4.49, "0.65"), (4.5, "0.7"), (5, "0.7")],
)
def test_shares_by_stars(stars, share):
    statement = Y2024.settle(benchmark=1_000, bid=900, stars=stars)
    assert statement["rebate_share"] == Decimal(share)
    assert statement["rebate"] == 100 * Decimal(share)


@pytest.mark.parametrize(
    ("bid", "base", "rebate", "premium"),
    [
        # At a risk score of 1.1 and 65 %.
        (900, "990.00", "71.50", "0.00"),
        (999.99, "1099.99", "0.01", "0.00"),
        (1_000, "1100.00", "0.00", "0.00"),
        (1_000.01, "1100.00", "0.00", "0.01"),
        (1_050, "1100.00", "0.00", "50.00"),
    ],
)
def test_either_side_of_the_benchmark(bid, base, rebate, premium):
    statement = Y2024.settle(benchmark=1_000, bid=bid, stars=4, risk_score=1.1)
    lines = [statement[name] for name in ("base_payment", "rebate", "member_premium")]
    assert lines == [Decimal(base), Decimal(rebate), Decimal(premium)]
    assert statement["payment"] == Decimal(base) + Decimal(rebate)


def test_what_was_not_read_is_said():
    statement = Y2024.settle(benchmark=1_000, bid=900, stars=4)
    assert "that it holds from 2014 on was not read" in repr(statement)
    with pytest.raises(ar.InputError, match=r"must be a year of medicare_advantage \(2014-\), got 2013"):
        ar.MedicareAdvantageBid.preset(year=2013)


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ([(0, 50)], "MedicareAdvantageBid.rebate_shares[0].gives: must be between 0 and 1, got 50"),
        (
            [(3.5, 0.5), (3.5, 0.6)],
            "MedicareAdvantageBid.rebate_shares[1].from: must rise from row to row, got 3.5",
        ),
        ([0.5], "MedicareAdvantageBid.rebate_shares[0]: must be rows of two numbers (stars, share), got 0.5"),
    ],
)
def test_terms_are_refused_when_they_are_given(shares, message):
    with pytest.raises(ar.InputError) as error:
        ar.MedicareAdvantageBid(rebate_shares=shares)
    assert str(error.value).startswith(message)


def test_facts_are_refused():
    with pytest.raises(ar.InputError, match="must be given bid, stars"):
        Y2024.settle(benchmark=1_000)
    with pytest.raises(ar.InputError, match=r"bid\[1\]"):
        Y2024.settle(benchmark=1_000, bid=[900, None], stars=4)
