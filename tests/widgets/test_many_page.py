"""Several reviews at once, on a page: selecting, tagging, undo, hold, near-duplicates, orders, the find field."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from cmtools.widgets.board import ReviewBoard
from tests.tools.axe import violations
from tests.widgets.conftest import Show, until
from tests.widgets.fake_client import FakeClient, FakeService


@pytest.fixture
def board(ana: FakeClient) -> ReviewBoard:
    return ReviewBoard(ana, count=20)  # type: ignore[arg-type]


def tile(page: Page, number: int) -> Locator:
    return page.locator(f'.cm-tile[data-index="{number}"]')


def chip(page: Page, number: int, tag: str) -> Locator:
    return tile(page, number).locator(f'button.cm-tag[data-tag="{tag}"]')


def picked(page: Page) -> list[int]:
    found = page.locator('.cm-tile[aria-selected="true"]').evaluate_all("(all) => all.map((one) => +one.dataset.index)")
    return sorted(found)


def bar(page: Page) -> Locator:
    return page.locator(".cm-selection")


# Selecting ------------------------------------------------------------------------------------------------------------


def test_the_mouse_selects_one_more_and_a_range(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    tile(page, 1).locator(".cm-picture").click(modifiers=["Control"])
    tile(page, 3).locator(".cm-picture").click(modifiers=["Control"])
    assert picked(page) == [1, 3]
    tile(page, 6).locator(".cm-picture").click(modifiers=["Shift"])
    assert picked(page) == [3, 4, 5, 6]
    tile(page, 4).locator(".cm-pick").click()
    assert picked(page) == [3, 5, 6]
    expect(bar(page)).to_contain_text("3 pictures selected")
    page.locator('[data-action="clear"]').click()
    assert picked(page) == []
    expect(bar(page)).to_be_hidden()


def test_the_keyboard_selects_a_range_all_and_none(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    tile(page, 2).focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert picked(page) == [2, 3, 4]
    page.keyboard.press("Shift+ArrowLeft")
    assert picked(page) == [2, 3]
    page.keyboard.press("Control+a")
    expect(bar(page)).to_contain_text("20 pictures selected")
    page.keyboard.press("Escape")
    assert picked(page) == []
    page.keyboard.press("Control+Space")
    assert picked(page) == [3]


def test_a_tag_of_a_selection_is_switched_for_all_and_taken_back_at_once(
    page: Page, show: Show, board: ReviewBoard
) -> None:
    show(board)
    tile(page, 0).focus()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("r")
    for number in range(4):
        expect(chip(page, number, "r")).to_have_attribute("aria-pressed", "true")
    expect(bar(page).locator('[data-tag="a"]')).to_have_attribute("aria-pressed", "mixed")
    until(page, lambda: [board.tags[review.id]["r"] for review in board.reviews[:5]] == [True] * 4 + [False])
    page.keyboard.press("Control+z")
    for number in range(4):
        expect(chip(page, number, "r")).to_have_attribute("aria-pressed", "false")
    assert len([one for one in page.evaluate("window.sent") if one["type"] == "toggle_all"]) == 2


def test_undo_gives_each_back_what_it_had(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    before = [chip(page, number, "a").get_attribute("aria-pressed") for number in range(6)]
    assert set(before) == {"true", "false"}
    tile(page, 0).focus()
    for _ in range(5):
        page.keyboard.press("Shift+ArrowRight")
    bar(page).locator('[data-tag="a"]').click()
    for number in range(6):
        expect(chip(page, number, "a")).to_have_attribute("aria-pressed", "true")
    bar(page).locator('[data-action="undo-tags"]').click()
    for number, pressed in enumerate(before):
        expect(chip(page, number, "a")).to_have_attribute("aria-pressed", pressed or "")


def test_one_switched_tag_is_taken_back_too(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    chip(page, 0, "r").click()
    chip(page, 1, "r").click()
    page.keyboard.press("Control+z")
    expect(chip(page, 1, "r")).to_have_attribute("aria-pressed", "false")
    expect(chip(page, 0, "r")).to_have_attribute("aria-pressed", "true")


@pytest.mark.usefixtures("page_clock")
def test_toggles_of_many_are_kept_while_the_kernel_is_busy(page: Page, show: Show, board: ReviewBoard) -> None:
    bridge = show(board)
    with bridge.deaf(page):
        tile(page, 0).focus()
        page.keyboard.press("Control+a")
        page.keyboard.press("s")
        expect(chip(page, 0, "sc")).to_have_attribute("aria-pressed", "true")
        page.clock.run_for(8_000)
        expect(page.locator(".cm-notice")).to_contain_text("The kernel does not answer.")
    page.clock.run_for(6_000)
    expect(page.locator(".cm-notice")).to_be_hidden()
    until(page, lambda: all(tags["sc"] for tags in board.tags.values()))


# Hold -----------------------------------------------------------------------------------------------------------------


def test_h_parks_what_is_selected_and_held_takes_it_back(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    tile(page, 0).focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("h")
    expect(page.locator('[data-action="held"]')).to_have_text("Held (2)")
    expect(page.locator('[data-action="next"]')).to_have_text("Next · submit 18")
    page.locator('[data-action="held"]').click()
    page.locator('[data-action="take_held"]').click()
    expect(page.locator('[data-action="next"]')).to_have_text("Next · submit 20")
    expect(page.locator('[data-action="held"]')).to_be_hidden()


def test_the_menu_parks_for_longer(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    tile(page, 0).locator(".cm-more").click()
    labels = page.locator('.cm-menu [data-action="hold"]')
    expect(labels).to_have_text([re.compile("Hold for 15 min"), "Hold for 1 hour", "Hold until tomorrow"])
    labels.nth(1).click()
    expect(page.locator('[data-action="held"]')).to_have_text("Held (1)")
    assert board._client.service.reviews[board.held[0].id].held_until is not None


# Orders, near-duplicates, find ----------------------------------------------------------------------------------------


def order(page: Page, name: str) -> None:
    page.locator('[data-role="sort"]').select_option(name)


def test_an_order_sorts_the_screen_and_what_comes_next(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    order(page, "highest")
    scores = {review.id: review.scores["a"] for review in board.reviews}
    shown = page.locator(".cm-tile").evaluate_all("(all) => all.map((one) => one.dataset.reviewId)")
    assert [scores[each] for each in shown] == sorted(scores.values(), reverse=True)[: len(shown)]
    page.locator('[data-action="next"]').click()
    expect(page.locator(".cm-progress-text")).to_contain_text("20 of 64 done")
    assert min(review.scores["a"] for review in board.reviews) > 0.5


def alike(fake: FakeService) -> None:
    """The second, fifth and ninth picture look the same."""
    names = list(fake.reviews)
    for place, name in enumerate(names):
        fake.set(name, picture_hash=f"{place * 0x9E3779B97F4A7C15 % 2**64:016x}")
    for place, bit in ((1, 0), (4, 1), (8, 3)):
        fake.set(names[place], picture_hash=f"{0xF0F0F0F0F0F0F0F0 ^ bit:016x}")


def test_near_duplicates_stand_together_and_take_the_same_tags(page: Page, show: Show, fake: FakeService) -> None:
    alike(fake)
    board = ReviewBoard(FakeClient(fake), count=20)  # type: ignore[arg-type]
    show(board)
    expect(tile(page, 1).locator(".cm-same")).to_have_text("≈ 3")
    order(page, "near")
    group = [board.reviews[place].id for place in (1, 4, 8)]
    shown = page.locator(".cm-tile").evaluate_all("(all) => all.slice(0, 3).map((one) => one.dataset.reviewId)")
    assert shown == group
    chip(page, 0, "sc").click()
    page.keyboard.press("=")
    for number in range(3):
        expect(chip(page, number, "sc")).to_have_attribute("aria-pressed", "true")
    until(page, lambda: [board.tags[each]["sc"] for each in group] == [True] * 3)
    page.keyboard.press("Control+z")
    expect(chip(page, 2, "sc")).to_have_attribute("aria-pressed", "false")
    tile(page, 0).locator(".cm-same").click()
    assert picked(page) == [0, 1, 2]


def test_words_are_found_and_escape_shows_all_again(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    tile(page, 0).focus()
    page.keyboard.press("/")
    page.keyboard.type("image-7")
    expect(page.locator(".cm-tile")).to_have_count(1)
    expect(page.locator(".cm-find-fault")).to_have_text("1 found")
    page.keyboard.press("Escape")
    expect(page.locator(".cm-tile").nth(5)).to_be_visible()
    expect(page.locator(".cm-tile:focus")).to_have_count(1)


def test_a_term_that_means_nothing_is_explained(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    page.locator('[data-role="find"]').fill("tag:q")
    expect(page.locator(".cm-find-fault")).to_have_text("there is no tag 'q'; reviewers see a, r, sc")


def test_a_filter_can_be_chosen_without_typing(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    page.locator('[data-action="filter"]').click()
    dialog = page.get_by_role("dialog", name="Filter")
    dialog.get_by_label("Least score").fill("0.9")
    dialog.get_by_role("button", name="Add: Score").click()
    expect(page.locator('[data-role="find"]')).to_have_value("score>=0.9 score<=1")
    high = [review for review in board.reviews if review.scores["a"] >= 0.9]
    expect(page.locator(".cm-tile")).to_have_count(len(high))


def test_a_blind_review_among_others_shows_no_mark_of_the_automatic_side(
    page: Page, show: Show, ana: FakeClient
) -> None:
    first = next(iter(ana.service.reviews))
    ana.service.set(first, blind=True, auto_tags={}, scores={}, metadata=())
    show(ReviewBoard(ana, count=2))
    for number in (0, 1):
        chip = page.locator(f'.cm-tile[data-index="{number}"] [data-tag="r"]')
        chip.click()
        expect(chip).to_have_attribute("aria-pressed", "true")
    expect(page.locator('[data-index="0"] [data-changed]')).to_have_count(0)
    assert "auto" not in str(page.locator('[data-index="0"] [data-tag="r"]').get_attribute("title"))
    expect(page.locator('[data-index="1"] [data-changed]')).to_have_count(1)


def test_a_blind_board_shows_no_mark_of_the_automatic_side(page: Page, show: Show, ana: FakeClient) -> None:
    show(ReviewBoard(ana, count=20, blind=True))
    expect(tile(page, 0)).to_be_visible()
    expect(page.locator('.cm-tag[aria-pressed="true"]')).to_have_count(0)
    expect(page.locator(".cm-chip-score")).to_have_count(0)
    chip(page, 0, "a").click()
    expect(chip(page, 0, "a")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-changed]")).to_have_count(0)
    expect(chip(page, 0, "a")).not_to_have_attribute("title", re.compile("auto said"))


# For everybody --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_rule_of_accessibility_is_broken(page: Page, show: Show, board: ReviewBoard, theme: str) -> None:
    show(board, theme)
    expect(tile(page, 0).locator("img.cm-loaded")).to_be_visible()
    assert violations(page, ".cm-board") == []
    tile(page, 0).focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("r")
    expect(bar(page)).to_be_visible()
    assert violations(page, ".cm-board") == []
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(page.locator(".cm-menu")).to_be_visible()
    assert violations(page, ".cm-board") == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_be_visible()
    assert violations(page, ".cm-board") == []
    page.keyboard.press("Escape")
    page.locator('[data-action="next"]').click()
    expect(page.locator(".cm-seconds")).to_have_text(re.compile("[1-5]"))
    assert violations(page, ".cm-board") == []
