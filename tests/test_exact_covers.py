"""Covers of one payer, lasers, contract bases and aggregate covers by the exact engine, against the simulation."""

import numpy as np
import pytest

import atrisk as ar
from atrisk import metrics
from conftest import make_care, make_rich_panel
from test_errors import message

STANDARD_ERRORS = 4.0
COVER = ar.StopLoss(attachment_point=4_000, ceded_share=0.9, limit=40_000, premium_pmpm=2.0)


def base():
    """Payers of other prices and scopes."""
    return {
        "Medicare": [ar.FeeForService(fee_level=1.3)],
        "employer": [ar.FeeForService(scope=["tests"]), ar.Capitation(pmpm=90, scope=["visits", "drugs"])],
    }


def with_cover(cover, payer=None):
    """The arm with a cover of one payer, or of all of them, and the arm without."""
    bare, covered = base(), base()
    if payer is None:
        return {"Bare": ar.Arm(payers=bare), "Covered": ar.Arm(cover, payers=covered)}
    covered[payer] = [*covered[payer], cover]
    return {"Bare": ar.Arm(payers=bare), "Covered": ar.Arm(payers=covered)}


def compare(arms, months, **at):
    """Mean and standard deviation of what is repaid, exact against 4,000 years."""
    study = ar.Study(make_rich_panel(), make_care(), arms, seed=31)
    results = study.run(4_000, progress=False)
    exact = study.exact(results, cells=2**14)
    for figure, measure in (("recovery_mean", metrics.mean), ("recovery_sd", metrics.standard_deviation)):
        row = exact.figure("Covered", figure, **at)
        repaid = results.values("provider_net", "Covered") - results.values("provider_net", "Bare")
        value, error = measure(repaid + 2.0 * months(study.population))
        print(f"{figure}: {value:,.1f} ± {error:,.1f}, exact {row.value:,.1f}, row {row.simulated}")
        assert abs(value - row.value) <= STANDARD_ERRORS * error
        assert row.simulated == pytest.approx(value, rel=1e-6)
        assert row.lower <= row.value <= row.upper
    return exact


def months_of(*payers):
    """Member-months of these payers."""

    def months(panel):
        columns = panel.columns
        return (columns["exit_month"] - columns["entry_month"] + 1)[np.isin(columns["payer"].astype(str), payers)].sum()

    return months


@pytest.mark.parametrize(("payer", "position"), [("Medicare", 1), ("employer", 2)])
def test_a_cover_of_one_payer(payer, position):
    exact = compare(with_cover(COVER, payer), months_of(payer), payer=payer, position=position)
    assert exact.figure("Covered", "allowed_mean", payer=payer).value > 0
    pmpm = exact.figure("Covered", "recovery_pmpm", payer=payer, position=position).value
    mean = exact.figure("Covered", "recovery_mean", payer=payer, position=position).value
    assert pmpm == pytest.approx(mean / months_of(payer)(make_rich_panel()), rel=1e-12)


def test_a_cover_with_all_payers_of_other_prices():
    """Only what the employer's capitation bears is covered: nothing of Medicare."""
    exact = compare(with_cover(COVER), months_of("Medicare", "employer"), position=0)
    alone = ar.Study(make_rich_panel(), make_care(), with_cover(COVER, "employer"), seed=1).exact(cells=2**14)
    one = alone.figure("Covered", "recovery_mean", payer="employer", position=2).value
    assert exact.figure("Covered", "recovery_mean", position=0).value == pytest.approx(one, rel=1e-9)


def test_payers_with_equal_contracts_are_one_panel():
    contracts = [ar.Capitation(pmpm=100), COVER]
    arms = {
        "One": contracts,
        "Two": ar.Arm(COVER, payers=dict.fromkeys(("Medicare", "employer"), ar.Capitation(pmpm=100))),
    }
    expected = ar.Study(make_rich_panel(), make_care(), arms, seed=1).expected_recoveries()
    assert expected.loc["One[1]"].tolist() == expected.loc["Two[0]"].tolist()


@pytest.mark.parametrize(
    "terms",
    [
        {"lasers": {f"member {row}": 12_000 if row % 4 else 30_000 for row in range(0, 300, 2)}},
        {"basis": "12/15", "payment_lag_months": 6},
        {"value_own_services_at": 0.4, "scope": ["visits", "tests"], "attachment_point": 400},
    ],
    ids=["lasers", "basis", "own services"],
)
def test_terms_of_a_cover(terms):
    given = {"attachment_point": 4_000, "ceded_share": 0.9, "premium_pmpm": 2.0} | terms
    capitation = ar.Capitation(pmpm=100)
    arms = {"Bare": capitation, "Covered": [capitation, ar.StopLoss(**given)]}
    compare(arms, months_of("Medicare", "employer"), position=1)


@pytest.mark.parametrize("specific", [False, True])
def test_aggregate_cover(specific):
    """Alone, and net of a specific cover that repays all above its point."""
    before = [ar.Capitation(pmpm=100), *([ar.StopLoss(attachment_point=15_000, premium_pmpm=0)] if specific else [])]
    aggregate = ar.StopLoss(kind="aggregate", attachment_rate=1.05, expected_pmpm=150, ceded_share=0.8, premium_pmpm=2)
    arms = {"Covered": [*before, aggregate], "Bare": before}
    study = ar.Study(make_rich_panel(), make_care(), arms, seed=31)
    results = study.run(4_000, progress=False)
    row = study.exact(results, cells=2**16).figure("Covered", "recovery_mean", position=len(before))
    print(row)
    assert row.lower <= row.value <= row.upper
    assert abs(row.simulated - row.value) <= STANDARD_ERRORS * row.simulated_se


def test_a_loading_of_one_payers_cover():
    terms = {"attachment_point": 4_000, "ceded_share": 0.9, "limit": 40_000}
    arms = with_cover(ar.StopLoss(**terms, loading=0.25), "Medicare")
    frame = ar.Study(make_rich_panel(), make_care(), arms, seed=1).expected_recoveries()
    row = frame.loc["Covered.payers[Medicare][1]"]
    assert row["loading"] == pytest.approx(0.25, rel=1e-12)
    assert row["premium_pmpm"] == pytest.approx(1.25 * row["expected_recovery_pmpm"], rel=1e-12)


def test_what_has_no_closed_form_is_missing_and_its_loading_refused():
    shared = ar.StopLoss(attachment_point=4_000, ceded_share=0.9, premium_pmpm=1)

    def study(**price):
        aggregate = ar.StopLoss(kind="aggregate", attachment_point=300_000, **price)
        return ar.Study(make_rich_panel(), make_care(), {"A": [ar.Capitation(pmpm=90), shared, aggregate]}, seed=1)

    frame = study(premium_pmpm=1).expected_recoveries()
    assert frame["expected_recovery_pmpm"].isna().tolist() == [False, True]
    assert message(lambda: study(loading=0.2)) == (
        "A[2].loading: has no closed form for this aggregate cover, got a cover before it that does not repay all "
        "above one point of the same dollars (give premium_pmpm=; a run of the arm with and without the cover shows "
        "what it repays)"
    )
    arms = with_cover(ar.StopLoss(kind="aggregate", attachment_point=1e5, loading=0.1))
    assert message(lambda: ar.Study(make_rich_panel(), make_care(), arms, seed=1)).startswith(
        "Covered[0].loading: has no closed form for this aggregate cover, got payers whose prices differ"
    )
