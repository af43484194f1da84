"""What a service acknowledged, what its database holds after it was killed, and what is wrong between the two."""

from __future__ import annotations

import itertools
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy import Connection

from cmtools.store.tables import answers, callbacks, events, leases, reviews, submissions, toggles

Event = tuple[str, str, str]
"""An action, its review, and the lease or submission that the event names (empty: none)."""
MARKS = {"checkout": "lease", "submit": "submission", "undo": "submission", "finalise": "submission"}
BEGINS = {"checkout", "undo"}
ENDS = {"release", "expire", "submit"}


@dataclass
class Sent:
    """An acknowledged submission: what it said, and whether it was taken back (``asked``: nobody knows)."""

    lease: str
    said: dict[str, dict[str, bool]]
    undone: str = "no"


@dataclass
class Ledger:
    """What was acknowledged, and beside it what was asked for and not answered, which may or may not be."""

    created: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    sent: dict[str, Sent] = field(default_factory=dict)
    switched: dict[str, dict[str, bool]] = field(default_factory=dict)
    told: Counter[Event] = field(default_factory=Counter)
    unsure: Counter[Event] = field(default_factory=Counter)
    spans: dict[str, list[tuple[float, float, str]]] = field(default_factory=lambda: defaultdict(list))
    lock: threading.RLock = field(default_factory=threading.RLock)

    def note(self, action: str, ids: Iterable[str], mark: str = "") -> None:
        """These events must be there from now on."""
        self.told.update((action, id, mark) for id in ids)

    def acknowledged(self) -> int:
        """How many events were promised."""
        return self.told.total()


@dataclass(frozen=True)
class Records:
    """What the database holds."""

    reviews: dict[str, tuple[str, str, str | None, str | None]]
    """Id -> content id, status, lease, submission."""
    leases: dict[str, str | None]
    toggles: dict[str, bool]
    """Review -> its tag ``a``."""
    submissions: dict[str, str]
    answers: dict[tuple[str, str], dict[str, bool]]
    outbox: dict[tuple[str, str], list[str]]
    """Submission, review -> the states of its callbacks."""
    events: list[Event]
    damage: list[str]


