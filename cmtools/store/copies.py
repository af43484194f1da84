"""Statements on copies of pictures: which address is to be copied, and which picture a review or frame shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from .dialect import named
from .tables import Moment, frames, reviews


@dataclass(frozen=True, slots=True)
class Source:
    """The picture of an image review, or of a video's frame at so many milliseconds (``timestamp``).

    ``address`` is where it stands, ``picture_id`` the service's own copy, once there is one.
    """

    team: str
    review_id: str
    timestamp: int | None
    address: str
    picture_id: str | None
    tries: int = 0


_REVIEWS = (
    reviews.c.team,
    reviews.c.id,
    sa.null().label("timestamp"),
    reviews.c.content,
    reviews.c.picture_id,
    reviews.c.copy_tries,
)
_FRAMES = (
    frames.c.team,
    frames.c.review_id,
    frames.c.timestamp,
    frames.c.image,
    frames.c.picture_id,
    frames.c.copy_tries,
)


def claim(connection: Connection, now: datetime, until: datetime, limit: int) -> list[Source]:
    """Pictures to be copied now, at most ``limit`` of reviews and as many of frames; their tries count up.

    They are put off until ``until``, so that nobody else copies them meanwhile.
    """
    found: list[Source] = []
    for table, columns in ((reviews, _REVIEWS), (frames, _FRAMES)):
        query = sa.select(*columns).where(table.c.copy_next_at <= now).order_by(table.c.copy_next_at)
        rows = connection.execute(query.limit(limit).with_for_update(skip_locked=True))
        due = [replace(Source(*row), tries=row.copy_tries + 1) for row in rows]
        for source in due:
            change = sa.update(table).where(_same(source)).values(copy_next_at=until, copy_tries=source.tries)
            connection.execute(change)
        found += due
    return found


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether any picture is to be copied now."""
    return any(
        connection.execute(sa.select(table.c.copy_next_at).where(table.c.copy_next_at <= now).limit(1)).first()
        for table in (reviews, frames)
    )


def find(connection: Connection, team: str, review_id: str, timestamp: int | None) -> Source | None:
    """The picture of an image review, or of a video's frame; None where there is no such one."""
    if timestamp is None:
        query = sa.select(*_REVIEWS).where(reviews.c.team == team, reviews.c.id == review_id)
        query = query.where(reviews.c.type == "Image")
    else:
        query = sa.select(*_FRAMES).where(frames.c.team == team, frames.c.review_id == _home(review_id))
        query = query.where(frames.c.timestamp == timestamp)
    row = connection.execute(query).first()
    return None if row is None else Source(*row)


def _home(review_id: str) -> sa.ScalarSelect[str]:
    """The review whose frames these are: an opinion shows those of its review."""
    home = sa.func.coalesce(reviews.c.opinion_of, reviews.c.id)
    return sa.select(home).where(reviews.c.id == review_id).scalar_subquery()


def find_all(connection: Connection, team: str, review_ids: Sequence[str]) -> list[Source]:
    """The pictures of those of these reviews that are image reviews, in any order."""
    query = sa.select(*_REVIEWS).where(named(reviews, team, review_ids), reviews.c.type == "Image")
    return [Source(*row) for row in connection.execute(query)]


def keep(connection: Connection, source: Source, picture_id: str) -> bool:
    """Note a copy, also for the opinions on the review; False when there is one already, or another address by now."""
    if source.timestamp is None:
        theirs = (reviews.c.opinion_of == source.review_id) & (reviews.c.content == source.address)
        shown = sa.update(reviews).where(theirs, reviews.c.picture_id.is_(None)).values(picture_id=picture_id)
        connection.execute(shown)
    return _settle(connection, source, picture_id=picture_id, copy_next_at=None)


def put_off(connection: Connection, source: Source, next_at: datetime | None) -> bool:
    """Let the next try come then (None: never); False when there is a copy by now, or another address."""
    return _settle(connection, source, copy_next_at=next_at)


def put_off_host(
    connection: Connection, address: str, now: datetime, waits: Sequence[datetime], limit: int
) -> list[Source]:
    """Count a try of pictures that are due and stand at the same host, and let the next come by its tries.

    Parameters
    ----------
    connection : Connection
    address : str
        Of a picture there.
    now : datetime
        What is due by then is put off.
    waits : sequence of datetime
        When the second, third ... try comes; after the last one none does.
    limit : int
        The most reviews, and the most frames.

    Returns
    -------
    list of Source
        With the tries counted.
    """
    place = "/".join(address.split("/", 3)[:3]) + "/"
    found: list[Source] = []
    for table, columns, content in ((reviews, _REVIEWS, reviews.c.content), (frames, _FRAMES, frames.c.image)):
        tries = table.c.copy_tries + 1
        following = sa.case({n + 1: sa.literal(wait, Moment) for n, wait in enumerate(waits)}, value=tries, else_=None)
        keys = list(table.primary_key)
        there = (table.c.copy_next_at <= now) & content.startswith(place, autoescape=True)
        some = sa.select(*keys).where(there).limit(limit).with_for_update(skip_locked=True)
        change = sa.update(table).where(sa.tuple_(*keys).in_(some))
        change = change.values(copy_next_at=following, copy_tries=tries).returning(*columns)
        found += [Source(*row) for row in connection.execute(change)]
    return found


def give_back(connection: Connection, source: Source, now: datetime) -> None:
    """Let others take a picture now: the try that was counted was not made."""
    _settle(connection, source, copy_next_at=now, copy_tries=source.tries - 1)


def copied_frames(connection: Connection, review_id: str) -> set[int]:
    """The milliseconds of a review's frames of which there is a copy."""
    query = sa.select(frames.c.timestamp).where(
        frames.c.picture_id.is_not(None), frames.c.review_id == _home(review_id)
    )
    return set(connection.execute(query).scalars())


def _settle(connection: Connection, source: Source, **values: object) -> bool:
    table = reviews if source.timestamp is None else frames
    change = sa.update(table).where(_same(source), table.c.picture_id.is_(None)).values(values)
    return connection.execute(change).rowcount == 1


def _same(source: Source) -> sa.ColumnElement[bool]:
    """The source's row, as long as it names the same address."""
    if source.timestamp is None:
        return (reviews.c.id == source.review_id) & (reviews.c.content == source.address)
    mine = (frames.c.review_id == source.review_id) & (frames.c.timestamp == source.timestamp)
    return mine & (frames.c.image == source.address)
