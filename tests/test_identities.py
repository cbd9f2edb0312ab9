"""What is nothing changes nothing: what means the same has the same bits, and parts move only what they concern."""

import numpy as np
import pytest

import atrisk as ar
from atrisk import _core
from atrisk.results import COLUMNS
from conftest import make_panel, make_rich_panel, make_services
from oracle_random import FRAILTY, Luck, frailty_uniform, member_uniform, name_hash
from test_bits import bits

PROSPECTIVE = ar.Benchmark(weights=[0.4, 0.6], trend="prospective", trend_rate=0.03)
MEASURED = ar.Benchmark(trend="regional", noise_cv=0.01, risk_adjusted=True)


def savings(benchmark, **terms):
    return ar.SharedSavings(benchmark=benchmark, basis="allowed", sharing_rate=0.5, loss_rate=0.4, **terms)


def contracts():
    """Contracts that read every view: fees, payments by head and score, layers of members, benchmarks."""
    capitation = ar.Capitation(pmpm=185.0, risk_adjusted=True, trend=0.02)
    return {
        "Fees": ar.FeeForService(fee_level=0.9),
        "Capitation": [capitation, ar.StopLoss(attachment_point=3_000, ceded_share=0.9, premium_pmpm=4)],
        "Fixed": [ar.FeeForService(), savings(None, benchmark_pmpm=190.0, minimum_savings_rate=0.02)],
        "Benchmark": [ar.FeeForService(), savings(PROSPECTIVE, truncation=9_000)],
        "Measured": savings(MEASURED),
    }


def plain(**care):
    terms = {"services": make_services(), "frailty_cv": 0.8, "fixed_cost_per_month": 100.0, "trend": 0.02}
    return ar.Utilization(**terms | care)


def run(care=None, arms=None, *, panel=None, years=2, base_years=2, replicates=25, how=None, **terms):
    study = ar.Study(
        panel or make_rich_panel(), care or plain(), arms or contracts(), seed=131, years=years, base_years=base_years,
        **terms,
    )  # fmt: skip
    return study.run(replicates, progress=False, threads=1, **(how or {}))


def years_of(results, arms=None, rows=slice(None), figures=COLUMNS):
    """Figures of each year as bytes."""
    return {
        (arm, figure, year): results.values(figure, arm, year=year)[rows].tobytes()
        for arm in (results.arms if arms is None else arms)
        for figure in figures
        for year in range(1, results.years + 1)
    }


def same(first, second):
    """Whether all figures of two results have the same bits, in all years together and in each."""
    return bits(first) == bits(second) and years_of(first) == years_of(second)


@pytest.fixture(scope="module")
def reference():
    return run()


def test_the_reference_has_something_to_move(reference):
    """Every arm's net differs between replicates, both years count, and earnings and losses are shared."""
    for arm in reference.arms:
        for year in (1, 2):
            assert np.ptp(reference.values("provider_net", arm, year=year)) > 0
    spent, paid = reference.values("allowed", "Benchmark"), reference.values("payer_spend", "Benchmark")
    assert (spent != paid).any()


NOTHING = {
    "a shock on use of cv 0": plain(shocks=[ar.Shock("nothing", 0.0)]),
    "a permanent shock on prices of cv 0": plain(shocks=[ar.Shock("nothing", 0.0, on="price", permanent=True)]),
    "a shock of a year that is not simulated": plain(shocks=[ar.Shock("later", 0.5, years=[7])]),
    "trends of 0": plain(price_trend=0.0, fixed_cost_trend=0.0),
    "a frailty as a number": plain(frailty_cv=0.0, frailty=ar.Frailty(cv=0.8, permanent_share=1.0)),
    "severity of cv 0": plain(severity_cv=0.0),
    "own frailties of cv 0": plain(
        services=[
            ar.Service(
                s.name, per_1000=s.per_1000, allowed=s.allowed, own_cost=s.own_cost, delivered_by=s.delivered_by,
                coinsurance=s.coinsurance, frailty=ar.Frailty(cv=0.0, family=family, permanent_share=0.5),
                relativities={"age": {0: 1.0, 50: 1.0}, "sex": {"female": 1.0, "male": 1.0}},
            )
            for s, family in zip(make_services(), ("gamma", "log_normal", "two_point", "gamma"), strict=True)
        ]
    ),
}  # fmt: skip


