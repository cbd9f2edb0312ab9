"""Adding a rule takes its file, its line in the registration list, its words in Python, a test and a page."""

import re
from pathlib import Path

import pytest

from atrisk import _core

ROOT = Path(__file__).parents[2]
RULES = _core.rule_names()


def text_of(*patterns):
    return "\n".join(
        path.read_text(encoding="utf-8")
        for pattern in patterns
        for path in sorted(ROOT.glob(pattern))
        if path.is_file()
    )


PACKAGE = text_of("python/atrisk/**/*.py")


@pytest.mark.parametrize("name", RULES)
def test_every_rule_is_used_from_python(name):
    assert re.search(rf'Rule\(\s*"{name}"|"{name}"', PACKAGE), "nothing in the package settles by it"


def test_every_rust_file_of_rules_is_registered_or_shared():
    listing = (ROOT / "src/rules/mod.rs").read_text(encoding="utf-8")
    registered = set(re.findall(r"^    \w+ => (\w+)::", listing, re.MULTILINE))
    modules = set(re.findall(r"^(?:pub(?:\(crate\))? )?mod (\w+);$", listing, re.MULTILINE))
    assert modules - registered == {"columns", "figures", "minimum_rate"}
    files = {path.stem for path in (ROOT / "src/rules").iterdir()} - {"mod"}
    assert files == modules


def test_names_are_sorted_and_once():
    assert sorted(set(RULES)) == RULES


@pytest.mark.parametrize("name", ["RiskCorridor", "MedicalLossRatioRebate", "Sequestration"])
def test_every_rule_of_users_has_a_page(name):
    assert name in text_of("docs/rules/*.md", "docs/contracts/*.md", "docs/*.md")
