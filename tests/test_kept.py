"""What a run keeps on request: the figures of each payer, and the provider's cash month by month."""

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from test_errors import message

SEED = 4
MEMBERS = 300
SERVICES = [
    ar.Service("visits", per_1000=4_000, allowed=ar.Gamma(mean=100, cv=0.8), own_cost=60, coinsurance=0.1),
    ar.Service("stays", per_1000=150, allowed=ar.LogNormal(mean=9_000, cv=1.5), delivered_by="other_providers"),
]
SHARING = ar.SharedSavings(
    benchmark_pmpm=150, sharing_rate=0.5, loss_rate=0.5, basis="allowed", truncation=20_000.0, benchmark_truncated=True
)
OF_PAYERS = {"Commercial": [ar.Capitation(pmpm=170)], "Medicare": [ar.FeeForService(), SHARING]}


def panel():
    """Members with names of their own, so that one is the same in any panel."""
    rng = np.random.default_rng(8)
    return pd.DataFrame(
        {
            "member_id": [f"member {number}" for number in range(MEMBERS)],
            "age": rng.integers(20, 90, MEMBERS),
            "sex": rng.choice(["female", "male"], MEMBERS),
            "risk_score": rng.gamma(4.0, 0.25, MEMBERS),
            "payer": rng.choice(["Commercial", "Medicare"], MEMBERS),
        }
    )


def study(frame, arms, **care):
    utilization = ar.Utilization(services=SERVICES, frailty_cv=0.6, **care)
    return ar.Study(ar.Population.from_frame(frame), utilization, arms, years=2, seed=SEED)


@pytest.fixture(scope="module")
def results():
    shared = ar.StopLoss(attachment_point=20_000, premium_pmpm=25)
    arms = {"Both": ar.Arm([shared], payers=OF_PAYERS), "Fees": ar.FeeForService()}
    return study(panel(), arms, fixed_cost_per_month=1_000).run(60, keep=("payers", "months"), progress=False)


@pytest.mark.parametrize("payer", OF_PAYERS)
def test_a_payers_figures_are_those_of_its_members_alone(results, payer):
    """A panel of its members under its contracts alone has the same worlds, and comes to the same dollars."""
    frame = panel()
    alone = study(frame[frame["payer"] == payer], {"Its own": OF_PAYERS[payer]}).run(60, progress=False)
    for figure in ("member_months", "allowed", "paid", "provider_revenue", "provider_cost", "payer_spend"):
        for year in (1, 2):
            of_payer = results.values(figure, "Both", year=year, payer=payer)
            np.testing.assert_allclose(of_payer, alone.values(figure, "Its own", year=year), rtol=1e-9, atol=1e-6)
    assert results.values("provider_net", "Both", payer=payer).std() > 0


def test_payers_and_what_is_shared_add_up(results):
    table = results.payers()
    assert table.loc["Both"].index.tolist() == ["Commercial", "Medicare", "shared", "total"]
    for arm in ("Both", "Fees"):
        parts = table.loc[arm].filter(regex="_mean$")
        np.testing.assert_allclose(parts.iloc[:3].sum(), parts.loc["total"], atol=1e-6)
    # Fixed costs of two years, and in one arm the premium less what the cover repays, are of no payer.
    months = results.values("member_months", "Both").mean()
    assert table.loc[("Fees", "shared"), "provider_net_mean"] == pytest.approx(-24_000)
    assert table.loc[("Both", "shared"), "provider_cost_mean"] < 24_000 + 25 * months
    assert table.loc[("Both", "shared"), "member_months_mean"] == 0
    summary = results.summary()
    assert table.loc[("Both", "total"), "provider_net_sd"] == pytest.approx(summary.loc["Both", "provider_net_sd"])


def test_cash_by_month_ends_at_the_net_and_has_the_known_trough(results):
    """All cash has moved after the last settlement: month 21 of the second year is month 33."""
    for arm, last in (("Both", 33), ("Fees", 24)):
        balance = results.cash_balance(arm)
        assert balance.shape == (60, last)
        np.testing.assert_allclose(balance[:, -1], results.values("provider_net", arm), atol=1e-6)
        np.testing.assert_allclose(balance.min(axis=1), results.values("minimum_cash", arm), atol=0.006)
        months = results.values("minimum_cash_month", arm).astype(int)
        np.testing.assert_allclose(balance[np.arange(60), months - 1], balance.min(axis=1), atol=0.006)
    settled = np.diff(results.cash_balance("Both"), axis=1)
    months = np.arange(2, 34)
    moves = months[(settled != 0).any(axis=0)]
    # After month 24 the cover of year 2 pays in its month 15, and savings of year 2 settle in its month 21.
    assert moves[moves > 24].tolist() == [27, 33]


def test_keeping_changes_no_figure_and_survives_a_file(results, tmp_path):
    plain = results.study.run(60, progress=False)
    pd.testing.assert_frame_equal(plain.to_pandas(), results.to_pandas())
    results.save(tmp_path / "kept.atrisk")
    loaded = ar.load(tmp_path / "kept.atrisk")
    np.testing.assert_array_equal(loaded.cash_balance("Both"), results.cash_balance("Both"))
    again, of = results.rerun(), {"figure": "paid", "arm": "Both", "payer": "Medicare"}
    np.testing.assert_array_equal(again.values(**of), results.values(**of))


def test_what_was_not_kept_is_refused(results):
    plain = results.study.run(2, progress=False)
    assert message(plain.payers) == "values.payer: must be kept, got 'Commercial' (run with keep=\"payers\")"
    text = "cash_balance: must be kept, got 'Both' (run with keep=\"months\")"
    assert message(lambda: plain.cash_balance("Both")) == text
    text = "run.keep: must be of payers, months, got 'services'"
    assert message(lambda: results.study.run(2, keep="services")) == text
    assert message(lambda: results.study.run(2, keep=3)) == "run.keep: must be of payers, months, got 3"
    text = "run.keep: must not have months where cash=False, got 'months'"
    assert message(lambda: results.study.run(2, keep="months", cash=False)) == text
    text = "values.payer: must be one of Commercial, Medicare, got 'Medicaid'"
    assert message(lambda: results.values("paid", "Both", payer="Medicaid")) == text
    text = message(lambda: results.values("minimum_cash", "Both", payer="Medicare"))
    assert text.startswith("values.figure: must be one of member_months, allowed, ")
