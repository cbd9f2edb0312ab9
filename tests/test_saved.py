"""Saved results come back bit for bit, and a file that was touched is refused before anything of it is believed."""

import json
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk import _archive, _core, _versions
from atrisk._saved_parts import decoded, encoded
from conftest import make_arms, make_care, make_panel, make_rich_panel

RUN = {"progress": False}


def rich_study(**options):
    """Everything that a study can have beside its spec: parts of the panel, measures, factors, assumptions."""
    frame = make_rich_panel().to_pandas()
    rng = np.random.default_rng(1)
    frame["adherence"] = rng.uniform(0, 1, len(frame)).astype(np.float32)
    frame["state"] = rng.choice(["none", "ill"], len(frame))
    frame["seen"] = pd.Timestamp("2024-03-01") + pd.to_timedelta(np.arange(len(frame)), "D")
    frame["notes"] = [
        [None, 1.5, True, 7, "naïve </script>", Decimal("1.50"), date(2020, 2, 29)][i % 7] for i in range(300)
    ]
    panel = ar.Population.from_frame(
        frame,
        enrolment=ar.Enrolment(lapse_rate=ar.Uniform(0.0, 0.01), death_rate={0: 0.0001, 65: 0.002}),
        attribution=ar.Attribution(share=0.7, turnover=0.1),
        conditions=[
            ar.Condition(
                "illness",
                states=("none", "ill"),
                transition=np.array([[0.9, 0.1], [0.0, 1.0]]),
                column="state",
                relativities={"visits": (1.0, 2.0)},
                risk_scores=[0.0, 0.3],
            )
        ],
        risk_scores=ar.RiskScores(coding_growth=0.01, noise_cv=Decimal("0.25")),
    )
    source = ar.Assumption(
        figure="visits.per_1000", value="4,200", unit="per 1,000", year="2024", source="a survey", confidence="read"
    )
    services = [
        ar.Service(
            "visits",
            per_1000=ar.Gamma(mean=4_000, cv=0.1),
            allowed=ar.Mixture([(0.4, ar.Empirical([50.0, 80.5])), (0.6, ar.LogNormal(mean=110, cv=0.7))]),
            own_cost=60,
            relativities={"sex": {"female": 1.2, "male": 0.8}},
        ),
        ar.Service("admissions", per_1000=90, allowed=14_000, delivered_by="other_providers"),
    ]
    care = ar.Utilization(services=services, trend=ar.Normal(0.03, 0.01), frailty_cv=0.5, assumptions=[source])
    measures = [
        ar.Measure(
            "tested",
            rate=ar.Uniform(0.6, 0.7),
            eligible={"age": (20, 70), "sex": {"female", "male"}},
            adherence_effect=0.5,
            benchmarks=np.array([0.2, 0.5, 0.9]),
            weight=2,
        )
    ]
    outcome = ar.Outcome("falls", per_member_year=0.1, depends_on={"adherence": -0.2})
    return ar.Study(
        panel, care, make_two_arms(), years=2, seed=2**64 - 1, measures=measures, outcomes=[outcome], **options
    )


def make_two_arms():
    return {
        "Fees": ar.FeeForService(),
        "Café, $5 <b>": [ar.Capitation(pmpm=ar.Normal(400, 5)), ar.StopLoss(attachment_point=8_000, premium_pmpm=2.5)],
    }


@pytest.fixture(scope="module")
def plain():
    return ar.Study(make_rich_panel(), make_care(), make_arms(), seed=20).run(60, first=50, **RUN)


@pytest.fixture(scope="module")
def rich():
    return rich_study().run(20, draws=4, **RUN)


def listing(folder):
    return [path.name for path in folder.iterdir()]


def saved(results, tmp_path):
    path = tmp_path / "study.atrisk"
    results.save(path)
    assert listing(tmp_path) == ["study.atrisk"], "nothing is left beside it"
    return ar.load(path)


def assert_same(again, results):
    """Every figure, every column, every word."""
    assert again._figures.tobytes() == results._figures.tobytes()
    assert again._figures.shape == results._figures.shape
    assert again.spec == results.spec
    assert again.versions == results.versions
    assert again.cash is results.cash
    assert again.draws == results.draws
    assert again.clusters == results.clusters
    ours, theirs = again.study.population, results.study.population
    assert list(ours.columns) == list(theirs.columns)
    for name, values in theirs.columns.items():
        assert ours.columns[name].dtype == values.dtype, name
        assert list(map(repr, ours.columns[name].tolist())) == list(map(repr, values.tolist())), name
    assert ours.member_words.tobytes() == theirs.member_words.tobytes()
    assert ours.to_spec() == theirs.to_spec()
    assert again.study.assumptions == results.study.assumptions
    assert {name: factor.tobytes() for name, factor in again.study.factors.items()} == {
        name: factor.tobytes() for name, factor in results.study.factors.items()
    }
    pd.testing.assert_frame_equal(again.summary(), results.summary(), check_exact=True)
    pd.testing.assert_frame_equal(again.parameters(), results.parameters(), check_exact=True)
    arm = results.arms[-1]
    last = results.first + results.replicates - 1
    assert str(again.statement(arm, replicate=last)) == str(results.statement(arm, replicate=last))


def test_plain_results_come_back(plain, tmp_path):
    again = saved(plain, tmp_path)
    assert_same(again, plain)
    assert again.rerun()._figures.tobytes() == plain._figures.tobytes()
    assert not again._figures.flags.writeable