@pytest.mark.parametrize("care", NOTHING.values(), ids=NOTHING.keys())
def test_care_that_means_the_same(care, reference):
    assert same(run(care), reference)


@pytest.mark.parametrize("family", ["gamma", "log_normal", "two_point"])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_no_frailty(family, share):
    without = run(plain(frailty_cv=0.0))
    assert same(run(plain(frailty_cv=0.0, frailty=ar.Frailty(cv=0.0, family=family, permanent_share=share))), without)


def test_shocks_without_correlation():
    """The matrix of ones on its diagonal is none."""
    shocks = [ar.Shock("a", 0.1), ar.Shock("b", 0.2, ["drugs"], "price"), ar.Shock("c", 0.1, permanent=True)]
    identity = np.eye(3).tolist()
    assert same(run(plain(shocks=shocks, shock_correlation=identity)), run(plain(shocks=shocks)))


def dynamic_panel(**parts):
    frame = make_rich_panel().to_pandas()
    return ar.Population.from_frame(frame, **parts)


ONES = ar.Condition(
    "diabetes", states=("no", "yes"), transition=[[0.9, 0.1], [0.2, 0.8]], shares=[0.7, 0.3],
    relativities={"visits": [1.0, 1.0], "drugs": [1, 1]}, risk_scores=[0.0, 0.0],
)  # fmt: skip

STILL = {
    "enrolment": {"enrolment": ar.Enrolment()},
    "deaths of those who are older than anyone": {"enrolment": ar.Enrolment(death_rate={0: 0.0, 120: 1.0})},
    "a last year that nobody has": {"enrolment": ar.Enrolment(last_year_relativity=5.0)},
    "attribution": {"attribution": ar.Attribution(share=1.0, turnover=0.0)},
    "a condition of factors 1": {"conditions": [ONES]},
    "risk scores": {"risk_scores": ar.RiskScores()},
    "all of them": {
        "enrolment": ar.Enrolment(), "attribution": ar.Attribution(share=1.0),
        "conditions": [ONES], "risk_scores": ar.RiskScores(recapture=0.3),
    },
}  # fmt: skip


@pytest.mark.parametrize("parts", STILL.values(), ids=STILL.keys())
def test_panels_that_mean_the_same(parts, reference):
    assert same(run(panel=dynamic_panel(**parts)), reference)


WITHOUT_BASE_YEARS = ["Fees", "Capitation", "Fixed"]
IDLE = {
    "effect 0": ar.Programme("care", effect=0.0),
    "reach 0": ar.Programme("care", effect=-0.5, reach=0.0),
    "a start after the last year": ar.Programme("care", effect=-0.5, start_month=25),
    "effects that undo each other": [ar.Programme("a", effect=-0.5), ar.Programme("b", effect=1.0)],
    "more for nobody": ar.Programme("care", effect=3.0, reach=0.0, services=["visits", "admissions"]),
}


@pytest.mark.parametrize("programmes", IDLE.values(), ids=IDLE.keys())
@pytest.mark.parametrize("arm", list(contracts()))
def test_programmes_that_do_nothing(programmes, arm, reference):
    results = run(arms={arm: ar.Arm(contracts()[arm], programmes)})
    assert years_of(results, [arm]) == years_of(reference, [arm])
    assert bits(results, [arm]) == bits(reference, [arm])


