"""What is left out of blind reviews and leases: everything that says what the auto tags are. It leases nothing.

Whoever has a blind review, or any under a blind lease, is shown it so by every reading, until their submission is final
or the review is theirs no more. A blind review is shown so to everybody with a reviewer's key as long as it is open.
Everybody else sees all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..model import AuditEvent, Frame, Pairs, Review
from ..store import leases, reviews
from ..tags import SCORE_SUFFIX, VENDOR_SCORE_KEYS, TagSet
from .context import Context

SAID = ("tags", "frames")
"""Where an event tells tags."""
AUTO = "auto_tags"
"""Where the event of a review's creation tells which auto tags are on."""
OF_A_SAMPLE = ("weight", "stratum")
"""What a review has of the sample that it is in: a stratum may be a band of the score."""
OF_SEVERAL = ("opinions", "final", "golden")
"""What the event of a review's creation tells of how its answer comes about, which a reviewer is not to know."""


def masked(ctx: Context, found: Sequence[Review]) -> list[Review]:
    """The reviews as the actor may see them: those that are blind to them without their auto tags."""
    theirs = _blind_to(ctx, [review.id for review in found if review.status != "Complete"])
    if ctx.actor.role == "reviewer":
        found = [plain(review) for review in found]
    if not theirs:
        return list(found)
    tags = ctx.tags()
    return [unprompted(tags, review) if review.id in theirs else review for review in found]


def masked_events(ctx: Context, found: Sequence[AuditEvent]) -> list[AuditEvent]:
    """The events as the actor may see them: of what they have under a blind lease, none tells others' tags."""
    theirs = _blind_to(ctx, list({event.subject for event in found}))
    if ctx.actor.role == "reviewer":
        found = [replace(event, after=_but(event.after, (*OF_A_SAMPLE, *OF_SEVERAL))) for event in found]
    return [_untold(ctx, event) if event.subject in theirs else event for event in found]


def _blind_to(ctx: Context, ids: Sequence[str]) -> set[str]:
    """Those of the reviews of which the actor is not shown the auto tags."""
    reviewer = ctx.actor.reviewer
    theirs = leases.blind_to(ctx.connection, ctx.team, reviewer, ids) if reviewer and ids else set()
    return theirs if ctx.actor.role != "reviewer" else theirs | reviews.blind_and_open(ctx.connection, ctx.team, ids)


def _untold(ctx: Context, event: AuditEvent) -> AuditEvent:
    if event.action == "submit":  # before it came what was suggested
        event = replace(event, before={})
    if event.action == "create":
        event = replace(event, after=_but(event.after, (AUTO, *OF_A_SAMPLE)))
    if event.reviewer == ctx.actor.reviewer:
        return event
    return replace(event, before=_but(event.before, SAID), after=_but(event.after, SAID))


def _but(told: Mapping[str, object], keys: Sequence[str]) -> dict[str, object]:
    return {key: value for key, value in told.items() if key not in keys}


def plain(review: Review) -> Review:
    """The review without what the caller wants of it, which is no reviewer's business: sample and callback.

    A golden item has these of another, so they might not fit what it shows.
    """
    return replace(review, weight=1.0, stratum=None, callback_endpoint=None)


def unprompted(tags: TagSet, review: Review) -> Review:
    """The review without auto tags, scores, and the metadata and stratum that may tell them; toggles stay.

    Examples
    --------
    >>> metadata = (("a", "True"), ("a.score", "0.9"), ("isadult", "True"), ("album", "cats"))
    >>> shown = Review("r1", "Pending", "Image", "https://x/1.jpg", "1", metadata=metadata, auto_tags={"a": True})
    >>> shown = unprompted(TagSet(), shown)
    >>> shown.metadata, shown.auto_tags
    ((('album', 'cats'),), {})
    """
    telling = {name for tag in tags.values() for name in (tag.short_code.lower(), tag.name.lower())}
    return replace(
        review,
        metadata=_without(telling, review.metadata),
        auto_tags={},
        scores={},
        weight=1.0,
        stratum=None,
        frames=tuple(_frame(telling, frame) for frame in review.frames),
    )


def _frame(telling: set[str], frame: Frame) -> Frame:
    left = _without(telling, frame.metadata)
    return replace(frame, metadata=left, result_tags=_without(telling, frame.result_tags), auto_tags={}, scores={})


def _without(telling: set[str], pairs: Pairs) -> Pairs:
    return tuple((key, value) for key, value in pairs if not _tells(telling, key.lower()))


def _tells(telling: set[str], key: str) -> bool:
    return key in telling or key.endswith(SCORE_SUFFIX) or key in VENDOR_SCORE_KEYS
