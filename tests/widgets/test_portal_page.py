"""The portal's settings on a page: real Python on a real service and the real JavaScript, without Jupyter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Locator, Page, expect

from cmtools import Client, Draft, Portal
from cmtools.testing import RunningService, running_service
from tests.tools.axe import violations
from tests.widgets.bridge import Bridge

Open = Callable[..., Bridge]


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    with running_service() as running:
        yield running


@pytest.fixture
def client(service: RunningService, request: pytest.FixtureRequest) -> Client:
    """An administrator of a team of the test's own, with a tag beside those that every team has."""
    team = request.node.name.replace("_", "-").partition("[")[0][:60]
    made = service.client("ana", team=team, key=service.add_team(team))
    made.add_tag("sc", "isscreenshot", "A picture of a screen")
    return made


@pytest.fixture
def put(page: Page, client: Client) -> Iterator[Open]:
    """Puts a portal with its settings on the page; what is served for it ends with the test."""
    with ExitStack() as stack:

        def open_settings(query: str = "") -> Bridge:
            portal = Portal(client)
            stack.callback(portal.close)
            portal.go_to("settings")
            bridge = stack.enter_context(Bridge(portal))
            page.goto(f"{bridge.url}?{query}")
            page.wait_for_function("window.mounted")
            expect(threshold(page, "sc")).to_be_visible()
            return bridge

        yield open_settings
        page.goto("about:blank")  # the page lets go before its server does


def threshold(page: Page, code: str) -> Locator:
    return page.get_by_label(f"Threshold of {code}", exact=True)


def keep(page: Page, code: str) -> Locator:
    return page.get_by_role("button", name=f"Keep threshold of {code}", include_hidden=True)


def notice(page: Page) -> Locator:
    return page.locator(".cm-settings .cm-notice-line")


def test_thresholds_are_shown_and_an_empty_field_says_whose_holds(page: Page, put: Open, client: Client) -> None:
    client.set_threshold("a", 0.7)
    put()
    expect(threshold(page, "a")).to_have_value("0.7")
    expect(threshold(page, "r")).to_have_value("")
    expect(threshold(page, "r")).to_have_attribute("placeholder", "the tagger's")
    expect(page.locator(".cm-section > section:visible")).to_contain_text("Empty: as the tagger has it.")
    for code in ("a", "r", "sc"):
        expect(keep(page, code)).to_be_hidden()


def test_threshold_is_kept_with_enter_and_the_field_keeps_the_focus(page: Page, put: Open, client: Client) -> None:
    put()
    threshold(page, "r").fill("0,65")
    page.keyboard.press("Enter")
    expect(notice(page)).to_have_text("The threshold of r is 0.65")
    expect(threshold(page, "r")).to_have_value("0.65")
    expect(threshold(page, "r")).to_be_focused()
    expect(keep(page, "r")).to_be_hidden()
    assert client.tags().thresholds == {"r": 0.65}


def test_threshold_is_kept_with_the_mouse_and_taken_back_by_emptying_it(page: Page, put: Open, client: Client) -> None:
    put()
    threshold(page, "sc").fill("0.5")
    keep(page, "sc").click()
    expect(notice(page)).to_have_text("The threshold of sc is 0.5")
    expect(threshold(page, "sc")).to_be_focused()
    threshold(page, "sc").fill("")
    keep(page, "sc").click()
    expect(notice(page)).to_have_text("The threshold of sc is as the tagger has it")
    expect(keep(page, "sc")).to_be_hidden()
    assert client.tags().thresholds == {}


@pytest.mark.parametrize("typed", ["1.5", "70 %"])
def test_what_is_no_threshold_is_said_and_what_was_typed_stays(
    page: Page, put: Open, client: Client, typed: str
) -> None:
    client.set_threshold("a", 0.7)
    put()
    threshold(page, "a").fill(typed)
    page.keyboard.press("Enter")
    expect(notice(page)).to_contain_text(f"'{typed}' is no threshold for a: give a number from 0 to 1, such as 0.7")
    expect(notice(page)).to_have_attribute("role", "alert")
    expect(threshold(page, "a")).to_have_value(typed)
    expect(threshold(page, "a")).to_have_attribute("aria-invalid", "true")
    expect(threshold(page, "a")).to_be_focused()
    page.keyboard.press("Escape")
    expect(threshold(page, "a")).to_have_value("0.7")
    expect(threshold(page, "a")).not_to_have_attribute("aria-invalid", "true")
    expect(keep(page, "a")).to_be_hidden()
    assert client.tags().thresholds == {"a": 0.7}


