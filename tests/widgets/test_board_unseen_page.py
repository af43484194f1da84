"""What must not go unseen on a board's page: names, labels, selection, what a filter hides, moves, lost messages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from cmtools.errors import Unreachable
from cmtools.model import Review
from cmtools.widgets import board_talk
from cmtools.widgets.board import ReviewBoard
from tests.widgets.conftest import Show, until
from tests.widgets.fake_client import FakeClient, FakeService

DOWN = Unreachable("no service answers at http://127.0.0.1:1 - start one")


@pytest.fixture
def board(ana: FakeClient) -> ReviewBoard:
    return ReviewBoard(ana, count=20)  # type: ignore[arg-type]


def tile(page: Page, number: int) -> Locator:
    return page.locator(f'.cm-tile[data-index="{number}"]')


def chip(page: Page, number: int, tag: str) -> Locator:
    return tile(page, number).locator(f'button.cm-tag[data-tag="{tag}"]')


def step(page: Page, name: str) -> Locator:
    return page.locator(f'[data-action="{name}"]:visible')


def said(page: Page) -> Locator:
    return page.locator(".cm-notice")


def deafen(page: Page, type: str) -> None:
    """The next message of a type gets lost on its way to the kernel."""
    page.evaluate(
        """(type) => {
        const real = window.fetch;
        window.fetch = (url, options) => {
          if (url !== "/ask" || JSON.parse(options.body).type !== type) return real(url, options);
          window.fetch = real;
          return Promise.resolve();
        };
      }""",
        type,
    )


# Looks and names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type", ["Text", "Image"])
def test_the_box_that_selects_hides_nothing_of_a_review(page: Page, show: Show, type: str) -> None:
    service = FakeService()
    service.fill(3, type=type)
    show(ReviewBoard(FakeClient(service), type=type))  # type: ignore[arg-type]
    face = tile(page, 0).locator(".cm-picture").bounding_box()
    box = tile(page, 0).locator(".cm-pick").bounding_box()
    assert face is not None
    assert box is not None
    assert box["y"] >= face["y"] + face["height"]
    assert (box["width"], box["height"]) >= (24, 24)


def test_select_and_more_are_named_after_the_picture(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    name = board.reviews[0].content_id
    expect(tile(page, 0).locator(".cm-pick")).to_have_accessible_name(f"Select {name}")
    expect(tile(page, 0).locator(".cm-more")).to_have_accessible_name(f"More for {name}")


@pytest.mark.parametrize(("width", "label"), [(1300, "Reviews to display"), (900, "display"), (600, "display")])
def test_the_slider_has_a_label_at_every_width(
    page: Page, show: Show, board: ReviewBoard, width: int, label: str
) -> None:
    page.set_viewport_size({"width": width, "height": 768})
    show(board)
    assert page.locator(".cm-slider-name").inner_text().lower() == label.lower()
    expect(page.locator('[data-role="count"]')).to_have_accessible_name("Reviews to display")


@pytest.mark.parametrize("theme", ["", "dark"])
def test_a_selected_tile_has_a_ring_over_its_picture_and_a_check(
    page: Page, show: Show, board: ReviewBoard, theme: str
) -> None:
    show(board, theme)
    tile(page, 1).locator(".cm-pick").click()
    ring = "(tile) => { const s = getComputedStyle(tile, '::after'); return [s.position, s.borderTopWidth]; }"
    assert tile(page, 1).evaluate(ring) == ["absolute", "4px"]
    expect(tile(page, 1).locator(".cm-pick .cm-icon")).to_have_css("visibility", "visible")
    expect(tile(page, 2).locator(".cm-pick .cm-icon")).to_have_css("visibility", "hidden")


def test_next_says_what_a_filter_hides_before_and_after(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    expect(step(page, "next")).to_have_text("Next · submit 20")
    page.locator('[data-filter="tagged"]').click()
    expect(step(page, "next")).to_have_text("Next · submit 2014 hidden by the filter")
    step(page, "next").click()
    told = "20 pictures submitted, 14 of them hidden by the filter."
    expect(said(page)).to_contain_text(told)
    expect(page.locator('.cm-unseen[role="status"]')).to_contain_text(told)
    assert board.done == 20
    step(page, "prev").click()
    expect(said(page)).to_be_hidden()


# Moving ---------------------------------------------------------------------------------------------------------------


def moved_to(board: ReviewBoard, review: Review) -> str:
    return str(board._client.service.reviews[review.id].subteam)


def test_a_move_is_told_and_can_be_taken_back(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    moved = board.reviews[1]
    tile(page, 1).locator(".cm-more").click()
    page.locator('.cm-menu [data-action="move"]').click()
    expect(said(page)).to_contain_text("1 picture moved from public to experts.")
    expect(said(page)).to_have_attribute("role", "status")
    assert moved_to(board, moved) == "experts"
    step(page, "move_back").click()
    expect(said(page)).to_contain_text("1 picture moved back to public, into the queue there.")
    assert moved_to(board, moved) == "public"


def test_a_move_that_cannot_be_taken_back_says_so(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    moved = board.reviews[0]
    board._state.move(moved.id, "experts")
    FakeClient(board._client.service, "ben").checkout(1, "Image", "experts")
    step(page, "move_back").click()
    expect(said(page)).to_contain_text("1 picture could not be: somebody is at work on them")
    assert moved_to(board, moved) == "experts"


def test_move_to_is_there_without_subteams_and_knows_those_made_since(
    page: Page, show: Show, fake: FakeService
) -> None:
    team = fake.team
    fake.team = type(team)(team.name, team.tags, ("public",), team.lease_seconds, team.undo_seconds)
    show(ReviewBoard(FakeClient(fake), count=20))  # type: ignore[arg-type]
    tile(page, 0).locator(".cm-more").click()
    move = page.locator('.cm-menu [data-action="move"]')
    expect(move).to_have_attribute("aria-disabled", "true")
    expect(move).to_have_accessible_description("There is no other subteam")
    page.keyboard.press("Escape")
    fake.team = team
    tile(page, 0).locator(".cm-more").click()
    expect(move).to_have_text("Move to experts")
    move.click()
    expect(said(page)).to_contain_text("moved from public to experts")


# What gets lost -------------------------------------------------------------------------------------------------------


def test_a_next_that_got_lost_is_said_and_tried_again(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    chip(page, 0, "r").click()
    deafen(page, "next")
    step(page, "next").click()
    expect(said(page)).to_contain_text("Next did not reach the kernel: nothing was submitted")
    expect(chip(page, 0, "r")).to_have_attribute("aria-pressed", "true")
    assert board.done == 0
    step(page, "again").click()
    expect(page.locator(".cm-progress-text")).to_contain_text("20 of 64 done")
    expect(said(page)).to_be_hidden()


@pytest.mark.parametrize("lost", ["screen", "state", "done"])
def test_an_answer_to_next_that_got_lost_is_asked_for(page: Page, show: Show, board: ReviewBoard, lost: str) -> None:
    bridge = show(board)
    bridge.drop = lost
    step(page, "next").click()
    until(page, lambda: board.done == 20)
    assert board._steps.wait(60)
    bridge.drop = ""
    expect(page.locator(".cm-progress-text")).to_contain_text("20 of 64 done")
    expect(step(page, "next")).to_be_enabled()
    expect(tile(page, 0)).to_have_attribute("data-review-id", board.reviews[0].id)
    assert board.done == 20


def test_a_service_that_was_away_is_come_back_to_by_itself(
    page: Page, show: Show, board: ReviewBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_talk, "AWAY_SECONDS", 0.2)
    show(board)
    service = board._client.service
    first = board.reviews[0].id
    service.broken = DOWN
    chip(page, 0, "r").click()
    for words in ("no service answers at", "All tags you switched are kept here (1 not saved yet)", "cm.serve()"):
        expect(said(page)).to_contain_text(words)
    service.broken = None
    expect(said(page)).to_contain_text("The service answers again, and every tag you switched is saved.")
    expect(chip(page, 0, "r")).not_to_have_attribute("data-unsaved", "")
    assert service.reviews[first].toggles == {"r": True}


def test_nothing_is_submitted_unasked_when_the_service_is_back(
    page: Page, show: Show, board: ReviewBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_talk, "AWAY_SECONDS", 0.2)
    show(board)
    board._client.service.broken = DOWN
    step(page, "next").click()
    expect(said(page)).to_contain_text(re.compile("no service answers .* All tags you switched are kept\\."))
    board._client.service.broken = None
    expect(said(page)).to_contain_text("Your last step was not confirmed: Retry takes it, and nothing is done twice.")
    assert board.done == 0
    step(page, "retry").click()
    expect(page.locator(".cm-progress-text")).to_contain_text("20 of 64 done")


def test_a_board_without_reviews_starts_by_itself_when_the_service_is_back(
    page: Page, show: Show, fake: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_talk, "AWAY_SECONDS", 0.2)
    fake.broken = DOWN
    show(ReviewBoard(FakeClient(fake), count=20))  # type: ignore[arg-type]
    expect(page.locator(".cm-panel")).to_contain_text("The board goes on by itself once it answers again.")
    fake.broken = None
    expect(tile(page, 0)).to_be_visible()
