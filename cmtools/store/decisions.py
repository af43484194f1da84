"""Statements on decisions: complete reviews with their final answers, as plain rows. They become no table here.

An export reads millions of rows. So they come as the driver gives them, for records would cost more than reading them
does, and what one submission said of one review comes as one text, for there are few different ones of those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.sql.elements import ColumnElement

from .frames import FRAMED
from .opinions import truths
from .reviews import bounded
from .tables import answers, exposures, frames, leases, reviews, submissions
from .tables.columns import read_json

Row = Sequence[Any]
ANSWER = re.compile(r"(\d+)([+-])(.*)", re.DOTALL)


EACH, FINAL, GOLDEN = "each", "final", "golden"
STATUSES = {EACH: ("Complete",), FINAL: ("Resolved", "Complete"), GOLDEN: ("Complete",)}
"""What is exported: what each reviewer said, the final tags, or what each reviewer said of golden items."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose decisions: of a subteam, of a type; None: of all of them. ``answers`` is a key of `STATUSES`."""

    team: str
    subteam: str | None = None
    type: str | None = None
    answers: str = EACH


class Batch(NamedTuple):
    """Some complete reviews, the oldest first, and what belongs to them.

    Attributes
    ----------
    reviews : list
        ``sequence, id, content_id, type, subteam, created_at, weight, stratum, metadata, entry, blind``; moments are
        microseconds, metadata is JSON. Of an opinion ``id`` is the review that it is on, ``entry`` its own.
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
    truths : dict
        The known answers of golden items, by id, where these are exported.
    """

    reviews: list[Row]
    answers: list[Row]
    submissions: dict[str, Row]
    frames: list[Row]
    exposures: dict[tuple[str, str], Row]
    following: int | None
    truths: Mapping[str, Mapping[str, bool]] = MappingProxyType({})


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
    found = _complete(connection, wanted, after, limit)
    more = len(found) == limit
    if any(row[3] == FRAMED for row in found):
        most = bounded(connection, [row[9] for row in found])
        found, more = found[:most], more or most < len(found)
    if not found:
        return Batch([], [], {}, [], {}, None)
    # One range of places in the queue: it makes no list of ids, which databases limit.
    between = reviews.c.sequence.between(found[0][0], found[-1][0])
    heres = [between & each for each in _filters(wanted)]
    given = [row for here in heres for row in _rows(connection, _answers(here))]
    framed = any(row[3] == FRAMED for row in found)
    return Batch(
        found,
        given,
        _final(connection, list({row[1] for row in given})),
        [row for here in heres for row in _frames(connection, here)] if framed else [],
        {key: row for here in heres for key, row in _exposures(connection, here).items()} if exposure else {},
        found[-1][0] if more else None,
        truths(connection, list({row[1] for row in found})) if wanted.answers == GOLDEN else {},
    )


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What is wanted, by status: each has an index of its own."""
    chosen = (reviews.c.team == wanted.team) & (reviews.c.golden == sa.literal(wanted.answers == GOLDEN))
    chosen = chosen if wanted.answers != FINAL else chosen & reviews.c.opinion_of.is_(None)
    chosen = chosen if wanted.subteam is None else chosen & (reviews.c.subteam == wanted.subteam)
    chosen = chosen if wanted.type is None else chosen & (reviews.c.type == wanted.type)
    return [(reviews.c.status == sa.literal_column(f"'{status}'")) & chosen for status in STATUSES[wanted.answers]]


def _complete(connection: Connection, wanted: Wanted, after: int, limit: int) -> list[Row]:
    query = _reading(after, limit)
    found: list[Row] = []
    for chosen in _filters(wanted):
        rows = _rows(connection, query.where(chosen))
        found = sorted([*found, *rows], key=lambda row: row[0])[:limit]
        if len(found) == limit:  # the others are asked for no further: they may be behind very many opinions
            query = query.where(reviews.c.sequence < found[-1][0])
    return found


def _reading(after: int, limit: int) -> sa.Select[Any]:
    """The reviews behind a cursor, as `Batch` has them."""
    table = reviews.c
    named = sa.func.coalesce(table.opinion_of, table.id)
    query = sa.select(table.sequence, named, table.content_id, table.type, table.subteam, _plain(table.created_at))
    query = query.add_columns(table.weight, table.stratum, _plain(table.metadata), table.id, table.blind)
    return query.where(table.sequence > after).order_by(table.sequence).limit(limit)


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
    home = sa.func.coalesce(reviews.c.opinion_of, reviews.c.id)
    query = sa.select(reviews.c.id, frames.c.timestamp, _plain(frames.c.metadata))
    return _rows(connection, query.join(frames, frames.c.review_id == home).where(here))


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
