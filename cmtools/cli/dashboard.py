"""`cmtools dashboard`: the agreement dashboard as a web page. It gathers what the operator said; the page is a widget.

Nobody signs in on it, so the page has a token, which the address that is printed carries. Decisions are read anew for
each visitor, in a kernel of their own; where they or the pictures are the service's, that kernel inherits the
operator's key in its environment, never in the page, an address or a command line. A browser cannot ask for it: it may
send widgets' messages and no code, and the dashboard answers with figures and thumbnails.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from typing import Any

import click

from .decisions import Asked, measuring, service
from .pages import Page, Place, check_voila, serve_page, serving_options

TOKEN_VARIABLE = "JUPYTER_TOKEN"  # noqa: S105 - its name
EXAMPLES = """
\b
Examples:
  cmtools dashboard
  cmtools dashboard --by subteam,type --answers final
  cmtools dashboard decisions.csv --port 9000

\b
Operating it:
  It prints an address with a token; whoever has that sees the decisions, so pass it on with care. Each start makes
  another, unless JUPYTER_TOKEN says one. A page shows what was decided when it was opened: reload it for what is new.
  With an auditor's key in CMTOOLS_KEY it can change nothing. It listens on this machine only unless --host says
  otherwise; then put a proxy with TLS before it, which passes WebSockets on.
  Exit code 0: ended by Ctrl-C.  1: the decisions cannot be read, or the port is taken.  2: a wrong option.
"""


@click.command(epilog=EXAMPLES)
@measuring
@click.option(
    "--pictures/--no-pictures",
    default=None,
    help="Show disagreements as pictures, from the service.  [default: without TABLE]",
)
@serving_options(port=8867, visitors=20, megabytes=250)
def dashboard(pictures: bool | None, host: str, port: int, base_url: str, most_visitors: int, **given: Any) -> None:
    """Serve the agreement dashboard as a web page.

    TABLE is a file of decisions (.csv, .jsonl, .parquet), as `cmtools results` writes it. Without it they are those of
    the service, team and key of CMTOOLS_URL, CMTOOLS_TEAM and CMTOOLS_KEY; the key is an administrator's, a lead's or
    an auditor's.
    """
    asked = Asked.of(given)
    check_voila()
    asked = asked if asked.table is None else replace(asked, table=asked.table.resolve())
    shown = asked.table is None if pictures is None else pictures
    from ..analysis.agreement import Agreement

    measured = Agreement(asked.decisions(), **asked.choices)  # what is wrong is said here, not to the first visitor
    if shown:
        service().whoami()
    place = Place(host, port, base_url, most_visitors, os.environ.get(TOKEN_VARIABLE) or secrets.token_urlsafe(24))

    def told() -> None:
        click.echo(f"Dashboard:  {place.address}")
        click.echo(f"Decisions:  {measured.facts.rows:,} of {asked.table or os.environ['CMTOOLS_URL']}")
        click.echo("Ctrl-C stops it.")

    serve_page(page_of(asked, pictures=shown), place, told, keep_key=asked.table is None or shown)


def page_of(asked: Asked, *, pictures: bool) -> Page:
    """The page: the dashboard of these decisions.

    Examples
    --------
    >>> from pathlib import Path
    >>> print(page_of(Asked(Path("/data/decisions.csv"), by=("subteam",)), pictures=False).source)
    import cmtools as cm
    cm.AgreementDashboard('/data/decisions.csv', by=('subteam',), tags=None, interval='auto', level=0.95)
    """
    lines = ["import cmtools as cm"]
    shown = [f"{name}={value!r}" for name, value in asked.choices.items()]
    if asked.table is None or pictures:
        lines.append("client = cm.Client.from_env()")
    if pictures:
        shown = ["client.thumbnails", *shown]
    fetched = ", ".join(f"{name}={value!r}" for name, value in asked.fetching.items())
    table = f"client.decisions({fetched})" if asked.table is None else repr(str(asked.table))
    lines.append(f"cm.AgreementDashboard({', '.join((table, *shown))})")
    return Page("\n".join(lines), "Agreement", "dashboard")
