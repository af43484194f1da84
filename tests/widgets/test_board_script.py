"""The board's JavaScript alone: the joined module on a blank page, with a model that only remembers and repeats."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cmtools.widgets.board import ReviewBoard
from tests.widgets.fake_client import plain_picture

HOST = "http://board.test/"
HTML = """<!doctype html><html lang="en"><title>board</title><link rel="icon" href="data:,">
<body style="margin: 0"><main></main></body></html>"""
MOUNT = """async () => {
  const { default: widget } = await import("/board.mjs");
  const handlers = new Set();
  window.sent = [];
  window.revoked = [];
  const revoke = URL.revokeObjectURL.bind(URL);
  URL.revokeObjectURL = (url) => { window.revoked.push(url); revoke(url); };
  const model = {
    send: (content) => window.sent.push(content),
    on: (_name, handler) => handlers.add(handler),
    off: (_name, handler) => handlers.delete(handler),
  };
  window.hear = (content, buffers = []) => {
    const views = buffers.map((text) => new DataView(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer));
    for (const handler of [...handlers]) handler(content, views);
  };
  window.handlers = handlers;
  const definition = await widget();
  window.closeModel = await definition.initialize({ model });
  window.closeView = await definition.render({ model, el: document.querySelector("main") });
}"""
PICTURE = base64.b64encode(plain_picture(1, 64)).decode()
STATE: dict[str, Any] = {
    "type": "state",
    "phase": "reviewing",
    "serial": 1,
    "busy": "",
    "notice": None,
    "kind": "Image",
    "count": 20,
    "taking": 0,
    "blind": False,
    "order": "oldest",
    "held": [],
    "care": {
        "blur": True,
        "grey": True,
        "page": "",
        "seq": 0,
        "reveals": 0,
        "seconds": 0,
        "most": None,
        "heard": {},
        "rest": 0,
    },
    "reviewer": "ana",
    "team": "demo",
    "subteam": "",
    "subteams": ["public"],
    "tags": [
        {"code": "a", "name": "isadult", "description": "Explicit"},
        {"code": "r", "name": "isracy", "description": ""},
    ],
    "queue": {"waiting": 44, "kept": 0, "elsewhere": 0, "done": 0, "total": 64},
    "mine": 0,
    "undo": {"left": 0, "window": 0, "count": 0},
    "offer": {"count": 0, "text": "0 pictures", "switched": 0},
    "lost": [],
    "unsaved": [],
    "beat": 60,
}


def rows(count: int, first: int = 0) -> list[dict[str, Any]]:
    return [
        {"id": f"id{number}", "name": f"photo {number}", "subteam": "public", "auto": {"a": False}, "on": []}
        for number in range(first, first + count)
    ]


class Script:
    """The script on its page: what it sent, and what it is told."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.route(f"{HOST}*", lambda route: route.fulfill(body=HTML, content_type="text/html"))
        module = ReviewBoard._esm
        page.route(f"{HOST}board.mjs", lambda route: route.fulfill(body=module, content_type="text/javascript"))
        page.goto(HOST)
        page.evaluate(MOUNT)

    def hear(self, message: dict[str, Any], *buffers: str) -> None:
        self.page.evaluate("([message, buffers]) => window.hear(message, buffers)", [message, list(buffers)])

    def show(self, count: int = 3, **changes: Any) -> None:
        """Tell it of a screen and its state."""
        items = changes.pop("items", rows(count))
        serial = changes.get("serial", 1)
        self.hear({"type": "screen", "serial": serial, "start": 0, "total": len(items), "items": items})
        self.hear({**STATE, **changes})

    def sent(self, type: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate("() => window.sent")
        return [message for message in found if message["type"] == type]

    def chip(self, number: int, tag: str) -> Any:
        return self.page.locator(f'.cm-tile[data-index="{number}"] [data-tag="{tag}"]')


@pytest.fixture
def script(page: Page) -> Script:
    return Script(page)


def test_it_asks_for_its_state_and_shows_a_place_for_the_tiles_meanwhile(script: Script) -> None:
    assert [message["type"] for message in script.sent("ready")] == ["ready"]
    expect(script.page.locator(".cm-skeleton")).to_be_visible()
    expect(script.page.locator('[data-action="next"]')).to_be_disabled()


@pytest.mark.usefixtures("page_clock")
def test_a_kernel_that_never_answers_is_said(page: Page) -> None:
    Script(page)
    page.clock.run_for(8000)
    expect(page.locator(".cm-panel")).to_contain_text("The kernel does not answer.")


def test_the_hooks_that_tests_use_are_there(script: Script) -> None:
    script.show()
    for selector in (
        ".cm-board",
        ".cm-grid",
        '.cm-tile[data-review-id="id0"]',
        'button.cm-tag[data-tag="a"][aria-pressed="false"]',
        '[data-action="next"]',
        '[data-action="prev"]',
        'input[data-role="count"]',
        '[data-filter="all"]',
        '[data-filter="tagged"]',
        '[data-filter="untagged"]',
    ):
        expect(script.page.locator(selector).first).to_be_visible()


def test_an_old_answer_does_not_undo_a_newer_click(script: Script) -> None:
    script.show()
    chip = script.chip(0, "a")
    chip.click()
    chip.click()
    chip.click()
    first, _, last = script.sent("toggle")
    assert [first["on"], last["on"]] == [True, True]
    script.hear({**first, "type": "toggled", "on": False})
    expect(chip).to_have_attribute("aria-pressed", "true")
    script.hear({**last, "type": "toggled"})
    expect(chip).to_have_attribute("aria-pressed", "true")


def test_a_state_that_was_sent_before_a_click_does_not_undo_it(script: Script) -> None:
    script.show()
    script.chip(0, "a").click()
    script.show()
    expect(script.chip(0, "a")).to_have_attribute("aria-pressed", "true")


def test_a_click_that_python_refuses_is_painted_back(script: Script) -> None:
    script.show()
    script.chip(0, "a").click()
    (sent,) = script.sent("toggle")
    script.hear({**sent, "type": "toggled", "on": False})
    expect(script.chip(0, "a")).to_have_attribute("aria-pressed", "false")


def test_a_toggle_on_another_page_is_painted(script: Script) -> None:
    script.show()
    script.hear({"type": "toggled", "id": "id1", "tag": "r", "on": True, "page": "other", "seq": 1})
    expect(script.chip(1, "r")).to_have_attribute("aria-pressed", "true")


def test_a_toggle_is_painted_within_a_frame_or_two(script: Script) -> None:
    script.show(50)
    painted = script.page.evaluate(
        """async () => {
          const chip = document.querySelector('.cm-tile [data-tag="a"]');
          const start = performance.now();
          chip.click();
          const switched = chip.getAttribute("aria-pressed");
          const took = performance.now() - start;
          return [switched, took];
        }"""
    )
    assert painted[0] == "true"
    assert painted[1] < 100


def test_while_a_step_is_under_way_nothing_else_is_asked(script: Script) -> None:
    script.show()
    script.page.locator('[data-action="next"]').click()
    expect(script.page.locator('[data-action="next"]')).to_be_disabled()
    script.page.locator('[data-action="next"]').click(force=True)
    script.chip(0, "a").click(force=True)
    (step,) = script.sent("next")
    assert (step["serial"], script.sent("toggle")) == (1, [])
    script.hear({"type": "done", "page": step["page"], "n": step["n"]})
    expect(script.page.locator('[data-action="next"]')).to_be_enabled()


def test_a_key_pressed_just_before_a_step_is_over_is_not_lost(script: Script) -> None:
    script.show()
    script.page.locator(".cm-tile").first.focus()
    script.page.keyboard.press("n")
    script.show(items=rows(3, first=10), serial=2)  # the next screen is there, the word that the step is over is not
    script.page.keyboard.press("n")
    assert len(script.sent("next")) == 1
    script.hear({"type": "done", "page": script.sent("next")[0]["page"], "n": script.sent("next")[0]["n"]})
    assert [message["serial"] for message in script.sent("next")] == [1, 2]


def test_a_key_pressed_twice_does_not_submit_a_screen_unseen(script: Script) -> None:
    script.show()
    script.page.locator(".cm-tile").first.focus()
    script.page.keyboard.press("n")
    script.page.keyboard.press("n")
    script.show(items=rows(3, first=10), serial=2)
    script.hear({"type": "done", "page": script.sent("next")[0]["page"], "n": script.sent("next")[0]["n"]})
    assert [message["serial"] for message in script.sent("next")] == [1]


def test_a_screen_that_comes_in_parts_is_one_screen(script: Script) -> None:
    items = rows(450)
    script.hear({"type": "screen", "serial": 1, "start": 0, "total": 450, "items": items[:200]})
    script.hear({**STATE, "count": 450})
    script.page.locator(".cm-grid").evaluate("(grid) => { grid.scrollTop = 200; }")
    script.hear({"type": "screen", "serial": 1, "start": 200, "total": 450, "items": items[200:]})
    expect(script.page.locator('[data-filter="all"]')).to_have_text("All450")
    assert script.page.locator(".cm-grid").evaluate("(grid) => grid.scrollTop") == 200
    script.page.locator(".cm-grid").evaluate("(grid) => { grid.scrollTop = grid.scrollHeight; }")
    expect(script.page.locator('[data-review-id="id449"]')).to_be_visible()


def test_a_part_of_a_screen_that_is_gone_is_left_out(script: Script) -> None:
    script.show(3, serial=2)
    script.hear({"type": "screen", "serial": 1, "start": 200, "total": 450, "items": rows(10, first=200)})
    expect(script.page.locator('[data-filter="all"]')).to_have_text("All3")


def test_pictures_near_the_view_are_asked_for_first_and_in_batches(script: Script) -> None:
    script.show(100)
    expect(script.page.locator(".cm-tile").first).to_be_visible()
    asked = [message["ids"] for message in script.sent("thumbs")]
    assert asked[0][0] == "id0"
    assert all(len(ids) <= 48 for ids in asked)
    assert all(message["veiled"] for message in script.sent("thumbs"))
    script.page.locator('[data-action="blur"]').click()
    clear = [message for message in script.sent("thumbs") if not message.get("veiled")]
    assert clear[0]["ids"][0] == "id0"
    assert all(len(message["ids"]) <= 12 for message in clear)
    assert sum(len(message["ids"]) for message in clear) <= 24


def test_addresses_of_old_pictures_are_revoked(script: Script) -> None:
    script.show(500)
    script.page.evaluate("window.revoked.length = 0")
    for start in range(0, 500, 50):
        ids = [f"id{number}" for number in range(start, start + 50)]
        script.hear({"type": "thumbs", "ids": ids, "none": []}, *[PICTURE] * 50)
    revoked = script.page.evaluate("window.revoked.length")
    assert 50 <= revoked <= 150
    script.page.evaluate("() => { window.closeView(); window.closeModel(); }")
    assert script.page.evaluate("window.revoked.length") == 500
    assert script.page.evaluate("window.handlers.size") == 0
    expect(script.page.locator(".cm-board")).to_have_count(0)


def test_a_name_or_a_notice_is_never_read_as_html(script: Script) -> None:
    items = [{**rows(1)[0], "name": "<img src=x onerror=alert(1)>"}]
    notice = {"kind": "error", "text": "<b>no</b>", "action": ""}
    tags = [{"code": "a", "name": "<i>x</i>", "description": ""}]
    script.show(items=items, notice=notice, tags=tags)
    expect(script.page.locator(".cm-name")).to_have_text("<img src=x onerror=alert(1)>")
    expect(script.page.locator(".cm-notice-text")).to_have_text("<b>no</b>")
    expect(script.page.locator(".cm-tag-name")).to_have_text("<i>x</i>")


def test_each_tag_gets_its_first_free_letter(script: Script) -> None:
    names = [("a", "isadult"), ("n", "nudity"), ("sc", "isscreenshot"), ("s", "spam"), ("x_1", "other"), ("aa", "aaa")]
    script.show(tags=[{"code": code, "name": name, "description": ""} for code, name in names])
    keys = script.page.locator('.cm-tile[data-index="0"] .cm-tag kbd')
    expect(keys).to_have_text(["a", "d", "s", "1", "x", "2"])


def test_tiles_have_their_height_before_the_pictures_come(script: Script) -> None:
    script.show(12)
    before = script.page.locator(".cm-tile").nth(4).bounding_box()
    ids = [f"id{number}" for number in range(12)]
    script.hear({"type": "thumbs", "ids": ids, "none": [], "veiled": True}, *[PICTURE] * 12)
    expect(script.page.locator("img.cm-loaded")).to_have_count(12)
    script.chip(0, "a").click()
    assert script.page.locator(".cm-tile").nth(4).bounding_box() == before


def test_the_board_does_not_shrink_when_a_screen_is_smaller(script: Script) -> None:
    script.show(20)
    expect(script.page.locator(".cm-tile").first).to_be_visible()
    before = script.page.locator(".cm-board").bounding_box()
    script.page.locator('[data-filter="tagged"]').click()
    script.show(0, serial=2, phase="finished", mine=20)
    expect(script.page.locator(".cm-panel")).to_contain_text("All reviewed")
    assert script.page.locator(".cm-board").bounding_box() == before


def test_it_is_narrow_without_scrolling_sideways(script: Script) -> None:
    script.page.set_viewport_size({"width": 420, "height": 768})
    script.show(20, undo={"left": 5, "window": 5, "count": 20})
    expect(script.page.locator(".cm-tile").first).to_be_visible()
    overflow = "(element) => element.scrollWidth - element.clientWidth"
    assert script.page.locator(".cm-board").evaluate(overflow) <= 0
    assert script.page.locator(".cm-grid").evaluate(overflow) <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_jupyterlab_it_follows_the_readers_light_or_dark(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    Script(page).show()
    colour = page.locator(".cm-board").evaluate("(board) => getComputedStyle(board).backgroundColor")
    assert colour == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(17, 17, 17)")


def test_less_motion_is_honoured(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    script = Script(page)
    script.show(undo={"left": 5, "window": 5, "count": 3})
    expect(page.locator(".cm-seconds")).to_have_text("5")
    expect(page.locator(".cm-ring")).to_be_hidden()
