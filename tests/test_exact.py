"""The exact engine against recursions, series, quadrature, published figures and the simulation."""

import itertools
import json
import math

import numpy as np
import pytest
from scipy import integrate, special, stats

import atrisk as ar
from atrisk import _core, metrics
from atrisk.exact import premium_pmpm
from conftest import make_arms, make_care, make_panel, make_rich_panel

# A multiple of every step that the engine may choose.
UNIT = 107_520.0
LOG_NORMAL = {"log_normal": {"mean": 10_000, "cv": 1.5}}


def ask(*services, frailty="one", weights=(1.0,), counts=None, **figures):
    """Services are (rate, price), or (rate, price, weight, own frailty)."""
    question = {
        "services": [
            dict(
                zip(("rate", "price", "weight", "frailty"), (*service, *(1.0, "one")[len(service) - 2 :]), strict=True)
            )
            for service in services
        ],
        "frailty": frailty,
        "weights": list(weights),
        "counts": [1.0] * len(weights) if counts is None else list(counts),
    }
    return _core.exact(json.dumps(question | figures))


def ordered(bracket):
    lower, value, upper = bracket
    return lower <= value <= upper


def log_normal(mean, cv):
    sigma = math.sqrt(math.log1p(cv**2))
    return stats.lognorm(sigma, scale=mean * math.exp(-(sigma**2) / 2))


def panjer(severity, cells, *, rate, shape=None):
    """Compound Poisson, or negative binomial of a shape, of severities on whole numbers, by Panjer's recursion."""
    a = 0.0 if shape is None else rate / (shape + rate)
    b = rate if shape is None else (shape - 1.0) * a
    g = np.zeros(cells)
    g[0] = math.exp(rate * (severity[0] - 1.0)) if shape is None else (1 + rate / shape * (1 - severity[0])) ** -shape
    for s in range(1, cells):
        j = np.flatnonzero(severity[1 : s + 1]) + 1
        g[s] = ((a + b * j / s) * severity[j] * g[s - j]).sum() / (1.0 - a * severity[0])
    return g


@pytest.mark.parametrize("cv", [None, 0.3, 1.7])
def test_masses_are_those_of_panjers_recursion(cv):
    """Prices on the grid: rounding changes nothing, all three discretisations are the recursion."""
    values, probabilities = [0, UNIT, 2 * UNIT, 5 * UNIT], [0.1, 0.4, 0.3, 0.2]
    price = {"empirical": {"values": values, "weights": probabilities}}
    frailty = "one" if cv is None else {"gamma": {"cv": cv}}
    answer = ask((1.6, price), frailty=frailty, weights=[0.8], cells=2**15, masses=True)
    step, cells, _, wrapped = answer["panel_grid"]
    assert wrapped <= 1e-10
    assert UNIT % step == 0
    severity = np.zeros(int(5 * UNIT / step) + 1)
    severity[[int(value / step) for value in values]] = probabilities
    expected = panjer(severity, cells, rate=1.6 * 0.8, shape=None if cv is None else 1 / cv**2)
    for masses in answer["masses"]:
        assert np.abs(masses - expected).max() < 2e-10, np.abs(masses - expected).max()


def test_two_services_and_a_weight_share_frailty():
    """Given frailty two services convolve: a mixture of two panels by hand is the transform's."""
    nodes = {"nodes": {"values": [0.5, 2.0], "probabilities": [2 / 3, 1 / 3]}}
    answer = ask((1.2, UNIT, 1.0, "one"), (0.5, 2 * UNIT, 0.5, "one"), frailty=nodes, cells=2**14, masses=True)
    step = answer["panel_grid"][0]
    severity = np.zeros(int(UNIT / step) + 1)
    severity[-1] = 1.0
    cells = answer["panel_grid"][1]
    expected = sum(p * panjer(severity, cells, rate=1.7 * f) for f, p in [(0.5, 2 / 3), (2.0, 1 / 3)])
    assert np.abs(answer["masses"][1] - expected).max() < 1e-12