def test_what_is_typed_for_one_tag_outlives_a_change_of_another(page: Page, put: Open, client: Client) -> None:
    put()
    threshold(page, "a").fill("0.9")
    threshold(page, "r").fill("0.3")
    page.keyboard.press("Enter")
    expect(notice(page)).to_contain_text("The threshold of r")
    expect(threshold(page, "a")).to_have_value("0.9")
    expect(keep(page, "a")).to_be_visible()
    keep(page, "a").click()
    expect(notice(page)).to_contain_text("The threshold of a")
    assert client.tags().thresholds == {"a": 0.9, "r": 0.3}


def test_tag_is_renamed_without_losing_its_threshold(page: Page, put: Open, client: Client) -> None:
    client.set_threshold("sc", 0.4)
    put()
    page.locator('[data-role="tag-code"]').fill("sc")
    page.locator('[data-role="tag-name"]').fill("screenshot")
    page.get_by_role("button", name="Keep tag").click()
    expect(page.get_by_role("cell", name="screenshot", exact=True)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="screenshot")).to_contain_text("A picture of a screen")
    expect(threshold(page, "sc")).to_have_value("0.4")
    assert client.tags()["sc"].name == "screenshot"


def test_tag_that_is_removed_and_added_anew_begins_without_what_was_typed(
    page: Page, put: Open, client: Client
) -> None:
    put()
    threshold(page, "sc").fill("0.4")
    page.get_by_role("button", name="Remove").click()
    page.locator('[data-action="remove-tag-sure"]').click()
    expect(threshold(page, "sc")).to_have_count(0)
    page.locator('[data-role="tag-code"]').fill("sc")
    page.get_by_role("button", name="Keep tag").click()
    expect(threshold(page, "sc")).to_have_value("")


@pytest.mark.parametrize("theme", ["", "dark"])
@pytest.mark.parametrize("width", [1366, 480])
def test_tags_can_be_read_and_used_by_everybody(page: Page, put: Open, client: Client, theme: str, width: int) -> None:
    client.set_threshold("a", 0.7)
    page.set_viewport_size({"width": width, "height": 768})
    put(theme)
    threshold(page, "r").fill("1.5")
    page.keyboard.press("Enter")
    expect(notice(page)).to_have_attribute("role", "alert")
    assert violations(page, ".cm-portal") == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no part of the page is out of sight"


# Several people -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["", "dark"])
def test_feedback_on_golden_items_is_a_setting_that_holds_at_once(
    page: Page, put: Open, client: Client, theme: str
) -> None:
    put(theme)
    page.get_by_role("button", name="Golden items").click()
    box = page.get_by_label("Tell reviewers when a known answer differs from theirs")
    expect(box).not_to_be_checked()
    box.check()
    expect(notice(page)).to_have_text("Reviewers are told what the known answers were")
    assert client.team().golden_feedback
    assert violations(page, ".cm-portal") == []
    page.reload()
    page.get_by_role("button", name="Golden items").click()
    expect(box).to_be_checked()
    box.uncheck()
    expect(notice(page)).to_have_text("Reviewers are told nothing of golden items")
    assert not client.team().golden_feedback


def test_disputes_are_counted_and_a_button_opens_them(page: Page, client: Client, service: RunningService) -> None:
    drafts = [Draft(f"Text {number}", str(number), "Text") for number in range(3)]
    client.create_reviews(drafts, overlap=2, final="adjudication", progress=False)
    for name, on in (("ben", True), ("cho", False)):
        key = client.create_key(name, "reviewer", name).secret
        reviewer = service.client(name, team=client.team_name, key=key)
        lease = reviewer.checkout(9, "Text")
        reviewer.submit(lease, {review.id: {"a": on} for review in lease.reviews})
    service.advance(10)
    portal = Portal(client)
    with Bridge(portal) as bridge:
        page.goto(bridge.url)
        button = page.get_by_role("button", name="Disputes 3")
        expect(button).to_have_attribute("aria-pressed", "false")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(page.locator('[data-kind="Text"]')).to_have_text("Texts3")
        expect(page.locator('[data-kind="Image"]')).to_have_text("Images0")
        page.get_by_role("tab", name="Dashboard").click()
        expect(page.locator(".cm-totals")).to_contain_text("Disputed3reviewers differ")
        assert violations(page, ".cm-portal") == []
        page.goto("about:blank")
    portal.close()


def test_without_disputes_there_is_no_button(page: Page, client: Client) -> None:
    portal = Portal(client)
    with Bridge(portal) as bridge:
        page.goto(bridge.url)
        expect(page.locator('[data-kind="Text"]')).to_have_text("Texts0")
        expect(page.locator('[data-action="disputes"]')).to_be_hidden()
        page.goto("about:blank")
    portal.close()
