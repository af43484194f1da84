"""Callers are told of decisions: after the undo window, never of undone ones, again until it arrives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from cmtools.errors import Conflict, NotAuthorized, NotFound
from cmtools.model import CallbackAttempt
from cmtools.outgoing.outbound import Outbound
from cmtools.service import audit, callbacks, signing, teams
from cmtools.service.callbacks import Outcome, Parcel
from cmtools.service.media import Media
from cmtools.service.retries import SPREAD, WAITS_SECONDS
from cmtools.service.worker import Worker
from cmtools.store import callbacks as store
from cmtools.tags import Tag
from cmtools.testing import CallbackSink

from .conftest import Desk


@pytest.fixture
def sink() -> Iterator[CallbackSink]:
    with CallbackSink() as sink:
        yield sink


def tick(desk: Desk, seconds: float = 0) -> None:
    desk.clock.advance(seconds)
    settings = desk.settings.model_copy(update={"allow_loopback": True})
    Worker(desk.store, Media("memory://callbacks"), Outbound(settings.policy), settings, desk.clock).tick()


def attempts(desk: Desk) -> list[CallbackAttempt]:
    return desk.run(callbacks.listing)[0]


def take(desk: Desk, count: int = 10) -> list[Parcel]:
    """What a sender would have in hand."""
    return desk.run(lambda ctx: callbacks.claim(ctx, lambda queues: dict.fromkeys([q.receiver for q in queues], count)))


def test_caller_is_told_when_the_undo_window_closes_and_not_before(desk: Desk, sink: CallbackSink) -> None:
    (id,) = desk.create(1, callback_endpoint=f"{sink.url}?kind=cat&x=1", metadata=(("sc", "true"), ("sc", "false")))
    desk.submit(desk.checkout(), {id: {"r": True}})
    decided = desk.clock()
    tick(desk, 4.999)
    assert sink.received == []

    tick(desk, 0.001)
    tick(desk, 100)

    assert sink.received == [
        {
            "ReviewId": id,
            "ModifiedOn": decided.strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
            "ModifiedBy": "ana",
            "CallBackType": "Review",
            "ContentId": "0",
            "ContentType": "Image",
            "Metadata": {"sc": "false"},
            "ReviewerResultTags": {"a": "False", "r": "True"},
        }
    ]
    assert sink.paths == ["/callback?kind=cat&x=1"]
    assert [(row.state, row.tries) for row in attempts(desk)] == [("delivered", 1)]


def test_nobody_is_told_of_what_was_taken_back(desk: Desk, sink: CallbackSink) -> None:
    (id,) = desk.create(1, callback_endpoint=sink.url)
    lease = desk.checkout()
    desk.undo(desk.submit(lease, {id: {"a": True}}))
    tick(desk, 10)
    assert sink.received == []

    desk.submit(lease, {id: {"a": False}})
    tick(desk, 5)
    assert [body["ReviewerResultTags"]["a"] for body in sink.received] == ["False"]
    assert sorted(row.state for row in attempts(desk)) == ["cancelled", "delivered"]


def test_failed_delivery_is_tried_again_later_under_the_same_id(desk: Desk, sink: CallbackSink) -> None:
    desk.create(1, callback_endpoint=sink.url)
    desk.submit(desk.checkout())
    sink.status = 500
    tick(desk, 5)
    tick(desk, 4.9)
    assert len(sink.received) == 1, "the second try comes at least five seconds after the first"
    sink.status = 204
    tick(desk, 5 * SPREAD)
    tick(desk, 1000)
    assert len(sink.received) == 2
    assert len({headers["webhook-id"] for headers in sink.headers}) == 1
    assert [(row.state, row.tries, row.answer) for row in attempts(desk)] == [("delivered", 2, "status 204")]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_nothing_but_2xx_is_success(desk: Desk, sink: CallbackSink, status: int) -> None:
    desk.create(1, callback_endpoint=sink.url)
    desk.submit(desk.checkout())
    sink.status = status
    tick(desk, 5)
    assert [(row.state, row.answer) for row in attempts(desk)] == [("waiting", f"status {status}")]


def test_receiver_that_never_answers_well_is_given_up_in_the_end(desk: Desk) -> None:
    desk.create(1, callback_endpoint="http://127.0.0.1:9/closed")
    desk.submit(desk.checkout())
    tick(desk, 5)
    for wait in WAITS_SECONDS:
        assert attempts(desk)[0].state == "waiting"
        tick(desk, wait * (1 + SPREAD))
    (last,) = attempts(desk)
    assert (last.state, last.tries) == ("failed", len(WAITS_SECONDS) + 1)
    assert "cannot be reached" in last.answer


def test_a_worker_that_dies_after_claiming_loses_nothing(desk: Desk, sink: CallbackSink) -> None:
    desk.create(1, callback_endpoint=sink.url)
    desk.submit(desk.checkout())
    desk.pass_time(5)
    assert len(take(desk)) == 1  # and then this worker is gone
    tick(desk)
    assert sink.received == []
    tick(desk, callbacks.claim_seconds(desk.settings))
    assert len(sink.received) == 1


def test_failing_receiver_is_on_the_trail(desk: Desk, sink: CallbackSink) -> None:
    (id,) = desk.create(1, callback_endpoint=sink.url)
    desk.submit(desk.checkout())
    sink.status = 503
    tick(desk, 5)
    assert desk.actions(id)[-1] == "callback"
    assert attempts(desk)[0].tried_at == desk.clock()
    assert attempts(desk)[0].due_at == desk.clock()


def test_a_callback_is_signed_so_that_receivers_know_it(desk: Desk) -> None:
    secret = desk.run(signing.show).secret
    with CallbackSink(secret, clock=desk.clock) as sink:
        (id,) = desk.create(1, callback_endpoint=sink.url)
        desk.submit(desk.checkout())
        sink.status = 500
        tick(desk, 5)
        tick(desk, 10)
        assert [notice["ReviewId"] for notice in sink.verified] == [id, id]
        first, second = (int(headers["webhook-timestamp"]) for headers in sink.headers)
        assert second - first == 10, "each try has a moment of its own"


def test_a_callback_is_signed_with_another_team_s_secret_by_nobody(desk: Desk) -> None:
    with CallbackSink("whsec_bm90IGEgc2VjcmV0", clock=desk.clock) as sink:
        desk.create(1, callback_endpoint=sink.url)
        desk.submit(desk.checkout())
        tick(desk, 5)
        assert [row.answer for row in attempts(desk)] == ["status 401"]
        with pytest.raises(NotAuthorized, match="no signature"):
            _ = sink.verified


@pytest.mark.parametrize(("later", "signatures"), [(5, 2), (59, 2), (60, 1)])
def test_previous_secret_signs_beside_the_new_one_for_its_time(desk: Desk, later: float, signatures: int) -> None:
    old = desk.run(signing.show).secret
    new = desk.run(lambda ctx: signing.rotate(ctx, 60))
    assert (new.previous, new.secret == old) == (old, False)
    with CallbackSink(new.secret, clock=desk.clock) as sink:
        desk.create(1, callback_endpoint=sink.url)
        desk.submit(desk.checkout())
        tick(desk, later)
        assert len(sink.verified) == 1
        assert len(sink.headers[0]["webhook-signature"].split()) == signatures


def test_secret_that_is_no_secret_any_more_signs_no_longer(desk: Desk) -> None:
    old = desk.run(signing.show).secret
    new = desk.run(lambda ctx: signing.rotate(ctx, 0))
    assert (new.previous, new.previous_until) == ("", None)
    assert desk.run(signing.show).secret == new.secret != old


def test_secrets_are_on_no_trail_and_in_no_repr(desk: Desk) -> None:
    first = desk.run(signing.show)
    second = desk.run(lambda ctx: signing.rotate(ctx, 60))
    events = desk.run(lambda ctx: audit.trail(ctx, None, 0, 1000))[0]
    wanted = {"create_callback_secret", "show_callback_secret", "rotate_callback_secret"}
    assert wanted <= {event.action for event in events}
    desk.create(1, callback_endpoint="http://x.org")
    desk.submit(desk.checkout())
    desk.pass_time(5)
    told = repr([events, first, second, take(desk)])
    assert all(
        secret not in told and secret.removeprefix("whsec_") not in told for secret in (first.secret, second.secret)
    )


def test_receiver_that_is_gone_is_not_tried_again(desk: Desk, sink: CallbackSink) -> None:
    desk.create(1, callback_endpoint=sink.url)
    desk.submit(desk.checkout())
    sink.status = 410
    tick(desk, 5)
    tick(desk, 100_000)
    assert len(sink.received) == 1
    (row,) = attempts(desk)
    assert (row.state, row.tries) == ("failed", 1)
    assert "gone" in row.answer


@pytest.mark.parametrize("status", [429, 503])
def test_receiver_that_asks_for_a_rest_has_it(desk: Desk, sink: CallbackSink, status: int) -> None:
    desk.create(1, callback_endpoint=sink.url)
    desk.submit(desk.checkout())
    sink.answers, sink.retry_after = [status], "60"
    tick(desk, 5)
    tick(desk, 59)
    assert len(sink.received) == 1
    tick(desk, 1)
    assert len(sink.received) == 2


def test_every_try_sends_the_same_whatever_becomes_of_the_team_s_tags(desk: Desk, sink: CallbackSink) -> None:
    desk.create(1, callback_endpoint=sink.url)
    desk.submit(desk.checkout())
    sink.answers = [500]
    tick(desk, 5)
    desk.run(lambda ctx: teams.put_tag(ctx, Tag("zz", "", "")))
    tick(desk, 10)
    first, second = sink.received
    assert first == second
    assert "zz" not in second["ReviewerResultTags"]


def test_what_was_given_up_is_listed_and_sent_anew_under_its_id(desk: Desk, sink: CallbackSink) -> None:
    desk.create(2, callback_endpoint=sink.url)
    desk.submit(desk.checkout())
    sink.answers = [410, 410]
    tick(desk, 5)
    failed = desk.run(lambda ctx: callbacks.listing(ctx, "failed"))[0]
    assert len(failed) == 2
    assert [desk.run(lambda ctx: callbacks.redeliver(ctx, None)) for _ in range(2)] == [2, 0]
    tick(desk)
    assert sorted(sink.ids[:2]) == sorted(sink.ids[2:]) == sorted(row.id for row in failed)
    assert [row.state for row in attempts(desk)] == ["delivered"] * 2
    assert desk.actions(failed[0].id) == ["redeliver"]


def test_one_callback_that_waits_for_a_later_try_is_sent_now(desk: Desk, sink: CallbackSink) -> None:
    desk.create(1, callback_endpoint=sink.url)
    desk.submit(desk.checkout())
    (before,) = attempts(desk)
    assert desk.run(lambda ctx: callbacks.redeliver(ctx, before.id)) == 0, "it is never sent before its time"
    sink.answers = [500, 500, 500]
    for seconds in (5, 10, 60):
        tick(desk, seconds)
    assert desk.run(lambda ctx: callbacks.redeliver(ctx, before.id)) == 1
    tick(desk)
    assert [row.state for row in attempts(desk)] == ["delivered"]
    assert desk.run(lambda ctx: callbacks.redeliver(ctx, before.id)) == 0, "once more changes nothing"
    assert len(sink.received) == 4


def test_what_was_taken_back_is_never_sent_anew(desk: Desk, sink: CallbackSink) -> None:
    desk.create(1, callback_endpoint=sink.url)
    desk.undo(desk.submit(desk.checkout()))
    (row,) = attempts(desk)
    with pytest.raises(Conflict, match="taken back"):
        desk.run(lambda ctx: callbacks.redeliver(ctx, row.id))
    assert desk.run(lambda ctx: callbacks.redeliver(ctx, None)) == 0
    with pytest.raises(NotFound, match="no callback 'nope'"):
        desk.run(lambda ctx: callbacks.redeliver(ctx, "nope"))


def test_callbacks_are_listed_a_page_at_a_time(desk: Desk) -> None:
    desk.create(5, callback_endpoint="http://x.org")
    desk.submit(desk.checkout())
    pages, before = [], None
    while True:
        page, before = desk.run(lambda ctx, at=before: callbacks.listing(ctx, None, at, 2))
        pages.append([row.id for row in page])
        if before is None:
            break
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({id for page in pages for id in page}) == 5


def test_notice_that_cannot_be_made_holds_up_no_other(desk: Desk, sink: CallbackSink) -> None:
    bad, *good = desk.create(3, callback_endpoint=sink.url)
    desk.submit(desk.checkout(), {id: {} for id in (bad, *good)})
    broken = sa.text("UPDATE reviews SET metadata = '{' WHERE id = :id")
    desk.store.write(lambda connection: connection.execute(broken, {"id": bad}))
    tick(desk, 5)
    tick(desk)
    assert sorted(each["ReviewId"] for each in sink.received) == sorted(good)
    assert {each.review_id: each.state for each in attempts(desk)} == {bad: "failed"} | dict.fromkeys(good, "delivered")


def test_late_failure_does_not_spoil_the_try_of_another_sender(desk: Desk, sink: CallbackSink) -> None:
    desk.create(1, callback_endpoint=sink.url)
    desk.submit(desk.checkout())
    desk.pass_time(5)
    (late,) = take(desk)
    desk.clock.advance(callbacks.claim_seconds(desk.settings))
    (other,) = take(desk)
    desk.run(lambda ctx: callbacks.record(ctx, [(late, Outcome(None, "too late"))]))
    assert attempts(desk)[0].answer == ""
    desk.run(lambda ctx: callbacks.record(ctx, [(other, Outcome(200, "status 200"))]))
    desk.run(lambda ctx: callbacks.record(ctx, [(late, Outcome(500, "later still"))]))
    assert (attempts(desk)[0].state, attempts(desk)[0].answer) == ("delivered", "status 200")


def test_late_success_counts_all_the_same(desk: Desk) -> None:
    desk.create(1, callback_endpoint="http://x.org")
    desk.submit(desk.checkout())
    desk.pass_time(5)
    (late,) = take(desk)
    desk.clock.advance(callbacks.claim_seconds(desk.settings))
    take(desk)
    desk.run(lambda ctx: callbacks.record(ctx, [(late, Outcome(200, "status 200"))]))
    assert attempts(desk)[0].state == "delivered"


def test_lag_tells_what_waits_and_since_when(desk: Desk) -> None:
    desk.create(3, callback_endpoint="http://x.org")
    desk.submit(desk.checkout())
    desk.pass_time(5)
    due = desk.clock()
    desk.run(lambda ctx: callbacks.claim(ctx, lambda queues: {queues[0].receiver: 1}))
    desk.clock.advance(1)
    found = desk.run(lambda ctx: store.lag(ctx.connection, ctx.now))
    assert (found.waiting, found.in_hand, found.failed, found.oldest_due_at) == (3, 1, 0, due)


def test_queues_are_found_for_each_receiver_without_reading_all_that_waits(desk: Desk) -> None:
    for host in ("a", "b", "c"):
        desk.create(3, callback_endpoint=f"http://{host}.org/x")
    desk.submit(desk.checkout())
    assert desk.run(lambda ctx: store.queues(ctx.connection, ctx.now)) == []
    desk.pass_time(5)
    found = desk.run(lambda ctx: store.queues(ctx.connection, ctx.now))
    assert [(queue.receiver, queue.in_hand) for queue in found] == [("a.org:80", 0), ("b.org:80", 0), ("c.org:80", 0)]
    assert len(desk.run(lambda ctx: callbacks.claim(ctx, lambda queues: {"b.org:80": 2}))) == 2
    found = desk.run(lambda ctx: store.queues(ctx.connection, ctx.now))
    assert [queue.in_hand for queue in found] == [0, 2, 0]
