"""A video from its stream's address to rows of decisions: made, given frames and words, published, reviewed, told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

import cmtools as cm
from cmtools.errors import BadDraft, BadPicture, BadRequest, BadTag, NotFound
from cmtools.model import Frame, Term
from cmtools.testing import CallbackSink, RunningService, running_service
from tests.tools.pictures import PictureSite, png

STREAM = "https://example.org/talk.ism/manifest(format=m3u8-aapl)"
WORDS = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nDamn, it works — ça marche.\n"
REVIEW = "/contentmoderator/review/v1.0/teams/demo/reviews"


@pytest.fixture
def service() -> Iterator[RunningService]:
    with running_service() as service:
        yield service


@pytest.fixture
def client(service: RunningService) -> cm.Client:
    return service.client("ana")


@pytest.fixture
def site() -> Iterator[PictureSite]:
    with PictureSite(**{"500.png": png("red")}) as site:
        yield site


def read(service: RunningService, path: str, **query: object) -> dict[str, object]:
    """What the vendor's API answers to somebody who has nothing but curl."""
    headers = {"Ocp-Apim-Subscription-Key": service.key}
    answer = requests.get(service.url + REVIEW + path, headers=headers, params=query, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_video_becomes_decisions(service: RunningService, client: cm.Client, site: PictureSite, tmp_path: Path) -> None:
    cut = tmp_path / "cut.png"
    cut.write_bytes(png("blue"))
    protected = {"protectedType": "AES", "authenticationToken": "Bearer=x", "a": "True"}
    with CallbackSink() as sink:
        # Made, and given what belongs to it.
        video = client.create_video_review(STREAM, "talk", metadata=protected, callback=sink.url)
        assert client.get_review(video).status == "Unpublished"
        assert client.checkout(type="Video").reviews == ()
        assert client.counts(type="Video").unpublished == 1
        added = client.add_frames(
            video,
            [
                (1500, cut, {"a": False, "r": True}),
                (500, site.url + "500.png", {"a": True}),
                Frame(0, "https://example.org/first.png", metadata=(("adultScore", "0.25"), ("A", "false"))),
            ],
            progress=False,
        )
        client.add_transcript(video, WORDS)
        client.add_transcript_terms(video, [Term("1", 0, "Damn"), ("1", 6, "it")])
        assert added == 3
        assert client.transcript(video) == cm.model.Transcript(WORDS, (Term("1", 0, "Damn"), Term("1", 6, "it")))

        # Published, and from here on closed.
        client.publish(video)
        client.publish(video)
        with pytest.raises(BadRequest, match="is published"):
            client.add_frames(video, [(9000, cut)], progress=False)
        with pytest.raises(BadRequest, match="is published"):
            client.add_transcript(video, "WEBVTT")

        # Reviewed, with a break and a second thought.
        lease = client.checkout(type="Video")
        (review,) = lease.reviews
        assert [frame.timestamp for frame in review.frames] == [0, 500, 1500]
        assert [dict(frame.auto_tags) for frame in review.frames] == [
            {"a": False},
            {"a": True},
            {"a": False, "r": True},
        ]
        client.save(lease, {video: {"r": True}}, frames={video: {0: {"r": True}}})
        (held,) = client.leases()
        assert held.reviews[0].toggles == {"r": True}
        assert held.reviews[0].frames[0].toggles == {"r": True}
        submission = client.submit(lease, {video: {}}, frames={video: {500: {"A": False}}})
        lease = client.undo(submission)
        assert lease.reviews[0].frames[1].toggles == {"a": False, "r": False}
        client.submit(lease, {}, frames={video: {1500: {"a": True}}})
        service.advance(5)

        # Told, and read back in every way there is.
        done = client.get_review(video)
        assert (done.status, done.human_tags) == ("Complete", {"a": True, "r": True})
        assert [dict(frame.human_tags) for frame in done.frames] == [
            {"a": False, "r": True},
            {"a": False, "r": False},
            {"a": True, "r": True},
        ]
        (told,) = sink.received
        assert (told["ReviewId"], told["ContentType"]) == (video, "Video")
        assert told["Metadata"] == {**protected, "FrameCount": "3"}
        assert told["ReviewerResultTags"] == {"a": "True", "r": "True"}

    assert [frame.timestamp for frame in client.frames(video, start=1, count=1)] == [500]
    assert [frame.timestamp for frame in client.frames(video, tag="R")] == [0, 1500]

    answer = read(service, f"/{video}/frames", startSeed=0, noOfRecords=2147483647)
    assert answer["reviewId"] == video
    assert [frame["timestamp"] for frame in answer["videoFrames"]] == ["0", "500", "1500"]
    assert answer["videoFrames"][2]["reviewerResultTags"] == [
        {"key": "a", "value": "True"},
        {"key": "r", "value": "True"},
    ]
    site.go_away()
    for frame in answer["videoFrames"][1:]:  # the copy of what stood at an address, and the file that was uploaded
        shown = requests.get(frame["frameImage"], timeout=30)
        assert (shown.status_code, shown.headers["Content-Type"].partition("/")[0]) == (200, "image")
    assert read(service, f"/{video}")["metadata"][-1] == {"key": "FrameCount", "value": "3"}

    rows = client.decisions()
    assert rows[["frame", "tag", "auto", "auto_given", "human"]].fillna("").values.tolist() == [
        ["", "a", True, True, True],
        ["", "r", False, False, True],
        ["0", "a", False, True, False],
        ["0", "r", False, False, True],
        ["500", "a", True, True, False],
        ["500", "r", False, False, False],
        ["1500", "a", False, True, True],
        ["1500", "r", True, True, True],
    ]
    assert rows.loc[rows["frame"].eq("0") & rows["tag"].eq("a"), "score"].tolist() == [0.25]
    assert set(rows["reviewer"]) == {"ana"}

    trail = [event for event in client.events(video) if event.action != "copy"]
    assert [event.action for event in trail] == [
        *("create", "add_frames", "put_transcript", "put_terms", "publish"),
        *("checkout", "change", "submit", "undo", "submit", "finalise", "callback"),
    ]
    assert (trail[0].after["auto_tags"], trail[6].after) == (["a"], {"tags": {"r": True}, "frames": {"0": {"r": True}}})


def test_drafts_of_videos_bring_their_frames_with_them(
    service: RunningService, client: cm.Client, tmp_path: Path
) -> None:
    (tmp_path / "1.png").write_bytes(png("green"))
    frames = (Frame(500, "1.png", path=tmp_path / "1.png"), Frame(0, "https://example.org/0.png"))
    drafts = [cm.Draft(STREAM, name, "Video", frames=frames) for name in ("one", "two")]

    ids = client.create_reviews(drafts, progress=False)
    assert client.create_reviews(drafts, progress=False) == ids, "the same drafts are the same reviews"
    for review in client.reviews(ids=ids):
        assert review.status == "Pending"
        assert [frame.timestamp for frame in review.frames] == [0, 500]
        assert "/pictures/" in review.frames[1].image


def test_list_of_addresses_becomes_videos_to_review(client: cm.Client) -> None:
    drafts = cm.make_drafts([STREAM], type="Video")
    (video,) = client.create_reviews(drafts, progress=False)
    assert [review.id for review in client.checkout(type="Video").reviews] == [video]


def test_one_bad_frame_keeps_all_out(client: cm.Client, tmp_path: Path) -> None:
    video = client.create_video_review(STREAM, "talk")
    (tmp_path / "notes.png").write_text("no picture")
    with pytest.raises(BadDraft, match=r"frames\[1\].timestamp"):
        client.add_frames(video, [(0, "https://x.org/0.png"), (-1, "https://x.org/1.png")], progress=False)
    with pytest.raises(BadPicture, match=r"notes\.png"):
        client.add_frames(video, [(0, "https://x.org/0.png"), (1, tmp_path / "notes.png")], progress=False)
    with pytest.raises(BadDraft, match=r"frames\[0\].path: there is no file"):
        client.add_frames(video, [(0, tmp_path / "nowhere.png")], progress=False)
    assert client.frames(video) == []


def test_frame_that_is_not_there_cannot_be_tagged(client: cm.Client) -> None:
    video = client.create_video_review(STREAM, "talk", status="Pending", frames=[(500, "https://x.org/1.png")])
    lease = client.checkout(type="Video")
    with pytest.raises(NotFound, match="no frame at 501 milliseconds"):
        client.submit(lease, {video: {}}, frames={video: {501: {"a": True}}})
    with pytest.raises(NotFound, match="no frame at 501 milliseconds"):
        client.save(lease, {}, frames={video: {501: {"a": True}}})
    assert client.leases()[0].reviews[0].toggles == {}


def test_image_has_no_frames_and_no_transcript(client: cm.Client) -> None:
    (image,) = client.create_reviews([cm.Draft("https://x.org/1.png", "1")], progress=False)
    for call in (
        lambda: client.add_frames(image, [(0, "https://x.org/0.png")], progress=False),
        lambda: client.publish(image),
        lambda: client.add_transcript(image, "WEBVTT"),
        lambda: client.frames(image),
        lambda: client.transcript(image),
    ):
        with pytest.raises(BadRequest, match="is of type Image"):
            call()


def test_review_that_is_not_there_is_not_found_by_the_methods_of_videos(client: cm.Client) -> None:
    for call in (client.frames, client.transcript, client.publish):
        with pytest.raises(NotFound, match="no review 'nothing'"):
            call("nothing")


def test_tags_of_frames_that_the_team_does_not_have_are_refused_or_added(client: cm.Client) -> None:
    shot = (0, "https://x.org/0.png", {"zz": True})
    with pytest.raises(BadTag, match="no tag 'zz'"):
        client.create_video_review(STREAM, "refused", frames=[shot])
    assert client.counts(type="Video").unpublished == 0
    video = client.create_video_review(STREAM, 7, metadata={"a": True}, status="UNPUBLISHED")
    with pytest.raises(BadTag, match="no tag 'zz'"):
        client.add_frames(video, [shot], progress=False)
    assert client.frames(video) == []
    client.add_frames(video, [shot], new_tags=True, progress=False)
    assert client.frames(video)[0].auto_tags == {"zz": True}
    assert client.get_review(video).auto_tags == {"a": True}
    assert client.get_review(video).content_id == "7"


def test_waiting_for_pending_takes_a_review_that_somebody_has(client: cm.Client) -> None:
    video = client.create_video_review(STREAM, "talk", status="pending")
    client.checkout(type="Video")
    assert client.wait(video, status="PENDING", timeout=0, progress=False)[0].id == video
