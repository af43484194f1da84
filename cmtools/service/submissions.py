"""Rules of submissions: how answers become a decision, how it is taken back, when it is final."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from ..errors import BadRequest, LeaseLost, NotFound, UndoWindowClosed
from ..model import Frame, Lease, Review, Submission
from ..store import activity, reviews, submissions
from ..store import leases as lease_store
from ..store.submissions import SubmissionRow
from . import audit, callbacks, leases, opinions
from .blind import unprompted
from .context import Context, new_id, system_actor
from .leases import Named, NamedFrames

FINALISED_AT_ONCE = 100
"""The most submissions that one transaction makes final."""
Said = dict[str, dict[str, bool]]
"""Frame (its milliseconds as text; empty for the whole) -> short code -> on or off."""


def submit(
    ctx: Context, lease_id: str, token: str | None, named: Named, framed: NamedFrames = MappingProxyType({})
) -> Submission:
    """Decide the reviews that are named, with all their frames; the others stay in the lease.

    A tag that is not named takes what the reviewer was shown: what they had switched, else the auto tag (which a blind
    lease does not show), else off. The same request sent again is answered with the same submission.

    Raises
    ------
    LeaseLost
        The lease has ended or does not hold one of the reviews; nothing was changed.
    NotFound
        The reviewer has no such lease, or a review no such frame; nothing was changed.
    BadTag
        The team has no such tag; nothing was changed.
    """
    if not named:
        raise BadRequest("no review is named, so nothing was submitted", where="answers")
    if alone := sorted(set(framed) - set(named)):
        raise BadRequest("frames of a review that is not among the answers: name it there too", where=alone[0])
    digest = hashlib.sha256(json.dumps([named, framed], sort_keys=True, default=dict).encode()).hexdigest()
    lease = leases.own(ctx, lease_id)
    if token is not None and leases.matches(lease, token):
        before = submissions.repeated(ctx.connection, lease_id, digest)
        if before is not None:
            return _submission(ctx, before)
    leases.demand_live(ctx, lease, token)
    held = leases.check_held(ctx, lease_id, named)
    leases.check_frames(ctx, framed)
    given, suggested, switched = _answers(ctx, named, framed, blind=lease.blind)
    final_at = ctx.now + timedelta(seconds=ctx.settings.undo_seconds)
    made = SubmissionRow(new_id(), ctx.team, lease_id, ctx.reviewer, digest, ctx.now, final_at, "open")
    endpoints = submissions.insert(ctx.connection, made, given)
    lease_store.drop_toggles(ctx.connection, switched)
    callbacks.enqueue(ctx, made, endpoints)
    audit.record(
        ctx, "submit", [(id, suggested[id], {**_told(said), "submission": made.id}) for id, said in given.items()]
    )
    if held == set(given):
        lease_store.end(ctx.connection, lease_id, "submitted")
    if ctx.settings.undo_seconds == 0:
        finalise(ctx)
    return Submission(made.id, made.reviewer, tuple(endpoints), made.created_at, made.final_at)


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
    audit.record(
        ctx, "undo", [(review_id, {**_told(theirs), "submission": id}, {}) for review_id, theirs in said.items()]
    )
    return leases.reopen(ctx, lease, base_url)


def finalise(ctx: Context) -> int:
    """Complete the reviews of submissions whose undo window has closed, in all teams, some at a time; how many."""
    rows = submissions.due(ctx.connection, ctx.now, FINALISED_AT_ONCE)
    tallied: list[tuple[SubmissionRow, int]] = []
    shared: set[str] = set()
    for row in rows:
        done = submissions.finalise(ctx.connection, row)
        theirs = replace(ctx, actor=system_actor(row.team, row.reviewer))
        audit.record(theirs, "finalise", [(id, {}, {"submission": row.id}) for id in done])
        tallied.append((row, len(done)))
        shared |= {of for of in done.values() if of is not None}
    activity.tally(ctx.connection, tallied)
    opinions.settle(ctx, shared)
    opinions.rest_golden(ctx, {row.team for row in rows})
    return len(rows)


def _answers(
    ctx: Context, named: Named, framed: NamedFrames, *, blind: bool
) -> tuple[dict[str, Said], dict[str, dict[str, bool]], list[str]]:
    """Every visible tag of every named review and its frames as it is decided, and what was suggested of the whole.

    And the reviews of which something is kept as switched.
    """
    tags = ctx.tags()
    asked = leases.canonical(tags, named, framed)
    off = {tag.short_code: False for tag in tags.visible}
    given: dict[str, Said] = {}
    suggested: dict[str, dict[str, bool]] = {}
    switched: list[str] = []
    for stored in reviews.fetch(ctx.connection, ctx.team, tags, list(named)):
        review = unprompted(tags, stored) if blind or stored.blind else stored
        said = asked[review.id]
        given[review.id] = {"": _decided(off, review, said[""])}
        for frame in review.frames:
            moment = str(frame.timestamp)
            given[review.id][moment] = _decided(off, frame, said.get(moment, {}))
        suggested[review.id] = dict(stored.auto_tags)
        if stored.toggles or any(frame.toggles for frame in stored.frames):
            switched.append(review.id)
    return given, suggested, switched


def _decided(off: dict[str, bool], shown: Review | Frame, said: Mapping[str, bool]) -> dict[str, bool]:
    suggested = {code: value for code, value in shown.auto_tags.items() if code in off}
    return {**off, **suggested, **shown.toggles, **said}


def _told(said: Said) -> dict[str, object]:
    """Answers as an audit event tells them."""
    told: dict[str, object] = {"tags": said[""]}
    if framed := {frame: tags for frame, tags in said.items() if frame}:
        told["frames"] = framed
    return told


def _submission(ctx: Context, row: SubmissionRow) -> Submission:
    ids = tuple(submissions.review_ids(ctx.connection, row.id))
    return Submission(row.id, row.reviewer, ids, row.created_at, row.final_at)
