"""With `curl`, as the documentation tells it: the sample's keys, order and values, and refusals that can be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sdk import curl as asking
from tests.sdk.curl import Told
from tests.sdk.desk import Desk

SAMPLE = Path(__file__).parent.parent / "wire" / "golden" / "get_complete.camel.json"
JSON = {"Content-Type": "application/json"}
CHUNKED = {"Transfer-Encoding": "chunked"}
ITEM = {
    "Metadata": [{"Key": "sc", "Value": "true"}],
    "Type": "Image",
    "Content": "https://example.org/photo.jpg",
    "ContentId": "0",
    "CallbackEndpoint": "http://127.0.0.1:9/done",
}
Curl = Callable[..., Told]


@pytest.fixture
def curl(desk: Desk) -> Curl:
    """Asks for something of the team's, with its key."""
    base = f"{desk.service.url}/contentmoderator/review/v1.0/teams/{desk.team}"

    def ask(method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Told:
        return asking.curl(method, base + path, {"Ocp-Apim-Subscription-Key": desk.key, **(headers or {})}, body)

    return ask


@pytest.fixture(params=["installed", "alike"])
def either_curl(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, curl: Curl) -> Curl:
    """The program and what stands in for it, which must not differ."""
    if request.param == "alike":
        monkeypatch.setattr(asking, "PROGRAM", None)
    return curl


def create(curl: Curl, *items: dict[str, object]) -> list[str]:
    told = curl("POST", "/reviews", json.dumps(items or [ITEM]).encode(), JSON)
    assert told.status == 200, told.text
    return json.loads(told.text)


def with_own_values(sample: list[tuple[str, object]], **values: object) -> list[tuple[str, object]]:
    return [(key, values.get(key, value)) for key, value in sample]


def test_complete_review_is_the_documented_sample(either_curl: Curl, desk: Desk) -> None:
    desk.client().add_tag("sc", "isscary")
    (review_id,) = create(either_curl)
    desk.complete({review_id: {"r": True}})
    told = either_curl("GET", f"/reviews/{review_id}")
    got = told.json()
    sample = json.loads(SAMPLE.read_text(), object_pairs_hook=list)
    assert got == with_own_values(
        sample,
        reviewId=review_id,
        createdBy=desk.team,
        content=dict(got)["content"],
        callbackEndpoint=ITEM["CallbackEndpoint"],
    )
    assert (told.status, told.content_type) == (200, "application/json; charset=utf-8")


def test_pending_review_has_the_same_keys_and_no_result(curl: Curl) -> None:
    (review_id,) = create(curl)
    got = curl("GET", f"/reviews/{review_id}").json()
    sample = json.loads(SAMPLE.read_text(), object_pairs_hook=list)
    assert [key for key, _ in got] == [key for key, _ in sample]
    assert (dict(got)["status"], dict(got)["reviewerResultTags"]) == ("Pending", [])


def test_metadata_comes_back_to_the_letter(curl: Curl) -> None:
    sent = [("sc", "true"), ("score", "0.50"), ("sc", "TRUE"), (" spaced ", "  ")]
    (review_id,) = create(curl, {**ITEM, "Metadata": [{"Key": key, "Value": value} for key, value in sent]})
    got = dict(curl("GET", f"/reviews/{review_id}").json())["metadata"]
    assert got == [[("key", key), ("value", value)] for key, value in sent]


def test_ids_are_all_that_create_answers(curl: Curl) -> None:
    ids = create(curl, ITEM, ITEM)
    assert len(ids) == 2
    assert all(isinstance(review_id, str) and len(review_id) == 39 for review_id in ids)


def test_key_may_stand_in_the_query(desk: Desk, curl: Curl) -> None:
    (review_id,) = create(curl)
    told = curl("GET", f"/reviews/{review_id}?subscription-key={desk.key}", headers={"Ocp-Apim-Subscription-Key": ""})
    assert told.status == 200


def test_body_in_pieces_is_read_whole(either_curl: Curl) -> None:
    told = either_curl("POST", "/reviews", json.dumps([ITEM] * 50).encode(), {**JSON, **CHUNKED})
    assert (told.status, len(json.loads(told.text))) == (200, 50)


@pytest.mark.parametrize("content_type", [asking.FORM, "text/plain", "application/xml", "image/jpeg"])
def test_body_that_is_not_called_json_is_415_and_told_what_to_do(curl: Curl, content_type: str) -> None:
    told = curl("POST", "/reviews", json.dumps([ITEM]).encode(), {"Content-Type": content_type})
    assert told.status == 415, told.text
    error = json.loads(told.text)["Error"]
    assert error["Code"] == "UnsupportedType"
    assert "application/json" in error["Message"]


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "application/json;charset=UTF-8", "text/json"]
)
def test_json_is_known_under_its_other_names(curl: Curl, content_type: str) -> None:
    assert curl("POST", "/reviews", json.dumps([ITEM]).encode(), {"Content-Type": content_type}).status == 200


@pytest.mark.parametrize("body", [b"", b"[", b"{}", b"null", b"[]", b'[{"Type":"Image"}]', b"\xff\xfe", b'["x"]'])
def test_body_that_says_nothing_usable_is_400(curl: Curl, body: bytes) -> None:
    told = curl("POST", "/reviews", body, JSON)
    assert told.status == 400, told.text
    assert list(json.loads(told.text)) == ["Error"]
    assert sorted(json.loads(told.text)["Error"]) == ["Code", "Message"]


def test_method_that_a_path_does_not_take_is_405(curl: Curl) -> None:
    assert curl("DELETE", "/reviews").status == 405


def test_transcript_in_pieces_is_read_whole(curl: Curl) -> None:
    (review_id,) = create(curl, {**ITEM, "Type": "Video", "Content": "https://example.org/v", "Status": "Unpublished"})
    told = curl("PUT", f"/reviews/{review_id}/transcript", b"WEBVTT\n", {"Content-Type": "text/plain", **CHUNKED})
    assert (told.status, told.text) == (204, "")
    empty = curl("PUT", f"/reviews/{review_id}/transcript", b"", {"Content-Type": "text/plain", **CHUNKED})
    assert empty.status == 400


def test_old_clients_way_to_publish_is_taken(curl: Curl) -> None:
    (review_id,) = create(curl, {**ITEM, "Type": "Video", "Content": "https://example.org/v", "Status": "UnPublished"})
    assert dict(curl("GET", f"/reviews/{review_id}").json())["status"] == "UnPublished"
    assert curl("PATCH", f"/reviews/{review_id}/publish", b'""', JSON).status == 204
    assert dict(curl("GET", f"/reviews/{review_id}").json())["status"] == "Pending"
