"""The queue as plain Python: what leases, submissions and holds should do. The service is compared with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cmtools.errors import AlreadyComplete, CmtoolsError, Conflict, LeaseLost, UndoWindowClosed

LEASE, UNDO = timedelta(seconds=900), timedelta(seconds=5)
Answers = dict[str, dict[str, bool]]


@dataclass
class Item:
    """A review."""

    id: str
    subteam: str
    score: float | None
    auto: bool
    state: str = "Pending"
    lease: str | None = None
    submission: str | None = None
    toggles: dict[str, bool] = field(default_factory=dict)
    human: dict[str, bool] = field(default_factory=dict)
    held_by: str | None = None
    held_until: datetime | None = None
    trail: list[str] = field(default_factory=lambda: ["create"])

    def leave(self, state: str, action: str) -> None:
        """Out of whatever it was in; toggles are dropped."""
        self.state, self.lease, self.submission, self.toggles = state, None, None, {}
        self.held_by = self.held_until = None
        self.trail.append(action)


@dataclass
class Taken:
    """A lease."""

    id: str
    reviewer: str
    token: str
    expires_at: datetime
    blind: bool
    ended: bool = False


@dataclass
class Sent:
    """A submission."""

    id: str
    lease: str
    reviewer: str
    named: Answers
    said: Answers
    final_at: datetime
    state: str = "open"


class Model:
    """All of it. A method raises what the service should raise, and then has changed nothing."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.leases: dict[str, Taken] = {}
        self.sent: dict[str, Sent] = {}
        self.now = datetime.min.replace(tzinfo=UTC)

    # Looking ----------------------------------------------------------------------------------------------------------

    def waiting(self, subteam: str | None, order: str) -> list[Item]:
        found = [item for item in self.items.values() if item.state == "Pending" and subteam in (None, item.subteam)]
        scored = [item for item in found if item.score is not None]
        rest = [item for item in found if item.score is None]
        if order == "highest":
            return [*sorted(scored, key=lambda item: -(item.score or 0)), *rest]
        if order == "uncertain":
            return [*sorted(scored, key=lambda item: abs((item.score or 0) - 0.5)), *rest]
        return found

    def of(self, lease: str) -> list[Item]:
        return [item for item in self.items.values() if item.state == "Leased" and item.lease == lease]

    def held(self, reviewer: str) -> list[Item]:
        return [item for item in self.items.values() if item.state == "Held" and item.held_by == reviewer]

    def demand(self, lease: str, token: str) -> Taken:
        found = self.leases[lease]
        if found.token != token or found.ended or found.expires_at <= self.now:
            raise LeaseLost(lease)
        return found

    def need(self, lease: str, ids: list[str]) -> None:
        if any(self.items[id].state != "Leased" or self.items[id].lease != lease for id in ids):
            raise LeaseLost(lease)

    # The reviewer -----------------------------------------------------------------------------------------------------

    def lease_out(self, taken: Taken, ids: list[str], action: str) -> None:
        self.leases[taken.id] = taken
        for id in ids:
            item = self.items[id]
            item.state, item.lease, item.held_by, item.held_until = "Leased", taken.id, None, None
            item.trail.append(action)

    def toggle(self, lease: str, token: str, id: str, tag: str, value: bool) -> None:
        self.demand(lease, token)
        self.need(lease, [id])
        self.items[id].toggles[tag] = value

    def repeated(self, lease: str, token: str, named: Answers) -> Sent | None:
        if self.leases[lease].token != token:
            return None
        same = (each for each in self.sent.values() if each.lease == lease and each.named == named)
        return next((each for each in same if each.state != "undone"), None)

    def check_submit(self, lease: str, token: str, named: Answers) -> None:
        self.demand(lease, token)
        self.need(lease, list(named))

    def submit(self, id: str, lease: str, named: Answers) -> None:
        taken, said = self.leases[lease], {}
        for review, tags in named.items():
            item = self.items[review]
            auto = {} if taken.blind else {"a": item.auto}
            said[review] = {"a": False, "r": False, **auto, **item.toggles, **tags}
            item.leave("Submitted", "submit")
            item.lease, item.submission = lease, id
        self.sent[id] = Sent(id, lease, taken.reviewer, named, said, self.now + UNDO)
        taken.ended = not self.of(lease)

    def undo(self, id: str) -> None:
        sent = self.sent[id]
        lease = self.leases[sent.lease]
        if sent.state == "final" or (sent.state == "open" and sent.final_at <= self.now):
            raise UndoWindowClosed(id)
        if sent.state == "undone" and lease.ended:
            raise LeaseLost(id)
        if sent.state == "open":
            sent.state = "undone"
            for review, tags in sent.said.items():
                self.items[review].leave("Leased", "undo")
                self.items[review].lease, self.items[review].toggles = lease.id, dict(tags)
        lease.ended, lease.expires_at = False, self.now + LEASE

    def renew(self, lease: str, token: str) -> None:
        self.demand(lease, token).expires_at = self.now + LEASE

    def check_resume(self, lease: str) -> None:
        self.demand(lease, self.leases[lease].token)

    def release(self, lease: str, token: str, ids: list[str] | None) -> None:
        if self.leases[lease].ended:
            return
        taken = self.demand(lease, token)
        for item in self.of(lease):
            if ids is None or item.id in ids:
                item.leave("Pending", "release")
        taken.ended = not self.of(lease)

    def hold(self, lease: str, token: str, ids: list[str], seconds: float) -> None:
        taken = self.demand(lease, token)
        self.need(lease, ids)
        for item in (self.items[id] for id in ids):
            item.state, item.held_by = "Held", taken.reviewer
            item.held_until = self.now + timedelta(seconds=seconds)
            item.trail.append("hold")
        taken.ended = not self.of(lease)

    def unhold(self, ids: list[str]) -> None:
        for item in (self.items[id] for id in ids):
            if item.state == "Held":
                item.leave("Pending", "unhold")

    def move(self, id: str, subteam: str, token: str | None) -> None:
        item = self.items[id]
        refused: dict[str, type[CmtoolsError]] = {"Complete": AlreadyComplete, "Submitted": Conflict}
        if item.state in refused:
            raise refused[item.state](id)
        if item.state == "Leased" and item.lease is not None:
            if token is None:
                raise LeaseLost(id)
            self.demand(item.lease, token)
        if item.subteam != subteam:
            item.subteam = subteam
            item.leave("Pending", "move")

    def take_away(self, lease: str) -> None:
        if not self.leases[lease].ended:
            for item in self.of(lease):
                item.leave("Pending", "take_away")
            self.leases[lease].ended = True

    # The clock --------------------------------------------------------------------------------------------------------

    def expire(self) -> None:
        for lease in self.leases.values():
            if not lease.ended and lease.expires_at <= self.now:
                for item in self.of(lease.id):
                    item.leave("Pending", "expire")
                lease.ended = True

    def sweep(self) -> None:
        self.expire()
        for item in self.items.values():
            if item.state == "Held" and item.held_until is not None and item.held_until <= self.now:
                item.leave("Pending", "unhold")
        for sent in self.sent.values():
            if sent.state == "open" and sent.final_at <= self.now:
                sent.state = "final"
                for review, tags in sent.said.items():
                    self.items[review].leave("Complete", "finalise")
                    self.items[review].human = tags
