"""Finds the Chromium that browser tests drive. It starts no browser and installs nothing."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",  # its sandbox refuses root and most containers; the pages are our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
"""What to start it with so that it works in a container and calls nobody."""


@cache
def find_chromium() -> Path | None:
    """The one named in CMTOOLS_CHROMIUM, else one on the PATH, else the one that Playwright downloaded, else None."""
    named = os.environ.get("CMTOOLS_CHROMIUM")
    if named:
        found = shutil.which(named)
        if found is None:
            raise FileNotFoundError(f"CMTOOLS_CHROMIUM names {named!r}, which is no program")
        return Path(found)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    return find_downloaded()


def find_downloaded() -> Path | None:
    """The browser that `playwright install chromium` fetched, if it did."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def chromium() -> str:
    """The browser's path, for ``playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)``."""
    path = find_chromium()
    if path is None:
        raise FileNotFoundError("no Chromium: run `make test` once, or name one in CMTOOLS_CHROMIUM")
    return str(path)
