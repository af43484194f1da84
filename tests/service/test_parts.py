"""Forms are taken apart as the vendor's clients write them, and refused when they are none."""

from __future__ import annotations

import random

import pytest
import requests

from cmtools.errors import BadRequest, UnsupportedType
from cmtools.service.parts import read_parts

FORM = "multipart/form-data; boundary=x"
BINARY = bytes(range(256)) * 3 + b"\r\n--"


def body(*parts: str | bytes, end: bytes = b"--x--\r\n") -> bytes:
    """A form whose parts stand there as they are sent, headers and all."""
    written = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join(b"--x\r\n" + part + b"\r\n" for part in written) + end


@pytest.mark.parametrize(
    "header",
    [
        'Content-Disposition: form-data; name="frameImageZip"; filename="z.zip"\r\nContent-Type: application/zip',
        'Content-Disposition: form-data; name="frameImageZip"\r\nContent-Type: application/octet-stream',
        'Content-Disposition: form-data; name="frameImageZip"',
        "Content-Disposition: form-data; name=frameImageZip; filename=z.zip; filename*=utf-8''z.zip",
        'content-disposition: form-data; name="FrameImageZip"',
    ],
    ids=["file", "file in memory", "bytes", "unquoted", "other case"],
)
def test_part_is_read_however_its_sender_labels_it(header: str) -> None:
    assert read_parts(FORM, body(header.encode() + b"\r\n\r\n" + BINARY)) == {"frameimagezip": BINARY}


def test_form_that_requests_writes_is_read() -> None:
    files = {"frameImageZip": ("z.zip", BINARY), "frameMetadata": (None, "[]")}
    sent = requests.Request("POST", "http://x/", files=files).prepare()
    assert read_parts(sent.headers["Content-Type"], sent.body) == {"frameimagezip": BINARY, "framemetadata": b"[]"}


def test_boundary_in_quotes_is_read() -> None:
    part = 'Content-Disposition: form-data; name="a"\r\n\r\nb'
    assert read_parts('multipart/form-data; boundary="x"', body(part)) == {"a": b"b"}


def test_empty_part_is_there() -> None:
    assert read_parts(FORM, body('Content-Disposition: form-data; name="a"\r\n\r\n')) == {"a": b""}


PART = 'Content-Disposition: form-data; name="a"\r\n\r\nb'


@pytest.mark.parametrize(
    ("content_type", "raw"),
    [
        (FORM, b""),
        (FORM, body(PART, end=b"")),
        (FORM, body(PART, PART)),
        (FORM, body(*(PART.replace('"a"', f'"a{n}"') for n in range(17)))),
        (FORM, body("Content-Type: text/plain\r\n\r\nb")),
        (FORM, body("Content-Disposition: attachment; name=a\r\n\r\nb")),
        (FORM, body("X" * 10_000 + ": 1\r\n\r\nb")),
        ("multipart/form-data", body(PART)),
        ("multipart/form-data; boundary=y", body(PART)),
        ("multipart/form-data; boundary=", body(PART)),
    ],
    ids=["empty", "cut", "twice", "many", "nameless", "no form", "long header", "no boundary", "other", "blank"],
)
def test_what_is_no_form_is_refused(content_type: str, raw: bytes) -> None:
    with pytest.raises(BadRequest):
        read_parts(content_type, raw)


def test_other_content_type_is_refused() -> None:
    with pytest.raises(UnsupportedType, match="text/plain"):
        read_parts("text/plain", body(PART))


@pytest.mark.parametrize("seed", range(5))
def test_damaged_form_is_read_or_refused_and_never_worse(seed: int) -> None:
    chance = random.Random(seed)
    good = body(PART, 'Content-Disposition: form-data; name="zip"; filename="z"\r\nContent-Length: 3\r\n\r\nabc')
    for _ in range(400):
        raw = bytearray(good)
        for _ in range(chance.randint(1, 8)):
            raw[chance.randrange(len(raw))] = chance.choice(b'\r\n-x:;"=ab\0\xff ')
        try:
            read_parts(FORM, bytes(raw))
        except BadRequest:
            continue
