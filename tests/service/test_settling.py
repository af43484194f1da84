"""When fewer people are there than were asked for: a lead settles reviews by the opinions that there are."""

from __future__ import annotations

import pytest

from cmtools.errors import Conflict, NotFound
from cmtools.model import QueueCounts
from cmtools.service import opinions, reviews
from tests.service.conftest import Desk


def decide(desk: Desk, reviewer: str, count: int = 20, **tags: bool) -> None:
    lease = desk.checkout(count, reviewer=reviewer)
    desk.submit(lease, {review.id: tags for review in lease.reviews})
    desk.pass_time(6)


def settled(desk: Desk, ids: list[str]) -> int:
    return desk.run(lambda ctx: opinions.settle_early(ctx, ids))


def counts(desk: Desk) -> QueueCounts:
    return desk.run(lambda ctx: reviews.counts(ctx, None, None))


def test_review_is_settled_by_the_opinions_that_there_are_and_nobody_else_is_asked(desk: Desk) -> None:
    [id] = desk.create(overlap=3)
    decide(desk, "ana", a=True)
    assert settled(desk, [id]) == 1
    review = desk.get(id)
    assert (review.status, review.human_tags["a"], review.answers[0].reviewer) == ("Complete", True, "(majority)")
    assert not desk.checkout(reviewer="ben").reviews
    assert counts(desk).pending == 0
    assert desk.actions(id) == ["create", "resolve"]
    assert desk.actions().count("withdraw") == 2


def test_opinions_that_differ_become_a_dispute(desk: Desk) -> None:
    [id] = desk.create(overlap=3, final="adjudication")
    decide(desk, "ana", a=True)
    decide(desk, "ben", a=False)
    assert settled(desk, [id]) == 1
    assert counts(desk).disputed == 1


def test_who_has_one_in_hand_may_still_give_it(desk: Desk) -> None:
    [id] = desk.create(overlap=3)
    decide(desk, "ana", a=True)
    in_hand = desk.checkout(reviewer="ben")
    assert settled(desk, [id]) == 0
    assert desk.get(id).status == "Pending"
    desk.submit(in_hand)
    desk.pass_time(6)
    assert counts(desk).disputed == 1


def test_what_nobody_has_said_anything_of_stays_and_nothing_is_changed(desk: Desk) -> None:
    first, second = desk.create(2, overlap=2)
    decide(desk, "ana", count=1)
    with pytest.raises(Conflict, match=f"nobody has said anything of review {second}"):
        settled(desk, [first, second])
    assert counts(desk).pending == 3
    with pytest.raises(NotFound, match="'nowhere'"):
        settled(desk, [first, "nowhere"])
    assert settled(desk, [first, first]) == 1
    assert settled(desk, [first]) == 0


def test_reviews_of_one_person_are_left_alone(desk: Desk) -> None:
    [id] = desk.create()
    assert settled(desk, [id]) == 0
    assert len(desk.checkout().reviews) == 1
