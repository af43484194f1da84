"""Keeps pictures: as uploaded, and made small or clean for display. The only place that knows where bytes lie."""

from __future__ import annotations

import contextlib
import hashlib
import posixpath
from pathlib import Path
from urllib.parse import quote

import fsspec
from fsspec.implementations.local import LocalFileSystem

from ..content.image import PictureFacts
from ..errors import NotFound, StoreError
from . import decoding
from .context import new_id

ID_CHARACTERS = 40
"""Hexadecimal digits of SHA-256 that name a picture: 160 bits, so that no two differ only there."""

PASSING = ".part"
"""How the name of a file ends while it is written."""
STRAY_SECONDS = 3600
"""How old such a file must be to be nobody's any more."""


THUMBNAILS = "thumbnails"
"""The kind of bytes under which thumbnails are cached."""


def thumbnail_name(id: str, size: int) -> str:
    """Under which name the thumbnail of a picture is cached, by its longer side in pixels."""
    return f"{id}-{size}"


class Media:
    """Pictures of all teams in one folder, of this machine or of any fsspec file system.

    Parameters
    ----------
    root : str
        A folder, or an fsspec URL such as ``s3://bucket/pictures``.
    """

    def __init__(self, root: str) -> None:
        try:
            self._files, self._root = fsspec.core.url_to_fs(root)
        except (ValueError, ImportError) as error:
            raise StoreError(
                f"CMTOOLS_MEDIA: {root.partition('://')[0]}:// cannot be used for pictures: {error}"
            ) from None

    def save(self, team: str, data: bytes) -> tuple[str, PictureFacts]:
        """Check and keep a picture; its id, which is the same for the same bytes, and its facts.

        Raises
        ------
        BadPicture
            The bytes are no picture that we show; nothing was kept.
        """
        facts, small = decoding.take_in(data)
        id = self.keep(team, data)
        for side, made in small.items():
            self.cache(team, THUMBNAILS, thumbnail_name(id, side), made)
        return id, facts

    def keep(self, team: str, data: bytes) -> str:
        """Keep a picture that was checked already; its id."""
        id = hashlib.sha256(data).hexdigest()[:ID_CHARACTERS]
        path = self._path(team, "pictures", id)
        if not self._files.exists(path):
            self._write(path, data)
        return id

    def load(self, team: str, id: str) -> bytes:
        """A picture's bytes as they were uploaded."""
        return self._read(self._path(team, "pictures", id))

    def cached(self, team: str, kind: str, name: str) -> bytes | None:
        """Bytes made earlier from a picture, if they are still there."""
        try:
            return self._read(self._path(team, kind, name))
        except NotFound:
            return None

    def cache(self, team: str, kind: str, name: str, data: bytes) -> None:
        """Keep bytes made from a picture."""
        self._write(self._path(team, kind, name), data)

    def forget(self, team: str, kind: str, name: str) -> None:
        """Remove such bytes; nothing happens where there are none."""
        with contextlib.suppress(FileNotFoundError):
            self._files.rm_file(self._path(team, kind, name))

    def sweep(self, now: float) -> int:
        """Remove what writes that were cut short have left, an hour old by ``now`` (seconds since 1970); how many.

        Only a folder of this machine has such: elsewhere a file appears whole.
        """
        if not isinstance(self._files, LocalFileSystem):
            return 0
        stray = [
            path
            for path in Path(self._root).glob(f"*/*/*/*{PASSING}")
            if path.is_file() and now - path.stat().st_mtime > STRAY_SECONDS
        ]
        for path in stray:
            path.unlink(missing_ok=True)
        return len(stray)

    def probe(self) -> None:
        """Write something and remove it; what goes wrong is raised as the file system has it."""
        path = posixpath.join(self._root, f"probe-{new_id()}")
        self._files.makedirs(self._root, exist_ok=True)
        self._files.pipe_file(path, b"")
        self._files.rm_file(path)

    def _path(self, team: str, kind: str, name: str) -> str:
        return posixpath.join(self._root, quote(team, safe=""), kind, name[:2], quote(name, safe=""))

    def _read(self, path: str) -> bytes:
        try:
            data: bytes = self._files.cat_file(path)
        except FileNotFoundError:
            raise NotFound("the picture's bytes are gone from the service's storage") from None
        return data

    def _write(self, path: str, data: bytes) -> None:
        """Write so that a reader sees all of it or nothing; an object store does that by itself."""
        if not isinstance(self._files, LocalFileSystem):
            self._files.makedirs(posixpath.dirname(path), exist_ok=True)
            self._files.pipe_file(path, data)
            return
        passing = Path(f"{path}.{new_id()}{PASSING}")
        try:
            passing.write_bytes(data)
        except FileNotFoundError:  # the folder's first file
            passing.parent.mkdir(parents=True, exist_ok=True)
            passing.write_bytes(data)
        passing.replace(path)
