"""The stand-in behaves as the real service does in everything that a board relies on: each test runs on both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from cmtools.errors import LeaseLost, NotFound, UndoWindowClosed
from cmtools.model import Draft
from cmtools.testing import running_service
from tests.widgets.fake_client import FakeClient, FakeService


@dataclass
class World:
    """A service with six texts, as two reviewers see it, and how to move its clock."""

    ana: Any
    ben: Any
    advance: Callable[[float], None]


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "fake":
        service = FakeService()
        service.fill(6, type="Text")
        yield World(FakeClient(service, "ana"), FakeClient(service, "ben"), service.clock.advance)
        return
    with running_service() as running:
        client = running.client("ana")
        drafts = [Draft(f"text {number}", str(number), "Text", (("a", "True"),)) for number in range(6)]
        client.create_reviews(drafts, progress=False)
        client.add_subteam("experts")
        yield World(client, running.client("ben"), running.advance)


def test_an_empty_queue_gives_a_lease_without_id_and_reviews(world: World) -> None:
    lease = world.ana.checkout(5)
    assert (lease.id, lease.reviews) == ("", ())


def test_what_is_taken_is_nobody_elses(world: World) -> None:
    first = world.ana.checkout(4, type="Text")
    second = world.ben.checkout(4, type="Text")
    assert (len(first.reviews), len(second.reviews)) == (4, 2)
    counts = world.ana.counts("Text")
    assert (counts.pending, counts.leased, counts.total) == (0, 6, 6)


def test_leases_show_reviews_and_toggles_but_no_token(world: World) -> None:
    lease = world.ana.checkout(2, type="Text")
    world.ana.save(lease, {lease.reviews[0].id: {"r": True}})
    (found,) = world.ana.leases()
    assert (found.id, found.token, found.type) == (lease.id, "", "Text")
    assert [dict(review.toggles) for review in found.reviews] == [{"r": True}, {}]
    assert world.ben.leases() == []


def test_a_resumed_lease_has_another_token_and_the_old_is_dead(world: World) -> None:
    old = world.ana.checkout(2, type="Text")
    new = world.ana.resume(old)
    assert new.id == old.id
    assert new.token != old.token
    with pytest.raises(LeaseLost):
        world.ana.submit(old, {old.reviews[0].id: {"a": True}})
    with pytest.raises(LeaseLost):
        world.ana.save(old, {old.reviews[0].id: {"a": True}})
    with pytest.raises(LeaseLost):
        world.ana.renew(old)


def test_nobody_resumes_anothers_lease(world: World) -> None:
    lease = world.ana.checkout(2, type="Text")
    with pytest.raises(NotFound):
        world.ben.resume(lease)


def test_a_lease_runs_out_unless_it_is_renewed(world: World) -> None:
    lease = world.ana.checkout(2, type="Text")
    world.advance(600)
    world.ana.renew(lease)
    world.advance(600)
    world.ana.save(lease, {lease.reviews[0].id: {"a": False}})
    world.advance(901)
    with pytest.raises(LeaseLost):
        world.ana.save(lease, {lease.reviews[0].id: {"a": False}})
    assert world.ana.leases() == []


def test_only_named_reviews_are_released_and_twice_is_once(world: World) -> None:
    lease = world.ana.checkout(3, type="Text")
    world.ana.release(lease, [lease.reviews[0].id])
    assert len(world.ana.leases()[0].reviews) == 2
    world.ana.release(lease)
    world.ana.release(lease)
    assert world.ana.leases() == []
    assert world.ana.counts("Text").pending == 6


def test_an_offered_lease_is_released_without_its_token(world: World) -> None:
    world.ana.checkout(3, type="Text")
    world.ana.release(world.ana.leases()[0])
    assert world.ana.counts("Text").pending == 6


def test_the_same_submission_sent_twice_is_one(world: World) -> None:
    lease = world.ana.checkout(2, type="Text")
    answers = {review.id: {"a": True, "r": False} for review in lease.reviews}
    first, second = world.ana.submit(lease, answers), world.ana.submit(lease, answers)
    assert first.id == second.id
    assert (first.undo_until - first.created_at).total_seconds() == 5
    assert world.ana.counts("Text").submitted == 2


def test_undo_gives_the_lease_back_with_what_was_submitted(world: World) -> None:
    lease = world.ana.checkout(2, type="Text")
    answers = {review.id: {"a": False, "r": True} for review in lease.reviews}
    back = world.ana.undo(world.ana.submit(lease, answers))
    assert (back.id, back.token) == (lease.id, lease.token)
    assert {review.id: {key: review.toggles[key] for key in ("a", "r")} for review in back.reviews} == answers
    world.ana.save(back, {lease.reviews[0].id: {"a": True}})


def test_undo_is_too_late_when_the_window_has_closed(world: World) -> None:
    lease = world.ana.checkout(2, type="Text")
    submission = world.ana.submit(lease, {review.id: {"a": True} for review in lease.reviews})
    world.advance(5)
    with pytest.raises(UndoWindowClosed):
        world.ana.undo(submission)
    assert world.ana.counts("Text").complete == 2


def test_a_moved_review_leaves_the_lease(world: World) -> None:
    lease = world.ana.checkout(2, type="Text")
    moved = lease.reviews[0].id
    world.ana.move(moved, "experts", lease)
    assert [review.id for review in world.ana.leases()[0].reviews] == [lease.reviews[1].id]
    assert world.ana.counts("Text", "experts").pending == 1


def test_a_text_has_no_thumbnail(world: World) -> None:
    review_id = world.ana.checkout(1, type="Text").reviews[0].id
    assert world.ana.thumbnails([review_id]) == {review_id: None}


def test_notes_are_everybodys_and_stay_with_their_review(world: World) -> None:
    first, second = [review.id for review in world.ana.checkout(2, type="Text").reviews]
    note = world.ana.add_note(first, " a still ")
    assert (note.text, note.reviewer) == ("a still", "ana")
    assert (world.ben.notes(first), world.ben.notes(second)) == ([note], [])
    with pytest.raises(NotFound):
        world.ana.add_note("nope", "hello")


def test_reveals_are_counted_for_each_reviewer(world: World) -> None:
    first, second = [review.id for review in world.ana.checkout(2, type="Text").reviews]
    world.ana.record_reveals({first: 1.5, second: 1})
    today = world.ana.record_reveals({first: 0.5})
    assert (today.pictures, today.reveals, today.seconds, today.most_reveals) == (2, 3, 3.0, None)
    assert world.ana.exposure_today() == today
    assert world.ben.exposure_today().reveals == 0


def test_preferences_are_merged_and_none_takes_one_out(world: World) -> None:
    world.ana.set_preferences(blur=True, columns=5)
    assert world.ana.set_preferences(columns=None, grey=False) == {"blur": True, "grey": False}
    assert (world.ana.preferences(), world.ben.preferences()) == ({"blur": True, "grey": False}, {})


@pytest.fixture(params=["fake", "real"])
def film(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A reviewer of a service with one video, which has frames at 0 and 1,500 milliseconds."""
    if request.param == "fake":
        service = FakeService()
        service.add_frames(service.fill(1, type="Video")[0], 2)
        yield FakeClient(service, "ana")
        return
    with running_service(copy_content=False) as running:
        client = running.client("ana")
        frames = [(moment, f"https://example.org/{moment}.jpg", {"a": False}) for moment in (0, 1500)]
        client.create_video_review("https://example.org/talk", "talk", status="Pending", frames=frames)
        yield client


