"""Every notebook runs by itself from top to bottom, shows what it is kept with, and is kept as it should be."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.notebooks import FOLDER, KEPT, SANITIZE, code_cells, is_ignored, notebooks, read, surroundings

NOTEBOOKS = notebooks()
NAMES = [
    "01_quickstart",
    "02_create_reviews",
    "03_review_images",
    "04_text_and_video",
    "05_callbacks",
    "06_results_to_dataframes",
    "07_agreement",
    "08_taggers_and_thresholds",
    "09_team_on_postgresql",
    "10_audit_in_an_hour",
    "11_catalogue_moderation",
    "12_from_the_old_review_api",
    "13_command_line",
]
MOST_CELLS = 25
MOST_BYTES = 100_000
MOST_BYTES_OF_A_PICTURE = 100_000
OPTIONS = ["-p", "nbval", "--nbval", "--nbval-cell-timeout=90", "--rootdir=.", "-p", "no:cacheprovider", "-q"]
"""Strict: the outputs of every cell without the tag `nbval-ignore-output` are those in the file."""


def sources(notebook: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in code_cells(read(notebook))]


def prose(notebook: Path) -> str:
    return "\n".join("".join(cell["source"]) for cell in read(notebook)["cells"] if cell["cell_type"] == "markdown")


def nbval(notebook: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", *OPTIONS, f"--nbval-sanitize-with={SANITIZE}", notebook.name]
    outcome = subprocess.run(
        command, cwd=folder, env=surroundings(folder), capture_output=True, text=True, timeout=280, check=False
    )
    assert outcome.returncode == 0, outcome.stdout[-5000:]
    assert f"{len(sources(notebook))} passed" in outcome.stdout


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder beside pytest's own, which every run of it shuts to other users: root's PostgreSQL is one of them."""
    with tempfile.TemporaryDirectory(prefix="cmtools-nb-") as folder:
        yield Path(folder)


def test_the_notebooks_are_these() -> None:
    assert [path.stem for path in NOTEBOOKS] == NAMES


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_unattended_and_shows_what_it_is_kept_with(notebook: Path, folder: Path) -> None:
    shutil.copy(notebook, folder)
    nbval(notebook, folder)


def test_a_notebook_that_is_opened_again_the_next_day_finds_its_file(tmp_path: Path) -> None:
    """`make notebooks` runs all of them twice."""
    (quickstart,) = notebooks("01")
    shutil.copy(quickstart, tmp_path)
    for _ in range(2):
        nbval(quickstart, tmp_path)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_short_and_kept_with_no_other_outputs_than_checked_text(notebook: Path) -> None:
    kept = read(notebook)
    assert len(kept["cells"]) <= MOST_CELLS
    assert notebook.stat().st_size <= MOST_BYTES
    for number, cell in enumerate(code_cells(kept), start=1):
        assert cell["execution_count"] == number, "nbval checks no cell that was not run: make notebooks"
        assert not (is_ignored(cell) and cell["outputs"])
        assert {kind for output in cell["outputs"] for kind in output.get("data", {})} <= KEPT


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_begins_with_the_import_and_ends_with_what_next(notebook: Path) -> None:
    assert sources(notebook)[0] == "import cmtools as cm"
    first, *_, last = read(notebook)["cells"]
    assert "".join(first["source"]).startswith("# ")
    assert any(words in "".join(first["source"]).lower() for words in ("at the end", "in the next ten minutes you"))
    assert "".join(last["source"]).startswith("## What next")


def hides_an_exception(source: str) -> bool:
    """Whether one is caught, but where a function answers with what one of our errors says: a receiver's 401."""
    if "except" not in source:
        return False
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    answered = {
        node
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.ExceptHandler)
        and node.type is not None
        and ast.unparse(node.type).startswith("cm.errors.")
        and f"{node.name}.message" in ast.unparse(node.body[-1])
    }
    return not set(handlers) <= answered


def test_an_exception_is_hidden_unless_a_function_answers_with_its_message() -> None:
    answers = "def f():\n    try:\n        g()\n    except {} as error:\n        return 401, {}"
    assert not hides_an_exception(answers.format("cm.errors.NotAuthorized", "error.message"))
    assert hides_an_exception(answers.format("cm.errors.NotAuthorized", "'no'"))
    assert hides_an_exception(answers.format("Exception", "error.message"))
    assert hides_an_exception("try:\n    g()\nexcept cm.errors.NotAuthorized as error:\n    print(error.message)")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_hides_an_exception(notebook: Path) -> None:
    assert not [source for source in sources(notebook) if "suppress" in source or hides_an_exception(source)]
    tags = {tag for cell in code_cells(read(notebook)) for tag in cell["metadata"].get("tags", [])}
    assert tags <= {"nbval-ignore-output"}


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_widget_that_is_shown_has_a_picture_for_who_reads_without_running(notebook: Path) -> None:
    shown = [
        name
        for name in ("ReviewBoard(", "CreateReviews(", "AgreementDashboard(", "Portal(")
        if name in "".join(sources(notebook))
    ]
    assert not shown or "](images/" in prose(notebook)


def test_every_picture_is_shown_somewhere_and_small() -> None:
    pages = [prose(path) for path in NOTEBOOKS] + [path.read_text("utf-8") for path in FOLDER.glob("reference/*.md")]
    pages.append((FOLDER.parent / "README.md").read_text("utf-8"))
    for picture in (FOLDER / "images").iterdir():
        assert any(f"images/{picture.name})" in page for page in pages), f"{picture.name} is shown nowhere"
        assert picture.stat().st_size <= MOST_BYTES_OF_A_PICTURE
