"""Reviews that several people decide, blind ones, and golden items."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

OPINION = "opinion_of IS NOT NULL"


def upgrade() -> None:
    of = "the review that one person is asked for an opinion on by this"
    final = "how the final tags come of the opinions; empty where nobody else is asked"
    for column in (
        sa.Column("opinion_of", sa.Text(), nullable=True, comment=of),
        sa.Column("overlap", sa.Integer(), nullable=False, server_default="1", comment="how many people are asked"),
        sa.Column("final", sa.Text(), nullable=True, comment=final),
        sa.Column(
            "blind", sa.Boolean(), nullable=False, server_default=sa.false(), comment="its auto tags are not shown"
        ),
        sa.Column("golden", sa.Boolean(), nullable=False, server_default=sa.false(), comment="counted in no result"),
        sa.Column("truth", sa.Text(), nullable=True, comment="a golden item's known answers"),
    ):
        op.add_column("reviews", column)
    for name, columns, kept in (
        ("opinion", ["opinion_of"], OPINION),
        ("asked_for", ["team", "status", "opinion_of"], f"{OPINION} AND status = 'Pending'"),
        ("resolved", ["team", "sequence"], "status = 'Resolved'"),
        ("golden", ["team", "sequence"], "truth IS NOT NULL"),
    ):
        where = sa.text(kept)
        op.create_index(f"ix_reviews_{name}", "reviews", columns, sqlite_where=where, postgresql_where=where)
    op.add_column("teams", sa.Column("golden_feedback", sa.Boolean(), nullable=False, server_default=sa.false()))
