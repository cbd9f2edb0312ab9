"""Shared savings: benchmark, gates, limits, truncation and basis, against spending computed from the claims."""

from decimal import Decimal

import numpy as np
import pytest

import atrisk as ar
from conftest import make_panel

SERVICES = [
    ar.Service("admissions", per_1000=400, allowed=ar.LogNormal(mean=9_000, cv=1.2), delivered_by="other_providers"),
    ar.Service("visits", per_1000=4_000, allowed=100.0, coinsurance=0.2),
]
REPLICATES = 40


def settle(fee_level=1.0, **terms):
    terms = {"benchmark_pmpm": 330, "basis": "allowed", "sharing_rate": 0.5} | terms
    fees = ar.FeeForService(fee_level=fee_level)
    arms = {"Fees": fees, "ACO": [fees, ar.SharedSavings(**terms)]}
    study = ar.Study(make_panel(400), ar.Utilization(services=SERVICES), arms, seed=8)
    results = study.run(REPLICATES, progress=False)
    settled = results.values("provider_revenue", "ACO") - results.values("provider_revenue", "Fees")
    return study, results, settled


def spending(study, fee_level=1.0, *, paid=False, truncation=np.inf):
    totals = []
    for replicate in range(REPLICATES):
        claims = study.claims(replicate)
        visits = fee_level * (0.8 if paid else 1.0)
        worth = claims["allowed"] * claims["service"].map({"admissions": 1.0, "visits": visits})
        totals.append(np.minimum(worth.groupby(claims["member_ix"]).sum(), truncation).sum())
    return np.array(totals)


BENCHMARK = 330 * 400 * 12


@pytest.mark.parametrize("fee_level", [1.0, 0.8])
@pytest.mark.parametrize("basis", ["allowed", "paid"])
def test_savings_are_measured_on_the_basis(basis, fee_level):
    study, _, settled = settle(fee_level, basis=basis, loss_rate=0.5)
    expected = 0.5 * (BENCHMARK - spending(study, fee_level, paid=basis == "paid"))
    np.testing.assert_allclose(settled, expected, atol=0.005)
    assert (settled > 0).any()
    assert (settled < 0).any() or basis == "paid"


def test_truncation_holds_each_member():
    study, _, settled = settle(truncation=15_000, benchmark_truncated=True, loss_rate=0.5)
    np.testing.assert_allclose(settled, 0.5 * (BENCHMARK - spending(study, truncation=15_000)), atol=0.005)


def test_one_sided_owes_nothing():
    study, _, settled = settle()
    savings = BENCHMARK - spending(study)
    np.testing.assert_allclose(settled, 0.5 * np.maximum(savings, 0), atol=0.005)
    assert (savings < 0).any()


def test_gates_and_limits():
    terms = {
        "loss_rate": 0.4,
        "minimum_savings_rate": 0.03,
        "minimum_loss_rate": 0.04,
        "payment_limit_rate": 0.04,
        "loss_limit_rate": 0.03,
    }
    study, _, settled = settle(**terms)
    savings = BENCHMARK - spending(study)
    earned = np.where(savings >= 0.03 * BENCHMARK, np.minimum(0.5 * savings, 0.04 * BENCHMARK), 0.0)
    owed = np.where(-savings >= 0.04 * BENCHMARK, np.minimum(-0.4 * savings, 0.03 * BENCHMARK), 0.0)
    np.testing.assert_allclose(settled, earned - owed, atol=0.005)
    assert (np.isclose(settled, 0.04 * BENCHMARK)).any()
    assert (np.isclose(settled, -0.03 * BENCHMARK)).any()
    assert ((settled == 0) & (savings != 0)).any()


def test_meeting_the_minimum_is_enough_and_a_cent_less_is_not():
    """One member, one visit of 100 dollars: savings are the benchmark less 100, to the cent."""
    care = ar.Utilization(services=[ar.Service("visit", per_1000=1_000, allowed=100.0)])

    def earned(rate):
        # A benchmark of 125.00 a year: savings of 25.00 are exactly 20 % of it.
        savings = ar.SharedSavings(
            benchmark_pmpm="10.416666666666666666667",
            basis="allowed",
            sharing_rate=1,
            minimum_savings_rate=rate,
        )
        study = ar.Study(make_panel(1), care, {"ACO": [ar.FeeForService(), savings]}, seed=2)
        once = next(replicate for replicate in range(50) if len(study.claims(replicate)) == 1)
        results = study.run(1, first=once, progress=False)
        exact = results.statement("ACO", replicate=once).to_frame().set_index("line")["value"]["earned"]
        simulated = results.values("provider_revenue", "ACO")[0] - 100.0
        assert simulated == pytest.approx(float(exact), abs=0.005)
        return exact

    assert earned("0.2") == Decimal("25.00")
    assert earned("0.20003") == Decimal("25.00")  # 25.00375 is 25.00 in cents: met
    assert earned("0.2001") == 0  # 25.0125 is 25.01: a cent short


