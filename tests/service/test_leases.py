"""Who may review what, for how long."""

from __future__ import annotations

import pytest

from cmtools.errors import AlreadyComplete, BadRequest, BadTag, Conflict, LeaseLost, NotFound
from cmtools.service import leases, reviews, submissions, teams

from .conftest import BASE, Desk


def test_checkout_gives_the_oldest_waiting_reviews(desk: Desk) -> None:
    ids = desk.create(5)
    lease = desk.checkout(3)
    assert [review.id for review in lease.reviews] == ids[:3]
    assert len(lease.token) >= 22
    assert (lease.expires_at - desk.clock()).total_seconds() == 900


def test_what_one_reviewer_holds_nobody_else_is_given(desk: Desk) -> None:
    ids = desk.create(5)
    desk.checkout(3)
    assert [review.id for review in desk.checkout(reviewer="ben").reviews] == ids[3:]
    assert desk.checkout(reviewer="eve").reviews == ()


def test_same_reviewer_in_a_second_tab_is_given_others(desk: Desk) -> None:
    desk.create(4)
    first, second = desk.checkout(2), desk.checkout(2)
    assert not {review.id for review in first.reviews} & {review.id for review in second.reviews}


def test_empty_queue_is_a_lease_on_nothing(desk: Desk) -> None:
    lease = desk.checkout()
    assert (lease.id, lease.reviews, lease.token) == ("", (), "")
    assert desk.held() == []


def test_checkout_of_a_subteam_takes_only_from_it(desk: Desk) -> None:
    desk.run(lambda ctx: teams.add_subteam(ctx, "second"))
    desk.create(2)
    other = desk.create(2, subteam="second")
    assert [review.id for review in desk.checkout(subteam="second").reviews] == other


def test_unknown_subteam_is_refused_by_name(desk: Desk) -> None:
    with pytest.raises(BadRequest, match=r"no subteam 'nope'; it has public"):
        desk.checkout(subteam="nope")


@pytest.mark.parametrize("count", [0, -1, 10_001])
def test_senseless_count_is_refused(desk: Desk, count: int) -> None:
    with pytest.raises(BadRequest, match="count"):
        desk.checkout(count)


def test_expired_lease_returns_its_reviews_to_their_old_places(desk: Desk) -> None:
    ids = desk.create(3)
    desk.checkout(1)
    desk.pass_time(900)
    assert [review.id for review in desk.checkout(reviewer="ben").reviews] == ids
    assert "expire" in desk.actions(ids[0])


def test_lease_lives_until_the_very_end_of_its_time(desk: Desk) -> None:
    desk.create(1)
    lease = desk.checkout()
    desk.pass_time(899.999)
    assert desk.checkout(reviewer="ben").reviews == ()
    assert desk.submit(lease)


def test_checkout_itself_gives_back_what_has_expired(desk: Desk) -> None:
    desk.create(1)
    desk.checkout()
    desk.clock.advance(900)  # and no worker has come by
    assert len(desk.checkout(reviewer="ben").reviews) == 1


def test_renewed_lease_lasts_its_full_time_from_then(desk: Desk) -> None:
    desk.create(1)
    lease = desk.checkout()
    desk.pass_time(800)
    renewed = desk.run(lambda ctx: leases.renew(ctx, lease.id, lease.token, BASE))
    assert (renewed.expires_at - desk.clock()).total_seconds() == 900
    desk.pass_time(800)
    assert desk.submit(lease)


def test_submit_with_an_expired_lease_changes_nothing(desk: Desk) -> None:
    ids = desk.create(2)
    lease = desk.checkout()
    desk.pass_time(900)
    with pytest.raises(LeaseLost, match="expired"):
        desk.submit(lease)
    assert {desk.get(id).status for id in ids} == {"Pending"}
    assert "submit" not in desk.actions()


def test_resumed_lease_has_the_toggles_and_a_new_token(desk: Desk) -> None:
    (id,) = desk.create(1)
    lease = desk.checkout()
    desk.run(lambda ctx: leases.save_toggles(ctx, lease.id, lease.token, {id: {"R": True}}))

    (offered,) = desk.held()
    resumed = desk.run(lambda ctx: leases.resume(ctx, offered.id, BASE))

    assert offered.token == ""
    assert resumed.reviews[0].toggles == {"r": True}
    assert resumed.token not in ("", lease.token)


