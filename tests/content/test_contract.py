"""Every content type of the table keeps the contract of base.py."""

from __future__ import annotations

import dataclasses
import math

import pytest

from cmtools.content import TYPES, ContentType, content_type
from cmtools.content.base import check_address
from cmtools.errors import BadDraft
from cmtools.model import Draft

CONTENT = {
    "Image": "https://example.org/cat.jpg",
    "Text": "some words",
    "Video": "https://example.org/talk.ism/manifest",
}
KINDS = pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)


def draft(kind: ContentType, **changes: object) -> Draft:
    return dataclasses.replace(Draft(content=CONTENT[kind.name], content_id="1", type=kind.name), **changes)


def test_letters_are_single_and_distinct() -> None:
    letters = [kind.letter for kind in TYPES.values()]
    assert len(set(letters)) == len(letters)
    assert all(len(letter) == 1 and letter.islower() for letter in letters)


@KINDS
@pytest.mark.parametrize("spell", [str, str.lower, str.upper, lambda name: f" {name} "])
def test_type_is_found_in_any_spelling(kind: ContentType, spell: object) -> None:
    assert content_type(spell(kind.name)) is kind


@pytest.mark.parametrize("name", ["Audio", "", None, 3])
def test_unknown_type_is_refused_with_the_types_there_are(name: object) -> None:
    with pytest.raises(BadDraft, match="Image, Text, Video") as caught:
        content_type(name)
    assert caught.value.where == "type"


@KINDS
def test_good_draft_passes(kind: ContentType) -> None:
    kind.check(draft(kind, metadata=(("a", "True"), ("a", ""), ("k", "é\n"))))
    kind.check(draft(kind, callback_endpoint="http://127.0.0.1:8000/back", stratum="high", weight=0.5))
    kind.check(draft(kind, callback_endpoint=""))


@KINDS
@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("content", "", "content"),
        ("content", "   \n", "content"),
        ("content", None, "content"),
        ("content", "http://x/\x00", "content"),
        ("content_id", "", "content_id"),
        ("content_id", None, "content_id"),
        ("content_id", "a\x00b", "content_id"),
        ("content_id", "\ud800", "content_id"),
        ("content_id", "x" * 1025, "content_id"),
        ("metadata", (("k", "v"), ("", "v")), "metadata[1].key"),
        ("metadata", (("k", None),), "metadata[0].value"),
        ("metadata", (("k", "v\x00"),), "metadata[0].value"),
        ("metadata", (("k", "v" * 100_001),), "metadata[0].value"),
        ("metadata", (("k", "v"),) * 1001, "metadata"),
        ("callback_endpoint", "ftp://example.org", "callback_endpoint"),
        ("callback_endpoint", "example.org/hook", "callback_endpoint"),
        ("weight", 0.0, "weight"),
        ("weight", math.nan, "weight"),
        ("stratum", "\x00", "stratum"),
    ],
)
def test_bad_field_is_refused_and_named(kind: ContentType, field: str, value: object, where: str) -> None:
    with pytest.raises(BadDraft) as caught:
        kind.check(draft(kind, **{field: value}))
    assert caught.value.where == where
    assert str(caught.value).startswith(f"{where}: ")


UNREADABLE = [
    "http://[::ffff:127.5]/x.png",
    "http://[x]/",
    "http://[::1",
    "http://[]/",
    "http://a]/",
    "http://x:abc/",
    "http://x:-1/",
    "http://x:99999/",
    "http://\u2100.com/",
]
"""Whoever takes them apart gets an error."""


@pytest.mark.parametrize("address", UNREADABLE)
def test_address_that_cannot_be_taken_apart_is_refused(address: str) -> None:
    with pytest.raises(BadDraft, match="names no host and port") as caught:
        check_address(address, "content")
    assert caught.value.where == "content"


@pytest.mark.parametrize(
    "address",
    [
        "http://[::1]:80/x",
        "HTTPS://user:word@example.org:65535?q",
        "http://b\u00fccher.example/\u00e4",
        "http://x:/",
        "http://0x7f.1/",
    ],
)
def test_address_that_can_be_taken_apart_is_taken(address: str) -> None:
    check_address(address, "content")