def test_the_cash_moves_in_its_month():
    _, results, settled = settle(loss_rate=0.5, settle_month=30)
    earning, owing = int(np.argmax(settled)), int(np.argmin(settled))
    for replicate, account in [(earning, "shared_savings"), (owing, "shared_losses")]:
        ledger = results.statement("ACO", replicate=replicate).ledger()
        line = ledger[ledger["account"] == account]
        assert line["month_cash"].tolist() == [30]
        assert float(line["amount"].iloc[0]) == pytest.approx(abs(settled[replicate]), abs=1.0)


def statement_lines(results, replicate):
    frame = results.statement("ACO", replicate=replicate).to_frame()
    return frame[frame["kind"] == "shared_savings"].set_index("line")["value"]


def test_a_discount_and_a_withhold_come_off_the_benchmark():
    """3 % for the payer, 2 % of the rest withheld, of which a score of 0.8 brings back four fifths."""
    terms = {"loss_rate": 0.5, "quality_score": 0.8, "discount_rate": 0.03, "quality_withhold_rate": 0.02}
    study, results, settled = settle(**terms)
    adjusted = BENCHMARK * 0.97 * (1 - 0.02 * 0.2)
    np.testing.assert_allclose(settled, 0.5 * (adjusted - spending(study)), atol=0.005)
    lines = statement_lines(results, 3)
    names = ["discount", "quality_withheld", "quality_returned", "adjusted_benchmark"]
    expected = [Decimal("47520.00"), Decimal("30729.60"), Decimal("24583.68"), Decimal("1530334.08")]
    assert lines[names].tolist() == expected
    assert lines["adjusted_benchmark"] - lines["spending"] + lines["truncated"] == lines["savings"]


def test_minimums_and_limits_are_parts_of_the_adjusted_benchmark():
    """A benchmark of 125.00 less 20 % is 100.00; one visit of 75 saves a quarter of it, to the cent."""
    care = ar.Utilization(services=[ar.Service("visit", per_1000=1_000, allowed=75.0)])

    def earned(rate):
        savings = ar.SharedSavings(
            benchmark_pmpm="10.416666666666666666667",
            basis="allowed",
            sharing_rate=1,
            discount_rate="0.2",
            minimum_savings_rate=rate,
            payment_limit_rate="0.1",
        )
        study = ar.Study(make_panel(1), care, {"ACO": [ar.FeeForService(), savings]}, seed=2)
        once = next(replicate for replicate in range(50) if len(study.claims(replicate)) == 1)
        return statement_lines(study.run(1, first=once, progress=False), once)["earned"]

    assert earned("0.25") == Decimal("10.00")
    assert earned("0.2502") == 0  # 25.02: two cents short
    assert earned("0.25004") == Decimal("10.00")  # 25.004 is 25.00 in cents: met


def test_an_organization_passes_on_and_recovers():
    terms = {"loss_rate": 0.5, "distributed_share": 0.6, "recovered_share": 0.25, "settle_month": 24}
    _, alone, all_of_it = settle(loss_rate=0.5)
    _, results, revenue = settle(**terms)
    kept = results.values("provider_net", "ACO") - results.values("provider_net", "Fees")
    assert revenue.tobytes() == all_of_it.tobytes(), "what participants get is a cost"
    np.testing.assert_allclose(kept, np.where(all_of_it > 0, 0.4, 0.75) * all_of_it, atol=0.005)
    # What the payer spends is not touched by it.
    assert results.values("payer_spend", "ACO").tobytes() == alone.values("payer_spend", "ACO").tobytes()
    for replicate in (int(np.argmax(all_of_it)), int(np.argmin(all_of_it))):
        lines = statement_lines(results, replicate)
        ledger = results.statement("ACO", replicate=replicate).ledger()
        moved = ledger[ledger["account"] == "distribution"]
        saved = lines["earned"] > 0
        assert moved["amount"].tolist() == [lines["distributed" if saved else "recovered"]]
        parties = ["provider", "other_providers"] if saved else ["other_providers", "provider"]
        assert moved[["from_party", "to_party"]].to_numpy().tolist() == [parties]
        assert moved["month_cash"].tolist() == [24]
        own = ledger[ledger["contract"] == "ACO[1]"]
        sign = own["to_party"].eq("provider").astype(int) - own["from_party"].eq("provider").astype(int)
        assert lines["kept_by_organization"] == (sign * own["amount"]).sum()


MEASURES = [
    ar.Measure("screening", rate=0.7, sd_between=0.1, weight=2.0),
    ar.Measure("control", rate=0.5, benchmarks=(0.4, 0.6), drift=0.01),
]


def with_measures(measures=("screening", "control"), **terms):
    savings = {"benchmark_pmpm": 330, "basis": "allowed", "sharing_rate": 0.5, "loss_rate": 0.5} | terms
    arms = {"All of it": [ar.FeeForService(), ar.SharedSavings(**(savings | {"quality_rule": "none"}))]}
    arms["ACO"] = [ar.FeeForService(), ar.SharedSavings(**savings, quality_measures=measures)]
    care = ar.Utilization(services=SERVICES)
    return ar.Study(make_panel(400), care, arms, measures=MEASURES, years=2, seed=8)


