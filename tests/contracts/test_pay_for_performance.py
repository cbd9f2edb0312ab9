"""Pay for performance on simulated measures: scores, ladders to a member, months that add up, payers apart."""

from decimal import Decimal

import numpy as np
import pytest
from scipy import stats

import atrisk as ar
from atrisk import metrics
from closed_forms import within
from conftest import make_panel

VISITS = ar.Service("visits", per_1000=3_000, allowed=ar.LogNormal(mean=100, cv=0.8), coinsurance=0.2, own_cost=60.0)
STAYS = ar.Service("stays", per_1000=200, allowed=10_000.0, delivered_by="other_providers")
MEASURES = [
    ar.Measure("screening", rate=0.7, sd_between=0.05, benchmarks=(0.5, 0.6, 0.9), drift=0.02, weight=3.0),
    ar.Measure("readmissions", rate=0.15, benchmarks=(0.8, 0.9), inverse=True, depends_on={"stays": 1.0}),
]
TWO_SIDED = {"penalty_rate": 0.09, "bonus_rate": 0.09, "ladder": [(0.75, 0), (1, 1)]}


def study(*contracts, members=300, measures=MEASURES, base=(), panel=None, seed=4, others=None, **terms):
    """Fees alone beside fees with contracts."""
    base = [ar.FeeForService()] if not base else list(base)
    arms = {"Fees": base, "Quality": [*base, *contracts]} | (others or {})
    panel = make_panel(members) if panel is None else panel
    care = ar.Utilization(services=[VISITS, STAYS])
    return ar.Study(panel, care, arms, measures=measures, seed=seed, **terms)


def paid(results, arm="Quality", **year):
    """What the contracts beyond the fees moved to the provider."""
    return results.values("provider_net", arm, **year) - results.values("provider_net", "Fees", **year)


def lines_of(results, replicate=0, year=1, arm="Quality", contract=None):
    frame = results.statement(arm, replicate=replicate).to_frame()
    kept = (frame["year"] == year) & (frame["kind"] == "pay_for_performance")
    if contract is not None:
        kept &= frame["contract"] == contract
    return frame[kept].set_index("line")["value"]


@pytest.mark.parametrize(
    ("straight_line", "dollars"),
    [(False, {5: 0, 6: 0, 7: 60, 8: 60, 9: 120, 10: 120}), (True, {5: 0, 6: 0, 7: 60, 8: 90, 9: 120, 10: 120})],
)
def test_a_ladder_by_eye(straight_line, dollars):
    """Ten members, a dollar each a month: 120 in the pool; half of it at 7 of 10 who are screened, all at 9."""
    ladder = [(0.7, 0.5), (0.9, 1)]
    contract = ar.PayForPerformance(bonus_pmpm=1, ladder=ladder, straight_line=straight_line)
    results = study(contract, members=10, measures=[ar.Measure("screening", rate=0.8)]).run(200, progress=False)
    met, _ = results.found("screening", "Quality")
    assert set(dollars) <= set(met.astype(int))
    expected = [dollars.get(int(count), 0) for count in met]
    np.testing.assert_allclose(paid(results), expected, atol=1e-9)


def test_the_mean_has_a_closed_form():
    """Threshold 0.6 and target 0.8 on a binomial rate of 40 members: 480 dollars × the mean of the ladder."""
    contract = ar.PayForPerformance(measures={"m": ar.MeasureLadder(ladder=[(0.6, 0), (0.8, 1)])}, bonus_pmpm=1)
    results = study(contract, members=40, measures=[ar.Measure("m", rate=0.7)]).run(4_000, progress=False)
    k = np.arange(41)
    mean = float(stats.binom(40, 0.7).pmf(k) @ np.clip((k / 40 - 0.6) / 0.2, 0, 1))
    assert within(metrics.mean(paid(results)), 480 * mean)


def test_the_withhold_has_a_closed_form():
    """A tenth of what is paid is withheld, and seven tenths of it come back: the law of the score is that of a rate."""
    contract = ar.PayForPerformance(withhold_rate=0.1)
    results = study(contract, measures=[ar.Measure("m", rate=0.7)], members=200).run(2_000, progress=False)
    # Fees and rate have no luck in common.
    assert within(metrics.mean(paid(results)), -0.3 * 0.1 * 200 * 3 * 100 * 0.8)


