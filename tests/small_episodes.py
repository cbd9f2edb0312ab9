"""Small studies of one arm with episodes, and changes of their specification that the slow twin must notice."""

import copy
from functools import partial

import pytest

import atrisk as ar
import oracle
from episode_kinds import make_patients, make_services
from rider_studies import MEASURES, make_people
from twin import assert_figures_agree, assert_transfers_agree, oracle_columns

HOME = ar.Programme("home", episodes=["knee"], effect=-0.4, reach=0.7, start_month=3, ramp_months=6)
FEWER = ar.Programme("fewer", services=["knee"], effect=-0.3)
MORE = ar.Programme("more", services=["knee"], effect=0.6)
RETROSPECTIVE = {"target_price": 12_000, "best_score": 20, "quality_score": 14, "settle_month": 20}
PROSPECTIVE = {"kind": "prospective", "target_price": 11_000, "case_attachment": 11_500, "case_ceded_share": 0.6}


def episode(**terms):
    """An episode with two paths, care of every kind, and death."""
    stays = ar.EpisodeCare("stays", amount=ar.LogNormal(mean=4_000, cv=0.5), share=0.4, days=(10, 80))
    drugs = ar.EpisodeCare("drugs", amount=150.0, days=(0, 60))
    given = {
        "trigger": "knee",
        "window_days": 90,
        "paths": [ar.EpisodePath("home", share=0.6), ar.EpisodePath("nursing", share=0.4, care=[drugs])],
        "care": [stays],
        "death_rate": 0.2,
        "relativities": {"sex": {"female": 1.6, "male": 0.7}},
    }
    return ar.Episode("knee", **given | terms)


def operated(**terms):
    """The same with a surgeon, a hospital, and stays that are avoidable."""
    stays = ar.EpisodeCare("stays", amount=3_000.0, share=0.4, days=(10, 80), avoidable=True)
    effects = [
        ar.EpisodeEffect("surgeon", log_odds_sd=0.6, price_cv=0.3),
        ar.EpisodeEffect("hospital", log_odds_sd=0.3, price_cv=0.1),
    ]
    return episode(**{"care": [stays], "effects": effects} | terms)


def chronic(**terms):
    """Years with heart failure, with care all along and stays that are avoidable."""
    given = {
        "trigger": None,
        "condition": "failure",
        "states": ["mild", "severe"],
        "window_days": 180,
        "care": [
            ar.EpisodeCare("stays", amount=2_500.0, share=0.5, days=(0, 180), avoidable=True),
            ar.EpisodeCare("drugs", amount=120.0, days=(30, 150)),
        ],
        "death_rate": 0.0,
    }
    return episode(**given | terms)


def named(case):
    """Name a case by its term alone."""
    return str(case) if isinstance(case, (str, tuple)) else ""


def changed(node, term, value):
    """Put another value in the place of a term."""
    *way, last = term if isinstance(term, tuple) else (term,)
    for step in way:
        node = node[step]
    assert node[last] != value
    node[last] = value


def people_of(kind):
    """Members who stay, or for what looks at surgeons and conditions patients who come, go and are attributed."""
    if kind is None or not (kind.effects or kind.condition):
        return make_people(60, seed=4, enrolment=None, attribution=None, risk_scores=None)
    return make_patients(60, seed=4)


def small_study(bundle=None, *, kind=None, programmes=(), riders=(), people=None, base_years=0):
    """Return a study of an arm whose lines are all the provider's to be paid for."""
    bundles = [] if bundle is None else [ar.EpisodeBundle(episodes="knee", **bundle)]
    contracts = [ar.FeeForService(fee_level=1.1), *bundles, *riders]
    arms = {"Arm": ar.Arm(contracts, programmes=list(programmes))}
    care = ar.Utilization(services=make_services(), episodes=[kind or episode()])
    terms = {"years": 2, "base_years": base_years, "measures": MEASURES, "seed": 8}
    return ar.Study(people or people_of(kind), care, arms, **terms)


def assert_they_agree(study, replicates):
    """Figures and transfers of twin and core; returns the results."""
    results = study.run(replicates, progress=False)
    assert_figures_agree(study, results, oracle.run(study.spec, oracle_columns(study), range(replicates)))
    assert_transfers_agree(study, results, 1, base_years=True, riders=True)
    return results


def assert_apart(study, results, spec, *, transfers=False):
    """The twin of a specification is not what the study is: in its figures, or in its transfers."""
    if transfers:
        with pytest.raises(AssertionError):
            assert_transfers_agree(study, results, 1, base_years=True, riders=True, spec=spec)
        return
    twin = oracle.run(spec, oracle_columns(study), range(results.replicates))
    with pytest.raises(AssertionError):
        assert_figures_agree(study, results, twin)


def assert_change_noticed(study, change, *, replicates=3, transfers=False):
    """Twin and core agree, and do not where the specification is another."""
    results, other = assert_they_agree(study, replicates), copy.deepcopy(study.spec)
    change(other)
    assert_apart(study, results, other, transfers=transfers)


def assert_other_noticed(study, monkeypatch, module, name, other, *, replicates=3, transfers=False):
    """Twin and core agree, and do not where a function of the twin is another, which is given the one that it was."""
    results = assert_they_agree(study, replicates)
    monkeypatch.setattr(module, name, partial(other, getattr(module, name)))
    assert_apart(study, results, study.spec, transfers=transfers)
