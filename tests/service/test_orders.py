"""In which order the queue is given out, and what a blind lease leaves out."""

from __future__ import annotations

import pytest

from cmtools.errors import BadRequest, LeaseLost
from cmtools.model import Draft, Frame, Lease, Review
from cmtools.service import audit, holds, leases, reviews, submissions, videos
from cmtools.wire.creation import Incoming

from .conftest import BASE, Desk

PAIRS = (("a", "True"), ("a.score", "0.9"), ("isadult", "True"), ("adultScore", "0.9"), ("album", "cats"))


def scored(desk: Desk, *scores: str | None, team_key: str = "a.score") -> list[str]:
    drafts = [
        Incoming(Draft("https://x.org/1.jpg", "1", metadata=() if score is None else ((team_key, score),)))
        for score in scores
    ]
    return desk.run(lambda ctx: reviews.create(ctx, drafts, None, BASE))[0]


def taken(desk: Desk, count: int, **how: object) -> Lease:
    return desk.run(lambda ctx: leases.checkout(ctx, count, "Image", None, BASE, **how))


def ids_of(lease: Lease) -> list[str]:
    return [review.id for review in lease.reviews]


def test_highest_scores_come_first_and_reviews_without_one_last(desk: Desk) -> None:
    ids = scored(desk, "0.2", None, "0.9", "0.5", "0.9", None)
    assert ids_of(taken(desk, 4, order="highest")) == [ids[2], ids[4], ids[3], ids[0]]
    assert ids_of(taken(desk, 4, order="highest")) == [ids[1], ids[5]]


def test_most_uncertain_come_first(desk: Desk) -> None:
    ids = scored(desk, "0.99", "0.45", None, "0.52", "0.0")
    assert ids_of(taken(desk, 9, order="uncertain")) == [ids[3], ids[1], ids[0], ids[4], ids[2]]


@pytest.mark.parametrize("score", ["nan", "inf", "-inf", "1.5", "-0.1", "high", ""])
def test_score_that_is_no_share_counts_as_none(desk: Desk, score: str) -> None:
    ids = scored(desk, score, "0.01")
    assert ids_of(taken(desk, 2, order="highest")) == ids[::-1]


def test_score_of_what_is_no_tag_of_the_team_counts_as_none(desk: Desk) -> None:
    ids = [*scored(desk, "0.9", team_key="zz.score"), *scored(desk, "0.1")]
    assert ids_of(taken(desk, 2, order="highest")) == ids[::-1]


def test_random_order_with_a_seed_is_the_same_again_and_covers_everything(desk: Desk) -> None:
    ids = scored(desk, *[None] * 30)
    first = taken(desk, 12, order="random", seed=5)
    rest = taken(desk, 30, order="random", seed=5)
    assert sorted(ids_of(first) + ids_of(rest)) == sorted(ids)
    for lease in (first, rest):
        desk.run(lambda ctx, lease=lease: leases.release(ctx, lease.id, lease.token, None))
    again = taken(desk, 30, order="random", seed=5)
    assert ids_of(again) == ids_of(first) + ids_of(rest)
    assert ids_of(again) != ids


def test_other_seed_starts_elsewhere(desk: Desk) -> None:
    scored(desk, *[None] * 30)
    starts = set()
    for seed in range(8):
        lease = taken(desk, 1, order="random", seed=seed)
        starts.add(ids_of(lease)[0])
        desk.run(lambda ctx, lease=lease: leases.release(ctx, lease.id, lease.token, None))
    assert len(starts) > 1


def test_resumed_lease_keeps_its_order(desk: Desk) -> None:
    scored(desk, "0.1", "0.9", "0.5")
    for how in ({"order": "highest"}, {"order": "random", "seed": 3}):
        lease = taken(desk, 3, **how)
        resumed = desk.run(lambda ctx, lease=lease: leases.resume(ctx, lease.id, BASE))
        assert ids_of(resumed) == ids_of(lease)
        desk.run(lambda ctx, resumed=resumed: leases.release(ctx, resumed.id, resumed.token, None))


