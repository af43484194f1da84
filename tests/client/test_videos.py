"""The operations of `Client` on videos: what they ask the service for, and what stops them before they do."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from cmtools.client import creation, videos
from cmtools.client.client import Client
from cmtools.errors import BadDraft, BadPicture, BadRequest, BadTag, ServiceError
from cmtools.model import Draft, Frame, Lease, Picture, Review, Term, Transcript
from cmtools.wire import own

from .conftest import Asked, Reply, StandIn, refusal

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = Lease("l1", "ana", "Video", NOW, token="t0k")
VENDOR = "/contentmoderator/review/v1.0/teams/demo/reviews"
STREAM = "https://x.org/talk"


def keeping(asked: Asked) -> Reply:
    """What a service answers to an upload, or to a create request."""
    if asked.path.endswith("/pictures"):
        return Reply(body=own.write(Picture(asked.body.decode(), "https://x.org/p", "image/png", 1, 1, 3)))
    if asked.method == "POST" and asked.path == VENDOR:
        return Reply(body=[f"id-{item['ContentId']}" for item in json.loads(asked.body)])
    return Reply(204)


@pytest.fixture
def service(stand_in: StandIn) -> StandIn:
    stand_in.always = keeping
    return stand_in


def file(folder: Path, name: str, data: bytes = b"one") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_video_is_created_unpublished_with_its_frames(caller: Client, service: StandIn, tmp_path: Path) -> None:
    frames = [(500, file(tmp_path, "1.png"), {"a": True}), (0, "https://x.org/0.png")]
    id = caller.create_video_review(STREAM, "talk", metadata={"a": "True"}, callback="http://x.org/", frames=frames)
    assert id == "id-talk"
    (item,) = service.asked[-1].json()
    assert {key: item[key] for key in ("Type", "Content", "Status", "CallbackEndpoint", "Metadata")} == {
        "Type": "Video",
        "Content": STREAM,
        "Status": "Unpublished",
        "CallbackEndpoint": "http://x.org/",
        "Metadata": [{"Key": "a", "Value": "True"}],
    }
    assert [(frame["Timestamp"], frame["FrameImage"]) for frame in item["VideoFrames"]] == [
        ("500", "media:one"),
        ("0", "https://x.org/0.png"),
    ]


def test_frames_are_sent_in_parts_after_their_pictures(
    caller: Client, service: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(videos, "FRAMES_AT_ONCE", 2)
    cut = file(tmp_path, "1.png")
    given = [(0, cut, {"a": np.True_, "r": "no"}), (1, "https://x.org/1.png"), Frame(2, "cut", path=cut, name="last")]
    assert caller.add_frames("v/1", given, progress=False) == 3
    assert [asked.path.rpartition("/")[2] for asked in service.asked] == ["pictures", "frames", "frames"]
    assert service.asked[1].path == f"{VENDOR}/v%2F1/frames"
    first, second = (asked.json() for asked in service.asked[1:])
    assert [frame["FrameImage"] for frame in first] == ["media:one", "https://x.org/1.png"]
    assert first[0]["Metadata"] == [{"Key": "a", "Value": "True"}, {"Key": "r", "Value": "False"}]
    assert (second[0]["Id"], second[0]["FrameImage"]) == ("last", "media:one")


def test_refused_frame_is_named_by_its_place_among_all(
    caller: Client, service: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(videos, "FRAMES_AT_ONCE", 2)
    service.script = [Reply(204), refusal(400, "BadDraft", "[1].FrameImage: no")]
    with pytest.raises(BadDraft) as caught:
        caller.add_frames("v1", [(n, "https://x.org/1.png") for n in range(4)], progress=False)
    assert str(caught.value) == "frames[3].FrameImage: no - 2 frames were added"


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        ([(0, "https://x.org/1"), (0, "https://x.org/2")], BadDraft, "frames[1].timestamp"),
        ([("0", "https://x.org/1")], BadDraft, "frames[0].timestamp"),
        ([(0, "nowhere.png")], BadDraft, "frames[0].path"),
        ([(0,)], BadDraft, "frames[0]: a frame is a Frame, or a tuple"),
        (["https://x.org/1"], BadDraft, "frames[0]: a frame is a Frame, or a tuple"),
        ([(0, "https://x.org/1", {"a": "perhaps"})], BadTag, "frames[0].a: 'perhaps'"),
    ],
)
def test_bad_frame_is_refused_before_anything_is_sent(
    caller: Client, service: StandIn, given: list[object], error: type[Exception], told: str
) -> None:
    with pytest.raises(error) as caught:
        caller.add_frames("v1", given, progress=False)
    assert told in str(caught.value)
    assert service.asked == []


def test_refused_picture_is_named_and_no_frame_is_sent(caller: Client, stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.always = lambda asked: refusal(400, "BadPicture", "it is no picture")
    with pytest.raises(BadPicture, match=r"cut\.png: it is no picture"):
        caller.add_frames("v1", [(0, file(tmp_path, "cut.png"))], progress=False)
    assert {asked.path.rpartition("/")[2] for asked in stand_in.asked} == {"pictures"}


def test_no_frames_send_nothing(caller: Client, service: StandIn) -> None:
    assert caller.add_frames("v1", [], progress=False) == 0
    assert service.asked == []


@pytest.mark.parametrize("given", ["text", "path", "open file", "bytes", "marked"])
def test_transcript_is_sent_as_text_from_wherever_it_is(
    caller: Client, service: StandIn, tmp_path: Path, given: str
) -> None:
    text = "WEBVTT\n\nça\n"
    path = file(tmp_path, "talk.vtt", text.encode())
    transcript = {
        "text": text,
        "path": path,
        "open file": io.StringIO(text),
        "bytes": io.BytesIO(text.encode()),
        "marked": "\ufeff" + text,
    }[given]
    caller.add_transcript("v1", transcript)
    (asked,) = service.asked
    assert (asked.method, asked.path) == ("PUT", f"{VENDOR}/v1/transcript")
    assert asked.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert asked.body.decode("utf-8-sig") == text


def test_path_that_was_given_as_text_is_told_so(caller: Client, service: StandIn) -> None:
    with pytest.raises(BadRequest, match="a file is given as a Path"):
        caller.add_transcript("v1", "talk.vtt")
    with pytest.raises(BadRequest, match="cannot be read"):
        caller.add_transcript("v1", Path("nowhere.vtt"))
    assert service.asked == []


def test_terms_of_one_moment_are_sent_together(caller: Client, service: StandIn) -> None:
    caller.add_transcript_terms("v1", [Term("1", 3, "crap"), ("1", 9, "damn"), ("7", 0, "hell")])
    assert service.asked[0].json() == [
        {"Timestamp": "1", "Terms": [{"Index": 3, "Term": "crap"}, {"Index": 9, "Term": "damn"}]},
        {"Timestamp": "7", "Terms": [{"Index": 0, "Term": "hell"}]},
    ]


def test_publishing_is_tried_again_after_a_break(caller: Client, service: StandIn, waits: list[float]) -> None:
    service.script = [refusal(503, "StoreError", "busy")]
    caller.publish("v1")
    assert [(asked.method, asked.path) for asked in service.asked] == [("POST", f"{VENDOR}/v1/publish")] * 2
    assert len(waits) == 1


def test_frames_and_transcript_are_read(caller: Client, stand_in: StandIn) -> None:
    frame = Frame(500, "https://x.org/1.png", auto_tags={"a": True}, human_tags={"a": False})
    words = Transcript("WEBVTT", (Term("1", 0, "x"),))
    stand_in.script = [Reply(body=own.write({"frames": [frame]})), Reply(body=own.write(words))]
    assert caller.frames("v1", start=100, count=5, tag="a") == [frame]
    assert caller.transcript("v1") == words
    assert stand_in.asked[0].path == "/cmtools/v1/teams/demo/reviews/v1/frames?start=100&count=5&tag=a"


def test_tags_of_frames_are_sent_beside_those_of_the_whole(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda asked: Reply(
        body={
            "id": "s",
            "reviewer": "ana",
            "review_ids": [],
            "created_at": NOW.isoformat(),
            "undo_until": NOW.isoformat(),
        }
    )
    caller.submit(LEASE, {"v1": {"r": 1}}, frames={"v1": {500: {"a": np.False_}}, "v2": {"7": {"a": "yes"}}})
    assert stand_in.asked[-1].json() == {
        "answers": {"v1": {"r": True}, "v2": {}},
        "frames": {"v1": {"500": {"a": False}}, "v2": {"7": {"a": True}}},
    }
    caller.save(LEASE, {}, frames={"v1": {500: {"a": True}}})
    assert stand_in.asked[-1].json() == {"toggles": {}, "frames": {"v1": {"500": {"a": True}}}}
    caller.submit(LEASE, {"v1": {}})
    assert stand_in.asked[-1].json() == {"answers": {"v1": {}}}
    with pytest.raises(BadTag, match=r"v1\.500\.a: 'perhaps'"):
        caller.submit(LEASE, {"v1": {}}, frames={"v1": {500: {"a": "perhaps"}}})  # type: ignore[dict-item]


def test_reviews_that_were_too_much_for_one_answer_are_asked_for_again(caller: Client, stand_in: StandIn) -> None:
    videos = [Review(f"v{n}", "Pending", "Video", STREAM, str(n)) for n in range(3)]
    stand_in.script = [
        Reply(body=own.write({"reviews": videos[:2], "rest": ["v2"]})),
        Reply(body=own.write({"reviews": videos[2:], "rest": []})),
    ]
    assert list(caller.reviews(ids=["v0", "v1", "v2"])) == videos
    assert [asked.json() for asked in stand_in.asked] == [{"ids": ["v0", "v1", "v2"]}, {"ids": ["v2"]}]


def test_service_that_looks_up_nothing_is_not_asked_for_ever(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda asked: Reply(body={"reviews": [], "rest": ["v0"]})
    with pytest.raises(ServiceError, match="looked up none"):
        list(caller.reviews(ids=["v0"]))


def test_waiting_fetches_frames_once_all_are_there(caller: Client, stand_in: StandIn) -> None:
    done = Review("v0", "Complete", "Video", STREAM, "0")
    framed = replace(done, frames=(Frame(0, "https://x.org/0.png"),))
    stand_in.script = [Reply(body=own.write({"reviews": [each], "rest": []})) for each in (done, framed)]
    assert caller.wait(["v0"], progress=False) == [framed]
    assert [asked.json() for asked in stand_in.asked] == [{"ids": ["v0"], "frames": False}, {"ids": ["v0"]}]


# Drafts of videos in a run --------------------------------------------------------------------------------------------


def shots(count: int) -> tuple[Frame, ...]:
    return tuple(Frame(n, f"https://x.org/{n}.png") for n in range(count))


def test_frames_count_when_batches_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(creation, "BATCH_FRAMES", 10)
    drafts = [Draft(STREAM, str(n), "Video", frames=shots(4)) for n in range(5)]
    assert [len(batch) for batch in creation.batches(drafts)] == [2, 2, 1]


def test_file_of_two_frames_is_uploaded_once_and_counted_once(caller: Client, service: StandIn, tmp_path: Path) -> None:
    cut = file(tmp_path, "1.png")
    drafts = [Draft(STREAM, str(n), "Video", frames=(Frame(0, "1.png", path=cut),)) for n in range(2)]
    assert creation.count_steps(drafts) == 3
    assert caller.create_reviews(drafts, progress=False) == ["id-0", "id-1"]
    assert [asked.path.rpartition("/")[2] for asked in service.asked] == ["pictures", "reviews"]


def test_other_frames_or_another_status_make_another_review() -> None:
    draft = Draft(STREAM, "1", "Video", frames=shots(2))
    others = [
        Draft(STREAM, "1", "Video"),
        Draft(STREAM, "1", "Video", frames=shots(1)),
        Draft(STREAM, "1", "Video", frames=shots(2), status="Unpublished"),
    ]
    marks = {creation.fingerprint(each, None, "public", "", of_frames=[None] * len(each.frames)) for each in others}
    assert creation.fingerprint(draft, None, "public", "", of_frames=[None, None]) not in marks
    assert len(marks) == 3


def test_bytes_of_a_frame_count_and_not_its_path(tmp_path: Path) -> None:
    def mark(path: str, digest: str) -> str:
        frame = Frame(0, "1.png", path=tmp_path / path)
        return creation.fingerprint(
            Draft(STREAM, "1", "Video", frames=(frame,)), None, "public", "", of_frames=[digest]
        )

    assert mark("a", "d1") == mark("b", "d1") != mark("a", "d2")


def test_thumbnails_of_frames_come_by_their_moments(caller: Client, service: StandIn) -> None:
    service.always = lambda asked: refusal(404, "NotFound") if "/7/" in asked.path else Reply(body=asked.path.encode())
    found = caller.frame_thumbnails("v1", [np.int64(0), 7, 1500], size=64)
    assert found == {0: b"/cmtools/v1/teams/demo/reviews/v1/frames/0/thumbnail?size=64", 7: None, 1500: found[1500]}
    assert caller.frame_picture("v1", 1500).endswith(b"/frames/1500/picture")


@pytest.mark.parametrize("moment", [-1, 1.5, "7", True])
def test_what_is_no_moment_of_a_frame_is_told_before_anything_is_asked(
    caller: Client, service: StandIn, moment: object
) -> None:
    with pytest.raises(BadRequest, match="no moment of a frame"):
        caller.frame_thumbnails("v1", [moment])  # type: ignore[list-item]
    assert service.asked == []
