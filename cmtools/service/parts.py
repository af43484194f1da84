"""Takes a ``multipart/form-data`` body apart into its parts, whatever its sender left out. It reads no part."""

from __future__ import annotations

import re

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from ..errors import BadRequest, UnsupportedType

KIND = "multipart/form-data"
MOST_PARTS = 16
FIRST_LINE = re.compile(rb"--([0-9A-Za-z'()+_,./:=?-]{1,70})\r\nContent-Disposition:", re.IGNORECASE)
"""How a form begins; no JSON does."""


def form_type(content_type: str, body: bytes) -> str | None:
    """The content type of a form with parts, or None where the body is none.

    The vendor's JavaScript SDK sends a form under whatever type its caller named: then the body itself tells.

    Examples
    --------
    >>> form_type("Multipart/Form-Data; boundary=x", b"--x ..."), form_type("application/json", b"[]")
    ('Multipart/Form-Data; boundary=x', None)
    >>> form_type("application/json", b'--x\\r\\nContent-Disposition: ...')
    'multipart/form-data; boundary="x"'
    """
    if content_type.partition(";")[0].strip().lower() == KIND:
        return content_type
    first = FIRST_LINE.match(body)
    return f'{KIND}; boundary="{first[1].decode()}"' if first else None


def read_parts(content_type: str, body: bytes) -> dict[str, bytes]:
    """The parts of a form by their names in lower case.

    A name may stand without quotes, a part without a file name and without a type: the vendor's clients do both.

    Raises
    ------
    BadRequest
        When the body is no such form, is cut off, or names a part twice.

    Examples
    --------
    >>> body = b'--x\\r\\nContent-Disposition: form-data; name=Some\\r\\n\\r\\nbytes\\r\\n--x--\\r\\n'
    >>> read_parts("multipart/form-data; boundary=x", body)
    {'some': b'bytes'}
    """
    kind, options = parse_options_header(content_type)
    if kind != KIND:
        raise UnsupportedType(f"the body is marked as {content_type[:100]!r}, not as {KIND}")
    found: dict[str, list[bytes]] = {}
    name = ""
    try:
        with PushMultipartParser(options.get("boundary", ""), max_segment_count=MOST_PARTS) as parser:
            for event in parser.parse(body):
                if isinstance(event, MultipartSegment):
                    name = (event.name or "").lower()
                    if name in found:
                        raise BadRequest(f"the form has two parts {name[:100]!r}")
                    found[name] = []
                elif event:
                    found[name].append(bytes(event))
    except MultipartError as error:
        problem = BadRequest(f"the body is no {KIND} that can be read: {error}")
    else:
        return {name: b"".join(pieces) for name, pieces in found.items()}
    raise problem