def test_own_frailty_of_a_service():
    """Gamma frailty of the service alone, and of the member alone, are the same where there is one service."""
    own = ask((2.0, UNIT, 1.0, {"gamma": {"cv": 0.8}}), frailty="one", cells=2**14, masses=True)
    shared = ask((2.0, UNIT), frailty={"gamma": {"cv": 0.8}}, cells=2**14, masses=True)
    assert np.abs(own["masses"][1] - shared["masses"][1]).max() < 1e-13
    assert own["sd"] == pytest.approx(shared["sd"], rel=1e-13)
    both = ask((2.0, UNIT, 1.0, {"gamma": {"cv": 0.5}}), frailty={"gamma": {"cv": 0.3}}, cells=2**15, masses=True)
    mass, step = both["masses"][1], both["panel_grid"][0]
    assert UNIT % step == 0
    x = np.arange(2**15) * step
    assert mass @ x == pytest.approx(both["mean"][1], rel=1e-10)
    assert math.sqrt(mass @ x**2 - (mass @ x) ** 2) == pytest.approx(both["sd"][1], rel=1e-9)


def bessel_excess(rate, mean, attachment):
    """E[(S − a)⁺] of compound Poisson-exponential: S has density e^(−λ − x/θ) √(λ/θx) I₁(2√(λx/θ))."""

    def above(x):
        z = 2.0 * math.sqrt(rate * x / mean)
        return (x - attachment) * math.sqrt(rate / (mean * x)) * special.i1e(z) * math.exp(z - rate - x / mean)

    return integrate.quad(above, attachment, attachment + 80 * mean, epsabs=0, epsrel=1e-12, limit=400)[0]


def test_layers_of_a_compound_exponential_are_bessels():
    rate, mean, attachment = 1.7, 1_000.0, 4_000.0
    exact = bessel_excess(rate, mean, attachment)
    price = {"gamma": {"mean": mean, "cv": 1.0}}
    widths, errors = [], []
    for cells in (2**12, 2**14, 2**16, 2**20):
        lower, value, upper = ask((rate, price), attachment=attachment, cells=cells)["mean"]
        assert lower <= exact <= upper
        widths.append(upper - lower)
        errors.append(abs(value / exact - 1))
    print(widths, errors)
    assert all(later < earlier / 3.9 for earlier, later in itertools.pairwise(widths))
    assert errors[-1] < 1e-8
    limited = exact - bessel_excess(rate, mean, 9_000.0)
    bracket = ask((rate, price), attachment=attachment, limit=5_000.0, cells=2**20)["mean"]
    assert ordered((bracket[0], limited, bracket[2]))
    assert bracket[1] == pytest.approx(limited, rel=1e-8)


def test_gamma_severities_are_a_series_of_gammas():
    """Mean and second moment of a layer, from the gamma distribution of n events, Poisson mixed by gamma frailty."""
    shape, scale, rate, cv, a, limit = 1.6, 900.0, 1.3, 0.9, 2_500.0, 6_000.0
    counts = np.arange(1, 120)
    events = stats.nbinom(1 / cv**2, 1 / (1 + cv**2 * rate)).pmf(counts)

    def mean_below(n, x):
        return n * shape * scale * special.gammainc(n * shape + 1, x / scale) + x * special.gammaincc(
            n * shape, x / scale
        )

    exact = (events * (mean_below(counts, a + limit) - mean_below(counts, a))).sum()
    price = {"gamma": {"shape": shape, "scale": scale}}
    answer = ask((rate, price), frailty={"gamma": {"cv": cv}}, attachment=a, limit=limit, cells=2**20)
    assert ordered((answer["mean"][0], exact, answer["mean"][2]))
    assert answer["mean"][1] == pytest.approx(exact, rel=1e-8)


def test_a_rare_event_has_the_layer_of_its_price():
    """At a rate of 1e-6 a year has one event or none: the layer of one log-normal price, by quadrature."""
    law = log_normal(10_000, 1.5)
    exact = 1e-6 * integrate.quad(law.sf, 50_000, 2_050_000, points=[1e5, 3e5], epsrel=1e-12, limit=200)[0]
    bracket = ask((1e-6, LOG_NORMAL), attachment=50_000, limit=2_000_000, cells=2**20)["mean"]
    assert ordered((bracket[0], exact, bracket[2]))
    assert bracket[1] == pytest.approx(exact, rel=2e-6)


def test_published_aggregate_claims():
    """Negative-binomial frequency (2,500, gamma mixing of cv 10 %), log-normal severity (10,000, cv 1.5)."""
    for cells in (None, 2**18):
        answer = ask((2_500, LOG_NORMAL), frailty={"gamma": {"cv": 0.1}}, quantiles=[0.99], tvar=[0.99], cells=cells)
        assert answer["mean"] == (25e6,) * 3
        assert answer["sd"] == pytest.approx((math.sqrt(7.0625e12),) * 3, rel=1e-12)
        quantile, tvar = answer["quantiles"][0], answer["tvar"][0]
        assert round(quantile[1] / 1e6, 3) == 31.577
        assert round(tvar[1] / 1e6, 3) == 32.642
        assert ordered(quantile)
        assert ordered(tvar)
        if cells is None:
            assert quantile[2] / quantile[0] < 1.001


