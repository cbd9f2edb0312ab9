"""What of bundles, and of contracts behind them, the slow twin would notice if it were a little different."""

from functools import partial

import pytest

import atrisk as ar
import oracle
import oracle_arms
import oracle_care
import oracle_cases
import oracle_savings
from episode_kinds import make_patients
from oracle_care import Book
from oracle_cases import cases_of
from small_episodes import (
    FEWER,
    HOME,
    PROSPECTIVE,
    RETROSPECTIVE,
    assert_apart,
    assert_change_noticed,
    assert_other_noticed,
    assert_they_agree,
    changed,
    chronic,
    named,
    operated,
    small_study,
)
from twin import assert_agree, oracle_columns

RUNGS = {"quality_discounts": [(0, 0.06), (8, 0.03), (14, 0.0)]}
LOSSES = {"quality_loss_discounts": [(0, 0.05), (8, 0.02), (14, 0.0)]}
GAINS = RETROSPECTIVE | {"target_price": 30_000}
SOME = {"services": ["stays", "visits", "knee"]}
AFTER = {"post_episode_threshold": 50}
BY_SEX = {"target_multipliers": {"sex": {"female": 1.2, "male": 0.9}}}
BASELINE = {"baseline": ar.EpisodeBaseline(weights=[0.4, 0.6], trend=0.02, own_share=0.7)}
NEITHER = {"excludes_attributed": True}
WARRANTY = {"readmission_services": ["stays"], "warranty_share": 0.4}

OF_BUNDLES = [
    (RETROSPECTIVE, "target_price", {"": "12000.5"}),
    (RETROSPECTIVE, "discount", "0.0001"),
    (RETROSPECTIVE, "loss_rate", "0.999"),
    (RETROSPECTIVE | {"truncate_at": 15_000}, "truncate_at", {"": "15001"}),
    (RETROSPECTIVE | {"raise_to": 11_000}, "raise_to", {"": "11001"}),
    (RETROSPECTIVE | {"stop_loss_rate": 0.02}, "stop_loss_rate", "0.0201"),
    (RETROSPECTIVE | {"minimum_loss_rate": 0.01}, "minimum_loss_rate", "0.999"),
    (RETROSPECTIVE | {"quality_loss_cut": 0.1}, "quality_loss_cut", "0.101"),
    (RETROSPECTIVE | {"quality_loss_cut": 0.1}, "quality_score", "14.1"),
    (RETROSPECTIVE | {"quality_loss_cut": 0.1}, "best_score", "20.1"),
    (RETROSPECTIVE | RUNGS, ("quality_discounts", 2, "gives"), "0.0001"),
    (RETROSPECTIVE | RUNGS, ("quality_discounts", 2, "from"), "14.1"),
    (RETROSPECTIVE | RUNGS | LOSSES, ("quality_loss_discounts", 2, "gives"), "0.0001"),
    (RETROSPECTIVE, "settle_month", "21"),
    (GAINS, "sharing_rate", "0.999"),
    (GAINS | {"stop_gain_rate": 0.05}, "stop_gain_rate", "0.0501"),
    (GAINS | {"minimum_savings_rate": 0.01}, "minimum_savings_rate", "0.999"),
    (GAINS | {"quality_gain_cut": 0.1}, "quality_gain_cut", "0.101"),
    (GAINS | {"least_quality": 14}, "least_quality", "14.1"),
    (RETROSPECTIVE | SOME, "services", ["stays", "visits"]),
    (RETROSPECTIVE | SOME, "services", None),
    (RETROSPECTIVE | AFTER, "post_episode_threshold", {"": "51"}),
    (RETROSPECTIVE | AFTER, "post_episode_threshold", None),
    (RETROSPECTIVE | AFTER, "post_episode_days", "31"),
    (RETROSPECTIVE | AFTER | SOME, "services", ["stays", "visits", "tests"]),
    (RETROSPECTIVE | BASELINE | {"raise_to": 11_000}, "raise_to", {"": "11001"}),
    (PROSPECTIVE, "discount", "0.0001"),
    (PROSPECTIVE, "target_price", {"": "11000.5"}),
    (PROSPECTIVE, "case_attachment", {"": "11501"}),
    (PROSPECTIVE, "case_ceded_share", "0.601"),
    (PROSPECTIVE | {"aggregate_attachment_rate": 0.8}, "aggregate_attachment_rate", "0.801"),
    (PROSPECTIVE | SOME, "services", ["stays", "visits"]),
    (PROSPECTIVE | WARRANTY, "warranty_share", "0.401"),
    (PROSPECTIVE | WARRANTY, "readmission_services", ["stays", "visits"]),
    (PROSPECTIVE | {"stop_loss_premium": 100}, "stop_loss_premium", "100.5"),
]

#: On the episodes of people who come, go and are attributed.
OF_PATIENTS = [
    (RETROSPECTIVE | BY_SEX, "target_multipliers", None),
    (PROSPECTIVE | BY_SEX, "target_multipliers", None),
    (RETROSPECTIVE | BASELINE, "baseline", None),
    (RETROSPECTIVE | BASELINE, ("baseline", "weights"), ["0.41", "0.59"]),
    (RETROSPECTIVE | BASELINE, ("baseline", "weights"), None),
    (RETROSPECTIVE | BASELINE, ("baseline", "trend"), "0.021"),
    (RETROSPECTIVE | BASELINE, ("baseline", "own_share"), "0.71"),
    (RETROSPECTIVE | BASELINE | BY_SEX | {"truncate_at": 15_000}, "truncate_at", {"": "15100"}),
    (PROSPECTIVE | BASELINE, ("baseline", "own_share"), "0.71"),
    (PROSPECTIVE | BASELINE | WARRANTY, "warranty_share", "0.401"),
    (RETROSPECTIVE | NEITHER, "excludes_attributed", False),
    (PROSPECTIVE | NEITHER, "excludes_attributed", False),
    (PROSPECTIVE | {"stop_loss_premium": 100}, "stop_loss_premium", "100.5"),
]


