"""Fields of the vendor's JSON: names in any case, numbers as text, faults with their path."""

from __future__ import annotations

import pytest

from cmtools.errors import BadDraft, BadRequest, TooLarge
from cmtools.wire import fields


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b"[" * 5000,
        b'{"a":' * 5000,
        b'"\\ud800"',
        b"NaN",
        b"-Infinity",
        b"9" * 5000,
        b"{'a': 1}",
    ],
    ids=lambda raw: repr(raw[:12]),
)
def test_what_is_no_json_is_a_bad_request(raw: bytes) -> None:
    with pytest.raises(BadRequest, match="cannot be read as JSON"):
        fields.read_json(raw)


def test_of_the_same_key_twice_the_last_one_counts() -> None:
    assert fields.read_json(b'{"a": 1, "a": 2}') == {"a": 2}


def test_of_keys_that_differ_in_case_the_last_one_counts() -> None:
    assert fields.fields_of({"ContentId": 1, "contentid": 2, "CONTENTID": 3}) == {"contentid": 3}


@pytest.mark.parametrize(
    ("value", "text"), [("x", "x"), (True, "True"), (False, "False"), (7, "7"), (0.5, "0.5"), (10**400, str(10**400))]
)
def test_number_and_boolean_read_as_the_text_that_old_clients_make_of_them(value: object, text: str) -> None:
    assert fields.scalar({"value": value}, "Value") == text


@pytest.mark.parametrize("value", [None, [], {}, float("inf"), float("nan")])
def test_value_that_is_no_text_is_refused_by_its_name(value: object) -> None:
    with pytest.raises(BadDraft) as caught:
        fields.scalar({"value": value}, "Value")
    assert caught.value.where == "Value"


def test_number_that_overflows_is_refused_in_a_pair() -> None:
    with pytest.raises(BadDraft) as caught:
        fields.read_pairs(fields.read_json(b'[{"Key": "a", "Value": 1e400}]'), "ReviewerResultTags")
    assert caught.value.where == "ReviewerResultTags[0].Value"


@pytest.mark.parametrize(
    ("outer", "inner", "whole"),
    [
        ("[3]", None, "[3]"),
        ("[3]", "content_id", "[3].ContentId"),
        ("[3]", "frames[2].result_tags[0].key", "[3].VideoFrames[2].ReviewerResultTags[0].Key"),
        ("", "[1].timestamp", "[1].Timestamp"),
        ("If", "Left.Value", "If.Left.Value"),
        ("Terms", "[2]", "Terms[2]"),
    ],
)
def test_path_is_put_together_from_outside_in(outer: str, inner: str | None, whole: str) -> None:
    assert fields.at(outer, BadDraft("bad", where=inner)).where == whole


def test_fault_keeps_its_class_on_the_way_out() -> None:
    assert type(fields.at("[3]", TooLarge("much"))) is TooLarge