def test_published_stop_loss_of_each_member():
    """10,000 members, Poisson admissions at 0.25 a year, attachment 150,000: net of recoveries."""
    answer = ask((0.25, LOG_NORMAL), counts=[10_000], limit=150_000, quantiles=[0.99])
    lower, value, upper = answer["mean"]
    assert round(value / 1e6, 5) == 24.79977
    assert upper - lower < 1e-4 * value
    assert round(answer["sd"][1] / 1e6, 5) == 0.84804
    assert round(answer["quantiles"][0][1] / 1e6, 2) == 26.82
    ceded = ask((0.25, LOG_NORMAL), counts=[10_000], attachment=150_000)["mean"]
    assert value + ceded[1] == pytest.approx(25e6, rel=1e-6)


def test_both_ways_to_a_total_agree():
    """The lattice and the few frequencies of a smooth total find the same quantiles and tails."""
    services = [(4.2, {"log_normal": {"mean": 110, "cv": 0.7}}), (0.1, LOG_NORMAL), (0.8, 35.5)]
    weights = np.random.default_rng(1).gamma(2, 0.5, 2_000)
    figures = {"quantiles": [0.05, 0.5, 0.99], "tvar": [0.95]}
    question = {"frailty": {"gamma": {"cv": 0.9}}, "weights": weights} | figures
    smooth, lattice = ask(*services, **question), ask(*services, **question, cells=2**20)
    for one, other in zip(smooth["quantiles"] + smooth["tvar"], lattice["quantiles"] + lattice["tvar"], strict=True):
        assert one[1] == pytest.approx(other[1], rel=3e-5)
        assert other[0] < one[0] < one[1] < one[2] < other[2]
        assert one[2] / one[0] < 1.0025


def test_many_weights_are_as_the_members_one_by_one():
    """400 members of 400 weights are interpolated; the sums of 400 single questions are not."""
    weights = np.exp(np.linspace(-2.0, 1.5, 400))
    layer = {"attachment": 2_000.0, "limit": 8_000.0, "cells": 2**15}
    services, frailty = [(1.5, {"gamma": {"mean": 900, "cv": 1.2}})], {"gamma": {"cv": 0.7}}
    together = ask(*services, frailty=frailty, weights=weights, **layer)
    alone = [ask(*services, frailty=frailty, weights=[w], **layer) for w in weights[::40]]
    some = ask(*services, frailty=frailty, weights=weights[::40], **layer)
    assert some["mean"][1] == pytest.approx(sum(answer["mean"][1] for answer in alone), rel=1e-5)
    assert some["sd"][1] == pytest.approx(math.sqrt(sum(answer["sd"][1] ** 2 for answer in alone)), rel=1e-4)
    halves = [ask(*services, frailty=frailty, weights=half, **layer) for half in np.split(weights, 10)]
    assert together["mean"][1] == pytest.approx(sum(answer["mean"][1] for answer in halves), rel=1e-5)


def test_a_common_shock_mixes_panels():
    shock = {"nodes": {"values": [0.75, 1.25], "probabilities": [0.5, 0.5]}}
    price = {"gamma": {"mean": 500, "cv": 1}}
    figures = {"attachment": 1_000.0, "limit": 2_000.0, "cells": 2**16}
    mixed = ask((2.0, price), shock=shock, counts=[50], quantiles=[0.9], **figures)
    each = [ask((2.0 * factor, price), counts=[50], **figures) for factor in (0.75, 1.25)]
    means, variances = [a["mean"][1] for a in each], [a["sd"][1] ** 2 for a in each]
    assert mixed["mean"][1] == pytest.approx(np.mean(means), rel=1e-7)
    assert mixed["sd"][1] == pytest.approx(math.sqrt(np.mean(variances) + np.var(means)), rel=1e-6)
    assert ordered(mixed["quantiles"][0])


