"""The pages of skilled nursing and hospice run as they stand, and name every fact, table column and line."""

import re
from pathlib import Path

import pytest

import atrisk as ar
from atrisk.hospice._lines import KNOWN as HOSPICE
from atrisk.snf._claims import KNOWN as SNF
from atrisk.snf._groups import KNOWN as GROUPS

ROOT = Path(__file__).parents[2]


def page(name):
    return (ROOT / f"docs/payment/{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "facts"), [("snf", SNF), ("hospice", HOSPICE)])
def test_every_fact_is_on_its_page_and_in_its_docstring(name, facts):
    docstring = getattr(ar, name).price.__doc__
    for fact in facts:
        assert f"`{fact}`" in page(name), fact
        assert fact in docstring, fact


def test_every_clinical_input_is_in_the_docstring():
    for fact in GROUPS:
        assert f"``{fact}``" in ar.snf.groups.__doc__, fact


def test_every_step_is_on_its_page():
    claim = {"hipps": "NHNC1", "area": "urban", "wage_index": 1.0, "days": 3, "calendar_year": 2026}
    priced = ar.snf.price(claim, fiscal_year=2026)
    for column in list(priced)[list(priced).index("physical_therapy_rate") :]:
        assert f"`{column}`" in page("snf"), column


@pytest.mark.parametrize("name", ["snf", "hospice"])
def test_the_example_runs(name):
    (code,) = re.findall(r"```python\n(.*?)```", page(name), re.DOTALL)
    lines = code.strip().splitlines()
    expected = re.findall(r"payment ([\d,.]+\d)", lines[-1])[-1]
    names = {"ar": ar}
    *before, last = [line for line in lines if not line.startswith("#")]
    for line in before:
        exec(line, names)  # noqa: S102 - our own text
    assert f"{eval(last, names)['payment']:,}" == expected  # noqa: S307 - our own text
