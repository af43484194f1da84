"""Parts become one file, a zip whose bytes are always the same, and come back out of it. It trusts no file.

Nothing in it is compressed: what compression gives differs between libraries, and what is not compressed is no bomb.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

from ...errors import BadRequest

MOST_ENTRIES = 16
MOST_BYTES = 2**30
_END = struct.Struct("<4s4H2LH")
"""The last record of a zip (its end of central directory), here without a comment behind it."""
_SIGNATURE = b"PK\x05\x06"
_MOST_DIRECTORY = 2**16
_DAY = (1980, 1, 1, 0, 0, 0)
_PLAIN = 0o100644 << 16


def packed(parts: Mapping[str, bytes]) -> bytes:
    """The parts as a zip: in this order, with one date for all, nothing compressed.

    Examples
    --------
    >>> packed({"a.txt": b"abc"}) == packed({"a.txt": b"abc"})
    True
    """
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, _DAY)
            entry.create_system, entry.external_attr = 3, _PLAIN
            archive.writestr(entry, data)
    return whole.getvalue()


def unpacked(path: str | os.PathLike[str], known: frozenset[str]) -> dict[str, bytes]:
    """The parts of the file that `packed` made.

    Raises
    ------
    BadRequest
        When there is no such file, it is no such zip, or holds anything that `packed` would not have written: other
        names, many or repeated entries, something compressed or encrypted, more bytes than the file has.
    """
    name = os.fspath(path)
    try:
        data = _bytes(Path(path), name)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check(entries, known, len(data), name)
            return {entry.filename: archive.read(entry) for entry in entries}
    except OSError as error:
        raise BadRequest(f"the audit {name!r} cannot be read: {error.strerror or error}") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise BadRequest(f"{name!r} is damaged: {error}") from None


def _bytes(path: Path, name: str) -> bytes:
    """The file's bytes, where its last record promises few entries: reading a directory of many would take long."""
    if path.stat().st_size > MOST_BYTES:
        raise BadRequest(f"{name!r} has more than {MOST_BYTES:,} bytes, more than an audit")
    data = path.read_bytes()
    signature, *_, count, directory, _, comment = _END.unpack(data[-_END.size :].rjust(_END.size, b"\0"))
    if signature != _SIGNATURE or comment:
        raise BadRequest(f"{name!r} is no audit; Audit.save(path) writes one")
    if count > MOST_ENTRIES or directory > _MOST_DIRECTORY:
        raise BadRequest(f"{name!r} is no audit: it has {count:,} entries")
    return data


def _check(entries: list[zipfile.ZipInfo], known: frozenset[str], size: int, name: str) -> None:
    names = [entry.filename for entry in entries]
    odd = [each for each in names if each not in known]
    if odd:
        raise BadRequest(f"{name!r} is no audit: it holds {odd[0][:100]!r}")
    if len(set(names)) < len(names):
        raise BadRequest(f"{name!r} holds a part twice")
    if any(entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1 for entry in entries):
        raise BadRequest(f"{name!r} holds parts that are compressed or encrypted; take the file as Audit.save wrote it")
    if sum(entry.file_size for entry in entries) > size:
        raise BadRequest(f"{name!r} says that its parts are larger than it is")
