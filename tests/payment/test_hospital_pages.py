"""The pages of hospital payment run as they stand and name every fact and column; examples of docstrings run."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs/payment"
SYSTEMS = ["drg", "ltch", "outpatient"]


@pytest.mark.parametrize("name", SYSTEMS)
def test_pages_run_and_name_every_fact_and_column(name):
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(code, {}, name, None, 0)
    assert test.examples
    assert doctest.DocTestRunner().run(test, clear_globs=False).failed == 0
    words = set(re.findall(r"`(\w+)`", page))
    assert set(importlib.import_module(f"atrisk.{name}._price").KNOWN) <= words
    assert set(test.globs["paid"].columns) <= words


@pytest.mark.parametrize("name", SYSTEMS)
def test_examples_of_docstrings_run(name):
    for module in (f"atrisk.{name}", f"atrisk.{name}._price"):
        assert doctest.testmod(importlib.import_module(module)).failed == 0
