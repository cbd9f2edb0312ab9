"""Every notebook runs from beginning to end; its last cell asserts, within stated errors, the figures of its text."""

import re
from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
LARGEST = 600_000  # bytes, pictures included
SECONDS = 180  # of one cell


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cell):
    """What a cell wrote to its standard output."""
    return "".join(out["text"] for out in cell.outputs if out.output_type == "stream" and out["name"] == "stdout")


def dollar_signs(text):
    """Dollar signs of a text outside of code, with what follows."""
    return re.findall(r"\$[^`\s]*", re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL))


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_as_it_ran(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert path.stat().st_size < LARGEST
    assert notebook.metadata.kernelspec.name == "python3"
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert {out.output_type for cell in cells for out in cell.outputs} <= {"stream", "display_data", "execute_result"}
    assert not [out for cell in cells for out in cell.outputs if out.get("name") == "stderr"]
    assert shown(cells[-1]) == "All figures hold\n"


def test_dollar_signs_are_found_outside_of_code():
    assert dollar_signs("9 dollars, `'$5 or $6'`") == []
    assert dollar_signs(r"from $9 to \$35 more") == ["$9", "$35"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_dollars_of_a_notebook_are_written_as_a_word(path):
    """JupyterLab makes a formula of what is between two dollar signs, with a backslash before them or without."""
    texts = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    assert not [found for text in texts for found in dollar_signs(text)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_its_figures_hold(path, tmp_path, monkeypatch):
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    notebook = nbformat.read(path, as_version=4)
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    where = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=where).execute()
    cells = code_cells(notebook)
    errors = [out.evalue for cell in cells for out in cell.outputs if out.output_type == "error"]
    assert not errors
    assert "assert " in cells[-1].source
    assert shown(cells[-1]) == "All figures hold\n"