def test_scores_are_those_of_the_results():
    """By drifting benchmarks and weights, three years, in arms whose care differs."""
    less = ar.Programme("home care", services=["stays"], effect=-0.4)
    contract = ar.PayForPerformance(bonus_pmpm=1)
    arm = ar.Arm([ar.FeeForService(), contract], programmes=[less])
    results = study(contract, others={"Less": arm}, years=3).run(60, progress=False)
    for year in (1, 2, 3):
        for name in ("Quality", "Less"):
            score = results.quality_score(name, year=year)
            for replicate in (0, 17, 59):
                lines = lines_of(results, replicate, year, name)
                assert float(lines["score"]) == pytest.approx(score[replicate], abs=1e-12)
        # Nothing else moves in the arm without a programme.
        np.testing.assert_allclose(paid(results, year=year), 3_600 * results.quality_score("Quality", year=year))
    fewer = results.quality_score("Less", year=1) - results.quality_score("Quality", year=1)
    assert fewer.min() >= 0
    assert fewer.max() > 0


def test_shares_of_statements_are_the_scores_of_the_table():
    results = study(ar.PayForPerformance(bonus_pmpm=1), years=2).run(20, progress=False)
    table = results.measures(year=2).loc["Quality"]
    frames = [lines_of(results, replicate, 2) for replicate in range(20)]
    for name in ("screening", "readmissions"):
        for ours, theirs in (("share", "score"), ("rate", "rate"), ("eligible", "eligible")):
            mean = np.mean([float(lines[f"{name}_{ours}"]) for lines in frames])
            assert mean == pytest.approx(table[f"{name}_{theirs}"], abs=1e-9)


def test_a_statement_adds_up_and_equals_its_transfers():
    terms = {"withhold_rate": 0.037, "bonus_pmpm": 1.23, "bonus_rate": 0.011, "penalty_rate": 0.05}
    results = study(ar.PayForPerformance(**terms, settle_month=19), years=2).run(6, progress=False)
    for replicate in range(6):
        statement = results.statement("Quality", replicate=replicate)
        ledger = statement.ledger()
        own = ledger[ledger["contract"] == "Quality[1]"]
        base = ledger[(ledger["to_party"] == "provider") & (ledger["from_party"] == "payer")]
        for year in (1, 2):
            lines = lines_of(results, replicate, year)
            months = range(12 * year - 11, 12 * year + 1)
            of_year = own[own["month_incurred"].isin(months)].groupby("account")["amount"].sum()
            claims = base[base["month_incurred"].isin(months) & (base["account"] == "claim")]["amount"].sum()
            assert lines["payments"] == claims
            assert lines["withheld"] == of_year["withheld"] == (claims * Decimal("0.037")).quantize(Decimal("0.01"))
            assert lines["returned"] == of_year["withhold_returned"]
            assert lines["bonus"] == of_year["quality_payment"]
            assert lines["penalty"] == of_year["quality_penalty"]
            simulated = paid(results, year=year)[replicate]
            assert float(lines["net"]) == pytest.approx(simulated, abs=0.02), "but for the cents of a statement"
            assert lines["net"] == lines["returned"] + lines["bonus"] - lines["withheld"] - lines["penalty"]
        withheld = own[own["account"] == "withheld"]
        assert withheld["month_cash"].tolist() == list(range(1, 25)), "as payments are paid"
        assert set(own[own["account"] != "withheld"]["month_cash"]) == {19, 31}
        assert set(map(tuple, own[["from_party", "to_party"]].to_numpy())) == {
            ("payer", "provider"),
            ("provider", "payer"),
        }


def test_what_the_provider_gets_the_payer_pays():
    results = study(ar.PayForPerformance(withhold_rate=0.05, bonus_pmpm=1, penalty_rate=0.02)).run(50, progress=False)
    spent = results.values("payer_spend", "Quality") - results.values("payer_spend", "Fees")
    np.testing.assert_allclose(spent, paid(results), atol=1e-6)
    assert (spent != 0).all()


