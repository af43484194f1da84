"""The board on a page: its real Python side and its real JavaScript, on a service in memory, without Jupyter."""

from __future__ import annotations

import re
import threading

import pytest
from playwright.sync_api import Locator, Page, expect

from cmtools.errors import Unreachable
from cmtools.widgets.board import ReviewBoard
from tests.widgets.conftest import Show, until
from tests.widgets.fake_client import FakeClient, FakeService

DOWN = Unreachable("Nothing answers at http://127.0.0.1:1. Start it with: cmtools serve")


@pytest.fixture
def board(ana: FakeClient) -> ReviewBoard:
    return ReviewBoard(ana, count=20)  # type: ignore[arg-type]


def tile(page: Page, number: int) -> Locator:
    return page.locator(f'.cm-tile[data-index="{number}"]')


def chip(page: Page, number: int, tag: str) -> Locator:
    return tile(page, number).locator(f'button.cm-tag[data-tag="{tag}"]')


def step(page: Page, name: str) -> Locator:
    return page.locator(f'[data-action="{name}"]:visible')


def settle(board: ReviewBoard) -> None:
    """Wait until the board has saved what it had to save."""
    assert board._steps.wait(60)


# Looking --------------------------------------------------------------------------------------------------------------


def test_pictures_come_with_their_auto_tags_preset(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    expect(tile(page, 0).locator("img.cm-loaded")).to_be_visible()
    expect(chip(page, 2, "a")).to_have_attribute("aria-pressed", "true")
    expect(chip(page, 0, "a")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".cm-progress-text")).to_have_text("20 on screen · 44 waiting · 0 of 64 done")


def test_a_picture_that_cannot_be_shown_says_so(page: Page, show: Show, ana: FakeClient) -> None:
    first, second = list(ana.service.reviews)[:2]
    ana.service.pictures.update({first: None, second: b"this is no picture"})
    show(ReviewBoard(ana, count=5))
    expect(tile(page, 0).locator(".cm-broken")).to_have_text("This picture cannot be shown")
    expect(tile(page, 1).locator(".cm-broken")).to_have_text("This picture cannot be read")
    expect(tile(page, 2).locator("img.cm-loaded")).to_be_visible()


def test_texts_are_shown_as_text(page: Page, show: Show, fake: FakeService) -> None:
    review_id = fake.fill(1, type="Text")[0]
    fake.set(review_id, content="<img src=x onerror=alert(1)> & <b>bold</b>")
    show(ReviewBoard(FakeClient(fake), type="Text"))
    expect(tile(page, 0).locator("p")).to_have_text("<img src=x onerror=alert(1)> & <b>bold</b>")
    expect(page.locator(".cm-grid img, .cm-grid b")).to_have_count(0)


def test_only_tiles_near_the_view_exist_and_all_can_be_reached(page: Page, show: Show, fake: FakeService) -> None:
    fake.fill(936)
    show(ReviewBoard(FakeClient(fake), count=1000))
    tiles = page.locator(".cm-tile")
    expect(tile(page, 0)).to_be_visible()
    assert tiles.count() < 100
    page.locator(".cm-grid").evaluate("(grid) => { grid.scrollTop = grid.scrollHeight; }")
    expect(tile(page, 999)).to_be_visible()
    expect(tile(page, 999).locator("img.cm-loaded")).to_be_visible()
    assert tiles.count() < 100


@pytest.mark.usefixtures("page_clock")
def test_a_picture_that_got_lost_on_its_way_is_asked_for_again(page: Page, show: Show, board: ReviewBoard) -> None:
    bridge = show(board)
    expect(tile(page, 0).locator("img.cm-loaded")).to_be_visible()
    bridge.drop = "thumbs"
    step(page, "next").click()
    expect(page.locator(".cm-progress-text")).to_contain_text("20 of 64 done")
    expect(tile(page, 0).locator("img")).to_have_count(0)
    bridge.drop = ""
    loaded = tile(page, 0).locator("img.cm-loaded")

    def shown_in_time() -> bool:
        page.clock.run_for(1_000)  # by this clock it asks again, and by this clock it paints what comes
        return loaded.is_visible()

    until(page, shown_in_time)


