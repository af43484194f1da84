"""A video's frames on a board, without a browser: switched, saved, submitted, taken back; what the browser is told."""

from __future__ import annotations

from typing import Any

import pytest

from cmtools.errors import BadTag, NotFound, Unreachable
from cmtools.model import Transcript
from cmtools.widgets.board import ReviewBoard
from cmtools.widgets.board_state import BoardState
from tests.widgets.conftest import open_state
from tests.widgets.fake_client import FakeClient, FakeService


@pytest.fixture
def videos() -> FakeService:
    """Two videos, the first with twelve frames, every fourth of which auto says is ``r``."""
    service = FakeService()
    first, _ = service.fill(2, type="Video", a=True, r=False)
    service.add_frames(first, 12)
    return service


@pytest.fixture
def state(videos: FakeService) -> BoardState:
    return open_state(FakeClient(videos), type="Video", count=10)


class Told(list[dict[str, Any]]):
    """What a board has told its page."""

    def of(self, type: str) -> list[dict[str, Any]]:
        return [message for message in self if message["type"] == type]


@pytest.fixture
def board(videos: FakeService) -> ReviewBoard:
    return ReviewBoard(FakeClient(videos), type="Video")  # type: ignore[arg-type]


@pytest.fixture
def told(board: ReviewBoard) -> Told:
    heard = Told()
    board.send = lambda content, buffers=None: heard.append({**content, "buffers": buffers or []})
    return heard


def ask(board: ReviewBoard, type: str, **fields: object) -> None:
    """Say something as the page does, and wait until the board has answered."""
    board._handle_custom_msg({"type": type, **fields}, [])
    for worker in (board._reels, board._steps, board._pictures):
        assert worker.wait(60)


def test_a_frame_has_the_tags_of_auto_until_they_are_switched(state: BoardState) -> None:
    first = state.reviews[0].id
    item = state.screen.items[first]
    assert item.frame_tags(4500) == {"a": False, "r": True, "sc": False}
    assert state.toggle(first, "r", frame=4500) is False
    assert state.toggle(first, "A", True, frame=4500) is True
    assert item.frame_tags(4500) == {"a": True, "r": False, "sc": False}
    assert item.tags == {"a": True, "r": False, "sc": False}
    assert item.touched


def test_switched_frames_are_saved_with_the_whole(state: BoardState, videos: FakeService) -> None:
    first, second = (review.id for review in state.reviews)
    state.toggle(first, "sc", True, frame=0)
    state.toggle(first, "sc", True)
    state.toggle(second, "r", True)
    assert state.save()
    assert videos.reviews[first].frames[0].toggles == {"sc": True}
    assert videos.reviews[first].toggles == {"sc": True}
    assert videos.reviews[second].toggles == {"r": True}
    assert state.unsaved == []


def test_switched_frames_are_submitted_and_come_back(state: BoardState, videos: FakeService) -> None:
    first = state.reviews[0].id
    state.toggle(first, "a", True, frame=1500)
    videos.broken, videos.breaks = Unreachable("away"), "save"
    assert not state.save()
    videos.broken = None
    state.next()
    assert videos.reviews[first].frames[1].toggles == {"a": True}
    state.prev()
    assert state.screen.items[first].frame_tags(1500)["a"] is True


def test_what_was_switched_before_a_restart_is_there_again(state: BoardState, videos: FakeService) -> None:
    first = state.reviews[0].id
    state.toggle(first, "r", False, frame=4500)
    assert state.save()
    again = open_state(FakeClient(videos), type="Video")
    again.resume()
    assert again.screen.items[first].frame_tags(4500)["r"] is False


def test_there_is_no_such_frame_or_tag(state: BoardState) -> None:
    first = state.reviews[0].id
    with pytest.raises(NotFound, match="no frame at 7 milliseconds"):
        state.toggle(first, "a", frame=7)
    with pytest.raises(BadTag):
        state.toggle(first, "zz", frame=0)
    assert state.unsaved == []


def test_the_page_is_told_frames_in_parts(videos: FakeService, board: ReviewBoard, told: Told) -> None:
    first = board.reviews[0].id
    ask(board, "frame_toggle", id=first, at=4500, tag="a", on=True)
    ask(board, "frames", id=first)
    (message,) = told.of("frames")
    assert (message["start"], message["total"], len(message["frames"])) == (0, 12, 12)
    assert message["frames"][3] == [4500, "a r", "r", "a r", pytest.approx(0.87)]


def test_ten_thousand_frames_travel_in_ten_messages(videos: FakeService) -> None:
    (third,) = videos.fill(1, type="Video")
    videos.add_frames(third, 10_000)
    board = ReviewBoard(FakeClient(videos), type="Video")  # type: ignore[arg-type]
    heard = Told()
    board.send = lambda content, buffers=None: heard.append(content)
    ask(board, "frames", id=third)
    assert [message["start"] for message in heard.of("frames")] == list(range(0, 10_000, 1_000))


def test_a_toggle_that_cannot_be_is_answered_with_what_holds(board: ReviewBoard, told: Told) -> None:
    first = board.reviews[0].id
    ask(board, "ready")
    ask(board, "frame_toggle", id=first, at=4500, tag="zz", on=True, page="p", seq=3)
    ask(board, "frame_toggle", id=first, at=7, tag="a", on=True, page="p", seq=4)
    ask(board, "frame_toggle", id="none", at=0, tag="a", on=True, page="p", seq=5)
    assert [(each["seq"], each["on"]) for each in told.of("frame_toggled")] == [(3, None), (4, None), (5, None)]


def test_what_a_person_switches_can_be_switched_in_code(board: ReviewBoard, told: Told) -> None:
    first = board.reviews[0].id
    ask(board, "ready")
    assert board.toggle(first, "a", frame=1500) is True
    assert board.toggle(first, "r", False, frame=4500) is False
    assert [(each["at"], each["tag"], each["on"]) for each in told.of("frame_toggled")] == [
        (1500, "a", True),
        (4500, "r", False),
    ]
    assert board.tags[first] == {"a": True, "r": False, "sc": False}


def test_pictures_of_frames_come_by_their_names(board: ReviewBoard, told: Told) -> None:
    first = board.reviews[0].id
    ask(board, "thumbs", ids=[f"{first}@0", f"{first}@1500", f"{first}@film", "none@0"], size=320)
    pictures = told.of("thumbs")
    names = [name for message in pictures for name in message["ids"]]
    assert sorted(names) == [f"{first}@0", f"{first}@1500"]
    assert all(data.startswith(b"\xff\xd8") for message in pictures for data in message["buffers"])
    assert [name for message in pictures for name in message["none"]] == [f"{first}@film"]


def test_the_transcript_comes_as_lines_or_says_why_not(videos: FakeService, board: ReviewBoard, told: Told) -> None:
    first = board.reviews[0].id
    videos.transcripts[first] = Transcript("WEBVTT\n\n00:01.000 --> 00:02.000\nHello")
    ask(board, "transcript", id=first)
    videos.broken = Unreachable("away")
    ask(board, "transcript", id=first)
    good, bad = told.of("transcript")
    assert good["lines"] == [[1000, 2000, "Hello", []]]
    assert (bad["lines"], bad["error"]) == ([], "away")
