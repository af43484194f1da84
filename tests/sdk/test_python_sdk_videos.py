"""The vendor's Python SDK makes a video review, gives it frames and a transcript, publishes it, reads the decision."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import requests
from azure.cognitiveservices.vision.contentmoderator import ContentModeratorClient, models
from azure.cognitiveservices.vision.contentmoderator.models import APIErrorException

import cmtools as cm
from cmtools.testing import running_service
from tests.sdk.desk import Desk, connect, pairs, refusal
from tests.sdk.pictures import RED, PictureServer, zipped

JSON = "application/json"
MULTIPART = "multipart/form-data"
VIDEO = "https://example.org/stream.ism/manifest(format=m3u8-aapl)"
TRANSCRIPT = b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHello, some crap.\n"
ALL = 2_147_483_647


@pytest.fixture
def video(desk: Desk, sdk: ContentModeratorClient) -> str:
    """A review of a video that is still to be given its frames."""
    (review_id,) = sdk.reviews.create_video_reviews(JSON, desk.team, [item()])
    return review_id


@pytest.fixture
def frames_of(desk: Desk, sdk: ContentModeratorClient) -> Callable[..., list[models.Frame]]:
    """Reads a video's frames."""
    return lambda review_id, **options: sdk.reviews.get_video_frames(desk.team, review_id, **options).video_frames


def item(**fields: object) -> models.CreateVideoReviewsBodyItem:
    return models.CreateVideoReviewsBodyItem(
        **{"content": VIDEO, "content_id": "film", "status": "Unpublished", **fields}
    )


def frame(timestamp: object, image: str = "https://example.org/frame.jpg", **metadata: str) -> dict[str, object]:
    """A frame as samples in Python write it: a dictionary."""
    listed = [{"key": key, "value": value} for key, value in metadata.items()]
    return {"timestamp": str(timestamp), "frame_image": image, "reviewer_result_tags": [], "metadata": listed}


def times(frames: list[models.Frame]) -> list[str]:
    return [frame.timestamp for frame in frames]


# Create ---------------------------------------------------------------------------------------------------------------


def test_unpublished_video_is_read_with_every_field_set(desk: Desk, sdk: ContentModeratorClient) -> None:
    metadata = [models.CreateVideoReviewsBodyItemMetadataItem(key="a", value="true")]
    sent = item(metadata=metadata, timescale=1000, callback_endpoint="https://example.org/callback")
    (review_id,) = sdk.reviews.create_video_reviews(JSON, desk.team, [sent])
    assert sdk.reviews.get_review(desk.team, review_id).as_dict() == {
        "review_id": review_id,
        "sub_team": "public",
        "status": "UnPublished",
        "reviewer_result_tags": [],
        "created_by": desk.team,
        "metadata": [{"key": "a", "value": "true"}],
        "type": "Video",
        "content": VIDEO,
        "content_id": "film",
        "callback_endpoint": "https://example.org/callback",
    }
    assert review_id[6] == "v"


def test_video_that_is_created_pending_waits_for_people_at_once(desk: Desk, sdk: ContentModeratorClient) -> None:
    (review_id,) = sdk.reviews.create_video_reviews(JSON, desk.team, [item(status="Pending")])
    assert sdk.reviews.get_review(desk.team, review_id).status == "Pending"
    assert [review.id for review in desk.client().checkout(type="Video").reviews] == [review_id]


def test_unpublished_video_is_in_nobodys_queue(desk: Desk, video: str) -> None:
    assert desk.client().checkout(type="Video").reviews == ()


def test_video_goes_to_the_subteam_that_is_named(desk: Desk, sdk: ContentModeratorClient) -> None:
    desk.client().add_subteam("film")
    (review_id,) = sdk.reviews.create_video_reviews(JSON, desk.team, [item()], sub_team="film")
    assert sdk.reviews.get_review(desk.team, review_id).sub_team == "film"


