"""What makes a draft of a video, and its frames, acceptable."""

from __future__ import annotations

from pathlib import Path

import pytest

from cmtools.content import content_type
from cmtools.content.video import MAX_FRAMES, MAX_MILLISECONDS, check_frames
from cmtools.errors import BadDraft
from cmtools.model import Draft, Frame

STREAM = "https://example.org/talk.ism/manifest(format=m3u8-aapl)"
PICTURE = "https://example.org/1.jpg"


def check(content: str = STREAM, **more: object) -> None:
    content_type("Video").check(Draft(content, "talk", "Video", **more))


def fault(*frames: Frame) -> tuple[str | None, str]:
    with pytest.raises(BadDraft) as caught:
        check_frames(frames, "frames")
    return caught.value.where, caught.value.message


@pytest.mark.parametrize("status", ["Pending", "Unpublished"])
def test_video_may_be_published_at_once_or_later(status: str) -> None:
    check(status=status)


@pytest.mark.parametrize("status", ["Complete", "UnPublished", "", "x"])
def test_other_status_is_refused(status: str) -> None:
    with pytest.raises(BadDraft, match="can be Pending or Unpublished") as caught:
        check(status=status)
    assert caught.value.where == "status"


def test_video_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadDraft, match="give its address") as caught:
        check(path=tmp_path)
    assert caught.value.where == "path"


@pytest.mark.parametrize("content", ["talk.mp4", "media:1", "ftp://example.org/talk", "rtsp://example.org/talk"])
def test_content_that_is_no_address_is_refused(content: str) -> None:
    with pytest.raises(BadDraft, match="no address"):
        check(content)


@pytest.mark.parametrize(("kind", "content"), [("Image", PICTURE), ("Text", "hello")])
def test_frames_and_unpublished_are_of_videos_alone(kind: str, content: str) -> None:
    with pytest.raises(BadDraft, match="only a video has") as caught:
        content_type(kind).check(Draft(content, "1", kind, frames=(Frame(0, PICTURE),)))
    assert caught.value.where == "frames"
    with pytest.raises(BadDraft, match="can be Pending, not 'Unpublished'"):
        content_type(kind).check(Draft(content, "1", kind, status="Unpublished"))


def test_good_frames_pass(tmp_path: Path) -> None:
    file = tmp_path / "1.png"
    file.write_bytes(b"x")
    last = Frame(MAX_MILLISECONDS, "media:5", metadata=(("a", "True"),), result_tags=(("r", ""),), name="last")
    check(frames=(Frame(0, PICTURE), Frame(1, "1.png", path=file), last))


@pytest.mark.parametrize(
    ("frame", "where"),
    [
        (Frame(-1, PICTURE), "timestamp"),
        (Frame(MAX_MILLISECONDS + 1, PICTURE), "timestamp"),
        (Frame(True, PICTURE), "timestamp"),
        (Frame(1.5, PICTURE), "timestamp"),
        (Frame("1", PICTURE), "timestamp"),
        (Frame(0, "1.jpg"), "image"),
        (Frame(0, ""), "image"),
        (Frame(0, "1.png", path=Path("there is no such file")), "path"),
        (Frame(0, PICTURE, metadata=(("", "x"),)), "metadata[0].key"),
        (Frame(0, PICTURE, metadata=(("k", "v"),) * 1001), "metadata"),
        (Frame(0, PICTURE, result_tags=(("a", "x\0"),)), "result_tags[0].value"),
        (Frame(0, PICTURE, name="x\0"), "name"),
    ],
)
def test_bad_frame_is_named_by_its_place_and_field(frame: Frame, where: str) -> None:
    assert fault(Frame(5, PICTURE), frame)[0] == f"frames[1].{where}"


def test_two_frames_at_one_moment_are_both_named() -> None:
    where, message = fault(Frame(5, PICTURE), Frame(6, PICTURE), Frame(5, PICTURE))
    assert (where, message) == ("frames[2].timestamp", "frame [0] is at 5 milliseconds too")


def test_too_many_frames_are_refused() -> None:
    assert fault(*(Frame(n, PICTURE) for n in range(MAX_FRAMES + 1))) == ("frames", "10,001 frames; the most is 10,000")