def test_two_sides_about_a_threshold_are_those_of_mips():
    """From −9 % through 0 at 75 of 100 points to +9 %, with the step at a quarter of the threshold."""
    cliff = [(0.1875, 1), (0.187501, 0.75 - 0.000001 / 0.75), (0.75, 0)]
    measures = [ar.Measure("m", rate=0.6, sd_between=0.25)]
    results = study(ar.PayForPerformance(**TWO_SIDED, penalty_ladder=cliff), members=40, measures=measures).run(
        60, progress=False
    )
    seen = set()
    for replicate in range(60):
        lines = lines_of(results, replicate)
        theirs = ar.mips.adjustment(float(100 * lines["score"]), year=2023, payments=float(lines["payments"]))
        assert float(lines["net"]) == pytest.approx(float(theirs["adjustment"]), abs=0.03)
        seen.add(np.sign(float(lines["net"])))
    assert seen >= {-1.0, 1.0}


def test_a_withhold_with_a_slope_is_value_based_purchasing():
    """2 % of payments are withheld; a total performance score of 100 would earn twice as much back."""
    contract = ar.PayForPerformance(withhold_rate=0.02, ladder=[(0, 0), (1, 2.0)])
    results = study(contract, measures=[ar.Measure("m", rate=0.55)]).run(5, progress=False)
    lines = lines_of(results, 3)
    factor = 1 + 0.02 * float(lines["score"]) * 2.0 - 0.02
    assert float(lines["payments"] + lines["net"]) == pytest.approx(float(lines["payments"]) * factor, abs=0.01)


@pytest.mark.parametrize(
    ("score", "owed"),
    [(0.1, 90), (0.2, 90), (0.21, 45), (0.4, 45), (0.41, 0), (1.0, 0)],
)
def test_steps_of_a_penalty(score, owed):
    """All of 9 % of 1,000 up to a score of 0.2, half of it up to 0.4."""
    plan = ar.PayForPerformance(penalty_rate=0.09, penalty_ladder=[(0.2, 1), (0.4, 0.5)], straight_line=False)
    assert plan.settle(score=score, payments=1_000)["penalty"] == owed


@pytest.mark.parametrize(("score", "net"), [(0.0, -90), (0.375, -45), (0.75, 0), (0.875, 45), (1.0, 90)])
def test_the_calculator_is_two_sided_too(score, net):
    plan = ar.PayForPerformance(**TWO_SIDED, penalty_ladder=[(0, 1), (0.75, 0)])
    assert plan.settle(score=score, payments=1_000)["net"] == net


def test_the_calculator_agrees_with_the_contract():
    terms = {"withhold_rate": 0.1, "bonus_pmpm": 2, "bonus_rate": 0.01, "penalty_rate": 0.03}
    contract = ar.PayForPerformance(**terms)
    results = study(contract).run(3, progress=False)
    for replicate in range(3):
        lines = lines_of(results, replicate)
        given = {name: float(lines[name]) for name in ("payments", "member_months")}
        alone = contract.settle(score=round(float(lines["score"]), 9), **given)
        for name in ("withheld", "bonus_pool"):
            assert alone[name] == lines[name]
        for name in ("returned", "bonus", "penalty", "net"):
            assert abs(alone[name] - lines[name]) <= Decimal("0.01"), "a score of nine decimals"


def test_dollars_for_each_member_who_meets_a_measure():
    """25 dollars each, 10 of another measure, whatever the score; the calculator says the same."""
    dollars = {"screening": 25, "visit": 10}
    measures = [ar.Measure("screening", rate=0.7), ar.Measure("visit", rate=0.9)]
    contract = ar.PayForPerformance(dollars_per_member=dollars)
    results = study(contract, measures=measures, years=2).run(500, progress=False)
    met = {name: results.found(name, "Quality", year=2)[0] for name in dollars}
    np.testing.assert_allclose(paid(results, year=2), 25 * met["screening"] + 10 * met["visit"], atol=1e-6)
    assert within(metrics.mean(paid(results, year=2)), 300 * (25 * 0.7 + 10 * 0.9))
    lines = lines_of(results, 4, 2)
    assert lines["net"] == lines["met_dollars"] == 25 * int(met["screening"][4]) + 10 * int(met["visit"][4])
    own = results.statement("Quality", replicate=4).ledger()
    assert own[own["account"] == "quality_payment"]["month_cash"].tolist() == [21, 33]
    plan = ar.PayForPerformance(dollars_per_member={"screening": 25}, bonus_pmpm=1)
    assert plan.settle(score=0.5, member_months=100, screening_met=12)["net"] == 350
    with pytest.raises(ar.InputError, match="must have the columns screening_met"):
        plan.settle(score=0.5, member_months=100)


