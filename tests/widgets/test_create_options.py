"""Who is asked about the entries of a create form: how many, of which share, who settles it, and how blind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cmtools.errors import BadRequest
from cmtools.model import Draft
from cmtools.widgets.create import CreateReviews
from tests.tools import axe
from tests.widgets.bridge import Bridge
from tests.widgets.conftest import until
from tests.widgets.fake_client import FakeClient, FakeService


@pytest.fixture
def forms() -> Iterator[Any]:
    """Makes forms on a service in memory, with texts in them; they are closed with the test."""
    with ExitStack() as stack:

        def make(texts: int = 2, **options: Any) -> CreateReviews:
            form = CreateReviews(FakeClient(FakeService()), type="Text", **options)  # type: ignore[arg-type]
            stack.callback(form.close)
            if texts:
                form.add_texts([f"Text number {number}" for number in range(texts)])
            form.wait()
            return form

        yield make


def test_left_out_each_draft_says_for_itself(forms: Any) -> None:
    form = forms(0)
    form.add_drafts([Draft("One", "1", "Text"), Draft("Three", "3", "Text", overlap=3, final="unanimity", blind=True)])
    form.wait()
    assert [(draft.overlap, draft.final, draft.blind) for draft in form.drafts] == [
        (1, "majority", False),
        (3, "unanimity", True),
    ]
    assert (form.overlap, form.overlap_share, form.final, form.blind) == (None, None, None, None)


def test_what_is_given_holds_for_all_and_shows_in_the_body(forms: Any) -> None:
    form = forms(overlap=3, final="adjudication", blind=True)
    assert {(draft.overlap, draft.final, draft.blind) for draft in form.drafts} == {(3, "adjudication", True)}
    (first, _) = json.loads(form.body())
    assert (first["Overlap"], first["Final"], first["Blind"]) == (3, "adjudication", True)
    assert repr(form) == "CreateReviews(team='demo', reviewer='ana', 2 ready)"


def test_a_share_is_drawn_once_and_stays(forms: Any) -> None:
    form = forms(200, overlap=2, overlap_share=0.25)
    several = [draft.content_id for draft in form.drafts if draft.overlap == 2]
    assert 25 < len(several) < 75
    assert several == [draft.content_id for draft in form.drafts if draft.overlap == 2]


def test_of_one_person_there_is_no_share(forms: Any) -> None:
    form = forms(overlap=2, overlap_share=0.5)
    form.overlap = None
    assert {draft.overlap for draft in form.drafts} == {1}
    assert form.overlap_share == 0.5


@pytest.mark.parametrize(
    ("name", "value"),
    [("overlap", 0), ("overlap", 1000), ("overlap_share", 0), ("overlap_share", 2), ("final", "dice")],
)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(forms: Any, name: str, value: object) -> None:
    form = forms()
    with pytest.raises(BadRequest):
        setattr(form, name, value)
    assert getattr(form, name) is None
    with pytest.raises(BadRequest):
        forms(**{name: value})


def test_what_is_created_is_what_was_shown(forms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    form = forms(overlap=2, final="unanimity", blind=True)
    sent: list[Draft] = []

    def create_each(drafts: Any, **_options: Any) -> Iterator[Any]:
        sent.extend(drafts)
        yield from ()

    form._state.client.create_each = create_each
    shown = list(form.drafts)
    form.submit()
    assert sent == shown


@pytest.mark.parametrize("theme", ["", "dark"])
def test_the_screen_sets_them(page: Page, forms: Any, theme: str) -> None:
    form = forms()
    with Bridge(form) as bridge:
        page.goto(f"{bridge.url}?{theme}")
        people, share = page.get_by_label("Reviewers per item"), page.get_by_label("Share of items (%)")
        final, blind = page.get_by_label("Final tags"), page.get_by_label("Hide auto tags from reviewers")
        expect(people).to_have_value("")
        expect(share).to_be_hidden()
        expect(final).to_be_hidden()
        people.fill("2")
        people.press("Tab")
        expect(share).to_be_visible()
        share.fill("100")
        share.press("Tab")
        final.select_option("unanimity")
        blind.check()
        expect(page.locator(".cm-code")).to_contain_text('"Final": "unanimity"')
        expect(page.locator(".cm-code")).to_contain_text('"Blind": true')
        assert (form.overlap, form.overlap_share, form.final, form.blind) == (2, 1.0, "unanimity", True)
        assert axe.violations(page, ".cm-create") == []
        page.reload()
        expect(people).to_have_value("2")
        expect(blind).to_be_checked()
        people.fill("")
        people.press("Tab")
        expect(final).to_be_hidden()
        assert form.overlap is None
        page.goto("about:blank")


@pytest.mark.usefixtures("page_clock")
def test_what_was_just_set_holds_on_the_screen_until_it_is_heard(page: Page, forms: Any) -> None:
    form = forms()
    with Bridge(form) as bridge:
        page.goto(bridge.url)
        blind = page.get_by_label("Hide auto tags from reviewers")
        with bridge.deaf(page):
            blind.check()
            form.batch = "march"  # the view that tells of it does not know of the box
            expect(page.locator('[data-role="batch"]')).to_have_value("march")
            assert blind.is_checked()
        page.clock.run_for(12_000)
        until(page, lambda: form.blind is True)
        form.blind = False
        expect(blind).not_to_be_checked()
        page.goto("about:blank")


def test_what_is_set_again_does_not_overtake_what_is_newer(forms: Any) -> None:
    form = forms()
    for number, value in ((1, 2), (2, 3), (1, 2)):
        form._hear_set({"page": "p", "n": number, "name": "overlap", "value": value})
    assert form.overlap == 3
    assert form._seen()["heard"] == {"p": 2}


def test_a_number_that_is_none_is_said_by_the_browser_and_not_sent(page: Page, forms: Any) -> None:
    form = forms()
    with Bridge(form) as bridge:
        page.goto(bridge.url)
        people = page.get_by_label("Reviewers per item")
        people.fill("0")
        people.press("Tab")
        expect(people).to_have_value("0")
        assert page.evaluate("document.querySelector('[data-role=overlap]').validity.rangeUnderflow")
        assert form.overlap is None
        page.goto("about:blank")
