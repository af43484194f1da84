"""What a reviewer puts aside for later, and how long it stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cmtools.errors import BadRequest, Conflict, Forbidden, LeaseLost, NotFound
from cmtools.model import Lease, Review
from cmtools.service import holds, leases, notes, reviews
from cmtools.service.context import Context

from .conftest import BASE, Desk


def hold(desk: Desk, lease: Lease, ids: list[str], seconds: float = 3600.0, note: str = "") -> list[Review]:
    return desk.run(lambda ctx: holds.hold(ctx, lease.id, lease.token, ids, seconds, note, BASE), lease.reviewer)


def held(desk: Desk, reviewer: str | None = None, *, everyone: bool = False) -> list[str]:
    return [review.id for review in desk.run(lambda ctx: holds.listing(ctx, everyone, BASE), reviewer)]


def take(desk: Desk, ids: list[str] | None = None, reviewer: str | None = None) -> Lease:
    return desk.run(lambda ctx: holds.take(ctx, ids, None, BASE), reviewer)


def sweep(desk: Desk) -> None:
    desk.run(holds.expire)


def as_reviewer(ctx: Context, name: str) -> Context:
    return replace(ctx, actor=replace(ctx.actor, role="reviewer", reviewer=name))


def test_held_review_is_in_no_lease_and_in_no_queue(desk: Desk) -> None:
    ids = desk.create(2)
    lease = desk.checkout()
    (parked,) = hold(desk, lease, ids[:1])
    assert (parked.id, parked.held_by, parked.status) == (ids[0], "ana", "Pending")
    assert (parked.held_until - desk.clock()).total_seconds() == 3600
    assert [review.id for review in desk.held()[0].reviews] == ids[1:]
    assert desk.checkout(reviewer="ben").reviews == ()
    assert held(desk) == ids[:1]
    assert desk.run(lambda ctx: reviews.counts(ctx, None, None)).held == 1


def test_held_review_is_taken_up_again_with_its_toggles(desk: Desk) -> None:
    (id,) = desk.create(1)
    lease = desk.checkout()
    desk.run(lambda ctx: leases.save_toggles(ctx, lease.id, lease.token, {id: {"r": True}}))
    hold(desk, lease, [id])
    again = take(desk)
    assert [(review.id, review.toggles, review.held_by) for review in again.reviews] == [(id, {"r": True}, None)]
    assert desk.submit(again).review_ids == (id,)
    assert held(desk) == []


def test_hold_ends_by_itself_and_the_review_is_back_at_its_old_place(desk: Desk) -> None:
    ids = desk.create(2)
    lease = desk.checkout(1)
    desk.run(lambda ctx: leases.save_toggles(ctx, lease.id, lease.token, {ids[0]: {"r": True}}))
    hold(desk, lease, ids[:1], seconds=60)
    desk.clock.advance(59.999)
    sweep(desk)
    assert held(desk) == ids[:1]
    desk.clock.advance(0.001)
    sweep(desk)
    found = desk.checkout(reviewer="ben").reviews
    assert [(review.id, review.toggles) for review in found] == [(ids[0], {}), (ids[1], {})]
    assert "unhold" in desk.actions(ids[0])


def test_lease_whose_reviews_are_all_on_hold_has_ended_and_says_so(desk: Desk) -> None:
    ids = desk.create(2)
    lease = desk.checkout()
    hold(desk, lease, ids)
    assert desk.held() == []
    with pytest.raises(LeaseLost, match="put on hold"):
        desk.submit(lease)


def test_hold_outlives_the_lease_that_it_came_from(desk: Desk) -> None:
    ids = desk.create(2)
    lease = desk.checkout()
    hold(desk, lease, ids[:1])
    desk.pass_time(900)
    assert held(desk) == ids[:1]
    assert [review.id for review in desk.checkout(reviewer="ben").reviews] == ids[1:]


def test_nobody_takes_up_what_somebody_else_has_on_hold(desk: Desk) -> None:
    ids = desk.create(1)
    hold(desk, desk.checkout(), ids)
    assert take(desk, reviewer="ben").reviews == ()
    with pytest.raises(Conflict, match="not on hold for ben"):
        take(desk, ids, reviewer="ben")


def test_lead_sees_everybodys_holds_and_a_reviewer_only_their_own(desk: Desk) -> None:
    ids = desk.create(2)
    hold(desk, desk.checkout(1), ids[:1])
    hold(desk, desk.checkout(1, reviewer="ben"), ids[1:])
    assert held(desk, everyone=True) == ids
    assert held(desk, "ben") == ids[1:]
    with pytest.raises(Forbidden, match="takes one of administrator, lead"):
        desk.run(lambda ctx: holds.listing(as_reviewer(ctx, "ben"), True, BASE))


def test_lead_puts_back_what_somebody_holds_and_a_colleague_does_not(desk: Desk) -> None:
    ids = desk.create(1)
    hold(desk, desk.checkout(), ids)
    with pytest.raises(Forbidden):
        desk.run(lambda ctx: holds.give_back(as_reviewer(ctx, "ben"), ids))
    assert held(desk) == ids
    for _ in range(2):  # twice is as once
        desk.run(lambda ctx: holds.give_back(ctx, ids), "eve")
    assert [review.id for review in desk.checkout(reviewer="ben").reviews] == ids


def test_note_of_a_hold_is_kept_for_colleagues(desk: Desk) -> None:
    ids = desk.create(1)
    hold(desk, desk.checkout(), ids, note=" ask legal ")
    found, _ = desk.run(lambda ctx: notes.page(ctx, ids[0], 0, 10))
    assert [(note.reviewer, note.text) for note in found] == [("ana", "ask legal")]


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 31 * 24 * 3600])
def test_hold_for_a_senseless_time_is_refused(desk: Desk, seconds: float) -> None:
    ids = desk.create(1)
    lease = desk.checkout()
    with pytest.raises(BadRequest, match="seconds"):
        hold(desk, lease, ids, seconds)
    assert held(desk) == []


def test_hold_of_what_the_lease_does_not_hold_changes_nothing(desk: Desk) -> None:
    ids = desk.create(2)
    lease = desk.checkout(1)
    with pytest.raises(LeaseLost, match="not in this lease"):
        hold(desk, lease, ids)
    with pytest.raises(NotFound, match="no review 'nope'"):
        hold(desk, lease, ["nope"])
    assert held(desk) == []


def test_held_review_is_moved_by_its_holder_and_waits_there(desk: Desk) -> None:
    from cmtools.service import teams

    ids = desk.create(1)
    desk.run(lambda ctx: teams.add_subteam(ctx, "second"))
    hold(desk, desk.checkout(), ids)
    with pytest.raises(Forbidden):
        desk.run(lambda ctx: leases.move(as_reviewer(ctx, "ben"), ids[0], "second", None, BASE))
    desk.run(lambda ctx: leases.move(ctx, ids[0], "second", None, BASE))
    assert held(desk) == []
    assert [review.id for review in desk.checkout(subteam="second").reviews] == ids


def test_what_was_held_blind_is_taken_up_blind(desk: Desk) -> None:
    ids = desk.create(1, metadata=(("a", "True"), ("a.score", "0.9"), ("album", "cats")))
    lease = desk.run(lambda ctx: leases.checkout(ctx, 1, "Image", None, BASE, blind=True))
    assert hold(desk, lease, ids)[0].metadata == (("album", "cats"),)
    again = take(desk)
    assert again.blind
    assert (again.reviews[0].auto_tags, again.reviews[0].scores) == ({}, {})
