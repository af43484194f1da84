"""The report of an audit in a browser: nothing grave for axe, no sideways scrolling, no request, nothing run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.tools import axe
from tests.tools.browser import ARGUMENTS, chromium

from .world import story

NASTY = "<img src=https://evil.example/x onerror=alert(1)>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A report with everything, and one with faults and hostile words."""
    folder, world = tmp_path_factory.mktemp("reports"), story(undecided=6)
    choices = {"tags": ["a", "r"], "by": ["subteam", "blind"], "notes": {"2026-11-02": "r from 0.6"}}
    audit = world.audit(choices=choices, drawn=world.drawn)
    found = {"full": audit.report(folder / "full.html", audit.verify(world.service(), progress=False))}
    hostile = pd.DataFrame(world.final).assign(subteam=NASTY * 3, content_id=NASTY)
    audit = world.audit(decisions=hostile, choices={**choices, "audience": NASTY * 5}, title=NASTY)
    found["hostile"] = audit.report(folder / "hostile.html", audit.verify(world.service(), progress=False))
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 380])
@pytest.mark.parametrize("name", ["full", "hostile"])
def test_report_reads_on_every_screen(
    browser: Browser, reports: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    dark = {"dark": "dark", "light": "light"}[scheme]
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=dark, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.goto(reports[name].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe.violations(page, "main") == []
    assert asked == [reports[name].as_uri()]
    assert page.locator("script, img").count() == 0
    context.close()
