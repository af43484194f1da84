"""Reviews that several people decide: who is given what, and what comes of what they say."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass, replace
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from cmtools.content.image import PictureFacts
from cmtools.errors import BadDraft, Conflict, Forbidden, NotFound
from cmtools.model import Draft, Frame, Lease
from cmtools.service import (
    activity,
    audit,
    copies,
    holds,
    leases,
    links,
    opinions,
    reviews,
    sealing,
    submissions,
    teams,
    videos,
)
from cmtools.service.context import Context
from cmtools.service.copies import Copied
from cmtools.service.decisions import stream
from cmtools.store import Store
from cmtools.store.tables import callbacks
from cmtools.store.tables import reviews as table
from cmtools.testing import ManualClock
from cmtools.wire.creation import Incoming, read_drafts
from tests.service.conftest import BASE, Desk

Tags = Mapping[str, bool]
ON, OFF = {"a": True}, {"a": False}


def checkout(desk: Desk, reviewer: str, count: int = 20, subteam: str | None = None, **how: Any) -> Lease:
    type = how.pop("type", "Image")
    return desk.run(lambda ctx: leases.checkout(ctx, count, type, subteam, BASE, **how), reviewer)


def held(lease: Lease) -> list[str]:
    """What a lease holds, by the content: the ids of opinions say nothing of the review."""
    return [review.content_id for review in lease.reviews]


def decide(desk: Desk, reviewer: str, said: Tags = OFF, **how: Any) -> Lease:
    lease = checkout(desk, reviewer, **how)
    if lease.reviews:
        desk.submit(lease, {review.id: said for review in lease.reviews})
    return lease


def settled(desk: Desk, *said: Tags, final: str = "majority") -> str:
    """A review on which so many people have said this, for good."""
    (id,) = desk.create(overlap=len(said), final=final)
    for number, tags in enumerate(said):
        decide(desk, f"reviewer {number}", tags)
    desk.pass_time(5)
    return id


def exported(desk: Desk, answers: str, subteam: str | None = None, type: str | None = None) -> list[tuple[Any, ...]]:
    """Review id, reviewer and tags that are on, of each answer; asked for a batch at a time, each in its own stream."""
    found: list[tuple[Any, ...]] = []
    after: int | None = 0
    while after is not None:
        how: dict[str, Any] = {"subteam": subteam, "type": type, "metadata": True, "exposure": True}
        lines = stream(lambda rule: desk.run(rule), **how, after=after, answers=answers)
        said = json.loads(next(lines))
        lines.close()
        after = None if said["next"] is None else int(said["next"])
        of = said["answers"]
        for place, reviewer, frame, saying in zip(of["review"], of["reviewer"], of["frame"], of["said"], strict=True):
            tags = zip(said["said"]["tag"][saying], said["said"]["human"][saying], strict=True)
            on = "".join(tag for tag, value in tags if value)
            found.append((said["reviews"]["id"][place], reviewer, *([frame] if frame else []), on))
    return sorted(found)


# Who is given what ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", leases.leases.ORDERS)
def test_nobody_is_given_two_opinions_of_one_review_in_any_order(desk: Desk, order: str) -> None:
    metadata = (("a", "True"), ("a.score", "0.5"))
    desk.create(6, overlap=3, metadata=metadata)
    given: dict[str, list[str]] = defaultdict(list)
    for reviewer in ("ana", "ben", "eve", "joe"):
        for count in (4, 20, 20):  # two tabs, and one checkout of more than there is for this person
            given[reviewer] += held(checkout(desk, reviewer, count, order=order))
    assert all(len(set(each)) == len(each) for each in given.values())
    assert Counter(id for each in given.values() for id in each) == dict.fromkeys("012345", 3)
    assert {each: len(given[each]) for each in given} == {"ana": 6, "ben": 6, "eve": 6, "joe": 0}


def test_what_was_given_back_may_come_again_but_never_twice(desk: Desk) -> None:
    desk.create(3, overlap=2)
    everybody = {"0", "1", "2"}

    def again() -> Lease:
        lease = checkout(desk, "ana")
        assert set(held(lease)) == everybody
        assert held(checkout(desk, "ana")) == []
        return lease

    lease = again()
    desk.run(lambda ctx: leases.release(ctx, lease.id, lease.token, None))
    lease = again()
    desk.pass_time(desk.settings.lease_seconds + 1)
    lease = again()
    desk.run(lambda ctx: leases.take_away(ctx, lease.id), "ben")
    lease = again()
    ids = [review.id for review in lease.reviews]
    desk.run(lambda ctx: holds.hold(ctx, lease.id, lease.token, ids, 60, "", BASE))
    assert held(checkout(desk, "ana")) == []
    lease = desk.run(lambda ctx: holds.take(ctx, ids[:2], None, BASE))
    assert held(checkout(desk, "ana")) == []
    desk.run(lambda ctx: holds.give_back(ctx, ids[2:]))
    assert len(held(checkout(desk, "ana"))) == 1
    lease = desk.run(lambda ctx: leases.resume(ctx, lease.id, BASE))
    lease = replace(desk.undo(desk.submit(lease)), token=lease.token)
    assert held(checkout(desk, "ana")) == []
    desk.submit(lease)
    assert held(checkout(desk, "ana")) == []
    desk.pass_time(5)
    assert held(checkout(desk, "ana")) == []
    assert set(held(checkout(desk, "ben"))) == everybody


def test_opinion_of_another_subteam_holds_up_none_that_waits_in_this_one(desk: Desk) -> None:
    desk.run(lambda ctx: teams.add_subteam(ctx, "legal"))
    desk.create(1, overlap=3)
    ids = desk.run(lambda ctx: ctx.connection.execute(sa.select(table.c.id).where(table.c.opinion_of.is_not(None))))
    second, third = list(ids.scalars())[1:]
    for id in (second, third):
        desk.run(lambda ctx, id=id: leases.move(ctx, id, "legal", None, BASE))
    assert len(held(checkout(desk, "ana", subteam="legal"))) == 1
    assert held(checkout(desk, "ana", subteam="public")) == []
    assert held(checkout(desk, "ana")) == []
    assert len(held(checkout(desk, "ben"))) == 1


def test_reviews_and_opinions_come_in_the_order_of_the_drafts_first_opinions_first(desk: Desk) -> None:
    drafts = [Incoming(Draft(f"https://x.org/{n}", str(n), overlap=1 + n % 2)) for n in range(4)]
    desk.run(lambda ctx: reviews.create(ctx, drafts, None, BASE))
    assert held(checkout(desk, "ana")) == ["0", "1", "2", "3"]
    assert held(checkout(desk, "ben")) == ["1", "3"]


def test_moved_review_takes_along_the_opinions_that_nobody_has(desk: Desk) -> None:
    desk.run(lambda ctx: teams.add_subteam(ctx, "legal"))
    (id,) = desk.create(1, overlap=3)
    taken = checkout(desk, "ana")
    desk.run(lambda ctx: leases.move(ctx, id, "legal", None, BASE))
    assert held(checkout(desk, "ben", subteam="public")) == []
    assert held(checkout(desk, "ben", subteam="legal")) == ["0"]
    desk.submit(taken)


# What comes of it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("final", "said", "comes", "by"),
    [
        ("majority", [ON, ON, OFF], True, "(majority)"),
        ("majority", [OFF, ON, OFF], False, "(majority)"),
        ("majority", [ON, OFF], None, ""),
        ("unanimity", [ON, ON, OFF], False, "(unanimity)"),
        ("unanimity", [ON, ON], True, "(unanimity)"),
        ("adjudication", [ON, ON, OFF], None, ""),
        ("adjudication", [ON, ON, ON], True, "(agreed)"),
    ],
)
def test_final_tags_come_of_the_opinions(desk: Desk, final: str, said: list[Tags], comes: bool | None, by: str) -> None:
    id = settled(desk, *said, final=final)
    review = desk.get(id)
    assert (review.status, review.human_tags.get("a")) == (("Complete", comes) if by else ("Pending", None))
    assert desk.actions(id) == ["create", "resolve" if by else "dispute"]
    assert exported(desk, "final") == ([(id, by, "a" if comes else "")] if by else [])
    assert len(exported(desk, "each")) == len(said)
    counted = desk.run(lambda ctx: reviews.counts(ctx, None, None))
    assert (counted.complete, counted.disputed, counted.pending) == (len(said), 0 if by else 1, 0)


def test_review_is_settled_once_the_last_opinion_is_final_and_no_earlier(desk: Desk) -> None:
    (id,) = desk.create(overlap=2)
    decide(desk, "ana", ON)
    desk.pass_time(5)
    lease = checkout(desk, "ben")
    undone = desk.undo(desk.submit(lease, {lease.reviews[0].id: OFF}))
    desk.pass_time(5)
    assert desk.get(id).status == "Pending"
    assert exported(desk, "each") == [(id, "ana", "a")]
    desk.submit(replace(undone, token=lease.token), {lease.reviews[0].id: ON})
    assert desk.get(id).status == "Pending"
    desk.pass_time(5)
    assert (desk.get(id).status, dict(desk.get(id).human_tags)["a"]) == ("Complete", True)


def test_team_whose_reviewers_are_shown_no_tags_still_comes_to_an_end(desk: Desk) -> None:
    for code in ("a", "r"):
        tag = desk.run(lambda ctx, code=code: ctx.tags()[code])
        desk.run(lambda ctx, tag=tag: teams.put_tag(ctx, replace(tag, visible=False)))
    assert desk.get(settled(desk, {}, {})).status == "Complete"


def test_frames_of_a_video_are_settled_like_the_whole(desk: Desk) -> None:
    frames = tuple(Frame(moment, f"https://x.org/{moment}.jpg", metadata=(("a", "False"),)) for moment in (0, 500))
    drafts = [Incoming(Draft("https://x.org/v", "v", "Video", frames=frames, overlap=3, status="Unpublished"))]
    ((id,), _) = desk.run(lambda ctx: reviews.create(ctx, drafts, None, BASE))
    assert held(checkout(desk, "ana", type="Video")) == []
    desk.run(lambda ctx: videos.add_frames(ctx, id, [Frame(900, "https://x.org/900.jpg")], BASE))
    desk.run(lambda ctx: videos.put_transcript(ctx, id, "WEBVTT"))
    desk.run(lambda ctx: videos.publish(ctx, id))
    for reviewer, moments in (("ana", ["500", "900"]), ("ben", ["500"]), ("eve", ["900", "0"])):
        lease = checkout(desk, reviewer, type="Video")
        (review,) = lease.reviews
        assert [frame.timestamp for frame in review.frames] == [0, 500, 900]
        assert desk.run(lambda ctx, review=review: videos.transcript(ctx, review.id)).text == "WEBVTT"
        framed = {review.id: dict.fromkeys(moments, ON)}
        answers = {review.id: {}}
        desk.run(
            lambda ctx, lease=lease, answers=answers, framed=framed: submissions.submit(
                ctx, lease.id, lease.token, answers, framed
            ),
            reviewer,
        )
    desk.pass_time(5)
    assert [frame.human_tags["a"] for frame in desk.get(id).frames] == [False, True, True]
    assert (id, "(majority)", "500", "a") in exported(desk, "final")
    assert len(exported(desk, "each")) == 3 * 4


def test_adjudicator_is_none_of_those_who_differ_and_begins_with_what_most_said(desk: Desk) -> None:
    id = settled(desk, {"a": True, "r": True}, {"a": True, "r": False}, {"a": False, "r": False}, final="adjudication")

    for reviewer in ("reviewer 0", "reviewer 1", "reviewer 2"):
        assert held(checkout(desk, reviewer, adjudicate=True)) == []
    desk.actor = replace(desk.actor, role="reviewer")
    with pytest.raises(Forbidden):
        checkout(desk, "joe", adjudicate=True)
    desk.actor = replace(desk.actor, role="lead")
    assert held(checkout(desk, "joe")) == []
    lease = checkout(desk, "joe", adjudicate=True)
    (review,) = lease.reviews
    assert review.id == id
    assert dict(review.toggles) == {"a": True, "r": False}
    assert {(each.reviewer, each.decided_at, each.review_id) for each in review.opinions} == {("", None, "")}
    assert Counter(each.tags["a"] for each in review.opinions) == {True: 2, False: 1}
    assert desk.get(id).opinions == ()
    told = desk.run(lambda ctx: opinions.of_review(ctx, id))
    assert {each.reviewer for each in told} == {"reviewer 0", "reviewer 1", "reviewer 2"}
    with pytest.raises(NotFound):
        desk.run(lambda ctx: opinions.of_review(ctx, "nothing"))


@pytest.mark.parametrize("how", ["release", "expire", "take away", "hold", "move"])
def test_adjudication_given_back_is_a_dispute_again(desk: Desk, how: str) -> None:
    id = settled(desk, ON, OFF)
    desk.run(lambda ctx: teams.add_subteam(ctx, "legal"))
    lease = checkout(desk, "joe", adjudicate=True)
    if how == "release":
        desk.run(lambda ctx: leases.release(ctx, lease.id, lease.token, None), "joe")
    elif how == "expire":
        desk.pass_time(desk.settings.lease_seconds + 1)
    elif how == "take away":
        desk.run(lambda ctx: leases.take_away(ctx, lease.id))
    elif how == "hold":
        desk.run(lambda ctx: holds.hold(ctx, lease.id, lease.token, [id], 60, "", BASE), "joe")
        desk.clock.advance(61)
        desk.run(holds.expire)
    else:
        desk.run(lambda ctx: leases.move(ctx, id, "legal", lease.token, BASE), "joe")
    assert held(checkout(desk, "eve")) == []
    counted = desk.run(lambda ctx: reviews.counts(ctx, None, None))
    assert (counted.disputed, counted.pending) == (1, 0)
    assert [review.id for review in checkout(desk, "eve", adjudicate=True).reviews] == [id]


def test_adjudicator_may_undo_and_has_the_last_word(desk: Desk) -> None:
    id = settled(desk, ON, OFF)
    lease = checkout(desk, "joe", adjudicate=True)
    again = desk.undo(desk.submit(lease, {id: ON}))
    assert [review.id for review in again.reviews] == [id]
    assert len(again.reviews[0].opinions) == 2
    desk.submit(replace(again, token=lease.token), {id: {"a": True, "r": True}})
    desk.pass_time(5)
    assert dict(desk.get(id).human_tags) == {"a": True, "r": True}
    assert exported(desk, "final") == [(id, "joe", "ar")]
    assert exported(desk, "each") == [(id, "reviewer 0", "a"), (id, "reviewer 1", "")]
    assert desk.actions(id)[:2] == ["create", "dispute"]
    assert desk.actions(id)[-3:] == ["undo", "submit", "finalise"]


def test_caller_is_told_once_a_review_and_of_the_final_tags(desk: Desk) -> None:
    for said in ([ON, ON], [ON, OFF]):
        (id,) = desk.create(1, overlap=2, callback_endpoint="https://x.org/told")
        for number, tags in enumerate(said):
            decide(desk, f"r{number}", tags)
        desk.pass_time(5)
    waiting = sa.select(callbacks.c.review_id, callbacks.c.next_at)
    ((resolved, due),) = desk.run(lambda ctx: ctx.connection.execute(waiting).all())
    assert (desk.get(resolved).status, due < desk.clock()) == ("Complete", True)
    lease = checkout(desk, "joe", adjudicate=True)
    desk.undo(desk.submit(lease, {id: ON}))
    desk.submit(lease, {id: OFF})
    rows = desk.run(lambda ctx: ctx.connection.execute(waiting.where(callbacks.c.state == "waiting")).all())
    assert Counter(row.review_id for row in rows) == {resolved: 1, id: 1}
    assert max(row.next_at for row in rows) > desk.clock()


# Made, named, counted -------------------------------------------------------------------------------------------------


def test_repeated_creation_asks_nobody_twice(desk: Desk) -> None:
    def create(numbers: range) -> tuple[list[str], int]:
        drafts = [Incoming(Draft(f"https://x.org/{n}", str(n), overlap=2), f"key {n}") for n in numbers]
        return desk.run(lambda ctx: reviews.create(ctx, drafts, None, BASE))

    first, created = create(range(4))
    again, more = create(range(2, 6))
    assert (created, more, again[:2]) == (4, 2, first[2:])
    assert desk.run(lambda ctx: reviews.counts(ctx, None, None)).pending == 12


def test_copy_of_a_picture_is_shown_of_all_opinions(store: Store, clock: ManualClock) -> None:
    desk = Desk(store, clock, copy_content=True)
    (id,) = desk.create(overlap=2)
    (source,) = desk.run(lambda ctx: copies.claim(ctx, 10))
    facts = PictureFacts("image/png", 1, 1, 10, "0" * 16)
    desk.run(lambda ctx: copies.record(ctx, [(source, Copied("p" * 64, facts))]))
    shown = [checkout(desk, reviewer).reviews[0] for reviewer in ("ana", "ben")]
    assert source.review_id == id
    assert {review.picture_hash for review in shown} == {"0" * 16}
    assert {desk.run(lambda ctx, review=review: copies.find(ctx, review.id)).picture_id for review in shown} == {
        "p" * 64
    }


def test_events_of_opinions_are_those_of_any_review_and_the_trail_holds(desk: Desk) -> None:
    (plain,) = desk.create(metadata=(("a", "True"),))
    (id,) = desk.create(overlap=2, metadata=(("a", "True"),))
    lease = checkout(desk, "ana")
    desk.submit(lease)
    desk.pass_time(5)
    (opinion,) = {review.id for review in lease.reviews} - {plain}

    def told(subject: str) -> list[tuple[Any, ...]]:
        events = desk.run(lambda ctx: audit.trail(ctx, subject, 0, 100))[0]
        return [(event.action, event.actor, event.reviewer, event.before, event.after) for event in events]

    assert told(opinion) == told(plain)
    ((_, _, _, _, created),) = told(id)
    assert opinion in created["opinions"]
    sealing.seal(desk.store, desk.clock())
    assert desk.run(lambda ctx: sealing.check(ctx, 0, None)).ok


def test_figures_count_an_opinion_as_a_piece_of_work(desk: Desk) -> None:
    desk.create(2, overlap=2)
    desk.create(1)
    decide(desk, "ana", ON, count=1)
    desk.pass_time(5)
    counted = desk.run(lambda ctx: reviews.counts(ctx, "Image", "public"))
    assert (counted.pending, counted.complete, counted.total) == (4, 1, 5)
    (queue,) = desk.run(activity.look).queues
    assert queue.counts == counted
    assert [(each.reviewer, each.complete) for each in desk.run(activity.look).reviewers] == [("ana", 1)]


def test_listing_names_reviews_and_no_opinions(desk: Desk) -> None:
    wanted = [*desk.create(2, overlap=2), *desk.create(1)]

    def listed(status: str | None) -> set[str]:
        return {each.id for each in desk.run(lambda ctx: reviews.page(ctx, status, None, None, 0, 100, BASE))[0]}

    assert listed(None) == listed("pending") == set(wanted)
    for reviewer in ("ana", "ben"):
        decide(desk, reviewer)
    desk.pass_time(5)
    assert listed("Complete") == set(wanted)
    assert listed("pending") == set()


# Exports --------------------------------------------------------------------------------------------------------------


def test_exports_go_on_over_batches_and_keep_to_what_is_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cmtools.service.decisions.AT_ONCE", 3)
    desk.run(lambda ctx: teams.add_subteam(ctx, "legal"))
    shared = desk.create(4, overlap=2)
    alone = desk.create(4)
    legal = desk.create(2, overlap=2, subteam="legal")
    desk.create(2, truth={"a": True}, overlap=2)
    for reviewer in ("ana", "ben"):
        decide(desk, reviewer, ON, count=100)
    desk.pass_time(5)
    of = exported(desk, "final")
    assert {id for id, _, _ in of} == {*shared, *alone, *legal}
    assert len(of) == 10
    assert len(exported(desk, "each")) == 2 * 4 + 4 + 2 * 2
    assert len(exported(desk, "golden")) == 4
    assert {id for id, _, _ in exported(desk, "final", subteam="legal")} == set(legal)
    assert {id for id, _, _ in exported(desk, "each", subteam="legal")} == set(legal)
    assert exported(desk, "final", type="Video") == []


def test_final_tags_behind_very_many_opinions_cost_no_reading_of_them_all(desk: Desk) -> None:
    """A batch that is full of settled reviews asks for no complete ones behind its end."""
    from cmtools.store import decisions as stored

    for _ in range(3):
        desk.create(2, overlap=2)
    for reviewer in ("ana", "ben"):
        decide(desk, reviewer, count=100)
    desk.pass_time(5)
    sent: list[tuple[str, Any]] = []
    sa.event.listen(
        sa.Engine, "before_cursor_execute", note := lambda _c, _k, text, given, *_: sent.append((text, given))
    )
    try:
        desk.run(
            lambda ctx: stored.batch(ctx.connection, stored.Wanted(ctx.team, answers="final"), 0, 2, exposure=False)
        )
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    texts = [text for text, _ in sent if "reviews.sequence <" in text]
    assert len(texts) == 1
    assert "'Complete'" in texts[0]


# Blind ----------------------------------------------------------------------------------------------------------------


def all_of(found: Any) -> Any:
    """What is in records and all that they hold: a record shows less of itself."""
    if isinstance(found, list | tuple):
        return [all_of(one) for one in found]
    return asdict(found) if is_dataclass(found) and not isinstance(found, type) else found


def test_blind_review_is_shown_to_reviewers_without_auto_tags_until_it_is_decided(desk: Desk) -> None:
    metadata = (("a", "True"), ("a.score", "0.9"), ("album", "cats"))
    frames = (Frame(0, "https://x.org/0.jpg", metadata=(("a", "True"),)),)
    (plain,) = desk.create(blind=True, metadata=metadata)
    drafts = [Incoming(Draft("https://x.org/v", "v", "Video", metadata=metadata, frames=frames, blind=True, overlap=2))]
    ((video,), _) = desk.run(lambda ctx: reviews.create(ctx, drafts, None, BASE))
    key = replace(desk.actor, role="reviewer", reviewer="ana")

    def seen(actor: object = key) -> str:
        def look(ctx: Context) -> list[object]:
            ctx = replace(ctx, actor=actor)
            found: list[object] = [audit.trail(ctx, id, 0, 100) for id in ids]
            found += [reviews.get(ctx, id, BASE) for id in ids] + [reviews.linked(ctx, id, BASE) for id in ids]
            found += [reviews.lookup(ctx, ids, True, BASE), leases.held(ctx, BASE), activity.look(ctx).tags[0].pending]
            return [*found, *(videos.with_frames(ctx, id) for id in ids[1:])]

        return repr(all_of(desk.run(look)))

    desk.run(lambda ctx: links.prepare(ctx.connection))
    ids = [plain, video]
    telling = ("a.score", "('a', 'True')", "'auto_tags': ['a']", "{'a': True}")
    assert not any(word in seen() for word in telling)
    given = [checkout(desk, "ana", type=type) for type in ("Image", "Video")]
    ids = [lease.reviews[0].id for lease in given]
    assert not any(word in seen() + repr(all_of(given)) for word in telling)
    assert all(word in seen(replace(key, role="lead", reviewer="eve")) for word in telling)
    for lease in given:
        desk.submit(lease)
    assert not any(word in seen() for word in telling)
    desk.pass_time(5)
    assert "a.score" in seen()
    assert [answer.blind for answer in desk.get(plain).answers] == [True, True]
    lines = stream(lambda rule: desk.run(rule), subteam=None, type=None, metadata=False, exposure=False, after=0)
    assert set(json.loads(next(lines))["answers"]["blind"]) == {True}
    assert desk.get(plain).human_tags["a"] is False


# Refused --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        *product(["Overlap"], [0, 101, True, "2", 1.5], ["verlap"]),
        ("Final", "dice", "inal"),
        ("Blind", "yes", "Blind"),
        ("Truth", [], "ruth"),
        ("Truth", [{"Key": "a", "Value": "perhaps"}], "Truth[0].Value"),
    ],
)
def test_draft_that_cannot_be_asked_of_several_is_refused(field: str, value: object, where: str) -> None:
    item = {"Type": "Image", "Content": "https://x.org/1.jpg", "ContentId": "1", field: value}
    with pytest.raises(BadDraft) as refused:
        read_drafts(json.dumps([item]).encode())
    assert where in str(refused.value)


def test_tag_counts_among_those_who_were_asked_for_it(desk: Desk) -> None:
    """It was added when two had answered: they did not say that it is off."""
    [id] = desk.create(overlap=3)
    decide(desk, "ana")
    decide(desk, "ben")
    desk.run(lambda ctx: teams.add_tag(ctx, "v", {}))
    decide(desk, "cleo", {"v": True})
    desk.pass_time(6)
    assert desk.get(id).human_tags == {"a": False, "r": False, "v": True}


def test_draft_that_was_asked_for_otherwise_before_is_refused_and_none_is_doubled(desk: Desk) -> None:
    def create(**how: Any) -> list[str]:
        items = [Incoming(Draft("Hello!", str(n), "Text", **how), f"key {n}") for n in range(2)]
        return desk.run(lambda ctx: reviews.create(ctx, items, None, BASE))[0]

    ids = create(overlap=2)
    assert create(overlap=2) == ids
    for how in ({}, {"overlap": 3}, {"overlap": 2, "blind": True}, {"overlap": 2, "final": "unanimity"}):
        with pytest.raises(Conflict, match="already, with overlap 2, not blind; nothing was created"):
            create(**how)
    assert desk.run(lambda ctx: reviews.counts(ctx, None, None)).pending == 4


def test_reviewers_key_sees_of_what_was_decided_its_own_alone(desk: Desk) -> None:
    desk.create(2)
    decide(desk, "ben", ON, count=1)
    decide(desk, "ana", count=1)
    desk.pass_time(6)

    def seen(role: str) -> tuple[list[str], list[int]]:
        desk.actor = replace(desk.actor, role=role)
        found = desk.run(activity.look, "ana")
        return [each.reviewer for each in found.reviewers], [each.on for each in found.tags if each.tag == "a"]

    assert seen("reviewer") == (["ana"], [0])
    assert seen("lead") == (["ana", "ben"], [1])


def test_dispute_is_counted_for_leads_and_not_for_who_might_be_one_of_its_sides(desk: Desk) -> None:
    desk.create(overlap=2)
    decide(desk, "ana", ON)
    decide(desk, "ben", OFF)
    desk.pass_time(6)
    for role, count in (("lead", 1), ("reviewer", 0)):
        desk.actor = replace(desk.actor, role=role)
        assert desk.run(lambda ctx: reviews.counts(ctx, None, None)).disputed == count
        assert desk.run(activity.look).queues[0].counts.disputed == count
