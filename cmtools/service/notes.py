"""Rules of notes: what reviewers write down about a review for each other. No decision ever reads them."""

from __future__ import annotations

from ..errors import BadRequest, NotFound
from ..model import Note
from ..store import notes, reviews
from . import audit
from .context import Context

LONGEST = 10_000
"""Characters of a note."""


def add(ctx: Context, review_id: str, text: str) -> Note:
    """Write a note about a review; it stays."""
    text = text.strip()
    if not 1 <= len(text) <= LONGEST:
        raise BadRequest(f"a note has 1 to {LONGEST:,} characters; this one has {len(text):,}", where="text")
    check_reviews(ctx, [review_id])
    note = Note(review_id, ctx.reviewer, text, ctx.now)
    notes.insert(ctx.connection, ctx.team, note)
    audit.record(ctx, "note", [(review_id, {}, {"text": text})])
    return note


def page(ctx: Context, review_id: str | None, after: int, limit: int) -> tuple[list[Note], int | None]:
    """A page of the team's notes, of one review where it is named, the oldest first; and the next cursor."""
    if review_id is not None:
        check_reviews(ctx, [review_id])
    return notes.page(ctx.connection, ctx.team, review_id, after, limit)


def check_reviews(ctx: Context, ids: list[str]) -> None:
    """Raise `NotFound` unless all of these are reviews of the team."""
    there = reviews.standings(ctx.connection, ctx.team, ids, locked=False)
    for id in ids:
        if id not in there:
            raise NotFound(f"the team has no review {id!r}")
