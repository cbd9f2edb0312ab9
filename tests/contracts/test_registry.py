"""Adding a contract takes five steps; this test fails when one is missing."""

import dataclasses
import inspect
import re
from pathlib import Path

import pytest

import atrisk as ar
from atrisk import _core, contracts
from atrisk._spec import snake_case
from atrisk.contracts._tags import tags

#: Terms that become something else before the core sees them: a loading a premium, a source the first of the notes.
IN_PYTHON_ALONE = {
    "episode_bundle": {"source"},
    "medical_loss_ratio_rebate": {"source"},
    "risk_corridor": {"source"},
    "stop_loss": {"loading"},
}
ROOT = Path(__file__).parents[2]
NAMES = _core.contract_names()


def python_contracts():
    classes = [getattr(contracts, name) for name in contracts.__all__]
    return {snake_case(cls.__name__): cls for cls in classes if cls is not contracts.Contract}


def names_in(folder, pattern):
    return sorted(
        re.fullmatch(pattern, path.name)[1] for path in (ROOT / folder).iterdir() if re.fullmatch(pattern, path.name)
    )


def test_the_core_registers_contracts():
    assert sorted(set(NAMES)) == NAMES
    assert len(NAMES) >= 4


@pytest.mark.parametrize("name", NAMES)
def test_every_contract_has_its_five_pieces(name):
    assert (ROOT / f"src/contracts/{name}.rs").is_file(), "one Rust file"
    listing = (ROOT / "src/contracts/mod.rs").read_text(encoding="utf-8")
    assert re.search(rf"^mod {name};$", listing, re.MULTILINE), "its mod line"
    assert re.search(rf"^    {name} => \w+,$", listing, re.MULTILINE), "its line in the registration list"
    cls = python_contracts()[name]
    assert inspect.getmodule(cls).__name__ == f"atrisk.contracts.{name}", "one Python dataclass"
    assert getattr(ar, cls.__name__) is cls
    assert (ROOT / f"tests/contracts/test_{name}.py").is_file(), "one test file"
    assert (ROOT / f"docs/contracts/{name}.md").is_file(), "one page of documentation"


@pytest.mark.parametrize("name", NAMES)
def test_every_contract_has_its_tags(name):
    own = python_contracts()[name].tags()
    assert set(own) == {"lan_category", "vbpr_payment_stream", "source", "confidence"}
    assert all(own.values())
    assert own["confidence"] in {"recalled", "derived"}
    assert (own["lan_category"] == "none") == (own["vbpr_payment_stream"] == "none")


def test_the_catalogue_agrees_with_the_tags():
    """The category of a model is one of those of its last contract that has one."""
    for made_of, category in ar.catalogue(risk=False)[["contracts", "lan_category"]].itertuples(index=False):
        tagged = [getattr(contracts, each).tags()["lan_category"] for each in re.findall(r"[A-Z]\w+", made_of)]
        known = [tag for tag in tagged if tag != "none"]
        assert any(category in re.split(r"\W+", tag) for tag in known), made_of


def test_nothing_is_left_over():
    assert sorted(python_contracts()) == NAMES
    assert sorted(tags()) == NAMES
    assert names_in("docs/contracts", r"(\w+)\.md") == NAMES
    assert sorted({*names_in("tests/contracts", r"test_(\w+)\.py")} - {"registry"}) == NAMES
    assert names_in("python/atrisk/contracts", r"([a-z]\w+)\.py") == NAMES
    shared = {
        "adjusted_benchmark",
        "arrangement",
        "before",
        "benchmark",
        "book",
        "bundle_settlement",
        "bundle_terms",
        "care_cost",
        "episode_baseline",
        "episode_payments",
        "episode_windows",
        "incentives",
        "interim",
        "layers",
        "mod",
        "order",
        "participants",
        "payment_adjustment",
        "pmpm_bands",
        "programmes",
        "quality",
        "quality_score",
        "savings_settlement",
        "scope",
        "settle_month",
        "stop_loss_cover",
    }
    assert set(names_in("src/contracts", r"(\w+)\.rs")) - shared == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_terms_are_the_same_words_everywhere(name):
    """Python fields, the Rust struct and the page of documentation name the same terms."""
    fields = {field.name for field in dataclasses.fields(python_contracts()[name])}
    rust = (ROOT / f"src/contracts/{name}.rs").read_text(encoding="utf-8")
    in_core = fields - IN_PYTHON_ALONE.get(name, set())
    struct = re.search(r"pub struct \w+ \{\n(.*?)\n\}", rust, re.DOTALL)[1]
    assert set(re.findall(r"^    (?:pub\(super\) )?(\w+): ", struct, re.MULTILINE)) == in_core
    page = (ROOT / f"docs/contracts/{name}.md").read_text(encoding="utf-8")
    table = "\n".join(line for line in page.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)`", "\n".join(line.split("|")[1] for line in table.splitlines()))) == fields
    docstring = python_contracts()[name].__doc__
    assert all(re.search(rf"^    .*\b{field}\b.* : ", docstring, re.MULTILINE) for field in fields)
