"""Callbacks: put into the outbox with what they tell of, claimed when it is final, tried again until they arrive.

A callback is delivered at least once, always with the same id and the same body. It is of one review's decision, or of
one job's end; those of different reviews may arrive in any order, and a review is decided for good only once.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ..errors import BadRequest, CmtoolsError, Conflict, NotFound
from ..model import CallbackAttempt, JobStep
from ..outgoing.policy import CONNECT_SECONDS
from ..outgoing.waiting import read_retry_after
from ..store import callbacks, frames, jobs, reviews
from ..store.callbacks import Due, Queue, Record
from ..store.submissions import SubmissionRow
from ..wire.callbacks import write_callback, write_job_callback
from . import audit, signing
from .context import Context, new_id, system_actor
from .retries import wait_seconds
from .settings import Settings
from .teams import describe

CLAIM_MARGIN_SECONDS = 5.0
"""How much longer a claim lasts than the longest try: after that its sender is taken for dead, and another tries."""
STATES = ("waiting", "delivered", "failed", "cancelled")
GONE = 410
ASKS_TO_WAIT = (429, 503)
REVIVED_AT_ONCE = 2000
UNTOLD = (CmtoolsError, LookupError, TypeError, ValueError)
"""What reading a damaged row raises. An error of the database is none of these: then all is tried again."""
log = logging.getLogger(__name__)

Shares = Callable[[Sequence[Queue]], Mapping[str, int]]
"""How many to take of each queue."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A callback in a sender's hands: what is sent, and the secrets that sign it. Its repr shows none of them."""

    due: Due
    claim: str
    body: bytes
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Parcel({self.due.id!r})"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try went: the receiver's status (None: nobody answered, and ``answer`` says why)."""

    status: int | None
    answer: str
    retry_after: str = ""

    @property
    def delivered(self) -> bool:
        """Whether the receiver has taken it: nothing but a 2xx answer says so."""
        return self.status is not None and 200 <= self.status < 300


def enqueue(ctx: Context, row: SubmissionRow, endpoints: Mapping[str, str | None]) -> None:
    """Put the callbacks of a submission's reviews, by review id, into the outbox, due when its undo window closes."""
    rows = [_waiting(ctx, endpoint, row.final_at, id, row.id) for id, endpoint in endpoints.items() if endpoint]
    callbacks.insert(ctx.connection, rows)


def enqueue_job(ctx: Context, job_id: str, endpoint: str) -> None:
    """Put the callback of a job that has ended into the outbox."""
    callbacks.insert(ctx.connection, [_waiting(ctx, endpoint, ctx.now, job_id=job_id)])


def _waiting(
    ctx: Context, endpoint: str, at: datetime, review_id: str = "", submission_id: str = "", job_id: str | None = None
) -> dict[str, object]:
    return {
        "id": new_id(),
        "team": ctx.team,
        "review_id": review_id,
        "submission_id": submission_id,
        "job_id": job_id,
        "endpoint": endpoint,
        "receiver": receiver_of(endpoint),
        "state": "waiting",
        "tries": 0,
        "due_at": at,
        "next_at": at,
        "answer": "",
    }


def receiver_of(endpoint: str) -> str:
    """Whom an endpoint belongs to: its host and port.

    Examples
    --------
    >>> receiver_of("https://Example.org/a?b=1"), receiver_of("http://example.org:81")
    ('example.org:443', 'example.org:81')
    """
    try:
        parts = urlsplit(endpoint)
        return f"{parts.hostname or ''}:{parts.port or (443 if parts.scheme.lower() == 'https' else 80)}"
    except ValueError:
        return ""


def cancel(ctx: Context, row: SubmissionRow) -> None:
    """Call off the callbacks of a submission that is taken back."""
    callbacks.cancel(ctx.connection, row.id)


def claim(ctx: Context, shares: Shares) -> list[Parcel]:
    """Take what is to be sent now. A claim ends by itself, so that what a killed sender had in hand is sent again."""
    queues = callbacks.queues(ctx.connection, ctx.now)
    if not queues:
        return []
    name = new_id()
    until = ctx.now + timedelta(seconds=claim_seconds(ctx.settings))
    taken: list[Due] = []
    for receiver, count in shares(queues).items():
        taken += callbacks.claim(ctx.connection, receiver, count, name, ctx.now, until)
    bodies = _bodies(ctx, taken, name)
    secrets = signing.signing(ctx, {due.team for due in taken}) if taken else {}
    return [Parcel(due, name, bodies[due.id].encode(), secrets[due.team]) for due in taken if due.id in bodies]


def claim_seconds(settings: Settings) -> float:
    """How long a sender may have a callback in hand."""
    return CONNECT_SECONDS + settings.callback_timeout_seconds + CLAIM_MARGIN_SECONDS


def record(ctx: Context, ended: Sequence[tuple[Parcel, Outcome]]) -> None:
    """Keep how tries went, and when the next ones come."""
    found = {parcel.due.id: (parcel.due, outcome, _ended(ctx, parcel, outcome)) for parcel, outcome in ended}
    counted = callbacks.record(ctx.connection, [row for _, _, row in found.values()])
    changes: dict[str, list[audit.Change]] = defaultdict(list)
    for id in counted:
        due, outcome, row = found[id]
        told = {"state": row.state, "tries": due.tries, "answer": row.answer, "callback": id}
        changes[due.team].append((due.job_id or due.review_id, {}, told))
        if due.job_id and outcome.delivered:
            step = JobStep(ctx.now, f"Posted results to the Callbackendpoint: {due.endpoint}")
            jobs.report(ctx.connection, due.job_id, [step])
    for team, theirs in changes.items():
        audit.record(replace(ctx, actor=system_actor(team)), "callback", theirs)


