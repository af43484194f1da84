"""Golden items on a board: nothing that a page is told or shows tells one apart before it is decided."""

from __future__ import annotations

import json
import threading
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cmtools.errors import Unreachable
from cmtools.model import AuditEvent, Feedback, Team
from cmtools.tags import Tag, TagSet
from cmtools.widgets import board_feedback, board_talk, details
from cmtools.widgets.board import ReviewBoard
from cmtools.widgets.board_feedback import feedback_row
from tests.tools import axe
from tests.widgets.conftest import Show
from tests.widgets.fake_client import FakeClient, FakeService

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = ("Image", "Text", "Video")


def mixed(kind: str) -> tuple[FakeService, list[str]]:
    """A queue of four reviews of which the second and the last are as golden items are stored, and their ids."""
    fake = FakeService()
    ids = fake.fill(4, type=kind, a=True, r=False)
    for number, key in enumerate(ids):
        review = fake.reviews[key]
        alike = (("a", "True"), ("a.score", "0.70"), ("album", "cats"))
        fake.set(key, metadata=alike, scores={"a": 0.7}, created_at=fake.clock.now)
        if kind == "Video":
            fake.add_frames(key, 3)
        if kind == "Text":
            fake.set(key, content=f"Text {number}")
        golden = number % 2 == 1
        if not golden:
            about = {"callback_endpoint": "https://x.org/hook", "stratum": "night", "weight": 7.5}
            fake.set(key, created_by="pipeline", **about)
        else:
            fake.set(key, created_by="gold key")
        told: dict[str, object] = {"content_id": review.content_id, "subteam": "public"}
        who = "gold key" if golden else "pipeline"
        fake.events.append(
            AuditEvent(number, AT, who, None, "create", key, {}, {**told, "golden": True} if golden else told)
        )
    fake.truth = {ids[1]: {"a": False}, ids[3]: {"a": True}}
    return fake, ids


