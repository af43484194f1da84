"""`cmtools audit`: check the trail of who did what, note where it ends, write it to a file. It changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from ..errors import StoreError

if TYPE_CHECKING:
    from ..client.client import Client
    from ..model import AuditEvent, TrailCheck, TrailHead
    from ..store import Store

EXAMPLES = """
\b
Examples:
  cmtools audit verify --database reviews.db
  cmtools audit head
  cmtools audit verify --head 9f86d081884c...
  cmtools audit export trail.jsonl
"""
HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
DATABASE = "A path (SQLite) or an SQLAlchemy URL; left out, the service and team of CMTOOLS_URL, _KEY and _TEAM."


@click.group(epilog=EXAMPLES, context_settings=HELP)
def audit() -> None:
    """Check, note or export the trail of who did what.

    A service seals its trail some seconds after things happened: digests of the events, chained one to the other. An
    event that is changed, removed or put in afterwards is found. Somebody who has the whole database in hand could make
    the chain anew; only a head that was noted elsewhere shows that. So note it from time to time, in a mail or on
    paper.
    """


@audit.command(epilog="\b\nExample:\n  cmtools audit verify --database reviews.db --head 9f86d081884c...")
@click.option("--database", help=DATABASE)
@click.option(
    "--head", "noted", help="The digest of an earlier head: it must still be in the chain of one of the teams."
)
@click.option("--team", help="Only this team's; with --database.  [default: all teams]")
def verify(database: str | None, noted: str | None, team: str | None) -> None:
    """Find events that were changed, removed or put in after they were sealed; then the exit code is 1."""
    checks, found = _of_database(database, team, noted) if database else _of_service(noted)
    clean = True
    for name, check in checks:
        clean = clean and check.ok
        click.echo(_said(name, check))
        for fault in check.faults:
            click.echo(f"  {fault.kind}: {fault.message}")
        if check.fault_count > len(check.faults):
            click.echo(f"  and {check.fault_count - len(check.faults):,} more")
    if not found:
        click.echo(f"The head {noted} is in no chain: one was cut or made anew.")
    if not (clean and found):
        raise click.exceptions.Exit(1)


@audit.command(epilog="\b\nExample:\n  cmtools audit head --database reviews.db")
@click.option("--database", help=DATABASE)
def head(database: str | None) -> None:
    """Print the last digest of each chain, to be noted elsewhere."""
    for each in _heads(database) if database else [_client().trail_head()]:
        when = f"{each.sealed_at:%Y-%m-%d %H:%M:%S} UTC" if each.sealed_at else "-"
        click.echo(f"{each.digest or 'nothing is sealed yet'}  team {each.team}, {each.events:,} events, {when}")


@audit.command(epilog="\b\nExample:\n  cmtools audit export trail.jsonl")
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=True))
@click.option("--review", "review_id", help="Only the events on this review.")
@click.option("--database", help=DATABASE)
@click.option("--team", help="Whose; with --database, where it holds several.")
def export(file: TextIO, review_id: str | None, database: str | None, team: str | None) -> None:
    """Write all events of the team to FILE (-: to the screen), a line of JSON each, the oldest first."""
    from ..wire import own

    count = 0
    for event in _kept_events(database, team, review_id) if database else _client().events(review_id):
        file.write(json.dumps(own.write(event), ensure_ascii=False) + "\n")
        count += 1
    click.echo(f"{count:,} events", err=True)


def _client() -> Client:
    from ..client.client import Client

    return Client.from_env()


def _of_service(noted: str | None) -> tuple[Iterable[tuple[str, TrailCheck]], bool]:
    client = _client()
    return [(client.team_name, client.verify_trail(noted))], True  # the service's faults tell of a head that is gone


def _of_database(database: str, team: str | None, noted: str | None) -> tuple[Iterable[tuple[str, TrailCheck]], bool]:
    from ..service import sealing
    from ..service.settings import Settings

    with _opened(database) as store:
        checks = list(sealing.check_database(store, team, Settings(database=database)))
        return checks, noted is None or sealing.has_head(store, noted)


def _kept_events(database: str, team: str | None, review_id: str | None) -> Iterator[AuditEvent]:
    from ..service import sealing

    with _opened(database) as store:
        yield from sealing.events_of(store, team, review_id)


def _heads(database: str) -> list[TrailHead]:
    from ..service import sealing

    with _opened(database) as store:
        return sealing.heads(store)


def _opened(database: str) -> closing[Store]:
    from ..store import open_store, parse_url

    url = parse_url(database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise StoreError(f"there is no database {database!r}")  # it would be made
    return closing(open_store(database))


def _said(team: str, check: TrailCheck) -> str:
    verdict = "whole" if check.ok else f"{check.fault_count:,} faults"
    waiting = f", {check.unsealed:,} not sealed yet" if check.unsealed else ""
    return f"team {team}: {verdict}; {check.events:,} events under {check.seals:,} seals{waiting}"
