"""Somebody who has the OpenAPI document and nothing else: what it shows works, and leads on to all the rest."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Sequence

import pytest
from PIL import Image

from cmtools.taggers import Tagger, Tagging
from cmtools.testing import RunningService, running_service

from .stranger import Stranger

SDK = "python/3.11 msrest/0.7.1 azure-cognitiveservices-vision-contentmoderator/1.0.1"


class Calm(Tagger):
    """Finds nothing in anything."""

    name = "calm"

    def __init__(self, type: str) -> None:
        super().__init__()
        self.type = type

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        return [Tagging({"a": False, "r": False}, {"a": 0.01, "r": 0.02}) for _ in items]


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    with running_service(taggers={type: Calm(type) for type in ("Image", "Text")}, copy_content=False) as running:
        yield running


@pytest.fixture(params=["stranger", SDK], ids=["camel", "pascal"])
def stranger(service: RunningService, request: pytest.FixtureRequest) -> Stranger:
    return Stranger(service.url, service.key, user_agent=request.param)


@pytest.fixture
def video(stranger: Stranger) -> str:
    """The id of the third example: a video that is not published yet."""
    content = stranger.operations["create_reviews"][2]["requestBody"]["content"]["application/json"]
    answer = stranger.call("create_reviews", body=stranger.examples(content)[2], kind="application/json")
    return str(answer.json()[0])


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (200, 150), "teal").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("which", [0, 1, 2])
def test_every_example_of_create_makes_reviews_that_can_be_read(stranger: Stranger, which: int) -> None:
    content = stranger.operations["create_reviews"][2]["requestBody"]["content"]["application/json"]
    body = stranger.examples(content)[which]
    created = stranger.call("create_reviews", body=body, kind="application/json")
    assert len(created.json()) == len(body)
    for title in ("Get", "Read"):
        shown = {key.lower(): value for key, value in stranger.follow("create_reviews", created, title).json().items()}
        assert body[0]["ContentId"] in (shown.get("contentid"), shown.get("content_id"))


def test_a_video_gets_frames_a_transcript_and_terms_and_is_published(stranger: Stranger, video: str) -> None:
    for name in ("add_frames", "put_transcript", "put_transcript_terms"):
        assert stranger.call(name, review_id=video).status_code == 204
    frames = stranger.call("get_frames", review_id=video, startSeed="0", noOfRecords="5").json()
    assert len(next(value for value in frames.values() if isinstance(value, list))) == 1
    assert stranger.call("get_transcript", review_id=video).json()["text"].startswith("WEBVTT")
    assert stranger.call("publish_video", review_id=video).status_code == 204
    assert stranger.call("publish_video_by_patch", review_id=video).status_code == 204
    (frame, *_) = stranger.call("list_frames", review_id=video).json()["frames"]
    for name in ("show_frame_thumbnail", "show_frame"):  # its picture is nowhere
        assert stranger.call(name, review_id=video, timestamp=str(frame["timestamp"])).status_code == 404


def test_the_form_that_the_document_describes_is_taken(stranger: Stranger, video: str) -> None:
    form = stranger.operations["add_frames"][2]["requestBody"]["content"]["multipart/form-data"]["schema"]
    zip_part, metadata_part = form["required"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("one.png", picture())
    answer = stranger.form(
        "add_frames",
        {zip_part: packed.getvalue(), metadata_part: json.dumps([{"Timestamp": "40", "FrameImage": "one.png"}])},
        review_id=video,
    )
    assert answer.status_code == 204


def test_a_job_runs_a_workflow_that_was_put(stranger: Stranger, service: RunningService) -> None:
    put = stranger.operations["put_workflow"][2]["requestBody"]["content"]["application/json"]
    for example in stranger.examples(put):
        stranger.call("put_workflow", workflow_name="watch", body=example, kind="application/json")
        assert stranger.call("get_workflow", workflow_name="watch").json()["Name"] == "watch"
    assert {each["Name"] for each in stranger.call("list_workflows").json()} == {"default", "watch"}

    said = {"ContentType": "Image", "ContentId": "photo-1", "WorkflowName": "watch"}
    created = stranger.call("create_job", body=picture(), kind="image/png", **said)
    service.advance(1)
    assert stranger.follow("create_job", created, "Get").json()["Status"] == "Complete"
    assert stranger.follow("create_job", created, "Read").json()["status"] == "Complete"


def test_the_example_of_a_job_is_taken(stranger: Stranger) -> None:
    said = {"ContentType": "Image", "ContentId": "photo-1", "WorkflowName": "default"}
    assert stranger.call("create_job", **said).json()["JobId"]


def test_the_tagger_is_asked_at_once(stranger: Stranger) -> None:
    assert stranger.call("evaluate_image", body=picture(), kind="image/png").json()["Result"] is False
    assert stranger.call("screen_text", language="eng").json()["Terms"] is not None


def test_a_lease_leads_to_a_submission_and_back(stranger: Stranger) -> None:
    stranger.call("create_reviews")
    lease = stranger.call("check_out_reviews")
    review_id = lease.json()["reviews"][0]["id"]
    toggles, answers = {"toggles": {review_id: {"r": True}}}, {"answers": {review_id: {"r": True}}}
    stranger.follow("check_out_reviews", lease, "SaveToggles", body=toggles, kind="application/json")
    stranger.follow("check_out_reviews", lease, "Renew")
    done = stranger.follow("check_out_reviews", lease, "Submit", body=answers, kind="application/json")
    back = stranger.follow("submit_answers", done, "Undo")
    assert back.json()["reviews"][0]["toggles"]["r"] is True
    stranger.follow("check_out_reviews", lease, "Resume")
    stranger.call("release_lease", lease_id=lease.json()["id"], body={}, kind="application/json")


def test_a_review_is_looked_up_and_moved(stranger: Stranger) -> None:
    created = stranger.call("create_reviews")
    stranger.follow("create_reviews", created, "Move")
    found = stranger.call("look_up_reviews", body={"ids": created.json()}, kind="application/json").json()["reviews"]
    assert [each["id"] for each in found] == created.json()


def test_a_team_is_set_up_from_the_examples(stranger: Stranger) -> None:
    tags = stranger.call("put_tag").json()["tags"]
    assert "sc" in {tag["short_code"] for tag in tags}
    tags = stranger.call("set_threshold", short_code="sc").json()["tags"]
    assert [tag["threshold"] for tag in tags if tag["short_code"] == "sc"] == [0.4]
    assert "legal" in stranger.call("add_subteam").json()["subteams"]
    key = stranger.call("create_key").json()
    assert key["id"] in {each["id"] for each in stranger.call("list_keys").json()["keys"]}
    assert stranger.call("revoke_key", key_id=key["id"]).status_code == 204
    assert "sc" not in {tag["short_code"] for tag in stranger.call("remove_tag", short_code="sc").json()["tags"]}


@pytest.mark.parametrize(
    "name",
    ["get_team", "list_reviews", "count_reviews", "list_leases", "list_events", "list_callbacks", "check_health"],
)
def test_what_needs_nothing_answers_as_documented(stranger: Stranger, name: str) -> None:
    assert stranger.call(name).status_code == 200


def test_an_uploaded_picture_is_shown_as_documented(stranger: Stranger) -> None:
    kept = stranger.call("upload_picture", body=picture(), kind="application/octet-stream").json()
    assert stranger.call("show_upload", picture_id=kept["id"]).content
    created = stranger.call(
        "create_reviews",
        body=[{"Type": "Image", "Content": kept["content"], "ContentId": "uploaded"}],
        kind="application/json",
    )
    assert stranger.follow("create_reviews", created, "ShowThumbnail").headers["Content-Type"] == "image/jpeg"
    assert stranger.follow("create_reviews", created, "ShowPicture").content
    assert stranger.call("show_media", name=f"IMG_{created.json()[0]}").content


def test_what_is_refused_has_the_documented_body(stranger: Stranger) -> None:
    for name, parameters in (("get_review", {"review_id": "none"}), ("get_job", {"job_id": "none"})):
        assert stranger.call(name, **parameters).status_code == 404
    assert stranger.call("create_reviews", body=[], kind="application/json").status_code == 400
    assert stranger.call("create_reviews", body=b"[]", kind="text/html").status_code == 415