def test_base_years_that_nothing_reads():
    arms = {name: contracts()[name] for name in WITHOUT_BASE_YEARS}
    care = plain(
        shocks=[ar.Shock("walk", 0.1, permanent=True)], frailty=ar.Frailty(cv=0.7, permanent_share=0.4), frailty_cv=0
    )
    panel = dynamic_panel(
        enrolment=ar.Enrolment(lapse_rate=0.02, death_rate=0.01, last_year_relativity=2.0),
        attribution=ar.Attribution(share=0.7, turnover=0.2),
        conditions=[ONES],
        risk_scores=ar.RiskScores(noise_cv=0.2),
    )
    results = [run(care, arms, panel=panel, base_years=base_years) for base_years in (0, 1, 3, 10)]
    assert all(same(results[0], other) for other in results[1:])


def moving():
    """A study with everything that a year could hand on to the next."""
    care = plain(
        shocks=[ar.Shock("walk", 0.1, permanent=True), ar.Shock("flu", 0.2, on="price")],
        shock_correlation=[[1.0, 0.5], [0.5, 1.0]],
        frailty=ar.Frailty(cv=0.7, permanent_share=0.4),
        frailty_cv=0,
        severity_cv=0.3,
        severity_correlation=0.4,
    )
    panel = dynamic_panel(
        enrolment=ar.Enrolment(lapse_rate=0.02, death_rate=0.01, last_year_relativity=2.0),
        attribution=ar.Attribution(share=0.7, turnover=0.2),
        conditions=[
            ar.Condition(
                "diabetes",
                states=("no", "yes"),
                transition=[[0.9, 0.1], [0.2, 0.8]],
                shares=[0.7, 0.3],
                relativities={"visits": [0.5, 2.0]},
                risk_scores=[0.0, 1.0],
            )
        ],
        risk_scores=ar.RiskScores(noise_cv=0.2, coding_growth=0.02, recapture=0.8),
    )
    programme = ar.Programme("care", effect=-0.3, reach=0.5, ramp_months=20)
    more = ar.Programme("visits for all", effect=0.4, services=["visits"], start_month=6)
    arms = contracts() | {"Programmes": ar.Arm(ar.FeeForService(), [programme, more])}
    return care, arms, panel


def test_further_years_keep_the_years_before():
    """Years of a longer study are those of a shorter one; cash alone looks beyond the year."""
    care, arms, panel = moving()
    short, longer = (run(care, arms, panel=panel, years=years, replicates=15) for years in (1, 4))
    kept = {key: value for key, value in years_of(longer).items() if key[2] == 1}
    assert kept == years_of(short)


def test_further_base_years_keep_the_others():
    """A benchmark of the last two base years does not depend on how many are before them."""
    care, _, panel = moving()
    short = run(care, {"A": savings(ar.Benchmark(weights=[0.5, 0.5], trend="national"))}, panel=panel)
    weights = ar.Benchmark(weights=[0.0, 0.0, 0.5, 0.5], trend="national")
    longer = run(care, {"A": savings(weights)}, panel=panel, base_years=4)
    assert years_of(short) == years_of(longer)


def test_a_further_arm_with_programmes_moves_no_other(reference):
    other = {
        "Other": ar.Arm(ar.Capitation(pmpm=1.0), [ar.Programme("care", effect=-0.3), ar.Programme("b", effect=0.5)])
    }
    results = run(arms=other | contracts())
    assert bits(results, list(contracts())) == bits(reference)


def test_a_shock_moves_its_services_alone():
    arms = {name: ar.Capitation(pmpm=0, scope=[name]) for name in ("admissions", "drugs")}
    before = run(arms=arms)
    after = run(plain(shocks=[ar.Shock("supply", 0.5, ["drugs"])]), arms)
    figure = "provider_cost"
    assert after.values(figure, "admissions").tobytes() == before.values(figure, "admissions").tobytes()
    assert after.values(figure, "drugs").tobytes() != before.values(figure, "drugs").tobytes()


