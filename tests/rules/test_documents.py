"""The pages of rules run as they stand, and name every term and fact."""

import dataclasses
import doctest
import re
from pathlib import Path

import pytest

import atrisk as ar
from atrisk._spec import snake_case
from atrisk.rules import _presets

ROOT = Path(__file__).parents[2]
RULES = [
    ar.MedicalLossRatioRebate,
    ar.MedicareAdvantageBid,
    ar.MedicareAdvantageScore,
    ar.RiskCorridor,
    ar.Sequestration,
]
FACTS = {
    ar.MedicalLossRatioRebate: [name for name, *_ in ar.MedicalLossRatioRebate(standard=0.8).rule().core.facts()],
    ar.MedicareAdvantageBid: ["benchmark", "bid", "stars", "risk_score"],
    ar.MedicareAdvantageScore: ["raw_v24", "raw_v28"],
    ar.RiskCorridor: ["target", "cost"],
    ar.Sequestration: ["amount", "date", "rate"],
}


def page(rule):
    """The page of a rule; one that is a contract too has its page among contracts."""
    folder = "contracts" if issubclass(rule, ar.Contract) else "rules"
    return (ROOT / f"docs/{folder}/{snake_case(rule.__name__)}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", RULES)
def test_examples_run(rule):
    code = "\n".join(re.findall(r"```python\n(.*?)```", page(rule), re.DOTALL))
    test = doctest.DocTestParser().get_doctest(code, {}, rule.__name__, None, 0)
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize("rule", RULES)
def test_terms_and_facts_are_the_words_of_the_page(rule):
    rows = [line.split("|")[1] for line in page(rule).splitlines() if line.startswith("| ")]
    # On pages of contracts what is marked is a term: facts stand as plain words.
    marked = r"\w+" if issubclass(rule, ar.Contract) else r"`(\w+)`"
    words = set(re.findall(marked, " ".join(rows)))
    terms = {field.name for field in dataclasses.fields(rule)}
    assert terms | set(FACTS[rule]) <= words
    assert all(re.search(rf"^    .*\b{term}\b.* : ", rule.__doc__, re.MULTILINE) for term in terms)


@pytest.mark.parametrize("file", [path.name for path in (ROOT / "python/atrisk/rules").glob("*.csv")])
def test_every_figure_has_a_source_and_says_how_sure_it_is(file):
    rows = _presets.table(file)
    assert rows
    for row in rows:
        assert row["source"], row
        assert row["confidence"] in {"read", "read_secondary", "recalled", "doubtful"}, row
        assert None not in row.values(), row
