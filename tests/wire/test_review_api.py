"""The Review API: what is read leniently, what is refused and where, and how answers are spelt."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.errors import BadDraft, BadRequest, CmtoolsError, NotAuthorized, NotFound, ServiceError, TooLarge
from cmtools.model import Draft, Review, Team
from cmtools.tags import Tag, TagSet
from cmtools.wire import callbacks, creation, failures, reviews, spelling
from cmtools.wire.creation import Incoming

GOOD = {"Type": "Image", "Content": "https://x.example/1.jpg", "ContentId": "1"}
TEAM = Team("Night", TagSet([Tag("sc", "isscreenshot"), Tag("hid", "hidden", visible=False)]))


def body(*items: object) -> bytes:
    return json.dumps(items).encode()


def changed(**fields: object) -> dict[str, object]:
    return {**GOOD, **fields}


def complete(**human_tags: bool) -> Review:
    return Review("1", "Complete", "Image", "https://x.example/1.jpg", "1", human_tags=human_tags)


@pytest.mark.parametrize(
    ("item", "where"),
    [
        ("text", "[1]"),
        (changed(Type=None), "[1].Type"),
        (changed(Type="Audio"), "[1].Type"),
        (changed(Type=["Image"]), "[1].Type"),
        (changed(Content=" "), "[1].Content"),
        (changed(Content={"url": 1}), "[1].Content"),
        (changed(Content="cat.jpg"), "[1].Content"),
        (changed(Content="https://x.example/\0"), "[1].Content"),
        (changed(ContentId=None), "[1].ContentId"),
        (changed(ContentId=""), "[1].ContentId"),
        (changed(ContentId="x" * 100_000), "[1].ContentId"),
        (changed(CallbackEndpoint=5), "[1].CallbackEndpoint"),
        (changed(CallbackEndpoint="ftp://x.example"), "[1].CallbackEndpoint"),
        (changed(Metadata={"a": "True"}), "[1].Metadata"),
        (changed(Metadata=["a"]), "[1].Metadata[0]"),
        (changed(Metadata=[{"Key": "a", "Value": "b"}, {"Value": "x"}]), "[1].Metadata[1].Key"),
        (changed(Metadata=[{"Key": "", "Value": "x"}]), "[1].Metadata[0].Key"),
        (changed(Metadata=[{"Key": "a", "Value": None}]), "[1].Metadata[0].Value"),
        (changed(Metadata=[{"Key": "a", "Value": ["x"]}]), "[1].Metadata[0].Value"),
        (changed(Metadata=[{"Key": "a", "Value": "x" * 200_000}]), "[1].Metadata[0].Value"),
        (changed(Metadata=[{"Key": "a", "Value": ""}] * 2000), "[1].Metadata"),
        (changed(Weight="1"), "[1].Weight"),
        (changed(Weight=0), "[1].Weight"),
        (changed(Weight=True), "[1].Weight"),
        (changed(Weight=10**400), "[1].Weight"),
        (changed(Stratum=1), "[1].Stratum"),
        (changed(IdempotencyKey=""), "[1].IdempotencyKey"),
        (changed(IdempotencyKey="x" * 201), "[1].IdempotencyKey"),
    ],
)
def test_one_bad_item_refuses_the_batch_and_names_the_field(item: object, where: str) -> None:
    with pytest.raises(BadDraft) as caught:
        creation.read_drafts(body(GOOD, item))
    assert caught.value.where == where


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe[]",
        b"[" * 100_000,
        b'["\\ud800"]',
        b"[NaN]",
        b"[" + b"9" * 5000 + b"]",
        b"{}",
        b"null",
        b"[]",
        b'"a"',
    ],
    ids=lambda raw: repr(raw[:10]),
)
def test_body_that_is_no_list_of_items_is_a_bad_request(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        creation.read_drafts(raw)


def test_byte_order_mark_is_passed_over() -> None:
    assert len(creation.read_drafts(b"\xef\xbb\xbf" + body(GOOD))) == 1


def test_too_many_items_are_too_large() -> None:
    with pytest.raises(TooLarge, match="10,001"):
        creation.read_drafts(b"[" + b"1," * creation.MAX_ITEMS + b"1]")


def test_empty_callback_endpoint_is_not_an_absent_one() -> None:
    empty, absent = creation.read_drafts(body(changed(CallbackEndpoint=""), GOOD))
    assert (empty.draft.callback_endpoint, absent.draft.callback_endpoint) == ("", None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["Type", "content", "ContentId", "Metadata", "Key", "Value", "Weight"]), inner
        )
    ),
    max_leaves=12,
)


@given(data=JSON)
def test_no_body_raises_anything_but_an_error_of_ours(data: object) -> None:
    with suppress(BadRequest, TooLarge):
        assert creation.read_drafts(json.dumps(data).encode())


@given(
    content_id=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip),
    metadata=st.lists(
        st.tuples(
            st.sampled_from(["a", "R", "model"]),
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        )
    ),
    callback=st.sampled_from([None, "", "https://x.example/?q=1"]),
    weight=st.floats(min_value=0.001, max_value=1e9),
    key=st.sampled_from([None, "k1"]),
)
def test_what_the_client_writes_is_what_the_service_reads(
    content_id: str, metadata: list[tuple[str, str]], callback: str | None, weight: float, key: str | None
) -> None:
    draft = Draft("media:1", content_id, "Image", tuple(metadata), callback, weight=weight)
    raw = json.dumps(creation.write_drafts([Incoming(draft, key)])).encode()
    assert creation.read_drafts(raw) == [Incoming(draft, key)]


@pytest.mark.parametrize(
    ("user_agent", "command", "setting", "wanted"),
    [
        (
            "python/3.11.2 (Linux) msrest/0.7.1 azure-cognitiveservices-vision-contentmoderator/1.0.1",
            None,
            "auto",
            "pascal",
        ),
        ("@azure/cognitiveservices-contentmoderator/5.0.1 ms-rest-js/2.7.0", None, "auto", "pascal"),
        ("Mozilla/5.0", "@azure/CognitiveServices-ContentModerator/5.0.1", "auto", "pascal"),
        ("curl/8.5.0", None, "auto", "camel"),
        ("cmtools/0.1.0", None, "auto", "camel"),
        (None, None, "auto", "camel"),
        ("curl/8.5.0", None, "pascal", "pascal"),
        ("msrest/0.7.1", None, "camel", "camel"),
    ],
)
def test_spelling_follows_the_client_unless_the_setting_says_otherwise(
    user_agent: str | None, command: str | None, setting: str, wanted: str
) -> None:
    assert spelling.spelling_for(user_agent, command, setting) == wanted


def test_result_tags_are_the_visible_tags_of_the_team_in_its_order() -> None:
    written = reviews.write_review(complete(sc=True, hid=True), TEAM, "camel")
    assert [(pair["key"], pair["value"]) for pair in written["reviewerResultTags"]] == [
        ("a", "False"),
        ("r", "False"),
        ("sc", "True"),
    ]


def test_result_tags_stay_empty_until_the_review_is_complete() -> None:
    submitted = Review("1", "Submitted", "Image", "https://x.example/1.jpg", "1", human_tags={"a": True})
    written = reviews.write_review(submitted, TEAM, "pascal")
    assert (written["ReviewerResultTags"], written["Status"]) == ([], "Pending")


def test_callback_keeps_the_last_of_a_repeated_metadata_key() -> None:
    review = Review("1", "Complete", "Image", "c", "1", metadata=(("k", "1"), ("k", "2")))
    assert callbacks.write_callback(review, "ana", datetime.now(UTC))["Metadata"] == {"k": "2"}


def test_callback_with_a_team_names_its_visible_tags_only() -> None:
    notice = callbacks.write_callback(complete(hid=True, sc=True), "ana", datetime.now(UTC), TEAM)
    assert notice["ReviewerResultTags"] == {"a": "False", "r": "False", "sc": "True"}


def test_callback_moment_is_in_utc_wherever_the_clock_stands() -> None:
    moment = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert callbacks.write_callback(complete(), "ana", moment)["ModifiedOn"] == "2026-02-28T23:30:00.0000000Z"


@pytest.mark.parametrize("data", [None, [], {}, {"reviewId": "1"}, {"reviewId": 1, "status": "Pending"}])
def test_answer_that_is_no_review_is_a_service_error(data: object) -> None:
    with pytest.raises(ServiceError, match="no review"):
        reviews.read_review(data)


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
