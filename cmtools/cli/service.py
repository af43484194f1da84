"""`cmtools serve`: the review service for a team, in the foreground. It only gathers what the operator said."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import click

EXAMPLES = """
\b
Examples:
  cmtools serve --database reviews.db
  CMTOOLS_MEDIA=/srv/cmtools/pictures cmtools serve --database postgresql://db/reviews --workers 4 --team audit
  cmtools serve --tagger opennsfw,words:words.txt
  cmtools serve --host 0.0.0.0 --tls-certificate chain.pem --tls-key key.pem

\b
Operating it:
  Pictures are kept beside the SQLite file; with PostgreSQL, CMTOOLS_MEDIA says in which folder or at which address.
  Every option can be set by the environment, and so can more: CMTOOLS_PUBLIC_URL and CMTOOLS_TRUSTED_PROXIES
  behind a proxy, CMTOOLS_RATE_LIMIT, CMTOOLS_PEPPER, CMTOOLS_METRICS_KEY; the page reference/team.md
  beside the tutorials lists them.
  GET /health says whether a process lives, /ready whether it can serve (503 with the reasons when not),
  /metrics gives figures for Prometheus: to this machine, or to whoever has CMTOOLS_METRICS_KEY.
  SIGTERM or Ctrl-C lets requests end, then stops; a second one stops at once.
  Exit code 0: stopped.  1: an error, such as a port that is taken.  2: a wrong option.
"""


@click.command(epilog=EXAMPLES)
@click.option("--database", help="A path (SQLite) or an SQLAlchemy URL.  [default: CMTOOLS_DATABASE, else reviews.db]")
@click.option("--host", help="The address to listen on.  [default: CMTOOLS_HOST, else 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="The port; 0: any free one.  [default: CMTOOLS_PORT, else 8765]"
)
@click.option("--team", help="The team; it is made when it is new.  [default: CMTOOLS_TEAM, else demo]")
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Processes; more than 1 takes PostgreSQL.  [CMTOOLS_WORKERS, else 1]"
)
@click.option(
    "--tagger",
    help="What tags pictures and texts, with a comma between several: opennsfw, words:FILE, package.module:object. "
    "From which score on a tag is true, each team may set for itself.  [default: CMTOOLS_TAGGER]",
)
@click.option(
    "--tls-certificate",
    type=click.Path(path_type=Path),
    help="The certificate chain (PEM), for TLS.  [default: CMTOOLS_TLS_CERTIFICATE]",
)
@click.option("--tls-key", type=click.Path(path_type=Path), help="Its private key (PEM).  [default: CMTOOLS_TLS_KEY]")
@click.option("--log-format", type=click.Choice(["text", "json"]), help="[default: CMTOOLS_LOG_FORMAT, else text]")
def serve(**given: Any) -> None:
    """Start a review service and keep it running until Ctrl-C.

    The administrator's key is taken from CMTOOLS_KEY. Without it, one is made the first time and printed once; keep it.
    """
    from ..service import logs
    from ..service.server import run
    from ..service.settings import Settings

    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    logs.configure(settings.log_format, logging.INFO)

    def ready(url: str, made: str | None) -> None:
        click.echo(f"Review service for team {settings.team} at {url}  (operations: {url}/docs)")
        if made is not None:
            click.echo(f"Administrator's key, shown this once: {made}")
        click.echo("Ctrl-C stops it.")

    run(settings, ready=ready)
