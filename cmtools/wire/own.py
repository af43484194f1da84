"""JSON of our own operations: model objects out and in, request bodies in. It knows no vendor shape and no rule."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NotRequired, TypeVar, Union
from urllib.parse import quote, unquote

from pydantic import (
    AfterValidator,
    AwareDatetime,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import ErrorDetails
from typing_extensions import TypedDict

from ..errors import BadRequest, CmtoolsError, ServiceError
from ..tags import Tag, TagSet

T = TypeVar("T")

KEY_HEADER = "Ocp-Apim-Subscription-Key"
KEY_QUERY = "subscription-key"
REVIEWER_HEADER = "Cmtools-Reviewer"
LEASE_HEADER = "Cmtools-Lease-Token"
CREATED_HEADER = "Cmtools-Created"
OWN_PREFIX = "/cmtools/v1/teams"
REVIEW_PREFIX = "/contentmoderator/review/v1.0/teams"
MODERATE_PREFIX = "/contentmoderator/moderate/v1.0"

PLAIN = frozenset({str, int, float, bool, type(None)})
MAX_LOOKUP = 1000
THRESHOLDS = ("team", "tagger")
"""Whose thresholds a tagger's answer is held to; the first unless said."""
BOM = b"\xef\xbb\xbf"


# Out ------------------------------------------------------------------------------------------------------------------


def write(value: Any) -> Any:
    """What ``json.dumps`` takes, for a model record or any list, tuple or dict of them.

    Metadata becomes a list of ``[key, value]``, a moment ISO 8601 in UTC with ``Z``, a tag set the list of its tags.

    Raises
    ------
    TypeError
        For a value that has no place in an answer, such as a moment without a time zone.

    Examples
    --------
    >>> from cmtools.model import Review
    >>> review = Review("r1", "Pending", "Image", "https://x/1.jpg", "1", metadata=(("a", "True"),))
    >>> write([review])[0]["metadata"]
    [['a', 'True']]
    """
    kind: Any = type(value)
    if kind in PLAIN:
        return value
    if kind is tuple or kind is list:
        return [item if type(item) in PLAIN else write(item) for item in value]
    if kind is dict:
        return {str(key): item if type(item) in PLAIN else write(item) for key, item in value.items()}
    if names := _field_names(kind):
        return {name: item if type(item := getattr(value, name)) in PLAIN else write(item) for name in names}
    return _write_other(value)


