"""Whole stories in a real JupyterLab on the real service: with the mouse, with the keyboard, after a restart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from cmtools.client.client import Client
from cmtools.model import Draft
from cmtools.testing import RunningService, running_service
from tests.widgets.fake_client import plain_picture
from tests.widgets.lab import Lab, NotebookPage

UNDO_SECONDS = 120.0
"""Long, so that a busy machine cannot close a window in the middle of a story."""


@pytest.fixture
def service() -> Iterator[RunningService]:
    with running_service(undo_seconds=UNDO_SECONDS) as running:
        yield running


@pytest.fixture
def ana(service: RunningService) -> Client:
    """A reviewer of the service, which has 12 pictures."""
    client = service.client("ana")
    client.add_tag("sc", "isscreenshot")
    drafts = []
    for number in range(12):
        picture = client.upload(plain_picture(number, 480))
        metadata = (("a", str(number % 3 == 0)), ("r", "False"))
        drafts.append(Draft(f"media:{picture.id}", f"photo-{number}", metadata=metadata))
    client.create_reviews(drafts, progress=False)
    return client


@pytest.fixture
def notebook(page: Page, lab: Lab, service: RunningService, request: pytest.FixtureRequest) -> NotebookPage:
    """A notebook that is open, with a cell that makes the board."""
    name = f"{request.node.name}.ipynb"
    lab.write(
        name,
        "import cmtools as cm\n"
        f"client = cm.Client({service.url!r}, key={service.key!r}, team={service.team!r}, reviewer='ana')",
        "board = cm.ReviewBoard(client, count=5)\nboard",
        "print('the cell below')",
    )
    return NotebookPage(page, lab, name).open()


def chip(board: Locator, number: int, tag: str) -> Locator:
    return board.locator(f'.cm-tile[data-index="{number}"] button.cm-tag[data-tag="{tag}"]')


def progress(board: Locator) -> Locator:
    return board.locator(".cm-progress-text")


def decided(service: RunningService) -> dict[str, dict[str, bool]]:
    """What became of the reviews once nothing can be taken back any more: content id -> tag -> on."""
    service.advance(UNDO_SECONDS + 1)
    return {review.content_id: dict(review.human_tags) for review in service.client().reviews(status="Complete")}


def test_a_person_with_a_mouse_reviews_takes_back_and_submits(
    notebook: NotebookPage, service: RunningService, ana: Client
) -> None:
    board = notebook.run_all()
    expect(board.locator("img.cm-loaded").first).to_be_visible()
    expect(progress(board)).to_have_text("5 on screen · 7 waiting · 0 of 12 done")
    expect(chip(board, 0, "a")).to_have_attribute("aria-pressed", "true")

    chip(board, 1, "sc").click()
    board.locator('[data-action="next"]').click()
    expect(progress(board)).to_have_text("5 on screen · 2 waiting · 5 of 12 done")
    board.locator('[data-action="prev"]').click()
    expect(progress(board)).to_have_text("5 on screen · 5 kept for next · 2 waiting · 0 of 12 done")
    expect(chip(board, 1, "sc")).to_have_attribute("aria-pressed", "true")
    assert (ana.counts().leased, ana.counts().submitted) == (10, 0)

    chip(board, 0, "a").click()
    board.locator('[data-action="next"]').click()
    expect(progress(board)).to_contain_text("5 of 12 done")
    said = decided(service)
    assert said["photo-0"] == {"a": False, "r": False, "sc": False}
    assert said["photo-1"] == {"a": False, "r": False, "sc": True}
    assert len(said) == 5


def test_a_person_with_a_keyboard_alone_reviews_everything(
    notebook: NotebookPage, service: RunningService, ana: Client
) -> None:
    board = notebook.run_all()
    keyboard = notebook.page.keyboard
    cells = notebook.cell_count()
    board.locator(".cm-tile").first.focus()
    keyboard.press("s")
    keyboard.press("ArrowRight")
    keyboard.press("r")
    for key in ("b", "x", "Escape", "d", "d"):  # the notebook's: insert, cut, leave, delete
        keyboard.press(key)
    keyboard.press("n")
    expect(progress(board)).to_contain_text("5 of 12 done")
    keyboard.press("p")
    expect(progress(board)).to_contain_text("0 of 12 done")
    for done in ("5", "10", "12"):
        keyboard.press("n")
        expect(progress(board)).to_contain_text(f"{done} of 12 done")
    expect(board.locator(".cm-panel")).to_contain_text("All reviewed")
    said = decided(service)
    assert len(said) == 12
    assert (said["photo-0"]["sc"], said["photo-1"]["r"], said["photo-2"]["r"]) == (True, True, False)
    assert notebook.cell_count() == cells


def test_a_person_with_a_keyboard_alone_reveals_selects_holds_and_takes_back(
    notebook: NotebookPage, service: RunningService, ana: Client
) -> None:
    board = notebook.run_all()
    keyboard, cells = notebook.page.keyboard, notebook.cell_count()
    expect(board.locator("img.cm-loaded").first).to_be_visible()
    board.locator(".cm-tile").first.focus()
    keyboard.down(" ")
    expect(board.locator("img.cm-clear.cm-loaded")).to_be_visible()
    keyboard.up(" ")
    expect(board.locator(".cm-clear")).to_have_count(0)
    keyboard.press("Shift+ArrowRight")
    keyboard.press("s")
    for number in (0, 1):
        expect(chip(board, number, "sc")).to_have_attribute("aria-pressed", "true")
    keyboard.press("Control+z")
    expect(chip(board, 1, "sc")).to_have_attribute("aria-pressed", "false")
    keyboard.press("r")
    keyboard.press("h")
    expect(board.locator('[data-action="held"]')).to_have_text("Held (2)")
    for key in ("Control+a", "Escape", "a", "b", "x", "d", "d", "y", "z", "Shift+Enter", "Control+Enter", "0", "0"):
        keyboard.press(key)
    board.locator('[data-action="held"]').press("Enter")
    notebook.page.locator('.cm-menu [data-action="take_held"]').press("Enter")
    expect(board.locator('[data-action="held"]')).to_be_hidden()
    expect(chip(board, 0, "r")).to_have_attribute("aria-pressed", "true")
    expect(board.locator(".cm-seen")).to_contain_text("1 revealed")
    while ana.exposure_today().reveals == 0:
        expect(board).to_be_visible()
    assert notebook.cell_count() == cells
    assert "the cell below" in (notebook.page.locator(".jp-OutputArea").last.inner_text())


def test_the_list_of_keys_is_readable_inside_the_styles_of_the_notebook(notebook: NotebookPage, ana: Client) -> None:
    board = notebook.run_all()
    board.locator(".cm-tile").first.focus()
    notebook.page.keyboard.press("?")
    shift = board.locator(".cm-keys dt", has_text="Shift").first
    expect(shift.locator("kbd")).to_have_text(["Shift", "B"])
    wide, needed = shift.locator("kbd").first.evaluate("(key) => [key.clientWidth, key.scrollWidth]")
    assert wide >= needed


def test_choices_hold_after_a_reload(notebook: NotebookPage, ana: Client) -> None:
    board = notebook.run_all()
    board.locator('[data-action="blur"]').click()
    while ana.preferences().get("board.blur") is not False:
        expect(board).to_be_visible()
    notebook.save()
    notebook.page.reload()
    notebook.wait_for_kernel()
    board = notebook.board()
    expect(board.locator('[data-action="blur"]')).to_have_attribute("aria-pressed", "false")
    expect(board.locator('[data-action="grey"]')).to_have_attribute("aria-pressed", "true")


def test_a_reloaded_page_comes_back_to_the_same_board(notebook: NotebookPage, ana: Client) -> None:
    board = notebook.run_all()
    chip(board, 2, "r").click()
    board.locator('[data-action="next"]').click()
    expect(progress(board)).to_contain_text("5 of 12 done")
    chip(board, 4, "sc").click()
    while not any(review.toggles for lease in ana.leases() for review in lease.reviews):  # saved a moment later
        expect(board).to_be_visible()
    notebook.save()
    notebook.page.reload()
    notebook.wait_for_kernel()
    board = notebook.board()
    expect(progress(board)).to_have_text("5 on screen · 2 waiting · 5 of 12 done")
    expect(chip(board, 4, "sc")).to_have_attribute("aria-pressed", "true")
    board.locator('[data-action="prev"]').click()
    expect(chip(board, 2, "r")).to_have_attribute("aria-pressed", "true")


def test_after_a_kernel_restart_the_pictures_are_offered_with_their_toggles(
    notebook: NotebookPage, ana: Client
) -> None:
    board = notebook.run_all()
    chip(board, 3, "sc").click()
    (old,) = ana.leases()
    while not any(review.toggles for review in old.reviews):  # saved a moment after the click
        (old,) = ana.leases()
    notebook.restart_kernel()
    board = notebook.run_all()
    expect(board.locator(".cm-panel")).to_contain_text("You still hold 5 pictures from before")
    expect(board.locator(".cm-panel")).to_contain_text("You have changed tags on 1 of them.")
    board.locator('[data-action="resume"]').click()
    expect(chip(board, 3, "sc")).to_have_attribute("aria-pressed", "true")
    expect(progress(board)).to_have_text("5 on screen · 7 waiting · 0 of 12 done")
    assert [lease.id for lease in ana.leases()] == [old.id]


def test_a_saved_notebook_stays_small(notebook: NotebookPage, ana: Client) -> None:
    board = notebook.run_all()
    expect(board.locator("img.cm-loaded").first).to_be_visible()
    notebook.save()
    assert (notebook.lab.folder / notebook.name).stat().st_size < 4_000
