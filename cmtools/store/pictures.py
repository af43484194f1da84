"""Statements on the facts about uploaded pictures; the bytes are kept elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from .dialect import insert_if_absent
from .tables import pictures


def insert(
    connection: Connection,
    team: str,
    id: str,
    media_type: str,
    width: int,
    height: int,
    size_bytes: int,
    at: datetime,
    difference_hash: str = "",
) -> bool:
    """Note a picture; False when the team has it already."""
    row = {
        "team": team,
        "id": id,
        "media_type": media_type,
        "width": width,
        "height": height,
        "size_bytes": size_bytes,
        "created_at": at,
        "difference_hash": difference_hash,
    }
    return insert_if_absent(connection, pictures, [row]) == 1


def media_type(connection: Connection, team: str, id: str) -> str | None:
    """The media type of a team's picture, or None when the team has no such picture."""
    query = sa.select(pictures.c.media_type).where(pictures.c.team == team, pictures.c.id == id)
    return connection.execute(query).scalar()


def known(connection: Connection, team: str, ids: Collection[str]) -> set[str]:
    """Those of the ids that the team has."""
    found: set[str] = set()
    todo = list(ids)
    for start in range(0, len(todo), 500):
        query = sa.select(pictures.c.id).where(pictures.c.team == team, pictures.c.id.in_(todo[start : start + 500]))
        found.update(connection.execute(query).scalars())
    return found
