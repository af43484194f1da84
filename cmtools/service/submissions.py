"""Rules of submissions: how answers become a decision, how it is taken back, when it is final."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from ..errors import BadRequest, LeaseLost, NotFound, UndoWindowClosed
from ..model import Lease, Submission
from ..store import leases as lease_store
from ..store import reviews, submissions
from ..store.submissions import SubmissionRow
from . import audit, callbacks, leases
from .context import Context, new_id, system_actor

Named = Mapping[str, Mapping[str, bool]]
"""Review id -> short code -> on or off."""


def submit(ctx: Context, lease_id: str, token: str | None, named: Named) -> Submission:
    """Decide the reviews that are named; the others stay in the lease.

    A tag that is not named takes what the reviewer was shown: what they had switched, else the auto tag, else off. The
    same request sent again is answered with the same submission.

    Raises
    ------
    LeaseLost
        The lease has ended or does not hold one of the reviews; nothing was changed.
    BadTag
        The team has no such tag; nothing was changed.
    """
    if not named:
        raise BadRequest("no review is named, so nothing was submitted", where="answers")
    digest = hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()
    row = lease_store.get(ctx.connection, ctx.team, lease_id)
    if row is not None and token is not None and leases.matches(row, token):
        before = submissions.repeated(ctx.connection, lease_id, digest)
        if before is not None:
            return _submission(ctx, before)
    leases.demand(ctx, lease_id, token)
    leases.check_held(ctx, lease_id, named)
    given, suggested = _answers(ctx, named)
    final_at = ctx.now + timedelta(seconds=ctx.settings.undo_seconds)
    made = SubmissionRow(new_id(), ctx.team, lease_id, ctx.reviewer, digest, ctx.now, final_at, "open")
    submissions.insert(ctx.connection, made, given)
    lease_store.drop_toggles(ctx.connection, list(given))
    callbacks.enqueue(ctx, made)
    audit.record(
        ctx, "submit", [(id, suggested[id], {"tags": tags, "submission": made.id}) for id, tags in given.items()]
    )
    if not lease_store.held(ctx.connection, lease_id):
        lease_store.end(ctx.connection, lease_id, "submitted")
    if ctx.settings.undo_seconds == 0:
        finalise(ctx)
    return _submission(ctx, made)


def undo(ctx: Context, id: str, base_url: str) -> Lease:
    """Take a submission back: its reviews are the reviewer's again, with the tags as submitted.

    Taking the same one back twice is the same as once.

    Raises
    ------
    UndoWindowClosed
        It is final.
    """
    row = submissions.get(ctx.connection, ctx.team, id)
    if row is None or row.reviewer != ctx.reviewer:
        raise NotFound(f"{ctx.reviewer} has no submission {id!r}")
    lease = lease_store.get(ctx.connection, ctx.team, row.lease_id)
    if lease is None:
        raise NotFound(f"the lease of submission {id!r} is gone")
    if row.state == "undone":
        if lease.ended_as is not None:
            raise LeaseLost(leases.WHY[lease.ended_as])
        return leases.reopen(ctx, lease, base_url)
    if row.state == "final" or row.final_at <= ctx.now:
        raise UndoWindowClosed(
            f"submission {id} is final: it could be taken back for {ctx.settings.undo_seconds:g} seconds"
        )
    said = submissions.answers_of(ctx.connection, id)
    submissions.undo(ctx.connection, row)
    lease_store.save_toggles(ctx.connection, said)
    callbacks.cancel(ctx, row)
    audit.record(ctx, "undo", [(review_id, {"tags": tags, "submission": id}, {}) for review_id, tags in said.items()])
    return leases.reopen(ctx, lease, base_url)


def finalise(ctx: Context) -> int:
    """Complete the reviews of every submission whose undo window has closed, in all teams; how many submissions."""
    rows = submissions.due(ctx.connection, ctx.now)
    for row in rows:
        done = submissions.finalise(ctx.connection, row)
        theirs = replace(ctx, actor=system_actor(row.team, row.reviewer))
        audit.record(theirs, "finalise", [(id, {}, {"submission": row.id}) for id in done])
    return len(rows)


def _answers(ctx: Context, named: Named) -> tuple[dict[str, dict[str, bool]], dict[str, dict[str, bool]]]:
    """Every visible tag of every named review as it is decided, and what was suggested before."""
    tags = ctx.tags()
    switched = leases.canonical(tags, named)
    given: dict[str, dict[str, bool]] = {}
    suggested: dict[str, dict[str, bool]] = {}
    for review in reviews.fetch(ctx.connection, ctx.team, tags, list(named)):
        shown = {tag.short_code: False for tag in tags.visible}
        shown.update({code: value for code, value in review.auto_tags.items() if code in shown})
        given[review.id] = {**shown, **review.toggles, **switched[review.id]}
        suggested[review.id] = dict(review.auto_tags)
    return given, suggested


def _submission(ctx: Context, row: SubmissionRow) -> Submission:
    ids = tuple(submissions.review_ids(ctx.connection, row.id))
    return Submission(row.id, row.reviewer, ids, row.created_at, row.final_at)
