"""The details pane on a page: beside the grid or over it, by mouse and by keys, kind to eyes, with errors in place."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from cmtools.errors import Unreachable
from cmtools.model import AuditEvent
from cmtools.widgets.board import ReviewBoard
from tests.tools import axe
from tests.widgets.conftest import Show
from tests.widgets.fake_client import FakeClient, FakeService

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def board(fake: FakeService) -> ReviewBoard:
    """Six pictures, the first with all that details can tell."""
    first = next(iter(fake.reviews))
    fake.events += [
        AuditEvent(1, AT, "pipeline", None, "create", first, {}, {"subteam": "public"}),
        AuditEvent(2, AT, "key", "ben", "submit", first, {}, {"tags": {"a": True, "r": False}}),
    ]
    FakeClient(fake, "ben").add_note(first, "Seen on <b>Tuesday</b>")
    return ReviewBoard(FakeClient(fake), count=6)  # type: ignore[arg-type]


def tile(page: Page, number: int) -> Locator:
    return page.locator(f'.cm-tile[data-index="{number}"]')


def pane(page: Page) -> Locator:
    return page.locator(".cm-details")


def part(page: Page, name: str) -> Locator:
    return pane(page).get_by_role("region", name=name)


def test_enter_opens_the_pane_and_escape_closes_it(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    tile(page, 0).focus()
    page.keyboard.press("Enter")
    expect(pane(page).get_by_role("heading", level=2)).to_have_text("image-1")
    expect(tile(page, 0)).to_be_focused()
    page.keyboard.press("Escape")
    expect(pane(page)).to_be_hidden()
    expect(tile(page, 0)).to_be_focused()


def test_arrows_go_on_with_the_pane_open(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    tile(page, 0).focus()
    page.keyboard.press("Enter")
    expect(part(page, "Review")).to_contain_text("image-1")
    page.keyboard.press("ArrowRight")
    expect(pane(page)).to_contain_text("2 of 6")
    expect(part(page, "Review")).to_contain_text("image-2")
    page.keyboard.press("r")
    expect(tile(page, 1).locator('[data-tag="r"]')).to_have_attribute("aria-pressed", "true")


def test_a_mouse_opens_goes_on_and_closes(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    tile(page, 0).locator('[data-action="more"]').click()
    page.locator('.cm-menu [data-action="details"]').click()
    expect(part(page, "Review")).to_contain_text("image-1")
    pane(page).get_by_label("Next review").click()
    expect(part(page, "Review")).to_contain_text("image-2")
    tile(page, 3).locator(".cm-name").click()
    expect(part(page, "Review")).to_contain_text("image-4")
    page.locator('[data-action="close-details"]').click()
    expect(pane(page)).to_be_hidden()


def test_everything_that_is_known_stands_in_its_place(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    tile(page, 0).focus()
    page.keyboard.press("Enter")
    expect(part(page, "Review")).to_contain_text("public")
    expect(part(page, "Scores")).to_contain_text("isadult0.37")
    expect(part(page, "Metadata")).to_contain_text("a.score0.37")
    expect(part(page, "Notes")).to_contain_text("Seen on <b>Tuesday</b>")
    expect(part(page, "History")).to_contain_text("submitted · isadult")
    page.get_by_text("JSON", exact=True).click()
    shown = json.loads(pane(page).locator("pre").inner_text())
    assert shown["id"] == board.reviews[0].id


def test_the_json_is_copied(page: Page, show: Show, board: ReviewBoard) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    show(board)
    tile(page, 0).focus()
    page.keyboard.press("Enter")
    page.get_by_text("JSON", exact=True).click()
    page.locator('[data-action="copy-json"]').click()
    expect(pane(page).get_by_text("Copied")).to_be_visible()
    assert json.loads(page.evaluate("navigator.clipboard.readText()"))["id"] == board.reviews[0].id


def test_a_note_is_written_without_the_boards_keys(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    tile(page, 0).focus()
    page.keyboard.press("Enter")
    note = pane(page).get_by_label("New note")
    note.click()
    page.keyboard.type("nap ur x")
    expect(note).to_have_value("nap ur x")
    page.keyboard.press("Control+Enter")
    expect(part(page, "Notes")).to_contain_text("nap ur x")
    expect(note).to_have_value("")
    assert len(board.reviews) == 6
    assert [each.text for each in board._client.notes(board.reviews[0].id)][-1] == "nap ur x"


def test_a_note_that_could_not_be_kept_stays_to_be_sent_again(
    page: Page, show: Show, board: ReviewBoard, fake: FakeService
) -> None:
    show(board)
    tile(page, 0).focus()
    page.keyboard.press("Enter")
    expect(part(page, "Notes")).to_contain_text("Tuesday")
    fake.broken, fake.breaks = Unreachable("The service is away"), "add_note"
    pane(page).get_by_label("New note").fill("again")
    pane(page).get_by_role("button", name="Add note").click()
    expect(part(page, "Notes").get_by_role("alert")).to_have_text("The service is away")
    expect(pane(page).get_by_label("New note")).to_have_value("again")
    expect(part(page, "Notes")).to_contain_text("Tuesday")
    fake.broken = None
    pane(page).get_by_role("button", name="Add note").click()
    expect(part(page, "Notes").locator("li")).to_have_count(2)


def test_a_part_that_fails_says_so_in_its_place_and_is_tried_again(
    page: Page, show: Show, board: ReviewBoard, fake: FakeService
) -> None:
    fake.broken, fake.breaks = Unreachable("The service is away"), "events"
    show(board)
    tile(page, 0).focus()
    page.keyboard.press("Enter")
    expect(part(page, "History").get_by_role("alert")).to_contain_text("The service is away")
    expect(part(page, "Notes")).to_contain_text("Tuesday")
    fake.broken = None
    part(page, "History").get_by_role("button", name="Retry").click()
    expect(part(page, "History")).to_contain_text("submitted")


def test_the_picture_is_asked_for_in_full_only_while_it_is_uncovered(
    page: Page, show: Show, board: ReviewBoard, fake: FakeService
) -> None:
    show(board)
    tile(page, 0).focus()
    page.keyboard.press("Enter")
    face = pane(page).locator(".cm-full")
    expect(face.locator("img")).to_have_count(1)
    expect(part(page, "History")).to_contain_text("submitted")
    assert "picture" not in fake.calls
    face.hover()
    page.mouse.down()
    expect(face.locator(".cm-in-full")).to_be_visible()
    page.mouse.up()
    expect(face.locator(".cm-in-full")).to_have_count(0)
    assert page.evaluate("window.sent.some((each) => each.type === 'full')")


def test_space_on_the_picture_reveals_it_and_counts(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    tile(page, 0).focus()
    page.keyboard.press("Enter")
    pane(page).locator(".cm-full").focus()
    page.keyboard.down(" ")
    expect(pane(page).locator(".cm-in-full")).to_be_visible()
    page.keyboard.up(" ")
    expect(pane(page).locator(".cm-in-full")).to_have_count(0)
    expect(page.locator(".cm-board")).to_contain_text("1 revealed")


def test_next_goes_on_with_the_first_of_what_comes(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    tile(page, 2).focus()
    page.keyboard.press("Enter")
    expect(part(page, "Review")).to_contain_text("image-3")
    page.keyboard.press("n")
    expect(part(page, "Review")).to_contain_text("image-7")
    expect(pane(page)).to_contain_text("1 of 6")


def test_the_focus_stays_on_its_tile_when_the_pane_takes_columns_away(
    page: Page, show: Show, board: ReviewBoard
) -> None:
    show(board)
    tile(page, 5).focus()
    before = page.locator(".cm-grid").get_attribute("aria-colcount")
    page.keyboard.press("Enter")
    expect(page.locator(".cm-grid")).not_to_have_attribute("aria-colcount", str(before))
    expect(tile(page, 5)).to_be_focused()


def test_on_a_narrow_board_the_pane_lies_over_the_grid_and_has_the_focus(
    page: Page, show: Show, board: ReviewBoard
) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    show(board)
    tile(page, 0).focus()
    page.keyboard.press("Enter")
    expect(pane(page)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(part(page, "Review")).to_contain_text("image-2")
    page.keyboard.press("Escape")
    expect(tile(page, 1)).to_be_focused()


@pytest.mark.parametrize("theme", ["", "dark"])
def test_axe_finds_nothing_serious_in_the_pane(page: Page, show: Show, board: ReviewBoard, theme: str) -> None:
    show(board, theme)
    tile(page, 0).focus()
    page.keyboard.press("Enter")
    expect(part(page, "History")).to_contain_text("submitted")
    page.get_by_text("JSON", exact=True).click()
    expect(pane(page).locator("pre")).to_be_visible()
    assert axe.violations(page, ".cm-board") == []
