"""What the tests of widgets share: a service in memory, and one browser and one JupyterLab for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from cmtools.widgets.board import ReviewBoard
from cmtools.widgets.board_state import BoardState
from tests.tools.browser import ARGUMENTS, chromium
from tests.widgets.bridge import Bridge
from tests.widgets.fake_client import FakeClient, FakeService
from tests.widgets.lab import Lab, running_lab

expect.set_options(timeout=15_000)

LAPTOP = {"width": 1366, "height": 768}


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


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page of a laptop's size. An error in its scripts fails the test."""
    faults: list[str] = []
    context = browser.new_context(viewport=LAPTOP)
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    context.close()
    assert faults == []


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
