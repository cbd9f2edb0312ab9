"""Bad input: one error each, naming path, rule and value; the texts are the specification."""

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import atrisk as ar
from conftest import make_arms, make_care, make_panel, make_rich_panel, make_services

SAVINGS = {"benchmark_pmpm": 500, "basis": "allowed", "sharing_rate": 0.5}
COVER = {"attachment_point": 100_000, "premium_pmpm": 10}


def message(work):
    with pytest.raises(ar.InputError) as caught:
        work()
    assert isinstance(caught.value, ValueError)
    return str(caught.value)


def study(arms=None, care=None, panel=None, **how):
    return ar.Study(panel or make_panel(20), care or make_care(), make_arms() if arms is None else arms, **how)


def service(**changes):
    fields = {"per_1000": 100, "allowed": 10.0} | changes
    return study(care=ar.Utilization(services=[ar.Service("inpatient", **fields)]), arms={"A": ar.FeeForService()})


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"per_1000": float("nan")}, "inpatient.per_1000: must be a finite number of at least 0, got nan"),
        ({"per_1000": -1}, "inpatient.per_1000: must be a finite number of at least 0, got -1"),
        ({"per_1000": float("inf")}, "inpatient.per_1000: must be a finite number of at least 0, got inf"),
        ({"per_1000": "many"}, 'inpatient.per_1000: must be a number, got "many"'),
        ({"per_1000": None}, 'inpatient.per_1000: must be a number, got "None"'),
        (
            {"per_1000": 2e9},
            "inpatient.per_1000: must give no member a rate above 1000000 events a year, got 2000000000 "
            "(the highest risk score is 1 and the largest frailty 1.0000)",
        ),
        ({"coinsurance": 20}, "inpatient.coinsurance: must be between 0 and 1, got 20 (did you mean 0.20?)"),
        ({"coinsurance": float("nan")}, "inpatient.coinsurance: must be between 0 and 1, got nan"),
        ({"own_cost": -5}, "inpatient.own_cost: must be a finite number of at least 0, got -5"),
        ({"allowed": -10.0}, "inpatient.allowed.value: must be a finite number of at least 0, got -10"),
        (
            {"allowed": ar.LogNormal(mean=0, cv=1)},
            "inpatient.allowed.mean: must be a finite number above 0, got 0",
        ),
        (
            {"allowed": 1e13},
            "inpatient.allowed.value: must be between 0 and 1000000000000, got 10000000000000",
        ),
        (
            {"allowed": ar.LogNormal(mean=10, cv=float("nan"))},
            "inpatient.allowed.cv: must be between 0 and 1000, got nan",
        ),
        ({"allowed": ar.Gamma(mean=10, cv=-1)}, "inpatient.allowed.cv: must be between 0 and 20, got -1"),
        ({"allowed": "cheap"}, 'inpatient.allowed: must be a number or a distribution, got "cheap"'),
        (
            {"delivered_by": "hospital"},
            'inpatient.delivered_by: must be "provider" or "other_providers", got "hospital"',
        ),
    ],
)
def test_service(changes, text):
    assert message(lambda: service(**changes)) == text


BODY = ar.LogNormal(mean=1_000, cv=1)
BY_MEAN_OR_SHAPE = "must be given by (mean, cv) or (shape, scale)"


