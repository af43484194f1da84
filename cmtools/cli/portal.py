"""`cmtools portal`: the portal as a web page. It gathers what the operator said; the page is a widget.

No token is asked for: a page shows nothing before somebody signs in with a key of the team, and that key lives in the
visitor's own kernel only.
"""

from __future__ import annotations

from typing import Any

import click

from ..client.urls import clean_url
from .pages import Page, Place, check_voila, serve_page, serving_options

EXAMPLES = """
\b
Examples:
  cmtools portal --service http://127.0.0.1:8765 --team demo
  cmtools portal --service https://reviews.example.org --host 0.0.0.0 --port 8866 --base-url /portal/

\b
Operating it:
  It listens on this machine only unless --host says otherwise; then put a proxy with TLS before it, which passes
  WebSockets on. Visitors sign in with the team's name and their own key. No key is given to this command.
  Exit code 0: ended by Ctrl-C.  1: an error, such as a port that is taken.  2: a wrong option.
"""


@click.command(epilog=EXAMPLES)
@click.option("--service", envvar="CMTOOLS_URL", required=True, help="The review service's address.  [CMTOOLS_URL]")
@click.option("--team", envvar="CMTOOLS_TEAM", default="", help="The team that the page begins with.  [CMTOOLS_TEAM]")
@serving_options(port=8866, visitors=50, megabytes=150)
def portal(service: str, team: str, **where: Any) -> None:
    """Serve the portal: reviews for people who never see a notebook.

    Visitors sign in with their team and key, then create reviews, review, look at figures and, as administrators, set
    up. Each has a session of their own, which ends when they leave.
    """
    check_voila()
    address = clean_url(service)
    place = Place(**where)

    def told() -> None:
        click.echo(f"Portal:          {place.address}")
        click.echo(f"Review service:  {address}")
        click.echo("Ctrl-C stops it.")

    serve_page(page_of(address, team), place, told)


def page_of(service: str, team: str) -> Page:
    """The page: the portal of this service.

    Examples
    --------
    >>> print(page_of("http://127.0.0.1:8765", "demo").source)
    import cmtools as cm
    cm.Portal(url='http://127.0.0.1:8765', team='demo')
    """
    source = f"import cmtools as cm\ncm.Portal(url={service!r}, team={team!r})"
    return Page(source, "Content reviews", "portal")
