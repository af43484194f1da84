"""`cmtools audit`: check the trail of who did what, or an audit file against it; note, export, report.

It changes nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from ..errors import BadRequest, StoreError
from ..model import TrailFault

if TYPE_CHECKING:
    from ..analysis.audits.audit import Audit
    from ..analysis.audits.checks import Verification
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
  cmtools audit verify audit.zip
  cmtools audit report audit.zip
"""
HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
FRAME = click.Path(exists=True, dir_okay=False, path_type=Path)
DATABASE = (
    "A path (SQLite) or an SQLAlchemy URL; left out, the service and team of CMTOOLS_URL, _KEY and _TEAM; the key is "
    "an administrator's, a lead's or an auditor's."
)


@click.group(epilog=EXAMPLES, context_settings=HELP)
def audit() -> None:
    """Check, note or export the trail of who did what; check and report audit files.

    A service seals its trail some seconds after things happened: digests of the events, chained one to the other. An
    event that is changed, removed or put in afterwards is found. Somebody who has the whole database in hand could make
    the chain anew; only a head that was noted elsewhere shows that. So note it from time to time, in a mail or on
    paper.
    """


@audit.command(
    epilog="\b\nExamples:\n  cmtools audit verify --database reviews.db --head 9f86d081884c...\n"
    "  cmtools audit verify audit.zip --frame items.csv --seal 5e3aa0c1"
)
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--database", help=DATABASE)
@click.option(
    "--head", "noted", help="The digest of an earlier head: it must still be in the chain of one of the teams."
)
@click.option("--team", help="Only this team's; with --database.  [default: all teams]")
@click.option("--frame", type=FRAME, help="With FILE: the table of items (CSV, Parquet) that its plan was made from.")
@click.option("--seal", help="With FILE: the audit's seal as it was noted, or its first characters.")
@click.option("--plan-seal", help="With FILE: the plan's seal as it was noted, or its first characters.")
def verify(
    file: Path | None,
    database: str | None,
    noted: str | None,
    team: str | None,
    frame: Path | None,
    seal: str | None,
    plan_seal: str | None,
) -> None:
    """Find events that were changed, removed or put in after they were sealed; then the exit code is 1.

    With FILE, an audit that Audit.save wrote: hold its decisions, its plan and its hashes against the trail.
    """
    if file is not None:
        if noted:
            raise click.UsageError("--head is in the audit file; --seal says which audit it must be")
        audit = _loaded(file)
        found_of_file = _held(audit, database, team, frame=frame, seal=seal, plan_seal=plan_seal)
        _tell(file, found_of_file)
        raise click.exceptions.Exit(0 if found_of_file.ok else 1)
    if frame or seal or plan_seal:
        raise click.UsageError("--frame, --seal and --plan-seal go with an audit file: cmtools audit verify audit.zip")
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


@audit.command(
    epilog="\b\nExamples:\n  cmtools audit report audit.zip\n  cmtools audit report audit.zip filed.html --verify"
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("output", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--verify", "is_verified", is_flag=True, help="Check it against the trail first, and show what was found."
)
@click.option("--database", help=DATABASE)
@click.option("--team", help="Whose trail; with --database, where it holds several.")
def report(file: Path, output: Path | None, is_verified: bool, database: str | None, team: str | None) -> None:
    """Write the report of an audit file as one page, to OUTPUT or beside it.

    A file that was changed after it was written is reported with a warning, and the exit code is 1; so is one in which
    --verify finds a fault.
    """
    audit = _loaded(file)
    found = _held(audit, database, team) if is_verified else None
    click.echo(audit.report(output or file.with_suffix(".html"), found))
    if audit.faults or not (found is None or found.ok):
        for words in audit.faults:
            click.echo(f"Warning: {words}", err=True)
        if found is not None:
            _tell(file, found)
        raise click.exceptions.Exit(1)


@audit.command(epilog="\b\nExamples:\n  cmtools audit head\n  cmtools audit head --database reviews.db")
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


def _loaded(file: Path) -> Audit:
    from ..analysis.audits.audit import Audit

    return Audit.load(file, changed=True)


def _held(
    audit: Audit,
    database: str | None,
    team: str | None,
    *,
    frame: Path | None = None,
    seal: str | None = None,
    plan_seal: str | None = None,
) -> Verification:
    """What the trail says of an audit file: the service's, or that of a database."""
    from ..analysis.audits.verifying import read_frame

    name = team or (audit.trail.team if audit.trail is not None else None)
    service = _client() if database is None else _Stored(database, name)
    try:
        items = None if frame is None else read_frame(frame)
        return audit.verify(service, frame=items, seal=seal, plan_seal=plan_seal, progress=sys.stderr.isatty())
    except BadRequest as error:
        if frame is None:
            raise
        raise click.BadParameter(str(error), param_hint="--frame") from error  # a mistake, and no fault of the audit


class _Stored:
    """The trail of a database, as a client tells that of a service."""

    def __init__(self, database: str, team: str | None) -> None:
        self._database, self._team = database, team

    def events(self, review_id: str | None = None) -> Iterator[AuditEvent]:
        return _kept_events(self._database, self._team, review_id)

    def trail_head(self) -> TrailHead:
        return next(each for each in _heads(self._database) if self._team in (None, each.team))

    def verify_trail(self, head: str | None = None) -> TrailCheck:
        checks, found = _of_database(self._database, self._team, head)
        (_, check), *others = checks
        if others:
            raise click.UsageError("the database has several teams: name one with --team")
        if found:
            return check
        gone = TrailFault("removed", None, f"no seal has the digest {head!r}: the chain was cut or made anew")
        return replace(check, faults=(*check.faults, gone), fault_count=check.fault_count + 1)


def _tell(file: Path, found: Verification) -> None:
    for check in found.checks:
        verdict = {"ok": "ok", "fault": f"{check.found:,} faults", "open": "not checked"}[check.status]
        looked = f" {check.checked:,} looked at." if check.checked else ""
        click.echo(f"{check.name:<9} {verdict}. {check.question}{looked}")
        for words in check.faults or ([check.said] if check.said else []):
            click.echo(f"          {words}")
        if check.found > len(check.faults):
            click.echo(f"          and {check.found - len(check.faults):,} more")
    click.echo(f"{file.name}: {'nothing found' if found.ok else 'faults'}; {found.events:,} events read")
    if found.head is not None and found.head.digest:
        click.echo(f"The trail ends with {found.head.digest}: note it.")


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
