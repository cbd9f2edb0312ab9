"""Estimates: their table, draws and care; dollars of the data are kept; what is not known goes into a study."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import atrisk as ar
from atrisk import metrics
from atrisk._parameters import uniforms
from atrisk.fit._care import as_distribution
from atrisk.fit._parameters import from_scale, on_scale, slope
from atrisk.person_years import PersonYears
from conftest import make_panel
from fitted_cases import drawn, quiet_fit
from test_errors import message

DRAWS = 40_000


@pytest.fixture(scope="module")
def estimates():
    return quiet_fit(drawn(500, seed=17))


@pytest.fixture(scope="module")
def unsure():
    """Of so few members that spreads are hardly told from 0."""
    return quiet_fit(drawn(60, seed=3))


def test_the_table_has_every_parameter_by_its_path(estimates):
    table = estimates.table
    assert table.columns.tolist() == ["estimate", "standard_error", "low_95", "high_95", "unit", "basis"]
    of_line = ["per_1000", "relativities.age.0", "relativities.sex.male", "frailty.cv"]
    for line in ("visits", "tests", "drugs", "transport"):
        assert {f"{line}.{name}" for name in [*of_line, "allowed.mean"]} <= set(table.index)
    assert "utilization.frailty.permanent_share" in table.index
    assert "utilization.severity_cv" in table.index
    rates = table.loc[table.index.str.endswith("per_1000")]
    assert rates["unit"].unique().tolist() == ["events per 1,000 member-years"]
    assert rates["basis"].tolist() == ["counted events"] * 2 + ["any use"] * 2
    assert (table["low_95"] < table["estimate"]).all()
    assert (table["estimate"] < table["high_95"]).all()
    # On the logarithm an interval is 1.96 standard errors to either side; errors in the table are those of the value.
    row = table.loc["visits.per_1000"]
    error = np.sqrt(estimates.covariance.loc["visits.per_1000", "visits.per_1000"])
    assert row["standard_error"] == pytest.approx(row["estimate"] * error)
    assert row["high_95"] == pytest.approx(row["estimate"] * np.exp(stats.norm.ppf(0.975) * error))
    share = table.loc["utilization.frailty.permanent_share"]
    error = np.sqrt(estimates.covariance.loc[share.name, share.name])
    assert share["low_95"] == pytest.approx(
        stats.logistic.cdf(stats.logistic.ppf(share["estimate"]) - stats.norm.ppf(0.975) * error)
    )
    assert "drugs.allowed.mean" in estimates._repr_html_()
    assert "500 members: visits, tests, drugs, transport" in repr(estimates)


@pytest.mark.parametrize(("scale", "value"), [("log", 3.0), ("logit", 0.3), ("square", 0.4)])
def test_scales_and_their_slopes(scale, value):
    at = on_scale(scale, value)
    assert from_scale(scale, np.array([at]))[0] == pytest.approx(value)
    step = (from_scale(scale, np.array([at + 1e-6])) - from_scale(scale, np.array([at - 1e-6])))[0] / 2e-6
    assert slope(scale, value) == pytest.approx(step, rel=1e-6)


def test_draws_reproduce_the_covariance(estimates):
    """40,000 draws on the scales of the covariance: means, variances and correlations within 5 standard errors."""
    drawn_values = estimates.draws(DRAWS, seed=5)
    pd.testing.assert_frame_equal(drawn_values, estimates.draws(DRAWS, seed=5))
    assert not drawn_values.equals(estimates.draws(DRAWS, seed=6))
    scales = {each.path: each.scale for each in estimates.parameters}
    assert set(scales.values()) == {"log", "logit"}
    on = {
        path: np.log(values) if scales[path] == "log" else stats.logistic.ppf(values)
        for path, values in drawn_values.items()
    }
    on = pd.DataFrame(on)
    at = np.array([on_scale(each.scale, each.value) for each in estimates.parameters])
    errors = np.array([each.error for each in estimates.parameters])
    assert (np.abs(on.mean().to_numpy() - at) < 5 * errors / np.sqrt(DRAWS)).all()
    assert on.var().to_numpy() == pytest.approx(errors**2, rel=5 * np.sqrt(2 / DRAWS))
    asked = estimates.covariance.to_numpy() / np.multiply.outer(errors, errors)
    assert np.abs(asked[~np.eye(len(at), dtype=bool)]).max() > 0.3
    assert np.abs(on.corr().to_numpy() - asked).max() < 5 / np.sqrt(DRAWS)


def test_a_spread_hardly_told_from_0_stays_small(unsure):
    """On the scale of its square: a cv of x has its 97.5th percentile at √(x² + 1.96 errors), and some draws of 0."""
    (path,) = [each.path for each in unsure.parameters if each.scale == "square"][:1]
    row, parameter = unsure.table.loc[path], next(each for each in unsure.parameters if each.path == path)
    assert row["low_95"] == 0.0
    assert row["high_95"] == pytest.approx(np.sqrt(row["estimate"] ** 2 + stats.norm.ppf(0.975) * parameter.error))
    values = unsure.draws(DRAWS, seed=1)[path]
    none = stats.norm.cdf(-(row["estimate"] ** 2) / parameter.error)
    assert (values == 0.0).mean() == pytest.approx(none, abs=5 * np.sqrt(none / DRAWS))
    assert none > 0.1
    assert np.quantile(values, 0.975) == pytest.approx(row["high_95"], rel=0.02)
    law, parts = as_distribution("square", row["estimate"], parameter.error), np.array([0.05, 0.5, 0.975])
    # An interval of 5 standard errors about each part of the draws holds the law's.
    errors = 5 * np.sqrt(parts * (1 - parts) / DRAWS)
    assert (np.quantile(values, parts - errors) <= law.ppf(parts)).all()
    assert (law.ppf(parts) <= np.quantile(values, parts + errors)).all()


def test_drawn_makes_care_of_a_draw(estimates):
    draw = estimates.draws(3, seed=8).iloc[2]
    care = estimates.drawn(draw)
    visits = care.services[0]
    assert visits.per_1000 == draw["visits.per_1000"]
    assert visits.allowed.mean() == pytest.approx(draw["visits.allowed.mean"])
    assert visits.relativities["sex"] == {"female": 1.0, "male": draw["visits.relativities.sex.male"]}
    assert visits.frailty.cv == draw["visits.frailty.cv"]
    assert care.frailty.permanent_share == draw["utilization.frailty.permanent_share"]
    assert care.severity_cv == draw["utilization.severity_cv"]
    own = estimates.drawn({each.path: each.value for each in estimates.parameters})
    assert own.to_spec() == estimates.utilization.to_spec() == estimates.drawn({}).to_spec()
    text = "drawn: must name parameters, got 'visits.per_100' (the index of table has them)"
    assert message(lambda: estimates.drawn({"visits.per_100": 3.0})) == text
    assert message(lambda: estimates.drawn({"visits.per_1000": "x"})).startswith("drawn.visits.per_1000: must be a fin")


def test_every_estimate_is_an_assumption_of_the_care(estimates):
    told = {each.figure: each for each in estimates.utilization.assumptions}
    assert set(told) == set(estimates.table.index)
    assert {each.confidence for each in told.values()} == {"fitted"}
    assert "500 members" in told["drugs.per_1000"].source
    assert float(told["drugs.per_1000"].value) == pytest.approx(estimates.table.loc["drugs.per_1000", "estimate"], 1e-5)


def test_dollars_of_the_data_are_those_of_the_fitted_care():
    """One whole year of 800 persons: rate × relativities × score × mean price are the dollars of each line, to 1e-9.

    The mean of 400 simulated years of the same persons is within 4 of its standard errors.
    """
    frame = drawn(800, years=1, seed=7).assign(member_months=12)
    years = PersonYears.from_frame(frame)
    care, panel = quiet_fit(years, relativities={"age": (0, 35, 50), "sex": None}).utilization, years.panel()
    for service in care.services:
        bands = service.relativities["age"]
        of_age = np.array(list(bands.values()))[np.searchsorted(list(bands), panel.columns["age"], side="right") - 1]
        events = service.per_1000 / 1_000 * (panel.columns["risk_score"] * service.factor(panel) * of_age).sum()
        dollars = frame[f"{service.name}_dollars"].sum()
        assert events * service.allowed.mean() == pytest.approx(dollars, rel=1e-9)
        if f"{service.name}_events" in frame:
            assert events == pytest.approx(frame[f"{service.name}_events"].sum(), rel=1e-9)
    results = ar.Study(panel, care, {"Fees": ar.FeeForService()}, seed=2).run(400, progress=False)
    mean, error = metrics.mean(results.values("allowed", "Fees"))
    print(f"{mean:,.0f} ± {error:,.0f}, data {years.dollars.sum():,.0f}")
    assert abs(mean - years.dollars.sum()) < 4 * error
    assert error < 0.01 * mean


@pytest.mark.parametrize("payers", [("payer",), ("north", "south")])
@pytest.mark.parametrize("which", ["estimates", "unsure"])
def test_what_is_not_known_goes_into_a_study_with_its_correlations(which, payers, request):
    """A nested run of 4 draws, and 2,000 draws of the inputs alone, which need no simulation.

    Ranks made normal have the correlations that were asked for within 5 / √2000.
    """
    found = request.getfixturevalue(which)
    asked = found.correlation(payers=payers)
    panel = make_panel(10, payer=np.tile(payers, 10)[:10])
    care = found.uncertain(payers=payers)
    study = ar.Study(panel, care, {"Fees": ar.FeeForService()}, parameter_correlation=asked, seed=4)
    known = [each for each in found.parameters if ".relativities." not in each.path]
    prices = {f"{line.name}.fee_levels.{payer}" for line in found.lines for payer in payers}
    assert set(study.uncertain_inputs) == prices | {e.path for e in known if not e.path.endswith("allowed.mean")}
    if payers == ("payer",):
        results = study.run(2, draws=4, progress=False)
        assert results.parameters().shape == (4, len(study.uncertain_inputs))
        assert len(np.unique(results.values("allowed", "Fees"))) == 8
    values = study._core.parameter_values(uniforms(study._core, "plain", 0, 2_000, 4))
    inputs = pd.DataFrame(np.array(values), columns=study.uncertain_inputs)
    for each in known:
        if each.scale == "log" and not each.path.endswith("allowed.mean"):
            logs = np.log(inputs[each.path])
            assert logs.mean() == pytest.approx(np.log(each.value), abs=5 * each.error / np.sqrt(2_000))
            assert logs.std() == pytest.approx(each.error, rel=5 / np.sqrt(4_000))
    normal = inputs.rank().apply(lambda ranks: stats.norm.ppf((ranks - 0.5) / 2_000))
    got = normal.corr()
    for (one, other), correlation in asked.items():
        # Draws that are 0 alike have no ranks among them.
        if all((inputs[name] > 0.0).all() for name in (one, other)):
            assert got.loc[one, other] == pytest.approx(correlation, abs=5 / np.sqrt(2_000)), (one, other)
    assert max(abs(each) for each in asked.values()) > 0.3
