"""`cmtools serve`: the review service for a team, in the foreground."""

from __future__ import annotations

import logging
from typing import Any

import click

EXAMPLES = """
\b
Examples:
  cmtools serve --database reviews.db
  CMTOOLS_KEY=... cmtools serve --database postgresql://db/reviews --host 0.0.0.0 --port 8765 --team audit
"""


@click.command(epilog=EXAMPLES)
@click.option("--database", help="A path (SQLite) or an SQLAlchemy URL.  [default: CMTOOLS_DATABASE, else reviews.db]")
@click.option("--host", help="The address to listen on.  [default: CMTOOLS_HOST, else 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="The port; 0: any free one.  [default: CMTOOLS_PORT, else 8765]"
)
@click.option("--team", help="The team; it is made when it is new.  [default: CMTOOLS_TEAM, else demo]")
@click.option(
    "--tagger",
    help="What tags the content of jobs: opennsfw, words:FILE, package.module:object.  [default: CMTOOLS_TAGGER]",
)
def serve(database: str | None, host: str | None, port: int | None, team: str | None, tagger: str | None) -> None:
    """Start a review service and keep it running until Ctrl-C.

    The administrator's key is taken from CMTOOLS_KEY. Without it, one is made the first time and printed once; keep it.
    """
    from ..service.server import run
    from ..service.settings import Settings

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    given: dict[str, Any] = {"database": database, "host": host, "port": port, "team": team, "tagger": tagger}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})

    def ready(url: str, made: str | None) -> None:
        click.echo(f"Review service for team {settings.team} at {url}  (operations: {url}/docs)")
        if made is not None:
            click.echo(f"Administrator's key, shown this once: {made}")
        click.echo("Ctrl-C stops it.")

    run(settings, ready=ready)
