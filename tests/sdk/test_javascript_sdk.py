"""The vendor's JavaScript SDK from npm does with our service what it did with the vendor's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from cmtools.testing import RunningService
from tests.sdk.desk import Desk
from tests.sdk.javascript_sdk import JavaScriptSdk, Returned, SdkError, as_bytes, as_file, as_stream
from tests.sdk.pictures import GREY, RED, PictureServer, jpeg, zipped
from tests.tools import node

JSON = "application/json"
MULTIPART = "multipart/form-data"
ITEM = {"type": "Image", "content": "https://example.org/photo.jpg", "contentId": "photo"}
VIDEO = {"content": "https://example.org/stream", "contentId": "film", "status": "Unpublished"}
TRANSCRIPT = b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHello, some crap.\n"
Call = Callable[..., Returned]


@pytest.fixture(scope="module")
def javascript(service: RunningService) -> Iterator[JavaScriptSdk]:
    with JavaScriptSdk(service.url) as sdk:
        yield sdk


@pytest.fixture
def call(javascript: JavaScriptSdk, desk: Desk) -> Call:
    """Calls an operation of the SDK's with the team's key."""
    return lambda group, method, *arguments: javascript.call(desk.key, group, method, *arguments)


@pytest.fixture
def reviews(call: Call, desk: Desk) -> Call:
    """Calls an operation of the SDK's `reviews` about the team; some take a content type first."""

    def ask(method: str, *arguments: object, content_type: str | None = None) -> Returned:
        return call("reviews", method, *([content_type] if content_type else []), desk.team, *arguments)

    return ask


@pytest.fixture
def video(reviews: Call) -> str:
    """A review of a video that is still to be given its frames."""
    (review_id,) = reviews("createVideoReviews", [VIDEO], content_type=JSON).value
    return review_id


def frame(timestamp: int, image: str = "https://example.org/frame.jpg", **metadata: str) -> dict[str, object]:
    listed = [{"key": key, "value": value} for key, value in metadata.items()]
    return {"timestamp": str(timestamp), "frameImage": image, "metadata": listed}


