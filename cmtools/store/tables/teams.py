"""Tables of teams and the people in them. No statements and no rules live here."""

from __future__ import annotations

import sqlalchemy as sa

from .columns import Json, Moment, Sequence, metadata

settings = sa.Table(
    "settings",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

teams = sa.Table(
    "teams",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("break_after_seconds", sa.Float),
    sa.Column("most_reveals_per_day", sa.Integer),
    sa.Column("golden_feedback", sa.Boolean, nullable=False, server_default=sa.false()),
)

subteams = sa.Table(
    "subteams",
    metadata,
    sa.Column("team", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("created_at", Moment, nullable=False),
)

tags = sa.Table(
    "tags",
    metadata,
    sa.Column("team", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True, comment="the short code in lower case"),
    sa.Column("short_code", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("visible", sa.Boolean, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("threshold", sa.Float, comment="from which score on it is true; empty: as the tagger says"),
)

keys = sa.Table(
    "keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("team", sa.Text, nullable=False, index=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("reviewer", sa.Text),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("revoked_at", Moment),
)

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("sequence", Sequence, primary_key=True, autoincrement=True),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("review_id", sa.Text, nullable=False),
    sa.Column("reviewer", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sqlite_autoincrement=True,
)
sa.Index("ix_notes_review", notes.c.team, notes.c.review_id, notes.c.sequence)

exposures = sa.Table(
    "exposures",
    metadata,
    sa.Column("team", sa.Text, primary_key=True),
    sa.Column("review_id", sa.Text, primary_key=True),
    sa.Column("reviewer", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True, comment="of UTC, as 2026-01-31"),
    sa.Column("reveals", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("last_at", Moment, nullable=False),
)
sa.Index("ix_exposures_reviewer", exposures.c.team, exposures.c.reviewer, exposures.c.day)

preferences = sa.Table(
    "preferences",
    metadata,
    sa.Column("team", sa.Text, primary_key=True),
    sa.Column("reviewer", sa.Text, primary_key=True),
    sa.Column("values", Json, nullable=False, comment="how this reviewer's screens look"),
)
