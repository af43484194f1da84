"""Our own operations: every record of the model there and back, and what request bodies refuse."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.errors import BadRequest, ServiceError
from cmtools.model import (
    Answer,
    ApiKey,
    AuditEvent,
    CallbackAttempt,
    Frame,
    Job,
    JobStep,
    Lease,
    Picture,
    QueueCounts,
    Review,
    Submission,
    Team,
    Term,
    Transcript,
)
from cmtools.tags import Tag, TagSet
from cmtools.wire import bodies, own

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
REVIEW = Review(
    "202603i1",
    "Complete",
    "Image",
    "https://x/1.jpg",
    "1",
    metadata=(("sc", "true"), ("sc", "False"), ("", "ü\u2028")),
    auto_tags={"sc": True},
    human_tags={"a": False},
    scores={"a": 0.25},
    toggles={"r": True},
    answers=(Answer("ana", "a", True, NOW), Answer("bo", "a", False, NOW, frame="500")),
    created_at=NOW,
    weight=2.5,
    stratum="night",
)
FRAME = Frame(
    500,
    "https://x/500.png",
    metadata=(("a", "True"),),
    result_tags=(("a", "true"),),
    name="f-1",
    auto_tags={"a": True},
    human_tags={"a": False},
    scores={"a": 0.9},
    toggles={"r": True},
)
VIDEO = Review("202603v1", "Unpublished", "Video", "https://x/v", "1", frames=(FRAME, Frame(900, "media:1")))
LEASE = Lease("l1", "ana", "Image", NOW, (REVIEW,), subteam="mail", created_at=NOW, token="t0k")
RECORDS = [
    REVIEW,
    VIDEO,
    Transcript("WEBVTT", (Term("0:01", 3, "crap"),)),
    Job("1", "Complete", "default", "Image", "7", review_id="202603i1", metadata=(("isAdult", "True"),)),
    Job("1", "Error", "default", "Text", "7", report=(JobStep(NOW, "no tagger"),), created_at=NOW),
    LEASE,
    Lease("", "", "Image", NOW),
    Submission("s1", "ana", ("1", "2"), NOW, NOW, lease=LEASE),
    Submission("s1", "ana", (), NOW, NOW),
    QueueCounts(1, 2, 3, 4, 5),
    Picture("p", "media:p", "image/png", 3, 4, 5),
    CallbackAttempt("c", "r", "http://x", "waiting", 0, NOW),
    AuditEvent(7, NOW, "key:1", None, "review.create", "r1", {"n": 1}, {"n": [1, {"deep": None}]}),
    ApiKey("k", "label", "admin", "ana", NOW, None, secret="s"),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_record_comes_back_as_it_was(record: object) -> None:
    assert own.read(type(record), json.loads(json.dumps(own.write(record)))) == record


def test_team_comes_back_with_its_tags_in_order() -> None:
    team = Team("t", TagSet([Tag("sc", "x", "why", visible=False)]), ("public", "mail"), 60.0, 1.5)
    back = own.read(Team, json.loads(json.dumps(own.write(team))))
    assert list(back.tags.values()) == list(team.tags.values())
    assert (back.name, back.subteams, back.lease_seconds, back.undo_seconds) == ("t", ("public", "mail"), 60.0, 1.5)


def test_moment_is_written_in_utc_and_read_as_plain_utc() -> None:
    east = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    written = own.write({"at": east})
    assert written == {"at": "2026-03-01T12:30:15.123456Z"}
    assert own.read(datetime, written["at"]).tzinfo is UTC


def test_moment_without_a_time_zone_is_not_written() -> None:
    with pytest.raises(TypeError, match="no time zone"):
        own.write([datetime(2026, 3, 1)])  # noqa: DTZ001


def test_value_without_a_place_in_an_answer_is_not_written() -> None:
    with pytest.raises(TypeError, match="no place"):
        own.write({"x": object()})


def test_path_is_written_as_text() -> None:
    assert own.write((Path("a") / "b",)) == ["a/b"]


def test_keys_from_a_newer_service_are_passed_over() -> None:
    data = own.write(LEASE)
    data["new"] = data["reviews"][0]["new"] = 1
    assert own.read(Lease, data) == LEASE


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (None, None),
        ([{"id": "1"}], "[0].status"),
        ([own.write(REVIEW), {**own.write(REVIEW), "created_at": "yesterday"}], "[1].created_at"),
        ([{**own.write(REVIEW), "created_at": "2026-03-01T00:00:00"}], "[0].created_at"),
        ([{**own.write(REVIEW), "metadata": [["a", 1]]}], "[0].metadata[0][1]"),
    ],
)
def test_answer_of_another_shape_is_a_service_error_that_says_where(data: object, where: str | None) -> None:
    with pytest.raises(ServiceError) as caught:
        own.read(list[Review], data)
    assert caught.value.where == where


def test_tag_that_breaks_the_rules_of_tags_is_a_service_error() -> None:
    with pytest.raises(ServiceError, match="short code"):
        own.read(Team, {"name": "t", "tags": [{"short_code": "9!"}]})


@pytest.mark.parametrize(("told", "threshold"), [({}, None), ({"threshold": None}, None), ({"threshold": 1}, 1.0)])
def test_threshold_of_a_tag_is_read_where_it_is_told(told: dict[str, object], threshold: float | None) -> None:
    read = own.read(Tag, {"short_code": "sc", **told})
    assert read == Tag("sc", threshold=threshold)
    assert own.read(Tag, own.write(read)) == read


def test_threshold_that_is_none_is_a_service_error() -> None:
    with pytest.raises(ServiceError, match="the threshold of 'sc' is 2"):
        own.read(Tag, {"short_code": "sc", "threshold": 2})


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'{"short_code": "sc"}', {}),
        (b'{"short_code": "sc", "threshold": null}', {"threshold": None}),
        (b'{"short_code": "sc", "threshold": 1, "name": "", "new": 1}', {"name": "", "threshold": 1.0}),
    ],
)
def test_what_is_left_out_of_a_tag_and_what_is_null_are_told_apart(raw: bytes, said: dict[str, object]) -> None:
    assert bodies.read_body(bodies.TagBody, raw).said == said


def test_page_has_its_records_and_the_cursor_of_the_next() -> None:
    assert own.read_page(Review, {"reviews": [own.write(REVIEW)], "next": 7}, "reviews") == ([REVIEW], "7")
    assert own.read_page(Review, {"reviews": []}, "reviews") == ([], None)


@pytest.mark.parametrize("data", [None, [], {}, "<html>"])
def test_list_that_is_not_there_is_a_service_error(data: object) -> None:
    with pytest.raises(ServiceError, match="leases"):
        own.read_list(Lease, data, "leases")


@given(name=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_name_passes_through_a_header(name: str) -> None:
    header = own.write_header(name)
    assert header.isascii()
    assert "\n" not in header
    assert own.read_header(header) == name


def test_body_left_out_means_the_defaults() -> None:
    assert bodies.read_body(bodies.CheckoutBody, b"") == bodies.CheckoutBody(count=20, type="Image", subteam=None)


def test_body_is_read_without_white_space_around_names_and_with_unknown_keys() -> None:
    body = bodies.read_body(bodies.TagBody, b'\xef\xbb\xbf {"short_code": " sc ", "name": " x ", "new": 1}')
    assert (body.short_code, body.name, body.visible) == ("sc", "x", True)


@pytest.mark.parametrize(
    ("model", "raw", "where"),
    [
        (bodies.CheckoutBody, b'{"count": 0}', "count"),
        (bodies.CheckoutBody, b'{"count": 10001}', "count"),
        (bodies.CheckoutBody, b'{"count": "5"}', "count"),
        (bodies.CheckoutBody, b'{"count": true}', "count"),
        (bodies.CheckoutBody, b'{"type": ""}', "type"),
        (bodies.CheckoutBody, b'{"subteam": "a\\u0000"}', "subteam"),
        (bodies.TagBody, b'{"short_code": "sc", "threshold": 1.01}', "threshold"),
        (bodies.TagBody, b'{"short_code": "sc", "threshold": "0.7"}', "threshold"),
        (bodies.TagBody, b'{"short_code": "sc", "threshold": true}', "threshold"),
        (bodies.TagBody, b'{"short_code": "sc", "threshold": NaN}', "threshold"),
        (bodies.TagBody, b'{"short_code": "sc", "name": null}', "name"),
        (bodies.ThresholdBody, b"{}", "threshold"),
        (bodies.AnswersBody, b"{}", "answers"),
        (bodies.AnswersBody, b'{"answers": {}}', "answers"),
        (bodies.AnswersBody, b'{"answers": {"r1": {"a": "True"}}}', "answers.r1.a"),
        (bodies.AnswersBody, b'{"answers": {"r1": {"a": 1}}}', "answers.r1.a"),
        (bodies.AnswersBody, b'{"answers": {"r1": true}}', "answers.r1"),
        (bodies.AnswersBody, b'{"answers": {"r\\u0000": {}}}', 'answers["r\0"]'),
        (bodies.AnswersBody, b'{"answers": {"r1": {}}, "frames": {"r1": {"500": {"a": "no"}}}}', "frames.r1.500.a"),
        (bodies.AnswersBody, b'{"answers": {"r1": {}}, "frames": {"r1": {"soon": {"a": true}}}}', "frames.r1.soon"),
        (bodies.AnswersBody, b'{"answers": {"r1": {}}, "frames": {"r1": {"-5": {"a": true}}}}', "frames.r1.-5"),
        (bodies.AnswersBody, b'{"answers": {"r1": {}}, "frames": {"r1": [500]}}', "frames.r1"),
        (bodies.TogglesBody, b'{"toggles": {}, "frames": {"r1": {"5": {" ": true}}}}', 'frames.r1.5[" "]'),
        (bodies.TogglesBody, b'{"r1": {"a": true}}', "toggles"),
        (bodies.ReleaseBody, b'{"review_ids": "r1"}', "review_ids"),
        (bodies.MoveBody, b'{"subteam": null}', "subteam"),
        (bodies.SubteamBody, b'{"name": "  "}', "name"),
        (bodies.KeyBody, b'{"label": "x"}', "role"),
        (bodies.LookupBody, b'{"ids": ["a", 1]}', "ids[1]"),
        (bodies.LookupBody, json.dumps({"ids": ["a"] * 1001}).encode(), "ids"),
        (bodies.CheckoutBody, b"[]", None),
        (bodies.CheckoutBody, b"\xff", None),
        (bodies.CheckoutBody, b"[" * 100_000, None),
    ],
)
def test_bad_body_is_refused_with_its_json_path(model: type[bodies.Body], raw: bytes, where: str | None) -> None:
    with pytest.raises(BadRequest) as caught:
        bodies.read_body(model, raw)
    assert caught.value.where == where
    assert "\n" not in str(caught.value)


@given(raw=st.binary(max_size=40))
def test_no_bytes_raise_anything_but_an_error_of_ours(raw: bytes) -> None:
    with suppress(BadRequest):
        bodies.read_body(bodies.AnswersBody, raw)