def read(connection: Connection) -> Records:
    """Everything, as it was at one moment."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    of_reviews = (reviews.c.id, reviews.c.content_id, reviews.c.status, reviews.c.lease_id, reviews.c.submission_id)
    said: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    for row in connection.execute(sa.select(answers)):
        said[row.submission_id, row.review_id][row.tag] = row.value
    outbox: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in connection.execute(sa.select(callbacks.c.submission_id, callbacks.c.review_id, callbacks.c.state)):
        outbox[row.submission_id, row.review_id].append(row.state)
    told = (events.c.action, events.c.subject, events.c.before, events.c.after)
    trail = connection.execute(sa.select(*told).order_by(events.c.sequence))
    return Records(
        {
            row.id: (row.content_id, row.status, row.lease_id, row.submission_id)
            for row in _rows(connection, of_reviews)
        },
        {row.id: row.ended_as for row in _rows(connection, (leases.c.id, leases.c.ended_as))},
        {row.review_id: row.value for row in connection.execute(sa.select(toggles).where(toggles.c.tag == "a"))},
        {row.id: row.state for row in _rows(connection, (submissions.c.id, submissions.c.state))},
        said,
        outbox,
        [(row.action, row.subject, str({**row.before, **row.after}.get(MARKS.get(row.action), ""))) for row in trail],
        _damage(connection),
    )


def _rows(connection: Connection, columns: tuple[sa.Column[object], ...]) -> sa.CursorResult[tuple[object, ...]]:
    return connection.execute(sa.select(*columns))


def _damage(connection: Connection) -> list[str]:
    """What the database itself finds. PostgreSQL 18 checks the sum of every page that it reads: `read` reads them."""
    if connection.dialect.name != "sqlite":
        return []
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    return [] if found == ["ok"] else found


def faults(ledger: Ledger, records: Records) -> list[str]:
    """What was acknowledged and is not there, is there twice, or contradicts itself."""
    with ledger.lock:
        return [
            *(f"integrity check: {each}" for each in records.damage),
            *_of_creates(ledger, records),
            *_of_events(ledger, records),
            *_of_toggles(ledger, records),
            *_of_submissions(ledger, records),
            *_of_outbox(records),
            *_of_leases(records),
            *_in_sight(ledger.spans),
        ]


def _of_creates(ledger: Ledger, records: Records) -> Iterator[str]:
    for id, content_id in ledger.created.items():
        if id not in records.reviews:
            yield f"review {id} was acknowledged and is lost"
        elif records.reviews[id][0] != content_id:
            yield f"review {id} is of something else"
    times = Counter(content_id for content_id, *_ in records.reviews.values())
    yield from (f"{content_id} was created {count} times" for content_id, count in times.items() if count > 1)
    yield from (f"{content_id} was never asked for" for content_id in set(times) - ledger.asked)


def _of_events(ledger: Ledger, records: Records) -> Iterator[str]:
    there = Counter(records.events)
    for event, count in ledger.told.items():
        if there[event] < count:
            yield f"event {event} was acknowledged and is lost"
    for event, count in there.items():
        most = ledger.told[event] + ledger.unsure[event] if event[0] == "change" else 1
        if event[0] in {"create", "change", *MARKS} and count > most:
            yield f"event {event} is there {count} times"
    yield from (f"review {id} has no event" for id in records.reviews if not there["create", id, ""])


def _of_toggles(ledger: Ledger, records: Records) -> Iterator[str]:
    for lease, switched in ledger.switched.items():
        for id, value in switched.items():
            standing = records.reviews.get(id, ("", "", None, None))
            if standing[1:3] == ("Leased", lease) and records.toggles.get(id) is not value:
                yield f"the toggle of review {id} was acknowledged and is lost"


def _of_submissions(ledger: Ledger, records: Records) -> Iterator[str]:
    for id, sent in ledger.sent.items():
        state = records.submissions.get(id, "lost")
        allowed = {"no": {"open", "final"}, "asked": {"open", "final", "undone"}, "yes": {"undone"}}[sent.undone]
        if state not in allowed:
            yield f"submission {id} was acknowledged (taken back: {sent.undone}) and is {state}"
        for review_id, said in sent.said.items():
            if not said.items() <= records.answers.get((id, review_id), {}).items():
                yield f"the answers of submission {id} on review {review_id} are lost"
    standing = Counter(review_id for id, review_id in records.answers if records.submissions.get(id) != "undone")
    yield from (f"review {id} is decided {count} times" for id, count in standing.items() if count > 1)


def _of_outbox(records: Records) -> Iterator[str]:
    """Every review here has an endpoint: there is one callback for each decision that stands, none for the others."""
    for id, review_id in records.answers:
        states = records.outbox.get((id, review_id), [])
        if records.submissions.get(id) == "undone":
            wrong = set(states) - {"cancelled"}
        else:
            wrong = {"none"} if not states else set(states) & {"cancelled"}
        if wrong or len(states) > 1:
            yield f"the outbox has {states} for submission {id} of review {review_id}"
    yield from (
        f"the outbox tells of {key}, which nobody decided" for key in set(records.outbox) - set(records.answers)
    )


def _of_leases(records: Records) -> Iterator[str]:
    for id, (_, status, lease, submission) in records.reviews.items():
        if status == "Leased" and records.leases.get(lease or "", "lost") is not None:
            yield f"review {id} is in lease {lease}, which has ended"
        if status in {"Submitted", "Complete"} and records.submissions.get(submission or "", "lost") in {
            "lost",
            "undone",
        }:
            yield f"review {id} is {status} by submission {submission}, which does not stand"
    taken: dict[str, bool] = {}
    for action, id, _ in records.events:
        if action in BEGINS and taken.get(id):
            yield f"review {id} was given to two leases"
        if action in BEGINS | ENDS:
            taken[id] = action in BEGINS


def _in_sight(spans: Mapping[str, list[tuple[float, float, str]]]) -> Iterator[str]:
    """By what reviewers saw: nobody else has a review from when a lease of it came until it was given up or ended."""
    for id, theirs in spans.items():
        for (_, end, lease), (begin, _, other) in itertools.pairwise(sorted(theirs)):
            if begin < end and lease != other:
                yield f"review {id} was in two live leases, {lease} and {other}"