@pytest.mark.parametrize(
    ("allowed", "text"),
    [
        (
            ar.LogNormal(mean=10, sigma=1),
            "inpatient.allowed: must be given by (mean, cv) or (mu, sigma), got mean, sigma (one way, whole and alone)",
        ),
        (ar.Gamma(mean=10), f"inpatient.allowed: {BY_MEAN_OR_SHAPE}, got mean"),
        (ar.Weibull(), f"inpatient.allowed: {BY_MEAN_OR_SHAPE}, got nothing"),
        (ar.Gamma(shape=0, scale=1), "inpatient.allowed.shape: must be between 0.0025 and 1000000000000000, got 0"),
        (ar.Weibull(shape="a", scale=1), 'inpatient.allowed.shape: must be a number, got "a"'),
        (
            ar.Pareto(mean=10, cv=0.9),
            "inpatient.allowed.cv: must be above 1 for a Pareto distribution, got 0.9 (a cv of at most 1 is that of "
            "Gamma, LogNormal or Weibull)",
        ),
        (
            ar.Pareto(shape=1, scale=5),
            "inpatient.allowed: must have a finite mean, got an infinite one (a Pareto tail has a mean above shape 1; "
            "or truncate it: Truncated(distribution, upper=...))",
        ),
        (
            ar.Normal(100, 20),
            "inpatient.allowed: must not reach below 0 dollars, got values from -inf (truncate it: "
            "Truncated(distribution, lower=0))",
        ),
        (ar.Normal(100, -1), "inpatient.allowed.sd: must be 0, or between 0.000000001 and 1000000000000, got -1"),
        (
            ar.Beta(mean=0.5, cv=1.2),
            "inpatient.allowed.cv: must be below 1.000000 for a beta distribution of this mean, got 1.2",
        ),
        (
            ar.Uniform(mean=5, cv=0.6),
            "inpatient.allowed.cv: must be at most 0.57735 for a uniform distribution from 0 or more, got 0.6 (give "
            "lower and upper to reach below 0)",
        ),
        (ar.Uniform(3, 2), "inpatient.allowed.upper: must be above lower (3), got 2"),
        (ar.Triangular(1, 9, 5), "inpatient.allowed.mode: must be between lower (1) and upper (5), got 9"),
        (ar.InverseGaussian(mean=5, cv=-1), "inpatient.allowed.cv: must be 0, or between 0.000001 and 100, got -1"),
        (ar.Bernoulli(30), "inpatient.allowed.probability: must be between 0 and 1, got 30 (did you mean 0.30?)"),
        (ar.Binomial(2.5, 0.1), "inpatient.allowed.n: must be a whole number, got 2.5"),
        (ar.Poisson(-1), "inpatient.allowed.rate: must be between 0 and 1000000, got -1"),
        (
            ar.NegativeBinomial(mean=4, cv=0.4),
            "inpatient.allowed.cv: must be above 0.500000 for a negative binomial of this mean, got 0.4 (a Poisson "
            "count has the coefficient of variation 1 / sqrt(mean))",
        ),
        (
            ar.Empirical([]),
            "inpatient.allowed.values: must be 1 to 1000000 numbers, got 0 (group values that are nearly the same, "
            "with weights)",
        ),
        (ar.Empirical([1, 2], [1]), "inpatient.allowed.weights: must be as many as values (2), got 1"),
        (
            ar.Empirical([1, float("nan")]),
            "inpatient.allowed.values[1]: must be a finite number, got nan",
        ),
        (
            ar.Mixture([(1, BODY), (2, ar.Gamma(mean=-3, cv=1))]),
            "inpatient.allowed.components[1].mean: must be a finite number above 0, got -3",
        ),
        (
            ar.Mixture([(0, BODY)]),
            "inpatient.allowed.components: must not all have weight 0, got only zeros",
        ),
        (
            ar.Spliced(ar.LogNormal(mean=10, cv=-1), BODY, at=5),
            "inpatient.allowed.body.cv: must be between 0 and 1000, got -1",
        ),
        (
            ar.Spliced(BODY, BODY, at=500, tail_probability=1),
            "inpatient.allowed.tail_probability: must be above 0 and below 1, got 1",
        ),
        (
            ar.Truncated(ar.Mixture([(1, ar.Gamma(mean="x", cv=1))]), 5),
            'inpatient.allowed.distribution.components[0].mean: must be a number, got "x"',
        ),
        (ar.Truncated(BODY), "inpatient.allowed: must have a lower or an upper end, or both, got neither"),
        (
            ar.Truncated(ar.Uniform(0, 1), lower=3),
            "inpatient.allowed: must keep a probability of at least 1e-12 between lower and upper, got 0",
        ),
    ],
)
def test_distribution(allowed, text):
    assert message(lambda: service(allowed=allowed)) == text


def test_a_distribution_alone_names_itself():
    assert message(ar.LogNormal(mean=0, cv=1).mean) == "LogNormal.mean: must be a finite number above 0, got 0"
    assert message(lambda: ar.Mixture([1])) == (
        "Mixture.components[0]: must be pairs of a weight and a distribution, got an int"
    )
    assert (
        message(lambda: ar.Truncated("x", 1)) == "Truncated.distribution: must be a distribution or a number, got a str"
    )
    assert message(lambda: ar.Gamma(mean=1, cv=1).sample(1.5)).startswith("sample.n: must be a whole number")
    assert message(lambda: ar.Gamma(mean=1, cv=1).sample(1, seed=-1)).startswith("sample.seed: must be between 0")


