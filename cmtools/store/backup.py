"""A consistent copy of an SQLite file, made while others write to it. Other databases bring tools of their own."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

import sqlalchemy as sa

from ..errors import StoreError


def copy_database(url: sa.URL, target: Path) -> int:
    """Copy a database into a new file, look whether the copy is whole, and only then give it its name.

    The copy is of one moment; writers go on meanwhile.

    Returns
    -------
    int
        How many reviews the copy has.

    Raises
    ------
    StoreError
        It is no SQLite file, or there is none; the target is there already; or the copy is not whole.
    """
    if url.get_backend_name() != "sqlite":
        raise StoreError(
            "cmtools backup copies SQLite files. PostgreSQL has its own tool: "
            "pg_dump --format=custom --file=reviews.dump ADDRESS; copy the pictures (CMTOOLS_MEDIA) after it"
        )
    source = Path(url.database or "")
    if not source.is_file():
        raise StoreError(f"there is no database {str(source)!r} to copy")
    if target.exists():
        raise StoreError(f"{str(target)!r} is there already: name a new file, so that no earlier copy is lost")
    if not target.parent.is_dir():
        raise StoreError(f"there is no folder {str(target.parent)!r} for the copy; make it first")
    part = target.with_name(f".{target.name}.part")
    try:
        count = _copy(source, part)
        os.replace(part, target)
        _sync(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{str(source)!r} cannot be copied: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return count


def _copy(source: Path, part: Path) -> int:
    part.unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(source, timeout=30)) as opened,
        contextlib.closing(sqlite3.connect(part)) as copy,
    ):
        opened.backup(copy)  # in one go, under one reading: writers to the log neither wait nor make it begin again
        copy.execute("PRAGMA journal_mode=DELETE")  # all of it is in the one file
        said = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if said != "ok":
            raise StoreError(f"the copy of {str(source)!r} is not whole ({said}): the database itself is damaged")
        count = copy.execute("SELECT count(*) FROM reviews").fetchone()[0]
    _sync(part)
    return int(count)


def _sync(path: Path) -> None:
    """Let the disk have it, before anybody is told."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
