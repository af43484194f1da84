"""A threshold of the team's own for each of its tags."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    own = "from which score on it is true; empty: as the tagger says"
    op.add_column("tags", sa.Column("threshold", sa.Float(), nullable=True, comment=own))