def test_everything_a_study_has_comes_back(rich, tmp_path):
    again = saved(rich, tmp_path)
    assert_same(again, rich)
    assert again.rerun()._figures.tobytes() == rich._figures.tobytes()
    pd.testing.assert_frame_equal(again.measures(), rich.measures(), check_exact=True)
    pd.testing.assert_frame_equal(again.outcomes(), rich.outcomes(), check_exact=True)
    assert again.variance_split("Fees") == rich.variance_split("Fees")
    ours, theirs = again.study.population, rich.study.population
    assert ours.enrolment == theirs.enrolment
    assert ours.attribution == theirs.attribution
    assert ours.risk_scores == theirs.risk_scores
    assert again.study.measures[0].eligible == {"age": (20, 70), "sex": ["female", "male"]}
    (given,) = again.study.assumptions
    assert given.source == "a survey"


@pytest.mark.parametrize(
    "options",
    [
        {"design": "antithetic"},
        {"design": "latin_hypercube"},
        {"design": "sobol"},
        {"parameters": "mean"},
        {"cash": False},
        {"first": 7},
    ],
    ids=str,
)
def test_every_way_to_run_comes_back(options, tmp_path):
    results = rich_study().run(8, **RUN, **options)
    again = saved(results, tmp_path)
    assert_same(again, results)
    assert again.rerun()._figures.tobytes() == results._figures.tobytes()


def test_interrupted_runs_come_back(tmp_path, monkeypatch):
    study = rich_study()
    core, calls = study._core, []

    class Interrupting:
        def run(self, *arguments):
            calls.append(arguments)
            if len(calls) == 3:
                raise KeyboardInterrupt
            return core.run(*arguments)

        def __getattr__(self, name):
            return getattr(core, name)

    monkeypatch.setattr(study, "_core", Interrupting())
    with pytest.warns(UserWarning, match="interrupted"):
        results = study.run(40, draws=3, chunk_replicates=40, **RUN)
    monkeypatch.undo()
    assert (results.replicates, results.draws) == (80, 2)
    again = saved(results, tmp_path)
    assert_same(again, results)


def test_the_same_results_are_the_same_bytes(plain, tmp_path):
    for name in ("one", "two"):
        plain.save(tmp_path / name)
    again = ar.load(tmp_path / "one")
    again.save(tmp_path / "three")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes() == (tmp_path / "three").read_bytes()


def test_numpy_reads_the_arrays_without_atrisk(plain, tmp_path):
    plain.save(tmp_path / "study.npz")
    with np.load(tmp_path / "study.npz", allow_pickle=False) as arrays:
        assert arrays["figures"].tobytes() == plain._figures.tobytes()


@pytest.mark.parametrize("ids", [[5, 3, 9], ["b", "a", "ü"], [1.0, 2.0, 3.0], np.array(["x", "yy", "z"])], ids=str)
def test_members_keep_their_names(ids, tmp_path):
    panel = ar.Population.from_frame(pd.DataFrame({"age": [1, 2, 3], "sex": "f", "risk_score": 1.0, "member_id": ids}))
    results = ar.Study(panel, make_care(), {"A": ar.FeeForService()}, seed=1).run(2, **RUN)
    assert_same(saved(results, tmp_path), results)


def test_what_cannot_be_read_back_is_refused_when_it_is_written(tmp_path):
    frame = make_panel(3).to_pandas().assign(odd=[object(), object(), object()])
    results = ar.Study(ar.Population.from_frame(frame), make_care(), {"A": ar.FeeForService()}, seed=1).run(1, **RUN)
    (tmp_path / "kept").write_text("what was there")
    with pytest.raises(ar.InputError, match=r"population\.odd\[0\]: must be numbers, texts, dates"):
        results.save(tmp_path / "kept")
    assert (tmp_path / "kept").read_text() == "what was there"
    assert listing(tmp_path) == ["kept"]


def test_a_full_disk_leaves_what_was_there(plain, tmp_path, monkeypatch):
    path = tmp_path / "study.atrisk"
    path.write_text("what was there")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_archive, "_digest", full)
    with pytest.raises(OSError, match="No space left"):
        plain.save(path)
    assert path.read_text() == "what was there"
    assert listing(tmp_path) == ["study.atrisk"]


def test_other_versions_warn_where_bits_can_differ(plain, tmp_path, monkeypatch):
    here = _versions.current()
    monkeypatch.setattr(_versions, "current", lambda: here | {"atrisk": "99.0", "python": "3.99"})
    again = saved(plain, tmp_path)
    assert again.versions == here
    pd.testing.assert_frame_equal(again.summary(), plain.summary(), check_exact=True)
    with pytest.warns(UserWarning, match=rf"found by atrisk {_core.__version__} \(here: 99\.0\)"):
        again.rerun()
    with pytest.warns(UserWarning, match="last digits may differ"):
        again.statement("ACO", replicate=60)


@pytest.mark.parametrize(
    "value",
    [
        np.float32(1.5),
        np.int64(3),
        np.True_,
        np.str_("x"),
        float("-inf"),
        {1: (2, [3, None]), "a": {"number": 1}},
        ar.Empirical([1.0, 2.0, float(2**70)]),
        ar.Truncated(ar.Spliced(body=ar.Gamma(mean=1, cv=1), tail=ar.Pareto(shape=2, scale=1), at=3), lower=0.1),
        Decimal("1E+5"),
        pd.NA,
    ],
    ids=str,
)
def test_values_mean_themselves(value):
    text = json.dumps(encoded("x", value), allow_nan=False)
    again = decoded(json.loads(text))
    assert repr(again) == repr(value.item() if isinstance(value, np.generic) else value)