def test_keys_of_an_encrypted_video_pass_through(desk: Desk, sdk: ContentModeratorClient) -> None:
    sent = {"protectedType": "FairPlay", "authenticationToken": "view token", "certificateUrl": "https://x.org/c.cer"}
    metadata = [models.CreateVideoReviewsBodyItemMetadataItem(key=key, value=value) for key, value in sent.items()]
    (review_id,) = sdk.reviews.create_video_reviews(JSON, desk.team, [item(metadata=metadata)])
    assert dict(pairs(sdk.reviews.get_review(desk.team, review_id).metadata)) == sent


def test_frames_may_come_with_the_video(
    desk: Desk, sdk: ContentModeratorClient, frames_of: Callable[..., list[models.Frame]]
) -> None:
    kind = models.CreateVideoReviewsBodyItemVideoFramesItem
    metadata = [models.CreateVideoReviewsBodyItemVideoFramesItemMetadataItem(key="a", value="True")]
    sent = [
        kind(id="one", timestamp=15, frame_image="https://example.org/1.jpg", metadata=metadata),
        kind(id="two", timestamp=25, frame_image="https://example.org/2.jpg", reviewer_result_tags=[]),
    ]
    (review_id,) = sdk.reviews.create_video_reviews(JSON, desk.team, [item(video_frames=sent, timescale=30)])
    read = frames_of(review_id)
    assert times(read) == ["500", "833"]
    assert pairs(read[0].metadata) == [("a", "True")]
    assert pairs(sdk.reviews.get_review(desk.team, review_id).metadata) == [("FrameCount", "2")]


# Frames ---------------------------------------------------------------------------------------------------------------


def test_frames_by_address_are_kept_in_milliseconds(
    desk: Desk, sdk: ContentModeratorClient, video: str, frames_of: Callable[..., list[models.Frame]]
) -> None:
    sdk.reviews.add_video_frame_url(JSON, desk.team, video, [frame(0), frame(15), frame(25)], timescale=30)
    assert times(frames_of(video)) == ["0", "500", "833"]


def test_frames_without_a_timescale_are_milliseconds_already(
    desk: Desk, sdk: ContentModeratorClient, video: str, frames_of: Callable[..., list[models.Frame]]
) -> None:
    sdk.reviews.add_video_frame_url(JSON, desk.team, video, [frame(17_000), frame(5_000)])
    assert times(frames_of(video)) == ["5000", "17000"]


def test_frame_is_read_with_every_field_set(
    desk: Desk, sdk: ContentModeratorClient, video: str, frames_of: Callable[..., list[models.Frame]]
) -> None:
    body = models.VideoFrameBodyItem(
        timestamp="17000",
        frame_image="https://example.org/frame.jpg",
        metadata=[models.VideoFrameBodyItemMetadataItem(key="adultScore", value="0.5")],
        reviewer_result_tags=[models.VideoFrameBodyItemReviewerResultTagsItem(key="a", value="true")],
    )
    sdk.reviews.add_video_frame_url(JSON, desk.team, video, [body])
    (read,) = frames_of(video)
    assert read.as_dict() == {
        "timestamp": "17000",
        "frame_image": "https://example.org/frame.jpg",
        "metadata": [{"key": "adultScore", "value": "0.5"}],
        "reviewer_result_tags": [{"key": "a", "value": "true"}],
    }


def test_frames_come_in_several_calls_and_are_counted(
    desk: Desk, sdk: ContentModeratorClient, video: str, frames_of: Callable[..., list[models.Frame]]
) -> None:
    for start in (0, 100, 200):
        sdk.reviews.add_video_frame_url(JSON, desk.team, video, [frame(start + n) for n in range(10)])
    assert len(frames_of(video)) == 30
    assert ("FrameCount", "30") in pairs(sdk.reviews.get_review(desk.team, video).metadata)


@pytest.mark.parametrize("form", ["file", "file in memory", "bytes"])
@pytest.mark.parametrize("folder", ["", "Frames/"])
def test_frames_in_a_zip_are_taken_however_it_is_handed_over(
    desk: Desk,
    sdk: ContentModeratorClient,
    video: str,
    frames_of: Callable[..., list[models.Frame]],
    tmp_path: Path,
    form: str,
    folder: str,
) -> None:
    data = zipped(["1.jpg", "2.jpg"], folder)
    metadata = json.dumps([{"Timestamp": "15", "FrameImage": "1.jpg"}, {"Timestamp": "25", "FrameImage": "2.jpg"}])
    (tmp_path / "z.zip").write_bytes(data)
    with (tmp_path / "z.zip").open("rb") as file:
        given = {"file": file, "file in memory": BytesIO(data), "bytes": data}[form]
        sdk.reviews.add_video_frame_stream(MULTIPART, desk.team, video, given, metadata, timescale=30)
    assert times(frames_of(video)) == ["500", "833"]