def test_a_further_shock_leaves_the_others():
    """Each has luck of its own: with another one before it, the first moves its service as it did."""
    arms = {name: ar.Capitation(pmpm=0, scope=[name]) for name in ("admissions", "drugs")}
    first = ar.Shock("supply", 0.5, ["drugs"])
    alone = run(plain(shocks=[first]), arms)
    both = run(plain(shocks=[ar.Shock("virus", 0.4, ["admissions"]), first]), arms)
    assert both.values("provider_cost", "drugs").tobytes() == alone.values("provider_cost", "drugs").tobytes()
    assert both.values("provider_cost", "admissions").tobytes() != alone.values("provider_cost", "admissions").tobytes()


def test_a_condition_moves_its_services_alone():
    arms = {name: ar.Capitation(pmpm=0, scope=[name]) for name in ("admissions", "drugs")}
    chain = ar.Condition(
        "asthma", states=("no", "yes"), transition=[[0.9, 0.1], [0.2, 0.8]], shares=[0.7, 0.3],
        relativities={"drugs": [0.5, 3.0]},
    )  # fmt: skip
    before, after = run(arms=arms), run(arms=arms, panel=dynamic_panel(conditions=[chain]))
    more = run(arms=arms, panel=dynamic_panel(conditions=[ONES, chain]))
    figure = "provider_cost"
    assert after.values(figure, "admissions").tobytes() == before.values(figure, "admissions").tobytes()
    assert after.values(figure, "drugs").tobytes() != before.values(figure, "drugs").tobytes()
    assert same(more, after)


def test_a_programme_moves_its_services_alone():
    arms = {name: ar.Capitation(pmpm=0, scope=[name]) for name in ("admissions", "drugs")}
    programme = ar.Programme("care", effect=-0.4, services=["drugs"])
    before, after = run(arms=arms), run(arms={name: ar.Arm(arm, programme) for name, arm in arms.items()})
    figure = "provider_cost"
    assert after.values(figure, "admissions").tobytes() == before.values(figure, "admissions").tobytes()
    assert (after.values(figure, "drugs") < before.values(figure, "drugs")).all()


def test_a_further_service_moves_no_other():
    """With frailty, severity, shocks and programmes on all: what others cost stays."""
    care, arms, panel = moving()
    hospice = ar.Service("hospice", per_1000=400, allowed=ar.LogNormal(mean=900, cv=1), frailty=ar.Frailty(cv=1))
    more = plain(
        services=[hospice, *make_services()],
        shocks=care.shocks, shock_correlation=care.shock_correlation, frailty=care.frailty, frailty_cv=0,
        severity_cv=0.3, severity_correlation=0.4,
    )  # fmt: skip
    programmes = arms["Programmes"].programmes
    scoped = {name: ar.Arm(ar.Capitation(pmpm=0, scope=[name]), programmes) for name in ("admissions", "drugs")}
    before, after = run(care, scoped, panel=panel), run(more, scoped, panel=panel)
    for name in scoped:
        assert after.values("provider_cost", name).tobytes() == before.values("provider_cost", name).tobytes()


