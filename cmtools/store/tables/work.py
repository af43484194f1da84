"""Tables of what the service does by itself, and of the trail. No statements and no rules live here."""

from __future__ import annotations

import sqlalchemy as sa

from .columns import Json, Moment, Sequence, metadata

workflows = sa.Table(
    "workflows",
    metadata,
    sa.Column("team", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True, comment="the name in lower case"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("expression", Json, nullable=False, comment="as the caller wrote it"),
    sa.Column("changed_at", Moment, nullable=False),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("team", sa.Text, nullable=False, index=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False, comment="kept: a picture's bytes lie beside; empty: gone"),
    sa.Column("content_id", sa.Text, nullable=False),
    sa.Column("workflow", sa.Text, nullable=False),
    sa.Column("callback_endpoint", sa.Text),
    sa.Column("status", sa.Text, nullable=False, comment="InProgress, Complete or Error"),
    sa.Column("review_id", sa.Text),
    sa.Column("metadata", Json, nullable=False),
    sa.Column("report", Json, nullable=False, comment="[microseconds, message], the oldest first"),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("next_at", Moment, nullable=False, comment="when a worker may take it (again)"),
    sa.Column("tries", sa.Integer, nullable=False),
)
in_progress = jobs.c.status == sa.literal_column("'InProgress'")
sa.Index("ix_jobs_next", jobs.c.next_at, sqlite_where=in_progress, postgresql_where=in_progress)
left_over = (jobs.c.content == sa.literal_column("'kept'")) & (jobs.c.status != sa.literal_column("'InProgress'"))
sa.Index("ix_jobs_left_over", jobs.c.id, sqlite_where=left_over, postgresql_where=left_over)

callbacks = sa.Table(
    "callbacks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("review_id", sa.Text, nullable=False),
    sa.Column("submission_id", sa.Text, nullable=False, index=True),
    sa.Column("endpoint", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, comment="waiting, delivered, failed or cancelled"),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("next_at", Moment, nullable=False),
    sa.Column("tried_at", Moment),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("job_id", sa.Text, comment="a job's notice; then review and submission are empty texts"),
    sa.Column("receiver", sa.Text, nullable=False, server_default="", comment="host:port of the endpoint"),
    sa.Column("claim", sa.Text, comment="of the sender that has it in hand until next_at; empty otherwise"),
    sa.Column("body", sa.Text, comment="as it is sent, from the first try until it is delivered"),
)
outstanding = callbacks.c.state == sa.literal_column("'waiting'")
sa.Index("ix_callbacks_next", callbacks.c.next_at, sqlite_where=outstanding, postgresql_where=outstanding)
sa.Index(
    "ix_callbacks_receiver",
    callbacks.c.receiver,
    callbacks.c.next_at,
    sqlite_where=outstanding,
    postgresql_where=outstanding,
)
in_hand = callbacks.c.claim.is_not(None)
sa.Index("ix_callbacks_claim", callbacks.c.receiver, sqlite_where=in_hand, postgresql_where=in_hand)
given_up = callbacks.c.state == sa.literal_column("'failed'")
sa.Index(
    "ix_callbacks_failed",
    callbacks.c.team,
    callbacks.c.due_at,
    callbacks.c.id,
    sqlite_where=given_up,
    postgresql_where=given_up,
)
sa.Index("ix_callbacks_listing", callbacks.c.team, callbacks.c.due_at, callbacks.c.id)

callback_secrets = sa.Table(
    "callback_secrets",
    metadata,
    sa.Column("team", sa.Text, primary_key=True),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("previous", sa.Text),
    sa.Column("previous_until", Moment),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("sequence", Sequence, primary_key=True, autoincrement=True),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("reviewer", sa.Text),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("before", Json, nullable=False),
    sa.Column("after", Json, nullable=False),
    sqlite_autoincrement=True,
)
sa.Index("ix_events_subject", events.c.team, events.c.subject, events.c.sequence)
sa.Index("ix_events_team", events.c.team, events.c.sequence)

seals = sa.Table(
    "seals",
    metadata,
    sa.Column("team", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sealed_at", Moment, nullable=False),
    sa.Column("after", sa.BigInteger, nullable=False, comment="it covers the team's events behind this sequence"),
    sa.Column("upto", sa.BigInteger, nullable=False, comment="and up to this one"),
    sa.Column("late", sa.Integer, nullable=False, comment="how many more it covers, from before"),
    sa.Column("total", sa.BigInteger, nullable=False, comment="how many are sealed up to here"),
    sa.Column("entries", sa.LargeBinary, nullable=False, comment="sequence (8 bytes) and SHA-256 (32) of each event"),
    sa.Column("digest", sa.Text, nullable=False, comment="of this and the digest of the seal before"),
)

seal_gaps = sa.Table(
    "seal_gaps",
    metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False, comment="passed over by the sealer"),
    sa.Column("seen_at", Moment, nullable=False),
)
