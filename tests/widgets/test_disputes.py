"""A board that settles disputes: what was said stands side by side, without names, and most of it is preset."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from cmtools.errors import Forbidden
from cmtools.model import Opinion, Review
from cmtools.widgets import details
from cmtools.widgets.board import ReviewBoard
from cmtools.widgets.opinions import in_order
from tests.tools import axe
from tests.widgets.conftest import Show, open_state
from tests.widgets.fake_client import FakeClient, FakeService
from tests.widgets.test_golden import Heard

NAMES = ("benedict", "chosen", "daniela")


def opinion(who: str, a: bool, r: bool, **frames: Any) -> Opinion:
    return Opinion({"a": a, "r": r, "sc": False}, frames.get("frames", {}), who, review_id=f"opinion of {who}")


@pytest.fixture
def disputes(fake: FakeService) -> FakeService:
    """Three disputes among its pictures: 2 of 3 set a, 1 of 3 sets r; then two with a tie; the others wait as usual."""
    ids = list(fake.reviews)
    ben, cho, dan = NAMES
    fake.dispute(ids[:3], opinion(ben, True, False), opinion(cho, True, True), opinion(dan, False, False))
    fake.dispute(ids[3:5], opinion(ben, True, True), opinion(cho, False, True))
    return fake


@pytest.fixture
def lea(disputes: FakeService) -> FakeClient:
    return FakeClient(disputes, "lea", lead=True)


def settling(client: FakeClient, **options: Any) -> ReviewBoard:
    return ReviewBoard(client, adjudicate=True, **options)  # type: ignore[arg-type]


# The state ------------------------------------------------------------------------------------------------------------


def test_it_takes_disputes_with_the_majority_preset(lea: FakeClient) -> None:
    board = settling(lea)
    assert len(board.reviews) == 5
    assert board.tags[board.reviews[0].id] == {"a": True, "r": False, "sc": False}
    assert repr(board) == "ReviewBoard(team='demo', reviewer='lea', 5 disputes on screen)"


def test_next_settles_them_and_prev_takes_that_back(lea: FakeClient) -> None:
    board = settling(lea)
    first = board.reviews[0].id
    board.toggle(first, "r", True)
    assert board.next() == 5
    assert repr(board) == "ReviewBoard(team='demo', reviewer='lea', all reviewed, 5 submitted here)"
    assert board.prev() == 5
    assert board.tags[first] == {"a": True, "r": True, "sc": False}
    assert board.reviews[0].opinions


def test_what_is_given_back_waits_as_a_dispute_again(lea: FakeClient) -> None:
    board = settling(lea)
    board.give_back()
    assert lea.counts("Image").disputed == 5
    assert repr(board).endswith("no disputes wait: look_again())")


def test_nobody_settles_what_they_gave_an_answer_on(disputes: FakeService) -> None:
    board = settling(FakeClient(disputes, NAMES[0], lead=True))
    assert board.reviews == ()


def test_another_key_is_told_whose_it_is_to_settle(disputes: FakeService) -> None:
    board = settling(FakeClient(disputes, "ana"))
    assert "settled with the key of a lead or an administrator" in repr(board)
    with pytest.raises(Forbidden, match="lead or an administrator"):
        board.look_again()


def test_what_is_held_is_offered_on_the_board_that_it_is_for(lea: FakeClient) -> None:
    settling(lea, count=2)
    assert len(ReviewBoard(lea, count=3).reviews) == 3  # type: ignore[arg-type]
    again = settling(lea, count=2)
    assert [len(lease.reviews) for lease in again.offer] == [2]
    again.resume()
    assert len(again.reviews) == 2


def test_what_is_parked_is_offered_on_the_board_that_it_is_for(lea: FakeClient) -> None:
    board = settling(lea)
    first = board.reviews[0].id
    board.hold([first])
    other = ReviewBoard(lea, count=3)  # type: ignore[arg-type]
    assert other._quiet.wait(10)
    assert (len(board.held), other.held) == (1, ())
    assert board.take_held() == 1
    assert board.reviews[0].id == first


def test_the_surplus_goes_back_untouched_first(lea: FakeClient) -> None:
    state = open_state(lea, adjudicate=True)
    last = state.reviews[-1].id
    state.toggle(last, "sc", True)
    state.set_count(1)
    assert [review.id for review in state.reviews] == [last]


def test_an_ordinary_board_takes_no_disputes(disputes: FakeService) -> None:
    board = ReviewBoard(FakeClient(disputes), count=100)  # type: ignore[arg-type]
    assert len(board.reviews) == 59
    assert not any(review.opinions for review in board.reviews)


def test_the_order_of_answers_says_nothing_of_who_gave_them() -> None:
    said = [opinion("x", True, False), opinion("y", False, True), opinion("z", True, True)]
    review = Review("r", "Pending", "Image", "c", "1", opinions=tuple(said))
    turned = Review("r", "Pending", "Image", "c", "1", opinions=tuple(said[::-1]))
    assert [each.tags for each in in_order(review)] == [each.tags for each in in_order(turned)]


# What the page is told ------------------------------------------------------------------------------------------------


def film() -> FakeService:
    """One video of 4 frames on which two people differ, in the whole and on two frames."""
    fake = FakeService()
    (key,) = fake.fill(1, type="Video", a=False, r=False)
    fake.add_frames(key, 4)
    one = {"0": {"a": True, "r": False}, "1500": {"a": True, "r": True}, "4500": {"a": False, "r": True}}
    two = {"0": {"a": True, "r": False}, "1500": {"a": False, "r": False}}
    fake.dispute([key], opinion(NAMES[0], True, False, frames=one), opinion(NAMES[1], False, False, frames=two))
    return fake


def test_frames_that_differ_are_told_with_the_answers() -> None:
    fake = film()
    board = settling(FakeClient(fake, "lea", lead=True), type="Video")
    heard = Heard(board)
    heard.ask("ready")
    key = board.reviews[0].id
    heard.ask("details", id=key)
    heard.ask("frames", id=key)
    row = next(each for each in heard.messages if each["type"] == "screen")["items"][0]
    assert row["said"] == {"of": 2, "on": {"a": 1, "r": 0, "sc": 0}, "frames": 1}
    answers = next(each for each in heard.messages if each["type"] == "details")["answers"]
    assert answers["rows"][0] == ["isadult", [True, False]]
    assert answers["frames"] == [[1500, "isadult", [True, False]], [1500, "isracy", [True, False]]]
    frames = next(each for each in heard.messages if each["type"] == "frames")["frames"]
    assert [frame[5] for frame in frames] == [{}, {"a": 1, "r": 1}, {}, {}]


@pytest.mark.parametrize("kind", ["Image", "Video"])
def test_no_name_goes_to_the_page(kind: str, lea: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(details, "LOOK_SECONDS", 0.0)
    client = lea if kind == "Image" else FakeClient(film(), "lea", lead=True)
    board = settling(client, type=kind, count=4)
    heard = Heard(board)
    heard.ask("ready")
    for review in board.reviews:
        FakeClient(client.service, NAMES[0]).add_note(review.id, "I am not sure")
        heard.ask("details", id=review.id)
        for asked in ("raw", "full", "frames", "transcript"):
            heard.ask(asked, id=review.id)
        heard.ask("toggle", id=review.id, tag="r", on=True, page="p", seq=1)
        heard.ask("note", id=review.id, text="so it is", page="p", n=1)
    heard.ask("hold", ids=[board.reviews[0].id], seconds=60, page="p", n=1)
    heard.ask("take_held", ids=[], page="p", n=2)
    heard.ask("find", words=NAMES[0], page="p")
    heard.ask("next", serial=board._state.screen.serial, page="p", n=3)
    heard.ask("prev", serial=board._state.screen.serial, page="p", n=4)
    told = json.dumps([each for each in heard.messages if each["type"] != "found"])
    assert "a colleague" in told
    assert "events" not in client.service.calls
    assert [name for name in (*NAMES, "opinion of") if name in told] == []
    assert next(each for each in heard.messages if each["type"] == "found")["ids"] == []


# The page -------------------------------------------------------------------------------------------------------------


def chip(page: Page, number: int, tag: str) -> Locator:
    return page.locator(f'.cm-tile[data-index="{number}"] > .cm-tags > [data-tag="{tag}"]')


def test_chips_say_how_many_of_how_many_and_agreed_ones_are_quiet(page: Page, show: Show, lea: FakeClient) -> None:
    show(settling(lea))
    expect(page.locator(".cm-mode")).to_have_text("Disputes")
    expect(page.get_by_role("region", name="Review board: disputes")).to_be_visible()
    expect(chip(page, 0, "a").locator(".cm-chip-split")).to_have_text("2 of 3")
    expect(chip(page, 0, "r").locator(".cm-chip-split")).to_have_text("1 of 3")
    expect(chip(page, 0, "sc").locator(".cm-chip-split")).to_have_count(0)
    expect(chip(page, 0, "a")).to_have_attribute("aria-pressed", "true")
    expect(chip(page, 0, "a")).to_have_accessible_name("isadult reviewers differ, 2 of 3 say on")
    expect(page.locator(".cm-dispute").first).to_have_text("3 answers, differ on isadult and isracy")
    expect(page.locator(".cm-progress-text")).to_have_text("5 on screen · 0 disputes wait · 0 settled here")


def test_a_tag_switched_away_from_the_majority_is_marked(page: Page, show: Show, lea: FakeClient) -> None:
    show(settling(lea))
    expect(page.locator("[data-changed]")).to_have_count(0)
    chip(page, 0, "a").click()
    expect(chip(page, 0, "a")).to_have_attribute("data-changed", "")
    expect(page.locator("[data-changed]")).to_have_count(1)
    assert "2 of 3 reviewers say on; auto said off, you said off" in str(chip(page, 0, "a").get_attribute("title"))


def test_a_key_goes_from_contested_tag_to_contested_tag(page: Page, show: Show, lea: FakeClient) -> None:
    show(settling(lea))
    page.locator(".cm-tile").first.focus()
    for number, tag in ((0, "a"), (0, "r"), (1, "a"), (1, "r"), (2, "a"), (2, "r"), (3, "a"), (4, "a"), (0, "a")):
        page.keyboard.press("Shift+C")
        expect(chip(page, number, tag)).to_be_focused()
    page.keyboard.press("a")
    expect(chip(page, 0, "a")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("ArrowRight")
    expect(page.locator('.cm-tile[data-index="1"]')).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_contain_text("the next tag or frame on which reviewers differ")


def test_the_answers_stand_side_by_side_without_names(page: Page, show: Show, lea: FakeClient) -> None:
    show(settling(lea))
    page.locator(".cm-tile").first.focus()
    page.keyboard.press("Enter")
    answers = page.locator(".cm-details").get_by_role("region", name="Answers", exact=True)
    expect(answers.get_by_role("columnheader")).to_have_text(["Tag", "Answer 1", "Answer 2", "Answer 3"])
    expect(answers.get_by_role("row").nth(1)).to_contain_text("isadult, answers differononoff")
    expect(answers.get_by_role("row").nth(3)).to_have_text("isscreenshotoffoffoff")
    expect(page.locator(".cm-details").get_by_role("region", name="History")).to_have_count(0)


def test_frames_that_differ_stand_in_the_details_and_on_the_strip(page: Page, show: Show) -> None:
    show(settling(FakeClient(film(), "lea", lead=True), type="Video"))
    expect(page.locator('.cm-frame-tag[data-contested="true"]')).to_have_count(2)
    expect(page.locator(".cm-dispute")).to_have_text("2 answers, differ on isadult and 1 frame")
    page.locator(".cm-tile").first.focus()
    page.keyboard.press("Enter")
    frames = page.locator(".cm-details").get_by_role("region", name="Answers, by frame and tag")
    expect(frames.get_by_role("row")).to_have_count(3)
    expect(frames.get_by_role("row").nth(1)).to_contain_text("0:01.5 isadult")


def test_the_key_goes_on_from_tags_to_frames(page: Page, show: Show) -> None:
    show(settling(FakeClient(film(), "lea", lead=True), type="Video"))
    expect(page.locator('.cm-frame-tag[data-contested="true"]')).to_have_count(2)
    page.locator(".cm-tile").first.focus()
    page.keyboard.press("Shift+C")
    expect(chip(page, 0, "a")).to_be_focused()
    page.keyboard.press("Shift+C")
    expect(page.locator('.cm-frame[data-frame="1500"]')).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator('.cm-frame[data-frame="1500"] [data-tag="a"]')).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Shift+C")
    expect(chip(page, 0, "a")).to_be_focused()


def test_the_last_one_settled_ends_calmly(page: Page, show: Show, lea: FakeClient) -> None:
    show(settling(lea))
    page.locator(".cm-tile").first.focus()
    page.keyboard.press("n")
    expect(page.locator(".cm-panel")).to_contain_text("All disputes are settled")
    expect(page.locator(".cm-panel")).to_contain_text("You settled 5 pictures here.")
    page.keyboard.press("p")
    expect(page.locator(".cm-tile")).to_have_count(5)


def test_without_disputes_it_says_so(page: Page, show: Show, fake: FakeService) -> None:
    show(settling(FakeClient(fake, "lea", lead=True)))
    expect(page.locator(".cm-panel")).to_contain_text("No disputes wait")
    expect(page.locator(".cm-panel")).to_contain_text("several people decide them and do not agree")


def test_disputes_that_are_for_somebody_else_are_told_of(page: Page, show: Show, disputes: FakeService) -> None:
    show(settling(FakeClient(disputes, NAMES[0], lead=True)))
    expect(page.locator(".cm-panel")).to_contain_text("No disputes wait for you")
    expect(page.locator(".cm-panel")).to_contain_text("one of the answers on each of them is yours")


def test_a_key_without_the_right_reads_why(page: Page, show: Show, disputes: FakeService) -> None:
    show(settling(FakeClient(disputes, "ana")))
    expect(page.locator(".cm-panel h3")).to_have_text("These disputes are not yours to settle")
    expect(page.locator(".cm-panel")).to_contain_text("key of a lead or an administrator")
    expect(page.locator(".cm-panel button")).to_have_count(0)


@pytest.mark.parametrize("theme", ["", "dark"])
@pytest.mark.parametrize("kind", ["Image", "Video"])
def test_axe_finds_nothing_serious(page: Page, show: Show, lea: FakeClient, theme: str, kind: str) -> None:
    client = lea if kind == "Image" else FakeClient(film(), "lea", lead=True)
    show(settling(client, type=kind), theme)
    page.locator(".cm-tile").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".cm-answers").first).to_be_visible()
    page.keyboard.press("a")
    assert axe.violations(page, ".cm-board") == []