def test_filters_count_and_show(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    tagged = page.locator('[data-filter="tagged"]')
    expect(tagged).to_have_text("Tagged6")
    tagged.click()
    expect(page.locator(".cm-tile")).to_have_count(6)
    expect(tagged).to_have_attribute("aria-pressed", "true")
    chip(page, 0, "a").click()
    expect(tagged).to_have_text("Tagged5")
    expect(page.locator(".cm-tile")).to_have_count(6)
    page.locator('[data-filter="untagged"]').click()
    expect(page.locator(".cm-tile")).to_have_count(15)


def test_a_filter_that_hides_all_offers_to_show_all(page: Page, show: Show, fake: FakeService) -> None:
    fake.reviews.clear()
    fake.fill(4, a=False, r=False)
    show(ReviewBoard(FakeClient(fake), count=4))
    page.locator('[data-filter="tagged"]').click()
    expect(page.locator(".cm-panel")).to_contain_text("None of the 4 on the screen is tagged.")
    step(page, "all").click()
    expect(page.locator(".cm-tile")).to_have_count(4)


# Switching ------------------------------------------------------------------------------------------------------------


def test_a_click_switches_a_tag_and_the_service_keeps_it(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    chip(page, 0, "r").click()
    expect(chip(page, 0, "r")).to_have_attribute("aria-pressed", "true")
    first = board.reviews[0].id
    until(page, lambda: board.tags[first]["r"])
    settle(board)
    assert board._client.service.reviews[first].toggles == {"r": True}


def test_a_toggle_is_painted_before_the_kernel_answers(page: Page, show: Show, board: ReviewBoard) -> None:
    with show(board).deaf(page):
        chip(page, 0, "r").click()
        expect(chip(page, 0, "r")).to_have_attribute("aria-pressed", "true")
        assert board.tags[board.reviews[0].id]["r"] is False


def test_a_tag_switched_away_from_auto_is_marked_and_says_what_auto_said(
    page: Page, show: Show, board: ReviewBoard
) -> None:
    show(board)
    chip(page, 2, "a").click()
    expect(chip(page, 2, "a")).to_have_attribute("data-changed", "")
    expect(chip(page, 2, "a")).to_have_attribute("title", re.compile("auto said on, you said off"))
    expect(chip(page, 2, "a")).to_have_accessible_name("isadult changed by you")
    chip(page, 2, "sc").click()
    expect(chip(page, 2, "sc")).to_have_attribute("title", re.compile("auto said nothing, you said on"))
    chip(page, 2, "a").click()
    expect(chip(page, 2, "a")).not_to_have_attribute("data-changed", "")


def test_a_tag_switched_in_code_is_painted(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    board.toggle(board.reviews[1].id, "sc", True)
    expect(chip(page, 1, "sc")).to_have_attribute("aria-pressed", "true")


def test_two_views_of_one_board_show_the_same(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board, "views=2")
    chips = page.locator('.cm-tile[data-index="0"] [data-tag="r"]')
    chips.first.click()
    expect(chips.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".cm-board").nth(1).locator("img.cm-loaded").first).to_be_visible()
    step(page, "next").nth(1).click()
    expect(page.locator(".cm-progress-text").first).to_contain_text("20 of 64 done")
    page.evaluate("window.closers[0]()")
    expect(page.locator(".cm-board")).to_have_count(1)
    chip(page, 0, "r").click()
    expect(chip(page, 0, "r")).to_have_attribute("aria-pressed", "true")


# Next and Prev --------------------------------------------------------------------------------------------------------


def test_next_submits_and_prev_takes_back_with_a_countdown(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    expect(step(page, "prev")).to_be_disabled()
    chip(page, 0, "r").click()
    first = tile(page, 0).get_attribute("data-review-id")
    expect(step(page, "next")).to_have_text("Next · submit 20")
    step(page, "next").click()
    expect(page.locator(".cm-progress-text")).to_have_text("20 on screen · 24 waiting · 20 of 64 done")
    expect(step(page, "prev")).to_be_enabled()
    expect(page.locator(".cm-seconds")).to_have_text(re.compile("[1-5]"))
    step(page, "prev").click()
    expect(page.locator(".cm-progress-text")).to_contain_text("0 of 64 done")
    expect(tile(page, 0)).to_have_attribute("data-review-id", first or "")
    expect(chip(page, 0, "r")).to_have_attribute("aria-pressed", "true")


@pytest.mark.usefixtures("page_clock")
def test_the_countdown_ends_by_itself(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    step(page, "next").click()
    expect(step(page, "prev")).to_be_enabled()
    page.clock.run_for(2_000)
    expect(page.locator(".cm-seconds")).to_have_text(re.compile("[1-3]"))
    page.clock.run_for(4_000)
    expect(step(page, "prev")).to_be_disabled()
    expect(page.locator(".cm-countdown")).to_be_hidden()


def test_two_quick_clicks_on_next_submit_one_screen(page: Page, show: Show, board: ReviewBoard) -> None:
    gate = board._client.service.gates["submit"] = threading.Event()
    show(board)
    page.locator('[data-action="next"]').evaluate("(button) => { button.click(); button.click(); }")
    gate.set()
    expect(page.locator(".cm-progress-text")).to_contain_text("20 of 64 done")
    settle(board)
    assert board.done == 20


def test_the_next_screen_starts_at_its_top(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    page.locator(".cm-grid").evaluate("(grid) => { grid.scrollTop = 300; }")
    step(page, "next").click()
    expect(page.locator(".cm-progress-text")).to_contain_text("20 of 64 done")
    assert page.locator(".cm-grid").evaluate("(grid) => grid.scrollTop") == 0


def test_at_the_end_all_is_reviewed_with_totals(page: Page, show: Show, fake: FakeService) -> None:
    show(ReviewBoard(FakeClient(fake), count=64))
    step(page, "next").click()
    expect(page.locator(".cm-panel")).to_contain_text("All reviewed")
    expect(page.locator(".cm-panel")).to_contain_text("You submitted 64 pictures here; 64 of 64 are done.")
    step(page, "prev").click()
    expect(tile(page, 0)).to_be_visible()


# Other states ---------------------------------------------------------------------------------------------------------


def test_an_empty_queue_offers_to_look_again(page: Page, show: Show, fake: FakeService) -> None:
    fake.reviews.clear()
    show(ReviewBoard(FakeClient(fake)))
    expect(page.locator(".cm-panel")).to_contain_text("No pictures wait for review")
    fake.fill(3)
    step(page, "look_again").click()
    expect(page.locator(".cm-tile")).to_have_count(3)


@pytest.mark.parametrize(("choice", "same"), [("resume", True), ("give_back", True), ("take_new", False)])
def test_an_offer_waits_for_a_choice(
    page: Page, show: Show, board: ReviewBoard, ana: FakeClient, choice: str, same: bool
) -> None:
    show(ReviewBoard(ana, count=20))
    expect(page.locator(".cm-panel")).to_contain_text("You still hold 20 pictures from before")
    step(page, choice).click()
    expect(tile(page, 0)).to_be_visible()
    shown = tile(page, 0).get_attribute("data-review-id")
    assert (shown == board.reviews[0].id) is same


def test_a_service_that_is_down_at_the_start_is_one_line_with_a_retry(
    page: Page, show: Show, fake: FakeService, ana: FakeClient
) -> None:
    fake.broken = DOWN
    show(ReviewBoard(ana, count=20))
    expect(page.locator(".cm-panel")).to_contain_text(str(DOWN))
    fake.broken = None
    step(page, "retry").click()
    expect(tile(page, 0).locator("img.cm-loaded")).to_be_visible()


def test_unsaved_toggles_are_marked_until_the_service_is_back(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    expect(tile(page, 0).locator("img.cm-loaded")).to_be_visible()
    board._client.service.broken = DOWN
    chip(page, 0, "r").click()
    expect(page.locator(".cm-notice")).to_contain_text("Your changes are not saved yet.")
    expect(chip(page, 0, "r")).to_have_attribute("data-unsaved", "")
    board._client.service.broken = None
    step(page, "retry").click()
    expect(page.locator(".cm-notice")).to_be_hidden()
    expect(chip(page, 0, "r")).not_to_have_attribute("data-unsaved", "")
    expect(chip(page, 0, "r")).to_have_attribute("aria-pressed", "true")


def test_a_lost_lease_is_said_and_looking_again_goes_on(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    service = board._client.service
    service.drop(next(iter(service.leases)))
    chip(page, 0, "r").click()
    expect(page.locator(".cm-notice")).to_contain_text("20 pictures are no longer yours")
    expect(page.locator(".cm-notice")).to_contain_text("1 of your changes could not be saved")
    expect(tile(page, 0)).to_have_class(re.compile("cm-lost"))
    expect(chip(page, 0, "r")).to_have_attribute("data-unsaved", "")
    expect(step(page, "next")).to_be_disabled()
    step(page, "look_again").click()
    expect(page.locator(".cm-notice")).to_be_hidden()
    expect(tile(page, 0)).not_to_have_class(re.compile("cm-lost"))
    expect(step(page, "next")).to_be_enabled()


@pytest.mark.usefixtures("page_clock")
def test_a_silent_kernel_is_said_and_forgotten_when_it_answers(page: Page, show: Show, board: ReviewBoard) -> None:
    bridge = show(board)
    with bridge.deaf(page):
        chip(page, 0, "r").click()
        page.clock.run_for(8_000)
        expect(page.locator(".cm-notice")).to_contain_text("The kernel does not answer.")
        expect(chip(page, 0, "r")).to_have_attribute("data-unsaved", "")
    board.toggle(board.reviews[3].id, "sc")
    expect(page.locator(".cm-notice")).to_be_hidden()


def test_a_reloaded_page_comes_back_to_the_same_state(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    step(page, "next").click()
    expect(page.locator(".cm-progress-text")).to_contain_text("20 of 64 done")
    chip(page, 1, "sc").click()
    until(page, lambda: board.tags[board.reviews[1].id]["sc"])
    settle(board)
    page.reload()
    expect(chip(page, 1, "sc")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".cm-progress-text")).to_contain_text("20 of 64 done")
    expect(tile(page, 0).locator("img.cm-loaded")).to_be_visible()
    expect(step(page, "prev")).to_be_enabled()


def test_the_slider_takes_more_and_gives_back(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    slider = page.locator('input[data-role="count"]')
    slider.fill("30")
    expect(page.locator(".cm-progress-text")).to_contain_text("30 on screen · 34 waiting")
    slider.fill("4")
    expect(page.locator(".cm-progress-text")).to_contain_text("4 on screen · 60 waiting")
    expect(page.locator(".cm-tile")).to_have_count(4)
    assert board.count == 4


@pytest.mark.usefixtures("page_clock")
def test_an_open_page_keeps_the_lease_alive(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    board._state._renewed_at -= 400
    page.clock.run_for(130_000)
    until(page, lambda: "renew" in board._client.service.calls)
    settle(board)
    expect(page.locator(".cm-notice")).to_be_hidden()


# Over it --------------------------------------------------------------------------------------------------------------


def test_moving_to_a_subteam_takes_the_tile_away(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    moved = board.reviews[1].id
    tile(page, 1).locator(".cm-more").click()
    expect(page.locator('.cm-menu [data-action="move"]')).to_have_text("Move to experts")
    page.locator('.cm-menu [data-action="move"]').click()
    expect(page.locator(f'[data-review-id="{moved}"]')).to_have_count(0)
    expect(step(page, "next")).to_have_text("Next · submit 19")
    assert board._client.service.reviews[moved].subteam == "experts"


# By keyboard alone ----------------------------------------------------------------------------------------------------


def focus_board(page: Page) -> None:
    page.locator(".cm-tile").first.focus()


def test_arrows_move_between_tiles_and_one_tile_is_in_the_tab_order(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    focus_board(page)
    page.keyboard.press("ArrowRight")
    expect(tile(page, 1)).to_be_focused()
    columns = int(page.locator(".cm-grid").get_attribute("aria-colcount") or 0)
    page.keyboard.press("ArrowDown")
    expect(tile(page, 1 + columns)).to_be_focused()
    page.keyboard.press("End")
    expect(tile(page, 19)).to_be_focused()
    expect(tile(page, 19)).to_be_in_viewport()
    page.keyboard.press("Home")
    expect(tile(page, 0)).to_be_focused()
    expect(page.locator('.cm-tile[tabindex="0"]')).to_have_count(1)


def test_a_focused_tile_keeps_the_focus_when_it_is_scrolled_away(page: Page, show: Show, fake: FakeService) -> None:
    fake.fill(200)
    show(ReviewBoard(FakeClient(fake), count=200))
    focus_board(page)
    page.locator(".cm-grid").evaluate("(grid) => { grid.scrollTop = grid.scrollHeight; }")
    expect(tile(page, 199)).to_be_visible()
    expect(tile(page, 0)).to_be_focused()


def test_each_tag_has_a_key_that_switches_it(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    expect(tile(page, 0).locator(".cm-tag kbd")).to_have_text(["a", "r", "s"])
    focus_board(page)
    page.keyboard.press("s")
    expect(chip(page, 0, "sc")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("r")
    expect(chip(page, 1, "r")).to_have_attribute("aria-pressed", "true")
    expect(chip(page, 0, "r")).to_have_attribute("aria-pressed", "false")


def test_n_submits_u_takes_back_f_filters(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    focus_board(page)
    page.keyboard.press("n")
    expect(page.locator(".cm-progress-text")).to_contain_text("20 of 64 done")
    expect(tile(page, 0)).to_be_focused()
    page.keyboard.press("u")
    expect(page.locator(".cm-progress-text")).to_contain_text("0 of 64 done")
    expect(tile(page, 0)).to_be_focused()
    page.keyboard.press("f")
    expect(page.locator('[data-filter="tagged"]')).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".cm-tile:focus")).to_have_count(1)


def test_question_mark_shows_the_keys_and_escape_closes(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    focus_board(page)
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_contain_text("switch isscreenshot")
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(tile(page, 0)).to_be_focused()
    assert board.done == 0


def test_keys_act_only_while_the_board_has_the_focus(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    page.locator("body").click(position={"x": 2, "y": 2})
    page.keyboard.press("n")
    page.keyboard.press("a")
    settle(board)
    assert (board.done, board.tags[board.reviews[0].id]["a"]) == (0, False)


def test_no_key_but_tab_leaves_the_board(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    page.evaluate("() => { window.heard = []; document.addEventListener('keydown', (e) => window.heard.push(e.key)); }")
    focus_board(page)
    for key in ("b", "x", "Escape", "ArrowDown", "Enter", "Escape", "Tab"):
        page.keyboard.press(key)
    assert page.evaluate("window.heard") == ["Tab"]
    expect(page.locator(".cm-board")).to_have_attribute("data-lm-suppress-shortcuts", "true")