def test_capitation_is_a_base_payment():
    base = [ar.Capitation(pmpm=300)]
    results = study(ar.PayForPerformance(withhold_rate=0.1), base=base).run(2, progress=False)
    lines = lines_of(results)
    assert lines["payments"] == 300 * 12 * 300
    assert lines["withheld"] == Decimal("108000.00")


def test_payments_come_from_contracts_before_it():
    """Care that no contract claims is paid at its price and counts; a bonus of an earlier contract does not."""
    first = ar.PayForPerformance(bonus_pmpm=5)
    results = study(first, ar.PayForPerformance(withhold_rate=0.1)).run(2, progress=False)
    assert lines_of(results, contract="Quality[2]")["payments"] == lines_of(results, contract="Quality[1]")["payments"]
    alone = ar.Arm([ar.PayForPerformance(withhold_rate=0.1)])
    unclaimed = study(others={"Quality": alone}).run(2, progress=False)
    assert lines_of(unclaimed)["payments"] == lines_of(results, contract="Quality[2]")["payments"]


def test_small_denominators_do_not_count():
    panel = make_panel(100, age=np.where(np.arange(100) < 20, 60.0, 30.0))
    measures = [
        ar.Measure("few", rate=0.2, eligible={"age": (50, 75)}),
        ar.Measure("all", rate=0.9),
    ]
    arms = {f"at least {least}": least for least in (1, 20, 21, 101)}
    others = {
        name: [ar.FeeForService(), ar.PayForPerformance(bonus_pmpm=1, minimum_eligible=least)]
        for name, least in arms.items()
    }
    others["both"] = [ar.FeeForService(), ar.PayForPerformance(bonus_pmpm=1, minimum_eligible=21, minimum_measures=2)]
    results = study(panel=panel, measures=measures, others=others).run(5, progress=False)
    few, every = (results.found(name, "Fees")[0] / n for name, n in (("few", 20), ("all", 100)))
    for name, score in {
        "at least 1": (few + every) / 2,
        "at least 20": (few + every) / 2,
        "at least 21": every,
        "at least 101": 0 * every,
        "both": 0 * every,
    }.items():
        np.testing.assert_allclose(paid(results, name), 1_200 * score, atol=1e-9, err_msg=name)
    assert "few_share" not in lines_of(results, arm="at least 21")
    assert lines_of(results, arm="at least 21")["few_eligible"] == 20


def test_the_calculator_asks_for_denominators():
    measures = {name: ar.MeasureLadder(ladder=[(0, 0), (1, 1)]) for name in ("few", "all")}
    plan = ar.PayForPerformance(measures=measures, bonus_pmpm=1, minimum_eligible=21)
    given = {"few": 0.2, "all": 0.9, "all_eligible": 100, "member_months": 1_200}
    assert plan.settle(few_eligible=20, **given)["bonus"] == 1_080
    assert plan.settle(few_eligible=21, **given)["bonus"] == 660
    with pytest.raises(ar.InputError, match="must have the columns few_eligible"):
        plan.settle(**given)


def test_improving_earns_from_the_year_before():
    """A baseline of the year before, where there is one; base years are one where they are simulated."""
    measure = {"m": ar.MeasureLadder(ladder=[(0.95, 0), (0.96, 1)], improvement=0.5)}
    contract = ar.PayForPerformance(measures=measure, bonus_pmpm=1)
    measures = [ar.Measure("m", rate=0.6)]
    for base_years in (0, 1):
        results = study(contract, measures=measures, years=2, base_years=base_years).run(30, progress=False)
        rates = {year: results.found("m", "Quality", year=year)[0] / 300 for year in (1, 2)}
        share = np.clip((rates[2] - rates[1]) / (0.5 * (0.96 - rates[1])), 0, 1)
        np.testing.assert_allclose(paid(results, year=2), 3_600 * share, atol=1e-6)
        first = paid(results, year=1)
        assert (first > 0).any() == bool(base_years)


