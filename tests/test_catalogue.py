"""The catalogue of payment models: its tags, its contracts, and the order of risk that is computed and not asserted."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

import atrisk as ar
from atrisk import contracts
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


def test_without_risk_and_mistakes():
    assert "provider_net_sd_pmpm" not in ar.catalogue(risk=False)
    assert (
        message(lambda: ar.catalogue(replicates=3))
        == "catalogue.replicates: must be a whole number between 20 and 1,000,000, got 3"
    )
    assert message(lambda: ar.catalogue(risk="yes")).startswith("catalogue.risk: must be True or False")
