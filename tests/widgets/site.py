"""Pages of the tests' own: the commands, as an operator runs them, and what a test does with the portal's page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.tools.ports import free_port

PATIENCE = 90_000
"""Milliseconds that a slow machine may take until a visitor's kernel runs."""
BASE = "/reviews/portal/"


@dataclass(frozen=True)
class Site:
    """A running page: its address, without a token, and the token where it has one."""

    url: str
    token: str = ""


@contextmanager
def running_site(service: str, team: str, home: Path, *more: str) -> Iterator[Site]:
    """Run ``cmtools portal`` for a service until the end, behind a path as a proxy would have it."""
    command = ["portal", "--service", service, "--team", team, *more]
    with _running(command, home, {"CMTOOLS_KEY": "an operator's own key"}) as (site, first):
        assert first.startswith("Portal:"), first
        yield site


@contextmanager
def running_dashboard(home: Path, environment: Mapping[str, str], *more: str) -> Iterator[Site]:
    """Run ``cmtools dashboard`` until the end, likewise."""
    with _running(["dashboard", *more], home, environment) as (site, first):
        assert first.startswith(f"Dashboard:  {site.url}?token="), first
        yield Site(site.url, first.strip().partition("?token=")[2])


@contextmanager
def _running(command: list[str], home: Path, given: Mapping[str, str]) -> Iterator[tuple[Site, str]]:
    """Run a command that serves a page; where, and the first line that it prints, or its log where there is none."""
    port = free_port()
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "IPYTHON", "CMTOOLS_"))}
    own = {"JUPYTER_CONFIG_DIR": str(home / "config"), "IPYTHONDIR": str(home / "ipython"), "PYTHONUNBUFFERED": "1"}
    with (home / "page.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "cmtools", *command, "--port", str(port), "--base-url", BASE],
            env={**kept, **own, **given},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        try:
            first = process.stdout.readline()  # it waits until the page is served, or the command has ended
            yield Site(f"http://127.0.0.1:{port}{BASE}"), first or (home / "page.log").read_text(encoding="utf-8")
        finally:
            process.terminate()
            process.communicate(timeout=60)


class Visit:
    """A page of the portal; `source` and `headers` are what the server sent for it."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.site = page, site
        self.source = ""
        self.headers: dict[str, str] = {}

    def open(self) -> Visit:
        """Go to the portal and wait until it asks for a key."""
        answer = self.page.goto(self.site.url)
        assert answer is not None
        self.source, self.headers = answer.text(), answer.headers
        expect(self.page.locator(".cm-entry form")).to_be_visible(timeout=PATIENCE)
        return self

    def sign_in(self, key: str) -> Visit:
        """Type the key and go."""
        self.page.locator('[data-role="key"]').fill(key)
        self.page.locator('[data-action="sign-in"]').click()
        expect(self.page.locator('[role="tablist"]')).to_be_visible(timeout=PATIENCE)
        return self

    def tab(self, name: str) -> Locator:
        """Open a tab; its panel."""
        self.page.locator(f'[data-tab="{name}"]').click()
        panel = self.page.locator(f".cm-panel-{name}")
        expect(panel).to_be_visible()
        return panel

    def section(self, name: str) -> Locator:
        """Open a section of the settings."""
        self.page.locator(f'[data-section="{name}"]').click()
        return self.page.locator(".cm-section > section:visible")

    def kernel(self) -> str:
        """The id of the visitor's kernel, as the page's source has it."""
        found = re.search(r'"kernelId": "([0-9a-f-]+)"', self.source)
        assert found is not None
        return found[1]
