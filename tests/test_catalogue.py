"""The catalogue of payment models: its tags, its contracts, and the order of risk that is computed and not asserted."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import atrisk as ar
from atrisk import _reference, contracts
from test_errors import message

PAGE = Path(__file__).parents[1] / "docs" / "catalogue.md"
LAN = {"1", "2A", "2B", "2C", "3A", "3B", "3N", "4A", "4B", "4C", "4N", "outside"}
#: Expected from little risk to much on the reference panel, as its page has them.
ORDER = [
    "Fee-for-service",
    "Pay-for-performance",
    "Shared savings, one-sided",
    "Partial capitation",
    "Shared savings, two-sided",
    "Global capitation, stop-loss",
    "Global capitation",
]
BUNDLES = ["Episode bundle, retrospective", "Episode bundle, prospective"]
#: The same around bundles, whose places among shared savings and partial capitation are not told apart.
AROUND_BUNDLES = ["Pay-for-performance", *BUNDLES, "Global capitation, stop-loss"]


@pytest.fixture(scope="module")
def table():
    return ar.catalogue()


def test_every_model_is_made_of_contracts_there_are(table):
    for made_of in table["contracts"]:
        for name in re.findall(r"[A-Z]\w+", made_of):
            assert issubclass(getattr(contracts, name), ar.Contract)
    assert set(table["lan_category"]) <= LAN
    assert set(table["confidence"]) == {"recalled"}
    assert not (table.drop(columns=["provider_net_sd_pmpm", "provider_net_sd_pmpm_se"]) == "").any(axis=None)


def test_risk_is_computed_in_the_order_of_the_page(table):
    """Neighbours of the order differ by more than 3 of their standard errors together."""
    spread, error = table["provider_net_sd_pmpm"], table["provider_net_sd_pmpm_se"]
    print(table[["provider_net_sd_pmpm", "provider_net_sd_pmpm_se", "risk_rank"]])
    for less, more in pairwise(ORDER):
        if {less, more} == {"Partial capitation", "Shared savings, two-sided"}:
            assert spread[less] < spread[more]
        else:
            assert spread[more] - spread[less] > 3 * (error[less] ** 2 + error[more] ** 2) ** 0.5, (less, more)
    assert table["risk_rank"].tolist() == list(range(1, len(table) + 1))
    assert spread.is_monotonic_increasing


def test_bundles_stand_between_fees_and_global_capitation(table):
    spread, error = table["provider_net_sd_pmpm"], table["provider_net_sd_pmpm_se"]
    for less, more in pairwise(AROUND_BUNDLES):
        assert spread[more] - spread[less] > 3 * (error[less] ** 2 + error[more] ** 2) ** 0.5, (less, more)
    tags = contracts.EpisodeBundle.tags()
    assert table.loc[BUNDLES, "lan_category"].tolist() == ["3B", "4A"]
    assert set(table.loc[BUNDLES, "vbpr_payment_stream"]) == {tags["vbpr_payment_stream"]}


def test_bundles_settle_as_they_do_in_arms_and_move_no_other_model(monkeypatch):
    """Twenty years: the net of bundles is that of their arms, and that of fees is what it is without episodes."""
    panel = ar.Population.synthetic(_reference.PRESET, members=_reference.MEMBERS, seed=3)
    care, bundles, priced = _reference._care(), _reference._bundles, {}

    def and_one_with_shares_of_one(price):
        priced.update(bundles(price))
        priced["shares of one"] = replace(priced[BUNDLES[0]], sharing_rate=1, loss_rate=1)
        return priced

    monkeypatch.setattr(_reference, "_bundles", and_one_with_shares_of_one)
    found = _reference._nets_of_bundles(panel, care, 20, 3)
    fees = ar.FeeForService()
    arms = {"fees": fees} | {model: [fees, bundle] for model, bundle in priced.items()}
    episodic = replace(care, episodes=[_reference.STAY])
    results = ar.Study(panel, episodic, arms, seed=3).run(20, progress=False, cash=False)
    for model in (*BUNDLES, "shares of one"):
        net = found[model] * results.values("member_months", model)
        assert net == pytest.approx(results.values("provider_net", model), rel=0, abs=0.011)
    assert found["shares of one"] == pytest.approx(found[BUNDLES[1]], rel=0, abs=1e-6)
    # The price is the mean, in cents, of less than 500 episodes a year: nobody gains by it.
    gained = (results.values("provider_net", BUNDLES[1]) - results.values("provider_net", "fees")).sum()
    assert abs(gained) < 0.005 * 20 * 500
    without = ar.Study(panel, care, {"fees": fees}, seed=3).run(20, progress=False, cash=False)
    for figure in ("provider_net", "payer_spend", "allowed"):
        assert np.array_equal(results.values(figure, "fees"), without.values(figure, "fees"))


def test_the_page_has_the_figures(table):
    """Figures of the page are those of the default call, in its decimals."""
    page = PAGE.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([a-z][^|]*) \| ([\d.]+) \|$", page, re.MULTILINE))
    for names, dollars in rows.items():
        for name in re.split(r", (?=medical)", names):
            assert float(dollars) == pytest.approx(
                table.loc[name[0].upper() + name[1:], "provider_net_sd_pmpm"], abs=0.05
            )


def test_another_seed_keeps_the_order():
    other = ar.catalogue(replicates=300, seed=5)
    places = [other.loc[model, "risk_rank"] for model in ORDER if model != "Partial capitation"]
    assert places == sorted(places)
    around = [other.loc[model, "risk_rank"] for model in AROUND_BUNDLES]
    assert around == sorted(around)


def test_without_risk_and_mistakes():
    assert "provider_net_sd_pmpm" not in ar.catalogue(risk=False)
    assert (
        message(lambda: ar.catalogue(replicates=3))
        == "catalogue.replicates: must be a whole number between 20 and 1,000,000, got 3"
    )
    assert message(lambda: ar.catalogue(risk="yes")).startswith("catalogue.risk: must be True or False")
