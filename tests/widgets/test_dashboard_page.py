"""The dashboard on a page: its real Python side and its real JavaScript, without Jupyter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

import cmtools as cm
from cmtools.analysis.agreement import Agreement
from cmtools.errors import Unreachable
from cmtools.widgets.dashboard import AgreementDashboard
from tests.widgets.bridge import Bridge
from tests.widgets.conftest import until
from tests.widgets.fake_client import plain_picture
from tests.widgets.test_dashboard import decisions

Open = Callable[..., Bridge]


def pictures(ids: list[str]) -> dict[str, bytes | None]:
    return {key: plain_picture(int(key), 160) if int(key) % 5 else None for key in ids}


@pytest.fixture
def dashboard() -> AgreementDashboard:
    return AgreementDashboard(decisions(), pictures, by=["subteam", "week"])


@pytest.fixture
def put(page: Page) -> Iterator[Open]:
    """Puts a dashboard on the page; what is served for it ends with the test."""
    with ExitStack() as stack:

        def open_dashboard(dashboard: AgreementDashboard, query: str = "") -> Bridge:
            bridge = stack.enter_context(Bridge(dashboard))
            page.goto(f"{bridge.url}?{query}")
            page.wait_for_function("window.mounted")
            expect(page.locator(".cm-card").first).to_be_visible()
            return bridge

        yield open_dashboard
        page.goto("about:blank")  # the page lets go before its server does


def card(page: Page, measure: str) -> Locator:
    return page.locator(f'.cm-card[data-measure="{measure}"]')


def slice_row(page: Page, name: str) -> Locator:
    return page.locator(f'.cm-slice[data-slice="{name}"]')


def shown(dashboard: AgreementDashboard, measure: str, name: str) -> str:
    """What a row of the table should say."""
    table = dashboard.agreement.table(measure).query(f"subteam == '{name}'")
    return f"{table['estimate'].iloc[0]:.2f}"


# Looking --------------------------------------------------------------------------------------------------------------


def test_figures_slices_counts_and_pictures_are_there_at_once(
    page: Page, put: Open, dashboard: AgreementDashboard
) -> None:
    put(dashboard)
    expect(page.locator(".cm-card")).to_have_count(6)
    expect(slice_row(page, "night").locator("b")).to_have_text(shown(dashboard, "cohen_kappa", "night"))
    counts = dashboard.agreement.counts
    expect(page.locator('[data-count="tp"] b')).to_have_text(str(int(counts["tp"].sum())))
    expect(page.locator(".cm-curves")).to_be_visible()
    expect(page.locator(".cm-shot img").first).to_be_visible()
    expect(page.locator(".cm-shot")).to_have_count(24)


def test_another_tag_changes_everything_and_python_knows_it(
    page: Page, put: Open, dashboard: AgreementDashboard
) -> None:
    put(dashboard)
    page.get_by_role("button", name="r", exact=True).click()
    expect(page.locator(".cm-chart h3")).to_have_text("Cohen's kappa of tag r by subteam")
    expect(slice_row(page, "night").locator("b")).to_have_text(shown(dashboard, "cohen_kappa", "night"))
    assert dashboard.tag == "r"


def test_pressing_a_figure_draws_its_slices(page: Page, put: Open, dashboard: AgreementDashboard) -> None:
    put(dashboard)
    card(page, "recall").click()
    expect(card(page, "recall")).to_have_attribute("aria-pressed", "true")
    expect(card(page, "recall")).to_be_focused()
    expect(page.locator(".cm-chart h3")).to_have_text("Recall of tag a by subteam")
    expect(slice_row(page, "public").locator("b")).to_have_text(shown(dashboard, "recall", "public"))


def test_pressing_a_slice_shows_its_figures_and_pictures(page: Page, put: Open, dashboard: AgreementDashboard) -> None:
    put(dashboard)
    slice_row(page, "night").click()
    expect(page.locator(".cm-figures h3")).to_have_text("Tag a, subteam night")
    expect(card(page, "cohen_kappa").locator(".cm-card-value")).to_have_text(shown(dashboard, "cohen_kappa", "night"))
    assert dashboard.slice == "night"
    slice_row(page, "All").click()
    expect(page.locator(".cm-figures h3")).to_have_text("Tag a")


def test_the_threshold_is_moved_and_taken_away(page: Page, put: Open, dashboard: AgreementDashboard) -> None:
    put(dashboard)
    box, slider = page.locator('[data-role="by-score"]'), page.locator('[data-role="threshold"]')
    box.check()
    expect(page.locator(".cm-here")).to_have_count(1)
    slider.fill("80")
    expect(page.locator(".cm-threshold output")).to_have_text("0.80")
    until(page, lambda: dashboard.threshold == 0.8)
    expect(page.locator('[data-count="fp"] b')).to_have_text(str(int(dashboard.agreement.counts["fp"].sum())))
    box.uncheck()
    expect(page.locator(".cm-here")).to_have_count(0)
    expect(page.locator(".cm-threshold output")).to_have_text("as given")
    until(page, lambda: dashboard.threshold is None)


def test_a_click_on_the_curves_sets_the_threshold(page: Page, put: Open, dashboard: AgreementDashboard) -> None:
    put(dashboard)
    box = page.locator(".cm-curves").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".cm-here")).to_have_count(1)
    assert dashboard.threshold is not None
    assert 0.4 < dashboard.threshold < 0.7


def test_many_quick_moves_of_the_slider_become_few_questions(
    page: Page, put: Open, dashboard: AgreementDashboard
) -> None:
    put(dashboard)
    page.locator('[data-role="by-score"]').check()
    expect(page.locator(".cm-here")).to_have_count(1)
    before = page.evaluate("window.sent.length")
    page.locator('[data-role="threshold"]').evaluate(
        """(slider) => {
          for (let at = 0; at <= 90; at++) {
            slider.value = String(at);
            slider.dispatchEvent(new Event("input"));
          }
        }"""
    )
    wanted = Agreement(decisions(), tags="a", threshold={"a": 0.9}).counts["fp"]
    expect(page.locator('[data-count="fp"] b')).to_have_text(str(int(wanted.sum())))
    assert dashboard.threshold == 0.9
    assert page.evaluate("window.sent.length") - before < 10


def test_false_positives_alone_are_shown_when_their_count_is_pressed(
    page: Page, put: Open, dashboard: AgreementDashboard
) -> None:
    put(dashboard)
    page.locator('button[data-count="fp"]').click()
    expect(page.locator(".cm-shots-head h3")).to_contain_text("false positive")
    expect(page.locator(".cm-shot-said").filter(has_text="auto off")).to_have_count(0)
    page.get_by_role("button", name="All", exact=True).last.click()
    expect(page.locator(".cm-shots-head h3")).to_contain_text("disagreement")


def test_a_picture_that_is_not_there_says_so(page: Page, put: Open, dashboard: AgreementDashboard) -> None:
    put(dashboard)
    expect(page.locator(".cm-shot-none").first).to_contain_text("no picture")


def test_what_people_wrote_is_shown_as_text(page: Page, put: Open) -> None:
    nasty = "<img src=x onerror=alert(1)> & <b>bold</b>"
    put(AgreementDashboard(decisions(content_id=nasty, subteam=nasty, reviewer=nasty, tag=nasty), by=["subteam"]))
    expect(page.locator(".cm-shot-name").first).to_have_text(nasty)
    expect(page.locator(".cm-dashboard img, .cm-dashboard b b")).to_have_count(0)


# Keyboard -------------------------------------------------------------------------------------------------------------


def test_arrows_go_from_slice_to_slice_and_space_chooses(page: Page, put: Open, dashboard: AgreementDashboard) -> None:
    put(dashboard)
    slice_row(page, "All").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(slice_row(page, "public")).to_be_focused()
    page.keyboard.press("Space")
    expect(slice_row(page, "public")).to_have_attribute("aria-pressed", "true")
    expect(slice_row(page, "public")).to_be_focused()
    assert dashboard.slice == "public"


def test_the_notebook_hears_no_key_that_is_pressed_in_the_dashboard(
    page: Page, put: Open, dashboard: AgreementDashboard
) -> None:
    put(dashboard)
    page.evaluate("window.keys = []; document.addEventListener('keydown', (event) => window.keys.push(event.key))")
    slice_row(page, "All").focus()
    for key in ("d", "x", "b", "ArrowDown", "Escape"):
        page.keyboard.press(key)
    assert page.evaluate("window.keys") == []


def test_screen_readers_hear_what_changed(page: Page, put: Open, dashboard: AgreementDashboard) -> None:
    put(dashboard)
    card(page, "recall").click()
    expect(page.locator(".cm-unseen[role=status]")).to_contain_text("Recall of a, all: 0.")


# When something is wrong ----------------------------------------------------------------------------------------------


def test_no_decisions_are_shown_with_their_reason(page: Page, put: Open) -> None:
    put(AgreementDashboard(cm.tidy([])))
    expect(page.locator(".cm-card").first).to_contain_text("no decisions")
    expect(page.locator(".cm-shots")).to_have_text("There is no decision to measure.")


def test_full_agreement_is_said(page: Page, put: Open) -> None:
    put(AgreementDashboard(decisions(human=lambda frame: frame["auto"])))
    expect(page.locator(".cm-shots")).to_have_text("Auto and human tags agree on every decision.")


def test_a_choice_that_python_refuses_is_told_and_the_view_stays(
    page: Page, put: Open, dashboard: AgreementDashboard
) -> None:
    put(dashboard)
    page.locator('[data-role="measure"]').evaluate(
        "(select) => { select.append(new Option('luck', 'luck')); select.value = 'luck'; "
        "select.dispatchEvent(new Event('change')); }"
    )
    expect(page.get_by_role("alert")).to_contain_text("no metric 'luck'")
    expect(page.locator(".cm-card")).to_have_count(6)
    card(page, "recall").click()
    expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.usefixtures("page_clock")
def test_a_kernel_that_does_not_answer_is_told(page: Page, put: Open, dashboard: AgreementDashboard) -> None:
    bridge = put(dashboard)
    with bridge.deaf(page):
        card(page, "recall").click()
        page.clock.run_for(7_000)
        expect(page.get_by_role("alert")).to_contain_text("The kernel does not answer")
    card(page, "precision").click()
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(card(page, "precision")).to_have_attribute("aria-pressed", "true")


def test_pictures_that_cannot_be_fetched_leave_the_rest_alone(page: Page, put: Open) -> None:
    def broken(_ids: list[str]) -> dict[str, bytes | None]:
        raise Unreachable("Nothing answers")

    put(AgreementDashboard(decisions(), broken, by="subteam"))
    expect(page.locator(".cm-shot")).to_have_count(24)
    card(page, "f1").click()
    expect(card(page, "f1")).to_have_attribute("aria-pressed", "true")


# Its looks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [380, 760, 1366])
@pytest.mark.parametrize("query", ["", "dark"])
def test_nothing_sticks_out_at_any_width(
    page: Page, put: Open, dashboard: AgreementDashboard, width: int, query: str
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    put(dashboard, query)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inside = page.locator(".cm-dashboard").evaluate("(root) => root.scrollWidth <= root.clientWidth")
    assert inside


@pytest.mark.parametrize("width", [760, 1060, 1366])
@pytest.mark.parametrize(("both", "one", "off", "lowest"), [(3, 7, 63, "0"), (9, 9, 9, "−0.4")])
def test_figures_of_the_scale_stand_clear_of_each_other(
    page: Page, put: Open, width: int, both: int, one: int, off: int, lowest: str
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    auto = [True] * (both + one) + [False] * (one + off)
    human = [True] * both + [False] * one + [True] * one + [False] * off
    put(AgreementDashboard(pd.DataFrame({"tag": "a", "auto": auto, "human": human, "week": 1}), by="week"))
    ticks = page.locator(".cm-scale > :nth-child(3) span")
    expect(ticks.first).to_have_text(lowest)
    boxes = [tick.bounding_box() for tick in ticks.all()]
    assert all(box and after and box["x"] + box["width"] < after["x"] for box, after in pairwise(boxes))


def test_two_views_show_the_same_choice(page: Page, put: Open, dashboard: AgreementDashboard) -> None:
    put(dashboard, "views=2")
    page.locator('.cm-card[data-measure="recall"]').first.click()
    expect(page.locator('.cm-card[data-measure="recall"][aria-pressed="true"]')).to_have_count(2)
