"""Every notebook runs from top to bottom with nobody in front of it, and is kept as it should be."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MOST_CELLS = 25
MOST_BYTES = 100_000


def cells(notebook: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return found


def code(notebook: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in cells(notebook) if cell["cell_type"] == "code"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_twice_unattended(notebook: Path, tmp_path: Path) -> None:
    """The second run finds the file of the first, as one does who opens the notebook again the next day."""
    shutil.copy(notebook, tmp_path)
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "run"), "JUPYTER_PLATFORM_DIRS": "1"}
    options = ["--nbval-lax", "--nbval-cell-timeout=60", "--rootdir=.", "-p", "no:cacheprovider", "-q"]
    for _ in range(2):
        outcome = subprocess.run(
            [sys.executable, "-m", "pytest", *options, notebook.name],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert outcome.returncode == 0, outcome.stdout[-5000:]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_short_and_kept_without_outputs(notebook: Path) -> None:
    assert len(cells(notebook)) <= MOST_CELLS
    assert notebook.stat().st_size <= MOST_BYTES
    for cell in cells(notebook):
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_begins_with_the_import_and_ends_with_what_next(notebook: Path) -> None:
    assert code(notebook)[0] == "import cmtools as cm"
    assert "".join(cells(notebook)[-1]["source"]).startswith("## What next")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_pictures_that_a_notebook_shows_are_there(notebook: Path) -> None:
    shown = [
        part.split(")")[0]
        for cell in cells(notebook)
        if cell["cell_type"] == "markdown"
        for part in "".join(cell["source"]).split("](")[1:]
    ]
    assert [name for name in shown if "://" not in name and not (FOLDER / name).exists()] == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_hides_an_exception(notebook: Path) -> None:
    assert not [cell for cell in code(notebook) if "except" in cell or "raises-exception" in cell]


def test_there_is_a_quickstart() -> None:
    assert NOTEBOOKS[0].name == "01_quickstart.ipynb"
