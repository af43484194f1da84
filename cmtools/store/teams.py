"""Statements on teams, subteams, tags and the service's own settings."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from ..model import PUBLIC
from ..tags import Tag, TagSet
from .dialect import insert_if_absent
from .tables import settings, subteams, tags, teams

# Made once: every create and get asks these two, and making a statement takes longer than running it.
TAGS = (
    sa.select(tags.c.short_code, tags.c.name, tags.c.description, tags.c.visible, tags.c.threshold)
    .where(tags.c.team == sa.bindparam("of"))
    .order_by(tags.c.position, tags.c.code)
)
SUBTEAMS = (
    sa.select(subteams.c.name)
    .where(subteams.c.team == sa.bindparam("of"))
    .order_by(sa.case((subteams.c.name == PUBLIC, 0), else_=1), subteams.c.created_at)
)


def get_setting(connection: Connection, name: str, *, lock: bool = False) -> str | None:
    """A value that the service keeps for itself, or None; with ``lock`` nobody else changes it in this transaction."""
    query = sa.select(settings.c.value).where(settings.c.name == name)
    return connection.execute(query.with_for_update() if lock else query).scalar()


def set_setting(connection: Connection, name: str, value: str) -> None:
    """Change a value that there is."""
    connection.execute(sa.update(settings).where(settings.c.name == name).values(value=value))


def set_setting_once(connection: Connection, name: str, value: str) -> None:
    """Keep a value unless there is one already."""
    insert_if_absent(connection, settings, [{"name": name, "value": value}])


def exists(connection: Connection, team: str) -> bool:
    """Whether there is such a team."""
    return connection.execute(sa.select(teams.c.name).where(teams.c.name == team)).first() is not None


def insert(connection: Connection, team: str, subteam: str, at: datetime) -> bool:
    """Make a team with one subteam; False when it is there already."""
    new = insert_if_absent(connection, teams, [{"name": team, "created_at": at}])
    insert_subteam(connection, team, subteam, at)
    return new == 1


def lock(connection: Connection, team: str) -> None:
    """Let nobody else change the team in this transaction's time: who changes a part of it has read the rest before."""
    connection.execute(sa.select(teams.c.name).where(teams.c.name == team).with_for_update())


def wellness(connection: Connection, team: str) -> tuple[float | None, int | None]:
    """After how many seconds boards remind of a break, and the most reveals of a day; None where nothing is set."""
    query = sa.select(teams.c.break_after_seconds, teams.c.most_reveals_per_day).where(teams.c.name == team)
    row = connection.execute(query).first()
    return (None, None) if row is None else (row.break_after_seconds, row.most_reveals_per_day)


def set_wellness(connection: Connection, team: str, break_after: float | None, most_reveals: int | None) -> None:
    """Keep both."""
    values = {"break_after_seconds": break_after, "most_reveals_per_day": most_reveals}
    connection.execute(sa.update(teams).where(teams.c.name == team).values(values))


def golden_feedback(connection: Connection, team: str) -> bool:
    """Whether reviewers are told how they did on golden items."""
    return bool(connection.execute(sa.select(teams.c.golden_feedback).where(teams.c.name == team)).scalar())


def set_golden_feedback(connection: Connection, team: str, told: bool) -> None:
    """Keep that."""
    connection.execute(sa.update(teams).where(teams.c.name == team).values(golden_feedback=told))


def subteam_names(connection: Connection, team: str) -> tuple[str, ...]:
    """A team's subteams: the one that every team has, then the oldest first."""
    return tuple(connection.execute(SUBTEAMS, {"of": team}).scalars())


def insert_subteam(connection: Connection, team: str, name: str, at: datetime) -> bool:
    """Add a subteam; False when it is there already."""
    return insert_if_absent(connection, subteams, [{"team": team, "name": name, "created_at": at}]) == 1


def tag_set(connection: Connection, team: str) -> TagSet:
    """A team's tags; the built-in ones are always there."""
    return TagSet(Tag(*row) for row in connection.execute(TAGS, {"of": team}))


def put_tag(connection: Connection, team: str, tag: Tag) -> None:
    """Add a tag after the others, or change the one with its short code."""
    values = {
        "short_code": tag.short_code,
        "name": tag.name,
        "description": tag.description,
        "visible": tag.visible,
        "threshold": tag.threshold,
    }
    mine = (tags.c.team == team) & (tags.c.code == tag.short_code.lower())
    if connection.execute(sa.update(tags).where(mine).values(values)).rowcount:
        return
    last = sa.select(sa.func.coalesce(sa.func.max(tags.c.position), 0)).where(tags.c.team == team)
    position = connection.execute(last).scalar_one() + 1
    connection.execute(sa.insert(tags).values(team=team, code=tag.short_code.lower(), position=position, **values))


def delete_tag(connection: Connection, team: str, short_code: str) -> bool:
    """Remove a tag from the set; answers given under it stay. False when there is none."""
    mine = (tags.c.team == team) & (tags.c.code == short_code.lower())
    return connection.execute(sa.delete(tags).where(mine)).rowcount == 1
