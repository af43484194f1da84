"""The page of the house shows the house as it is: its floors, every room, and no path that is not there."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import REFERENCE, ROOT, text_of
from tests.test_house import FLOORS, PACKAGE

PAGE = REFERENCE / "architecture.md"
PATH = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|js|md|ipynb)|(?:[\w.-]+/)+)`")
"""A file or folder as code; ``<name>`` stands for one of yours and is none."""


@pytest.fixture(scope="module")
def text() -> str:
    return text_of(PAGE)


def rows(text: str, heading: str) -> list[list[str]]:
    """The rows of the first table under a heading."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL)
    table = [line for line in section.split("\n") if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1:]]


def test_floors_are_those_of_the_house(text: str) -> None:
    shown = {
        room: float(floor) for floor, rooms, _ in rows(text, "The floors") for room in re.findall(r"`(.+?)`", rooms)
    }
    assert shown == {room: float(floor) for room, floor in FLOORS.items()}


def test_every_room_and_every_folder_of_the_analysis_has_its_row(text: str) -> None:
    named = {name for cells in rows(text, "The rooms") for name in re.findall(r"`(.+?)`", cells[0])} - {"folder"}
    folders = {f"analysis/{path.name}/" for path in (PACKAGE / "analysis").iterdir() if (path / "__init__.py").exists()}
    assert named == set(FLOORS) | folders


def test_every_path_that_is_named_is_there(text: str) -> None:
    paths = set(PATH.findall(text))
    assert len(paths) > 50
    assert [path for path in sorted(paths) if not (PACKAGE / path).exists() and not (ROOT / path).exists()] == []


def test_every_folder_of_the_package_is_named(text: str) -> None:
    inside = [path for path in PACKAGE.rglob("*") if path.is_dir() and (path / "__init__.py").exists()]
    folders = {path.relative_to(PACKAGE).as_posix() + "/" for path in inside}
    assert {folder for folder in folders if f"`{folder}`" not in text} - {"store/migrations/versions/"} == set()