def test_better_care_never_earns_less():
    """The same luck at a higher rate: no bonus falls and no penalty rises."""
    terms = {"withhold_rate": 0.1, "bonus_pmpm": 1, "penalty_rate": 0.05}
    earned = {}
    for rate in (0.4, 0.6, 0.8):
        measures = [ar.Measure("m", rate=rate, benchmarks=(0.3, 0.9))]
        results = study(ar.PayForPerformance(**terms), measures=measures).run(100, progress=False)
        earned[rate] = paid(results)
    assert (earned[0.4] <= earned[0.6]).all()
    assert (earned[0.6] <= earned[0.8]).all()
    assert (earned[0.4] < earned[0.8]).all()


def test_no_more_is_owed_or_earned_than_is_at_stake():
    measures = [ar.Measure("m", rate=0.5, sd_between=0.25)]
    contract = ar.PayForPerformance(withhold_rate=0.1, bonus_pmpm=1, bonus_rate=0.02, penalty_rate=0.05)
    results = study(contract, members=20, measures=measures).run(400, progress=False)
    fees, settled = results.values("provider_revenue", "Fees"), paid(results)
    payments = 0.8 * fees  # members pay a fifth
    assert (settled >= -0.15 * payments - 1e-9).all()
    assert (settled <= 240 + 0.02 * payments + 1e-9).all()