def test_unknown_order_is_refused_by_name(desk: Desk) -> None:
    with pytest.raises(BadRequest, match="no order 'newest'; there are oldest, highest, uncertain, random"):
        taken(desk, 1, order="newest")


def test_blind_lease_shows_nothing_that_tells_the_auto_tags(desk: Desk) -> None:
    desk.create(1, metadata=PAIRS)
    lease = taken(desk, 1, blind=True)
    resumed = desk.run(lambda ctx: leases.resume(ctx, lease.id, BASE))
    for shown in (lease.reviews[0], resumed.reviews[0], desk.held()[0].reviews[0]):
        assert (shown.metadata, shown.auto_tags, shown.scores) == ((("album", "cats"),), {}, {})


def test_reviewer_who_holds_a_review_blind_sees_its_auto_tags_nowhere_and_others_do(desk: Desk) -> None:
    (id,) = desk.create(1, metadata=PAIRS)
    assert taken(desk, 1, blind=True).reviews[0].id == id

    def readings(reviewer: str) -> list[Review]:
        return [
            desk.run(lambda ctx: reviews.get(ctx, id, BASE), reviewer),
            desk.run(lambda ctx: reviews.linked(ctx, id, BASE), reviewer),
            desk.run(lambda ctx: reviews.lookup(ctx, [id], True, BASE), reviewer)[0][0],
            desk.run(lambda ctx: reviews.page(ctx, None, None, None, 0, 10, BASE), reviewer)[0][0],
        ]

    assert {(each.metadata, bool(each.auto_tags), bool(each.scores)) for each in readings("ana")} == {
        ((("album", "cats"),), False, False)
    }
    assert {(each.metadata, bool(each.auto_tags), bool(each.scores)) for each in readings("lea")} == {
        (PAIRS, True, True)
    }


def test_auto_tags_stay_hidden_on_hold_and_until_the_submission_is_final(desk: Desk) -> None:
    (id,) = desk.create(1, metadata=PAIRS)
    lease = taken(desk, 1, blind=True)
    desk.run(lambda ctx: holds.hold(ctx, lease.id, lease.token, [id], 60, "", BASE))
    assert desk.get(id).auto_tags == {}
    lease = desk.run(lambda ctx: holds.take(ctx, [id], None, BASE))
    submitted = desk.submit(lease)
    assert desk.get(id).auto_tags == {}
    desk.undo(submitted)
    desk.submit(lease)
    desk.pass_time(5)
    assert desk.get(id).auto_tags == {"a": True}


def test_what_was_given_back_is_hidden_no_more(desk: Desk) -> None:
    (id,) = desk.create(1, metadata=PAIRS)
    lease = taken(desk, 1, blind=True)
    desk.run(lambda ctx: leases.release(ctx, lease.id, lease.token, None))
    assert desk.get(id).auto_tags == {"a": True}


def test_trail_tells_the_reviewer_who_holds_a_review_blind_no_tags_but_their_own(desk: Desk) -> None:
    (id,) = desk.create(1, metadata=PAIRS)
    desk.undo(desk.submit(first := desk.checkout(reviewer="ben"), {id: {"r": True}}))
    desk.run(lambda ctx: leases.take_away(ctx, first.id))
    lease = taken(desk, 1, blind=True)
    desk.submit(lease, {id: {"r": False}})

    def told(reviewer: str) -> list[object]:
        found = desk.run(lambda ctx: audit.trail(ctx, id, 0, 100), reviewer)[0]
        return [(dict(event.before), event.after.get("tags")) for event in found if event.action == "submit"]

    def created(reviewer: str) -> object:
        return desk.run(lambda ctx: audit.trail(ctx, id, 0, 1), reviewer)[0][0].after.get("auto_tags")

    assert (created("ana"), created("lea")) == (None, ["a"])
    mine = {"a": False, "r": False}
    assert told("ana") == [({}, None), ({}, mine)]
    assert told("lea") == [({"a": True}, {"a": True, "r": True}), ({"a": True}, mine)]


