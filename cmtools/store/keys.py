"""Statements on keys. A key itself is never stored, only a digest of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from ..model import ApiKey
from .tables import keys

SHOWN = (keys.c.id, keys.c.label, keys.c.role, keys.c.reviewer, keys.c.created_at, keys.c.revoked_at)
BY_DIGEST = sa.select(keys.c.team, *SHOWN).where(keys.c.digest == sa.bindparam("digest"))
"""Asked by every request, so it is put together once."""


def by_digest(connection: Connection, digest: str) -> tuple[str, ApiKey] | None:
    """The team and key with this digest, ended or not."""
    row = connection.execute(BY_DIGEST, {"digest": digest}).first()
    return None if row is None else (row.team, ApiKey(*row[1:]))


def get(connection: Connection, team: str, id: str) -> ApiKey | None:
    """The team's key with this id, ended or not."""
    row = connection.execute(sa.select(*SHOWN).where(keys.c.team == team, keys.c.id == id)).first()
    return None if row is None else ApiKey(*row)


def replace_digests(connection: Connection, made: Callable[[str], str]) -> None:
    """Put what ``made`` gives of each digest in its place."""
    for row in connection.execute(sa.select(keys.c.id, keys.c.digest)).all():
        connection.execute(sa.update(keys).where(keys.c.id == row.id).values(digest=made(row.digest)))


def insert(connection: Connection, team: str, key: ApiKey, digest: str) -> None:
    """Add a key."""
    values: dict[str, Any] = {column.name: getattr(key, column.name) for column in SHOWN}
    connection.execute(sa.insert(keys).values(team=team, digest=digest, **values))


def of_team(connection: Connection, team: str) -> list[ApiKey]:
    """A team's keys, the oldest first."""
    query = sa.select(*SHOWN).where(keys.c.team == team).order_by(keys.c.created_at, keys.c.id)
    return [ApiKey(*row) for row in connection.execute(query)]


def revoke(connection: Connection, team: str, at: datetime, *, id: str | None = None, label: str | None = None) -> int:
    """Let the keys with an id or a label end at a moment, unless they end sooner; how many there were."""
    query = sa.update(keys).where(keys.c.team == team, keys.c.revoked_at.is_(None) | (keys.c.revoked_at > at))
    query = query.where(keys.c.id == id) if id is not None else query.where(keys.c.label == label)
    return connection.execute(query.values(revoked_at=at)).rowcount
