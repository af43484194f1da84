"""The notebook on the board says every key that the board's own list of keys does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
STATIC = PROJECT / "cmtools" / "widgets" / "static"


def listed() -> list[str]:
    """The keys of the list, as its lines begin: of every board, of videos, of disputes and of known answers."""
    places = {"dialogs.js": "const rows = [", "video.js": "help: [", "steps.js": "const afterwards = ["}
    found = []
    for name, start in places.items():
        _, _, behind = (STATIC / name).read_text(encoding="utf-8").partition(start)
        lines = re.split(r"\n *\]", behind)[0]
        found += re.findall(r'"([^":]+): [^"]+"', lines)
    return found


@pytest.fixture(scope="module")
def told() -> str:
    notebook = json.loads((PROJECT / "notebooks" / "03_review_images.ipynb").read_text(encoding="utf-8"))
    return "".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")


def test_the_list_of_keys_was_found() -> None:
    assert {"n", "p u", "Shift B", "Ctrl Z", "Esc", "Space"} <= set(listed())


@pytest.mark.parametrize("line", listed())
def test_the_notebook_tells_every_key_of_the_board(line: str, told: str) -> None:
    together = line.startswith(("Shift", "Ctrl"))
    for key in [line] if together else line.split():
        assert f"`{key}`" in told or (key == "Shift ←" and "`Shift` with an arrow" in told)