def test_frames_of_a_video_held_blind_cannot_be_searched_by_auto_tag(desk: Desk) -> None:
    frame = Frame(0, "https://x.org/0.jpg", (("a", "True"),), (("a", "True"),))
    (id,) = desk.create(1, type="Video", frames=(frame,), metadata=PAIRS)
    assert len(desk.run(lambda ctx: videos.with_frames(ctx, id, tag="a")).frames) == 1
    desk.run(lambda ctx: leases.checkout(ctx, 1, "Video", None, BASE, blind=True))
    assert desk.run(lambda ctx: videos.with_frames(ctx, id, tag="a")).frames == ()
    assert desk.run(lambda ctx: videos.with_frames(ctx, id)).frames[0].metadata == ()


def test_tag_that_is_not_named_in_a_blind_submission_is_what_was_switched_else_off(desk: Desk) -> None:
    (id,) = desk.create(1, metadata=PAIRS)
    lease = taken(desk, 1, blind=True)
    desk.run(lambda ctx: leases.save_toggles(ctx, lease.id, lease.token, {id: {"r": True}}))
    desk.run(lambda ctx: submissions.submit(ctx, lease.id, lease.token, {id: {}}))
    desk.pass_time(5)
    found = desk.get(id)
    assert (found.human_tags, found.auto_tags) == ({"a": False, "r": True}, {"a": True})
    assert {answer.blind for answer in found.answers} == {True}


def test_answers_under_an_ordinary_lease_are_not_blind(desk: Desk) -> None:
    (id,) = desk.create(1)
    desk.submit(desk.checkout())
    desk.pass_time(5)
    assert {answer.blind for answer in desk.get(id).answers} == {False}


def test_lead_takes_a_lease_away_and_its_reviewer_is_told(desk: Desk) -> None:
    ids = desk.create(3)
    lease = desk.checkout(reviewer="ben")
    for _ in range(2):  # twice is as once
        desk.run(lambda ctx: leases.take_away(ctx, lease.id))
    with pytest.raises(LeaseLost, match="a lead took this lease away"):
        desk.submit(lease)
    assert ids_of(desk.checkout()) == ids
    assert desk.actions(ids[0]) == ["create", "checkout", "take_away", "checkout"]


def test_lease_that_is_taken_away_leaves_what_was_submitted(desk: Desk) -> None:
    ids = desk.create(2)
    lease = desk.checkout(reviewer="ben")
    desk.submit(lease, {ids[0]: {}})
    desk.run(lambda ctx: leases.take_away(ctx, lease.id))
    desk.pass_time(5)
    assert [desk.get(id).status for id in ids] == ["Complete", "Pending"]


def test_lead_sees_everybodys_live_leases_without_tokens(desk: Desk) -> None:
    desk.create(5)
    desk.checkout(2)
    desk.clock.advance(1)
    desk.checkout(3, reviewer="ben")
    found = desk.run(leases.everyones)
    assert [(lease.reviewer, lease.review_count, lease.token) for lease in found] == [("ana", 2, ""), ("ben", 3, "")]


def test_sweep_of_very_many_leases_goes_in_parts(desk: Desk) -> None:
    desk.create(leases.SWEPT_AT_ONCE + 5)
    for _ in range(leases.SWEPT_AT_ONCE + 5):
        desk.checkout(1)
    desk.clock.advance(900)
    assert [desk.run(leases.expire) for _ in range(3)] == [leases.SWEPT_AT_ONCE, 5, 0]
    assert desk.run(lambda ctx: reviews.counts(ctx, None, None)).pending == leases.SWEPT_AT_ONCE + 5
