"""The service over HTTP with a plain client: statuses, headers, spellings, refusals, pictures."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
import requests
from PIL import Image

from cmtools.testing import RunningService, running_service

OWN = "/cmtools/v1/teams/demo"
REVIEWS = "/contentmoderator/review/v1.0/teams/demo/reviews"
ITEM = {"Type": "Image", "Content": "https://example.org/a.jpg", "ContentId": "1"}
SDK = "python/3.11 msrest/0.7.1 azure-cognitiveservices-vision-contentmoderator/1.0.1"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningService]:
    with running_service(max_body_bytes=2_000_000) as service:
        yield service


class Caller:
    def __init__(self, service: RunningService) -> None:
        self.service = service
        self.headers = {"Ocp-Apim-Subscription-Key": service.key, "Cmtools-Reviewer": "ana"}

    def __call__(self, method: str, path: str, *, status: int = 200, **options: object) -> requests.Response:
        headers = {**self.headers, **options.pop("headers", {})}
        answer = requests.request(method, self.service.url + path, headers=headers, timeout=30, **options)
        assert answer.status_code == status, answer.text
        return answer


@pytest.fixture
def call(running: RunningService) -> Caller:
    return Caller(running)


def png(color: str = "red") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (200, 150), color).save(buffer, "PNG")
    return buffer.getvalue()


def test_health_needs_no_key(running: RunningService) -> None:
    answer = requests.get(f"{running.url}/health", timeout=30)
    assert (answer.status_code, answer.json()["database"]) == (200, "sqlite")


def test_json_is_sent_in_the_documented_content_type(call: Caller) -> None:
    answer = call("POST", REVIEWS, json=[ITEM])
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "key", "status", "code"),
    [
        (REVIEWS + "/x", None, 401, "NotAuthorized"),
        (REVIEWS + "/x", "wrong", 401, "NotAuthorized"),
        (REVIEWS.replace("demo", "other") + "/x", "wrong", 401, "NotAuthorized"),
        (REVIEWS.replace("demo", "other") + "/x", "", 404, "UnknownTeam"),
        (REVIEWS + "/x", "", 404, "NotFound"),
        ("/nowhere", "", 404, "NotFound"),
    ],
)
def test_refusals_come_in_order_key_team_thing(
    running: RunningService, path: str, key: str | None, status: int, code: str
) -> None:
    headers = {} if key is None else {"Ocp-Apim-Subscription-Key": key or running.key}
    answer = requests.get(running.url + path, headers=headers, timeout=30)
    assert (answer.status_code, answer.json()["Error"]["Code"]) == (status, code)
    assert answer.json()["Error"]["Message"]


def test_key_may_come_in_the_query_as_the_earliest_client_sends_it(running: RunningService) -> None:
    answer = requests.get(f"{running.url}{REVIEWS}/x?subscription-key={running.key}", timeout=30)
    assert answer.json()["Error"]["Code"] == "NotFound"


def test_wrong_method_is_405(call: Caller) -> None:
    assert call("DELETE", REVIEWS, status=405).json()["Error"]["Code"] == "MethodNotAllowed"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", REVIEWS, "POST"),
        ("TRACE", f"{OWN}/leases", "GET, POST"),
        ("PUT", f"{REVIEWS}/x/publish", "POST, PATCH"),
        ("POST", "/health", "GET"),
    ],
)
def test_wrong_method_is_told_which_are_right(call: Caller, method: str, path: str, allowed: str) -> None:
    assert call(method, path, status=405).headers["Allow"] == allowed


@pytest.mark.parametrize("name", ["subTeam", "subteam", "SUBTEAM"])
def test_query_of_create_is_read_in_any_case(call: Caller, name: str) -> None:
    error = call("POST", f"{REVIEWS}?{name}=nobody", json=[ITEM], status=400).json()["Error"]
    assert "no subteam 'nobody'" in error["Message"]


def test_answer_is_spelt_for_whoever_asks(call: Caller) -> None:
    (id,) = call("POST", REVIEWS, json=[ITEM]).json()
    ours = call("GET", f"{REVIEWS}/{id}")
    theirs = call("GET", f"{REVIEWS}/{id}", headers={"User-Agent": SDK})
    assert list(ours.json()) == [
        "reviewId",
        "subTeam",
        "status",
        "reviewerResultTags",
        "createdBy",
        "metadata",
        "type",
        "content",
        "contentId",
        "callbackEndpoint",
    ]
    assert theirs.json()["ReviewId"] == id
    assert not set(theirs.json()) & set(ours.json())
    assert ours.headers["Vary"] == theirs.headers["Vary"] == "User-Agent, x-ms-command-name"


def test_bad_item_is_named_by_its_path(call: Caller) -> None:
    bad = {**ITEM, "Metadata": [{"Key": "", "Value": "x"}]}
    error = call("POST", REVIEWS, json=[ITEM, bad], status=400).json()["Error"]
    assert error["Message"].startswith("[1].Metadata[0].Key")


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[]", b'"x"', b"\xff\xfe[", b"[1]", b"[" * 100_000])
def test_senseless_body_is_a_clean_400(call: Caller, body: bytes) -> None:
    assert call("POST", REVIEWS, data=body, status=400).json()["Error"]["Code"] in ("BadRequest", "BadDraft")


def test_body_above_the_limit_is_not_read(call: Caller) -> None:
    assert call("POST", REVIEWS, data=b"x" * 2_000_001, status=413).json()["Error"]["Code"] == "TooLarge"


def test_chunked_body_is_read(call: Caller) -> None:
    def parts() -> Iterator[bytes]:
        yield b'[{"Type": "Image", "Content": "https://example.org/a.jpg",'
        yield b' "ContentId": "chunked"}]'

    assert len(call("POST", REVIEWS, data=parts()).json()) == 1


def test_bad_query_is_a_clean_400(call: Caller) -> None:
    assert "limit" in call("GET", f"{OWN}/reviews?limit=0", status=400).json()["Error"]["Message"]
    assert "cursor" in call("GET", f"{OWN}/reviews?after=x", status=400).json()["Error"]["Message"]


def test_uploaded_picture_becomes_a_review_that_shows_it(call: Caller) -> None:
    picture = call("POST", f"{OWN}/pictures", data=png()).json()
    assert (picture["width"], picture["height"], picture["media_type"]) == (200, 150, "image/png")
    (id,) = call("POST", REVIEWS, json=[{**ITEM, "Content": picture["content"]}]).json()

    assert call("GET", f"{OWN}/reviews/{id}").json()["content"] == picture["content"]
    shown = requests.get(picture["content"], headers=call.headers, timeout=30)
    small = call("GET", f"{OWN}/reviews/{id}/thumbnail?size=100")
    assert Image.open(io.BytesIO(shown.content)).size == (200, 150)
    assert Image.open(io.BytesIO(small.content)).size == (100, 75)
    assert shown.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"


def test_picture_is_not_shown_without_the_key(call: Caller) -> None:
    picture = call("POST", f"{OWN}/pictures", data=png("blue")).json()
    assert requests.get(picture["content"], timeout=30).status_code == 401


def test_same_bytes_are_one_picture(call: Caller) -> None:
    assert call("POST", f"{OWN}/pictures", data=png()).json() == call("POST", f"{OWN}/pictures", data=png()).json()


@pytest.mark.parametrize("data", [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", png()[:60]])
def test_what_is_no_picture_is_refused(call: Caller, data: bytes) -> None:
    assert call("POST", f"{OWN}/pictures", data=data, status=400).json()["Error"]["Code"] == "BadPicture"


def test_unreachable_picture_is_said_plainly_and_harms_nothing_else(call: Caller) -> None:
    (id,) = call("POST", REVIEWS, json=[{**ITEM, "Content": "http://127.0.0.1:9/gone.jpg"}]).json()
    error = call("GET", f"{OWN}/reviews/{id}/thumbnail", status=404).json()["Error"]
    assert "cannot be reached" in error["Message"]


def test_page_of_operations_needs_nothing_from_elsewhere(running: RunningService) -> None:
    page = requests.get(f"{running.url}/docs", timeout=30).text
    assert set(re.findall(r"(?:href|src)=[\"']?([^\"'> ]+)", page)) == {"openapi.json"}
    assert "<script" not in page
    assert "url(" not in page


def test_page_of_operations_shows_each_with_its_examples(running: RunningService) -> None:
    page = requests.get(f"{running.url}/docs", timeout=30).text
    document = requests.get(f"{running.url}/openapi.json", timeout=30).json()
    for operations in document["paths"].values():
        for operation in operations.values():
            assert f"<details id={operation['operationId']}>" in page
    assert "&quot;ContentId&quot;: &quot;photo-1&quot;" in page
    assert "`" not in page


def test_openapi_document_describes_every_route_and_the_key(running: RunningService) -> None:
    document = requests.get(f"{running.url}/openapi.json", timeout=30).json()
    assert document["components"]["securitySchemes"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description"), f"{method} {path}"
            if "{team}" in path:
                assert operation["security"], f"{method} {path}"
