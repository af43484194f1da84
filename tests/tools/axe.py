"""Finds what axe-core has against a page: its serious and critical violations. It judges nothing itself."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from . import node

VERSION = "4.14.1"
HOME = Path(sys.prefix) / "axe-core"
"""In the virtual environment, so that deleting that deletes everything."""
SCRIPT = HOME / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")

RUN = """async ([selector]) => {
  const found = await window.axe.run(selector, { resultTypes: ["violations"] });
  return found.violations.map(({ id, impact, help, nodes }) =>
    ({ id, impact, help, nodes: nodes.map(({ html, failureSummary }) => `${html}\\n${failureSummary}`) }));
}"""


def install_axe() -> None:
    """Put the pinned axe-core into the virtual environment, unless it is there."""
    manifest = HOME / "node_modules" / "axe-core" / "package.json"
    if manifest.exists() and f'"version": "{VERSION}"' in manifest.read_text(encoding="utf-8"):
        return
    HOME.mkdir(exist_ok=True)
    quiet = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--loglevel=error"]
    subprocess.run([*node.npm(), "install", *quiet, "--prefix", str(HOME), f"axe-core@{VERSION}"], check=True)


@cache
def script() -> str:
    """The checker, as a script for a page."""
    install_axe()
    return SCRIPT.read_text(encoding="utf-8")


def violations(page: Page, selector: str) -> list[str]:
    """What is gravely wrong with a part of the page, each in a few lines; empty when nothing is."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(script())
    found = page.evaluate(RUN, [selector])
    return [
        f"{one['impact']} {one['id']}: {one['help']}\n" + "\n".join(one["nodes"][:3])
        for one in found
        if one["impact"] in GRAVE
    ]