def test_lock_file_says_the_exact_packages_and_no_place_to_get_them_from() -> None:
    """npm takes them from the registry that is set up where the tests run."""
    lock = json.loads((node.SDK_MANIFESTS / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages["node_modules/@azure/cognitiveservices-contentmoderator"]["version"] == "5.0.1"
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())


# Images ---------------------------------------------------------------------------------------------------------------


def test_pending_review_is_read_with_every_field_set(reviews: Call, desk: Desk) -> None:
    item = {**ITEM, "callbackEndpoint": "https://example.org/callback", "metadata": [{"key": "a", "value": "true"}]}
    (review_id,) = reviews("createReviews", [item], content_type=JSON).value
    review = reviews("getReview", review_id).value
    assert review == {
        "reviewId": review_id,
        "subTeam": "public",
        "status": "Pending",
        "reviewerResultTags": [],
        "createdBy": desk.team,
        "metadata": [{"key": "a", "value": "true"}],
        "type": "Image",
        "content": review["content"],
        "contentId": "photo",
        "callbackEndpoint": "https://example.org/callback",
    }


def test_sdk_is_known_by_what_it_says_of_itself(reviews: Call, desk: Desk) -> None:
    """Its User-Agent has nothing in common with that of the Python SDK but the vendor's marks."""
    (review_id,) = reviews("createReviews", [ITEM], content_type=JSON).value
    agent = reviews("getReview", review_id).sent["user-agent"]
    address = f"{desk.service.url}/contentmoderator/review/v1.0/teams/{desk.team}/reviews/{review_id}"
    headers = {"Ocp-Apim-Subscription-Key": desk.key, "User-Agent": agent}
    assert agent.startswith("@azure/cognitiveservices-contentmoderator/5.0.1 ms-rest-js/2.")
    assert "ReviewId" in requests.get(address, headers=headers, timeout=30).json()
    assert "reviewId" in requests.get(address, headers={**headers, "User-Agent": "node"}, timeout=30).json()


def test_decision_of_a_person_is_read_as_true_and_false(reviews: Call, desk: Desk) -> None:
    (review_id,) = reviews("createReviews", [ITEM], content_type=JSON).value
    desk.complete({review_id: {"r": True}})
    review = reviews("getReview", review_id).value
    assert review["status"] == "Complete"
    assert review["reviewerResultTags"] == [{"key": "a", "value": "False"}, {"key": "r", "value": "True"}]


def test_review_goes_to_the_subteam_that_is_named(reviews: Call, desk: Desk) -> None:
    desk.client().add_subteam("night")
    (review_id,) = reviews("createReviews", [ITEM], {"subTeam": "night"}, content_type=JSON).value
    assert reviews("getReview", review_id).value["subTeam"] == "night"


# Videos ---------------------------------------------------------------------------------------------------------------


def test_frames_by_address_are_read_back_in_milliseconds(reviews: Call, video: str) -> None:
    sent = [frame(0, a="true"), frame(15), frame(25)]
    added = reviews("addVideoFrameUrl", video, sent, {"timescale": 30}, content_type=JSON)
    read = reviews("getVideoFrames", video, {"startSeed": 0, "noOfRecords": 2_147_483_647}).value
    assert added.status == 204
    assert read["reviewId"] == video
    assert [frame["timestamp"] for frame in read["videoFrames"]] == ["0", "500", "833"]
    assert read["videoFrames"][0] == {
        "timestamp": "0",
        "frameImage": "https://example.org/frame.jpg",
        "metadata": [{"key": "a", "value": "true"}],
        "reviewerResultTags": [],
        "FrameImageBytes": "",  # which its model does not have, and which it hands over as it came
    }


def test_part_of_the_frames_is_read(reviews: Call, video: str) -> None:
    reviews("addVideoFrameUrl", video, [frame(0), frame(1000, r="true"), frame(2000)], content_type=JSON)
    one = reviews("getVideoFrames", video, {"startSeed": 500, "noOfRecords": 1}).value["videoFrames"]
    tagged = reviews("getVideoFrames", video, {"filter": "r"}).value["videoFrames"]
    assert [frame["timestamp"] for frame in [*one, *tagged]] == ["1000", "1000"]


@pytest.mark.parametrize("form", ["bytes", "file"])
def test_frames_in_a_zip_are_taken(reviews: Call, video: str, tmp_path: Path, form: str) -> None:
    """A file goes out in pieces and has a name, bytes go out at once and have none."""
    (tmp_path / "z.zip").write_bytes(zipped(["1.jpg", "2.jpg"]))
    given = as_file(tmp_path / "z.zip") if form == "file" else as_bytes((tmp_path / "z.zip").read_bytes())
    metadata = json.dumps([{"Timestamp": "0", "FrameImage": "1.jpg"}, {"Timestamp": "500", "FrameImage": "2.jpg"}])
    added = reviews("addVideoFrameStream", video, given, metadata, content_type=MULTIPART)
    read = reviews("getVideoFrames", video).value["videoFrames"]
    assert added.status == 204
    assert [frame["timestamp"] for frame in read] == ["0", "500"]
    assert requests.get(read[1]["frameImage"], timeout=30).status_code == 200


@pytest.mark.parametrize("form", [as_bytes, as_stream])
def test_transcript_is_taken(reviews: Call, desk: Desk, video: str, form: Callable[[bytes], object]) -> None:
    assert reviews("addVideoTranscript", video, form(TRANSCRIPT)).status == 204
    assert desk.client().transcript(video).text == TRANSCRIPT.decode()


def test_terms_found_in_the_transcript_are_taken(reviews: Call, desk: Desk, video: str) -> None:
    terms = [{"timestamp": "0", "terms": [{"index": 12, "term": "crap"}]}]
    assert reviews("addVideoTranscriptModerationResult", video, terms, content_type=JSON).status == 204
    assert [(term.index, term.term) for term in desk.client().transcript(video).terms] == [(12, "crap")]


def test_video_is_published_decided_and_read_back(reviews: Call, desk: Desk, video: str) -> None:
    reviews("addVideoFrameUrl", video, [frame(0), frame(1000)], content_type=JSON)
    unpublished = reviews("getReview", video).value
    assert reviews("publishVideoReview", video).status == 204
    desk.complete({video: {"a": True}}, type="Video", frames={video: {1000: {"r": True}}})
    review = reviews("getReview", video).value
    _, second = reviews("getVideoFrames", video).value["videoFrames"]
    assert (unpublished["status"], review["status"]) == ("UnPublished", "Complete")
    assert review["reviewerResultTags"] == [{"key": "a", "value": "True"}, {"key": "r", "value": "False"}]
    assert second["reviewerResultTags"] == [{"key": "a", "value": "False"}, {"key": "r", "value": "True"}]


def test_call_that_brings_no_frames_is_refused(reviews: Call, video: str) -> None:
    with pytest.raises(SdkError, match="frame") as caught:
        reviews("addVideoFrame", video)
    assert (caught.value.status, caught.value.code) == (400, "BadRequest")


# Jobs and moderation --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent_as", [JSON, "image/jpeg"])
def test_job_is_made_and_read(reviews: Call, desk: Desk, pictures: PictureServer, sent_as: str) -> None:
    content = {"contentValue": pictures.address(RED)}
    made = reviews("createJob", "Image", "photo", "default", sent_as, content).value
    desk.wait_for_jobs()
    job = reviews("getJobDetails", made["jobId"]).value
    assert (job["id"], job["status"], job["workflowId"]) == (made["jobId"], "Complete", "default")
    assert {"key": "adultScore", "value": "0.996"} in job["resultMetaData"]
    assert re.fullmatch(r".*\.\d{7}", job["jobExecutionReport"][0]["ts"])
    assert reviews("getReview", job["reviewId"]).value["contentId"] == "photo"


def test_picture_is_evaluated(call: Call, pictures: PictureServer) -> None:
    by_address = call(
        "imageModeration", "evaluateUrlInput", JSON, {"dataRepresentation": "URL", "value": pictures.address(GREY)}
    ).value
    by_file = call("imageModeration", "evaluateFileInput", as_stream(jpeg("red"))).value
    assert (by_address["result"], by_file["result"]) == (False, True)
    assert by_file["adultClassificationScore"] == pytest.approx(0.996, abs=0.001)
    assert by_file["status"]["code"] == 3000


def test_text_is_screened(call: Call) -> None:
    said = call("textModeration", "screenText", "text/plain", as_bytes(b"This is crap."), {"language": "eng"}).value
    assert [(term["index"], term["term"]) for term in said["terms"]] == [(8, "crap")]


# Refusals -------------------------------------------------------------------------------------------------------------


def test_refusal_is_read_with_its_code_and_message(reviews: Call) -> None:
    with pytest.raises(SdkError, match="no review '202601i0'") as caught:
        reviews("getReview", "202601i0")
    assert (caught.value.status, caught.value.code) == (404, "NotFound")


def test_wrong_key_is_401(javascript: JavaScriptSdk, desk: Desk) -> None:
    with pytest.raises(SdkError) as caught:
        javascript.call("wrong", "reviews", "createReviews", JSON, desk.team, [ITEM])
    assert (caught.value.status, caught.value.code) == (401, "NotAuthorized")


def test_batch_with_a_bad_item_is_refused_whole(reviews: Call, desk: Desk) -> None:
    with pytest.raises(SdkError, match=r"\[1\]\.Type") as caught:
        reviews("createReviews", [ITEM, {**ITEM, "type": "Audio"}], content_type=JSON)
    assert (caught.value.status, caught.value.code) == (400, "BadDraft")
    assert desk.client().counts().total == 0