def _write_other(value: object) -> Any:
    if isinstance(value, datetime):
        return write_moment(value)
    if isinstance(value, TagSet):
        return [write(tag) for tag in value.values()]
    if isinstance(value, Mapping):
        return write(dict(value))
    if isinstance(value, list | tuple):
        return write(list(value))
    if isinstance(value, str | Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in an answer")


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


def write_moment(moment: datetime) -> str:
    """ISO 8601 in UTC, ending in ``Z``.

    Examples
    --------
    >>> write_moment(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))
    '2026-03-01T12:00:00Z'
    """
    if moment.tzinfo is None:
        raise TypeError(f"{moment!r} has no time zone")
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat().removesuffix("+00:00") + "Z"


def write_header(text: str) -> str:
    """A name as a header can carry it: what is not printable ASCII, and ``%`` itself, is percent-encoded.

    Examples
    --------
    >>> write_header("ana maria"), write_header("Zoë"), read_header(write_header("100% Zoë"))
    ('ana maria', 'Zo%C3%AB', '100% Zoë')
    """
    return quote(text, safe=" !\"#$&'()*+,/:;<=>?@[\\]^`{|}")


def read_header(text: str) -> str:
    """The name that `write_header` wrote, or one in plain UTF-8, which servers give as if it were Latin-1.

    Examples
    --------
    >>> read_header("Zo%C3%AB"), read_header("Zo\u00c3\u00ab")
    ('Zo\u00eb', 'Zo\u00eb')
    """
    if not text.isascii():
        try:
            text = text.encode("latin-1").decode()
        except UnicodeError:
            raise BadRequest(f"the header {REVIEWER_HEADER} is not in UTF-8: percent-encode the name") from None
    return unquote(text)


# In, from a service ---------------------------------------------------------------------------------------------------


def read(cls: type[T], data: object) -> T:
    """The record, or list or dict of records, that `write` wrote; keys that nobody knows are passed over.

    Parameters
    ----------
    cls : type
        A dataclass of ``model``, or a shape of them such as ``list[Review]``.
    data : object
        What ``json.loads`` gave.

    Raises
    ------
    ServiceError
        When the answer does not have that shape.

    Examples
    --------
    >>> from cmtools.model import QueueCounts
    >>> read(QueueCounts, {"pending": 3, "from_the_future": True}).total
    3
    """
    try:
        hint: Any = cls
        return typing.cast(T, _adapter(hint).validate_python(data))
    except ValidationError as error:
        where, message = first_problem(error)
    except CmtoolsError as error:
        where, message = None, str(error)
    del data  # an answer may hold a secret, and a traceback may show what a frame holds
    name = getattr(cls, "__name__", str(cls))
    raise ServiceError(f"the service's answer is no {name} that this version of cmtools reads: {message}", where=where)


def read_list(cls: type[T], data: object, name: str) -> list[T]:
    """The records under one name of an answer, such as ``{"leases": [...]}``."""
    if not isinstance(data, dict) or name not in data:
        raise ServiceError(f"the service's answer has no {name!r}: is another program answering at this address?")
    return read(list[cls], data[name])  # type: ignore[valid-type]


def read_page(cls: type[T], data: object, name: str) -> tuple[list[T], str | None]:
    """The records of one page, and the cursor of the next one (None: that was all)."""
    records = read_list(cls, data, name)
    cursor = data.get("next") if isinstance(data, dict) else None
    return records, None if cursor is None else str(cursor)


@cache
def _adapter(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(_shape(cls))


def _shape(hint: Any) -> Any:
    """The pydantic type that reads a type hint of ``model``.

    The records there are plain dataclasses, which know nothing of pydantic: each is read as a dict of its fields and
    then made by its own constructor. Every moment becomes UTC proper: pydantic's own time zone class confuses pandas.
    """
    if hint is datetime:
        return Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
    if hint is TagSet:
        return Annotated[list[_shape(Tag)], AfterValidator(TagSet)]  # type: ignore[misc]
    if dataclasses.is_dataclass(hint):
        return _record_shape(typing.cast(type, hint))
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is None:
        return hint
    if origin in (Union, types.UnionType):
        return Union[tuple(_shape(part) for part in parts)]  # noqa: UP007 (there is no other way to build one)
    if origin is Mapping:
        origin = dict
    return origin[tuple(part if part is Ellipsis else _shape(part) for part in parts)]


def _record_shape(cls: type) -> Any:
    hints = typing.get_type_hints(cls)
    fields: dict[str, Any] = {}
    for each in dataclasses.fields(cls):
        required = each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
        shape = _shape(hints[each.name])
        fields[each.name] = shape if required else NotRequired[shape]
    record = TypedDict(cls.__name__, fields)  # type: ignore[misc]  # made at run time, so the checker cannot see it
    return Annotated[record, AfterValidator(lambda values: cls(**values))]


# What is wrong -------------------------------------------------------------------------------------------------------


def first_problem(error: ValidationError) -> tuple[str | None, str]:
    """Where the first fault of some JSON is, as a path, and what it is."""
    problems = error.errors(include_url=False)
    first = problems[0]
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "json_invalid":
        message = f"the body cannot be read as JSON ({first['ctx']['error']})"
    elif first["type"] != "missing":
        message += _shown(first)
    if len(problems) > 1:
        message += f"; {len(problems) - 1} more like it"
    return json_path(first["loc"]) or None, message


def _shown(problem: ErrorDetails) -> str:
    """The value at fault, where it is short enough to help."""
    value = repr(problem["input"])
    return f" (it is {value})" if len(value) <= 60 else ""


def json_path(steps: tuple[int | str, ...]) -> str:
    """Where in a JSON body, such as ``answers.201712i4695.a`` or ``[3].Metadata[0].Key``.

    Examples
    --------
    >>> json_path((3, "Metadata", 0, "Key"))
    '[3].Metadata[0].Key'
    >>> json_path(("answers", "an id", "[key]"))
    'answers["an id"]'
    """
    path = ""
    for step in steps:
        if step == "[key]":  # pydantic's mark for "the key itself"; the key stands before it
            continue
        if isinstance(step, int):
            path += f"[{step}]"
        elif re.fullmatch(r"[\w-]{1,64}", step):
            path += f".{step}" if path else step
        else:
            path += f'["{step[:64]}"]'
    return path
