"""Orders of the queue, parked reviews, blind leases; signed callbacks; notes, exposures, preferences."""

import contextlib
import json
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

PENDING = sa.text("status = 'Pending'")
OPEN = ("Pending", "Leased", "Submitted", "Unpublished")
TRUE = ("true", "1", "1.0", "yes", "y", "on", "t")
PARKED = sa.text("held_until IS NOT NULL")
COMPLETE = sa.text("status = 'Complete'")


def upgrade() -> None:
    _queue()
    _callbacks()
    _people()
    _seals()
    _activity()


def _queue() -> None:
    for name, kind, default, said in (
        ("score_place", sa.Float(), "2", "1 less its highest score"),
        ("doubt_place", sa.Float(), "2", "how near a score is to 0.5"),
        ("shuffle", sa.Integer(), "0", "a random number below 2**31"),
    ):
        column = sa.Column(name, kind, nullable=False, server_default=default, comment=said)
        op.add_column("reviews", column)
    op.add_column("reviews", sa.Column("held_by", sa.Text(), nullable=True, comment="the reviewer who parked it"))
    until = "when it goes back into the queue by itself"
    op.add_column("reviews", sa.Column("held_until", sa.BigInteger(), nullable=True, comment=until))
    _places()
    for name in ("score_place", "doubt_place", "shuffle"):
        columns = ["team", "type", name, "sequence"]
        op.create_index(f"ix_reviews_{name}", "reviews", columns, sqlite_where=PENDING, postgresql_where=PENDING)
    columns = ["team", "sequence"]
    op.create_index("ix_reviews_complete", "reviews", columns, sqlite_where=COMPLETE, postgresql_where=COMPLETE)
    op.create_index("ix_reviews_held", "reviews", ["held_until"], sqlite_where=PARKED, postgresql_where=PARKED)
    op.add_column("leases", sa.Column("blind", sa.Boolean(), nullable=False, server_default=sa.false()))
    order = "the order of its reviews"
    op.add_column("leases", sa.Column("in_order", sa.Text(), nullable=False, server_default="oldest", comment=order))
    start = "where a random order begins"
    op.add_column("leases", sa.Column("from_place", sa.Integer(), nullable=False, server_default="0", comment=start))
    hash_ = "16 hexadecimal digits; empty where none could be made"
    op.add_column("pictures", sa.Column("difference_hash", sa.Text(), nullable=True, comment=hash_))
    op.add_column("teams", sa.Column("break_after_seconds", sa.Float(), nullable=True))
    op.add_column("teams", sa.Column("most_reveals_per_day", sa.Integer(), nullable=True))


def _reviews() -> sa.TableClause:
    return sa.table("reviews", *map(sa.column, ("sequence", "team", "status", "metadata", "shuffle")))


def _places() -> None:
    """Give the reviews that are not decided yet their places in the orders of the queue."""
    connection = op.get_bind()
    reviews = _reviews()
    waits = reviews.c.status.in_(OPEN)
    on_sqlite = connection.dialect.name == "sqlite"
    drawn = sa.func.abs(sa.func.random() % 2**31) if on_sqlite else sa.func.floor(sa.func.random() * 2**31)
    connection.execute(sa.update(reviews).where(waits).values(shuffle=drawn))
    codes = {(row.team, row.code) for row in connection.execute(sa.text("SELECT team, code FROM tags"))}
    scored = sa.select(reviews.c.sequence, reviews.c.team, reviews.c.metadata)
    scored = scored.where(waits, sa.func.lower(reviews.c.metadata).like("%score%"))
    scored = scored.where(reviews.c.sequence > sa.bindparam("after")).order_by(reviews.c.sequence).limit(5000)
    found = sa.text("UPDATE reviews SET score_place = :score, doubt_place = :doubt WHERE sequence = :sequence")
    after = 0
    while rows := connection.execute(scored, {"after": after}).all():
        after = rows[-1].sequence
        places = []
        for row in rows:
            if scores := _scores(row.team, row.metadata, codes):
                doubt = min(abs(score - 0.5) for score in scores)
                places.append({"sequence": row.sequence, "score": 1 - max(scores), "doubt": doubt})
        if places:
            connection.execute(found, places)


def _scores(team: str, pairs: str, codes: set[tuple[str, str]]) -> list[float]:
    scores = []
    for key, value in json.loads(pairs):
        code = {"adultscore": "a", "racyscore": "r"}.get(key.lower())
        if key.lower().endswith(".score"):
            code = key.lower().removesuffix(".score")
        with contextlib.suppress(ValueError):
            if code in ("a", "r") or (team, code) in codes:
                score = float(value)
                scores += [score] if 0 <= score <= 1 else []
    return scores


