"""`cmtools portal`: the portal as a web page, through Voilà. It gathers what the operator said; the page is a widget.

Each visitor has a kernel of their own, which ends when they leave. A browser may send it the messages of widgets and no
code. Voilà asks for no token: a page shows nothing before somebody signs in with a key of the team, and that key lives
in the visitor's own kernel only.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..client.urls import clean_url
from ..errors import install_hint

if TYPE_CHECKING:
    from voila.app import Voila

PAGE = Path(__file__).with_name("portal_page")
"""Where Jupyter finds the page's template."""
TEMPLATE = "cmtools"
LEFT_SECONDS = 900
"""After so long without a connection a visitor's kernel ends: a laptop that sleeps for a while finds its page again."""
IDLE_SECONDS = 12 * 3600
LOOPBACK = ("127.0.0.1", "::1", "localhost")
FORGOTTEN = ("CMTOOLS_KEY", "CMTOOLS_PEPPER", "CMTOOLS_METRICS_KEY", "CMTOOLS_DATABASE")
"""What the visitors' kernels must not inherit."""
EXTENSIONS = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"]
"""What the page loads of JupyterLab's extensions, whatever else is installed."""
GUARD = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' blob: https: http:",
        "connect-src 'self' blob: data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
)
"""The page's Content-Security-Policy: only a video's player may reach another server."""
EXAMPLES = """
\b
Examples:
  cmtools portal --service http://127.0.0.1:8765 --team demo
  cmtools portal --service https://reviews.example.org --host 0.0.0.0 --port 8866 --base-url /portal/

\b
Operating it:
  It listens on this machine only unless --host says otherwise; then put a proxy with TLS before it, which passes
  WebSockets on. Visitors sign in with the team's name and their own key. No key is given to this command.
"""


@click.command(epilog=EXAMPLES)
@click.option("--service", envvar="CMTOOLS_URL", required=True, help="The review service's address.  [CMTOOLS_URL]")
@click.option("--team", envvar="CMTOOLS_TEAM", default="", help="The team that the page begins with.  [CMTOOLS_TEAM]")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8866, show_default=True, help="The port.")
@click.option("--base-url", default="/", show_default=True, help="The path at which a proxy serves it.")
@click.option(
    "--most-visitors", type=click.IntRange(1), default=50, show_default=True, help="At once; each takes some 150 MB."
)
def portal(service: str, team: str, host: str, port: int, base_url: str, most_visitors: int) -> None:
    """Serve the portal: reviews for people who never see a notebook.

    Visitors sign in with their team and key, then create reviews, review, look at figures and, as administrators, set
    up. Each has a session of their own, which ends when they leave.
    """
    if find_spec("voila") is None:
        raise click.ClickException(install_hint("Voilà", "portal"))
    address = clean_url(service)
    path = f"/{base_url.strip('/')}/".replace("//", "/")
    with _home(address, team) as notebook:
        _prepare(os.environ)
        app = make_app(notebook, host, port, path, most_visitors)

        def ready() -> None:
            click.echo(f"Portal:          http://{_shown(host)}:{port}{path}")
            click.echo(f"Review service:  {address}")
            click.echo("Ctrl-C stops it.")

        run(app, ready)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@contextmanager
def _home(service: str, team: str) -> Iterator[Path]:
    """A folder of its own with the notebook that each visitor's kernel runs; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="cmtools-portal-") as folder:
        notebook = Path(folder) / "portal.ipynb"
        notebook.write_text(json.dumps(notebook_of(service, team)), encoding="utf-8")
        yield notebook


def notebook_of(service: str, team: str) -> dict[str, Any]:
    """The notebook: one cell that shows the portal of this service.

    Examples
    --------
    >>> print(notebook_of("http://127.0.0.1:8765", "demo")["cells"][0]["source"])
    import cmtools as cm
    cm.Portal(url='http://127.0.0.1:8765', team='demo')
    """
    source = f"import cmtools as cm\ncm.Portal(url={service!r}, team={team!r})"
    cell: dict[str, Any] = {"id": "portal", "cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel, "title": "Content reviews"},
        "cells": [{**cell, "source": source}],
    }


def _prepare(environment: Any) -> None:
    """Take from the environment, which visitors' kernels inherit, what they must not have; say where the page is."""
    for name in FORGOTTEN:
        environment.pop(name, None)
    environment["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(PAGE), environment.get("JUPYTER_PATH", "")]))


def options(host: str, port: int, base_url: str, most_visitors: int) -> dict[str, dict[str, Any]]:
    """How Voilà is set up: nothing can be chosen by a page's address, and kernels end when nobody is there."""

    def full(request: Any, **_: Any) -> None:
        from tornado.web import HTTPError

        if len(request.kernel_manager.list_kernel_ids()) >= most_visitors:
            raise HTTPError(503, "as many visitors as there may be are here")

    headers = {"Content-Security-Policy": GUARD, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
    return {
        "Voila": {
            "ip": host,
            "port": port,
            "port_retries": 0,
            "base_url": base_url,
            "open_browser": False,
            "log_level": "WARN",
            "tornado_settings": {"headers": headers},
        },
        "VoilaConfiguration": {
            "template": TEMPLATE,
            "theme": "light",
            "allow_template_override": "NO",
            "allow_theme_override": "NO",
            "file_allowlist": [],
            "strip_sources": True,
            "show_tracebacks": False,
            "prelaunch_hook": full,
            "extension_allowlist": EXTENSIONS,
        },
        "MappingKernelManager": {
            "cull_idle_timeout": LEFT_SECONDS,
            "cull_interval": 60,
            "cull_connected": False,
            "cull_busy": False,
        },
        "KernelManager": {"transport": "ipc"},
    }


def make_app(notebook: Path, host: str, port: int, base_url: str, most_visitors: int) -> Voila:
    """Voilà, ready to start; nobody's own configuration of it is read."""
    from traitlets.config import Config
    from voila.app import Voila

    class PortalApp(Voila):  # type: ignore[misc]  # it comes without types
        """Voilà without the files that set it up for other pages."""

        def load_config_file(self, *_arguments: Any, **_named: Any) -> None:
            """Nothing: what it should be is said here."""

    app = PortalApp(config=Config(options(host, port, base_url, most_visitors)))
    app.initialize([str(notebook)])
    return app


def run(app: Voila, ready: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    from tornado.ioloop import IOLoop

    IOLoop.current().add_callback(ready)
    try:
        app.start()
    except SystemExit as end:
        if end.code:
            raise click.ClickException(
                f"port {app.port} of {app.ip} cannot be taken: give another with --port"
            ) from None
    finally:
        sys.stdout.flush()