def certain_and_uncertain(kind):
    """One study given by numbers, and by what `kind` makes of them: in every place that takes an uncertain input."""

    def build(of):
        services = [
            ar.Service(
                "visits", per_1000=of(4_200.0), allowed=ar.LogNormal(mean=110, cv=0.7), own_cost=of(70.5),
                coinsurance=of(0.2), trend=of(0.03), price_trend=of(0.02), own_cost_trend=of(0.01),
                frailty=ar.Frailty(cv=of(0.5), permanent_share=of(0.6)),
            ),
            ar.Service("stays", per_1000=of(90.0), allowed=of(9_000.0), delivered_by="other_providers"),
        ]  # fmt: skip
        care = ar.Utilization(
            services=services, frailty_cv=of(0.9), severity_cv=of(0.3), severity_correlation=of(0.25), trend=of(0.015),
            price_trend=of(0.025), fixed_cost_per_month=of(1_000.0), fixed_cost_trend=of(0.02),
            shocks=[ar.Shock("flu", of(0.05), market_share=of(0.5), national_share=of(0.25))],
        )  # fmt: skip
        programme = ar.Programme(
            "care", effect=of(-0.25), reach=of(0.5), cost_pmpm=of(2.5), start_cost=of(500.0), ramp_months=6
        )
        benchmark = ar.Benchmark(
            weights=[of(0.5), of(0.5)],
            trend="prospective",
            trend_rate=of(0.03),
            risk_adjusted=True,
            risk_score_cap=of(0.03),
        )
        arms = {
            "A": [
                ar.Capitation(
                    pmpm=of(185.0), trend=of(0.02), risk_adjusted=True, normalization=of(1.25), risk_score_cap=of(0.5),
                ),
                ar.StopLoss(
                    attachment_point=of(3_000.0), ceded_share=of(0.75), limit=of(8_000.0), premium_pmpm=of(4.0),
                ),
            ],
            "B": [
                ar.FeeForService(fee_level=of(0.95)),
                ar.SharedSavings(
                    benchmark=benchmark, basis="allowed", sharing_rate=of(0.5), loss_rate=of(0.25),
                    minimum_savings_rate=of(0.02), minimum_loss_rate=of(0.02), payment_limit_rate=of(0.1),
                    loss_limit_rate=of(0.05), truncation=of(20_000.0),
                ),
            ],
            "C": ar.Arm(ar.Capitation(pmpm=of(185.0)), programme),
        }  # fmt: skip
        chain = ar.Condition(
            "diabetes", states=("no", "yes"), transition=[[of(0.75), of(0.25)], [of(0.125), of(0.875)]],
            shares=[of(0.5), of(0.5)], relativities={"visits": [of(0.5), of(1.5)]}, risk_scores=[of(0.0), of(0.5)],
        )  # fmt: skip
        panel = dynamic_panel(
            enrolment=ar.Enrolment(
                lapse_rate=of(0.01), lapse_selection=of(-0.5), death_rate={0: of(0.001), 65: of(0.01)},
                last_year_relativity=of(3.0),
            ),
            attribution=ar.Attribution(share=of(0.75), turnover=of(0.125), selection=of(0.5)),
            conditions=[chain],
            risk_scores=ar.RiskScores(
                coding_growth=of(0.02), recapture=of(0.75), noise_cv=of(0.5), new_member_score=of(0.875)
            ),
        )  # fmt: skip
        return care, arms, panel

    return build(kind)


def test_an_input_without_spread_is_the_number():
    care, arms, panel = certain_and_uncertain(lambda value: value)
    numbers = run(care, arms, panel=panel, replicates=12)
    care, arms, panel = certain_and_uncertain(ar.Fixed)
    fixed = run(care, arms, panel=panel, replicates=12)
    assert len(fixed.study.uncertain_inputs) > 60
    assert same(fixed, numbers)
    nested = run(care, arms, panel=panel, replicates=6, how={"draws": 2})
    assert years_of(nested, rows=slice(0, 6)) == years_of(numbers, rows=slice(0, 6))


def test_inputs_at_their_means_are_the_numbers():
    """A mean of two atoms is exact; shares and rows of chains are left as they are."""

    def kind(value):
        return ar.Empirical([value - abs(value) / 8, value + abs(value) / 8]) if value not in {0.0, 1.0} else value

    def spread_out(of):
        care = ar.Utilization(
            services=[
                ar.Service("visits", per_1000=of(4_096.0), allowed=ar.LogNormal(mean=110, cv=0.7), own_cost=of(64.0)),
                ar.Service(
                    "stays", per_1000=of(64.0), allowed=8_192.0, trend=of(0.0625), delivered_by="other_providers"
                ),
            ],
            frailty_cv=of(0.5),
            shocks=[ar.Shock("flu", of(0.125))],
        )
        arms = {
            "A": ar.Capitation(pmpm=of(128.0)),
            "B": [ar.FeeForService(), savings(ar.Benchmark(trend="national", noise_cv=of(0.03125)))],
            "C": ar.Arm(
                ar.Capitation(pmpm=128.0), ar.Programme("care", effect=of(-0.25), reach=of(0.5), cost_pmpm=of(2.0))
            ),
        }
        return care, arms, dynamic_panel(enrolment=ar.Enrolment(lapse_rate=of(0.015625)))

    care, arms, panel = spread_out(lambda value: value)
    numbers = run(care, arms, panel=panel)
    care, arms, panel = spread_out(kind)
    at_means = run(care, arms, panel=panel, how={"parameters": "mean"})
    drawn = run(care, arms, panel=panel)
    assert same(at_means, numbers)
    assert bits(drawn) != bits(numbers)
    assert at_means.parameters().iloc[0]["B[1].benchmark.noise_cv"] == 0.03125


