"""Statements on decisions: complete reviews with their final answers, as plain rows. They become no table here.

An export reads millions of rows. So they come as the driver gives them, for records would cost more than reading them
does, and what one submission said of one review comes as one text, for there are few different ones of those.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.sql.elements import ColumnElement

from .frames import FRAMED
from .reviews import bounded
from .tables import answers, exposures, frames, leases, reviews, submissions
from .tables.columns import read_json

Row = Sequence[Any]
ANSWER = re.compile(r"(\d+)([+-])(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose decisions: of a subteam, of a type; None: of all of them."""

    team: str
    subteam: str | None = None
    type: str | None = None


class Batch(NamedTuple):
    """Some complete reviews, the oldest first, and what belongs to them.

    Attributes
    ----------
    reviews : list
        ``sequence, id, content_id, type, subteam, created_at, weight, stratum, metadata``; moments are microseconds,
        metadata is JSON.
    answers : list
        ``sequence`` of the review, ``submission_id, frame, said``, of every submission; `read_said` reads the last.
    submissions : dict
        Of those that are final, id -> ``reviewer, created_at, blind``.
    frames : list
        ``review_id, timestamp, metadata``.
    exposures : dict
        (review id, reviewer) -> ``reveals, seconds``.
    following : int, optional
        The cursor of the next batch; None: there is none.
    """

    reviews: list[Row]
    answers: list[Row]
    submissions: dict[str, Row]
    frames: list[Row]
    exposures: dict[tuple[str, str], Row]
    following: int | None


def pairs_of(metadata: str) -> list[tuple[str, str]]:
    """Metadata as pairs."""
    pairs: list[tuple[str, str]] = read_json(metadata)
    return pairs


def read_said(said: str) -> list[tuple[int, str, bool]]:
    """What a submission said of a review or a frame: places, tags and values, by place.

    Examples
    --------
    >>> read_said("1-r 0+a")
    [(0, 'a', True), (1, 'r', False)]
    """
    found = (ANSWER.fullmatch(each) for each in said.split(" "))
    return sorted((int(each[1]), each[3], each[2] == "+") for each in found if each)


def batch(connection: Connection, wanted: Wanted, after: int, limit: int, *, exposure: bool) -> Batch:
    """Complete reviews behind a cursor, at most ``limit``; fewer where they have very many frames."""
    found = _rows(connection, _complete(wanted, after, limit))
    more = len(found) == limit
    if any(row[3] == FRAMED for row in found):
        most = bounded(connection, [row[1] for row in found])
        found, more = found[:most], more or most < len(found)
    if not found:
        return Batch([], [], {}, [], {}, None)
    # One range of places in the queue: it makes no list of ids, which databases limit.
    here = reviews.c.sequence.between(found[0][0], found[-1][0]) & _filters(wanted)
    given = _rows(connection, _answers(here))
    return Batch(
        found,
        given,
        _final(connection, list({row[1] for row in given})),
        _frames(connection, here) if any(row[3] == FRAMED for row in found) else [],
        _exposures(connection, here) if exposure else {},
        found[-1][0] if more else None,
    )


def _filters(wanted: Wanted) -> ColumnElement[bool]:
    chosen = (reviews.c.team == wanted.team) & (reviews.c.status == sa.literal_column("'Complete'"))
    chosen = chosen if wanted.subteam is None else chosen & (reviews.c.subteam == wanted.subteam)
    return chosen if wanted.type is None else chosen & (reviews.c.type == wanted.type)


def _complete(wanted: Wanted, after: int, limit: int) -> sa.Select[Any]:
    table = reviews.c
    columns = (table.sequence, table.id, table.content_id, table.type, table.subteam)
    query = sa.select(*columns, _plain(table.created_at), table.weight, table.stratum, _plain(table.metadata))
    query = query.where(table.sequence > after, _filters(wanted))
    return query.order_by(table.sequence).limit(limit)


def _answers(here: ColumnElement[bool]) -> sa.Select[Any]:
    table = answers.c
    value = sa.case((table.value, "+"), else_="-")
    said = sa.func.aggregate_strings(sa.cast(table.position, sa.Text) + value + table.tag, " ")
    group = (reviews.c.sequence, table.submission_id, table.frame)
    query = sa.select(*group, said).join(answers, table.review_id == reviews.c.id)
    return query.where(here).group_by(*group).order_by(*group)  # as they lie in the indexes: nothing is sorted


def _final(connection: Connection, ids: list[str]) -> dict[str, Row]:
    """Few submissions decide many reviews: they are looked up by themselves rather than once for every answer."""
    found: dict[str, Row] = {}
    for start in range(0, len(ids), 500):
        table = submissions.c
        blind = sa.func.coalesce(leases.c.blind, sa.false())
        query = sa.select(table.id, table.reviewer, _plain(table.created_at), blind)
        query = query.outerjoin(leases, leases.c.id == table.lease_id)
        query = query.where(table.id.in_(ids[start : start + 500]), table.state == "final")
        found.update({row[0]: row[1:] for row in _rows(connection, query)})
    return found


def _frames(connection: Connection, here: ColumnElement[bool]) -> list[Row]:
    query = sa.select(frames.c.review_id, frames.c.timestamp, _plain(frames.c.metadata))
    return _rows(connection, query.join(reviews, reviews.c.id == frames.c.review_id).where(here))


def _exposures(connection: Connection, here: ColumnElement[bool]) -> dict[tuple[str, str], Row]:
    table = exposures.c
    query = sa.select(table.review_id, table.reviewer, sa.func.sum(table.reveals), sa.func.sum(table.seconds))
    query = query.join(reviews, (reviews.c.id == table.review_id) & (reviews.c.team == table.team)).where(here)
    found = _rows(connection, query.group_by(table.review_id, table.reviewer))
    return {(row[0], row[1]): (int(row[2]), row[3]) for row in found}


def _plain(column: sa.Column[Any]) -> ColumnElement[Any]:
    """A column as it is stored: a moment as microseconds, JSON as text."""
    impl = getattr(column.type, "impl", column.type)
    return sa.type_coerce(column, impl)


def _rows(connection: Connection, query: sa.Select[Any]) -> list[Row]:
    """The driver's own tuples, which the garbage collector lets be; it would pass over any others time and again."""
    result = connection.execute(query)
    rows: list[Row] = [] if result.cursor is None else list(result.cursor.fetchall())
    result.close()
    return rows
