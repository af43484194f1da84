"""Orders of the queue, parked reviews, blind leases; signed callbacks; notes, exposures, preferences."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

PENDING = sa.text("status = 'Pending'")
SCORED = sa.text("status = 'Pending' AND highest_score IS NOT NULL")
PARKED = sa.text("held_until IS NOT NULL")


def upgrade() -> None:
    _queue()
    _callbacks()
    _people()


def _queue() -> None:
    highest = "the highest of its tags' scores; empty without any"
    op.add_column("reviews", sa.Column("highest_score", sa.Float(), nullable=True, comment=highest))
    nearest = "how far the score nearest to 0.5 is from it; empty without any"
    op.add_column("reviews", sa.Column("uncertainty", sa.Float(), nullable=True, comment=nearest))
    place = "a random number, the place in the random order"
    op.add_column("reviews", sa.Column("shuffle", sa.BigInteger(), nullable=True, comment=place))
    op.add_column("reviews", sa.Column("held_by", sa.Text(), nullable=True, comment="the reviewer who parked it"))
    until = "when it goes back into the queue by itself"
    op.add_column("reviews", sa.Column("held_until", sa.BigInteger(), nullable=True, comment=until))
    for name, column, where in (
        ("ix_reviews_highest", "highest_score", SCORED),
        ("ix_reviews_uncertain", "uncertainty", SCORED),
        ("ix_reviews_shuffle", "shuffle", PENDING),
    ):
        op.create_index(name, "reviews", ["team", "type", column], sqlite_where=where, postgresql_where=where)
    op.create_index("ix_reviews_held", "reviews", ["held_until"], sqlite_where=PARKED, postgresql_where=PARKED)
    op.add_column("leases", sa.Column("blind", sa.Boolean(), nullable=False, server_default=sa.false()))
    hash_ = "16 hexadecimal digits; empty where none could be made"
    op.add_column("pictures", sa.Column("difference_hash", sa.Text(), nullable=True, comment=hash_))
    op.add_column("teams", sa.Column("break_after_seconds", sa.Float(), nullable=True))
    op.add_column("teams", sa.Column("most_reveals_per_day", sa.Integer(), nullable=True))


def _callbacks() -> None:
    receiver = "host:port of the endpoint"
    op.add_column("callbacks", sa.Column("receiver", sa.Text(), nullable=False, server_default="", comment=receiver))
    op.create_table(
        "callback_secrets",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("previous_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("team", name=op.f("pk_callback_secrets")),
    )


def _people() -> None:
    op.create_table(
        "notes",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("review_id", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_notes")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notes_review", "notes", ["team", "review_id", "sequence"])
    op.create_table(
        "exposures",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("review_id", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False, comment="of UTC, as 2026-01-31"),
        sa.Column("reveals", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team", "review_id", "reviewer", "day", name=op.f("pk_exposures")),
    )
    op.create_index("ix_exposures_reviewer", "exposures", ["team", "reviewer", "day"])
    op.create_table(
        "preferences",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("values", sa.Text(), nullable=False, comment="how this reviewer's screens look"),
        sa.PrimaryKeyConstraint("team", "reviewer", name=op.f("pk_preferences")),
    )