@pytest.mark.parametrize(
    ("care", "text"),
    [
        (ar.Utilization(services=[]), "utilization.services: must name at least one service, got none"),
        (
            ar.Utilization(services=[*make_services(), make_services()[0]]),
            'utilization.services: must have names of their own, got "visits" twice',
        ),
        (
            ar.Utilization(services=[ar.Service("", per_1000=1, allowed=1.0)]),
            'utilization.services[0].name: must not be empty, got ""',
        ),
        (make_care(frailty_cv=-1), "utilization.frailty_cv: must be between 0 and 20, got -1"),
        (make_care(frailty_cv=float("nan")), "utilization.frailty_cv: must be between 0 and 20, got nan"),
        (
            make_care(fixed_cost_per_month=-1),
            "utilization.fixed_cost_per_month: must be a finite number of at least 0, got -1",
        ),
    ],
)
def test_care(care, text):
    assert message(lambda: study({"A": ar.StopLoss(**COVER)}, care)) == text


def test_services_whose_addresses_collide():
    """Two names with one 32-bit hash, found by search: their luck would be the same."""
    services = [ar.Service(name, per_1000=1, allowed=1.0) for name in ("costarring", "liquid")]
    text = message(lambda: study({"A": ar.FeeForService()}, ar.Utilization(services=services)))
    assert text == (
        'utilization.services: must have names of their own, got "liquid", whose random numbers are those of '
        '"costarring" (rename one of them)'
    )


FRAME = {"age": [40, 50], "sex": ["F", "M"], "risk_score": [1.0, 2.0]}


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        (
            {"age": [1], "sex": ["f"]},
            "population: must have the columns age, sex, risk_score, got no risk_score (the columns are age, sex)",
        ),
        (
            {"age": [], "sex": [], "risk_score": []},
            "population: must have at least one member, got an empty panel",
        ),
        (
            FRAME | {"risk_score": [1.0, float("nan")]},
            "population.risk_score[1]: must be a finite number of at least 0, got nan",
        ),
        (
            FRAME | {"risk_score": [-1, 1]},
            "population.risk_score[0]: must be a finite number of at least 0, got -1",
        ),
        (FRAME | {"risk_score": ["high", 1]}, "population.risk_score[0]: must be a number, got 'high'"),
        (FRAME | {"age": [40, 400]}, "population.age[1]: must be between 0 and 130, got 400"),
        (FRAME | {"sex": ["F", "x"]}, 'population.sex[1]: must be "female" or "male", got \'x\''),
        (
            FRAME | {"entry_month": [5, 6], "exit_month": [4, 7]},
            "population.exit_month[0]: must not be before entry_month (5), got 4",
        ),
        (FRAME | {"exit_month": [12, 13]}, "population.exit_month[1]: must be a whole month between 1 and 12, got 13"),
        (
            FRAME | {"entry_month": [1.5, 1]},
            "population.entry_month[0]: must be a whole month between 1 and 12, got 1.5",
        ),
        (
            FRAME | {"member_id": ["a", "a"]},
            "population.member_id: must be different for every member, got the same in rows 0 and 1",
        ),
    ],
)
@pytest.mark.parametrize("library", [pd.DataFrame, lambda columns: pl.DataFrame(columns, strict=False)])
def test_population(library, columns, text):
    if library is not pd.DataFrame and "high" in str(columns):
        columns = columns | {"risk_score": ["high", "1"]}
    assert message(lambda: ar.Population.from_frame(library(columns))) == text


def test_population_of_something_else():
    assert message(lambda: ar.Population.from_frame([1, 2])) == (
        "population: must be a data frame (pandas, polars or Arrow), got a list"
    )


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ({"replicates": 0}, "run.replicates: must be a whole number between 1 and 4,294,967,296, got 0"),
        ({"replicates": -3}, "run.replicates: must be a whole number between 1 and 4,294,967,296, got -3"),
        ({"replicates": 2.5}, "run.replicates: must be a whole number between 1 and 4,294,967,296, got 2.5"),
        (
            {"replicates": float("nan")},
            "run.replicates: must be a whole number between 1 and 4,294,967,296, got nan",
        ),
        (
            {"replicates": "10"},
            "run.replicates: must be a whole number between 1 and 4,294,967,296, got '10'",
        ),
        (
            {"replicates": 1, "first": -1},
            "run.first: must be a whole number between 0 and 4,294,967,295, got -1",
        ),
        ({"replicates": 1, "threads": 0}, "run.threads: must be a whole number between 1 and 1,024, got 0"),
        ({"replicates": 1, "progress": "yes"}, "run.progress: must be True, False or \"auto\", got 'yes'"),
    ],
)
def test_run(how, text):
    assert message(lambda: study().run(**how)) == text


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ({"years": 21}, "study.years: must be a whole number between 1 and 20, got 21"),
        ({"base_years": -1}, "study.base_years: must be a whole number between 0 and 10, got -1"),
        (
            {"years": float("nan")},
            "study.years: must be a whole number between 1 and 20, got nan",
        ),
        (
            {"seed": -1},
            "study.seed: must be between 0 and 2**64 - 1, got -1 (numpy.random.SeedSequence takes numbers of any size)",
        ),
        (
            {"seed": 1.5},
            "study.seed: must be a whole number, a Generator, a SeedSequence or None, got 1.5",
        ),
    ],
)
def test_study(how, text):
    assert message(lambda: study(**how)) == text