def _callbacks() -> None:
    receiver = "host:port of the endpoint"
    op.add_column("callbacks", sa.Column("receiver", sa.Text(), nullable=False, server_default="", comment=receiver))
    claim = "of the sender that has it in hand until next_at; empty otherwise"
    op.add_column("callbacks", sa.Column("claim", sa.Text(), nullable=True, comment=claim))
    body = "as it is sent, from the first try until it is delivered"
    op.add_column("callbacks", sa.Column("body", sa.Text(), nullable=True, comment=body))
    _receivers()
    op.drop_index("ix_callbacks_team", "callbacks")
    for name, columns, kept in (
        ("receiver", ["receiver", "next_at"], "state = 'waiting'"),
        ("claim", ["receiver"], "claim IS NOT NULL"),
        ("failed", ["team", "due_at", "id"], "state = 'failed'"),
        ("listing", ["team", "due_at", "id"], None),
    ):
        where = None if kept is None else sa.text(kept)
        op.create_index(f"ix_callbacks_{name}", "callbacks", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "callback_secrets",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("previous_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("team", name=op.f("pk_callback_secrets")),
    )


def _receivers() -> None:
    """Say of the callbacks that are not delivered yet whom they go to."""
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT id, endpoint FROM callbacks WHERE state IN ('waiting', 'failed')")).all()
    if rows:
        told = sa.text("UPDATE callbacks SET receiver = :receiver WHERE id = :id")
        connection.execute(told, [{"id": row.id, "receiver": _receiver(row.endpoint)} for row in rows])


def _receiver(endpoint: str) -> str:
    with contextlib.suppress(ValueError):
        parts = urlsplit(endpoint)
        return f"{parts.hostname or ''}:{parts.port or (443 if parts.scheme.lower() == 'https' else 80)}"
    return ""


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


def _seals() -> None:
    after = "it covers the team's events behind this sequence"
    entries = "sequence (8 bytes) and SHA-256 (32) of each event"
    op.create_table(
        "seals",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False, comment=after),
        sa.Column("upto", sa.BigInteger(), nullable=False, comment="and up to this one"),
        sa.Column("late", sa.Integer(), nullable=False, comment="how many more it covers, from before"),
        sa.Column("total", sa.BigInteger(), nullable=False, comment="how many are sealed up to here"),
        sa.Column("entries", sa.LargeBinary(), nullable=False, comment=entries),
        sa.Column("digest", sa.Text(), nullable=False, comment="of this and the digest of the seal before"),
        sa.PrimaryKeyConstraint("team", "number", name=op.f("pk_seals")),
    )
    passed = "passed over by the sealer"
    op.create_table(
        "seal_gaps",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False, comment=passed),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_seal_gaps")),
    )


def _activity() -> None:
    raised = "auto tags that are on: codes, sorted"
    column = sa.Column("auto_on", sa.Text(), nullable=False, server_default="", comment=raised)
    op.add_column("reviews", column)
    _raised()
    columns = ["team", "auto_on"]
    op.create_index("ix_reviews_auto", "reviews", columns, sqlite_where=PENDING, postgresql_where=PENDING)
    whole = "empty where the reviews themselves are counted"
    op.create_table(
        "tallies",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False, comment=whole),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False, comment="of UTC, as 2026-01-31"),
        sa.Column("reviews", sa.BigInteger(), nullable=False, comment="that this reviewer decided"),
        sa.Column("reviews_on", sa.BigInteger(), nullable=False, comment="of these, where the tag was set"),
        sa.PrimaryKeyConstraint("team", "tag", "reviewer", "day", name=op.f("pk_tallies")),
    )
    _tallies()


def _raised() -> None:
    """Say of the reviews that are not decided yet which of their auto tags are on."""
    connection = op.get_bind()
    codes: dict[str, dict[str, str]] = {}
    for row in connection.execute(sa.text("SELECT team, code, short_code FROM tags")):
        codes.setdefault(row.team, {})[row.code] = row.short_code
    table = _reviews()
    open_ones = sa.select(table.c.sequence, table.c.team, table.c.metadata).where(
        table.c.status.in_(OPEN), table.c.sequence > sa.bindparam("after")
    )
    open_ones = open_ones.order_by(table.c.sequence).limit(5000)
    found = sa.text("UPDATE reviews SET auto_on = :raised WHERE sequence = :sequence")
    after = 0
    while rows := connection.execute(open_ones, {"after": after}).all():
        after = rows[-1].sequence
        told = []
        for row in rows:
            theirs = {"a": "a", "r": "r", **codes.get(row.team, {})}
            values = {key.lower(): value.strip().lower() in TRUE for key, value in json.loads(row.metadata)}
            on = sorted(theirs[key] for key, value in values.items() if value and key in theirs)
            told.append({"raised": " ".join(on), "sequence": row.sequence})
        connection.execute(found, told)


def _tallies() -> None:
    """Count what was decided before, by the day (UTC) of its submission."""
    connection = op.get_bind()
    seconds = "s.created_at / 1000000"
    day = f"date({seconds}, 'unixepoch')"
    if connection.dialect.name == "postgresql":
        day = f"to_char(to_timestamp({seconds}) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
    into = "INSERT INTO tallies (team, tag, reviewer, day, reviews, reviews_on) "
    grouped = "FROM submissions s JOIN {0} WHERE s.state = 'final' GROUP BY 1, 2, 3, 4"
    whole = f"SELECT s.team, CAST('' AS TEXT), s.reviewer, {day}, count(*), 0 "
    connection.execute(sa.text(into + whole + grouped.format("reviews r ON r.submission_id = s.id")))
    each = f"SELECT s.team, a.tag, s.reviewer, {day}, count(DISTINCT a.review_id), "
    on = "count(DISTINCT CASE WHEN a.value THEN a.review_id END) "
    connection.execute(sa.text(into + each + on + grouped.format("answers a ON a.submission_id = s.id")))
