"""The content types there are, by name. A new one is a file in this folder and a line in the table."""

from __future__ import annotations

from ..errors import BadDraft
from .base import ContentType
from .image import Image
from .text import Text
from .video import Video

TYPES: dict[str, ContentType] = {kind.name: kind for kind in (Image(), Text(), Video())}
"""Every content type by its API name."""


def content_type(name: str) -> ContentType:
    """The content type of that name, in any case.

    Raises
    ------
    BadDraft
        When there is none; the message names those there are.

    Examples
    --------
    >>> content_type("image").name
    'Image'
    """
    if isinstance(name, str) and name in TYPES:
        return TYPES[name]
    for kind in TYPES.values():
        if isinstance(name, str) and kind.name.lower() == name.strip().lower():
            return kind
    raise BadDraft(f"there is no content type {name!r}; there are {', '.join(TYPES)}", where="type")


__all__ = ["TYPES", "ContentType", "content_type"]