class Heard:
    """All that a board sends, with compressed rows unpacked."""

    def __init__(self, board: ReviewBoard) -> None:
        self.messages: list[dict[str, Any]] = []
        self.board = board
        board.send = self.take

    def take(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        found = json.loads(json.dumps(content))
        if found.get("packed"):
            found["items"] = json.loads(zlib.decompress((buffers or [b""])[0]))
        elif buffers:
            found["buffers"] = len(buffers)
        self.messages.append(found)

    def ask(self, type: str, **fields: object) -> None:
        self.board._handle_custom_msg({"type": type, **fields}, [])
        workers = (self.board._steps, self.board._quiet, self.board._asides, self.board._pictures, self.board._reels)
        assert all(worker.wait(10) for worker in workers)

    def of(self, key: str, names: list[str]) -> str:
        """What was told of one review, in which its own id, name and contents are the same for all."""
        rows = [row for each in self.messages for row in each.get("items", ()) if row.get("id") == key]
        about = [each for each in self.messages if each.get("id") == key or key in each.get("ids", ())]
        text = json.dumps([rows, about], sort_keys=True)
        for name in names:
            text = text.replace(name, "*")
        return text


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_a_page_is_told_of_a_golden_item_has_the_shape_of_any_other(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(details, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(board_talk, "FIRST_ITEMS", 2)
    fake, ids = mixed(kind)
    board = ReviewBoard(FakeClient(fake), type=kind)  # type: ignore[arg-type]
    heard = Heard(board)
    heard.ask("ready")
    for key in ids:
        heard.ask("details", id=key)
        for asked in ("raw", "full", "frames", "transcript"):
            heard.ask(asked, id=key)
        heard.ask("frame", id=key, at=1500)
        heard.ask("thumbs", ids=[key], size=320)
        heard.ask("toggle", id=key, tag="r", on=True, page="p", seq=1)
        heard.ask("note", id=key, text="so", page="p", n=1)
    shapes = set()
    for key in ids:
        review = fake.reviews[key]
        own = [key, review.content_id, review.content] if kind != "Video" else [key, review.content_id]
        shapes.add(heard.of(key, own))
    assert len(shapes) == 1
    assert len(next(iter(shapes))) > 1000


@pytest.mark.parametrize("kind", KINDS)
def test_no_message_says_a_word_of_what_could_tell_them_apart(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(details, "LOOK_SECONDS", 0.0)
    fake, ids = mixed(kind)
    board = ReviewBoard(FakeClient(fake), type=kind)  # type: ignore[arg-type]
    heard = Heard(board)
    heard.ask("ready")
    for key in ids:
        heard.ask("details", id=key)
        heard.ask("raw", id=key)
    heard.ask("next", page="p", n=1, serial=board._state.screen.serial)
    told = json.dumps(heard.messages)
    words = ("golden", "gold key", "pipeline", "night", "7.5", "weight", "stratum", "x.org/hook", "truth", "created_by")
    assert [word for word in words if word in told] == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_shows_a_golden_item_as_any_other(page: Page, show: Show, kind: str) -> None:
    fake, ids = mixed(kind)
    show(ReviewBoard(FakeClient(fake), type=kind))  # type: ignore[arg-type]
    seen = set()
    for number, key in enumerate(ids):
        tile = page.locator(f'[data-review-id="{key}"]')
        tile.scroll_into_view_if_needed()
        tile.focus()
        page.keyboard.press("Enter")
        pane = page.locator(".cm-details")
        expect(pane.get_by_role("region", name="History")).to_contain_text("created")
        expect(pane.get_by_role("region", name="Notes")).to_contain_text("No notes")
        expect(pane.locator("[aria-busy]")).to_have_count(0)
        text = pane.inner_text().replace(f"{number + 1} of 4", "*")
        names = tile.evaluate("(tile) => [...tile.querySelectorAll('*')].flatMap((e) => e.getAttributeNames()).sort()")
        for own in (key, fake.reviews[key].content_id, fake.reviews[key].content):
            text = text.replace(own, "*")
        seen.add((text, str(sorted(set(names)))))
    assert len(seen) == 1


# Feedback -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def golden(fake: FakeService, monkeypatch: pytest.MonkeyPatch) -> FakeService:
    """The first four of its pictures are golden items, two of them racy, and its team tells; it asks at once."""
    monkeypatch.setattr(board_feedback, "ASK_SECONDS", (0.0,))
    fake.team = Team("demo", TagSet([Tag("sc", "isscreenshot")]), undo_seconds=0.01, golden_feedback=True)
    fake.fill(0)
    for number, key in enumerate(list(fake.reviews)[:4]):
        fake.truth[key] = {"a": bool(fake.reviews[key].auto_tags["a"]), "r": number < 2}
    return fake


def submit(board: ReviewBoard, fake: FakeService) -> None:
    """Submit what is on the screen, let its undo window pass on the service, and wait for what is said of it."""
    fake.gates["feedback"] = gate = threading.Event()
    board.next()
    fake.clock.advance(1)
    gate.set()
    assert board._quiet.wait(10)


def test_what_differed_is_told_after_the_undo_window_and_the_rest_counted(golden: FakeService) -> None:
    board = ReviewBoard(FakeClient(golden), count=6)  # type: ignore[arg-type]
    heard = Heard(board)
    heard.ask("ready")
    first, second = (review.id for review in board.reviews[:2])
    board.toggle(second, "r", True)
    submit(board, golden)
    known = [each for each in heard.messages if each["type"] == "known"][-1]
    assert known["items"] == [{"id": first, "name": "image-1", "known": "isracy", "had": "not isracy"}]
    assert (known["right"], known["of"]) == (3, 4)
    assert "feedback" in golden.calls


def test_each_golden_item_is_told_of_once(golden: FakeService) -> None:
    board = ReviewBoard(FakeClient(golden), count=6)  # type: ignore[arg-type]
    heard = Heard(board)
    heard.ask("ready")
    submit(board, golden)
    submit(board, golden)
    known = [each for each in heard.messages if each["type"] == "known"]
    assert len(known) == 1
    assert known[0]["of"] == 4


def test_a_team_that_keeps_silent_is_not_asked(golden: FakeService) -> None:
    golden.team = Team("demo", TagSet(), undo_seconds=0.01)
    board = ReviewBoard(FakeClient(golden), count=6)  # type: ignore[arg-type]
    heard = Heard(board)
    heard.ask("ready")
    submit(board, golden)
    assert "feedback" not in golden.calls
    assert "known" not in {each["type"] for each in heard.messages}


def test_what_is_taken_back_is_not_told_of(golden: FakeService) -> None:
    golden.team = Team("demo", TagSet(), undo_seconds=2.0, golden_feedback=True)
    board = ReviewBoard(FakeClient(golden), count=6)  # type: ignore[arg-type]
    heard = Heard(board)
    heard.ask("ready")
    board.next()
    board.prev()
    assert board._quiet.wait(10)
    assert "known" not in {each["type"] for each in heard.messages}


def test_a_service_that_does_not_answer_disturbs_nobody(golden: FakeService) -> None:
    golden.broken, golden.breaks = Unreachable("away"), "feedback"
    board = ReviewBoard(FakeClient(golden), count=6)  # type: ignore[arg-type]
    submit(board, golden)
    assert golden.calls.count("feedback") == 1
    assert board._state.notice is None


def test_a_dismissed_answer_does_not_come_back_with_the_next_page(golden: FakeService) -> None:
    board = ReviewBoard(FakeClient(golden), count=6)  # type: ignore[arg-type]
    heard = Heard(board)
    heard.ask("ready")
    submit(board, golden)
    heard.ask("known_read", ids=[each["id"] for each in heard.messages[-1]["items"]])
    heard.ask("ready")
    assert heard.messages[-1]["type"] == "known"
    assert heard.messages[-1]["items"] == []


def test_a_tag_that_reviewers_do_not_see_is_nothing_they_got_wrong() -> None:
    feedback = Feedback("r1", "photo-1", "Image", {"a": False}, {"a": False, "x": True}, AT)
    assert feedback_row(feedback, TagSet([Tag("x", "hidden", visible=False)])) is None


def test_the_card_tells_calmly_and_goes_away_by_escape(page: Page, show: Show, golden: FakeService) -> None:
    board = ReviewBoard(FakeClient(golden), count=6)  # type: ignore[arg-type]
    show(board)
    page.locator(".cm-tile").first.focus()
    submit(board, golden)
    card = page.get_by_role("region", name="Known answers", exact=True)
    expect(card.get_by_role("listitem")).to_have_text(
        [
            "Known answer for image-2: isracy. You had: not isracy.",
            "Known answer for image-1: isracy. You had: not isracy.",
        ]
    )
    expect(page.locator(".cm-board > .cm-unseen[role=status]")).to_contain_text("Known answer for image-1: isracy.")
    expect(page.locator(".cm-progress-text")).to_contain_text("2 of 4 known answers matched")
    expect(page.locator(".cm-tile:focus")).to_have_count(1)
    page.keyboard.press("r")
    expect(page.locator('.cm-tile:focus [data-tag="r"]')).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Shift+K")
    expect(card.get_by_role("list")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(page.locator(".cm-tile:focus")).to_have_count(1)
    page.reload()
    expect(page.locator(".cm-progress-text")).to_contain_text("2 of 4 known answers matched")
    expect(card).to_be_hidden()


def test_agreement_is_counted_and_interrupts_nobody(page: Page, show: Show, golden: FakeService) -> None:
    for key in golden.truth:
        golden.truth[key] = dict(golden.reviews[key].auto_tags)
    board = ReviewBoard(FakeClient(golden), count=6)  # type: ignore[arg-type]
    show(board)
    submit(board, golden)
    expect(page.locator(".cm-progress-text")).to_contain_text("4 of 4 known answers matched")
    expect(page.locator(".cm-known")).to_be_hidden()


@pytest.mark.parametrize("theme", ["", "dark"])
def test_axe_finds_nothing_serious_in_the_card(page: Page, show: Show, golden: FakeService, theme: str) -> None:
    board = ReviewBoard(FakeClient(golden), count=6)  # type: ignore[arg-type]
    show(board, theme)
    submit(board, golden)
    expect(page.locator(".cm-known")).to_be_visible()
    assert axe.violations(page, ".cm-board") == []