def two_payers(commercial, medicare, members=400):
    """Each payer with fees and its own quality pay, on measures of its own members."""
    panel = make_panel(members, payer=np.where(np.arange(members) < members // 4, "Medicare", "Commercial"))
    measures = [
        ar.Measure("screening", rate=0.7, eligible={"payer": ["Commercial"]}),
        ar.Measure("falls", rate=0.4, eligible={"payer": ["Medicare"]}),
    ]
    fees = ar.FeeForService()
    payers = {"Commercial": [fees, *commercial], "Medicare": [fees, *medicare]}
    others = {"Quality": ar.Arm(payers=payers)}
    return study(panel=panel, measures=measures, others=others).run(40, progress=False)


SCREENING = ar.PayForPerformance(measures=["screening"], bonus_pmpm=2, withhold_rate=0.02)
FALLS = ar.PayForPerformance(measures=["falls"], penalty_rate=0.05, bonus_pmpm=1)


def test_payers_pay_for_their_own_members():
    results = two_payers([SCREENING], [FALLS])
    met, eligible = results.found("screening", "Quality")
    assert (eligible == 300).all()
    for replicate in (0, 7):
        commercial = lines_of(results, replicate, contract="Quality.payers[Commercial][1]")
        medicare = lines_of(results, replicate, contract="Quality.payers[Medicare][1]")
        assert (commercial["member_months"], medicare["member_months"]) == (3_600, 1_200)
        assert float(commercial["score"]) == pytest.approx(met[replicate] / 300)
        ledger = results.statement("Quality", replicate=replicate).ledger()
        claims = ledger[ledger["account"] == "claim"].groupby("contract")["amount"].sum()
        assert commercial["payments"] == claims["Quality.payers[Commercial][0]"]
        assert medicare["payments"] == claims["Quality.payers[Medicare][0]"]


def test_a_payers_payment_depends_on_its_own_terms_only():
    both, one, other = two_payers([SCREENING], [FALLS]), two_payers([SCREENING], []), two_payers([], [FALLS])
    dearer = ar.PayForPerformance(measures=["falls"], penalty_rate=0.5, bonus_pmpm=9, minimum_eligible=50)
    changed = two_payers([SCREENING], [dearer])
    np.testing.assert_allclose(paid(both), paid(one) + paid(other), atol=1e-6)
    for replicate in (0, 21):
        of = [
            lines_of(results, replicate, contract="Quality.payers[Commercial][1]").to_dict()
            for results in (both, one, changed)
        ]
        assert of[0] == of[1] == of[2]
    assert (paid(both) != paid(changed)).all()


def test_uncertain_terms():
    contract = ar.PayForPerformance(bonus_pmpm=ar.Uniform(1, 3))
    results = study(contract, measures=[ar.Measure("m", rate=0.5)]).run(3_000, progress=False)
    assert results.study.uncertain_inputs == ["Quality[1].bonus_pmpm"]
    assert within(metrics.mean(paid(results)), 2 * 3_600 * 0.5)


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (
            {"measures": ["vaccination"]},
            'Quality[1].measures: must name measures of the study, got "vaccination" '
            "(the measures are screening, readmissions)",
        ),
        ({"measures": ["screening", "screening"]}, 'Quality[1].measures: must name each measure once, got "screening"'),
        (
            {"measures": {"screening": ar.MeasureLadder(ladder=[(0.8, 50)])}},
            "Quality[1].measures[screening].ladder[0].gives: must be between 0 and 1, got 50",
        ),
        (
            {"measures": {"screening": ar.MeasureLadder(ladder=[(0.8, 1)], weight=0)}},
            "Quality[1].measures[screening].weight: must be a finite number above 0, got 0",
        ),
        ({"withhold_rate": 10}, "Quality[1].withhold_rate: must be between 0 and 1, got 10 (did you mean 0.10?)"),
        ({"bonus_pmpm": -1}, "Quality[1].bonus_pmpm: must be between 0 and 1000000, got -1"),
        ({"bonus_rate": 2}, "Quality[1].bonus_rate: must be between 0 and 1, got 2 (did you mean 0.02?)"),
        ({"penalty_rate": float("nan")}, "Quality[1].penalty_rate: must be between 0 and 1, got nan"),
        (
            {"measures": ["screening"], "dollars_per_member": {"falls": 25}},
            'Quality[1].dollars_per_member: must name measures of the contract, got "falls" '
            "(the measures are screening)",
        ),
        (
            {"dollars_per_member": {"readmissions": 25}},
            "Quality[1].dollars_per_member: must be for measures that are better met by more members, "
            'got "readmissions", an inverse measure',
        ),
        (
            {"dollars_per_member": {"screening": -5}},
            "Quality[1].dollars_per_member[screening]: must be between 0 and 1000000, got -5",
        ),
        ({"ladder": []}, "Quality[1].ladder: must have a rung"),
        (
            {"penalty_ladder": [(0.2, 0.5), (0.4, 1)]},
            "Quality[1].penalty_ladder[1].gives: must not lie above the rung before: a better score never owes more, "
            "got 1",
        ),
        (
            {"penalty_ladder": [(0.2, 1), (0.2, 0)]},
            "Quality[1].penalty_ladder[1].from: must lie above the rung before, got 0.2",
        ),
        (
            {"pool": 1_000},
            "Quality[1].pool: must be left out in a study, which has one provider, got 1000 "
            "(give bonus_pmpm= or bonus_rate=)",
        ),
        (
            {"budget_neutral": True},
            "Quality[1].budget_neutral: must be False in a study, which has one provider, got True",
        ),
        (
            {"minimum_eligible": 0},
            "Quality[1].minimum_eligible: must be a whole number between 1 and 1000000000, got 0",
        ),
        ({"minimum_measures": 1.5}, "Quality[1].minimum_measures: must be a whole number between 1 and 1000, got 1.5"),
        ({"minimum_measures": 3}, "Quality[1].minimum_measures: must be at most the number of measures, 2, got 3"),
        (
            {"settle_month": 6},
            "Quality[1].settle_month: must be a whole month between 12 and 60, counted from the start of the year",
        ),
        ({"measures": "screening"}, "PayForPerformance.measures: must map names to MeasureLadder or None"),
        ({"measures": {"screening": 0.8}}, "PayForPerformance.measures[screening]: must be a MeasureLadder or None"),
    ],
)
def test_what_is_refused(terms, text):
    with pytest.raises(ar.InputError) as error:
        study(ar.PayForPerformance(**terms))
    assert str(error.value).startswith(text)


def test_a_study_without_measures_is_refused():
    for contract in (ar.PayForPerformance(bonus_pmpm=1), ar.PayForPerformance(measures=["m"], bonus_pmpm=1)):
        with pytest.raises(ar.InputError, match=r"Quality\[1\]\.measures: must .* measures of the study"):
            study(contract, measures=[])
