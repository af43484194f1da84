"""Statements on notes: they are added and read, never changed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection

from ..model import Note
from .tables import notes


def insert(connection: Connection, team: str, note: Note) -> None:
    """Add a note."""
    values = {"review_id": note.review_id, "reviewer": note.reviewer, "text": note.text, "at": note.at}
    connection.execute(sa.insert(notes).values(team=team, **values))


def page(
    connection: Connection, team: str, review_id: str | None, after: int, limit: int
) -> tuple[list[Note], int | None]:
    """A team's notes behind a cursor, the oldest first, of one review where it is named; and the next cursor."""
    query = sa.select(notes.c.sequence, notes.c.review_id, notes.c.reviewer, notes.c.text, notes.c.at)
    query = query.where(notes.c.team == team, notes.c.sequence > after)
    query = query if review_id is None else query.where(notes.c.review_id == review_id)
    rows = connection.execute(query.order_by(notes.c.sequence).limit(limit)).all()
    return [Note(*row[1:]) for row in rows], rows[-1].sequence if len(rows) == limit else None
