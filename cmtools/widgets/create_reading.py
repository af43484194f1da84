"""Reads what comes into a create form: lines, texts, request bodies, tables. It keeps nothing.

What is wrong with one of many is told with it, and costs the others nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..content import ContentType, content_type
from ..drafts.base import Faults, Item
from ..drafts.columns import Threshold
from ..drafts.make import read_items as read_source
from ..errors import BadRequest, CmtoolsError
from ..model import Draft
from ..wire.creation import read_item, read_items
from ..wire.fields import at, fields_of

OF_CONTENT = "(content)"
"""The fault of a content that another content takes away; it cannot be a short code."""
SOUND = {"Image": "https://example.org/", "Text": "-", "Video": "https://example.org/"}
"""A content that is good for each type."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that came in.

    ``place`` is where it stood, such as ``line 3``. ``faults`` are what cannot be read of it: of a tag by its short
    code, of the content as `OF_CONTENT`, and under an empty name what cannot be mended in the form.
    """

    draft: Draft
    name: str
    place: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)


def read_lines(text: str, type: str) -> list[Found]:
    """Addresses, one a line; blank lines are counted and passed over.

    Examples
    --------
    >>> [(found.draft.content, found.place) for found in read_lines("https://x.org/1.jpg\\n\\n two ", "Image")]
    [('https://x.org/1.jpg', 'line 1'), ('two', 'line 3')]
    """
    lines = enumerate(map(str.strip, text.splitlines()), start=1)
    return [Found(Draft(line, line, type), line, f"line {number}") for number, line in lines if line]


def read_texts(texts: Iterable[str], ids: Iterator[str]) -> list[Found]:
    """Texts, each with the next id."""
    return [Found(Draft(text, next(ids), "Text"), text) for text in texts]


def read_drafts(drafts: Sequence[Draft]) -> list[Found]:
    """Drafts that are made already."""
    return [Found(draft, str(draft.path or draft.content)) for draft in drafts]


def read_body(text: str) -> list[Found]:
    """The items of a request body, those that cannot be read with the reason.

    Raises
    ------
    BadRequest
        When it is no JSON array, or an empty one.

    Examples
    --------
    >>> body = '[{"Type": "Text", "Content": "Hi!", "ContentId": "1"}, {"Type": "Text", "Content": "Hi!"}, 7]'
    >>> [(found.place, found.draft.content_id, dict(found.faults)) for found in read_body(body)]
    [('item 1', '1', {}), ('item 2', '', {}), ('item 3', '', {'': 'item 3: it is not a JSON object'})]
    """
    items = read_items(text.encode("utf-8", "surrogatepass"))
    return [_of_item(item, f"item {number}") for number, item in enumerate(items, start=1)]


def _of_item(item: object, place: str) -> Found:
    try:
        draft = read_item(item).draft
    except CmtoolsError as error:
        return _of_bad_item(item, place, str(at(place, error)))
    return Found(draft, draft.content, place)


def _of_bad_item(item: object, place: str, told: str) -> Found:
    """What can be kept of it: all where only its id or content is bad, which the form can mend, else how it looks."""
    fields = fields_of(item) if isinstance(item, dict) else {}
    content, content_id = _text(fields.get("content")), _text(fields.get("contentid"))
    try:
        kind = content_type(_text(fields.get("type")))
        sound = read_item({**fields, "content": SOUND[kind.name], "contentid": "-"}).draft
    except CmtoolsError:
        shown = content or json.dumps(item, ensure_ascii=False)
        return Found(Draft(content, content_id), shown, place, {"": told})
    return Found(replace(sound, content=content, content_id=content_id), content or place, place)


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)


def read_table(
    source: Any, kind: ContentType, *, threshold: Threshold = None, trusted: bool = True, **columns: Any
) -> tuple[list[Found], set[str]]:
    """What a table, folder, glob or list holds, and the short codes of its tag columns; as of `make_drafts`.

    Paths in a table that is not trusted (it came from a browser) are refused: they would name files of the kernel.

    Raises
    ------
    CmtoolsError
        When it cannot be read at all.
    """
    faults: Faults = {}
    items, codes = read_source(source, kind, threshold=threshold, faults=faults, **columns)
    return [_of_row(item, kind.name, trusted) for item in items], codes


def _of_row(item: Item, type: str, trusted: bool) -> Found:
    path = item.content if isinstance(item.content, Path) else None
    draft = Draft(
        content=path.name if path else str(item.content),
        content_id=item.content_id,
        type=type,
        metadata=item.pairs,
        callback_endpoint=item.callback,
        path=path if trusted else None,
        weight=item.weight,
        stratum=item.stratum,
    )
    faults = {code: str(error) for code, error in item.faults.items()}
    if path and not trusted:
        faults[OF_CONTENT] = "a table from the browser may name addresses only: add the pictures as files"
    return Found(draft, item.source if path else draft.content or item.source, item.place, faults)


def is_body(text: str, type: str) -> bool:
    """Whether a text is meant as a request body; a text to be reviewed may begin with a bracket too."""
    if not text.lstrip().startswith("["):
        return False
    if type != "Text":
        return True
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, list) and bool(found) and all(isinstance(item, dict) for item in found)


def lines_of(text: str, *, whole: bool) -> list[str]:
    """The texts of a field, one a line or one in all.

    Raises
    ------
    BadRequest
        When there are none.
    """
    lines = [line for line in ([text.strip()] if whole else map(str.strip, text.splitlines())) if line]
    if not lines:
        raise BadRequest("there is nothing to add: write something first")
    return lines
