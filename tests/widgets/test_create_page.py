"""The create form on a page: its real Python side and its real JavaScript on a real service, without Jupyter."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from cmtools.client.client import Client
from cmtools.client.creation import LOT_DRAFTS
from cmtools.errors import Unreachable
from cmtools.model import Draft
from cmtools.testing import RunningService, running_service
from cmtools.widgets.create import CreateReviews
from tests.tools import axe
from tests.widgets.bridge import Bridge
from tests.widgets.fake_client import plain_picture

Open = Callable[..., Bridge]

DROP = """([names, base64]) => {
  const data = new DataTransfer();
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  for (const name of names) data.items.add(new File([bytes], name, { type: "image/jpeg" }));
  const over = new DragEvent("dragover", { dataTransfer: data, bubbles: true, cancelable: true });
  const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
  const zone = document.querySelector(".cm-drop");
  zone.dispatchEvent(over);
  zone.dispatchEvent(drop);
  return over.defaultPrevented && drop.defaultPrevented;
}"""


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    with running_service() as running:
        yield running


@pytest.fixture
def client(service: RunningService, request: pytest.FixtureRequest) -> Client:
    """A client of a team of the test's own."""
    team = request.node.name.replace("_", "-").partition("[")[0][:60]
    made = service.client("ana", team=team, key=service.add_team(team))
    made.add_subteam("night")
    return made


@pytest.fixture
def put(page: Page) -> Iterator[Open]:
    """Puts a form on the page; what is served for it ends with the test."""
    with ExitStack() as stack:

        def open_form(form: CreateReviews, query: str = "") -> Bridge:
            stack.callback(form.close)
            bridge = stack.enter_context(Bridge(form))
            page.goto(f"{bridge.url}?{query}")
            page.wait_for_function("window.mounted")
            expect(page.locator(".cm-progress-text").first).not_to_contain_text("Waiting")
            return bridge

        yield open_form
        page.goto("about:blank")  # the page lets go before its server does


def files(*names: str) -> list[FilePayload]:
    return [
        {"name": name, "mimeType": "image/jpeg", "buffer": plain_picture(number, 320)}
        for number, name in enumerate(names, start=1)
    ]


def choose(page: Page, *given: FilePayload) -> None:
    page.locator('.cm-drop input[type="file"]').first.set_input_files(list(given))


def row(page: Page, content_id: str) -> Locator:
    return page.locator(f'.cm-row[data-content-id="{content_id}"]')


def action(page: Page, name: str) -> Locator:
    return page.locator(f'[data-action="{name}"]')


def add(page: Page, text: str) -> None:
    page.locator('[data-role="lines"]').fill(text)
    action(page, "add").click()


def shown_body(page: Page) -> Any:
    return json.loads(page.locator(".cm-code").inner_text())


# Stories --------------------------------------------------------------------------------------------------------------


def test_a_person_drops_pictures_tags_one_and_creates_them(page: Page, put: Open, client: Client) -> None:
    form = CreateReviews(client)
    put(form)
    picture = base64.b64encode(plain_picture(1, 320)).decode()
    assert page.evaluate(DROP, [["cat.jpg", "dog.jpg"], picture])
    expect(row(page, "dog.jpg").locator("img")).to_be_visible()
    page.locator('[data-role="subteam"]').select_option("night")
    row(page, "dog.jpg").click()
    expect(page.locator(".cm-preview img")).to_be_visible()
    page.locator('.cm-one .cm-tag[data-tag="r"]').click()
    expect(row(page, "dog.jpg").locator(".cm-chip")).to_contain_text("r on")
    page.locator('.cm-controls .cm-tag[data-tag="a"]').click()
    expect(row(page, "cat.jpg").locator(".cm-chip")).to_contain_text("a on")
    action(page, "submit").click()
    expect(page.locator(".cm-progress-text")).to_have_text("2 created")
    expect(row(page, "cat.jpg")).to_contain_text(form.ids[0])
    reviews = list(client.reviews(ids=form.ids))
    assert [review.auto_tags for review in reviews] == [{"a": True}, {"a": True, "r": True}]
    assert {review.subteam for review in reviews} == {"night"}


