"""Adding a payment system takes its file, its line in the registration list, its words in Python, a test and a page."""

import inspect
import re
from pathlib import Path

import pytest

import atrisk as ar
from atrisk import _core
from atrisk._figures import CONFIDENCES
from atrisk._payment import _tables

ROOT = Path(__file__).parents[2]
SYSTEMS = ("drg", "home_health", "hospice", "irf", "ltch", "outpatient", "snf", "therapy")
PACKAGE = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "python/atrisk").rglob("*.py"))


@pytest.mark.parametrize("name", _core.payment_names())
def test_every_rule_of_a_system_is_used_from_python(name):
    assert f'"{name}"' in PACKAGE


def test_every_rust_file_is_registered():
    listing = (ROOT / "src/payment/mod.rs").read_text(encoding="utf-8")
    registered = set(re.findall(r"^    \w+ => (\w+)::", listing, re.MULTILINE))
    modules = set(re.findall(r"^mod (\w+);$", listing, re.MULTILINE))
    assert modules == registered == {path.stem for path in (ROOT / "src/payment").iterdir()} - {"mod"}
    assert sorted(set(_core.payment_names())) == _core.payment_names()


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_prices_and_explains(name):
    system = getattr(ar, name)
    for function in ("price", "explain"):
        assert inspect.signature(getattr(system, function)).parameters
        assert "Raises" in getattr(system, function).__doc__
    assert (ROOT / f"docs/payment/{name}.md").is_file()
    assert list((ROOT / "tests/payment").glob(f"test_{name}*.py"))


TABLES = [path for name in SYSTEMS for path in sorted((ROOT / "python/atrisk" / name).glob("*.csv"))]


@pytest.mark.parametrize("path", TABLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_row_of_every_table_has_a_source_and_says_how_sure_it_is(path):
    table = _tables.read(f"atrisk.{path.parent.name}", path.name)
    assert table.rows
    assert all(row["source"] and row["confidence"] in set(CONFIDENCES) for row in table.rows)
