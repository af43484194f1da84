"""`python -m tests.tools.prepare` gets what tests need of the machine, if it is not there; `make test` starts it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from . import axe, browser, node


def works(*command: str) -> bool:
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def playwright(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "playwright", *arguments)


def install_from_debian(*packages: str) -> bool:
    """Whether these packages could be installed; only root can, where there is apt."""
    if os.geteuid() or not shutil.which("apt-get"):
        return False
    print(f"Installing {' '.join(packages)} for the browser tests ...", flush=True)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    return works("apt-get", "update", "-qq") and works(
        "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages
    )


def prepare_playwright() -> None:
    """Playwright's own Node.js, which needs a library that a bare Debian does not have."""
    if not works(*playwright("--version")):
        install_from_debian("libatomic1")
    if not works(*playwright("--version")):
        sys.exit("Playwright, which drives the browser in tests, does not start. Type: sudo apt install libatomic1")


def prepare_chromium() -> None:
    """An installed one, else Debian's package, else Playwright's download, as on Ubuntu, whose package is a snap."""
    if not browser.find_chromium():
        install_from_debian("chromium", "fonts-dejavu-core")
        browser.find_chromium.cache_clear()
    if not browser.find_chromium():
        subprocess.run(playwright("install", "chromium"), check=False)
        browser.find_chromium.cache_clear()
    if not browser.find_chromium():
        sys.exit("No Chromium could be had. Type: sudo apt install chromium, or name one in CMTOOLS_CHROMIUM")
    if not works(browser.chromium(), "--version"):
        sys.exit(f"{browser.chromium()} does not start. Type: sudo {' '.join(playwright('install-deps', 'chromium'))}")


if __name__ == "__main__":
    prepare_playwright()
    prepare_chromium()
    node.install_typescript()
    node.install_javascript_sdk()
    axe.install_axe()
