"""Brings a database to today's tables with alembic, under a lock. The revisions are in ``versions/``."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from ...errors import StoreError, install_hint
from ..homes import check_home
from ..sqlite import write_ahead

HEAD = "0005"
"""The newest revision; a test holds it against ``versions/``."""
LOCK = 0x636D746F6F6C73
"""The advisory lock that service processes starting together queue at: the letters of the project's name."""


def migrate(url: sa.URL) -> None:
    """Upgrade a database to `HEAD`, whatever revision it has; does nothing when it is there.

    Raises
    ------
    StoreError
        The database cannot be opened, or was made by a newer cmtools.
    """
    if url.get_backend_name() == "sqlite" and url.database:
        folder = Path(url.database).parent
        if not folder.is_dir():
            raise StoreError(f"there is no folder {str(folder)!r} for the database; make it first")
        check_home(folder)
    try:
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            _upgrade(connection)
    except ModuleNotFoundError as error:
        raise StoreError(install_hint(str(error.name), "postgres")) from error
    except sa.exc.DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise StoreError(
            f"the database {url.render_as_string(hide_password=True)} cannot be opened: {reason}"
        ) from error


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        write_ahead(connection.exec_driver_sql)
        connection.exec_driver_sql("PRAGMA busy_timeout=30000")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
    revision = _revision(connection)
    if revision != HEAD:
        _run_alembic(connection, revision)
    connection.commit()


def has_todays_tables(connection: Connection) -> bool:
    """Whether the database is at `HEAD`."""
    return _revision(connection) == HEAD


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _run_alembic(connection: Connection, revision: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            f"the database is at revision {revision!r}, which this cmtools does not know: it was made by a newer one. "
            "Upgrade cmtools, or name another database"
        ) from error
