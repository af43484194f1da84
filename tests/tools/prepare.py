"""`python -m tests.tools.prepare` sees to it that the tests find a browser and TypeScript; `make test` starts it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from . import browser, node


def prepare_chromium() -> None:
    """Debian's package where we may install one, else Playwright's own download."""
    if browser.find_chromium():
        return
    print("Installing Chromium for the browser tests ...", flush=True)
    if os.geteuid() == 0 and shutil.which("apt-get") and install_from_debian():
        return
    outcome = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if outcome.returncode:
        sys.exit("No Chromium could be had. Type: sudo apt install chromium, or name one in CMTOOLS_CHROMIUM")


def install_from_debian() -> bool:
    """Whether Debian's Chromium is there afterwards; Ubuntu has only a stand-in for a snap, which is no use here."""
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL, "check": False}
    subprocess.run(["apt-get", "update", "-qq"], **quiet)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], **quiet)
    browser.find_chromium.cache_clear()
    return browser.find_chromium() is not None


def check_chromium() -> None:
    """Stop with one line where the browser lacks a library of the system's."""
    outcome = subprocess.run([browser.chromium(), "--version"], capture_output=True, text=True, check=False)
    if outcome.returncode:
        advice = f"sudo {sys.executable} -m playwright install-deps chromium"
        sys.exit(f"{browser.chromium()} does not start: {outcome.stderr.strip()[:300]}\nType: {advice}")


if __name__ == "__main__":
    prepare_chromium()
    check_chromium()
    node.install_typescript()
