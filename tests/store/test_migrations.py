"""Databases come to today's tables, whatever state they are found in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from cmtools.errors import StoreError
from cmtools.store import Store, migrations, open_store, parse_url
from cmtools.store.tables import metadata


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


def open_store_reading(path: Path) -> sa.Connection:
    return sa.create_engine(f"sqlite:///{path}", poolclass=sa.pool.NullPool).connect()
