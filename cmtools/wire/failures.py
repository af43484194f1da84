"""The body of a refusal: ours written and read, and whatever else may stand in its place read. It sends nothing."""

from __future__ import annotations

import json
import re
from http import HTTPStatus

from ..errors import CmtoolsError, error_from_wire

LONGEST_MESSAGE = 2000
LONGEST_FOREIGN_MESSAGE = 200


def write_error(error: CmtoolsError) -> dict[str, dict[str, str]]:
    """The body of a refusal, the same in both spellings.

    Examples
    --------
    >>> from cmtools.errors import BadDraft
    >>> write_error(BadDraft("it is missing", where="[0].Type"))
    {'Error': {'Code': 'BadDraft', 'Message': '[0].Type: it is missing'}}
    """
    return {"Error": {"Code": error.code, "Message": str(error)}}


def read_error(status: int, raw: bytes) -> CmtoolsError:
    """The error that a refusal stands for, whatever its body is: ours, a gateway's, a web page, or nothing.

    Examples
    --------
    >>> read_error(409, b'{"Error": {"Code": "LeaseLost", "Message": "the lease has expired"}}')
    LeaseLost('the lease has expired')
    >>> str(read_error(502, b"<html><title>Bad gateway</title>"))
    'the server answered 502 Bad Gateway: Bad gateway'
    """
    fields = _error_fields(raw)
    inner = fields.get("error")
    if isinstance(inner, dict):
        fields = {str(key).lower(): value for key, value in inner.items()}
    code, message = fields.get("code"), fields.get("message") or fields.get("detail") or fields.get("title")
    if isinstance(code, str) and isinstance(message, str):
        return error_from_wire(status, code, one_line(message, LONGEST_MESSAGE))
    foreign = message if isinstance(message, str) else _page_title(raw)
    kind = type(error_from_wire(status, "", ""))
    return kind(_status_line(status, one_line(foreign, LONGEST_FOREIGN_MESSAGE)))


def _error_fields(raw: bytes) -> dict[str, object]:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return {str(key).lower(): value for key, value in data.items()} if isinstance(data, dict) else {}


def _page_title(raw: bytes) -> str:
    text = raw[:10_000].decode("utf-8", "replace")
    title = re.search(r"<title[^>]*>([^<]*)", text, re.IGNORECASE)
    if title:
        return title[1]
    return "" if text.lstrip().startswith(("<", "{", "[")) else text


def _status_line(status: int, said: str) -> str:
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    return f"the server answered {status}{phrase}" + (f": {said}" if said else "")


def one_line(text: str, longest: int) -> str:
    """The text without line breaks and control characters, cut where it is too long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 2 * longest]).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
