"""The page's example gives what the page shows, and its figures are those of the data."""

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "claims.md").read_text(encoding="utf-8")


def run(code):
    out = io.StringIO()
    names = {}
    with redirect_stdout(out):
        exec(compile(code, "docs/claims.md", "exec"), names)  # noqa: S102 - the code of our own page
    return out.getvalue(), names


def test_the_example_prints_what_the_page_shows():
    code, shown = re.findall(r"```(?:python)?\n(.*?)```", PAGE, re.DOTALL)[:2]
    printed, names = run(code)
    assert printed == shown
    control = names["years"].report.control
    assert control.loc["in person-years", "dollars"] == names["years"].dollars.sum() == 15_660.25


def test_the_synpuf_example_runs():
    code = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
    _, names = run("import atrisk as ar\n" + code)
    assert len(names["years"]) == 949
