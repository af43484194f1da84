"""Pictures out of a zip file that nobody trusts: bounded, in memory. It writes no file and decodes no picture."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ..errors import BadDraft
from .formats import MAX_BYTES

MAX_ENTRIES = 10_000
MAX_TOTAL_BYTES = 512_000_000
"""What all entries of one zip may come to when they are unpacked."""
ENTRY_MARK = b"PK\x01\x02"
"""How every entry of a zip's directory begins."""
PLAIN_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""How entries may be packed: these two unpack no more at a time than is asked of them."""
ENCRYPTED = 0x1
DRIVE = re.compile(r"[A-Za-z]:")
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What the standard library raises on a zip that is cut, made up or of a kind that it does not know."""


def read_pictures(data: bytes, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """The files of a zip that are named, one after the other, each once, in the order of the names.

    A name is looked for as a whole path first, then by its last part alone: zips often hold their files in a folder.

    Parameters
    ----------
    data : bytes
        The zip.
    names : sequence of str

    Yields
    ------
    name : str
        As it is in ``names``.
    file : bytes

    Raises
    ------
    BadDraft
        For what is no zip, or an encrypted or hostile one; and for a name that is not in it, or is there twice. The
        whole directory is checked before anything is unpacked.

    Examples
    --------
    >>> packed = io.BytesIO()
    >>> with zipfile.ZipFile(packed, "w") as archive:
    ...     archive.writestr("frames/500.png", "a picture")
    >>> list(read_pictures(packed.getvalue(), ["500.png"]))
    [('500.png', b'a picture')]
    """
    if data.count(ENTRY_MARK) > MAX_ENTRIES:  # before the library makes an object of every entry
        raise BadDraft(f"the zip has more than {MAX_ENTRIES:,} entries")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = _checked(archive.infolist())
            places = _Places(entries)
            found = [(name, places.find(name)) for name in dict.fromkeys(names)]
            for name, entry in found:
                yield name, _unpacked(archive, entry)
    except BROKEN as error:
        problem = BadDraft(f"the zip cannot be read: {str(error) or type(error).__name__}")
    else:
        return
    raise problem


class _Places:
    """Where the files of a zip are found."""

    def __init__(self, entries: Sequence[zipfile.ZipInfo]) -> None:
        self._by_path: dict[str, list[zipfile.ZipInfo]] = defaultdict(list)
        self._by_name: dict[str, list[zipfile.ZipInfo]] = defaultdict(list)
        for entry in entries:
            path = _path(entry)
            self._by_path[path].append(entry)
            self._by_name[PurePosixPath(path).name].append(entry)

    def find(self, name: str) -> zipfile.ZipInfo:
        there = self._by_path.get(name) or self._by_name.get(PurePosixPath(name).name) or []
        if not there:
            raise BadDraft(f"the zip has no file {name[:200]!r}")
        if len(there) > 1:
            raise BadDraft(f"the zip has {len(there)} files {name[:200]!r}: which one is meant cannot be told")
        return there[0]


def _checked(entries: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The files in a directory that is fit to be used."""
    total = sum(entry.file_size for entry in entries)
    if total > MAX_TOTAL_BYTES:
        raise BadDraft(f"the zip unpacks to {total / 1e6:,.0f} MB; the most is {MAX_TOTAL_BYTES // 1_000_000} MB")
    for entry in entries:
        path = _path(entry)
        if path.startswith("/") or DRIVE.match(path) or ".." in path.split("/"):
            raise BadDraft(f"the zip has an entry that leads out of it: {path[:200]!r}")
        if entry.flag_bits & ENCRYPTED:
            raise BadDraft(f"the zip is encrypted (entry {path[:200]!r}): send one without a password")
    return [entry for entry in entries if not entry.is_dir()]


def _path(entry: zipfile.ZipInfo) -> str:
    return entry.filename.replace("\\", "/")  # as some programs of Windows write it


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """A file's bytes; what its entry says of their number is not believed."""
    if entry.compress_type not in PLAIN_METHODS:
        raise BadDraft(f"the zip's entry {_path(entry)[:200]!r} is packed in an unusual way: use plain deflate")
    with archive.open(entry) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadDraft(f"the zip's entry {_path(entry)[:200]!r} has more than {MAX_BYTES // 1_000_000} MB")
    return data
