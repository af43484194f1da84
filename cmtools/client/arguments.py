"""What callers give to `Client`, checked and made plain before a call. It calls nobody and knows no operation."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from ..content.base import check_address
from ..content.image import MEDIA_PREFIX
from ..errors import BadDraft, BadPicture, BadRequest
from ..model import Pairs
from ..tags import write_bool
from ..wire.fields import shown

STATUSES = ("Pending", "Complete", "Unpublished")
"""Where a review can stand, as callers see it."""


def segment(text: str, what: str = "review id") -> str:
    """A text as one segment of an address's path.

    Parameters
    ----------
    text : str
        An id or a name.
    what : str
        What it is, as the message says it.

    Raises
    ------
    BadRequest
        It is no text, is blank, or is ``.`` or ``..``, which a path drops.

    Examples
    --------
    >>> segment("my team/2")
    'my%20team%2F2'
    >>> segment("")
    Traceback (most recent call last):
    cmtools.errors.BadRequest: the review id is missing: an empty text was given
    """
    name = demand_text(text, what)
    if not name.strip():
        raise BadRequest(f"the {what} is missing: an empty text was given")
    if name in (".", ".."):
        raise BadRequest(f"there is no {what} {name!r}")
    try:
        return quote(name, safe="")
    except UnicodeEncodeError:
        problem = BadRequest(f"the {what} {shown(name)} has half a character (a lone surrogate)")
    raise problem


def demand_text(value: object, what: str) -> str:
    """The value, or `BadRequest` that says what to give in place of one that is no text."""
    if isinstance(value, str):
        return value
    given = "None" if value is None else f"of type {type(value).__name__}"
    hint = "its .id" if isinstance(getattr(value, "id", None), str) else "text (str)"
    raise BadRequest(f"the {what} is {given}: give {hint}")


def as_list(ids: Iterable[str], what: str = "review id") -> list[str]:
    """Ids as a list; a single one stands for itself.

    Examples
    --------
    >>> as_list("r1"), as_list(("r1", "r2"))
    (['r1'], ['r1', 'r2'])
    >>> as_list(None)
    Traceback (most recent call last):
    cmtools.errors.BadRequest: ids is None: give a list, each a review id
    """
    if isinstance(ids, str):
        return [ids]
    if isinstance(ids, bytes) or not isinstance(ids, Iterable):
        raise BadRequest(f"ids is {shown(ids)}: give a list, each a {what}")
    found = list(ids)
    for index, id in enumerate(found):
        if not isinstance(id, str):
            demand_text(id, f"{what} at ids[{index}]")
    return found


def status_of(status: str) -> str:
    """A review's status as it is spelt, given in any case.

    Examples
    --------
    >>> status_of("complete")
    'Complete'
    """
    for known in STATUSES:
        if isinstance(status, str) and status.strip().lower() == known.lower():
            return known
    raise BadRequest(f"there is no status {shown(status)}; there are {', '.join(STATUSES)}")


def seconds_of(timeout: float | None) -> float | None:
    """How long to wait; None is as long as it takes.

    Examples
    --------
    >>> seconds_of(5), seconds_of(None)
    (5.0, None)
    """
    if timeout is None:
        return None
    if not (is_number(timeout) and timeout >= 0):
        raise BadRequest(f"timeout is {shown(timeout)}; it must be a number of seconds, 0 or more, or None")
    return float(timeout)


def is_number(value: object) -> bool:
    """Whether it is a real number, of NumPy's too; a boolean is none.

    Examples
    --------
    >>> is_number(0.5), is_number(True), is_number("5")
    (True, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool)


def own_id(content_id: object) -> str:
    """A caller's own id of something as text; it may be a number.

    Examples
    --------
    >>> own_id(7), own_id("seven")
    ('7', 'seven')
    """
    if isinstance(content_id, str):
        return content_id
    if isinstance(content_id, Integral | UUID) and not isinstance(content_id, bool):
        return str(content_id)
    raise BadDraft(f"{shown(content_id)} is neither a text nor a whole number", where="content_id")


def pairs_of(metadata: object) -> Pairs:
    """Metadata as pairs of texts, from a mapping or from pairs; booleans and numbers become text.

    Examples
    --------
    >>> pairs_of({"a": True, "a.score": 0.9})
    (('a', 'True'), ('a.score', '0.9'))
    """
    items = metadata.items() if isinstance(metadata, Mapping) else metadata
    wrong = 'give a mapping such as {"a": True}, or pairs such as [("a", "True")]'
    if isinstance(items, str | bytes) or not isinstance(items, Iterable):
        raise BadDraft(f"it is of type {type(metadata).__name__}: {wrong}", where="metadata")
    found = []
    for pair in items:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise BadDraft(f"not each item of it is a key and a value: {wrong}", where="metadata")
        found.append((pair[0], _text_of(pair[1])))
    return tuple(found)


def _text_of(value: Any) -> Any:
    """A boolean or number as text, NumPy's too; anything else as it is, for the check of drafts to refuse."""
    plain = value.item() if type(value).__module__ == "numpy" and hasattr(value, "item") else value
    if isinstance(plain, bool):
        return write_bool(plain)
    return str(plain) if isinstance(plain, Real) else plain


def picture_address(picture: str) -> str:
    """The address of a picture, or `BadDraft` that says how a file is given.

    Examples
    --------
    >>> picture_address("cat.jpg")
    Traceback (most recent call last):
    cmtools.errors.BadDraft: 'cat.jpg' is no address: ...; a file is given as Path('cat.jpg')
    """
    if picture.startswith(MEDIA_PREFIX):
        return picture
    try:
        check_address(picture, "content")
    except BadDraft as error:
        there = picture.isprintable() and os.path.isfile(picture)
        hint = (
            f"there is such a file: give Path({picture!r})" if there else f"a file is given as Path({shown(picture)})"
        )
        problem = BadDraft(f"{error.message}; {hint}")
    else:
        return picture
    raise problem


def picture_bytes(picture: Path | bytes) -> bytes:
    """A picture's bytes, read where it is a file; `BadPicture` where it is neither or cannot be read."""
    if isinstance(picture, Path):
        return read_file(picture)
    if isinstance(picture, bytes | bytearray | memoryview):
        return bytes(picture)
    raise BadPicture(f"{shown(picture)} is no picture: give an address, a Path or bytes")


def read_file(path: Path) -> bytes:
    """A picture's file, or `BadPicture` where it cannot be read."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        problem = BadPicture(f"{path}: cannot be read ({getattr(error, 'strerror', None) or type(error).__name__})")
    raise problem
