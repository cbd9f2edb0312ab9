"""Figures and terms as a report prints them."""

import pytest

import atrisk as ar
from atrisk.report import _terms, _words


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1234567.8, 2345.6, "1,234,568 ± 2,346"),
        (-0.1385, 0.00132, "−0.1385 ± 0.0013"),
        (12.345, 0.52, "12.35 ± 0.52"),
        (17.33, 1e-16, "17.33 ± 0.00"),
        (2_079_600.0, 0.0, "2,079,600 ± 0"),
        (-0.001, 0.9, "0.00 ± 0.90"),
        (0.0, 0.0, "0 ± 0"),
        (None, None, "\N{EN DASH}"),
        (5.0, None, "5.000 ± unknown"),
    ],
)
def test_figures_have_the_digits_that_their_errors_leave(value, error, text):
    assert _words.pair(value, error).replace("\xa0", " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("185.0", "185"),
        ("0.00041666666666666664", "0.00041666666666666664"),
        ("1000000", "1,000,000"),
        (True, "yes"),
        (None, "none"),
        (["a", "b"], "a, b"),
        ("nan", "nan"),
        ("007", "007"),
        ("1e-05", "0.00001"),
        ({"premium_pmpm": "1.50"}, "premium pmpm 1.5"),
    ],
)
def test_terms_keep_all_their_digits(value, text):
    assert _words.shown(value, whole=True) == text


def test_dollars_have_a_sign_and_other_money_its_name():
    assert _words.dollars("0.9", "1970s dollars") == "$0.90"
    assert _words.dollars("17.335", "dollars") == "$17.335"
    assert _words.dollars("-4000.0", "dollars") == "−$4,000"
    assert _words.dollars("4000", "euros") == "4,000 euros"


@pytest.mark.parametrize(
    ("term", "unit"),
    [
        ("target_price", "dollars an episode"),
        ("case_attachment", "dollars an episode"),
        ("aggregate_attachment_rate", "multiple of all prices"),
        ("quality_loss_cut", "share, 0 to 1"),
        ("stop_loss_rate", "share, 0 to 1"),
        ("lag_years", "years"),
        ("interim_claims_months", "months"),
        ("interim_month", "month, counted from the first of the year"),
        ("best_score", ""),
    ],
)
def test_terms_have_the_units_of_their_names(term, unit):
    assert _terms.unit_of(term, "dollars") == unit


@pytest.mark.parametrize(
    ("given", "moved"),
    [
        (
            {"episodes": ["knee", "hip"]},
            "50 % less of the odds of every worse path and of avoidable care of knee and hip for",
        ),
        ({"services": ["visits"]}, "50 % less of visits for"),
        ({}, "50 % less of all services for"),
    ],
)
def test_a_programme_says_what_it_moves(given, moved):
    programme = ar.Programme("home first", effect=-0.5, **given)
    said = _terms._programme(programme.to_spec(), "dollars").replace("\xa0", " ")
    assert said.startswith(f"Programme home first: {moved} the 100 % of members")
