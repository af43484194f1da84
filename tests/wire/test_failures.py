"""Refusals: whatever stands in their place becomes one line and the right class; ours come back as they went."""

from __future__ import annotations

import json

import pytest

from cmtools.errors import BadRequest, CmtoolsError, NotAuthorized, NotFound, ServiceError, error_classes
from cmtools.wire import failures

CLASSES = [cls for cls in error_classes() if cls.__module__ == "cmtools.errors"]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_error_comes_back_as_the_class_that_was_raised(cls: type[CmtoolsError]) -> None:
    sent = cls("what happened, and what to do", where="[3].Type")
    received = failures.read_error(cls.status, json.dumps(failures.write_error(sent)).encode())
    assert type(received) is cls
    assert str(received) == str(sent)


def test_tree_is_as_large_as_it_is_drawn() -> None:
    from cmtools import errors

    drawn = {word for word in (errors.__doc__ or "").replace("(", " ").split() if hasattr(errors, word)}
    assert {cls.__name__ for cls in CLASSES} == drawn


@pytest.mark.parametrize(
    ("status", "raw", "kind", "message"),
    [
        (
            401,
            b'{"statusCode":401,"message":"Access denied"}',
            NotAuthorized,
            "the server answered 401 Unauthorized: Access denied",
        ),
        (404, b'{"error":{"code":"404","message":"Resource not found"}}', NotFound, "Resource not found"),
        (404, b'{"detail":"Not Found"}', NotFound, "the server answered 404 Not Found: Not Found"),
        (404, b"", NotFound, "the server answered 404 Not Found"),
        (404, b"<!doctype html>\n<p>nothing</p>", NotFound, "the server answered 404 Not Found"),
        (502, b"<html><title>Bad\ngateway</title>", ServiceError, "the server answered 502 Bad Gateway: Bad gateway"),
        (599, b"\xff\xfe", ServiceError, "the server answered 599: \ufffd\ufffd"),
        (418, b"[1, 2]", BadRequest, "the server answered 418 I'm a Teapot"),
        (400, b'{"Error": {"Code": 5, "Message": ["x"]}}', BadRequest, "the server answered 400 Bad Request"),
        (400, b"[" * 100_000, BadRequest, "the server answered 400 Bad Request"),
    ],
)
def test_any_body_of_a_refusal_becomes_one_line_and_the_right_class(
    status: int, raw: bytes, kind: type[CmtoolsError], message: str
) -> None:
    error = failures.read_error(status, raw)
    assert type(error) is kind
    assert str(error) == message


def test_message_of_a_refusal_is_cut_and_free_of_control_characters() -> None:
    raw = json.dumps({"Error": {"Code": "BadRequest", "Message": "a\n\x1b[31mb" + "x" * 10_000}}).encode()
    message = str(failures.read_error(400, raw))
    assert message.startswith("a [31mb")
    assert len(message) <= 2000
