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
