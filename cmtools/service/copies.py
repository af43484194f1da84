"""Copies of the pictures at reviews' addresses: a review shows what was there when it was made, whatever comes later.

A copy is tried a few times, in the background, and then left: the review goes on naming its source. Nothing that waits
for a copy, and nothing that another server does to it, reaches whoever creates or reviews.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..content.image import PictureFacts
from ..errors import BadPicture, NotFound
from ..store import Connection, copies, pictures
from ..store.copies import Source
from . import audit
from .addresses import MEDIA
from .context import Context, system_actor
from .media import Media
from .outbound import Outbound, Refused

WAITS_SECONDS = (15, 120, 600)
"""How long after each failed try the next one comes; after the last one none does."""
CLAIM_SECONDS = 180
"""How long a picture is left to the worker that copies it, which is longer than that can take."""


@dataclass(frozen=True, slots=True)
class Copied:
    """How a try went: the kept picture and its facts, or what was wrong."""

    picture_id: str = ""
    facts: PictureFacts | None = None
    problem: str = ""


def claim(ctx: Context, limit: int) -> list[Source]:
    """Pictures that are to be copied now, at most ``limit`` of reviews and as many of frames.

    One that ended the service at each try before is given up instead.
    """
    until = ctx.now + timedelta(seconds=CLAIM_SECONDS)
    due = copies.claim(ctx.connection, ctx.now, until, limit)
    for source in due:
        if source.tries > len(WAITS_SECONDS) + 1:
            record(ctx, source, Copied(problem="the service was stopped at every try"))
    return [source for source in due if source.tries <= len(WAITS_SECONDS) + 1]


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether `claim` would find anything: it asks without writing."""
    return copies.anything_due(connection, now)


def make(media: Media, outbound: Outbound, source: Source) -> Copied:
    """Try once to fetch and keep a picture. Runs outside of any transaction; the same bytes are kept once."""
    try:
        id, facts = media.save(source.team, outbound.fetch_picture(source.address))
    except (Refused, BadPicture) as error:
        return Copied(problem=error.message)
    except OSError as error:
        return Copied(problem=f"the service's storage does not keep it ({error.strerror or type(error).__name__})")
    return Copied(id, facts)


def record(ctx: Context, source: Source, copied: Copied) -> None:
    """Keep how a try of the worker went, and when the next one comes."""
    if copied.facts is not None:
        keep(ctx, source, copied)
        return
    waits = WAITS_SECONDS[source.tries - 1 : source.tries]
    next_at = ctx.now + timedelta(seconds=waits[0]) if waits else None
    if copies.put_off(ctx.connection, source, next_at):
        theirs = replace(ctx, actor=system_actor(source.team))
        _tell(theirs, source, {"problem": copied.problem, "tries": source.tries, "again": next_at is not None})


def keep(ctx: Context, source: Source, copied: Copied) -> str:
    """Make a copy the one that the review shows, unless it has one by now; the id of the picture that it shows.

    Raises
    ------
    NotFound
        There is no copy; the message says why.
    """
    if copied.facts is None:
        raise NotFound(f"no picture to show: {copied.problem}")
    facts = copied.facts
    theirs = replace(ctx, actor=system_actor(source.team))
    if copies.keep(ctx.connection, source, copied.picture_id):
        pictures.insert(
            ctx.connection,
            source.team,
            copied.picture_id,
            facts.media_type,
            facts.width,
            facts.height,
            facts.size_bytes,
            ctx.now,
        )
        _tell(theirs, source, {"picture": MEDIA + copied.picture_id, "size_bytes": facts.size_bytes})
    return find(theirs, source.review_id, source.timestamp).picture_id or copied.picture_id


def find(ctx: Context, review_id: str, timestamp: int | None = None) -> Source:
    """The picture of an image review, or of a video's frame at so many milliseconds; an uploaded one is there already.

    Raises
    ------
    NotFound
        The team has no such review or frame, or it has no picture.
    """
    source = copies.find(ctx.connection, ctx.team, review_id, timestamp)
    if source is None:
        what = "image review" if timestamp is None else f"frame at {timestamp} milliseconds of a review"
        raise NotFound(f"the team has no {what} {review_id!r}, so there is no picture to show")
    if source.address.startswith(MEDIA):
        return replace(source, picture_id=source.address.removeprefix(MEDIA))
    return source


def _tell(ctx: Context, source: Source, after: dict[str, object]) -> None:
    of_frame = {} if source.timestamp is None else {"frame": source.timestamp}
    audit.record(ctx, "copy", [(source.review_id, {}, {**of_frame, **after})])
