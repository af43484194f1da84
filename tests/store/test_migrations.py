"""Databases come to today's tables, whatever state they are found in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from cmtools.errors import StoreError
from cmtools.model import Draft, Frame
from cmtools.store import Store, arrivals, callbacks, frames, leases, migrations, open_store, parse_url, reviews, teams
from cmtools.store.arrivals import NewReview
from cmtools.store.leases import LeaseRow
from cmtools.store.tables import metadata
from cmtools.store.tables import reviews as table
from cmtools.tags import Tag, TagSet
from tests.tools import postgres

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_migrated_database_has_exactly_the_declared_tables(store: Store) -> None:
    differences = store.read(lambda connection: compare_metadata(MigrationContext.configure(connection), metadata))
    assert differences == []


def test_head_is_the_newest_revision() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_current_head() == migrations.HEAD


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        open_store(tmp_path / "reviews.db").close()
    with open_store_reading(tmp_path / "reviews.db") as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all() == [
            migrations.HEAD
        ]


def test_database_of_a_newer_cmtools_is_refused(tmp_path: Path) -> None:
    open_store(tmp_path / "reviews.db").close()
    with open_store_reading(tmp_path / "reviews.db") as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'ffff'"))
        connection.commit()
    with pytest.raises(StoreError, match=r"'ffff'.*newer"):
        open_store(tmp_path / "reviews.db")


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    code = f"from cmtools.store import open_store; open_store({str(tmp_path / 'reviews.db')!r}).close()"
    started = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert [process.wait(60) for process in started] == [0, 0, 0, 0]


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but long enough to be looked at as one" * 50)
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(tmp_path / "notes.txt")


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no folder"):
        open_store(tmp_path / "no" / "reviews.db")


def test_unreachable_postgresql_is_one_line_without_its_password() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("postgresql://ana:geheim@127.0.0.1:1/reviews?connect_timeout=2")
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("address", ["mysql://x/y", "redis://x"])
def test_other_databases_are_refused_by_name(address: str) -> None:
    with pytest.raises(StoreError, match=r"no store for|neither"):
        parse_url(address)


@pytest.fixture(
    params=[(kind, revision) for kind in ("sqlite", "postgresql") for revision in ("0001", "0002", "0003", "0004")]
)
def first_release(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of an earlier revision: a review that waits, one leased, one complete."""
    kind, revision = request.param
    url = str(tmp_path / "reviews.db") if kind == "sqlite" else postgres.fresh_database()
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = sa.create_engine(parse_url(url), poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in FIRST_RELEASE:
            connection.execute(sa.text(statement))
        command.upgrade(config, revision)
    yield url
    if kind == "postgresql":
        postgres.drop_database(url)


FIRST_RELEASE = (
    *(
        "INSERT INTO reviews (id, team, subteam, type, status, content, content_id, metadata, weight, created_by, "
        "created_at, lease_id, submission_id, decided_at) VALUES "
        f"('r{place}', 't', 'public', 'Image', '{status}', 'https://x.org/{place}.jpg', '{place}', "
        f'\'[["a","True"],["a.score","0.75"]]\', 1.0, \'me\', {place}, {held}, {decided})'
        for place, status, held, decided in (
            (1, "Pending", "NULL", "NULL, NULL"),
            (2, "Leased", "'l1'", "NULL, NULL"),
            (3, "Complete", "NULL", "'s1', 9"),
        )
    ),
    "INSERT INTO leases (id, team, reviewer, type, token_digest, created_at, expires_at) "
    "VALUES ('l1', 't', 'ana', 'Image', '', 1, 2000000)",
    "INSERT INTO toggles (review_id, frame, tag, value) VALUES ('r2', '', 'r', '1')",
    "INSERT INTO submissions (id, team, lease_id, reviewer, digest, created_at, final_at, state) "
    "VALUES ('s1', 't', 'l0', 'ana', '', 9, 9, 'final')",
    "INSERT INTO answers (review_id, submission_id, frame, tag, value, position) VALUES ('r3', 's1', '', 'a', '0', 0)",
    "INSERT INTO tags (team, code, short_code, name, description, visible, position) "
    "VALUES ('t', 'sc', 'SC', 'isscam', '', '0', 1)",
    "INSERT INTO callbacks (id, team, review_id, submission_id, endpoint, state, tries, due_at, next_at, answer) "
    "VALUES ('c1', 't', 'r3', 's1', 'http://x.org', 'waiting', 0, 9, 9, '')",
)


def test_database_of_the_first_release_comes_to_today_and_works(first_release: str) -> None:
    open_store(first_release).close()
    store = open_store(first_release)
    try:
        difference = store.read(lambda connection: compare_metadata(MigrationContext.configure(connection), metadata))
        assert difference == []

        ids = ["r1", "r2", "r3"]
        found = store.read(lambda connection: reviews.fetch(connection, "t", TagSet(), ids))
        assert [(review.id, review.status) for review in found] == [
            *(("r1", "Pending"), ("r2", "Pending"), ("r3", "Complete"))
        ]
        assert [review.auto_tags for review in found] == [{"a": True}] * 3
        assert (found[1].toggles, found[2].human_tags, found[2].frames) == ({"r": True}, {"a": False}, ())
        assert store.read(lambda connection: callbacks.of_team(connection, "t"))[0].job_id is None

        scam = Tag("SC", "isscam", visible=False)
        assert store.read(lambda connection: teams.tag_set(connection, "t"))["sc"] == scam
        store.write(lambda connection: teams.put_tag(connection, "t", replace(scam, threshold=0.3)))
        assert store.read(lambda connection: teams.tag_set(connection, "t")).thresholds == {"SC": 0.3}

        columns = sa.select(table.c.id, table.c.score_place, table.c.doubt_place, table.c.shuffle > 0)
        places = store.read(lambda connection: connection.execute(columns.order_by(table.c.id)).all())
        assert [tuple(row)[:3] for row in places] == [("r1", 0.25, 0.25), ("r2", 0.25, 0.25), ("r3", 2, 2)]
        assert [bool(row[3]) for row in places] == [True, True, False], "what is open has a place in the random order"

        columns = sa.select(table.c.opinion_of, table.c.overlap, table.c.final, table.c.blind, table.c.golden)
        asked = store.read(lambda connection: connection.execute(columns.distinct()).all())
        assert [tuple(row) for row in asked] == [(None, 1, None, False, False)]
        assert store.read(lambda connection: teams.golden_feedback(connection, "t")) is False

        lease = LeaseRow("l2", "t", "ben", "Image", None, "", NOW, NOW, None)
        assert store.write(lambda connection: leases.take(connection, lease, 5)) == ["r1"]
        new = NewReview("v1", Draft("https://x.org/v", "v", "Video", status="Unpublished"), "public", None)
        store.write(lambda connection: arrivals.insert(connection, "t", "me", [new], NOW))
        shot = Frame(500, "https://x.org/500.jpg")
        store.write(lambda connection: frames.insert(connection, "t", {"v1": [shot]}, NOW))
        (video,) = store.read(lambda connection: reviews.fetch(connection, "t", TagSet(), ["v1"]))
        assert (video.status, video.frames) == ("Unpublished", (shot,))
        shared = NewReview("r4", Draft("https://x.org/4", "4", overlap=2), "public", None, None, ("o1", "o2"))
        store.write(lambda connection: arrivals.insert(connection, "t", "me", [shared], NOW))
        lease = replace(lease, id="l3")
        assert store.write(lambda connection: leases.take(connection, lease, 5)) == ["o1"]
    finally:
        store.close()


def open_store_reading(path: Path) -> sa.Connection:
    return sa.create_engine(f"sqlite:///{path}", poolclass=sa.pool.NullPool).connect()
