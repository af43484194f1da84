"""Callbacks: put into the outbox with the submission, sent after its undo window, tried again until they arrive."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta

from ..model import CallbackAttempt
from ..store import callbacks
from ..store.callbacks import Due
from ..store.submissions import SubmissionRow, review_ids
from ..wire.callbacks import write_callback
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
    callbacks.insert(
        ctx.connection,
        [
            {
                "id": new_id(),
                "team": ctx.team,
                "review_id": review_id,
                "submission_id": row.id,
                "endpoint": endpoint,
                "state": "waiting",
                "tries": 0,
                "due_at": row.final_at,
                "next_at": row.final_at,
                "answer": "",
            }
            for review_id, endpoint in found.items()
        ],
    )


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
    audit.record(theirs, "callback", [(due.review_id, {}, {"state": state, "tries": tries, "answer": outcome.answer})])


def listing(ctx: Context) -> list[CallbackAttempt]:
    """The team's callbacks, the latest first."""
    return callbacks.of_team(ctx.connection, ctx.team)


def _body(ctx: Context, due: Due) -> bytes:
    theirs = replace(ctx, actor=system_actor(due.team))
    review = stored(theirs, due.review_id)
    return json.dumps(
        write_callback(review, due.reviewer, due.decided_at, describe(theirs)), ensure_ascii=False
    ).encode()
