"""Transcripts: WebVTT and nothing else; the words that were found in it."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.errors import BadRequest, TooLarge
from cmtools.model import Term
from cmtools.wire import transcripts
from tests.tools.effort import calls


def body(*items: object) -> bytes:
    return json.dumps(items).encode()


@pytest.mark.parametrize(
    "text", ["WEBVTT", "WEBVTT\n\n00:01.000 --> 00:02.000\nHello", "WEBVTT a talk", "WEBVTT\tx", "WEBVTT\r\nx"]
)
def test_transcript_is_kept_as_it_is(text: str) -> None:
    assert transcripts.read_transcript(text.encode()) == text


def test_byte_order_mark_of_a_transcript_is_passed_over() -> None:
    assert transcripts.read_transcript(b"\xef\xbb\xbfWEBVTT") == "WEBVTT"


@pytest.mark.parametrize("raw", [b"WEBVTTX", b"webvtt", b" WEBVTT", b"hello", b'"WEBVTT"', b"WEBV"])
def test_what_does_not_begin_as_webvtt_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRequest, match="no WebVTT"):
        transcripts.read_transcript(raw)


@pytest.mark.parametrize("raw", [b"", b"\n "])
def test_stream_that_was_spent_is_refused_with_the_reason(raw: bytes) -> None:
    with pytest.raises(BadRequest, match="stream"):
        transcripts.read_transcript(raw)


@pytest.mark.parametrize("raw", [b"WEBVTT \xff", "WEBVTT".encode("utf-16"), b"WEBVTT\n\xed\xa0\x80"])
def test_transcript_that_is_no_utf_8_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRequest, match="UTF-8"):
        transcripts.read_transcript(raw)


def test_transcript_that_no_database_keeps_is_refused() -> None:
    with pytest.raises(BadRequest, match="NUL"):
        transcripts.read_transcript(b"WEBVTT\n\0")


@pytest.mark.parametrize(
    ("item", "where"),
    [
        (5, "[1]"),
        ({"Timestamp": [], "Terms": [{"Index": 0, "Term": "x"}]}, "[1].Timestamp"),
        ({"Timestamp": "\0", "Terms": [{"Index": 0, "Term": "x"}]}, "[1].Timestamp"),
        ({"Timestamp": "0", "Terms": {}}, "[1].Terms"),
        ({"Timestamp": "0", "Terms": ["x"]}, "[1].Terms[0]"),
        ({"Timestamp": "0", "Terms": [{"Index": 0, "Term": "x"}, {"Index": 0}]}, "[1].Terms[1].Term"),
        ({"Timestamp": "0", "Terms": [{"Index": 0, "Term": ""}]}, "[1].Terms[0].Term"),
        ({"Timestamp": "0", "Terms": [{"Index": 0, "Term": "x" * 2000}]}, "[1].Terms[0].Term"),
        ({"Timestamp": "0", "Terms": [{"Term": "x"}]}, "[1].Terms[0].Index"),
        ({"Timestamp": "0", "Terms": [{"Index": -1, "Term": "x"}]}, "[1].Terms[0].Index"),
        ({"Timestamp": "0", "Terms": [{"Index": True, "Term": "x"}]}, "[1].Terms[0].Index"),
        ({"Timestamp": "0", "Terms": [{"Index": 1.5, "Term": "x"}]}, "[1].Terms[0].Index"),
        ({"Timestamp": "0", "Terms": [{"Index": 10**400, "Term": "x"}]}, "[1].Terms[0].Index"),
    ],
)
def test_one_bad_term_refuses_them_all_and_names_the_field(item: object, where: str) -> None:
    with pytest.raises(BadRequest) as caught:
        transcripts.read_terms(body({"Timestamp": "0", "Terms": []}, item))
    assert (caught.value.where, caught.value.code) == (where, "BadRequest")


@pytest.mark.parametrize("raw", [b"", b"{}", b"null", b"[" * 100_000], ids=lambda raw: repr(raw[:9]))
def test_body_that_is_no_list_of_terms_is_a_bad_request(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        transcripts.read_terms(raw)


@pytest.mark.parametrize(("given", "kept"), [("101", "101"), ("", ""), (None, ""), (101, "101"), ("0:01", "0:01")])
def test_moment_of_a_term_is_kept_as_given(given: object, kept: str) -> None:
    assert transcripts.read_terms(body({"timestamp": given, "terms": [{"index": 0, "term": "x"}]})) == (
        Term(kept, 0, "x"),
    )


@pytest.mark.parametrize(
    "item", [{"Timestamp": "0", "Terms": []}, {"Timestamp": "0", "Terms": None}, {"Timestamp": "0"}]
)
def test_moment_without_terms_is_nothing(item: object) -> None:
    assert transcripts.read_terms(body(item)) == ()


def test_empty_list_says_that_nothing_was_found() -> None:
    assert transcripts.read_terms(b"[]") == ()


@pytest.mark.parametrize(
    "items",
    [
        [{"Timestamp": "0", "Terms": []}] * 100_000,
        [{"Timestamp": "0", "Terms": [{"Index": 1, "Term": "x"}] * 100_000}],
        [{"Timestamp": "0", "Terms": [{"Index": 1, "Term": "x"}] * 10_000}] * 10,
    ],
    ids=["moments", "terms of one moment", "terms of all"],
)
def test_a_hundred_thousand_terms_are_refused_before_all_are_read(items: list[object]) -> None:
    raw = json.dumps(items).encode()

    def read() -> None:
        with pytest.raises(TooLarge):
            transcripts.read_terms(raw)

    assert calls(read) < 60 * transcripts.MAX_TERMS


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)


@given(st.lists(st.builds(Term, TEXT, st.integers(0, 2**31 - 1), TEXT.filter(str.strip)), max_size=6))
def test_terms_that_the_client_writes_are_what_the_service_reads(found: list[Term]) -> None:
    assert transcripts.read_terms(body(*transcripts.write_terms(found))) == tuple(found)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["Timestamp", "terms", "Index", "Term"]), inner)
    ),
    max_leaves=12,
)


@given(data=JSON)
def test_no_body_raises_anything_but_an_error_of_ours(data: object) -> None:
    with suppress(BadRequest, TooLarge):
        transcripts.read_terms(json.dumps(data).encode())