def test_frames_keep_what_was_switched_and_submitted(film: Any) -> None:
    lease = film.checkout(1, type="Video")
    (review,) = lease.reviews
    film.save(lease, {}, {review.id: {1500: {"r": True}}})
    assert [dict(frame.toggles) for frame in film.leases()[0].reviews[0].frames] == [{}, {"r": True}]
    back = film.undo(film.submit(lease, {review.id: {"a": True}}, {review.id: {0: {"a": True}}}))
    first, second = back.reviews[0].frames
    assert (first.toggles["a"], second.toggles["r"]) == (True, True)


def test_a_frame_that_is_not_there_changes_nothing(film: Any) -> None:
    lease = film.checkout(1, type="Video")
    with pytest.raises(NotFound, match="7 milliseconds"):
        film.save(lease, {}, {lease.reviews[0].id: {7: {"a": True}}})
    assert film.leases()[0].reviews[0].frames[0].toggles == {}


@pytest.fixture(params=["fake", "real"])
def scored(request: pytest.FixtureRequest) -> Iterator[World]:
    """Four texts, the last without a score; none of them alike in how sure the automatic side was."""
    scores = ("0.20", "0.90", "0.55", None)
    metadata = [(("a", "True"), *((("a.score", score),) if score else ()), ("source", "mail")) for score in scores]
    if request.param == "fake":
        service = FakeService()
        for id, pairs in zip(service.fill(4, type="Text"), metadata, strict=True):
            tags = {"a": True}
            service.set(id, metadata=pairs, auto_tags=tags, scores=service.team.tags.scores(pairs))
        yield World(FakeClient(service, "ana"), FakeClient(service, "ben"), service.clock.advance)
        return
    with running_service() as running:
        client = running.client("ana")
        drafts = [Draft(f"text {number}", str(number), "Text", pairs) for number, pairs in enumerate(metadata)]
        client.create_reviews(drafts, progress=False)
        yield World(client, running.client("ben"), running.advance)


