"""Tables of reviews: waiting, leased, submitted, answered. No statements and no rules live here."""

from __future__ import annotations

import sqlalchemy as sa

from .columns import Json, Moment, Sequence, metadata

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
    sa.Column("difference_hash", sa.Text, comment="16 hexadecimal digits; empty where none could be made"),
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
    sa.Column("score_place", sa.Float, nullable=False, server_default="2", comment="1 less its highest score"),
    sa.Column("doubt_place", sa.Float, nullable=False, server_default="2", comment="how near a score is to 0.5"),
    sa.Column("shuffle", sa.Integer, nullable=False, server_default="0", comment="a random number below 2**31"),
    sa.Column("held_by", sa.Text, comment="the reviewer who parked it"),
    sa.Column("held_until", Moment, comment="when it goes back into the queue by itself"),
    sa.Column("auto_on", sa.Text, nullable=False, server_default="", comment="auto tags that are on: codes, sorted"),
    sa.Column("opinion_of", sa.Text, comment="the review that one person is asked for an opinion on by this"),
    sa.Column("overlap", sa.Integer, nullable=False, server_default="1", comment="how many people are asked"),
    sa.Column("final", sa.Text, comment="how the final tags come of the opinions; empty where nobody else is asked"),
    sa.Column("blind", sa.Boolean, nullable=False, server_default=sa.false(), comment="its auto tags are not shown"),
    sa.Column("golden", sa.Boolean, nullable=False, server_default=sa.false(), comment="counted in no result"),
    sa.Column("truth", Json, comment="a golden item's known answers"),
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
complete = reviews.c.status == sa.literal_column("'Complete'")
sa.Index(  # an export reads them a batch at a time: without it each batch would pass over all that are complete
    "ix_reviews_complete", reviews.c.team, reviews.c.sequence, sqlite_where=complete, postgresql_where=complete
)
submitted = reviews.c.submission_id.is_not(None)
sa.Index("ix_reviews_submission", reviews.c.submission_id, sqlite_where=submitted, postgresql_where=submitted)
opinion = reviews.c.opinion_of.is_not(None)
sa.Index("ix_reviews_opinion", reviews.c.opinion_of, sqlite_where=opinion, postgresql_where=opinion)
asked_for = opinion & waiting
sa.Index(  # whether there are any is asked at every checkout: SQLite takes it for that as it has all that is asked
    "ix_reviews_asked_for",
    reviews.c.team,
    reviews.c.status,
    reviews.c.opinion_of,
    sqlite_where=asked_for,
    postgresql_where=asked_for,
)
resolved = reviews.c.status == sa.literal_column("'Resolved'")
sa.Index("ix_reviews_resolved", reviews.c.team, reviews.c.sequence, sqlite_where=resolved, postgresql_where=resolved)
known = reviews.c.truth.is_not(None)
sa.Index("ix_reviews_golden", reviews.c.team, reviews.c.sequence, sqlite_where=known, postgresql_where=known)
keyed = reviews.c.idempotency_key.is_not(None)
sa.Index(
    "uq_reviews_idempotency_key",
    reviews.c.team,
    reviews.c.idempotency_key,
    unique=True,
    sqlite_where=keyed,
    postgresql_where=keyed,
)

# the orders of the queue: the lowest place first, then the oldest; a review without a score comes last
for place in (reviews.c.score_place, reviews.c.doubt_place, reviews.c.shuffle):
    sa.Index(
        f"ix_reviews_{place.name}",
        reviews.c.team,
        reviews.c.type,
        place,
        reviews.c.sequence,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
parked = reviews.c.held_until.is_not(None)
sa.Index("ix_reviews_auto", reviews.c.team, reviews.c.auto_on, sqlite_where=waiting, postgresql_where=waiting)
sa.Index("ix_reviews_held", reviews.c.held_until, sqlite_where=parked, postgresql_where=parked)

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
    sa.Column("blind", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("in_order", sa.Text, nullable=False, server_default="oldest", comment="the order of its reviews"),
    sa.Column("from_place", sa.Integer, nullable=False, server_default="0", comment="where a random order begins"),
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

tallies = sa.Table(
    "tallies",
    metadata,
    sa.Column("team", sa.Text, primary_key=True),
    sa.Column("tag", sa.Text, primary_key=True, comment="empty where the reviews themselves are counted"),
    sa.Column("reviewer", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True, comment="of UTC, as 2026-01-31"),
    sa.Column("reviews", sa.BigInteger, nullable=False, comment="that this reviewer decided"),
    sa.Column("reviews_on", sa.BigInteger, nullable=False, comment="of these, where the tag was set"),
)