def test_picture_from_a_zip_is_shown_to_who_has_its_address(
    desk: Desk, sdk: ContentModeratorClient, video: str, frames_of: Callable[..., list[models.Frame]]
) -> None:
    metadata = json.dumps([{"Timestamp": "500", "FrameImage": "1.jpg", "FrameImageBytes": []}])
    sdk.reviews.add_video_frame_stream(MULTIPART, desk.team, video, BytesIO(zipped(["1.jpg"])), metadata)
    (read,) = frames_of(video)
    assert f"FRM_{video}_500." in read.frame_image
    answer = requests.get(read.frame_image, timeout=30)
    assert (answer.status_code, answer.headers["Content-Type"].split("/")[0]) == (200, "image")


def test_picture_at_an_address_is_kept_and_shown_when_its_source_is_gone() -> None:
    with running_service() as copying, connect(copying.url, copying.key) as sdk:
        (video,) = sdk.reviews.create_video_reviews(JSON, copying.team, [item()])
        with PictureServer() as pictures:
            sdk.reviews.add_video_frame_url(JSON, copying.team, video, [frame(0, pictures.address(RED))])
            copying.advance(0)
        (read,) = sdk.reviews.get_video_frames(copying.team, video).video_frames
        answer = requests.get(read.frame_image, timeout=30)
    assert f"FRM_{video}_0." in read.frame_image
    assert answer.status_code == 200


def test_part_of_the_frames_is_read_from_a_moment_on(
    desk: Desk, sdk: ContentModeratorClient, video: str, frames_of: Callable[..., list[models.Frame]]
) -> None:
    sdk.reviews.add_video_frame_url(JSON, desk.team, video, [frame(time) for time in (0, 1000, 2000, 3000)])
    assert times(frames_of(video, start_seed=1000, no_of_records=2)) == ["1000", "2000"]
    assert times(frames_of(video, start_seed=1001)) == ["2000", "3000"]
    assert times(frames_of(video, start_seed=0, no_of_records=ALL)) == ["0", "1000", "2000", "3000"]


def test_frames_of_one_tag_are_picked_out(
    desk: Desk, sdk: ContentModeratorClient, video: str, frames_of: Callable[..., list[models.Frame]]
) -> None:
    sent = [frame(0, a="true", r="false"), frame(1000, a="False", r="True"), frame(2000)]
    sdk.reviews.add_video_frame_url(JSON, desk.team, video, sent)
    assert times(frames_of(video, filter="a")) == ["0"]
    assert times(frames_of(video, start_seed=0, no_of_records=ALL, filter="R")) == ["1000"]


def test_video_without_frames_has_none(
    desk: Desk, sdk: ContentModeratorClient, video: str, frames_of: Callable[..., list[models.Frame]]
) -> None:
    read = sdk.reviews.get_video_frames(desk.team, video)
    assert (read.review_id, read.video_frames) == (video, [])


# Transcript and publishing --------------------------------------------------------------------------------------------


def test_transcript_is_streamed_from_a_file(
    desk: Desk, sdk: ContentModeratorClient, video: str, tmp_path: Path
) -> None:
    (tmp_path / "film.vtt").write_bytes(TRANSCRIPT)
    with (tmp_path / "film.vtt").open("rb") as file:
        assert sdk.reviews.add_video_transcript(desk.team, video, file) is None
    assert desk.client().transcript(video).text == TRANSCRIPT.decode()


def test_long_transcript_in_many_pieces_arrives_whole(desk: Desk, sdk: ContentModeratorClient, video: str) -> None:
    text = b"WEBVTT\n\n" + b"00:00:01.000 --> 00:00:02.000\nsome words\n\n" * 5_000
    sdk.reviews.add_video_transcript(desk.team, video, BytesIO(text))
    assert desk.client().transcript(video).text.encode() == text