@pytest.mark.parametrize(
    ("order", "expected"),
    [("oldest", [0.2, 0.9, 0.55, None]), ("highest", [0.9, 0.55, 0.2, None]), ("uncertain", [0.55, 0.2, 0.9, None])],
)
def test_each_order_gives_its_reviews_first_and_those_without_a_score_last(
    scored: World, order: str, expected: list[float | None]
) -> None:
    found = scored.ana.checkout(4, type="Text", order=order).reviews
    assert [dict(review.scores).get("a") for review in found] == expected


def test_a_blind_lease_says_nothing_of_the_automatic_side(scored: World) -> None:
    lease = scored.ana.checkout(4, type="Text", blind=True)
    assert lease.blind
    assert [(dict(review.auto_tags), dict(review.scores)) for review in lease.reviews] == [({}, {})] * 4
    assert not any(key in ("a", "a.score") for review in lease.reviews for key, _ in review.metadata)
    assert scored.ana.leases()[0].blind


def test_what_is_parked_is_out_of_the_queue_and_comes_back_with_its_toggles(world: World) -> None:
    lease = world.ana.checkout(3, type="Text")
    first, second, _ = (review.id for review in lease.reviews)
    world.ana.save(lease, {first: {"r": True}})
    parked = world.ana.hold(lease, [first, second], seconds=900)
    assert [(review.id, review.held_by) for review in parked] == [(first, "ana"), (second, "ana")]
    assert (world.ana.counts("Text").held, world.ana.counts("Text").leased) == (2, 1)
    assert ([review.id for review in world.ana.held_reviews()], world.ben.held_reviews()) == ([first, second], [])
    assert len(world.ben.checkout(6, type="Text").reviews) == 3
    back = world.ana.take_held([first])
    assert [(review.id, dict(review.toggles)) for review in back.reviews] == [(first, {"r": True})]
    assert [review.id for review in world.ana.held_reviews()] == [second]


def test_what_is_parked_goes_back_to_the_queue_when_its_time_ends(world: World) -> None:
    lease = world.ana.checkout(2, type="Text")
    world.ana.hold(lease, [lease.reviews[0].id], seconds=600)
    world.advance(601)
    assert world.ana.held_reviews() == []
    assert world.ana.counts("Text").pending == 5