def test_the_same_by_keyboard_alone(page: Page, put: Open, client: Client) -> None:
    form = CreateReviews(client, type="Text")
    put(form)
    page.keyboard.press("Tab")
    for _ in range(40):
        if page.evaluate("document.activeElement.dataset.role") == "lines":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("Lovely weather")
    page.keyboard.press("Enter")
    page.keyboard.type("Buy now")
    page.keyboard.press("Control+Enter")
    expect(row(page, "text-0002")).to_be_visible()
    for _ in range(40):
        if page.evaluate("document.activeElement.classList.contains('cm-row')"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(row(page, "text-0002")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row(page, "text-0002")).to_have_attribute("aria-selected", "true")
    for _ in range(40):
        if page.evaluate("document.activeElement.matches('.cm-one [data-tag=r]')"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator('.cm-one .cm-tag[data-tag="r"]')).to_have_attribute("aria-pressed", "true")
    for _ in range(40):
        if page.evaluate("document.activeElement.dataset.action") == "submit":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".cm-progress-text")).to_have_text("2 created")
    assert client.get_review(form.ids[1]).auto_tags == {"r": True}


# What comes in --------------------------------------------------------------------------------------------------------


def test_a_file_that_is_no_picture_is_refused_with_the_reason_and_the_others_go_on(
    page: Page, put: Open, client: Client
) -> None:
    form = CreateReviews(client)
    put(form)
    choose(page, *files("cat.jpg"), {"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"hello"})
    expect(row(page, "notes.jpg")).to_contain_text("it is not a picture")
    expect(action(page, "submit")).to_have_text("Create 1 review")
    page.locator('[data-filter="problems"]').click()
    expect(page.locator(".cm-row")).to_have_count(1)
    row(page, "notes.jpg").locator('[data-action="remove"]').click()
    expect(page.locator(".cm-empty")).to_be_visible()
    assert form.results["error"].isna().all()


def test_a_large_file_travels_in_pieces(page: Page, put: Open, client: Client) -> None:
    form = CreateReviews(client)
    put(form)
    data = plain_picture(1, 320) + bytes(3_500_000)
    choose(page, {"name": "large.jpg", "mimeType": "image/jpeg", "buffer": data})
    expect(row(page, "large.jpg")).to_contain_text("Ready")
    assert form.drafts[0].path is not None
    assert form.drafts[0].path.read_bytes() == data
    sizes = page.evaluate("window.sent.filter(({type}) => type === 'chunk').map(({parts}) => parts[0].offset)")
    assert sizes == [0, 1_000_000, 2_000_000, 3_000_000]


@pytest.mark.usefixtures("page_clock")
def test_an_answer_that_is_lost_is_asked_for_again(page: Page, put: Open, client: Client) -> None:
    form = CreateReviews(client)
    bridge = put(form)
    bridge.drop = "got"
    choose(page, *files("cat.jpg", "dog.jpg"))
    page.wait_for_function("window.sent.some(({type}) => type === 'chunk')")
    page.evaluate("window.last")
    form.wait()
    bridge.drop = ""
    page.clock.run_for(11_000)
    expect(row(page, "dog.jpg")).to_contain_text("Ready")
    expect(page.locator(".cm-progress-text")).to_have_text("2 ready")


def test_a_request_body_that_cannot_be_read_stays_in_the_field_with_the_reason(
    page: Page, put: Open, client: Client
) -> None:
    put(CreateReviews(client))
    add(page, '[{"Type": "Text", "Content": "Hi!", "ContentId": "1"}')
    expect(page.locator(".cm-intake .cm-why")).to_contain_text("cannot be read as JSON")
    assert "ContentId" in page.locator('[data-role="lines"]').input_value()
    add(page, '[{"Type": "Text", "Content": "Hi!", "ContentId": "1"}]')
    expect(row(page, "1")).to_contain_text("Ready")
    expect(page.locator(".cm-intake .cm-why")).to_be_hidden()
    expect(page.locator('[data-role="lines"]')).to_have_value("")


def test_bad_lines_are_listed_as_problems_and_the_good_ones_are_created(page: Page, put: Open, client: Client) -> None:
    form = CreateReviews(client)
    put(form)
    add(page, "https://x.org/1.jpg\n\nnonsense\nhttps://x.org/2.jpg")
    expect(page.locator('[data-role="lines"]')).to_have_value("")
    expect(page.locator('[data-filter="problems"]')).to_have_text("Problems 1")
    action(page, "submit").click()
    expect(page.locator(".cm-progress-text")).to_have_text("2 created")
    expect(action(page, "problems")).to_contain_text("1 left out: line 3: 'nonsense' is no address")
    action(page, "problems").click()
    expect(page.locator(".cm-row[data-content-id]")).to_have_count(1)
    row(page, "nonsense").click()
    expect(page.locator(".cm-one .cm-why")).to_contain_text("Correct it here, or remove it.")
    page.locator('[data-role="content"]').fill("https://x.org/3.jpg")
    expect(page.locator(".cm-one .cm-why")).to_be_hidden()
    expect(action(page, "problems")).to_be_hidden()
    action(page, "submit").click()
    expect(page.locator(".cm-progress-text")).to_have_text("3 created")
    assert client.counts().pending == 3


def test_text_of_others_is_shown_as_text(page: Page, put: Open, client: Client) -> None:
    nasty = "<img src=x onerror='window.owned = 1'><b>bold</b>"
    form = CreateReviews(client, type="Text")
    form.add_drafts([Draft(nasty, nasty, "Text", ((nasty, nasty),))])
    put(form)
    page.locator(".cm-row").click()
    expect(page.locator('[data-role="content"]')).to_have_value(nasty)
    expect(page.locator(".cm-pairs dt")).to_have_text(nasty)
    assert page.evaluate("window.owned") is None
    assert page.locator(".cm-create b").count() == 0


# What will be sent ----------------------------------------------------------------------------------------------------


def test_what_will_be_sent_follows_every_change(page: Page, put: Open, client: Client) -> None:
    form = CreateReviews(client)
    put(form)
    add(page, "https://x.org/1.jpg\nhttps://x.org/2.jpg")
    expect(page.locator(".cm-code")).to_contain_text("2.jpg")
    page.locator('[data-role="callback"]').fill("https://x.org/hook")
    page.locator('[data-role="callback"]').press("Tab")
    expect(page.locator(".cm-code")).to_contain_text('"CallbackEndpoint": "https://x.org/hook"')
    assert shown_body(page) == json.loads(form.body())
    row(page, "https://x.org/2.jpg").click()
    page.locator('[data-role="content-id"]').fill("second")
    page.locator('[data-role="content-id"]').press("Enter")
    expect(page.locator(".cm-code")).to_contain_text('"ContentId": "second"')
    page.locator('[data-form="python"]').click()
    expect(page.locator(".cm-code")).to_contain_text("cm.Draft('https://x.org/2.jpg', 'second'")


def test_an_entry_is_changed_in_the_form_and_each_way_of_writing_follows_at_once(
    page: Page, put: Open, client: Client
) -> None:
    put(CreateReviews(client))
    add(page, "https://x.org/1.jpg\nhttps://x.org/2.jpg")
    row(page, "https://x.org/2.jpg").locator('[data-action="edit"]').click()
    expect(page.locator('[data-role="content-id"]')).to_be_focused()
    page.keyboard.type("second")
    expect(page.locator(".cm-code")).to_contain_text('"ContentId": "second"')
    expect(page.locator('[data-role="content-id"]')).to_be_focused()
    tag = page.locator('.cm-one button.cm-tag[data-tag="r"]')
    for pressed, sent in (("true", '{"Key": "r", "Value": "True"}'), ("false", '{"Key": "r", "Value": "False"}')):
        tag.click()
        expect(tag).to_have_attribute("aria-pressed", pressed)
        expect(page.locator(".cm-code")).to_contain_text(sent)
    tag.click()
    expect(page.locator(".cm-code")).to_contain_text('"Metadata": []')
    for form in ("curl", "python"):
        page.locator(f'[data-form="{form}"]').click()
        expect(page.locator(".cm-code")).to_contain_text("second")


def test_an_id_that_is_typed_goes_to_its_own_entry_when_another_is_chosen_at_once(
    page: Page, put: Open, client: Client
) -> None:
    put(CreateReviews(client))
    add(page, "https://x.org/1.jpg\nhttps://x.org/2.jpg")
    row(page, "https://x.org/1.jpg").click()
    page.locator('[data-role="content-id"]').fill("first")
    page.locator('.cm-row[data-index="1"]').click()
    expect(row(page, "first")).to_contain_text("https://x.org/1.jpg")
    expect(page.locator('[data-role="content-id"]')).to_have_value("https://x.org/2.jpg")


def test_a_wrong_callback_stays_as_typed_with_the_reason_and_is_not_sent(page: Page, put: Open, client: Client) -> None:
    form = CreateReviews(client, type="Text")
    form.add_texts("x")
    put(form)
    field = page.locator('[data-role="callback"]')
    field.fill("x.org/hook")
    field.press("Tab")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("'x.org/hook' is no address: it must start with http:// or https://")
    expect(field).to_have_value("x.org/hook")
    expect(page.locator(".cm-code")).not_to_contain_text("hook")
    action(page, "submit").click()
    expect(page.locator(".cm-notice-line")).to_contain_text("Correct it or empty its field, then create")
    expect(field).to_be_focused()
    assert axe.violations(page, ".cm-create") == []
    field.fill("https://x.org/hook")
    field.press("Tab")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator(".cm-code")).to_contain_text("https://x.org/hook")
    action(page, "submit").click()
    expect(page.locator(".cm-progress-text")).to_have_text("1 created")


def test_no_sign_needs_a_font_that_has_it(page: Page, put: Open, client: Client) -> None:
    form = CreateReviews(client, tags={"a": True})
    form.add_urls("https://x.org/1.jpg\nnonsense")
    put(form)
    row(page, "nonsense").click()
    expect(row(page, "nonsense").locator(".cm-kind svg")).to_be_visible()
    expect(row(page, "nonsense").locator(".cm-kind")).to_have_text("Image")
    assert not set(page.locator(".cm-create").inner_text()) - set(map(chr, range(0x20, 0x7F))) - set("\n\t·…")


def test_what_is_copied_is_all_of_it_and_holds_no_key(
    page: Page, put: Open, client: Client, service: RunningService
) -> None:
    form = CreateReviews(client, type="Text")
    form.add_texts([f"text {number}" for number in range(20)])
    bridge = put(form)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=bridge.url.rstrip("/"))
    form.wait()
    for name, wanted in (("body", form.body()), ("curl", form.curl()), ("python", form.python())):
        action(page, f"copy-{name}").click()
        expect(action(page, f"copy-{name}")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == wanted
    assert service.key not in page.content()
    assert client._transport._session.auth._key not in form.curl() + form.python()


def test_a_service_that_goes_away_is_said_with_what_was_created_and_the_rest_is_created_later(
    page: Page, put: Open, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = CreateReviews(client, type="Text")
    form.add_texts([f"text {number}" for number in range(LOT_DRAFTS + 20)])
    create, calls = client._create_batch, []

    def breaking(*args: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise Unreachable("no service answers")
        return create(*args)

    monkeypatch.setattr(client, "_create_batch", breaking)
    put(form)
    expect(action(page, "submit")).to_have_text(f"Create {LOT_DRAFTS + 20} reviews")
    action(page, "submit").click()
    expect(page.locator(".cm-notice-line")).to_have_text(
        f"no service answers. What was created stays ({LOT_DRAFTS} reviews). "
        "Create goes on with the rest, and makes no doubles."
    )
    expect(page.locator(".cm-progress-text")).to_have_text(f"Stopped: 20 ready · {LOT_DRAFTS} created")
    action(page, "submit").click()
    expect(page.locator(".cm-progress-text")).to_have_text(f"{LOT_DRAFTS + 20} created")
    assert client.counts("Text").pending == LOT_DRAFTS + 20


def test_the_answer_is_there_to_look_at_and_to_copy(page: Page, put: Open, client: Client) -> None:
    form = CreateReviews(client, type="Text")
    form.add_texts(["x", "y"])
    put(form)
    expect(page.locator('[data-form="answer"]')).to_be_hidden()
    expect(action(page, "submit")).to_have_text("Create 2 reviews")
    action(page, "submit").click()
    expect(page.locator(".cm-progress-text")).to_have_text("2 created")
    page.locator('[data-form="answer"]').click()
    expect(page.locator(".cm-code")).to_contain_text(form.ids[1])
    assert shown_body(page) == form.ids


# Size, looks, manners -------------------------------------------------------------------------------------------------


def test_five_thousand_entries_are_a_few_rows_on_the_page(page: Page, put: Open, client: Client) -> None:
    form = CreateReviews(client, type="Text")
    form.add_texts([f"text {number}" for number in range(5_000)])
    form.wait()
    bridge = put(form)
    expect(row(page, "text-0001")).to_be_visible()
    expect(page.locator('[data-filter="all"]')).to_have_text("All 5,000")
    assert page.locator(".cm-row").count() < 60
    assert bridge.sent_bytes < 100_000
    row(page, "text-0001").focus()
    page.keyboard.press("End")
    expect(row(page, "text-5000")).to_be_focused()
    page.locator('[data-role="find"]').fill("text 4321")
    expect(page.locator(".cm-row[data-content-id]")).to_have_count(1)


def test_two_views_show_the_same_form(page: Page, put: Open, client: Client) -> None:
    put(CreateReviews(client, type="Text"), "views=2")
    page.locator('[data-role="lines"]').first.fill("Hi!")
    page.locator('[data-action="add"]').first.click()
    expect(row(page, "text-0001")).to_have_count(2)


def test_previews_are_blurred_until_a_person_says_otherwise(page: Page, put: Open, client: Client) -> None:
    put(CreateReviews(client))
    choose(page, *files("cat.jpg"))
    picture = row(page, "cat.jpg").locator("img")
    expect(picture).to_have_css("filter", "blur(5px)")
    action(page, "blur").click()
    expect(picture).to_have_css("filter", "none")


def test_keys_that_are_pressed_in_the_form_reach_nothing_outside(page: Page, put: Open, client: Client) -> None:
    put(CreateReviews(client, type="Text"))
    add(page, "Hi!")
    page.evaluate("document.addEventListener('keydown', ({key}) => (window.heard ??= []).push(key))")
    row(page, "text-0001").focus()
    for key in ("b", "x", "d", "Enter", "Shift+Enter", "Delete"):
        page.keyboard.press(key)
    assert set(page.evaluate("window.heard ?? []")) <= {"Shift"}
    expect(page.locator(".cm-empty")).to_be_visible()


@pytest.mark.usefixtures("page_clock")
def test_a_kernel_that_is_busy_is_shown_as_such(page: Page, put: Open, client: Client) -> None:
    bridge = put(CreateReviews(client, type="Text"))
    with bridge.deaf(page):
        page.locator('[data-filter="open"]').click()
        page.clock.run_for(8_000)
        expect(page.locator(".cm-notice-line")).to_contain_text("The kernel does not answer")
    page.clock.run_for(12_000)
    expect(page.locator(".cm-notice-line")).to_be_hidden()


@pytest.mark.parametrize("query", ["", "dark"])
def test_axe_finds_nothing_grave(page: Page, put: Open, client: Client, query: str) -> None:
    put(CreateReviews(client, tags={"a": True}), query)
    assert axe.violations(page, ".cm-create") == []
    choose(page, *files("cat.jpg", "dog.jpg"), {"name": "bad.jpg", "mimeType": "image/jpeg", "buffer": b"x"})
    expect(row(page, "bad.jpg")).to_contain_text("Refused")
    row(page, "dog.jpg").click()
    expect(page.locator(".cm-preview img")).to_be_visible()
    assert axe.violations(page, ".cm-create") == []
    action(page, "submit").click()
    expect(row(page, "dog.jpg")).to_contain_text("Created")
    assert axe.violations(page, ".cm-create") == []


def test_a_narrow_form_keeps_everything_in_reach(page: Page, put: Open, client: Client) -> None:
    page.set_viewport_size({"width": 420, "height": 900})
    form = CreateReviews(client, type="Text")
    form.add_texts("Hi!")
    put(form)
    row(page, "text-0001").click()
    expect(page.locator('.cm-one .cm-tag[data-tag="a"]')).to_be_visible()
    expect(page.locator(".cm-code")).to_contain_text("text-0001")
    for name in ("submit", "clear", "copy-curl", "add"):
        # again as long as the form still grows: what was in view a moment ago may be pushed out by it
        page.wait_for_function(
            """name => {
              const place = document.querySelector(`[data-action="${name}"]`);
              place.scrollIntoView({ block: "nearest" });
              const { top, bottom, height } = place.getBoundingClientRect();
              return height > 0 && top >= -1 && bottom <= innerHeight + 1;
            }""",
            arg=name,
        )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