@pytest.mark.parametrize("text", [b"", b"1\n00:00:01,000 --> 00:00:02,000\nHello\n", b"\xff\xfe\x00"])
def test_what_is_no_webvtt_is_refused(desk: Desk, sdk: ContentModeratorClient, video: str, text: bytes) -> None:
    with pytest.raises(APIErrorException, match=r"WEBVTT|UTF-8") as caught:
        sdk.reviews.add_video_transcript(desk.team, video, BytesIO(text))
    assert caught.value.response.status_code == 400


def test_terms_found_in_the_transcript_are_kept(desk: Desk, sdk: ContentModeratorClient, video: str) -> None:
    sdk.reviews.add_video_transcript(desk.team, video, BytesIO(TRANSCRIPT))
    terms = [
        models.TranscriptModerationBodyItem(
            timestamp="0", terms=[models.TranscriptModerationBodyItemTermsItem(index=12, term="crap")]
        )
    ]
    sdk.reviews.add_video_transcript_moderation_result(JSON, desk.team, video, terms)
    (kept,) = desk.client().transcript(video).terms
    assert (kept.timestamp, kept.index, kept.term) == ("0", 12, "crap")


def test_published_video_is_pending_and_takes_no_more(desk: Desk, sdk: ContentModeratorClient, video: str) -> None:
    assert sdk.reviews.publish_video_review(desk.team, video) is None
    assert sdk.reviews.get_review(desk.team, video).status == "Pending"
    for add in (
        lambda: sdk.reviews.add_video_frame_url(JSON, desk.team, video, [frame(0)]),
        lambda: sdk.reviews.add_video_transcript(desk.team, video, BytesIO(TRANSCRIPT)),
    ):
        with pytest.raises(APIErrorException, match="publish") as caught:
            add()
        assert caught.value.response.status_code == 400


def test_publishing_again_changes_nothing(desk: Desk, sdk: ContentModeratorClient, video: str) -> None:
    for _ in range(2):
        sdk.reviews.publish_video_review(desk.team, video)
    assert sdk.reviews.get_review(desk.team, video).status == "Pending"


def test_decisions_about_frames_and_the_whole_are_read_back(
    desk: Desk, sdk: ContentModeratorClient, video: str, frames_of: Callable[..., list[models.Frame]]
) -> None:
    sdk.reviews.add_video_frame_url(JSON, desk.team, video, [frame(0, a="true"), frame(1000), frame(2000)])
    sdk.reviews.publish_video_review(desk.team, video)
    desk.complete({video: {"r": True}}, type="Video", frames={video: {0: {"a": False}, 1000: {"r": True}}})
    review = sdk.reviews.get_review(desk.team, video)
    assert review.status == "Complete"
    assert pairs(review.reviewer_result_tags) == [("a", "False"), ("r", "True")]
    assert [pairs(frame.reviewer_result_tags) for frame in frames_of(video)] == [
        [("a", "False"), ("r", "False")],
        [("a", "False"), ("r", "True")],
        [("a", "False"), ("r", "False")],
    ]
    assert pairs(frames_of(video)[0].metadata) == [("a", "true")]


def test_whole_story_runs_against_the_embedded_service() -> None:
    with (
        cm.serve(undo_seconds=0) as embedded,
        connect(embedded.url, embedded.key) as sdk,
        cm.Client(embedded.url, key=embedded.key, team=embedded.team, reviewer="ana") as client,
    ):
        (video,) = sdk.reviews.create_video_reviews(JSON, embedded.team, [item()])
        sdk.reviews.add_video_frame_stream(
            MULTIPART, embedded.team, video, zipped(["1.jpg"]), '[{"Timestamp": "500", "FrameImage": "1.jpg"}]'
        )
        sdk.reviews.add_video_transcript(embedded.team, video, BytesIO(TRANSCRIPT))
        sdk.reviews.publish_video_review(embedded.team, video)
        client.submit(client.checkout(type="Video"), {video: {}}, frames={video: {500: {"a": True}}})
        client.wait([video], timeout=60, progress=False)
        (read,) = sdk.reviews.get_video_frames(embedded.team, video).video_frames
    assert (read.timestamp, pairs(read.reviewer_result_tags)) == ("500", [("a", "True"), ("r", "False")])