def test_wrong_kinds_of_object():
    frame = pd.DataFrame(FRAME)
    text = message(lambda: ar.Study(frame, make_care(), make_arms()))
    assert text == "study.population: must be a Population, got a DataFrame"
    text = message(lambda: ar.Study(make_panel(), make_services(), make_arms()))
    assert text == "study.utilization: must be a Utilization, got a list"


def test_results_name_what_they_do_not_have():
    results = study().run(5, first=10, progress=False)
    assert message(lambda: results.compare("FFS")).startswith("arm: must be one of Fee-for-service, Capitation")
    assert message(lambda: results.statement("ACO", replicate=9)) == (
        "statement.replicate: must be a whole number between 10 and 14, got 9"
    )
    assert message(lambda: results.values("margin", "ACO")).startswith("figure: must be one of member_months")


def test_an_error_survives_the_way_between_processes():
    import pickle  # noqa: PLC0415

    error = ar.InputError("a.b", "must be c", "d", "e")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (str(again), again.path, again.hint) == ("a.b: must be c, got d (e)", "a.b", "e")


def test_no_panic_reaches_the_user():
    """Random nonsense in every field: InputError, or a study that runs; never anything else."""
    rng = np.random.default_rng(0)
    nonsense = [
        None,
        True,
        -1,
        0,
        1,
        0.5,
        50,
        1e300,
        -1e300,
        float("nan"),
        float("inf"),
        "x",
        "",
        "1e400",
        [],
        {},
        10**30,
    ]

    def pick():
        return nonsense[rng.integers(len(nonsense))]

    built, told = 0, []
    for _ in range(600):
        fields = {
            "per_1000": 100,
            "allowed": 10.0,
            "own_cost": 1,
            "coinsurance": 0.1,
            "delivered_by": "provider",
        }
        where = rng.integers(3)
        if where == 0:
            fields[str(rng.choice(list(fields)))] = pick()
        contract = [ar.FeeForService, ar.Capitation, ar.SharedSavings, ar.StopLoss][rng.integers(4)]
        terms = {ar.Capitation: {"pmpm": 10}, ar.SharedSavings: SAVINGS, ar.StopLoss: COVER}.get(contract, {})
        if where == 1:
            terms = terms | {str(rng.choice(list(contract.__dataclass_fields__))): pick()}
        how = {"frailty_cv": pick() if where == 2 else 0.5}
        try:
            care = ar.Utilization(services=[ar.Service("inpatient", **fields)], **how)
            ar.Study(make_panel(5), care, {"A": contract(**terms)}, seed=1).run(2, progress=False).summary()
            built += 1
        except ar.InputError as error:
            told.append(error)
    assert all(error.path and error.rule for error in told)
    assert 100 < built < 400


def test_every_kind_of_frame_is_the_same_panel():
    frame = make_rich_panel(40).to_pandas()
    panels = [ar.Population.from_frame(table) for table in (frame, pl.from_pandas(frame), pa.Table.from_pandas(frame))]
    for panel in panels:
        assert panel.member_words.tolist() == panels[0].member_words.tolist()
        for name in ("age", "risk_score", "entry_month", "exit_month", "payer", "sex"):
            assert panel.columns[name].tolist() == panels[0].columns[name].tolist()


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        (FRAME | {"payer": ["A", None]}, "population.payer[1]: must be given for every member, got a missing value"),
        (
            FRAME | {"member_id": ["a", None]},
            "population.member_id[1]: must be given for every member, got a missing value",
        ),
        (
            FRAME | {"member_id": [1.0, float("nan")]},
            "population.member_id[1]: must be given for every member, got a missing value",
        ),
        (FRAME | {"payer": ["A", pd.NaT]}, "population.payer[1]: must be given for every member, got a missing value"),
        (FRAME | {"payer": ["A", " "]}, "population.payer[1]: must be given for every member, got a missing value"),
        (FRAME | {7: [1, 2]}, "population: must have columns whose names are text, got 7"),
        (
            FRAME | {"exit_month": [1e300, 12]},
            "population.exit_month[0]: must be a whole month between 1 and 12, got 1e+300",
        ),
    ],
)
def test_columns_of_a_pandas_frame(columns, text):
    assert message(lambda: ar.Population.from_frame(pd.DataFrame(columns))) == text


