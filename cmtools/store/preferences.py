"""Statements on preferences: how a reviewer's screens look. What they mean is the screens' business."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from .dialect import insert_if_absent
from .tables import preferences


def get(connection: Connection, team: str, reviewer: str, *, locked: bool = False) -> dict[str, Any]:
    """A reviewer's preferences, in the order in which they were set.

    ``locked``, as only a writing transaction may ask, they are made where there are none and stay so until it ends.
    """
    if locked:
        insert_if_absent(connection, preferences, [{"team": team, "reviewer": reviewer, "values": {}}])
    query = sa.select(preferences.c["values"]).where(*_mine(team, reviewer))
    found: dict[str, Any] | None = connection.execute(query.with_for_update() if locked else query).scalar()
    return found or {}


def put(connection: Connection, team: str, reviewer: str, values: Mapping[str, Any]) -> None:
    """Keep these in place of the earlier ones, which `get` has locked."""
    update = sa.update(preferences).where(*_mine(team, reviewer))
    connection.execute(update.values({preferences.c["values"]: dict(values)}))


def _mine(team: str, reviewer: str) -> tuple[sa.ColumnElement[bool], ...]:
    return preferences.c.team == team, preferences.c.reviewer == reviewer
