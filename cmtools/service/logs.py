"""The service's log: lines of text or of JSON, with no content and no key in them. It decides what is said, not when.

A line tells of a request by its method, its route's template, its status and its time. Addresses as they were sent,
headers, queries and bodies are never in one: a signed address or an old client's ``subscription-key`` opens a door.
Of an exception it tells the kinds and the places in the code; what exceptions say may quote what somebody sent.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

FIELDS = "fields"
"""The attribute of a log record that holds what is told besides its message, by name."""
FORMATS = ("text", "json")
Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def configure(format: str, level: int) -> None:
    """Let everything that this process logs go to its standard error, in this format."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if format == "json" else TextLines())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for noisy in ("alembic", "uvicorn.error", "urllib3"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
    logging.getLogger("uvicorn.error").addFilter(_is_new)


def _is_new(record: logging.LogRecord) -> bool:
    """Whether `watch` has not told of it already."""
    return not str(record.msg).startswith("Exception in ASGI application")


class Lines(logging.Formatter):
    """What both formats share: how an exception is told."""

    def formatException(self, ei: Caught) -> str:  # noqa: N802 - the library calls it so
        """Kinds and places, as `trace_of` gives them."""
        return "\n".join(trace_of(ei[1])) if ei[1] is not None else ""


class TextLines(Lines):
    """Lines for people.

    Examples
    --------
    >>> record = logging.makeLogRecord({"name": "cmtools", "levelname": "INFO", "msg": "done", "fields": {"ms": 2}})
    >>> TextLines().format(record).partition(" ")[2]
    'INFO cmtools: done ms=2'
    """

    def __init__(self) -> None:
        super().__init__("%(moment)s %(levelname)s %(name)s: %(message)s%(rest)s")

    def format(self, record: logging.LogRecord) -> str:
        """One line, and a trace below it where there is one."""
        fields = getattr(record, FIELDS, {})
        record.moment = _moment(record)
        record.rest = "".join(f" {name}={_word(value)}" for name, value in fields.items() if value is not None)
        return super().format(record)


class JsonLines(Lines):
    """Lines for programs: one JSON object each.

    Examples
    --------
    >>> record = logging.makeLogRecord({"name": "cmtools", "levelname": "INFO", "msg": "done", "fields": {"ms": 2}})
    >>> {name: said for name, said in json.loads(JsonLines().format(record)).items() if name != "at"}
    {'level': 'info', 'logger': 'cmtools', 'message': 'done', 'ms': 2}
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever is in it."""
        said: dict[str, Any] = {
            "at": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            said["trace"] = trace_of(record.exc_info[1])
        return json.dumps(said, ensure_ascii=False, default=str)


def trace_of(error: BaseException) -> list[str]:
    """The kinds of an exception and of those behind it, each with the places it came through; not what they say.

    Examples
    --------
    >>> try:
    ...     int("a secret")
    ... except ValueError as error:
    ...     trace_of(error)
    ['ValueError', '  ... in <module>, line 2']
    """
    return [line for each in _behind(error) for line in _told(each)]


def _behind(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _told(error: BaseException) -> Iterator[str]:
    kind = type(error)
    yield kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield f"  {frame.f_code.co_filename} in {frame.f_code.co_name}, line {line}"


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _word(value: object) -> str:
    """A value that ends where the next name begins, and on the same line."""
    text = str(value)
    return text if text.isprintable() and " " not in text else json.dumps(text)
