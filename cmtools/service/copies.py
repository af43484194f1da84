"""Copies of the pictures at reviews' addresses: a review shows what was there when it was made, whatever comes later.

A copy is tried a few times, in the background, and then left: the review goes on naming its source. Nothing that waits
for a copy, and nothing that another server does to it, reaches whoever creates or reviews.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from ..content.image import PictureFacts
from ..errors import BadPicture, NotFound
from ..outgoing.outbound import Outbound, Refused, Unanswered
from ..store import Connection, copies
from ..store.copies import Source as Source
from . import audit, pictures
from .addresses import MEDIA
from .context import Context, system_actor
from .media import Media

WAITS_SECONDS = (15, 120, 600)
"""How long after each failed try the next one comes; after the last one none does."""
AT_ONCE = 4
"""How many pictures a worker takes together."""
LEFT_AT_ONCE = 300
"""How many pictures at a silent host are put off in one transaction."""
CLAIM_SECONDS = 180
"""How long pictures are left to the worker that took them, which is longer than one can take."""
MOST_SILENT_HOSTS = 1000
SILENT = "nobody answered at {} a moment ago"
UNFORESEEN = "unforeseen ({}); the service's log has more"
SILENCE_SECONDS = 10
"""How long a host at which nobody answered is not asked again: a thousand pictures there cost one question."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Copied:
    """How a try went: the kept picture and its facts, or what was wrong."""

    picture_id: str = ""
    facts: PictureFacts | None = None
    problem: str = ""
    unanswered: bool = False


def claim(ctx: Context, limit: int) -> list[Source]:
    """Pictures that are to be copied now, at most ``limit`` of reviews and as many of frames.

    One that ended the service at each try before is given up instead.
    """
    until = ctx.now + timedelta(seconds=CLAIM_SECONDS)
    due = copies.claim(ctx.connection, ctx.now, until, limit)
    for source in due:
        if source.tries > len(WAITS_SECONDS) + 1:
            record(ctx, [(source, Copied(problem="the service was stopped at every try"))])
    return [source for source in due if source.tries <= len(WAITS_SECONDS) + 1]


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether `claim` would find anything: it asks without writing."""
    return copies.anything_due(connection, now)


class Copier:
    """Fetches and keeps pictures, outside of any transaction; the same bytes are kept once. Threads may share it."""

    def __init__(self, media: Media, outbound: Outbound) -> None:
        self._media, self._outbound = media, outbound
        self._silent: dict[str, datetime] = {}

    def make(self, source: Source) -> Copied:
        """Try once to copy a picture."""
        try:
            id, facts = self._media.save(source.team, self._outbound.fetch_picture(source.address))
        except (Refused, BadPicture) as error:
            return Copied(problem=error.message, unanswered=isinstance(error, Unanswered))
        except OSError as error:
            return Copied(problem=f"the service's storage does not keep it ({error.strerror or type(error).__name__})")
        except Exception as error:  # whatever one address does, the others are copied
            log.exception("the picture of review %s: unforeseen", source.review_id)
            return Copied(problem=UNFORESEEN.format(type(error).__name__))
        return Copied(id, facts)

    def make_or_skip(self, source: Source, now: datetime) -> Copied:
        """As `make`, but a host at which nobody answered a moment ago is left in peace."""
        host = _host(source)
        silent_until = self._silent.get(host)
        if silent_until is not None and now < silent_until:
            return Copied(problem=SILENT.format(host), unanswered=True)
        copied = self.make(source)
        self._silent.pop(host, None)
        if copied.unanswered:
            if len(self._silent) >= MOST_SILENT_HOSTS:
                self._silent.clear()
            self._silent[host] = now + timedelta(seconds=SILENCE_SECONDS)
        return copied


def record(ctx: Context, made: Iterable[tuple[Source, Copied]]) -> None:
    """Keep how tries of the worker went, and when the next ones come."""
    told: dict[str, list[audit.Change]] = defaultdict(list)
    for source, copied in made:
        if copied.facts is not None:
            keep(ctx, source, copied)
            continue
        waits = WAITS_SECONDS[source.tries - 1 : source.tries]
        next_at = ctx.now + timedelta(seconds=waits[0]) if waits else None
        if copies.put_off(ctx.connection, source, next_at):
            after = {"problem": copied.problem, "tries": source.tries, "again": next_at is not None}
            told[source.team].append(_change(source, after))
    _tell(ctx, told)


def leave_in_peace(ctx: Context, source: Source) -> None:
    """Count a try of other pictures that are due now and stand at the host of this one, where nobody answers."""
    waits = [ctx.now + timedelta(seconds=wait) for wait in WAITS_SECONDS]
    told: dict[str, list[audit.Change]] = defaultdict(list)
    for other in copies.put_off_host(ctx.connection, source.address, ctx.now, waits, LEFT_AT_ONCE):
        after = {"problem": SILENT.format(_host(source)), "tries": other.tries, "again": other.tries <= len(waits)}
        told[other.team].append(_change(other, after))
    _tell(ctx, told)


def give_back(ctx: Context, left: Iterable[Source]) -> None:
    """Let others copy now what a worker took and has not come to."""
    for source in left:
        copies.give_back(ctx.connection, source, ctx.now)


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
        pictures.insert(ctx, source.team, copied.picture_id, facts)
        after = {"picture": MEDIA + copied.picture_id, "size_bytes": facts.size_bytes}
        audit.record(theirs, "copy", [_change(source, after)])
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
    return _with_upload(source)


def find_all(ctx: Context, review_ids: Sequence[str]) -> dict[str, Source]:
    """As `find`, of image reviews by their ids; those that the team does not have are left out."""
    return {source.review_id: _with_upload(source) for source in copies.find_all(ctx.connection, ctx.team, review_ids)}


def _with_upload(source: Source) -> Source:
    if source.address.startswith(MEDIA):
        return replace(source, picture_id=source.address.removeprefix(MEDIA))
    return source


def _tell(ctx: Context, told: dict[str, list[audit.Change]]) -> None:
    for team, changes in told.items():
        audit.record(replace(ctx, actor=system_actor(team)), "copy", changes)


def _host(source: Source) -> str:
    try:
        return urlsplit(source.address).netloc.rpartition("@")[2]
    except ValueError:  # kept before such addresses were refused: it is a host of its own
        return source.address


def _change(source: Source, after: dict[str, object]) -> audit.Change:
    of_frame = {} if source.timestamp is None else {"frame": source.timestamp}
    return source.review_id, {}, {**of_frame, **after}
