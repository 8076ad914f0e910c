"""The notebooks: they define nothing, hold no output, and run with a short horizon."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
FILES = sorted(NOTEBOOKS.glob("*.ipynb"))
SMALLER: dict[str, dict[str, Any]] = {
    "01_a_first_run": {"replications": 4, "years": 2},
    "02_carers_or_households": {"replications": 6, "years": 2},
    "03_from_a_return_to_a_scenario": {
        "children": 80, "years_of_return": 4, "resamples": 10, "replications": 2, "years": 1,
    },
    "04_forecasting_uasc_peaks": {
        "children": 150, "years_of_counts": 4, "months": 24, "paths": 100, "replications": 2,
        "years": 2,
    },
    "05_from_scenario_to_growth_line": {"replications": 4, "years": 2},
}  # fmt: skip
"""What the parameters of each are in the test."""


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def python(source: str) -> str:
    """Code without what only a notebook understands."""
    return re.sub(r"^%.*$", "pass", source, flags=re.MULTILINE)


def test_five_numbered_notebooks_are_there() -> None:
    assert [path.stem for path in FILES] == sorted(SMALLER)
    assert [path.name[:2] for path in FILES] == ["01", "02", "03", "04", "05"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_notebook_defines_nothing_and_holds_no_output(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    for cell in code(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None
        defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        assert not [n for n in ast.walk(ast.parse(python(cell.source))) if isinstance(n, defined)]
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_first_cell_of_code_holds_the_parameters(path: Path) -> None:
    first, *rest = code(read(path))
    assert first.metadata["tags"] == ["parameters"]
    body = ast.parse(first.source).body
    assert all(isinstance(line, ast.Assign) for line in body)
    names = {line.targets[0].id for line in body}
    assert set(SMALLER[path.stem]) <= names
    for name in names:
        assert any(re.search(rf"\b{name}\b", cell.source) for cell in rest), name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_notebook_begins_with_its_question_and_leads_on(path: Path) -> None:
    notebook = read(path)
    first = notebook.cells[0]
    assert first.cell_type == "markdown"
    number = int(path.name[:2])
    assert first.source.startswith(f"# {number}. ")
    assert re.search(r"^\*\*.*\?\*\*$", first.source, re.MULTILINE)
    links = re.findall(r"\]\(([^)#]+)", "\n".join(cell.source for cell in notebook.cells))
    for link in links:
        assert (NOTEBOOKS / link).exists(), link


def shrunk(notebook: Any, smaller: dict[str, Any], folder: Path) -> Any:
    """The notebook with the parameters of the test."""
    first = code(notebook)[0]
    tree = ast.parse(first.source)
    there = {line.targets[0].id for line in tree.body}
    wanted = {**smaller, **({"folder": str(folder)} if "folder" in there else {})}
    first.source += "".join(f"\n{name} = {value!r}" for name, value in wanted.items())
    return notebook


@pytest.mark.notebook
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nbclient import NotebookClient

    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    notebook = shrunk(read(path), SMALLER[path.stem], tmp_path)
    here = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=here).execute()
    said = [output for cell in code(notebook) for output in cell.outputs]
    assert not [o for o in said if o.output_type == "error" or o.get("name") == "stderr"], said
    shown = [bundle for o in said if (bundle := o.get("data"))]
    assert [b for b in shown if "application/vnd.plotly.v1+json" in b], "it shows no chart"
    text = "".join(str(value) for bundle in shown for value in bundle.values())
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
