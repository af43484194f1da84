"""Random stories of reviewers, leads and a moving clock, told to the service's rules and to a plain model at once.

After every step each review stands where the model has it, and a call that the model refuses is refused likewise.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cmtools.errors import CmtoolsError
from cmtools.model import Actor, Draft, Lease
from cmtools.service import audit, holds, leases, reviews, submissions, teams
from cmtools.service.context import Context
from cmtools.service.settings import Settings
from cmtools.store import Store, open_store
from cmtools.store.tables import reviews as table
from cmtools.store.tables import toggles as toggle_table
from cmtools.testing import ManualClock
from cmtools.wire.creation import Incoming

from .model import Item, Model, Taken

BASE = "http://service"
REVIEWERS = st.sampled_from(["ana", "ben", "eve"])
SUBTEAMS = st.sampled_from(["public", "second"])
SCORES = st.lists(st.sampled_from([None, 0.1, 0.5, 0.9]), min_size=1, max_size=3)
TAGS = st.dictionaries(st.sampled_from(["a", "r"]), st.booleans())
MOMENTS = st.sampled_from([0.001, 1.0, 4.999, 5.0, 60.0, 899.999, 900.0])
PLACE = st.integers(0, 10**6)
"""Which of the things there are: taken modulo their number."""


def outcome(call: Callable[[], Any]) -> tuple[Any, CmtoolsError | None]:
    """What a call gives, and what it refuses with."""
    try:
        return call(), None
    except CmtoolsError as error:
        return None, error


class Queue(RuleBasedStateMachine):
    """One team on a store that all stories share, each with a team of its own."""

    store: Store
    clock: ManualClock
    steps = itertools.count()
    stories = itertools.count()

    @initialize()
    def begin(self) -> None:
        self.team = f"team-{next(self.stories)}"
        self.settings = Settings(database="unused", copy_content=False)
        self.model = Model()
        self.tokens: list[tuple[str, str]] = []
        self.run(teams.ensure)
        self.run(lambda ctx: teams.add_subteam(ctx, "second"))
        self.model.now = self.clock()

    def run(self, rule: Callable[[Context], Any], reviewer: str = "ana") -> Any:
        actor = Actor(self.team, "k1", "administrator", "administrator", reviewer)
        return self.store.write(lambda connection: rule(Context(connection, actor, self.clock(), self.settings)))

    def both(self, expected: Callable[[], object], rule: Callable[[Context], Any], reviewer: str = "ana") -> Any:
        """The rule's answer, once the model has agreed; None when both refuse alike."""
        refusal = outcome(expected)[1]
        answer, refused = outcome(lambda: self.run(rule, reviewer))
        assert type(refused) is type(refusal), f"the model says {refusal!r}, the service {refused!r}"
        return answer

    def a_token(self, place: int) -> tuple[str, str, str]:
        """A lease, its reviewer, and a token that was its own once, if not now."""
        lease, token = self.tokens[place % len(self.tokens)]
        return lease, token, self.model.leases[lease].reviewer

    def some(self, lease: str, place: int) -> list[str]:
        """Some reviews of the lease; now and then one that it does not hold."""
        mine = [item.id for item in self.model.of(lease)]
        if not mine or place % 7 == 0:
            return [list(self.model.items)[place % len(self.model.items)]]
        return mine[: 1 + place % len(mine)]

    def keep(self, lease: Lease) -> None:
        self.tokens.append((lease.id, lease.token))

    # Steps ------------------------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.model.items) < 12)
    @rule(
        scores=st.lists(st.sampled_from([None, 0.1, 0.5, 0.9]), min_size=1, max_size=3), on=st.booleans(), into=SUBTEAMS
    )
    def create(self, scores: list[float | None], on: bool, into: str) -> None:
        drafts = []
        for score in scores:
            pairs = (("a", str(on)), *([("a.score", str(score))] if score is not None else []))
            drafts.append(Incoming(Draft("https://x.org/1.jpg", "1", metadata=pairs)))
        ids, _ = self.run(lambda ctx: reviews.create(ctx, drafts, into, BASE))
        self.model.items |= {id: Item(id, into, score, on) for id, score in zip(ids, scores, strict=True)}

    @rule(
        reviewer=REVIEWERS,
        count=st.integers(1, 6),
        subteam=st.none() | SUBTEAMS,
        order=st.sampled_from(["oldest", "highest", "uncertain", "random"]),
        blind=st.booleans(),
    )
    def checkout(self, reviewer: str, count: int, subteam: str | None, order: str, blind: bool) -> None:
        self.model.expire()
        wanted = [item.id for item in self.model.waiting(subteam, order)]
        lease = self.run(
            lambda ctx: leases.checkout(ctx, count, "Image", subteam, BASE, order=order, seed=count, blind=blind),
            reviewer,
        )
        ids = [review.id for review in lease.reviews]
        if order == "random":
            assert len(ids) == min(count, len(wanted))
            assert set(ids) <= set(wanted)
        else:
            assert ids == wanted[:count]
        assert not (blind and any(review.auto_tags for review in lease.reviews))
        self.took(lease, "checkout")

    def took(self, lease: Lease, action: str) -> None:
        if lease.id:
            ids = [review.id for review in lease.reviews]
            taken = Taken(lease.id, lease.reviewer, lease.token, lease.expires_at, lease.blind)
            self.model.lease_out(taken, ids, action)
            self.keep(lease)

    @precondition(lambda self: self.tokens)
    @rule(place=PLACE, tag=st.sampled_from(["a", "r"]), value=st.booleans())
    def toggle(self, place: int, tag: str, value: bool) -> None:
        lease, token, who = self.a_token(place)
        (id, *_) = self.some(lease, place)
        self.both(
            lambda: self.model.toggle(lease, token, id, tag, value),
            lambda ctx: leases.save_toggles(ctx, lease, token, {id: {tag: value}}),
            who,
        )

    @precondition(lambda self: self.tokens)
    @rule(place=PLACE, tags=TAGS)
    def submit(self, place: int, tags: dict[str, bool]) -> None:
        lease, token, _ = self.a_token(place)
        self.send(lease, token, {id: dict(tags) for id in self.some(lease, place)})

    @precondition(lambda self: self.model.sent)
    @rule(place=PLACE)
    def submit_again(self, place: int) -> None:
        sent = list(self.model.sent.values())[place % len(self.model.sent)]
        self.send(sent.lease, self.model.leases[sent.lease].token, sent.named)

    def send(self, lease: str, token: str, named: dict[str, dict[str, bool]]) -> None:
        before = self.model.repeated(lease, token, named)
        made = self.both(
            lambda: None if before else self.model.check_submit(lease, token, named),
            lambda ctx: submissions.submit(ctx, lease, token, named),
            self.model.leases[lease].reviewer,
        )
        if made is not None and before is None:
            assert made.id not in self.model.sent
            self.model.submit(made.id, lease, named)
        elif made is not None and before is not None:
            assert (made.id, made.undo_until) == (before.id, before.final_at)

    @precondition(lambda self: self.model.sent)
    @rule(place=PLACE)
    def undo(self, place: int) -> None:
        sent = list(self.model.sent.values())[-1 - place % min(3, len(self.model.sent))]
        self.both(lambda: self.model.undo(sent.id), lambda ctx: submissions.undo(ctx, sent.id, BASE), sent.reviewer)

    @precondition(lambda self: self.tokens)
    @rule(place=PLACE, everything=st.booleans())
    def release(self, place: int, everything: bool) -> None:
        lease, token, who = self.a_token(place)
        ids = None if everything else self.some(lease, place)
        self.both(
            lambda: self.model.release(lease, token, ids), lambda ctx: leases.release(ctx, lease, token, ids), who
        )

    @precondition(lambda self: self.tokens)
    @rule(place=PLACE)
    def renew(self, place: int) -> None:
        lease, token, who = self.a_token(place)
        self.both(lambda: self.model.renew(lease, token), lambda ctx: leases.renew(ctx, lease, token, BASE), who)

    @precondition(lambda self: self.tokens)
    @rule(place=PLACE)
    def resume(self, place: int) -> None:
        lease, _, who = self.a_token(place)
        again = self.both(lambda: self.model.check_resume(lease), lambda ctx: leases.resume(ctx, lease, BASE), who)
        if again is not None:
            taken = self.model.leases[lease]
            taken.token, taken.expires_at = again.token, again.expires_at
            self.keep(again)

    @precondition(lambda self: self.tokens)
    @rule(place=PLACE, seconds=st.sampled_from([1.0, 60.0, 2000.0]))
    def hold(self, place: int, seconds: float) -> None:
        lease, token, who = self.a_token(place)
        ids = self.some(lease, place)
        self.both(
            lambda: self.model.hold(lease, token, ids, seconds),
            lambda ctx: holds.hold(ctx, lease, token, ids, seconds, "", BASE),
            who,
        )

    @rule(reviewer=REVIEWERS)
    def take_held(self, reviewer: str) -> None:
        mine = self.model.held(reviewer)
        lease = self.run(lambda ctx: holds.take(ctx, None, None, BASE), reviewer)
        assert {review.id for review in lease.reviews} == {item.id for item in mine}
        assert lease.blind == any(self.model.leases[item.lease or ""].blind for item in mine)
        assert {review.id: review.toggles for review in lease.reviews} == {item.id: item.toggles for item in mine}
        self.took(lease, "take_held")

    @precondition(lambda self: self.model.items)
    @rule(place=PLACE)
    def unhold(self, place: int) -> None:
        ids = [item.id for item in self.model.items.values() if item.state == "Held"] or list(self.model.items)
        one = [ids[place % len(ids)]]
        self.both(lambda: self.model.unhold(one), lambda ctx: holds.give_back(ctx, one))

    @precondition(lambda self: self.model.items)
    @rule(place=PLACE, into=SUBTEAMS, shown=st.booleans())
    def move(self, place: int, into: str, shown: bool) -> None:
        item = list(self.model.items.values())[place % len(self.model.items)]
        token = self.model.leases[item.lease].token if shown and item.lease else None
        self.both(
            lambda: self.model.move(item.id, into, token), lambda ctx: leases.move(ctx, item.id, into, token, BASE)
        )

    @precondition(lambda self: self.tokens)
    @rule(place=PLACE)
    def take_away(self, place: int) -> None:
        lease, _, _ = self.a_token(place)
        self.both(lambda: self.model.take_away(lease), lambda ctx: leases.take_away(ctx, lease))

    @rule(seconds=MOMENTS, swept=st.booleans())
    def pass_time(self, seconds: float, swept: bool) -> None:
        self.clock.advance(seconds)
        self.model.now = self.clock()
        if swept:
            self.model.sweep()
            for sweep in (leases.expire, holds.expire, submissions.finalise):
                while self.run(sweep):
                    pass

    # What holds at every moment ---------------------------------------------------------------------------------------

    @invariant()
    def same(self) -> None:
        next(type(self).steps)
        columns = (table.c.id, table.c.status, table.c.lease_id, table.c.subteam, table.c.held_by, table.c.held_until)
        rows = self.store.read(
            lambda connection: connection.execute(sa.select(*columns).where(table.c.team == self.team)).all()
        )
        stored = {row.id: (row.status, row.lease_id, row.subteam, row.held_by, row.held_until) for row in rows}
        assert stored == {
            item.id: (item.state, item.lease, item.subteam, item.held_by, item.held_until)
            for item in self.model.items.values()
        }
        query = sa.select(toggle_table).where(toggle_table.c.review_id.in_(list(stored)))
        kept: dict[str, dict[str, bool]] = {}
        for row in self.store.read(lambda connection: connection.execute(query).all()):
            kept.setdefault(row.review_id, {})[row.tag] = row.value
        assert kept == {item.id: item.toggles for item in self.model.items.values() if item.toggles}

    def teardown(self) -> None:
        """The trail of every review tells what happened to it; then whatever is left over ends."""
        if not hasattr(self, "model"):
            return
        for item in self.model.items.values():
            found = self.run(lambda ctx, id=item.id: audit.trail(ctx, id, 0, 1000))[0]
            told = [event.action for event in found if event.action != "change"]  # one for each tag that is switched
            assert told == item.trail
            assert self.run(lambda ctx, id=item.id: reviews.get(ctx, id, BASE)).human_tags == item.human
        self.clock.advance(10_000)
        for sweep in (leases.expire, holds.expire, submissions.finalise):
            while self.run(sweep):
                pass


def run(stories: int, length: int) -> int:
    """Tell so many stories of so many steps; how many steps there were. The first difference is an error."""
    with tempfile.TemporaryDirectory() as folder:
        Queue.store, Queue.clock = open_store(Path(folder) / "reviews.db"), ManualClock()
        Queue.steps = itertools.count()
        try:
            how = settings(
                max_examples=stories, stateful_step_count=length, deadline=None, derandomize=True, database=None
            )
            run_state_machine_as_test(Queue, settings=how)
        finally:
            Queue.store.close()
    return next(Queue.steps)


def main(steps: str = "10000") -> int:
    """At least so many steps; 0 when the service and the model never part."""
    stories, length = max(1, int(steps) * 5 // 4 // 50), 50  # some stories are shorter than they may be
    done = run(stories, length)
    print(f"state machine: {done:,} steps of {stories:,} stories, no difference from the model")
    return 0 if done >= int(steps) else 1
