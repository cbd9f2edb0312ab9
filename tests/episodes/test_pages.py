"""The pages of episodes run as they stand, and name every term, rule and line."""

import dataclasses
import doctest
import re
from pathlib import Path

import pytest

from atrisk.contracts.episode_bundle import EpisodeBundle
from atrisk.episodes import PriceRules
from atrisk.episodes._settle import FACTS

ROOT = Path(__file__).parents[2]
BUNDLES, PRICES = "docs/contracts/episode_bundle.md", "docs/episodes.md"


def page(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [BUNDLES, PRICES])
def test_examples_run(name):
    code = "\n".join(re.findall(r"```python\n(.*?)```", page(name), re.DOTALL))
    test = doctest.DocTestParser().get_doctest(code, {}, name, None, 0)
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize(("name", "of"), [(BUNDLES, EpisodeBundle), (PRICES, PriceRules)])
def test_terms_are_the_words_of_the_page(name, of):
    rows = [line.split("|")[1] for line in page(name).splitlines() if line.startswith("| `")]
    fields = {field.name for field in dataclasses.fields(of)}
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == fields
    assert all(re.search(rf"^    .*\b{field}\b.* : ", of.__doc__, re.MULTILINE) for field in fields)


@pytest.mark.parametrize("kind", ["retrospective", "prospective"])
def test_facts_are_the_words_of_the_page(kind):
    bundle = EpisodeBundle(episodes="lejr", kind=kind)
    assert {name for name, *_ in bundle.rule().core.facts()} <= set(re.findall(r"\w+", page(BUNDLES)))


def test_columns_are_those_of_the_page():
    columns = page(BUNDLES).split("| column |")[1].split("```")[0]
    assert set(re.findall(r"^\| ([a-z_]+) \|", columns, re.MULTILINE)) == set(FACTS)
