"""Whole stories in a real portal on the real service: with mouse, with keyboard alone, and what stays secret."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from cmtools import Client, Draft
from cmtools.testing import RunningService, running_service
from tests.sdk.pictures import jpeg
from tests.sdk.taggers import RedPictures
from tests.tools.axe import violations
from tests.widgets.fake_client import plain_picture
from tests.widgets.lab import Lab, NotebookPage
from tests.widgets.site import PATIENCE, Site, Visit, running_site

REFUSED_CODE = """async ([id, path]) => {
  const socket = new WebSocket(`${location.href.replace("http", "ws")}api/kernels/${id}/channels`);
  await new Promise((opened) => socket.addEventListener("open", opened));
  const ask = (msg_type, content) => socket.send(JSON.stringify({
    channel: "shell", content, metadata: {}, parent_header: {},
    header: { msg_id: msg_type, msg_type, username: "", session: "s", version: "5.3", date: "2026-01-01T00:00:00Z" },
  }));
  const answered = new Promise((resolve) => socket.addEventListener("message", async ({ data }) => {
    const text = typeof data === "string" ? data : await data.text();
    if (text.includes("kernel_info_reply")) resolve(true);
  }));
  ask("execute_request", { code: `open(${JSON.stringify(path)}, "w")`, silent: false });
  ask("kernel_info_request", {});
  await answered;
  socket.close();
}"""
"""Ask a kernel to run code, and then something that it answers after that."""


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    """A service with pictures and texts that wait, and a tagger of pictures."""
    with running_service(undo_seconds=120.0, taggers={"Image": RedPictures()}) as running:
        client = running.client("ana")
        pictures = [client.upload(plain_picture(number, 320)) for number in range(12)]
        metadata = (("a", "False"), ("r", "False"))
        client.create_reviews(
            [Draft(f"media:{one.id}", f"photo-{n}", metadata=metadata) for n, one in enumerate(pictures)],
            progress=False,
        )
        client.create_reviews([Draft(f"Text {n}", f"text-{n}", "Text") for n in range(60)], progress=False)
        yield running


@pytest.fixture(scope="module")
def site(service: RunningService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(service.url, service.team, tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture
def visit(page: Page, site: Site) -> Iterator[Visit]:
    yield Visit(page, site).open()
    page.close(run_before_unload=True)  # as a visitor who leaves: the page ends its kernel


@pytest.fixture(scope="module")
def first(browser: Browser, site: Site) -> Iterator[Visit]:
    """One visitor who does not sign in, for all that only look at what the server sends."""
    context = browser.new_context()
    yield Visit(context.new_page(), site).open()
    context.close()


def walk(page: Page, selector: str) -> None:
    """Press Tab until something of this kind has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not come to {selector}")


def key_of(service: RunningService, role: str, reviewer: str) -> str:
    return service.client("ana").create_key(reviewer, role, reviewer).secret


