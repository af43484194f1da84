"""Files that come from a browser in pieces, put down in a private folder. It trusts no name and looks into no file."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath

from ..content.formats import MAX_BYTES
from ..drafts.sources import TABLE_ENDINGS
from ..errors import BadRequest

MOST_BYTES = 8_000_000_000
"""How much one form takes from browsers before it is cleared."""
LONGEST_NAME = 500


class Intake:
    """A folder that is gone with the form, and the files in it, named by number.

    Examples
    --------
    >>> intake = Intake()
    >>> path = intake.place("e1", "holiday/cat.jpg")
    >>> path.name, intake.write(path, 0, b"abc"), intake.write(path, 0, b"abc")
    ('e1.jpg', 3, 3)
    >>> intake.close()
    >>> path.exists()
    False
    """

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._bytes = 0

    def place(self, key: str, name: str) -> Path:
        """Where the file of an entry is put; of its own name only a plain ending is kept."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="cmtools-create-")  # for this user alone
        ending = PurePosixPath(name).suffix.lower()
        plain = ending if ending[1:].isalnum() and ending.isascii() and len(ending) <= 6 else ""
        path = Path(self._folder.name) / f"{key}{plain}"
        path.touch()
        return path

    def write(self, path: Path, offset: int, data: bytes | memoryview) -> int:
        """Put a piece down where it belongs, and say how much is there; a piece that does not fit on is passed over."""
        piece = memoryview(data)
        with path.open("r+b") as file:
            there = file.seek(0, 2)
            if offset != there:
                return there
            if there + piece.nbytes > MAX_BYTES:
                raise BadRequest(f"it has more than {MAX_BYTES // 1_000_000} MB")
            if self._bytes + piece.nbytes > MOST_BYTES:
                raise BadRequest(
                    f"the form has taken {MOST_BYTES / 1e9:.0f} GB: create what is here, clear it, then go on"
                )
            file.write(piece)
        self._bytes += piece.nbytes
        return there + piece.nbytes

    def drop(self, path: Path) -> None:
        """Delete a file that is not needed any more, if it is one of these."""
        if self._folder is not None and path.parent == Path(self._folder.name):
            path.unlink(missing_ok=True)

    def has(self, path: Path) -> bool:
        """Whether it is one of these files."""
        return self._folder is not None and path.parent == Path(self._folder.name)

    def close(self) -> None:
        """Delete them all."""
        if self._folder is not None:
            self._folder.cleanup()
        self._folder, self._bytes = None, 0


def clean_name(name: object) -> str:
    """A browser's name of a file as we show and keep it: no control characters, no half characters, not too long.

    Examples
    --------
    >>> clean_name("a\\x00b\\ud800/c.jpg")
    'ab?/c.jpg'
    """
    text = str(name).encode("utf-8", "replace").decode()
    text = "".join(letter for letter in text if letter.isprintable())
    return text[:LONGEST_NAME].strip() or "file"


def is_table_name(name: str) -> bool:
    """Whether a file is read as a table: CSV, TSV or JSON lines."""
    return PurePosixPath(name).suffix.lower() in TABLE_ENDINGS
