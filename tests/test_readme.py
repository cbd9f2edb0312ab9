"""The README's example runs as it stands, and the docstring examples too."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import matplotlib as mpl
import pytest

import atrisk as ar

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_readme_runs():
    mpl.use("Agg")
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    names = {}
    exec(compile(code, "README.md", "exec"), names)  # noqa: S102 - our own text
    summary = names["results"].summary()
    assert list(summary.index) == list(names["arms"])
    losses = summary["probability_of_loss"]
    assert losses["Fee-for-service"] < losses["Global capitation"] < 0.6


def test_the_readme_settles_figures_of_ones_own():
    mpl.use("Agg")
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    settling = next(block for block in blocks if "mssp.settle" in block)
    names = {"ar": ar}
    for line in settling.splitlines():
        exec(compile(line, "README.md", "exec"), names)  # noqa: S102 - our own text
    mpl.pyplot.close("all")
    settled = ar.mssp.settle(names["acos"])
    assert len(settled) == 453
    statement = ar.SharedSavings.mssp("ENHANCED", year=2024).settle(
        benchmark=120e6, spending=114e6, members=9_800, quality_score=0.82
    )
    assert float(statement["earned"]) == 0.75 * 6e6 * 0.98


def test_links_lead_somewhere():
    for page in [*Path(__file__).parents[1].glob("*.md"), *(Path(__file__).parents[1] / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), (page, target)


# The compiled module has no examples.
MODULES = {module.name for module in pkgutil.walk_packages(ar.__path__, "atrisk.")} - {"atrisk._core"}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_docstring_examples(name):
    found = doctest.testmod(importlib.import_module(name), extraglobs={"ar": ar}, optionflags=doctest.ELLIPSIS)
    assert found.failed == 0
