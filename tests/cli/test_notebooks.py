"""The notebooks that come along: copied, never over a file of the user, and told of when there is another version."""

from __future__ import annotations

from pathlib import Path

import pytest

from cmtools.cli import notebooks
from cmtools.cli.notebooks import RECORD, copy_notebooks, other_notebooks


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    home = tmp_path / "shipped"
    home.mkdir()
    (home / "01_quickstart.ipynb").write_text("ours")
    (home / "reviews.db").write_text("made by somebody's run")
    (home / "images").mkdir()
    (home / "images" / "board.webp").write_text("shown in a notebook")
    (home / "reference").mkdir()
    (home / "reference" / "names.md").write_text("linked from a notebook")
    monkeypatch.setattr(notebooks, "HOMES", (tmp_path / "absent", home))
    return home


@pytest.fixture
def folder(tmp_path: Path, shipped: Path) -> Path:
    """A folder into which they were copied."""
    made = tmp_path / "mine"
    made.mkdir()
    copy_notebooks(made)
    return made


def test_notebooks_pictures_and_pages_are_copied(folder: Path) -> None:
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert found == [RECORD, "01_quickstart.ipynb", "images/board.webp", "reference/names.md"]


def test_a_file_of_the_user_is_never_written_over(folder: Path, shipped: Path) -> None:
    (folder / "01_quickstart.ipynb").write_text("mine")
    (shipped / "01_quickstart.ipynb").write_text("ours, newer")
    assert copy_notebooks(folder) == []
    assert (folder / "01_quickstart.ipynb").read_text() == "mine"


def test_a_file_that_was_there_before_us_stays_and_is_told_of_by_nobody(shipped: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "01_quickstart.ipynb").write_text("mine")
    copy_notebooks(folder)
    assert (folder / "01_quickstart.ipynb").read_text() == "mine"
    assert other_notebooks(folder) == []


@pytest.mark.parametrize("text", ["ours", "mine"])
def test_another_version_is_told_of_whether_the_copy_was_changed_or_not(folder: Path, shipped: Path, text: str) -> None:
    (folder / "01_quickstart.ipynb").write_text(text)
    assert other_notebooks(folder) == []
    (shipped / "01_quickstart.ipynb").write_text("ours, newer")
    assert other_notebooks(folder) == [folder / "01_quickstart.ipynb"]


def test_a_renamed_copy_makes_room_for_the_new_one(folder: Path, shipped: Path) -> None:
    (shipped / "01_quickstart.ipynb").write_text("ours, newer")
    (folder / "01_quickstart.ipynb").rename(folder / "my_quickstart.ipynb")
    assert copy_notebooks(folder) == [folder / "01_quickstart.ipynb"]
    assert (folder / "01_quickstart.ipynb").read_text() == "ours, newer"
    assert other_notebooks(folder) == []


def test_a_notebook_that_is_new_in_a_release_is_copied_and_noted(folder: Path, shipped: Path) -> None:
    (shipped / "02_new.ipynb").write_text("new")
    assert copy_notebooks(folder) == [folder / "02_new.ipynb"]
    (shipped / "01_quickstart.ipynb").write_text("newer")
    (shipped / "02_new.ipynb").write_text("newer")
    assert other_notebooks(folder) == [folder / "01_quickstart.ipynb", folder / "02_new.ipynb"]


@pytest.mark.parametrize("record", ["", "[]", "{"])
def test_a_record_that_cannot_be_read_tells_nothing(folder: Path, shipped: Path, record: str) -> None:
    (folder / RECORD).write_text(record)
    (shipped / "01_quickstart.ipynb").write_text("newer")
    assert other_notebooks(folder) == []


def test_a_checkout_works_on_its_own_notebooks(shipped: Path) -> None:
    assert copy_notebooks(shipped) == []
    assert other_notebooks(shipped) == []
