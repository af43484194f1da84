"""Reads the fields of the vendor's JSON, their names in any case; a fault is named by its path. It knows no noun."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic_core import from_json

from ..errors import BadDraft, BadRequest, CmtoolsError
from ..model import Pairs
from ..tags import write_bool
from .own import BOM

Problem = TypeVar("Problem", bound=CmtoolsError)
OTHER_NAMES = {"frames": "VideoFrames", "image": "FrameImage", "result_tags": "ReviewerResultTags", "name": "Id"}
"""Fields of the model that this API calls by another word."""


def read_json(raw: bytes) -> Any:
    """What a body holds; a byte order mark is passed over.

    Raises
    ------
    BadRequest
        When it is no JSON, is no UTF-8, or is nested too deeply to be meant.

    Examples
    --------
    >>> read_json(b'{"a": 1}')
    {'a': 1}
    >>> read_json(b"[" * 5000)
    Traceback (most recent call last):
    cmtools.errors.BadRequest: the body cannot be read as JSON (...)
    """
    try:
        return from_json(raw.removeprefix(BOM), allow_inf_nan=False)
    except ValueError as error:
        raise BadRequest(f"the body cannot be read as JSON ({error})") from None


def fields_of(item: object, where: str | None = None) -> dict[str, Any]:
    """A JSON object by its names in lower case; of names that differ in case alone the last one counts.

    Examples
    --------
    >>> fields_of({"ContentId": "1"})
    {'contentid': '1'}
    """
    if not isinstance(item, dict):
        raise BadDraft("it is not a JSON object", where=where)
    return {key.lower(): value for key, value in item.items()}


def at(where: str, error: Problem) -> Problem:
    """The same fault, seen from further out: its path begins with ``where``.

    Examples
    --------
    >>> str(at("[3]", BadDraft("it is missing", where="metadata[0].key")))
    '[3].Metadata[0].Key: it is missing'
    """
    inner = pascal_path(error.where or "")
    dot = "." if inner and not inner.startswith("[") else ""
    return type(error)(error.message, where=f"{where}{dot}{inner}")


def pascal_path(where: str) -> str:
    """A field of the model as this API spells it.

    Examples
    --------
    >>> pascal_path("metadata[0].key"), pascal_path("frames[2].image")
    ('Metadata[0].Key', 'VideoFrames[2].FrameImage')
    """
    return re.sub(r"[a-z_]+", _pascal_name, where) if where.islower() else where


def _pascal_name(found: re.Match[str]) -> str:
    return OTHER_NAMES.get(found[0]) or found[0].title().replace("_", "")


def required_string(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name.lower())
    if value is None:
        raise BadDraft("it is missing", where=name)
    if not isinstance(value, str):
        raise BadDraft(f"it must be a string, not {json_kind(value)}", where=name)
    if not value.strip():
        raise BadDraft("it is empty", where=name)
    return value


def optional_string(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name.lower())
    if value is None or isinstance(value, str):
        return value
    raise BadDraft(f"it must be a string, not {json_kind(value)}", where=name)


def scalar(fields: Mapping[str, object], name: str) -> str:
    """A string, or the string that the vendor's clients made of a number or boolean before they sent it."""
    value = fields.get(name.lower())
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return write_bool(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise BadDraft("it is too large a number", where=name)
    if isinstance(value, int | float):
        return str(value)
    raise BadDraft("it is missing" if value is None else f"it must be a string, not {json_kind(value)}", where=name)


def read_pairs(value: object, name: str = "Metadata") -> Pairs:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadDraft('it must be an array of {"Key": ..., "Value": ...}', where=name)
    found: list[tuple[str, str]] = []
    try:
        for pair in value:
            found.append(_read_pair(pair))
    except BadDraft as error:
        problem = at(f"{name}[{len(found)}]", error)
    else:
        return tuple(found)
    raise problem


def _read_pair(pair: object) -> tuple[str, str]:
    if not isinstance(pair, dict):
        raise BadDraft('it must be {"Key": ..., "Value": ...}')
    key, value = pair.get("Key"), pair.get("Value")
    if type(key) is str and type(value) is str and len(pair) == 2:
        return key, value  # as nearly everybody spells them: a large request has thousands
    fields = fields_of(pair)
    return scalar(fields, "Key"), scalar(fields, "Value")


def json_kind(value: object) -> str:
    if isinstance(value, bool):
        return "a boolean"
    return {dict: "an object", list: "an array", int: "a number", float: "a number"}.get(type(value), "that")


def shown(value: object) -> str:
    """A value at fault as a message may hold it: cut where it is long.

    Examples
    --------
    >>> shown("1.5"), shown("x" * 1000)
    ("'1.5'", "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...")
    """
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
