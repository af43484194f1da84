"""The tables, once, for every database. No statements and no rules live here.

Answers are stored per reviewer and per submission; events are only ever added; every row of a team carries the team.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic_core import from_json, to_json

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware UTC moment, kept as whole microseconds since 1970: exact, sortable and alike on every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: sa.Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, _dialect: sa.Dialect) -> datetime | None:
        return None if value is None else EPOCH + value * MICROSECOND


class Json(sa.types.TypeDecorator[Any]):
    """JSON kept as the text it was written as: order, repeated keys' places and spelling stay."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: sa.Dialect) -> str | None:
        return None if value is None else to_json(value).decode()

    def process_result_value(self, value: str | None, _dialect: sa.Dialect) -> Any:
        return None if value is None else from_json(value)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Sequence = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""SQLite counts up by itself only in a column that is exactly INTEGER."""

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

pictures = sa.Table(
    "pictures",
    metadata,
    sa.Column("team", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("sequence", Sequence, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("subteam", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("content_id", sa.Text, nullable=False),
    sa.Column("callback_endpoint", sa.Text),
    sa.Column("metadata", Json, nullable=False),
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("stratum", sa.Text),
    sa.Column("idempotency_key", sa.Text),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("lease_id", sa.Text),
    sa.Column("submission_id", sa.Text),
    sa.Column("decided_at", Moment),
    sa.Column("picture_id", sa.Text, comment="the service's own copy of what stood at the content's address"),
    sa.Column("copy_next_at", Moment, comment="when the copying is tried next; empty when there is nothing to do"),
    sa.Column("copy_tries", sa.Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)
waiting = reviews.c.status == sa.literal_column("'Pending'")
sa.Index(
    "ix_reviews_queue",
    reviews.c.team,
    reviews.c.type,
    reviews.c.sequence,
    sqlite_where=waiting,
    postgresql_where=waiting,
)
sa.Index("ix_reviews_status", reviews.c.team, reviews.c.status, reviews.c.type, reviews.c.subteam, reviews.c.sequence)
leased = reviews.c.lease_id.is_not(None)
sa.Index("ix_reviews_lease", reviews.c.lease_id, sqlite_where=leased, postgresql_where=leased)
submitted = reviews.c.submission_id.is_not(None)
sa.Index("ix_reviews_submission", reviews.c.submission_id, sqlite_where=submitted, postgresql_where=submitted)
keyed = reviews.c.idempotency_key.is_not(None)
sa.Index(
    "uq_reviews_idempotency_key",
    reviews.c.team,
    reviews.c.idempotency_key,
    unique=True,
    sqlite_where=keyed,
    postgresql_where=keyed,
)

to_copy = reviews.c.copy_next_at.is_not(None)
sa.Index("ix_reviews_copy", reviews.c.copy_next_at, sqlite_where=to_copy, postgresql_where=to_copy)

frames = sa.Table(
    "frames",
    metadata,
    sa.Column("review_id", sa.Text, primary_key=True),
    sa.Column("timestamp", sa.BigInteger, primary_key=True, autoincrement=False, comment="milliseconds"),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("image", sa.Text, nullable=False),
    sa.Column("metadata", Json, nullable=False),
    sa.Column("result_tags", Json, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("picture_id", sa.Text),
    sa.Column("copy_next_at", Moment),
    sa.Column("copy_tries", sa.Integer, nullable=False, server_default="0"),
)
frames_to_copy = frames.c.copy_next_at.is_not(None)
sa.Index("ix_frames_copy", frames.c.copy_next_at, sqlite_where=frames_to_copy, postgresql_where=frames_to_copy)

transcripts = sa.Table(
    "transcripts",
    metadata,
    sa.Column("review_id", sa.Text, primary_key=True),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("terms", Json, nullable=False),
)

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

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("reviewer", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("subteam", sa.Text),
    sa.Column("token_digest", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("ended_as", sa.Text, comment="how it ended: released, expired or submitted; empty while it lives"),
)
live = leases.c.ended_as.is_(None)
sa.Index("ix_leases_expiry", leases.c.expires_at, sqlite_where=live, postgresql_where=live)
sa.Index("ix_leases_reviewer", leases.c.team, leases.c.reviewer, sqlite_where=live, postgresql_where=live)

toggles = sa.Table(
    "toggles",
    metadata,
    sa.Column("review_id", sa.Text, primary_key=True),
    sa.Column("frame", sa.Text, primary_key=True, comment="empty for the whole"),
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Column("value", sa.Boolean, nullable=False),
)

submissions = sa.Table(
    "submissions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("lease_id", sa.Text, nullable=False, index=True),
    sa.Column("reviewer", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False, comment="of the request, so that a repeated one is known"),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("final_at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False, comment="open, final or undone"),
)
still_open = submissions.c.state == sa.literal_column("'open'")
sa.Index("ix_submissions_final", submissions.c.final_at, sqlite_where=still_open, postgresql_where=still_open)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("review_id", sa.Text, primary_key=True),
    sa.Column("submission_id", sa.Text, primary_key=True),
    sa.Column("frame", sa.Text, primary_key=True),
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Column("value", sa.Boolean, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
)
sa.Index("ix_answers_submission", answers.c.submission_id)

callbacks = sa.Table(
    "callbacks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("team", sa.Text, nullable=False, index=True),
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
)
outstanding = callbacks.c.state == sa.literal_column("'waiting'")
sa.Index("ix_callbacks_next", callbacks.c.next_at, sqlite_where=outstanding, postgresql_where=outstanding)

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
