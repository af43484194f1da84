"""Statements on the secrets that callbacks are signed with. They stand in clear, for a digest could not sign."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from ..model import CallbackSecret
from .dialect import insert_if_absent
from .tables import callback_secrets


def fetch(connection: Connection, teams: Iterable[str]) -> dict[str, CallbackSecret]:
    """The secret of each of these teams that has one, with the one before it."""
    query = sa.select(callback_secrets).where(callback_secrets.c.team.in_(set(teams)))
    return {
        row.team: CallbackSecret(row.created_at, row.previous_until, row.secret, row.previous or "")
        for row in connection.execute(query)
    }


def insert(connection: Connection, team: str, secret: str, now: datetime) -> bool:
    """Give a team its first secret; False when it has one already."""
    return insert_if_absent(connection, callback_secrets, [{"team": team, "secret": secret, "created_at": now}]) > 0


def replace(connection: Connection, team: str, secret: str, now: datetime, until: datetime | None) -> None:
    """Put a new secret into the place of a team's present one, which goes on signing until a moment."""
    previous = None if until is None else callback_secrets.c.secret
    values = {"secret": secret, "created_at": now, "previous": previous, "previous_until": until}
    connection.execute(sa.update(callback_secrets).where(callback_secrets.c.team == team).values(values))
