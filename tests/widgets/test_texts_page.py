"""Texts on a board's page: flagged words marked, long ones readable, every script, never HTML; by mouse and by keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from cmtools.widgets.board import ReviewBoard
from tests.tools import axe
from tests.widgets.conftest import Show
from tests.widgets.fake_client import FakeClient, FakeService

FLAGGED = (("a", "False"), ("words.found", "spam, buy now"))
LONG = "A long story. " * 200 + "And spam at its end."
TEXTS = [
    "Buy now! No sp4m, only spam.",
    "<img src=x onerror=alert(1)> & <mark>bold</mark>",
    "أهلاً وسهلاً، spam في كل مكان 😀",
    LONG,
    "Short",
]


@pytest.fixture
def texts() -> FakeService:
    service = FakeService()
    for key, text in zip(service.fill(len(TEXTS), type="Text", a=False, r=False), TEXTS, strict=True):
        service.set(key, content=text, metadata=FLAGGED)
    return service


@pytest.fixture
def board(texts: FakeService) -> ReviewBoard:
    return ReviewBoard(FakeClient(texts), type="Text")  # type: ignore[arg-type]


def tile(page: Page, number: int) -> Locator:
    return page.locator(f'.cm-tile[data-index="{number}"]')


def test_flagged_words_are_marked_also_in_disguise(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    expect(tile(page, 0).locator("mark")).to_have_text(["Buy now", "sp4m", "spam"])
    expect(tile(page, 0).get_by_text("3 flagged words")).to_have_count(1)
    expect(tile(page, 4).locator("mark")).to_have_count(0)


def test_markup_is_shown_and_never_run(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    expect(tile(page, 1).locator("p")).to_have_text(TEXTS[1])
    tile(page, 1).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".cm-full-text")).to_have_text(TEXTS[1])
    expect(page.locator(".cm-grid img, .cm-details img, .cm-full-text mark")).to_have_count(0)


def test_a_text_that_runs_from_right_to_left_does_so(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    words = tile(page, 2).locator("p")
    assert words.evaluate("(p) => getComputedStyle(p).direction") == "rtl"
    expect(words.locator("mark")).to_have_text("spam")


def test_a_long_text_is_cut_on_its_tile_and_whole_in_the_details(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    expect(tile(page, 4).locator(".cm-read")).to_have_count(0)
    expect(tile(page, 3).locator("p")).to_contain_text("A long story.")
    tile(page, 3).locator(".cm-read").click()
    whole = page.locator(".cm-full-text")
    expect(whole).to_have_text(LONG)
    expect(whole.locator("mark")).to_have_text("spam")
    expect(page.locator(".cm-details")).to_contain_text("1 flagged word")


def test_a_person_with_a_mouse_reviews_texts(page: Page, show: Show, board: ReviewBoard, texts: FakeService) -> None:
    show(board)
    tile(page, 0).locator('.cm-tag[data-tag="sc"]').click()
    page.locator('[data-action="next"]').click()
    expect(page.locator(".cm-progress-text")).to_contain_text("5 of 5 done")
    page.locator('[data-action="prev"]').click()
    expect(tile(page, 0).locator('.cm-tag[data-tag="sc"]')).to_have_attribute("aria-pressed", "true")
    page.locator('[data-action="next"]').click()
    expect(page.locator(".cm-panel")).to_contain_text("All reviewed")
    (sent,) = [each for each in texts.sent.values() if not each.taken_back]
    assert [answer["sc"] for answer in sent.answers.values()] == [True, False, False, False, False]


def test_a_person_with_a_keyboard_alone_reviews_texts(
    page: Page, show: Show, board: ReviewBoard, texts: FakeService
) -> None:
    show(board)
    tile(page, 0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    expect(page.locator(".cm-full-text")).to_have_text(TEXTS[1])
    page.keyboard.press("ArrowRight")
    expect(page.locator(".cm-full-text")).to_have_text(TEXTS[2])
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator(".cm-panel")).to_contain_text("All reviewed")
    (sent,) = texts.sent.values()
    assert [answer["r"] for answer in sent.answers.values()] == [False, True, False, False, False]


@pytest.mark.parametrize("theme", ["", "dark"])
def test_axe_finds_nothing_grave_on_texts(page: Page, show: Show, board: ReviewBoard, theme: str) -> None:
    show(board, theme)
    tile(page, 3).locator(".cm-read").click()
    expect(page.locator(".cm-full-text")).to_have_text(LONG)
    assert axe.violations(page, ".cm-board") == []
