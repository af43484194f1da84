"""The create form in a real JupyterLab: files travel to the kernel, the next cell knows, the notebook stays small."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.widgets.fake_client import plain_picture
from tests.widgets.lab import PATIENCE, Lab, NotebookPage

SERVICE = """
import pandas as pd
import cmtools as cm

service = cm.serve()
client = cm.Client(service.url, key=service.key, team=service.team, reviewer="ana")
posts = pd.DataFrame({"text": ["Hi!", "Buy now"], "id": ["p1", "p2"], "r": [False, True]})
"""
FORM = """
form = cm.CreateReviews(client)
form
"""


@pytest.fixture
def notebook(page: Page, lab: Lab, request: pytest.FixtureRequest) -> NotebookPage:
    name = f"{request.node.name}.ipynb"
    lab.write(name, SERVICE, FORM, "print(repr(form), len(form.ids), client.counts().pending)")
    return NotebookPage(page, lab, name).open()


def opened(notebook: NotebookPage) -> Locator:
    notebook.command("notebook:run-all-cells")
    form = notebook.page.locator(".cm-create")
    form.wait_for(timeout=PATIENCE)
    expect(form.locator('.cm-tag[data-tag="r"]').first).to_be_visible(timeout=PATIENCE)
    return form


def run_cell(notebook: NotebookPage, index: int) -> None:
    notebook.page.evaluate(
        "(index) => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = index; }", index
    )
    notebook.command("notebook:run-cell")


def test_files_of_the_browser_become_reviews_and_the_next_cell_knows_it(notebook: NotebookPage) -> None:
    form = opened(notebook)
    pictures: list[FilePayload] = [
        {"name": f"photo-{number}.jpg", "mimeType": "image/jpeg", "buffer": plain_picture(number, 640) + bytes(300_000)}
        for number in range(12)
    ]
    form.locator('.cm-drop input[type="file"]').first.set_input_files(pictures)
    expect(form.locator(".cm-progress-text")).to_have_text("12 ready", timeout=PATIENCE)
    expect(form.locator(".cm-shot img").first).to_be_visible(timeout=PATIENCE)
    form.locator('[data-action="submit"]').click()
    expect(form.locator(".cm-progress-text")).to_have_text("12 created", timeout=PATIENCE)
    run_cell(notebook, 2)
    told = "reviewer='ana', 12 created) 12 12"
    expect(notebook.page.locator(".jp-OutputArea-output pre").filter(has_text=told)).to_be_visible(timeout=PATIENCE)
    saved = notebook.save()
    outputs = str(saved["cells"][1]["outputs"])
    assert "photo-1" not in outputs
    assert len(outputs) < 1_500


def test_a_table_of_the_notebook_is_taken_by_keys_alone(notebook: NotebookPage) -> None:
    form = opened(notebook)
    cells = notebook.cell_count()
    form.locator('[data-type="Text"]').focus()
    notebook.page.keyboard.press("Enter")
    expect(form.locator('[data-action="add-whole"]')).to_be_visible(timeout=PATIENCE)
    form.locator('[data-role="table"]').focus()
    notebook.page.keyboard.press("p")
    notebook.page.keyboard.press("Enter")
    second = form.locator('.cm-row[data-content-id="p2"]')
    expect(second).to_contain_text("r on", timeout=PATIENCE)
    form.locator('.cm-row[data-content-id="p1"]').focus()
    for key in ("b", "x", "d", "d", "ArrowDown", "Delete"):
        notebook.page.keyboard.press(key)
    expect(second).to_have_count(0, timeout=PATIENCE)
    form.locator('[data-action="submit"]').focus()
    notebook.page.keyboard.press("Enter")
    expect(form.locator(".cm-progress-text")).to_have_text("1 created", timeout=PATIENCE)
    assert notebook.cell_count() == cells