def test_luck_is_that_of_a_run_at_the_means():
    """What is not known of a cost moves that cost and no event."""
    care = plain(fixed_cost_per_month=ar.Gamma(mean=100, cv=0.5))
    drawn, means = run(care), run(care, how={"parameters": "mean"})
    for arm in drawn.arms:
        assert drawn.values("allowed", arm).tobytes() == means.values("allowed", arm).tobytes()
        assert drawn.values("provider_cost", arm).tobytes() != means.values("provider_cost", arm).tobytes()


def test_nested_draws_begin_as_the_replicates_do():
    """Draw 0 has the luck of replicates without draws and the inputs of replicate 0."""
    care = plain(fixed_cost_per_month=ar.Gamma(mean=100, cv=0.5))
    nested, single = run(care, replicates=10, how={"draws": 3}), run(care, replicates=10)
    assert nested.values("allowed", "Fees")[:10].tobytes() == single.values("allowed", "Fees").tobytes()
    assert nested.values("allowed", "Fees")[10:20].tobytes() != single.values("allowed", "Fees").tobytes()
    assert nested.parameters().iloc[:3].equals(single.parameters().iloc[:3])


def test_a_further_uncertain_input_moves_no_other():
    first = run(plain(fixed_cost_per_month=ar.Gamma(mean=100, cv=0.5))).parameters()
    both = run(plain(fixed_cost_per_month=ar.Gamma(mean=100, cv=0.5), trend=ar.Normal(0.02, 0.01))).parameters()
    assert list(both.columns) == ["utilization.fixed_cost_per_month", "utilization.trend"]
    path = "utilization.fixed_cost_per_month"
    assert both[path].to_numpy().tobytes() == first[path].to_numpy().tobytes()


def test_a_replicate_alone_with_everything_moving():
    care, arms, panel = moving()
    care = ar.Utilization(**{**care.__dict__, "price_trend": ar.Normal(0.01, 0.01)})
    company = run(care, arms, panel=panel)
    alone = run(care, arms, panel=panel, replicates=3, how={"first": 20})
    assert bits(alone, rows=slice(None)) == bits(company, rows=slice(20, 23))
    assert alone.parameters().equals(company.parameters().iloc[20:23])


@pytest.mark.parametrize(("share", "of_year"), [(1.0, False), (0.0, True)])
def test_all_or_nothing_is_kept(share, of_year):
    """With share 1 counts of every year are quantiles at the kept word and the whole cv, with share 0 at the year's."""
    members, rate, cv = 500, 2.0, 0.8
    service = ar.Service("visits", per_1000=1_000 * rate, allowed=1.0)
    care = ar.Utilization(services=[service], frailty=ar.Frailty(cv=cv, permanent_share=share))
    claims = ar.Study(make_panel(members), care, {"F": ar.FeeForService()}, years=2, seed=31).claims(3)
    luck, rows = Luck(seed=31, draw=0, replicate=3), np.arange(members, dtype=np.uint64)
    for year in (1, 2):
        kept_or_not = frailty_uniform(luck, FRAILTY, year if of_year else None, 0, rows)
        frailty = ar.Gamma(mean=1.0, cv=cv).ppf(kept_or_not)
        counted = member_uniform(luck, 1, year, name_hash("visits"), rows)
        expected = _core.poisson_quantile(counted, rate * frailty)
        counts = np.bincount(claims.loc[claims["year"] == year, "member_ix"], minlength=members)
        assert (counts == expected).all()
