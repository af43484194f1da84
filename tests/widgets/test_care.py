"""What a board does for its reviewer, without a browser: choices, reveals, caps, breaks."""

from __future__ import annotations

import pytest

from cmtools.errors import Unreachable
from cmtools.widgets.care import Care
from tests.widgets.fake_client import FakeClient, FakeService


@pytest.fixture
def care(ana: FakeClient) -> Care:
    return Care(ana, ana.service.clock.monotonic)  # type: ignore[arg-type]


def ids(fake: FakeService) -> list[str]:
    return list(fake.reviews)


def test_all_is_blurred_and_grey_for_somebody_new(care: Care) -> None:
    care.load()
    assert (care.blur, care.grey) == (True, True)


def test_a_choice_is_there_on_the_next_board(care: Care, ana: FakeClient) -> None:
    care.choose(False, True, "page", 1)
    care.remember()
    later = Care(ana)  # type: ignore[arg-type]
    later.load()
    assert (later.blur, later.grey) == (False, True)


def test_a_choice_made_before_the_old_one_has_come_holds(care: Care) -> None:
    care.choose(False, False, "page", 1)
    care.load()
    assert (care.blur, care.grey) == (False, False)


def test_an_older_word_of_a_page_changes_nothing(care: Care) -> None:
    care.choose(False, False, "page", 2)
    care.choose(True, True, "page", 1)
    assert care.blur is False


def test_reveals_of_one_review_are_counted_each(care: Care, fake: FakeService, ana: FakeClient) -> None:
    first, second = ids(fake)[:2]
    care.see("page", 1, [(first, 1.0), (second, 2.0), (first, 3.0)], 0)
    care.send()
    today = ana.exposure_today()
    assert (today.reveals, today.seconds) == (3, 6.0)
    assert care.snapshot(None)["reveals"] == 3


def test_what_a_page_says_twice_counts_once(care: Care, fake: FakeService, ana: FakeClient) -> None:
    for _ in range(2):
        care.see("page", 1, [(ids(fake)[0], 1.0)], 0)
    care.send()
    assert ana.exposure_today().reveals == 1


def test_reveals_that_the_service_did_not_take_are_told_again(care: Care, fake: FakeService, ana: FakeClient) -> None:
    fake.broken = Unreachable("down")
    care.see("page", 1, [(ids(fake)[0], 1.5)], 0)
    with pytest.raises(Unreachable):
        care.send()
    assert care.snapshot(None)["reveals"] == 1
    fake.broken = None
    care.send()
    assert ana.exposure_today().reveals == 1


def test_a_break_is_due_after_so_much_work_and_a_pause_is_one(care: Care, fake: FakeService) -> None:
    for number in range(10):
        care.see("page", number + 1, [], 60)
        fake.clock.advance(60)
    assert care.snapshot(601)["rest"] == 0
    assert care.snapshot(600)["rest"] == 600
    assert care.snapshot(None)["rest"] == 0
    fake.clock.advance(301)
    care.see("page", 11, [], 20)
    assert care.snapshot(60)["rest"] == 0


def test_a_break_that_was_had_starts_anew(care: Care) -> None:
    care.see("page", 1, [], 700)
    care.rested()
    assert care.snapshot(600)["rest"] == 0
