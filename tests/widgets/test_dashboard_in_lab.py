"""The dashboard in a real JupyterLab: a person looks around, Python knows what is shown, the notebook stays small."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.widgets.lab import PATIENCE, Lab, NotebookPage

DECISIONS = """
import io
import numpy as np
import pandas as pd
from PIL import Image
import cmtools as cm

chance = np.random.default_rng(1)
score = chance.random(2_000).round(2)
decisions = pd.DataFrame({
    "review_id": [f"{i:05d}" for i in range(2_000)],
    "content_id": [f"photo-{i}.jpg" for i in range(2_000)],
    "subteam": chance.choice(["night", "public"], 2_000),
    "tag": chance.choice(["a", "r"], 2_000),
    "auto": score > 0.5,
    "score": score,
    "human": chance.random(2_000) < score,
    "reviewer": chance.choice(list("abcdef"), 2_000),
})

def picture(number):
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (number % 200, 90, 120)).save(out, "JPEG")
    return out.getvalue()
"""
SHOW = """
dashboard = cm.AgreementDashboard(decisions, lambda ids: {key: picture(int(key)) for key in ids}, by="subteam")
dashboard
"""


@pytest.fixture
def notebook(page: Page, lab: Lab, request: pytest.FixtureRequest) -> NotebookPage:
    name = f"{request.node.name}.ipynb"
    lab.write(name, DECISIONS, SHOW, "print(repr(dashboard))", "dashboard.agreement.curve().chart()")
    return NotebookPage(page, lab, name).open()


def opened(notebook: NotebookPage) -> Locator:
    notebook.command("notebook:run-all-cells")
    dashboard = notebook.page.locator(".cm-dashboard")
    dashboard.locator(".cm-card").first.wait_for(timeout=PATIENCE)
    return dashboard


def run_cell(notebook: NotebookPage, index: int) -> None:
    notebook.page.evaluate(
        "(index) => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = index; }", index
    )
    notebook.command("notebook:run-cell")


def test_a_person_looks_around_and_the_next_cell_knows_it(notebook: NotebookPage) -> None:
    dashboard = opened(notebook)
    expect(dashboard.locator(".cm-shot img").first).to_be_visible()
    dashboard.get_by_role("button", name="r", exact=True).click()
    dashboard.locator('.cm-card[data-measure="recall"]').click()
    dashboard.locator('[data-role="by-score"]').check()
    dashboard.locator('.cm-slice[data-slice="night"]').click()
    expect(dashboard.locator(".cm-figures h3")).to_have_text("Tag r, subteam night")
    run_cell(notebook, 2)
    shown = "AgreementDashboard(tag='r', measure='recall', by='subteam', slice='night', threshold=0.5, 2,000 decisions)"
    expect(notebook.page.locator(".jp-OutputArea-output pre").filter(has_text=shown)).to_be_visible(timeout=PATIENCE)


def test_keys_pressed_in_the_dashboard_leave_the_notebook_alone(notebook: NotebookPage) -> None:
    dashboard = opened(notebook)
    cells = notebook.cell_count()
    dashboard.locator('.cm-slice[data-slice="All"]').focus()
    for key in ("b", "x", "d", "d", "ArrowDown", "Enter"):
        notebook.page.keyboard.press(key)
    expect(dashboard.locator('.cm-slice[data-slice="night"]')).to_have_attribute("aria-pressed", "true")
    assert notebook.cell_count() == cells


def test_a_saved_notebook_holds_no_decision_and_no_picture(notebook: NotebookPage) -> None:
    dashboard = opened(notebook)
    expect(dashboard.locator(".cm-shot img").first).to_be_visible()
    run_cell(notebook, 2)
    saved = notebook.save()
    cell = saved["cells"][1]
    assert len(str(cell["outputs"])) < 1_500
    assert "photo-1" not in str(cell["outputs"])


def test_charts_are_drawn_by_jupyterlab_itself(notebook: NotebookPage) -> None:
    opened(notebook)
    chart = notebook.page.locator(".jp-RenderedVegaCommon5 canvas, .jp-RenderedVegaCommon5 svg").first
    expect(chart).to_be_visible(timeout=PATIENCE)
