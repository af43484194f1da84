"""Callbacks: put into the outbox with what they tell of, sent when it is final, tried again until they arrive."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ..model import CallbackAttempt, JobStep
from ..store import callbacks, jobs
from ..store.callbacks import Due
from ..store.submissions import SubmissionRow, review_ids
from ..wire.callbacks import write_callback, write_job_callback
from . import audit
from .context import Context, new_id, system_actor
from .outbound import Outbound, Refused
from .reviews import stored
from .teams import describe

WAITS_SECONDS = (5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600, 24 * 3600)
"""How long after each failed try the next one comes: over two days in all."""
CLAIM_SECONDS = 60
"""How long a claimed callback is left to its worker; after that it is assumed lost and tried by another."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try went."""

    delivered: bool
    answer: str


def enqueue(ctx: Context, row: SubmissionRow) -> None:
    """Put the callbacks of a submission's reviews into the outbox, due when its undo window closes."""
    found = callbacks.endpoints(ctx.connection, ctx.team, review_ids(ctx.connection, row.id))
    rows = [_waiting(ctx, endpoint, row.final_at, review_id, row.id) for review_id, endpoint in found.items()]
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
        "state": "waiting",
        "tries": 0,
        "due_at": at,
        "next_at": at,
        "answer": "",
    }


def cancel(ctx: Context, row: SubmissionRow) -> None:
    """Call off the callbacks of a submission that is taken back."""
    callbacks.cancel(ctx.connection, row.id)


def claim(ctx: Context, limit: int) -> list[tuple[Due, bytes]]:
    """Callbacks to be sent now, each with its body."""
    due = callbacks.claim(ctx.connection, ctx.now, ctx.now + timedelta(seconds=CLAIM_SECONDS), limit)
    return [(item, _body(ctx, item)) for item in due]


def deliver(outbound: Outbound, due: Due, body: bytes) -> Outcome:
    """Try once; nothing but a 2xx answer is success. Runs outside of any transaction."""
    try:
        status = outbound.post_json(due.endpoint, body, {"Cmtools-Callback-Id": due.id})
    except Refused as error:
        return Outcome(False, error.message)
    return Outcome(200 <= status < 300, f"status {status}")


def record(ctx: Context, due: Due, outcome: Outcome) -> None:
    """Keep how a try went, and when the next one comes."""
    tries = due.tries + 1
    if outcome.delivered:
        state, wait = "delivered", 0
    elif tries > len(WAITS_SECONDS):
        state, wait = "failed", 0
    else:
        state, wait = "waiting", WAITS_SECONDS[tries - 1]
    callbacks.record(
        ctx.connection,
        due.id,
        state=state,
        answer=outcome.answer,
        tried_at=ctx.now,
        next_at=ctx.now + timedelta(seconds=wait),
    )
    theirs = replace(ctx, actor=system_actor(due.team))
    subject = due.job_id or due.review_id
    audit.record(theirs, "callback", [(subject, {}, {"state": state, "tries": tries, "answer": outcome.answer})])
    if due.job_id and outcome.delivered:
        told = JobStep(ctx.now, f"Posted results to the Callbackendpoint: {due.endpoint}")
        jobs.report(ctx.connection, due.job_id, [told])


def listing(ctx: Context) -> list[CallbackAttempt]:
    """The team's callbacks, the latest first."""
    return callbacks.of_team(ctx.connection, ctx.team)


def _body(ctx: Context, due: Due) -> bytes:
    theirs = replace(ctx, actor=system_actor(due.team))
    return json.dumps(_job_notice(theirs, due) or _review_notice(theirs, due), ensure_ascii=False).encode()


def _job_notice(theirs: Context, due: Due) -> dict[str, Any] | None:
    job = jobs.fetch(theirs.connection, due.team, due.job_id) if due.job_id else None
    return write_job_callback(job) if job else None


def _review_notice(theirs: Context, due: Due) -> dict[str, Any]:
    decided_at = due.decided_at or theirs.now
    return write_callback(stored(theirs, due.review_id), due.reviewer or "", decided_at, describe(theirs))
