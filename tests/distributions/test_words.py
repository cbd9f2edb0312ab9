"""What a distribution says of itself, how it travels, and what it makes of SciPy's."""

import dataclasses
import pickle

import numpy as np
import pytest
from scipy import stats

import atrisk as ar
from distributions.points import CASES, POINTS


@pytest.mark.parametrize(("family", "index"), CASES)
def test_travels_and_compares(family, index):
    ours, _ = POINTS[family][index]
    again = pickle.loads(pickle.dumps(ours))  # noqa: S301
    assert again == ours
    assert hash(again) == hash(ours)
    assert again.ppf(0.3) == ours.ppf(0.3)
    other, _ = POINTS[family][index - 1]
    assert ours != other
    if family != "empirical" or len(ours.parameters["values"]) <= 10:
        assert eval(repr(ours), {name: getattr(ar, name) for name in ar.__all__}) == ours  # noqa: S307


def test_reprs():
    assert repr(ar.LogNormal(mean=110, cv=0.5)) == "LogNormal(mean=110, cv=0.5)"
    assert repr(ar.Normal(0.05, 0.02)) == "Normal(mean=0.05, sd=0.02)"
    assert repr(ar.Mixture({ar.Gamma(mean=2, cv=1): 0.9, ar.Fixed(3): 0.1})) == (
        "Mixture([(0.9, Gamma(mean=2, cv=1)), (0.1, Fixed(value=3))])"
    )
    assert repr(ar.Spliced(ar.Gamma(mean=2, cv=1), ar.Pareto(shape=2, scale=1), at=4)) == (
        "Spliced(body=Gamma(mean=2, cv=1), tail=Pareto(shape=2, scale=1), at=4)"
    )
    assert repr(ar.Empirical(np.arange(1_000.0))) == "Empirical(values=[0.0, 1.0, 2.0, ... 1,000 values ..., 999.0])"


def test_nothing_can_be_changed():
    ours = ar.Gamma(mean=2, cv=1)
    for name in ("mean", "parameters", "anything"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(ours, name, 3)
    ours.parameters["mean"] = 7
    assert ours.mean() == 2


@pytest.mark.parametrize("family", POINTS)
def test_notebooks_show_a_plot_and_quantiles(family):
    for ours, _ in POINTS[family]:
        shown = ours._repr_html_()
        assert shown.count("<svg") == 1
        assert "99.9 %" in shown
        assert "nan" not in shown.lower().replace("binomial", "")


@pytest.mark.parametrize(("family", "index"), CASES)
def test_to_scipy_and_back(family, index):
    ours, _ = POINTS[family][index]
    theirs = ours.to_scipy()
    p = np.array([0.01, 0.25, 0.51, 0.91, 0.999]) + 1e-7
    np.testing.assert_allclose(theirs.ppf(p), ours.ppf(p), rtol=1e-6, atol=1e-12)
    back = ar.Distribution.from_scipy(theirs)
    assert type(back) is type(ours) or back.var() == 0
    np.testing.assert_allclose(back.ppf(p), ours.ppf(p), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "theirs",
    [
        stats.expon(scale=3), stats.gamma(2, scale=5), stats.gamma(a=2, loc=0, scale=5), stats.lognorm(s=0.5, scale=9),
        stats.norm(3, 4), stats.norm(loc=-3), stats.uniform(2, 5), stats.triang(0.3, 1, 9), stats.beta(2, 3),
        stats.beta(2, 3, loc=1, scale=4), stats.weibull_min(1.5, scale=3), stats.lomax(2.5, scale=10),
        stats.invgauss(0.7, scale=4), stats.poisson(3.5), stats.binom(10, 0.3), stats.nbinom(0.37, 0.1),
        stats.bernoulli(0.2), stats.rv_discrete(values=([1, 5, 9], [0.2, 0.3, 0.5]))(),
    ],
    ids=lambda theirs: theirs.dist.name,
)  # fmt: skip
def test_from_scipy(theirs):
    ours = ar.Distribution.from_scipy(theirs)
    p = np.array([0.011, 0.251, 0.611, 0.951, 0.9991])
    np.testing.assert_allclose(ours.ppf(p), theirs.ppf(p), rtol=1e-9)
    assert ours.mean() == pytest.approx(theirs.mean())


@pytest.mark.parametrize(
    ("theirs", "text"),
    [
        (
            stats.gamma(2, loc=1),
            "Distribution.from_scipy.loc: must be 0 for gamma, got 1 (give the distribution without it)",
        ),
        (
            stats.cauchy(),
            "Distribution.from_scipy: must be of a family known here, got cauchy (the families are bernoulli",
        ),
        (
            3.0,
            "Distribution.from_scipy: must be a frozen distribution of scipy.stats, got a float (for example "
            "scipy.stats.gamma(2.0, scale=50.0))",
        ),
    ],
)
def test_from_scipy_refuses(theirs, text):
    with pytest.raises(ar.InputError) as caught:
        ar.Distribution.from_scipy(theirs)
    assert str(caught.value).startswith(text)