def test_a_submitter_tries_pictures_and_sees_what_the_services_tagger_says(
    visit: Visit, service: RunningService
) -> None:
    page = visit.page
    visit.sign_in(key_of(service, "submitter", "tom"))
    tab = visit.tab("try")
    files = [{"name": f"{color}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(color)} for color in ("red", "grey")]
    tab.locator('.cm-drop input[type="file"]').first.set_input_files(files)
    red, grey = (tab.locator(f'.cm-row[data-content-id="{color}.jpg"]') for color in ("red", "grey"))
    expect(red).to_contain_text("Ready")
    expect(grey).to_contain_text("Ready")
    red.click()
    said = tab.locator('.cm-one .cm-tag[data-tag="a"]')
    expect(said).to_have_attribute("aria-pressed", "true")
    grey.click()
    expect(said).to_have_attribute("aria-pressed", "false")
    expect(tab.locator(".cm-create")).to_contain_text("tagged by the service's tagger")
    assert violations(page, ".cm-portal") == []


def test_an_administrator_with_a_mouse_reviews_looks_and_sets_up(visit: Visit, service: RunningService) -> None:
    page = visit.page
    key = key_of(service, "administrator", "alma")
    page.locator('[data-role="key"]').fill("wrong")
    page.locator('[data-action="sign-in"]').click()
    expect(page.locator('.cm-entry [role="alert"]')).to_contain_text("does not know this key")
    visit.sign_in(key)

    board = page.locator(".cm-panel-review .cm-board:visible")
    expect(board.locator("img.cm-loaded").first).to_be_visible()
    first = board.locator(".cm-tile").first
    review = first.get_attribute("data-review-id")
    first.locator('button.cm-tag[data-tag="r"]').click()
    board.locator('[data-action="next"]').click()
    expect(board.locator(".cm-progress-text")).to_contain_text("12 of 12 done")
    assert violations(page, ".cm-portal") == []

    totals = visit.tab("dashboard").locator(".cm-total")
    expect(totals.filter(has_text="You today")).to_contain_text("12")
    expect(totals.filter(has_text="Just submitted")).to_contain_text("12")
    assert violations(page, ".cm-portal") == []
    expect(visit.tab("try").locator(".cm-create")).to_be_visible()

    visit.tab("settings")
    visit.section("tags").locator('[data-role="tag-code"]').fill("sc")
    page.locator("text=Keep tag").click()
    expect(visit.section("tags").locator(".cm-list")).to_contain_text("sc")
    keys = visit.section("keys")
    keys.locator('[data-role="key-reviewer"]').fill("nora")
    keys.locator("text=Make key").click()
    secret = page.locator(".cm-secret code").inner_text()
    assert Client(service.url, key=secret, team=service.team).whoami().reviewer == "nora"
    assert violations(page, ".cm-portal") == []
    page.locator('[data-action="kept"]').click()
    assert secret not in page.content()

    service.advance(121)
    assert review is not None
    assert service.client("ana").get_review(review).human_tags["r"] is True
    page.locator('[data-action="sign-out"]').click()
    expect(page.locator(".cm-entry form")).to_be_visible()
    expect(page.locator(".cm-board")).to_have_count(0)


def test_a_reviewer_with_a_keyboard_alone_reviews_texts(visit: Visit, service: RunningService) -> None:
    page, keyboard = visit.page, visit.page.keyboard
    page.locator('[data-role="team"]').focus()
    keyboard.press("Tab")
    keyboard.type(key_of(service, "reviewer", "rita"))
    keyboard.press("Enter")
    expect(page.locator('[data-tab="review"]')).to_be_focused(timeout=PATIENCE)
    expect(page.locator('[data-tab="settings"]')).to_be_hidden()
    expect(page.locator('[data-tab="try"]')).to_be_hidden()

    keyboard.press("ArrowRight")
    expect(page.locator('[data-tab="dashboard"]')).to_be_focused()
    keyboard.press("Enter")
    expect(page.locator(".cm-card")).to_have_count(4)
    keyboard.press("Home")
    keyboard.press("Enter")
    expect(page.locator(".cm-panel-review")).to_be_visible()
    walk(page, '[data-kind="Text"]')
    keyboard.press("Enter")
    board = page.locator(".cm-panel-review .cm-board:visible")
    expect(board.locator(".cm-tile").first).to_contain_text("Text")
    walk(page, ".cm-grid *")
    keyboard.press("r")
    keyboard.press("n")
    expect(board.locator(".cm-progress-text")).to_contain_text("50 of 60 done")


def test_a_key_is_in_no_source_address_store_or_request(visit: Visit, service: RunningService) -> None:
    page, key = visit.page, service.key
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url + (request.post_data or "")))
    visit.sign_in(key)
    visit.tab("dashboard")
    expect(page.locator(".cm-card")).to_have_count(4)
    stores = page.evaluate("() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])")
    for where in (page.content(), page.url, stores, "\n".join(addresses), visit.source, str(page.context.cookies())):
        assert key not in where
    assert page.locator('[data-role="key"]').input_value() == ""


def test_the_pages_source_shows_no_code_and_nothing_of_other_servers(first: Visit) -> None:
    assert "import cmtools" not in first.source
    assert "https://" not in first.source


def test_two_visitors_have_two_kernels_and_signing_in_is_one_s_own(
    first: Visit, visit: Visit, service: RunningService
) -> None:
    assert visit.kernel() != first.kernel()
    visit.sign_in(key_of(service, "auditor", "audra"))
    expect(visit.page.locator(".cm-who")).to_contain_text("audra")
    expect(first.page.locator(".cm-entry form")).to_be_visible()


def test_a_browser_cannot_run_code_in_its_kernel(first: Visit, tmp_path: Path) -> None:
    written = tmp_path / "written"
    first.page.evaluate(REFUSED_CODE, [first.kernel(), str(written)])
    assert not written.exists()


def test_page_says_what_it_may_reach(first: Visit) -> None:
    policy = first.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy


def test_other_addresses_serve_nothing(site: Site) -> None:
    for path in ("voila/files/portal.ipynb", "api/kernels", "api/contents", "voila/tree"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(site.url + path, timeout=60)
        refused.value.close()
        assert refused.value.code in (403, 404, 405)


def test_a_portal_in_a_notebook_shows_its_board(page: Page, lab: Lab, service: RunningService) -> None:
    lab.write("portal.ipynb", f"import cmtools as cm\nportal = cm.Portal(url={service.url!r})\nportal")
    notebook = NotebookPage(page, lab, "portal.ipynb").open()
    notebook.command("notebook:run-all-cells")
    expect(page.locator(".cm-entry form")).to_be_visible(timeout=PATIENCE)
    page.locator('[data-role="team"]').fill(service.team)
    page.locator('[data-role="key"]').fill(key_of(service, "reviewer", "lena"))
    page.locator('[data-action="sign-in"]').click()
    expect(page.locator(".cm-portal .cm-board")).to_be_visible()
