"""`cmtools backup`: a copy of the database and its pictures while the service runs. The copying is the store's."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

EXAMPLES = """
\b
Examples:
  cmtools backup reviews-monday.db --database reviews.db
  cmtools serve --database reviews-monday.db

\b
What comes out:
  Exit code 0: the copy is whole.  1: an error, such as a FILE that is there already.  2: a wrong option.
"""


@click.command(epilog=EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--database", help="What to copy: a path (SQLite).  [default: CMTOOLS_DATABASE, else reviews.db]")
def backup(file: Path, database: str | None) -> None:
    """Copy the database and its pictures while the service runs.

    The database goes into FILE, its pictures into FILE.media beside it. The copy is of one moment and is looked
    through before it gets its name. A service started on FILE has all of it.
    For PostgreSQL use pg_dump.
    """
    from ..service.app import media_root
    from ..service.settings import Settings
    from ..store import parse_url
    from ..store.backup import copy_database

    settings = Settings() if database is None else Settings(database=database)
    count = copy_database(parse_url(settings.database), file)
    click.echo(f"{file}: {count:,} reviews, looked through and whole")
    media = media_root(settings)
    if "://" in media:
        click.echo(f"The pictures are at {media}: copy them from there now.")
        return
    pictures = Path(f"{file}.media")
    if Path(media).is_dir():
        shutil.copytree(media, pictures, ignore=shutil.ignore_patterns(".*", "*.part", "*.tmp"), dirs_exist_ok=True)
        click.echo(f"{pictures}: {sum(1 for each in pictures.rglob('*') if each.is_file()):,} files of pictures")
