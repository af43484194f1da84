"""What the details pane is told, without a browser: at once, part by part, with errors in their places."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from cmtools.errors import Forbidden, Unreachable
from cmtools.model import AuditEvent
from cmtools.tags import TagSet
from cmtools.widgets import details
from cmtools.widgets.board import ReviewBoard
from cmtools.widgets.details import details_of, event_row, raw_of
from tests.widgets.fake_client import FakeClient, FakeService

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def board(fake: FakeService, monkeypatch: pytest.MonkeyPatch) -> ReviewBoard:
    monkeypatch.setattr(details, "LOOK_SECONDS", 0.0)
    return ReviewBoard(FakeClient(fake), count=3)  # type: ignore[arg-type]


class Page:
    """A page that writes down what it is told."""

    def __init__(self, board: ReviewBoard) -> None:
        self.board = board
        self.heard: list[dict[str, Any]] = []
        board.send = lambda content, buffers=None: self.heard.append({**content, "buffers": buffers or []})

    def ask(self, type: str, **fields: object) -> None:
        self.board._handle_custom_msg({"type": type, **fields}, [])
        assert self.board._asides.wait(60)

    def part(self, name: str) -> dict[str, Any]:
        return next(each for each in self.heard[::-1] if each.get("part") == name)


@pytest.fixture
def page(board: ReviewBoard) -> Page:
    return Page(board)


def event(action: str, before: dict[str, object] | None = None, after: dict[str, object] | None = None) -> AuditEvent:
    return AuditEvent(1, AT, "the key", "ana", action, "r1", before or {}, after or {})


def test_what_the_board_knows_is_told_at_once(fake: FakeService, board: ReviewBoard, page: Page) -> None:
    first = board.reviews[0].id
    fake.broken = Unreachable("away")
    page.ask("details", id=first)
    about = page.heard[0]
    assert (about["type"], about["id"], about["name"], about["kind"]) == ("details", first, "image-1", "Image")
    assert about["scores"] == [["a", "isadult", pytest.approx(0.37)]]
    assert ["Subteam", "public"] in about["facts"]
    assert ["a.score", "0.37"] in about["metadata"]


def test_the_rest_comes_part_by_part_in_its_own_place(fake: FakeService, board: ReviewBoard, page: Page) -> None:
    first = board.reviews[0].id
    fake.broken, fake.breaks = Unreachable("away"), "events"
    page.ask("details", id=first)
    assert page.part("notes")["found"] == []
    assert page.part("history")["error"] == "away"


def test_what_tells_a_golden_item_from_others_is_no_fact() -> None:
    fake = FakeService()
    (key,) = fake.fill(1)
    fake.set(key, stratum="night", weight=3.5, callback_endpoint="https://x.org/hook", created_by="pipeline")
    board = ReviewBoard(FakeClient(fake))  # type: ignore[arg-type]
    told = json.dumps(details_of(board._state.screen.items[key], TagSet()))
    assert not [word for word in ("night", "3.5", "hook", "pipeline") if word in told]


def test_a_history_that_a_role_may_not_see_is_no_fault(fake: FakeService, board: ReviewBoard, page: Page) -> None:
    fake.broken, fake.breaks = Forbidden("not for reviewers"), "events"
    page.ask("details", id=board.reviews[0].id)
    assert page.part("history")["found"] is None
    assert "error" not in page.part("history")


def test_a_note_is_kept_and_comes_back_with_the_others(fake: FakeService, board: ReviewBoard, page: Page) -> None:
    first = board.reviews[0].id
    page.ask("note", id=first, text="look again", page="p1", n=4)
    told = page.part("notes")
    assert (told["page"], told["n"]) == ("p1", 4)
    assert [(row["who"], row["text"]) for row in told["found"]] == [("ana", "look again")]


def test_a_note_that_could_not_be_kept_says_so(fake: FakeService, board: ReviewBoard, page: Page) -> None:
    fake.broken = Unreachable("away")
    page.ask("note", id=board.reviews[0].id, text="look again", page="p1", n=4)
    assert page.part("notes")["error"] == "away"
    assert page.part("notes")["n"] == 4


def test_nothing_is_fetched_for_a_review_that_is_not_looked_at_any_more(
    fake: FakeService, board: ReviewBoard, page: Page
) -> None:
    first, second, _ = board.reviews
    page.ask("details", id=second.id)
    fake.calls.clear()
    board._send_parts(first)
    assert fake.calls == []


def test_the_picture_in_full_comes_only_when_it_is_asked_for(board: ReviewBoard, page: Page, fake: FakeService) -> None:
    first = board.reviews[0].id
    page.ask("details", id=first)
    assert "picture" not in fake.calls
    page.ask("full", id=first)
    assert page.heard[-1]["buffers"][0].startswith(b"\xff\xd8")


def test_why_there_is_no_picture_is_told(board: ReviewBoard, page: Page, fake: FakeService) -> None:
    fake.pictures[board.reviews[0].id] = None
    page.ask("full", id=board.reviews[0].id)
    assert "no picture" in page.heard[-1]["error"]


def test_the_json_is_the_record_as_the_api_gives_it(board: ReviewBoard, page: Page) -> None:
    page.ask("raw", id=board.reviews[0].id)
    written = json.loads(page.part("raw")["found"]["json"])
    assert written["id"] == board.reviews[0].id
    assert written["metadata"][0] == ["a", "False"]


def test_the_json_of_a_long_video_is_cut(fake: FakeService) -> None:
    (key,) = fake.fill(1, type="Video")
    fake.add_frames(key, 250)
    found = raw_of(fake.reviews[key])
    assert found["left_out"] == 150
    assert len(json.loads(str(found["json"]))["frames"]) == 100


@pytest.mark.parametrize(
    ("action", "before", "after", "what", "more"),
    [
        ("submit", {}, {"tags": {"a": True, "r": False}, "submission": "s1"}, "submitted", "isadult"),
        ("submit", {}, {"tags": {"a": False}}, "submitted", "no tag"),
        ("move", {"subteam": "public"}, {"subteam": "experts"}, "moved", "public to experts"),
        ("checkout", {}, {"lease": "l1"}, "taken for review", ""),
        ("reveal", {}, {"seconds": 2.5}, "looked at uncovered", "seconds 2.5"),
        ("change", {}, {"tags": {"a": True}}, "tags switched", ""),
    ],
)
def test_events_are_told_in_words(
    action: str, before: dict[str, object], after: dict[str, object], what: str, more: str
) -> None:
    row = event_row(event(action, before, after), {"a": "isadult"})
    assert (row["what"], row["more"], row["who"]) == (what, more, "ana")


def test_an_event_without_a_reviewer_names_the_key_but_not_whoever_created_it() -> None:
    assert event_row(AuditEvent(1, AT, "the key", None, "expire", "r1"), {})["who"] == "the key"
    created = event_row(
        AuditEvent(1, AT, "the key", None, "create", "r1", {}, {"subteam": "public", "golden": True}), {}
    )
    assert (created["who"], created["more"]) == ("", "subteam public")


def test_events_that_reviewers_do_not_need_are_left_out(fake: FakeService, board: ReviewBoard, page: Page) -> None:
    first = board.reviews[0].id
    for action in ("callback", "copy", "dispute", "from_the_future"):
        fake.events.append(AuditEvent(1, AT, "system", None, action, first, {}, {"golden": True}))
    page.ask("details", id=first)
    assert page.part("history")["found"] == []


def test_flagged_words_of_a_text_are_marked(fake: FakeService) -> None:
    (key,) = fake.fill(1, type="Text")
    fake.set(key, content="oh crap, cr4p", metadata=(("words.found", "crap"),))
    page = Page(ReviewBoard(FakeClient(fake), type="Text"))  # type: ignore[arg-type]
    page.ask("details", id=key)
    assert page.heard[0]["marks"] == [(3, 7)]
    assert page.part("marks")["found"] == [(3, 7), (9, 13)]
