"""What the tests of widgets share: a service in memory, and one browser and one JupyterLab for all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Error, Page, ViewportSize, expect, sync_playwright

from cmtools.widgets.board import ReviewBoard
from cmtools.widgets.board_state import BoardState
from tests.tools.browser import ARGUMENTS, chromium
from tests.widgets.bridge import Bridge
from tests.widgets.fake_client import FakeClient, FakeService
from tests.widgets.lab import Lab, running_lab

expect.set_options(timeout=15_000)

LAPTOP: ViewportSize = {"width": 1366, "height": 768}

OWN = frozenset({"page_clock", "site"})
"""A test with one of these has a page of its own: what they leave on a page stays there."""


@pytest.fixture
def fake() -> FakeService:
    """A service in memory with 64 pictures that wait."""
    service = FakeService()
    service.fill(64)
    return service


@pytest.fixture
def ana(fake: FakeService) -> FakeClient:
    """A reviewer of it."""
    return FakeClient(fake, "ana")


@pytest.fixture
def state(ana: FakeClient) -> BoardState:
    """Her board's state with 20 reviews, on the service's own clock."""
    return open_state(ana, count=20)


def open_state(client: FakeClient, **options: object) -> BoardState:
    """A started state on the clock of the client's service."""
    made = BoardState(client, monotonic=client.service.clock.monotonic, **options)  # type: ignore[arg-type]
    made.start()
    return made


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of widgets; it ends with them, for its event loop would be in the way of others."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield started
        started.close()


class Tab:
    """A page of a laptop's size for one test after the other: to open one costs the browser more than most tests do."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._page: Page | None = None

    def page(self) -> Page:
        """The page, opened if need be."""
        if self._page is None:
            self._page = self._browser.new_context(viewport=LAPTOP).new_page()
        return self._page

    def clear(self) -> None:
        """Make the page as new."""
        page = self.page()
        page.goto("about:blank")
        page.unroute_all()
        page.context.clear_permissions()
        page.emulate_media(color_scheme="null", reduced_motion="null")
        page.set_viewport_size(LAPTOP)
        page.mouse.move(0, 0)

    def close(self) -> None:
        """Let the page go; the next test has a new one."""
        if self._page is not None:
            self._page.context.close()
            self._page = None


@pytest.fixture(scope="package")
def tab(browser: Browser) -> Iterator[Tab]:
    """The page that tests have one after the other."""
    made = Tab(browser)
    yield made
    made.close()


@pytest.fixture
def page(tab: Tab, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty page. An error in its scripts fails the test."""
    own = OWN.intersection(request.fixturenames)
    used = Tab(browser) if own else tab
    faults: list[str] = []

    def note(error: Error) -> None:
        faults.append(str(error))

    opened, failed = used.page(), request.session.testsfailed
    opened.on("pageerror", note)
    yield opened
    opened.remove_listener("pageerror", note)
    if own or request.session.testsfailed > failed:
        used.close()  # a test that failed may have left keys and buttons held down
    else:
        used.clear()
    assert faults == []


@pytest.fixture
def page_clock(page: Page) -> None:
    """From now on the test moves the page's clock on, which runs by itself too."""
    page.clock.install()


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Let messages of the page come in until something holds: what is painted at once is done a moment later."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        page.wait_for_timeout(10)


Show = Callable[..., Bridge]
"""Puts a board on the page without Jupyter: ``show(board, query="views=2")``."""


@pytest.fixture
def show(page: Page) -> Iterator[Show]:
    """Shows a board on the page; what is served for it ends with the test."""
    with ExitStack() as stack:

        def open_board(board: ReviewBoard, query: str = "") -> Bridge:
            bridge = stack.enter_context(Bridge(board))
            page.goto(f"{bridge.url}?{query}")
            page.wait_for_function("window.mounted")
            expect(page.locator(".cm-progress-text").first).not_to_contain_text("Waiting")
            return bridge

        yield open_board
        page.goto("about:blank")  # the page lets go before its server does


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One JupyterLab for all tests of widgets."""
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running