def test_what_is_infinite_is_undefined_and_what_does_not_fit_is_refused():
    pareto = {"pareto": {"shape": 1.5, "scale": 5_000}}
    assert ask((1.0, pareto))["sd"] == (None, None, None)
    layer = ask((1.0, pareto), attachment=20_000)
    assert layer["sd"] == (None, None, None)
    # E[(S − a)⁺] is at least that of the largest event alone, and Pareto's excess is closed.
    assert ordered(layer["mean"])
    assert layer["mean"][0] > 0.5 * 10_000 * (1 + 4) ** -0.5
    with pytest.raises(ar.InputError, match=r"exact.cells: must let no more than 1e-10"):
        ask((100.0, 1.0), (0.001, {"pareto": {"mean": 1e6, "cv": 2}}), counts=[1000], cells=256, quantiles=[0.5])
    with pytest.raises(ar.InputError, match=r"exact\.cells: must be a power of two"):
        ask((1.0, 5.0), cells=1_000)
    with pytest.raises(ar.InputError, match=r"exact\.services\[0\]\.price\.mean"):
        ask((1.0, {"gamma": {"mean": "x", "cv": 1}}))


STANDARD_ERRORS = 4.0


def test_simulation_within_its_error_of_every_exact_figure():
    arms = make_arms() | {
        "Not covered": [ar.FeeForService(scope=["tests"]), ar.Capitation(pmpm=60.0, scope=["visits", "drugs"])]
    }
    arms = {
        name: arms[name] for name in ("Capitation", "Capitation, covered", "Partial", "Not covered", "ACO, truncated")
    }
    study = ar.Study(make_rich_panel(), make_care(), arms, seed=20)
    results = study.run(5_000, progress=False)
    exact = study.exact(results, cells=2**14)
    table = exact.summary().dropna()
    print(table.to_string())
    assert len(table) >= 5 * 14 + 8
    assert (table["standard_errors"].abs() <= STANDARD_ERRORS).all()
    rows = exact.to_pandas()
    assert ((rows["lower"] <= rows["value"]) & (rows["value"] <= rows["upper"])).all()
    assert "recovery_pmpm" in repr(exact)
    assert "±" in exact._repr_html_()
    assert exact.figure("Partial", "recovery_pmpm", position=2).simulated is not None
    with pytest.raises(ar.InputError, match="must be one of allowed_mean"):
        exact.figure("Partial", "margin")


def test_truncated_spending_against_claims():
    """Members' years from the claims of replicates, truncated by hand."""
    panel, care = make_panel(200), make_care()
    savings = make_arms()["ACO, truncated"]
    study = ar.Study(panel, care, {"ACO": savings}, seed=3)
    weights = {"visits": 1.1 * 0.8, "admissions": 1.0, "drugs": 0.875, "tests": 1.1}
    totals = []
    for replicate in range(400):
        claims = study.claims(replicate)
        years = (claims["allowed"] * claims["service"].map(weights)).groupby(claims["member_ix"]).sum()
        totals.append(years.clip(upper=9_000).sum())
    row = study.exact(cells=2**14).figure("ACO", "truncated_spending_mean", position=1)
    value, error = metrics.mean(np.array(totals))
    assert abs(value - row.value) <= STANDARD_ERRORS * error


