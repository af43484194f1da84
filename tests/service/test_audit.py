"""The trail has an event of everything that is done, with who did it, for whom, and what was before and after."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cmtools.model import AuditEvent, Draft
from cmtools.service import audit
from cmtools.testing import CallbackSink, RunningService, running_service

from .conftest import Desk


@pytest.fixture(scope="module")
def trail() -> Iterator[list[AuditEvent]]:
    """Everything that a team does, once."""
    with running_service() as service, CallbackSink() as sink:
        _live(service, sink)
        yield list(service.client().events())


def _live(service: RunningService, sink: CallbackSink) -> None:
    client = service.client("ana")
    client.add_subteam("experts")
    client.add_tag("sc", "isscreenshot")
    client.set_threshold("sc", 0.7)
    client.remove_tag("sc")
    client.set_wellness(3000, 50)
    client.set_golden_feedback(True)
    client.note_seal("ab" * 32, "a plan")
    key = client.create_key("ben", "reviewer", "ben")
    client.revoke_key(client.rotate_key(key.id).id)
    client.callback_secret()
    client.rotate_callback_secret()
    drafts = [Draft(f"text {n}", str(n), "Text", (("a", "True"),), callback_endpoint=sink.url) for n in range(6)]
    ids = client.create_reviews(drafts, progress=False)
    lease = client.checkout(6, type="Text")
    client.add_note(ids[0], "a still")
    client.record_reveals({ids[0]: 1.5})
    client.save(lease, {ids[0]: {"a": False, "r": True}})
    client.save(lease, {ids[0]: {"a": False, "r": False}})
    client.hold(lease, [ids[1]])
    client.unhold([ids[1]])
    client.hold(lease, [ids[2]])
    client.release(client.take_held())
    client.move(ids[3], "experts", lease)
    client.release(lease, [ids[4]])
    client.undo(client.submit(lease, {ids[0]: {}}))
    client.submit(client.resume(lease), {ids[0]: {"r": True}})
    service.advance(10)
    (left,) = client.leases()
    client.take_away(left.id)
    client.checkout(1, type="Text")
    service.advance(1000)


ALL = (
    "create_team",
    "install_key",
    "add_subteam",
    "put_tag",
    "remove_tag",
    "set_wellness",
    "set_golden_feedback",
    "note_seal",
    "create_key",
    "rotate_key",
    "revoke_key",
    "show_callback_secret",
    "rotate_callback_secret",
    "create",
    "checkout",
    "note",
    "reveal",
    "change",
    "hold",
    "unhold",
    "take_held",
    "release",
    "move",
    "submit",
    "undo",
    "resume",
    "finalise",
    "callback",
    "take_away",
    "expire",
)


def of(trail: list[AuditEvent], action: str) -> AuditEvent:
    return next(event for event in trail if event.action == action)


@pytest.mark.parametrize("action", ALL)
def test_everything_that_is_done_is_in_the_trail(trail: list[AuditEvent], action: str) -> None:
    event = of(trail, action)
    assert event.subject
    assert event.actor
    assert event.at.tzinfo is not None


def test_key_and_the_reviewer_it_acts_for_are_both_named(trail: list[AuditEvent]) -> None:
    assert (of(trail, "submit").actor, of(trail, "submit").reviewer) == ("administrator", "ana")
    assert (of(trail, "expire").actor, of(trail, "expire").reviewer) == ("service", "ana")


def test_creation_tells_the_auto_tags_that_are_on(trail: list[AuditEvent]) -> None:
    told = [event.after for event in trail if event.action == "create" and event.subject[6] == "t"]
    assert told[0] == {"content_id": "0", "subteam": "public", "auto_tags": ["a"]}


def test_creation_tells_the_weight_and_the_stratum_of_a_sample(desk: Desk) -> None:
    [id] = desk.create(weight=2.5, stratum="score < 0.2")
    [created] = desk.run(lambda ctx: audit.trail(ctx, id, 0, 9))[0]
    assert created.after == {"content_id": "0", "subteam": "public", "weight": 2.5, "stratum": "score < 0.2"}


def test_tag_is_told_with_its_threshold_before_and_after(trail: list[AuditEvent]) -> None:
    added, changed = [event for event in trail if event.action == "put_tag"]
    about = {"name": "isscreenshot", "description": "", "visible": True}
    assert (added.before, added.after) == ({}, {**about, "threshold": None})
    assert (changed.before, changed.after) == ({**about, "threshold": None}, {**about, "threshold": 0.7})


def test_change_tells_what_was_before_and_after_and_nothing_else(trail: list[AuditEvent]) -> None:
    first, second = [event for event in trail if event.action == "change"]
    assert (first.before, first.after) == ({}, {"tags": {"a": False, "r": True}})
    assert (second.before, second.after) == ({"tags": {"r": True}}, {"tags": {"r": False}})


def test_submission_tells_the_suggested_and_the_decided_tags(trail: list[AuditEvent]) -> None:
    event = [event for event in trail if event.action == "submit"][-1]
    assert event.before == {"a": True}
    assert event.after["tags"] == {"a": False, "r": True}


def test_no_secret_is_in_the_trail(trail: list[AuditEvent]) -> None:
    assert "whsec_" not in repr(trail)
    assert not any("secret" in {**event.before, **event.after} for event in trail)


def test_seal_that_is_noted_is_on_the_trail_once_and_for_good(desk: Desk) -> None:
    first = desk.run(lambda ctx: audit.note_seal(ctx, "ab" * 32, "a plan"))
    desk.clock.advance(60)
    again = desk.run(lambda ctx: audit.note_seal(ctx, "ab" * 32, "another word for it"))
    assert again == first
    assert (first.action, first.subject, first.after) == ("note_seal", "ab" * 32, {"about": "a plan"})
    assert [each.action for each in desk.run(lambda ctx: audit.trail(ctx, "ab" * 32, 0, 9))[0]] == ["note_seal"]
