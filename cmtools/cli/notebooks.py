"""The notebooks that come with cmtools: copied to where somebody works, never over a file. It opens and runs none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
HOMES = (PACKAGE / "_notebooks", PACKAGE.parent / "notebooks")
"""Where the shipped notebooks are: in an installed package, and in a checkout."""

SHIPPED = ("*.ipynb", "images/*.webp", "reference/*.md")
"""Which files there are ours; beside them may lie what runs of the notebooks left."""

MOST_NAMED = 5
"""How many files a line names."""

RECORD = ".cmtools-notebooks.json"
"""What was copied into a folder: file -> SHA-256 of it as it was shipped then."""


def copy_notebooks(folder: Path) -> list[Path]:
    """Copy the shipped notebooks, pictures and pages into a folder, never over a file; gives the new files."""
    shipped = _shipped(folder)
    new = [path for path in shipped if not (folder / path).exists()]
    for path in new:
        (folder / path).parent.mkdir(exist_ok=True)
        shutil.copyfile(shipped[path], folder / path)
    if new:
        _note(folder, {path.as_posix(): _digest(shipped[path]) for path in new})
    return [folder / path for path in new]


def other_notebooks(folder: Path) -> list[Path]:
    """The copied files of which another version is shipped now; whether their user changed them plays no part."""
    copied = _noted(folder)
    return [
        folder / path
        for path, ours in _shipped(folder).items()
        if path.as_posix() in copied and (folder / path).exists() and copied[path.as_posix()] != _digest(ours)
    ]


def told_of_others(others: Sequence[Path]) -> str:
    """The line for whoever has them.

    Examples
    --------
    >>> print(told_of_others([Path("notebooks/01_quickstart.ipynb"), Path("notebooks/07_agreement.ipynb")]))
    This cmtools has another version of 01_quickstart.ipynb, 07_agreement.ipynb. Your files stay; rename one to get it.
    """
    names = ", ".join(path.name for path in others[:MOST_NAMED])
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    return f"This cmtools has another version of {names}{more}. Your files stay; rename one to get it."


def _shipped(folder: Path) -> dict[Path, Path]:
    """What is shipped, by its path below the folder; nothing where the folder is their home."""
    home = next((home for home in HOMES if home.is_dir()), None)
    if home is None or folder.samefile(home):
        return {}
    return {path.relative_to(home): path for pattern in SHIPPED for path in sorted(home.glob(pattern))}


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _noted(folder: Path) -> dict[str, str]:
    """What was copied there; nothing where no record tells."""
    with suppress(OSError, ValueError):
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    return {}


def _note(folder: Path, copied: dict[str, str]) -> None:
    noted = {**_noted(folder), **copied}
    (folder / RECORD).write_text(json.dumps(noted, indent=1, sort_keys=True) + "\n", encoding="utf-8")