def test_premium_from_a_loading():
    panel, care = make_rich_panel(60), make_care()
    terms = {"attachment_point": 8_000, "ceded_share": 0.9, "limit": 40_000}
    study = ar.Study(panel, care, {"A": [ar.Capitation(pmpm=100), ar.StopLoss(**terms, loading=0.25)]}, seed=1)
    frame = study.expected_recoveries()
    premium = frame.loc["A[1]", "premium_pmpm"]
    assert frame.loc["A[1]", "loading"] == pytest.approx(0.25, rel=1e-12)
    assert premium == pytest.approx(1.25 * frame.loc["A[1]", "expected_recovery_pmpm"], rel=1e-12)
    # Built again from its recorded specification the premium is the same number.
    again = ar.Study.from_spec(panel, study.spec)
    assert again.spec["arms"][0]["contracts"][1]["stop_loss"]["premium_pmpm"] == repr(float(premium))
    columns = panel.columns
    weights = columns["risk_score"] * (columns["exit_month"] - columns["entry_month"] + 1) / 12
    by_hand = premium_pmpm(
        services=[
            {"rate": s.per_1000 / 1_000, "price": s.to_spec()["allowed"], "weight": 1 - s.coinsurance}
            for s in care.services
        ],
        weights=weights,
        counts=np.ones(len(weights)),
        member_months=panel.member_months,
        frailty_cv=care.frailty_cv,
        loading=0.25,
        attachment_point=8_000,
        limit=40_000,
        ceded_share=0.9,
    )
    assert by_hand == pytest.approx(float(premium), rel=1e-9)
    assert study.run(10, progress=False).values("provider_cost", "A").size == 10


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({}, r"A\[1\]\.premium_pmpm: must be given, or loading instead of it, got neither"),
        ({"premium_pmpm": 1, "loading": 0.1}, r"got both"),
        ({"loading": -0.1}, r"A\[1\]\.loading: must be a finite number of at least 0, got -0.1"),
        ({"loading": "much"}, r"A\[1\]\.loading"),
        ({"loading": 0.1, "ceded_share": 2}, r"A\[1\]\.ceded_share: must be between 0 and 1"),
    ],
)
def test_faults_of_a_loading(terms, told):
    cover = ar.StopLoss(**{"attachment_point": 8_000} | terms)
    with pytest.raises(ar.InputError, match=told):
        ar.Study(make_panel(5), make_care(), {"A": [ar.Capitation(pmpm=100), cover]}, seed=1)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda spec: spec.update(years=3), "study.years: must be 1"),
        (lambda spec: spec.update(programmes=[{"name": "x"}]), "study.programmes: has no closed form"),
        (lambda spec: spec["utilization"].update(severity_cv=0.3), "utilization.severity_cv: has no closed form"),
        (
            lambda spec: spec["utilization"].update(frailty=ar.Frailty(cv=0.5, non_user_share=0.1).to_spec()),
            r"utilization\.frailty\.non_user_share: has no closed form, got 0\.1",
        ),
        (
            lambda spec: spec["utilization"].update(frailty=ar.Frailty(cv=0.5, never_user_share=0.2).to_spec()),
            r"utilization\.frailty\.never_user_share: has no closed form, got 0\.2",
        ),
        (lambda spec: spec["utilization"]["services"][0].update(copay="20"), "visits.copay: has no closed form"),
        (lambda spec: spec["utilization"]["services"][0].update(per_1000={"normal": {}}), "visits.per_1000: must be"),
        (lambda spec: spec["arms"][0]["contracts"].append({"barter": {"rate": 0.1}}), r"must be one of"),
    ],
)
def test_what_has_no_closed_form_is_refused(change, told):
    study = ar.Study(make_panel(5), make_care(), {"A": ar.FeeForService()}, seed=1)
    change(study.spec)
    with pytest.raises(ar.InputError, match=told):
        study.exact()


def test_neutral_values_of_unknown_fields_are_no_reason_to_refuse():
    study = ar.Study(make_panel(5), make_care(), {"A": ar.FeeForService()}, seed=1)
    study.spec["utilization"].update(shocks=[])
    study.spec["utilization"]["services"][0].update(copay="0", deductible=None)
    assert study.exact(cells=2**10).figure("A", "allowed_mean").value > 0


VARIED = {
    "gamma": {"frailty": ar.Frailty(cv=0.8)},
    "another every year": {"frailty": ar.Frailty(cv=0.8, permanent_share=0.0)},
    "log-normal of two parts": {"frailty": ar.Frailty(cv=0.8, family="log_normal", permanent_share=0.4)},
    "non-users": {"frailty": ar.Frailty.non_users(0.3)},
    "a frailty of the service": {},
    "shocks": {"shocks": [ar.Shock("walk", cv=0.08, permanent=True), ar.Shock("passing", cv=0.05)]},
    "trends": {"trend": 0.07, "price_trend": 0.04},
}


@pytest.mark.parametrize("terms", VARIED.values(), ids=VARIED.keys())
def test_what_moves_a_year_has_closed_forms_too(terms):
    own = None if terms else ar.Frailty(cv=0.5)
    service = ar.Service("visits", per_1000=3_000, allowed=ar.LogNormal(mean=120, cv=0.9), frailty=own)
    panel = make_panel(200, risk_score=np.repeat([0.5, 1.5], 100))
    study = ar.Study(panel, ar.Utilization(services=[service], **terms), {"Fees": ar.FeeForService()}, seed=5)
    results = study.run(4_000, progress=False)
    allowed = results.values("allowed", "Fees")
    exact = study.exact(results)
    simulated = {
        "allowed_mean": metrics.mean(allowed),
        "allowed_sd": metrics.standard_deviation(allowed),
        "allowed_quantile_95": metrics.quantile(allowed, 0.95),
    }
    for figure, (value, error) in simulated.items():
        found = exact.figure("Fees", figure)
        print(f"{figure}: {value:,.1f} ± {error:,.1f}, exact {found.value:,.1f}")
        assert abs(value - found.value) <= 4 * error, figure
