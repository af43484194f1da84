"""`ReviewBoard` as code and notebooks without a browser use it, and what it sends to a page."""

from __future__ import annotations

import json
import logging
import zlib
from typing import Any

import pytest

from cmtools.errors import BadRequest, LeaseLost, NotAuthorized, NotFound, Unreachable
from cmtools.widgets.board import ReviewBoard
from tests.widgets.fake_client import FakeClient, FakeService

DOWN = Unreachable("Nothing answers at http://127.0.0.1:1. Start it with: cmtools serve")


class Page:
    """What a page would hear of a board, and how it asks."""

    def __init__(self, board: ReviewBoard) -> None:
        self.board = board
        self.heard: list[dict[str, Any]] = []
        self.buffers: list[list[bytes]] = []
        board.send = self._hear  # type: ignore[method-assign]

    def _hear(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self.heard.append(json.loads(json.dumps(content)))
        self.buffers.append(buffers or [])

    def ask(self, type: str, **fields: object) -> list[dict[str, Any]]:
        """Send a message as a page does; everything that is heard until the board has nothing left to do."""
        before = len(self.heard)
        self.board._handle_custom_msg({"type": type, "page": "p", "n": 1, **fields}, [])
        assert self.board._steps.wait(60)
        assert self.board._pictures.wait(60)
        return self.heard[before:]


def of(messages: list[dict[str, Any]], type: str) -> list[dict[str, Any]]:
    """Those of a type: others come between them by themselves, when a thread of the board's is ready."""
    return [message for message in messages if message["type"] == type]


def last(messages: list[dict[str, Any]], type: str) -> dict[str, Any]:
    return of(messages, type)[-1]


@pytest.fixture
def board(ana: FakeClient) -> ReviewBoard:
    return ReviewBoard(ana, count=20)  # type: ignore[arg-type]


@pytest.fixture
def page(board: ReviewBoard) -> Page:
    opened = Page(board)
    opened.ask("ready")
    return opened


# In code --------------------------------------------------------------------------------------------------------------


def test_a_notebook_without_a_browser_plays_the_reviewer(board: ReviewBoard, fake: FakeService) -> None:
    while board.reviews:
        for review in board.reviews:
            board.toggle(review.id, "r", review.content_id.endswith("7"))
        board.next()
    assert board.done == 64
    said = [answers for sent in fake.sent.values() for answers in sent.answers.values()]
    assert sum(tags["r"] for tags in said) == 6


def test_the_board_prints_the_same_every_time(board: ReviewBoard, ana: FakeClient, fake: FakeService) -> None:
    assert repr(board) == "ReviewBoard(team='demo', reviewer='ana', 20 on screen)"
    assert repr(ReviewBoard(ana)) == (  # type: ignore[arg-type]
        "ReviewBoard(team='demo', reviewer='ana', 20 held from before: resume(), give_back() or take_new())"
    )
    while board.reviews:
        board.next()
    assert repr(board) == "ReviewBoard(team='demo', reviewer='ana', all reviewed, 64 submitted here)"
    fake.reviews.clear()
    assert repr(ReviewBoard(ana)) == (  # type: ignore[arg-type]
        "ReviewBoard(team='demo', reviewer='ana', nothing waits: look_again())"
    )


def test_a_service_that_is_down_is_told_and_not_raised_when_the_board_is_made(
    fake: FakeService, ana: FakeClient
) -> None:
    fake.broken = DOWN
    board = ReviewBoard(ana)  # type: ignore[arg-type]
    assert repr(board) == f"ReviewBoard(team='demo', reviewer='ana', {DOWN})"
    with pytest.raises(Unreachable):
        board.look_again()
    fake.broken = None
    board.look_again()
    assert len(board.reviews) == 50


def test_wrong_arguments_are_raised_when_the_board_is_made(ana: FakeClient) -> None:
    with pytest.raises(BadRequest):
        ReviewBoard(ana, type="Sound")  # type: ignore[arg-type]


def test_tags_are_a_copy(board: ReviewBoard) -> None:
    first = board.reviews[0].id
    board.tags[first]["a"] = True
    assert board.tags[first] == {"a": False, "r": False, "sc": False}
    assert board.toggle(first, "a") is True
    assert board.tags[first]["a"] is True


def test_prev_and_the_seconds_left(board: ReviewBoard) -> None:
    assert board.undo_seconds_left == 0.0
    first = board.reviews[0].id
    assert board.next() == 20
    assert 0 < board.undo_seconds_left <= 5
    assert board.prev() == 20
    assert (board.reviews[0].id, board.done) == (first, 0)


def test_setting_the_count_takes_and_gives(board: ReviewBoard) -> None:
    board.count = 30
    assert (board.count, len(board.reviews)) == (30, 30)
    with pytest.raises(BadRequest):
        board.count = 0


def test_toggles_in_code_are_saved_without_a_page(board: ReviewBoard, fake: FakeService) -> None:
    first = board.reviews[0].id
    board.toggle(first, "sc")
    assert board._steps.wait(60)
    assert fake.reviews[first].toggles == {"sc": True}


def test_what_moves_in_code_can_come_back(board: ReviewBoard, fake: FakeService) -> None:
    first, second, *_ = [review.id for review in board.reviews]
    assert board.move([first, second], "experts") == 2
    assert first not in {review.id for review in board.reviews}
    assert fake.reviews[first].subteam == "experts"
    assert board.move_back() == 2
    assert fake.reviews[first].subteam == "public"


def test_find_in_code_is_what_the_field_finds(board: ReviewBoard, page: Page) -> None:
    first = board.reviews[0].id
    board.toggle(first, "a", True)
    words = f"tag:a {first}"
    assert board.find(words) == [first]
    assert last(page.ask("find", words=words), "found")["ids"] == [first]
    assert last(page.ask("find", words="colour>2"), "found")["fault"]
    with pytest.raises(BadRequest, match="colour"):
        board.find("colour>2")


def test_a_lost_lease_is_raised_in_code(board: ReviewBoard, fake: FakeService) -> None:
    fake.drop(next(iter(fake.leases)))
    with pytest.raises(LeaseLost, match="20 pictures are no longer yours"):
        board.next()
    assert board.reviews == ()
    with pytest.raises(NotFound):
        board.toggle("nobody", "a")


# What is kept and sent ------------------------------------------------------------------------------------------------


def test_no_synced_trait_grows_with_what_is_on_the_screen(fake: FakeService) -> None:
    fake.fill(900)
    small = ReviewBoard(FakeClient(fake, "ben"), count=1)  # type: ignore[arg-type]
    large = ReviewBoard(FakeClient(fake, "eve"), count=900)  # type: ignore[arg-type]
    sizes = [len(json.dumps({key: str(value) for key, value in board.get_state().items()})) for board in (small, large)]
    assert abs(sizes[0] - sizes[1]) < 100
    assert set(large.get_state()) - set(small.get_state()) == set()
    assert "photo-" not in str(large.get_state())


def test_script_and_style_leave_room_in_a_saved_notebook(board: ReviewBoard) -> None:
    assert len(board._esm) + len(board._css) < 60_000


def test_without_a_page_nothing_is_sent(board: ReviewBoard) -> None:
    page = Page(board)
    board.next()
    board.toggle(board.reviews[0].id, "a")
    assert board._steps.wait(60)
    assert page.heard == []


def test_a_page_that_opens_gets_the_screen_then_the_state(board: ReviewBoard) -> None:
    heard = [message for message in Page(board).ask("ready") if message["type"] in ("screen", "state")]
    screen, state = heard[:2]
    assert (screen["type"], screen["start"], screen["total"], len(screen["items"])) == ("screen", 0, 20, 20)
    assert screen["items"][2] == {
        "id": board.reviews[2].id,
        "name": "image-3",
        "subteam": "public",
        "auto": {"a": True, "r": False},
        "on": ["a"],
        "scores": {"a": 0.11},
        "at": board.reviews[2].created_at.timestamp(),
    }
    assert (state["type"], state["phase"], state["serial"]) == ("state", "reviewing", screen["serial"])


def test_a_large_screen_travels_in_parts_and_the_state_comes_early(fake: FakeService) -> None:
    fake.fill(1936)
    board = ReviewBoard(FakeClient(fake), count=2000)  # type: ignore[arg-type]
    assert len(board.reviews) == 2000
    page = Page(board)
    early = [message["type"] for message in page.ask("ready") if message["type"] in ("screen", "state")]
    assert early[:2] == ["screen", "state"]
    board._tell_rest()
    parts = [(message, page.buffers[at]) for at, message in enumerate(page.heard) if message["type"] == "screen"]
    assert [message["start"] for message, _ in parts] == [0, 120, 1120]
    rows = [json.loads(zlib.decompress(buffers[0])) for message, buffers in parts if message.get("packed")]
    assert [row["id"] for part in rows for row in part] == [review.id for review in board.reviews[120:]]


def test_of_many_reviews_the_first_are_shown_before_the_others_are_taken(fake: FakeService) -> None:
    fake.fill(936)
    board = ReviewBoard(FakeClient(fake), count=1000)  # type: ignore[arg-type]
    assert len(board._state.reviews) == 120
    assert repr(board).endswith("1000 on screen)")
    assert len(board.reviews) == 1000
    assert board.next() == 1000


def test_the_state_is_small_and_the_screen_is_not_sent_again_for_a_toggle(page: Page, board: ReviewBoard) -> None:
    heard = page.ask("toggle", id=board.reviews[0].id, tag="r", on=True, seq=7)
    (toggled,) = of(heard, "toggled")
    assert toggled == {"type": "toggled", "id": board.reviews[0].id, "tag": "r", "on": True, "page": "p", "seq": 7}
    assert of(heard, "screen") == []


def test_a_step_is_answered_with_state_and_done(page: Page, board: ReviewBoard) -> None:
    heard = page.ask("next", serial=board._state.screen.serial)
    assert heard[0]["busy"] == "submit"
    assert {"type": "done", "page": "p", "n": 1} in heard
    state = last(heard, "state")
    assert (state["busy"], state["mine"], state["queue"]["done"]) == ("", 20, 20)
    assert 0 < state["undo"]["left"] <= 5


def test_a_next_for_a_screen_that_is_gone_submits_nothing(page: Page, board: ReviewBoard) -> None:
    page.ask("next", serial=-1)
    assert board.done == 0


def test_thumbnails_come_in_batches_as_binary_buffers(page: Page, board: ReviewBoard, fake: FakeService) -> None:
    board.count = 36
    ids = [review.id for review in board.reviews][16:]
    fake.pictures[ids[3]] = None
    start = len(page.heard)
    heard = of(page.ask("thumbs", ids=ids, size=192), "thumbs")
    assert len(heard) > 1
    assert sorted(key for message in heard for key in message["ids"]) == sorted(set(ids) - {ids[3]})
    assert [key for message in heard for key in message["none"]] == [ids[3]]
    for message, buffers in zip(page.heard[start:], page.buffers[start:], strict=True):
        if message["type"] != "thumbs":
            continue
        assert len(buffers) == len(message["ids"])
        assert all(buffer.startswith(b"\xff\xd8") for buffer in buffers)


def test_thumbnails_are_kept_for_a_page_that_comes_back(page: Page, board: ReviewBoard, fake: FakeService) -> None:
    ids = [review.id for review in board.reviews][:8]
    page.ask("thumbs", ids=ids)
    asked = fake.calls.count("thumbnails")
    (answer,) = of(page.ask("thumbs", ids=ids), "thumbs")
    assert answer["ids"] == ids
    assert fake.calls.count("thumbnails") == asked


def test_the_first_pictures_are_fetched_before_a_page_asks(board: ReviewBoard, fake: FakeService) -> None:
    assert board._pictures.wait(60)
    asked = fake.calls.count("thumbnails")
    page = Page(board)
    page.ask("ready")
    page.ask("thumbs", ids=[review.id for review in board.reviews[:16]], veiled=True)
    assert asked > 0
    assert fake.calls.count("thumbnails") == asked


def test_only_pictures_on_the_screen_are_sent(page: Page, fake: FakeService) -> None:
    waiting = next(key for key, review in fake.reviews.items() if review.status == "Pending")
    heard = of(page.ask("thumbs", ids=[waiting]), "thumbs")
    assert not any(message["ids"] for message in heard)


def test_thumbnails_that_do_not_come_are_named_with_the_reason(
    page: Page, board: ReviewBoard, fake: FakeService
) -> None:
    fake.broken = DOWN
    unseen = board.reviews[-1].id
    (answer,) = of(page.ask("thumbs", ids=[unseen]), "thumbs")
    assert (answer["failed"], answer["error"]) == ([unseen], str(DOWN))


@pytest.mark.parametrize("error", [DOWN, NotAuthorized("the key is not known: check CMTOOLS_KEY")])
@pytest.mark.parametrize("step", ["next", "count", "move", "look_again"])
def test_an_error_of_the_service_is_shown_on_the_page_and_logged_nowhere(
    page: Page,
    board: ReviewBoard,
    fake: FakeService,
    caplog: pytest.LogCaptureFixture,
    error: Unreachable | NotAuthorized,
    step: str,
) -> None:
    fake.broken = error
    asked = {"serial": board._state.screen.serial, "count": 30, "id": board.reviews[0].id, "subteam": "experts"}
    board.count = 20
    if step == "look_again":
        board._state._forget([review.id for review in board.reviews])
    with caplog.at_level(logging.WARNING):
        heard = page.ask(step, **asked)
    notice = last(heard, "state")["notice"]
    assert (notice["kind"], notice["action"]) == ("error", "retry")
    assert notice["text"].startswith(str(error))
    assert ("goes on by itself" in notice["text"]) is isinstance(error, Unreachable)
    assert "done" in [message["type"] for message in heard]
    assert caplog.records == []
    fake.broken = None
    notice = last(page.ask("retry"), "state")["notice"]
    assert (notice["kind"] if notice else "info") == "info"


def test_an_error_of_our_own_is_shown_and_logged(
    page: Page, board: ReviewBoard, fake: FakeService, caplog: pytest.LogCaptureFixture
) -> None:
    heard = page.ask("count", count="many")
    assert "ValueError" in last(heard, "state")["notice"]["text"]
    assert "an error of its own" in caplog.text
    assert last(page.ask("next"), "state")["mine"] == 20


def test_a_toggle_of_a_review_that_has_gone_is_answered_with_nothing_known(page: Page) -> None:
    (answer,) = of(page.ask("toggle", id="gone", tag="a", on=True, seq=1), "toggled")
    assert answer["on"] is None


def test_saving_is_tried_again_by_itself_when_the_service_is_back(
    page: Page, board: ReviewBoard, fake: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cmtools.widgets.board_talk.SAVE_AGAIN_SECONDS", (0.0,))
    first = board.reviews[0].id
    fake.broken = DOWN
    fake.mends_after = 3
    heard = page.ask("toggle", id=first, tag="r", on=True, seq=1)
    assert fake.reviews[first].toggles == {"r": True}
    assert last(heard, "state")["unsaved"] == []
    assert any(message.get("unsaved") == [[first, "r"]] for message in heard)


def test_an_open_page_is_answered_and_keeps_the_lease(page: Page, board: ReviewBoard, fake: FakeService) -> None:
    serial = board._state.screen.serial
    told = {"page": "p", "heard": 0, "done": 0, "serial": serial, "busy": ""}
    assert of(page.ask("alive", page="p"), "alive") == [{"type": "alive", **told}]
    board._state._renewed_at -= 301
    page.ask("alive")
    assert "renew" in fake.calls