def test_token_from_before_a_resume_is_dead(desk: Desk) -> None:
    (id,) = desk.create(1)
    lease = desk.checkout()
    desk.run(lambda ctx: leases.resume(ctx, lease.id, BASE))
    with pytest.raises(LeaseLost, match="resumed elsewhere"):
        desk.submit(lease)
    with pytest.raises(LeaseLost):
        desk.run(lambda ctx: leases.save_toggles(ctx, lease.id, lease.token, {id: {"a": True}}))
    with pytest.raises(LeaseLost):
        desk.run(lambda ctx: leases.renew(ctx, lease.id, lease.token, BASE))


def test_nobody_resumes_or_releases_another_reviewers_lease(desk: Desk) -> None:
    desk.create(1)
    lease = desk.checkout()
    for rule in (
        lambda ctx: leases.resume(ctx, lease.id, BASE),
        lambda ctx: leases.release(ctx, lease.id, None, None),
    ):
        with pytest.raises(NotFound, match="ben has no lease"):
            desk.run(rule, reviewer="ben")
    assert len(desk.held()) == 1


def test_released_reviews_wait_again_without_their_toggles(desk: Desk) -> None:
    ids = desk.create(3)
    lease = desk.checkout()
    desk.run(lambda ctx: leases.save_toggles(ctx, lease.id, lease.token, {ids[0]: {"a": True}}))
    desk.run(lambda ctx: leases.release(ctx, lease.id, lease.token, ids[:1]))

    assert [review.id for review in desk.held()[0].reviews] == ids[1:]
    again = desk.checkout(reviewer="ben").reviews
    assert [review.id for review in again] == ids[:1]
    assert again[0].toggles == {}


def test_releasing_everything_ends_the_lease_and_twice_is_as_once(desk: Desk) -> None:
    desk.create(2)
    lease = desk.checkout()
    for _ in range(2):
        desk.run(lambda ctx: leases.release(ctx, lease.id, lease.token, None))
    assert desk.held() == []
    with pytest.raises(LeaseLost, match="given back"):
        desk.submit(lease)


def test_toggle_of_an_unknown_tag_is_refused_and_nothing_saved(desk: Desk) -> None:
    (id,) = desk.create(1)
    lease = desk.checkout()
    with pytest.raises(BadTag, match=r"no tag 'zz'; it has a, r"):
        desk.run(lambda ctx: leases.save_toggles(ctx, lease.id, lease.token, {id: {"a": True, "zz": True}}))
    assert desk.held()[0].reviews[0].toggles == {}


def test_moved_review_leaves_the_lease_for_the_other_queue(desk: Desk) -> None:
    desk.run(lambda ctx: teams.add_subteam(ctx, "experts"))
    ids = desk.create(2)
    lease = desk.checkout()

    moved = desk.run(lambda ctx: leases.move(ctx, ids[0], "experts", lease.token, BASE))

    assert moved.subteam == "experts"
    assert [review.id for review in desk.held()[0].reviews] == ids[1:]
    assert [review.id for review in desk.checkout(reviewer="ben", subteam="experts").reviews] == ids[:1]


def test_review_that_somebody_holds_is_not_moved_from_under_them(desk: Desk) -> None:
    desk.run(lambda ctx: teams.add_subteam(ctx, "experts"))
    (id,) = desk.create(1)
    desk.checkout()
    for token in (None, "wrong"):
        with pytest.raises(LeaseLost):
            desk.run(lambda ctx, token=token: leases.move(ctx, id, "experts", token, BASE), reviewer="ben")


def test_decided_review_is_not_moved(desk: Desk) -> None:
    (id,) = desk.create(1)
    desk.submit(desk.checkout())
    with pytest.raises(Conflict, match="just submitted"):
        desk.run(lambda ctx: leases.move(ctx, id, "public", None, BASE))
    desk.pass_time(5)
    with pytest.raises(AlreadyComplete):
        desk.run(lambda ctx: leases.move(ctx, id, "public", None, BASE))


def test_counts_follow_a_review_through_its_states(desk: Desk) -> None:
    desk.create(3)

    def counted() -> tuple[int, int, int, int]:
        found = desk.run(lambda ctx: reviews.counts(ctx, "image", None))
        return found.pending, found.leased, found.submitted, found.complete

    assert counted() == (3, 0, 0, 0)
    lease = desk.checkout(2)
    assert counted() == (1, 2, 0, 0)
    desk.submit(lease)
    assert counted() == (1, 0, 2, 0)
    desk.pass_time(5)
    assert counted() == (1, 0, 0, 2)
    assert desk.run(submissions.finalise) == 0
