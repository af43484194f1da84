"""A desk at which tests call the service's rules as its routes do, on each store, with a clock that they move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

import pytest

from cmtools.model import Actor, Draft, Lease, Review, Submission
from cmtools.service import auth, leases, reviews, submissions, teams
from cmtools.service.context import Context
from cmtools.service.settings import Settings
from cmtools.store import Store
from cmtools.testing import ManualClock
from cmtools.wire.creation import Incoming

Result = TypeVar("Result")
BASE = "http://service"


class Desk:
    """Rules called by name, each in a transaction of its own."""

    def __init__(self, store: Store, clock: ManualClock, **settings: object) -> None:
        self.store, self.clock = store, clock
        self.settings = Settings(database="unused", **{"copy_content": False, **settings})
        self.actor = Actor("demo", "k1", "administrator", "administrator", "ana")
        self.run(teams.ensure)
        self.run(lambda ctx: auth.install_key(replace(ctx, actor=auth.installer("demo")), "secret-key"))

    def run(self, rule: Callable[[Context], Result], reviewer: str | None = None) -> Result:
        actor = self.actor if reviewer is None else replace(self.actor, reviewer=reviewer)
        return self.store.write(lambda connection: rule(Context(connection, actor, self.clock(), self.settings)))

    def create(self, count: int = 1, *, subteam: str | None = None, **draft: object) -> list[str]:
        drafts = [Incoming(Draft(f"https://x.org/{n}.jpg", str(n), **draft)) for n in range(count)]
        return self.run(lambda ctx: reviews.create(ctx, drafts, subteam, BASE))[0]

    def checkout(self, count: int = 20, *, reviewer: str | None = None, subteam: str | None = None) -> Lease:
        return self.run(lambda ctx: leases.checkout(ctx, count, "Image", subteam, BASE), reviewer)

    def submit(self, lease: Lease, named: Mapping[str, Mapping[str, bool]] | None = None) -> Submission:
        named = {review.id: {} for review in lease.reviews} if named is None else named
        return self.run(lambda ctx: submissions.submit(ctx, lease.id, lease.token, named), lease.reviewer)

    def undo(self, submission: Submission) -> Lease:
        return self.run(lambda ctx: submissions.undo(ctx, submission.id, BASE), submission.reviewer)

    def held(self, reviewer: str | None = None) -> list[Lease]:
        return self.run(lambda ctx: leases.held(ctx, BASE), reviewer)

    def get(self, id: str) -> Review:
        return self.run(lambda ctx: reviews.get(ctx, id, BASE))

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.run(leases.expire)
        self.run(submissions.finalise)

    def actions(self, subject: str | None = None) -> list[str]:
        from cmtools.service import audit

        return [event.action for event in self.run(lambda ctx: audit.trail(ctx, subject, 0, 1000))[0]]


@pytest.fixture
def desk(store: Store, clock: ManualClock) -> Desk:
    """A desk of the team ``demo``, whose reviewer is ``ana``."""
    return Desk(store, clock)