def test_measures_of_the_study_make_the_score():
    results = with_measures(quality_rule="times_score").run(REPLICATES, progress=False)
    fees = {arm: results.values("provider_revenue", arm, year=2) for arm in results.arms}
    settled = {arm: of - results.values("paid", arm, year=2) for arm, of in fees.items()}
    spent = results.values("allowed", "ACO", year=2)
    savings = BENCHMARK - spent
    score = results.quality_score("ACO", year=2)
    difference = settled["ACO"] - settled["All of it"]
    np.testing.assert_allclose(difference, np.where(savings > 0, 0.5 * (score - 1) * savings, 0.0), atol=0.01)
    assert (savings > 0).any()
    frame = results.statement("ACO", replicate=5).to_frame()
    lines = frame[(frame["year"] == 2) & (frame["kind"] == "shared_savings")].set_index("line")["value"]
    assert float(lines["quality_score"]) == pytest.approx(score[5], abs=1e-12)
    points = 2 * lines["screening_share"] + lines["control_share"]
    assert float(points) / 3 == pytest.approx(score[5])


def test_measures_earn_back_a_withhold():
    results = with_measures(["screening"], quality_withhold_rate=0.05).run(5, progress=False)
    met, eligible = results.found("screening", "ACO", year=1)
    for replicate in range(5):
        lines = statement_lines_of_year(results, replicate, 1)
        assert lines["quality_withheld"] == Decimal("79200.00")
        assert float(lines["quality_returned"]) == pytest.approx(
            79_200 * met[replicate] / eligible[replicate], abs=0.01
        )


def statement_lines_of_year(results, replicate, year):
    frame = results.statement("ACO", replicate=replicate).to_frame()
    return frame[(frame["kind"] == "shared_savings") & (frame["year"] == year)].set_index("line")["value"]


def test_terms_that_do_nothing_move_no_bit():
    zero = dict.fromkeys(("discount_rate", "quality_withhold_rate", "distributed_share", "recovered_share"), 0)
    _, plain, settled = settle(loss_rate=0.5, minimum_savings_rate=0.01, payment_limit_rate=0.04)
    _, spelled, same = settle(loss_rate=0.5, minimum_savings_rate=0.01, payment_limit_rate=0.04, **zero)
    assert settled.tobytes() == same.tobytes()
    both = [results.statement("ACO", replicate=2).to_frame() for results in (plain, spelled)]
    assert both[0].equals(both[1])
    assert not {"discount", "adjusted_benchmark", "distributed", "quality_score"} & set(both[0]["line"])


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ({"discount_rate": 3}, "ACO[1].discount_rate: must be between 0 and 1, got 3 (did you mean 0.03?)"),
        ({"quality_withhold_rate": -0.1}, "ACO[1].quality_withhold_rate: must be between 0 and 1, got -0.1"),
        ({"distributed_share": 60}, "ACO[1].distributed_share: must be between 0 and 1, got 60 (did you mean 0.60?)"),
        ({"recovered_share": 1.01}, "ACO[1].recovered_share: must be between 0 and 1, got 1.01"),
        (
            {"quality_measures": ["screening"]},
            'ACO[1].quality_measures: must name measures of the study, got "screening" '
            "(the study has none: Study(..., measures=[Measure(...)]))",
        ),
    ],
)
def test_bad_terms_are_refused(terms, text):
    with pytest.raises(ar.InputError) as error:
        settle(**terms)
    assert str(error.value).startswith(text)


@pytest.mark.parametrize(
    ("measures", "terms", "text"),
    [
        (
            ["falls"],
            {"quality_rule": "times_score"},
            'ACO[1].quality_measures: must name measures of the study, got "falls" '
            "(the measures are screening, control)",
        ),
        (
            ["control"],
            {},
            "ACO[1].quality_measures: must be of use: nothing depends on their score "
            '(give quality_rule="times_score", loss_rate_by_quality= or quality_withhold_rate=)',
        ),
        (
            ["control"],
            {"quality_rule": "times_score", "quality_score": 0.9},
            "ACO[1].quality_score: must be left out where quality_measures make it, got 0.9",
        ),
    ],
)
def test_bad_measures_are_refused(measures, terms, text):
    with pytest.raises(ar.InputError) as error:
        with_measures(measures, **terms)
    assert str(error.value) == text


@pytest.mark.parametrize("term", ["discount_rate", "quality_withhold_rate", "distributed_share", "recovered_share"])
def test_own_figures_refuse_what_only_a_study_settles(term):
    savings = ar.SharedSavings(benchmark_pmpm=1, sharing_rate=0.5, **{term: 0.1})
    with pytest.raises(ar.InputError, match=rf"SharedSavings.{term}: must be left out where own figures are settled"):
        savings.settle(benchmark=100, spending=90)
