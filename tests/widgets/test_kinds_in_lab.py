"""Texts and videos in a real JupyterLab on the real service: one with the keyboard alone, one with the mouse."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from cmtools.client.client import Client
from cmtools.model import Draft, Term
from cmtools.testing import RunningService, running_service
from tests.widgets.conftest import until
from tests.widgets.fake_client import plain_picture
from tests.widgets.lab import Lab, NotebookPage

UNDO_SECONDS = 120.0
"""Long, so that a busy machine cannot close a window in the middle of a story."""

SAID = "WEBVTT\n\n00:00.000 --> 00:01.400\n<v Ana>Welcome\n\n00:01.500 --> 00:02.900\nWhat a crap day"


@pytest.fixture
def service() -> Iterator[RunningService]:
    with running_service(undo_seconds=UNDO_SECONDS, copy_content=False) as running:
        yield running


@pytest.fixture
def ana(service: RunningService) -> Client:
    return service.client("ana")


Opened = Callable[[str], Locator]


@pytest.fixture
def opened(page: Page, lab: Lab, service: RunningService, request: pytest.FixtureRequest) -> Opened:
    """Opens a notebook with a board of a type, and gives the board."""

    def open_board(type: str) -> Locator:
        name = f"{request.node.name}.ipynb"
        lab.write(
            name,
            "import cmtools as cm\n"
            f"client = cm.Client({service.url!r}, key={service.key!r}, team={service.team!r}, reviewer='ana')",
            f"board = cm.ReviewBoard(client, type={type!r}, count=5)\nboard",
        )
        return NotebookPage(page, lab, name).open().run_all()

    return open_board


def test_texts_are_reviewed_with_the_keyboard_alone(
    opened: Opened, page: Page, service: RunningService, ana: Client
) -> None:
    flagged = (("a", "False"), ("words.found", "spam"))
    long = "A long story. " * 100 + "And spam."
    texts = ["Buy sp4m, buy <b>spam</b>!", long, "أهلاً spam"]
    drafts = [Draft(text, str(number), "Text", flagged) for number, text in enumerate(texts)]
    client_ids = ana.create_reviews(drafts, progress=False)
    board = opened("Text")
    expect(board.locator(".cm-tile").first.locator("mark")).to_have_text(["sp4m", "spam"])

    board.locator(".cm-tile").first.focus()
    page.keyboard.press("r")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    pane = board.locator(".cm-details")
    expect(pane.locator(".cm-full-text")).to_have_text(long)
    expect(pane.get_by_role("region", name="History")).to_contain_text("taken for review")
    page.keyboard.press("Enter")
    expect(pane).to_be_focused()
    pane.get_by_label("New note").focus()
    page.keyboard.type("nobody reads this, dd x b")
    page.keyboard.press("Control+Enter")
    expect(pane.get_by_role("region", name="Notes")).to_contain_text("nobody reads this, dd x b")
    page.keyboard.press("Escape")
    expect(pane).to_be_hidden()
    page.keyboard.press("n")
    expect(board.locator(".cm-panel")).to_contain_text("All reviewed")

    service.advance(UNDO_SECONDS + 1)
    said = {review.content_id: dict(review.human_tags) for review in ana.reviews(status="Complete")}
    assert said == {"0": {"a": False, "r": True}, "1": {"a": False, "r": False}, "2": {"a": False, "r": False}}
    assert [note.text for note in ana.notes(client_ids[1])] == ["nobody reads this, dd x b"]


def test_a_video_is_reviewed_with_the_mouse(
    opened: Opened, page: Page, service: RunningService, ana: Client, tmp_path: Path
) -> None:
    cuts = [tmp_path / f"cut-{number}.jpg" for number in range(4)]
    for number, cut in enumerate(cuts):
        cut.write_bytes(plain_picture(number, 320))
    frames = [(number * 1500, cut, {"a": False, "r": number == 3}) for number, cut in enumerate(cuts)]
    video = ana.create_video_review("https://example.org/talk.mp4", "talk", metadata={"a": True}, frames=frames)
    ana.add_transcript(video, io.BytesIO(SAID.encode()))
    ana.add_transcript_terms(video, [Term("1500", 0, "crap")])
    ana.publish(video)
    board = opened("Video")
    card = board.locator(".cm-tile")
    frame = card.locator('.cm-frame[data-frame="1500"]')
    expect(frame.locator("img.cm-loaded")).to_be_visible()
    expect(card.locator(".cm-line mark")).to_have_text("crap")

    card.locator(".cm-line").nth(1).click()
    expect(frame).to_have_attribute("aria-current", "true")
    frame.locator(".cm-picture").hover()
    page.mouse.down()
    expect(frame.locator(".cm-clear.cm-loaded")).to_be_visible()
    page.mouse.up()
    frame.locator('[data-tag="a"]').click()
    card.locator('.cm-frame[data-frame="4500"] [data-tag="r"]').click()
    card.locator('.cm-tag[data-tag="r"]').click()
    board.locator('[data-action="next"]').click()
    expect(board.locator(".cm-panel")).to_contain_text("All reviewed")
    board.locator('[data-action="prev"]').click()
    expect(frame.locator('[data-tag="a"]')).to_have_attribute("aria-pressed", "true")
    board.locator('[data-action="next"]').click()
    expect(board.locator(".cm-panel")).to_contain_text("All reviewed")

    service.advance(UNDO_SECONDS + 1)
    (review,) = ana.reviews(status="Complete")
    assert dict(review.human_tags) == {"a": True, "r": True}
    assert [dict(each.human_tags) for each in review.frames] == [
        {"a": False, "r": False},
        {"a": True, "r": False},
        {"a": False, "r": False},
        {"a": False, "r": False},
    ]
    until(page, lambda: ana.exposure_today().reveals >= 1)  # the board tells it when it has nothing else to do
    assert ana.exposure_today().reveals == 1
