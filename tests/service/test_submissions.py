"""How answers become decisions, and how they are taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from cmtools.errors import BadRequest, BadTag, LeaseLost, NotFound, UndoWindowClosed
from cmtools.service import leases, submissions, teams
from cmtools.store import Store, open_store
from cmtools.tags import Tag
from cmtools.testing import ManualClock

from .conftest import BASE, Desk


def test_tags_that_are_not_named_take_what_was_shown(desk: Desk) -> None:
    desk.run(lambda ctx: teams.put_tag(ctx, Tag("sc", "isscreenshot")))
    (id,) = desk.create(1, metadata=(("A", "true"), ("model", "v2")))
    lease = desk.checkout()
    desk.run(lambda ctx: leases.save_toggles(ctx, lease.id, lease.token, {id: {"sc": True}}))
    desk.submit(lease)
    desk.pass_time(5)

    review = desk.get(id)
    assert review.human_tags == {"a": True, "r": False, "sc": True}
    assert list(review.human_tags) == ["a", "r", "sc"], "the built-in tags come first"
    assert review.metadata == (("A", "true"), ("model", "v2")), "the automatic side is never changed"


def test_named_answers_win_over_saved_toggles_and_auto_tags(desk: Desk) -> None:
    (id,) = desk.create(1, metadata=(("a", "True"),))
    lease = desk.checkout()
    desk.run(lambda ctx: leases.save_toggles(ctx, lease.id, lease.token, {id: {"r": True}}))
    desk.submit(lease, {id: {"a": False, "R": False}})
    desk.pass_time(5)
    assert desk.get(id).human_tags == {"a": False, "r": False}


def test_invisible_tag_is_not_decided(desk: Desk) -> None:
    desk.run(lambda ctx: teams.put_tag(ctx, Tag("sc", visible=False)))
    (id,) = desk.create(1, metadata=(("sc", "true"),))
    desk.submit(desk.checkout())
    desk.pass_time(5)
    assert desk.get(id).human_tags == {"a": False, "r": False}


def test_reviews_that_are_not_named_stay_in_the_lease(desk: Desk) -> None:
    ids = desk.create(3)
    lease = desk.checkout()
    desk.submit(lease, {ids[1]: {}})
    assert [review.id for review in desk.held()[0].reviews] == [ids[0], ids[2]]
    desk.submit(lease, {ids[0]: {}, ids[2]: {}})
    assert desk.held() == []


def test_review_is_pending_until_the_undo_window_closes(desk: Desk) -> None:
    (id,) = desk.create(1)
    submission = desk.submit(desk.checkout())
    assert (submission.undo_until - desk.clock()).total_seconds() == 5
    desk.pass_time(4.999999)
    assert (desk.get(id).status, desk.get(id).human_tags, desk.get(id).answers) == ("Pending", {}, ())
    desk.pass_time(0.000001)
    assert desk.get(id).status == "Complete"


def test_undo_gives_the_lease_back_with_the_tags_as_submitted(desk: Desk) -> None:
    (id,) = desk.create(1, metadata=(("a", "True"),))
    lease = desk.checkout()
    back = desk.undo(desk.submit(lease, {id: {"a": False, "r": True}}))
    assert back.id == lease.id
    assert back.reviews[0].toggles == {"a": False, "r": True}
    desk.submit(lease)
    desk.pass_time(5)
    assert desk.get(id).human_tags == {"a": False, "r": True}


def test_undo_at_the_last_moment_works_and_a_moment_later_does_not(desk: Desk) -> None:
    desk.create(2)
    first = desk.submit(desk.checkout(1))
    desk.clock.advance(4.999999)
    desk.undo(first)

    second = desk.submit(desk.run(lambda ctx: leases.resume(ctx, leases.held(ctx, BASE)[0].id, BASE)))
    desk.clock.advance(5)  # no worker has come by
    with pytest.raises(UndoWindowClosed, match="5 seconds"):
        desk.undo(second)


def test_undo_twice_is_as_once(desk: Desk) -> None:
    desk.create(1)
    submission = desk.submit(desk.checkout())
    assert desk.undo(submission).reviews == desk.undo(submission).reviews
    assert desk.actions().count("undo") == 1


def test_undone_submission_can_be_made_again_with_the_same_answers(desk: Desk) -> None:
    (id,) = desk.create(1)
    lease = desk.checkout()
    first = desk.submit(lease, {id: {"a": True}})
    desk.undo(first)
    second = desk.submit(lease, {id: {"a": True}})
    assert second.id != first.id
    desk.pass_time(5)
    assert desk.get(id).human_tags == {"a": True, "r": False}
    assert len(desk.get(id).answers) == 2, "one answer per tag; the undone ones are history, not answers"


def test_same_submission_sent_again_has_the_same_answer(desk: Desk) -> None:
    (id,) = desk.create(1)
    lease = desk.checkout()
    first = desk.submit(lease, {id: {"a": True}})
    assert desk.submit(lease, {id: {"a": True}}) == first
    desk.pass_time(5)
    assert desk.submit(lease, {id: {"a": True}}) == first
    assert desk.actions().count("submit") == 1


def test_other_answers_for_a_decided_review_are_refused(desk: Desk) -> None:
    (id,) = desk.create(1)
    lease = desk.checkout()
    desk.submit(lease, {id: {"a": True}})
    with pytest.raises(LeaseLost, match="submitted already"):
        desk.submit(lease, {id: {"a": False}})


def test_unknown_tag_refuses_the_whole_submission(desk: Desk) -> None:
    ids = desk.create(2)
    lease = desk.checkout()
    with pytest.raises(BadTag, match="'zz'"):
        desk.submit(lease, {ids[0]: {"a": True}, ids[1]: {"zz": True}})
    assert len(desk.held()[0].reviews) == 2


def test_review_of_nobody_and_review_of_another_lease_are_refused(desk: Desk) -> None:
    ids = desk.create(2)
    lease = desk.checkout(1)
    with pytest.raises(NotFound, match="no review 'nope'"):
        desk.submit(lease, {"nope": {}})
    with pytest.raises(LeaseLost, match="not in this lease"):
        desk.submit(lease, {ids[1]: {}})
    with pytest.raises(BadRequest, match="no review is named"):
        desk.submit(lease, {})


def test_only_the_reviewer_who_submitted_takes_it_back(desk: Desk) -> None:
    desk.create(1)
    submission = desk.submit(desk.checkout())
    with pytest.raises(NotFound, match="ben has no submission"):
        desk.run(lambda ctx: submissions.undo(ctx, submission.id, BASE), reviewer="ben")


def test_undo_gives_back_even_when_the_lease_has_expired_meanwhile(store: Store, clock: ManualClock) -> None:
    desk = Desk(store, clock, lease_seconds=3)
    ids = desk.create(2)
    lease = desk.checkout()
    submission = desk.submit(lease, {ids[0]: {}})
    desk.pass_time(4)
    assert [review.id for review in desk.undo(submission).reviews] == ids[:1]
    assert desk.submit(lease, {ids[0]: {"a": True}})


def test_window_of_no_seconds_completes_at_once(store: Store, clock: ManualClock) -> None:
    desk = Desk(store, clock, undo_seconds=0)
    (id,) = desk.create(1)
    submission = desk.submit(desk.checkout())
    assert desk.get(id).status == "Complete"
    with pytest.raises(UndoWindowClosed):
        desk.undo(submission)


def test_every_step_is_on_the_trail_with_what_was_before_and_after(desk: Desk) -> None:
    from cmtools.service import audit

    (id,) = desk.create(1, metadata=(("a", "True"),))
    desk.undo(desk.submit(desk.checkout(), {id: {"a": False}}))
    events = desk.run(lambda ctx: audit.trail(ctx, id, 0, 100))[0]
    assert [event.action for event in events] == ["create", "checkout", "submit", "undo"]
    submit = events[2]
    assert (submit.actor, submit.reviewer, submit.at) == ("administrator", "ana", desk.clock())
    assert submit.before == {"a": True}
    assert submit.after["tags"] == {"a": False, "r": False}


def test_answers_say_who_and_when(desk: Desk) -> None:
    (id,) = desk.create(1)
    desk.submit(desk.checkout(reviewer="ben"))
    decided = desk.clock()
    desk.pass_time(60)
    assert {(answer.reviewer, answer.decided_at) for answer in desk.get(id).answers} == {("ben", decided)}
    assert desk.get(id).decided_at == decided


def test_restart_inside_the_undo_window_keeps_it_to_the_moment(tmp_path: Path, clock: ManualClock) -> None:
    def started() -> Desk:
        return Desk(open_store(tmp_path / "reviews.db"), clock)

    desk = started()
    desk.create(2)
    first, second = desk.submit(desk.checkout(1)), desk.submit(desk.checkout(1))
    desk.store.close()
    clock.advance(4.999999)
    desk = started()
    desk.run(submissions.finalise)
    assert len(desk.undo(first).reviews) == 1
    desk.store.close()
    clock.advance(0.000001)
    desk = started()
    with pytest.raises(UndoWindowClosed):
        desk.undo(second)
    desk.run(submissions.finalise)
    assert desk.get(second.review_ids[0]).status == "Complete"
    desk.store.close()