def _ended(ctx: Context, parcel: Parcel, outcome: Outcome) -> Record:
    due, answer = parcel.due, outcome.answer
    asked = read_retry_after(outcome.retry_after, ctx.now) if outcome.status in ASKS_TO_WAIT else 0.0
    wait = wait_seconds(due.id, due.tries, asked)
    if outcome.delivered:
        state = "delivered"
    elif outcome.status == GONE:
        state, answer = "failed", f"{answer}: the receiver says that it is gone for good"
    else:
        state = "failed" if wait is None else "waiting"
    seconds = wait if state == "waiting" and wait is not None else 0.0
    return Record(due.id, parcel.claim, state, answer, ctx.now, ctx.now + timedelta(seconds=seconds))


def listing(
    ctx: Context, state: str | None = None, before: str | None = None, limit: int = 1000
) -> tuple[list[CallbackAttempt], str | None]:
    """A page of the team's callbacks, the latest first, and the cursor of the next (None at the end)."""
    if state is not None and state not in STATES:
        raise BadRequest(f"there is no state {state!r} of callbacks; there are {', '.join(STATES)}", where="state")
    place = None if before is None else _read_place(ctx, before)
    found = callbacks.of_team(ctx.connection, ctx.team, state, place, limit)
    return found, found[-1].id if len(found) == limit else None


def _read_place(ctx: Context, before: str) -> tuple[datetime, str]:
    found = callbacks.fetch(ctx.connection, ctx.team, before)
    if found is None:
        raise BadRequest(f"{before!r} is no cursor: take it from next of the page before", where="before")
    return found.due_at, found.id


def redeliver(ctx: Context, id: str | None) -> int:
    """Send anew what was given up: one callback, or all of the team; how many that changed.

    One that waits for a later try goes now. One that is on its way or was delivered stays as it is.

    Raises
    ------
    NotFound
        The team has no callback of that id.
    Conflict
        Its submission was taken back.
    """
    if id is None:
        ids = callbacks.revive(ctx.connection, ctx.team, ctx.now, REVIVED_AT_ONCE)
    else:
        found = callbacks.fetch(ctx.connection, ctx.team, id)
        if found is None:
            raise NotFound(f"the team has no callback {id!r}; client.callbacks() lists them")
        if found.state == "cancelled":
            raise Conflict(f"callback {id} tells of a submission that was taken back, so it is never sent")
        ids = [id] if callbacks.revive_one(ctx.connection, id, ctx.now) else []
    audit.record(ctx, "redeliver", [(id, {}, {}) for id in ids])
    return len(ids)


def _bodies(ctx: Context, taken: Iterable[Due], claim: str) -> dict[str, str]:
    """What is sent, by callback id: as it was at the first try, when it is kept for the later ones."""
    bodies = {due.id: due.body for due in taken if due.body is not None}
    of_reviews = defaultdict(list)
    new: dict[str, str] = {}
    for due in taken:
        if due.body is None and due.job_id is None:
            of_reviews[due.team].append(due)
        elif due.body is None:
            with _on_its_own(due):
                if (notice := _job_notice(ctx, due)) is not None:
                    new[due.id] = _written(notice)
    for team, dues in of_reviews.items():
        theirs = replace(ctx, actor=system_actor(team))
        try:
            new |= _review_bodies(theirs, dues)
        except UNTOLD:
            for due in dues:
                with _on_its_own(due):
                    new |= _review_bodies(theirs, [due])
    callbacks.keep_bodies(ctx.connection, new)
    bodies |= new
    lost = [due for due in taken if due.id not in bodies]
    gone = "there is nothing that can be told of any more"
    callbacks.record(ctx.connection, [Record(due.id, claim, "failed", gone, ctx.now, ctx.now) for due in lost])
    return bodies


def _job_notice(ctx: Context, due: Due) -> dict[str, Any] | None:
    job = jobs.fetch(ctx.connection, due.team, due.job_id or "")
    return write_job_callback(job) if job else None


def _review_bodies(ctx: Context, dues: Sequence[Due]) -> dict[str, str]:
    """The notices of reviews of the context's team, by callback id."""
    ids = [due.review_id for due in dues]
    team = describe(ctx)
    found = {review.id: review for review in reviews.fetch(ctx.connection, ctx.team, team.tags, ids, framed=False)}
    counts = frames.count(ctx.connection, [id for id, review in found.items() if review.type == "Video"])
    return {
        due.id: _written(
            write_callback(
                found[due.review_id],
                due.reviewer or "",
                due.decided_at or ctx.now,
                team,
                frame_count=counts.get(due.review_id, 0),
            )
        )
        for due in dues
        if due.review_id in found
    }


@contextmanager
def _on_its_own(due: Due) -> Iterator[None]:
    """Let what is wrong with one notice hold up no other: it is given up."""
    try:
        yield
    except UNTOLD:
        log.exception("callback %s: what it tells of cannot be read, so it is given up", due.id)


def _written(notice: dict[str, Any]) -> str:
    return json.dumps(notice, ensure_ascii=False)
