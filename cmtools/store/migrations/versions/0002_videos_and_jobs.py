"""Frames, transcripts, workflows, jobs; where a review's own copy of its picture is; callbacks of jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TO_COPY = sa.text("copy_next_at IS NOT NULL")
IN_PROGRESS = sa.text("status = 'InProgress'")
LEFT_OVER = sa.text("content = 'kept' AND status != 'InProgress'")


def upgrade() -> None:
    _copies_and_callbacks()
    _videos()
    _workflows_and_jobs()


def _copies_and_callbacks() -> None:
    op.drop_index("ix_reviews_queue_subteam", "reviews")  # ix_reviews_status answers the same question
    copy = "the service's own copy of what stood at the content's address"
    op.add_column("reviews", sa.Column("picture_id", sa.Text(), nullable=True, comment=copy))
    waits = "when the copying is tried next; empty when there is nothing to do"
    op.add_column("reviews", sa.Column("copy_next_at", sa.BigInteger(), nullable=True, comment=waits))
    op.add_column("reviews", sa.Column("copy_tries", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_reviews_copy", "reviews", ["copy_next_at"], sqlite_where=TO_COPY, postgresql_where=TO_COPY)
    of_job = "a job's notice; then review and submission are empty texts"
    op.add_column("callbacks", sa.Column("job_id", sa.Text(), nullable=True, comment=of_job))


def _videos() -> None:
    op.create_table(
        "frames",
        sa.Column("review_id", sa.Text(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), autoincrement=False, nullable=False, comment="milliseconds"),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("image", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("result_tags", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("picture_id", sa.Text(), nullable=True),
        sa.Column("copy_next_at", sa.BigInteger(), nullable=True),
        sa.Column("copy_tries", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("review_id", "timestamp", name=op.f("pk_frames")),
    )
    op.create_index("ix_frames_copy", "frames", ["copy_next_at"], sqlite_where=TO_COPY, postgresql_where=TO_COPY)
    op.create_table(
        "transcripts",
        sa.Column("review_id", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_transcripts")),
    )


def _workflows_and_jobs() -> None:
    op.create_table(
        "workflows",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False, comment="the name in lower case"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("expression", sa.Text(), nullable=False, comment="as the caller wrote it"),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team", "code", name=op.f("pk_workflows")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False, comment="kept: a picture's bytes lie beside; empty: gone"),
        sa.Column("content_id", sa.Text(), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("callback_endpoint", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False, comment="InProgress, Complete or Error"),
        sa.Column("review_id", sa.Text(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False, comment="[microseconds, message], the oldest first"),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False, comment="when a worker may take it (again)"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_team"), "jobs", ["team"])
    op.create_index("ix_jobs_next", "jobs", ["next_at"], sqlite_where=IN_PROGRESS, postgresql_where=IN_PROGRESS)
    op.create_index("ix_jobs_left_over", "jobs", ["id"], sqlite_where=LEFT_OVER, postgresql_where=LEFT_OVER)