# Refusals -------------------------------------------------------------------------------------------------------------


def test_call_that_brings_no_frames_is_refused_and_says_so(desk: Desk, sdk: ContentModeratorClient, video: str) -> None:
    with pytest.raises(APIErrorException, match="frame") as caught:
        sdk.reviews.add_video_frame(desk.team, video)
    assert refusal(caught.value) == (400, "BadRequest")


@pytest.mark.parametrize(
    ("data", "named"),
    [(b"no zip", "1.jpg"), (zipped(["1.jpg"])[:-30], "1.jpg"), (zipped(["1.jpg"]), "2.jpg")],
    ids=["no zip", "cut zip", "picture not in it"],
)
def test_zip_that_cannot_be_used_is_refused_whole(
    desk: Desk,
    sdk: ContentModeratorClient,
    video: str,
    frames_of: Callable[..., list[models.Frame]],
    data: bytes,
    named: str,
) -> None:
    metadata = json.dumps([{"Timestamp": "0", "FrameImage": named}])
    with pytest.raises(APIErrorException) as caught:
        sdk.reviews.add_video_frame_stream(MULTIPART, desk.team, video, BytesIO(data), metadata)
    assert caught.value.response.status_code == 400
    assert frames_of(video) == []


def test_frame_with_a_time_that_is_none_is_refused_and_named(
    desk: Desk, sdk: ContentModeratorClient, video: str
) -> None:
    with pytest.raises(APIErrorException, match=r"\[1\]\.Timestamp") as caught:
        sdk.reviews.add_video_frame_url(JSON, desk.team, video, [frame(0), frame("soon")])
    assert caught.value.response.status_code == 400


def test_frames_of_a_picture_are_refused(desk: Desk, sdk: ContentModeratorClient) -> None:
    image = models.CreateReviewBodyItem(type="Image", content="https://example.org/1.jpg", content_id="1")
    (review_id,) = sdk.reviews.create_reviews(JSON, desk.team, [image])
    with pytest.raises(APIErrorException, match="Image") as caught:
        sdk.reviews.add_video_frame_url(JSON, desk.team, review_id, [frame(0)])
    assert caught.value.response.status_code == 400


CALLS: dict[str, Callable[[ContentModeratorClient, str, str], object]] = {
    "add_video_frame": lambda sdk, team, video: sdk.reviews.add_video_frame(team, video),
    "add_video_frame_url": lambda sdk, team, video: sdk.reviews.add_video_frame_url(JSON, team, video, [frame(0)]),
    "add_video_frame_stream": lambda sdk, team, video: sdk.reviews.add_video_frame_stream(
        MULTIPART, team, video, BytesIO(zipped(["1.jpg"])), '[{"Timestamp": "0", "FrameImage": "1.jpg"}]'
    ),
    "get_video_frames": lambda sdk, team, video: sdk.reviews.get_video_frames(team, video),
    "publish_video_review": lambda sdk, team, video: sdk.reviews.publish_video_review(team, video),
    "add_video_transcript": lambda sdk, team, video: sdk.reviews.add_video_transcript(team, video, BytesIO(TRANSCRIPT)),
    "add_video_transcript_moderation_result": lambda sdk, team, video: (
        sdk.reviews.add_video_transcript_moderation_result(JSON, team, video, [{"timestamp": "0", "terms": []}])
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_video_that_is_not_there_is_404_for_every_call(
    desk: Desk, sdk: ContentModeratorClient, call: Callable[[ContentModeratorClient, str, str], object]
) -> None:
    with pytest.raises(APIErrorException, match="no review '202601v0'") as caught:
        call(sdk, desk.team, "202601v0")
    assert refusal(caught.value) == (404, "NotFound")


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_wrong_key_is_401_for_every_call(
    desk: Desk, video: str, call: Callable[[ContentModeratorClient, str, str], object]
) -> None:
    with connect(desk.service.url, "wrong") as stranger, pytest.raises(APIErrorException) as caught:
        call(stranger, desk.team, video)
    assert refusal(caught.value) == (401, "NotAuthorized")