def in_bundle(term, value, spec):
    """Change a term of the bundle of the only arm."""
    changed(spec["arms"][0]["contracts"][1]["episode_bundle"], term, value)


@pytest.mark.parametrize(("bundle", "term", "value"), OF_BUNDLES, ids=named)
def test_a_bundle_that_is_a_little_different_is_noticed(bundle, term, value):
    """Of settle months transfers, since the lowest balance need not be in them."""
    change = partial(in_bundle, term, value)
    assert_change_noticed(small_study(bundle, base_years=2), change, transfers=term == "settle_month")


@pytest.mark.parametrize("kind", [operated, chronic])
@pytest.mark.parametrize(("bundle", "term", "value"), OF_PATIENTS, ids=named)
def test_a_bundle_of_patients_that_is_a_little_different_is_noticed(kind, bundle, term, value):
    assert_change_noticed(small_study(bundle, kind=kind(), base_years=2), partial(in_bundle, term, value))


# ---------------------------------------------------------------------------------------------------------
# What stands behind them
# ---------------------------------------------------------------------------------------------------------

SAVINGS = {"sharing_rate": 0.5, "loss_rate": 0.4, "settle_month": 30}
INTERIM = {"interim_share": 0.5, "interim_claims_months": 5, "interim_month": 14}
FIXED = ar.SharedSavings(benchmark_pmpm=2_000, **SAVINGS)
REBASED = ar.SharedSavings(benchmark=ar.Benchmark(rebase_every=1), **SAVINGS)
CORRIDOR = ar.RiskCorridor(losses=[(0.0, None, 0.5)], share_of="provider", target_pmpm=1_500)


@pytest.mark.parametrize("bundle", [RETROSPECTIVE, PROSPECTIVE], ids=["retrospective", "prospective"])
@pytest.mark.parametrize("rider", [FIXED, REBASED, CORRIDOR], ids=["fixed", "rebased", "corridor"])
def test_payments_for_episodes_that_are_counted_or_not_are_noticed(bundle, rider):
    def change(spec):
        (terms,) = spec["arms"][0]["contracts"][2].values()
        changed(terms, "episode_payments", "apart")

    assert_change_noticed(small_study(bundle, riders=[rider], base_years=1, kind=operated()), change)


def test_payments_for_those_who_are_not_attributed_are_not_counted(monkeypatch):
    study = small_study(PROSPECTIVE | NEITHER, riders=[FIXED], kind=operated())
    assert_other_noticed(study, monkeypatch, oracle_savings, "paid_for_episodes", counting_all)


def counting_all(original, terms, ledger):
    """Count what bundles paid, whoever their episodes are of."""
    return original(terms, [each._replace(apart=False) for each in ledger])


def test_payments_for_episodes_are_no_part_of_interim_settlements(monkeypatch):
    interim = ar.SharedSavings(benchmark_pmpm=2_500, **SAVINGS, **INTERIM)
    study = small_study(PROSPECTIVE, riders=[interim], kind=operated())

    def with_payments(original, signed, book, year, whole):
        found = original(signed, book, year, whole)
        care = oracle_savings.care_spending(signed, book, year)
        return found._replace(spending=found.spending * whole.spending / care)

    assert_other_noticed(study, monkeypatch, oracle_savings, "of_first_months", with_payments, transfers=True)


def test_baselines_know_no_programme(monkeypatch):
    """Windows of a base year reach into years of programmes, whose care is without them in a price."""
    study = small_study(RETROSPECTIVE | BASELINE, kind=operated(), programmes=[HOME, FEWER], base_years=2)
    results = assert_they_agree(study, 20)
    monkeypatch.setattr(oracle_care.Book, "without_programmes", property(lambda book: book))
    assert_apart(study, results, study.spec)


def test_nothing_is_spent_after_a_death(monkeypatch):
    def alive(original, signed, book, opened, used):
        return original(signed, book, opened._replace(died=opened.died & False), used)

    assert_other_noticed(small_study(RETROSPECTIVE | AFTER), monkeypatch, oracle_cases, "sums_of", alive)


@pytest.mark.slow
def test_baselines_of_few_episodes_agree():
    """Base years without an episode, and weights that are all of such a year, leave the price that is given."""
    people = make_patients(12, seed=5)
    few = BASELINE | {"baseline": ar.EpisodeBaseline(weights=[1.0, 0.0])}
    for bundle in (RETROSPECTIVE | few, PROSPECTIVE | few, RETROSPECTIVE | BASELINE | BY_SEX):
        study = small_study(bundle, kind=operated(), people=people, base_years=2)
        assert_agree(study, 30, looked_at=0)
    columns, found = oracle_columns(study), set()
    for replicate in range(30):
        book = Book(oracle.simulate(study.spec, columns, replicate), columns, 0)
        (signed,) = [each for each in book.contracts if each.kind == "episode_bundle"]
        found.add(tuple(bool(cases_of(signed, book, base).cell) for base in (-1, 0)))
    assert found == {(one, other) for one in (True, False) for other in (True, False)}


def test_windows_of_a_condition_count_by_their_months(monkeypatch):
    study = small_study(RETROSPECTIVE, kind=chronic())

    def whole(original, *given):
        found = original(*given)
        return found._replace(episodes=found.episodes * 0.0 + 1.0)

    assert_other_noticed(study, monkeypatch, oracle_arms, "years_with_condition", whole)
