"""What a reviewer is spared, on a page: blur and grey, press and hold, what was seen, caps, breaks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from cmtools.widgets.board import ReviewBoard
from tests.widgets.conftest import Show, until
from tests.widgets.fake_client import FakeClient, FakeService

IMAGE = ".cm-picture > img.cm-loaded"


@pytest.fixture
def board(ana: FakeClient) -> ReviewBoard:
    return ReviewBoard(ana, count=20)  # type: ignore[arg-type]


def face(page: Page, number: int) -> Locator:
    return page.locator(f'.cm-tile[data-index="{number}"] .cm-picture')


def clear(page: Page, number: int) -> Locator:
    return face(page, number).locator("img.cm-clear.cm-loaded")


def button(page: Page, name: str) -> Locator:
    return page.locator(f'[data-action="{name}"]')


def filter_of(locator: Locator) -> str:
    return str(locator.evaluate("(image) => getComputedStyle(image).filter"))


def press(page: Page, number: int) -> None:
    """Put the mouse on a picture and hold it down."""
    face(page, number).hover()
    page.mouse.down()


def told(page: Page, board: ReviewBoard, count: int) -> None:
    """Wait until the service has counted so many reveals."""
    expect(page.locator(".cm-seen")).to_contain_text(f"{count} revealed")
    until(page, lambda: board._client.exposure_today().reveals >= count)
    assert board._client.exposure_today().reveals == count


def test_all_is_blurred_and_grey_at_the_start(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    expect(button(page, "blur")).to_have_attribute("aria-pressed", "true")
    expect(button(page, "grey")).to_have_attribute("aria-pressed", "true")
    image = face(page, 0).locator("img.cm-loaded")
    expect(image).to_be_visible()
    assert "blur(" in filter_of(image)
    assert "grayscale(1)" in filter_of(image)


def test_a_blurred_picture_is_not_in_the_browser(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    expect(face(page, 0).locator("img.cm-loaded")).to_be_visible()
    widths = page.locator(IMAGE).evaluate_all("(images) => images.map((image) => image.naturalWidth)")
    assert max(widths) <= 24
    assert not [one for one in page.evaluate("window.sent") if one["type"] == "thumbs" and not one.get("veiled")]


def test_blur_and_grey_are_switched_and_remembered(page: Page, show: Show, board: ReviewBoard, ana: FakeClient) -> None:
    show(board)
    button(page, "blur").click()
    expect(button(page, "blur")).to_have_attribute("aria-pressed", "false")
    image = face(page, 0).locator("img.cm-loaded")
    expect(image).to_be_visible()
    page.wait_for_function("document.querySelector('.cm-tile img.cm-loaded')?.naturalWidth > 100")
    assert filter_of(image) == "grayscale(1)"
    button(page, "grey").click()
    assert filter_of(image) == "none"
    until(page, lambda: ana.preferences() == {"board.blur": False, "board.grey": False})
    page.reload()
    expect(button(page, "blur")).to_have_attribute("aria-pressed", "false")
    expect(button(page, "grey")).to_have_attribute("aria-pressed", "false")


def test_what_was_chosen_before_holds_on_a_new_board(page: Page, show: Show, ana: FakeClient) -> None:
    ana.set_preferences(**{"board.blur": False, "board.grey": True})
    show(ReviewBoard(ana, count=5))
    expect(button(page, "blur")).to_have_attribute("aria-pressed", "false")
    expect(button(page, "grey")).to_have_attribute("aria-pressed", "true")


def test_a_picture_that_is_held_down_is_revealed_and_hidden_again(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    press(page, 1)
    expect(clear(page, 1)).to_be_visible()
    assert filter_of(clear(page, 1)) == "none"
    expect(page.locator(".cm-clear")).to_have_count(1)
    page.mouse.up()
    expect(page.locator(".cm-clear")).to_have_count(0)
    told(page, board, 1)


def test_space_reveals_as_long_as_it_is_held(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    page.locator(".cm-tile").nth(2).focus()
    page.keyboard.down(" ")
    expect(clear(page, 2)).to_be_visible()
    page.keyboard.up(" ")
    expect(page.locator(".cm-clear")).to_have_count(0)
    told(page, board, 1)


def test_a_finger_that_rests_reveals(browser: Browser, show: Show, board: ReviewBoard, page: Page) -> None:
    show(board)
    face(page, 0).dispatch_event("pointerdown", {"pointerType": "touch", "button": 0, "isPrimary": True})
    expect(clear(page, 0)).to_be_visible()
    face(page, 0).dispatch_event("pointercancel", {"pointerType": "touch", "bubbles": True})
    expect(page.locator(".cm-clear")).to_have_count(0)


def test_what_stays_in_view_without_blur_is_counted_too(page: Page, show: Show, ana: FakeClient) -> None:
    ana.set_preferences(**{"board.blur": False, "board.grey": False})
    board = ReviewBoard(ana, count=3)  # type: ignore[arg-type]
    show(board)
    expect(page.locator(".cm-seen")).to_contain_text("3 revealed")
    button(page, "blur").click()
    told(page, board, 3)


def test_over_the_cap_nothing_is_revealed_and_the_board_says_why(page: Page, show: Show, fake: FakeService) -> None:
    fake.team = replace(fake.team, most_reveals_per_day=2)
    show(ReviewBoard(FakeClient(fake), count=5))
    for number in (0, 1):
        press(page, number)
        expect(clear(page, number)).to_be_visible()
        page.mouse.up()
    expect(page.locator(".cm-seen")).to_contain_text("2 of 2 revealed")
    press(page, 2)
    expect(page.locator(".cm-notice")).to_contain_text("as many pictures today as your team allows")
    expect(page.locator(".cm-clear")).to_have_count(0)
    page.mouse.up()
    button(page, "blur").click(force=True)
    expect(button(page, "blur")).to_have_attribute("aria-pressed", "true")


def test_a_break_that_is_due_is_said_and_goes_when_it_was_had(page: Page, show: Show, fake: FakeService) -> None:
    fake.team = replace(fake.team, break_after_seconds=1800)
    board = ReviewBoard(FakeClient(fake), count=5)  # type: ignore[arg-type]
    show(board)
    board._care.see("other", 1, [], 1805)
    board._tell_care()
    expect(page.locator(".cm-notice")).to_contain_text("You have been reviewing for 30 min.")
    page.get_by_role("button", name="I had a break").click()
    expect(page.locator(".cm-notice")).to_be_hidden()


def test_next_ends_what_is_seen(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    page.locator(".cm-tile").first.focus()
    page.keyboard.down(" ")
    expect(clear(page, 0)).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator(".cm-progress-text")).to_contain_text("20 of 64 done")
    told(page, board, 1)
    page.keyboard.up(" ")


def test_keys_switch_blur_and_grey(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    page.locator(".cm-tile").first.focus()
    page.keyboard.press("Shift+B")
    expect(button(page, "blur")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Shift+G")
    expect(button(page, "grey")).to_have_attribute("aria-pressed", "false")