def test_a_column_given_twice():
    frame = pd.DataFrame([[40, "F", 1.0, 2.0]], columns=["age", "sex", "risk_score", "age"])
    assert message(lambda: ar.Population.from_frame(frame)) == "population: must have each column once, got 'age' twice"


def test_a_column_of_members_taken_for_payers():
    panel = {"payer": [f"member {i}" for i in range(1_001)]}
    assert message(lambda: make_panel(1_001, **panel)) == (
        "population.payer: must name at most 1000 payers, got 1001 (is it a column of members?)"
    )


def test_whole_identifiers_are_one_text_whatever_their_type():
    words = [make_panel(2, member_id=ids).member_words.tolist() for ids in ([1, 2], [1.0, 2.0], ["1", "2"])]
    assert words[0] == words[1] == words[2]


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (lambda: ar.Utilization(services=None), "utilization.services: must be a list of Service, got a NoneType"),
        (lambda: ar.Utilization(services=["a"]), "utilization.services[0]: must be a Service, got a str"),
        (
            lambda: ar.Utilization(services=make_services()[0]),
            "utilization.services: must be a list of Service, got a Service",
        ),
        (lambda: service(per_1000=10**400), "inpatient.per_1000: must be a finite number of at least 0, got inf"),
        (lambda: service(per_1000=True), 'inpatient.per_1000: must be a number, got "True"'),
        (lambda: service(own_cost=True), "inpatient.own_cost: must be a number, got True"),
        (lambda: service(allowed=ar.Gamma(mean="x", cv=1)), 'inpatient.allowed.mean: must be a number, got "x"'),
        (
            lambda: service(allowed=ar.Gamma(mean=5e-324, cv=1)),
            "inpatient.allowed.mean: must be between 0.000001 and 1000000000000, got 5e-324",
        ),
        (
            lambda: study({"A": ar.SharedSavings(**SAVINGS, benchmark_truncated="yes")}),
            'A[0].benchmark_truncated: must be True or False, got "yes"',
        ),
        (
            lambda: study({"A": ar.Capitation(pmpm=1, scope=np.array(0.5))}),
            'A[0].scope: must name services of the utilization, got "0.5" (the services are admissions, drugs, tests, '
            "visits)",
        ),
        (
            lambda: study({"\ud800": ar.FeeForService()}),
            "arms: must be text that UTF-8 can write, got '\\ud800'",
        ),
        (
            lambda: study().run(10**400),
            "run.replicates: must be a whole number between 1 and 4,294,967,296, got " + "1" + "0" * 39,
        ),
        (
            lambda: study().memory_bytes("x"),
            f"memory_bytes.replicates: must be a whole number between 1 and {2**53:,}, got 'x'",
        ),
        (lambda: service(delivered_by=None), "inpatient.delivered_by: must be text, got None"),
        (lambda: study({None: ar.FeeForService()}), "arms: must be text, got None"),
        (lambda: study({"A": ar.Contract()}), "A[0]: must be a contract, got a Contract"),
        (
            lambda: study({"A": ar.SharedSavings(**SAVINGS | {"basis": None})}),
            'A[0].basis: must be "allowed" or "paid", got None',
        ),
        (
            lambda: study({"A": ar.StopLoss(**COVER)}, make_care(frailty_cv=20), make_panel(5, risk_score=30.0)),
            "drugs.per_1000: must give no member a rate above 1000000 events a year, got 9500 (the highest risk score "
            "is 30 and the largest frailty 10963.8293)",
        ),
    ],
)
def test_wrong_kinds_of_input(work, text):
    assert message(work) == text


def test_friendly_kinds_of_input():
    """NumPy switches, arrays and indexes of names, decimals, spaces around names, a generator of services."""
    savings = ar.SharedSavings(**SAVINGS, truncation=Decimal(9_000), benchmark_truncated=np.bool_(True))  # noqa: FBT003
    arms = {
        "A": [ar.Capitation(pmpm=Decimal("10.50"), scope=np.array(["tests"])), savings],
        "B": ar.Capitation(pmpm=np.float32(0.5), scope={"tests", "drugs"}),
        "C": ar.Capitation(pmpm=1, scope=" tests "),
        "D": ar.Capitation(pmpm=1, scope=pd.Index(["tests"])),
    }
    care = make_care(service for service in make_services())
    for _ in range(2):
        assert study(arms, care, seed=1, years=np.int64(1)).run(np.int64(2), progress=False).replicates == 2
