"""Pages of one widget for people without a notebook, through Voilà: how it is set up, guarded and run.

Each visitor has a kernel of their own, which ends when they leave. A browser may send it the messages of widgets and no
code; a page's source, files, template and theme cannot be had or chosen. Where there is a token, nothing that shows
content answers without it: not the page, not a kernel's messages, not its end.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import install_hint

if TYPE_CHECKING:
    from voila.app import Voila

TEMPLATES = Path(__file__).with_name("page")
"""Where Jupyter finds the pages' template."""
TEMPLATE = "cmtools"
LEFT_SECONDS = 900
"""After so long without a connection a visitor's kernel ends: a laptop that sleeps for a while finds its page again."""
SECRETS = ("CMTOOLS_KEY", "CMTOOLS_PEPPER", "CMTOOLS_METRICS_KEY", "CMTOOLS_DATABASE", "JUPYTER_TOKEN")
"""What the visitors' kernels must not inherit."""
EXTENSIONS = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"]
"""What a page loads of JupyterLab's extensions, whatever else is installed."""
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
"""A page's Content-Security-Policy: only a video's player may reach another server."""


@dataclass(frozen=True)
class Page:
    """What a visitor's kernel runs, and the words around it."""

    source: str
    title: str
    name: str
    """What the page calls itself, as in "Opening the portal"."""


@dataclass(frozen=True)
class Place:
    """Where a page is served and for how many; with a token, only for who has it."""

    host: str
    port: int
    base_url: str
    most_visitors: int
    token: str = ""

    @property
    def path(self) -> str:
        """The path of the page, with a slash at both ends."""
        return f"/{self.base_url.strip('/')}/".replace("//", "/")

    @property
    def address(self) -> str:
        """What a visitor opens.

        Examples
        --------
        >>> Place("::1", 8867, "agreement", 50, "s3cret").address
        'http://[::1]:8867/agreement/?token=s3cret'
        """
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{self.path}" + (f"?token={self.token}" if self.token else "")


def serving_options(port: int, visitors: int, megabytes: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options of a command that serves a page."""
    options = (
        click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on."),
        click.option("--port", type=click.IntRange(1, 65535), default=port, show_default=True, help="The port."),
        click.option("--base-url", default="/", show_default=True, help="The path at which a proxy serves it."),
        click.option(
            "--most-visitors",
            type=click.IntRange(1),
            default=visitors,
            show_default=True,
            help=f"At once; each takes some {megabytes} MB.",
        ),
    )

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def check_voila() -> None:
    """Raise an error that says what to install where Voilà is not."""
    if find_spec("voila") is None:
        raise click.ClickException(install_hint("Voilà", "portal"))


def serve_page(page: Page, place: Place, told: Callable[[], None], *, keep_key: bool = False) -> None:
    """Serve a page until Ctrl-C; ``told`` is called once it listens.

    With ``keep_key`` visitors' kernels inherit the operator's key, for which a page is to have a token.
    """
    with home(page) as notebook:
        prepare(os.environ, keep_key=keep_key)
        run(make_app(notebook, place), told)


@contextmanager
def home(page: Page) -> Iterator[Path]:
    """A folder of its own with the notebook that each visitor's kernel runs; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="cmtools-page-") as folder:
        notebook = Path(folder) / "page.ipynb"
        notebook.write_text(json.dumps(notebook_of(page)), encoding="utf-8")
        yield notebook


def notebook_of(page: Page) -> dict[str, Any]:
    """The notebook: one cell that shows the page's widget.

    Examples
    --------
    >>> notebook_of(Page("1 + 1", "A sum", "sum"))["cells"][0]["source"]
    '1 + 1'
    """
    cell: dict[str, Any] = {"id": "page", "cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel, "title": page.title, "called": page.name},
        "cells": [{**cell, "source": page.source}],
    }


def prepare(environment: Any, *, keep_key: bool = False) -> None:
    """Take from the environment, which visitors' kernels inherit, what they must not have; say where the page is."""
    for name in SECRETS:
        if not (keep_key and name == "CMTOOLS_KEY"):
            environment.pop(name, None)
    environment["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(TEMPLATES), environment.get("JUPYTER_PATH", "")]))


def options(place: Place) -> dict[str, dict[str, Any]]:
    """How Voilà is set up: nothing can be chosen by a page's address, and kernels end when nobody is there."""

    def enter(request: Any, **_more: Any) -> None:
        from tornado.web import HTTPError

        _ = request.xsrf_token  # to read it sets its cookie, with which a page that is left may end its kernel
        if len(request.kernel_manager.list_kernel_ids()) >= place.most_visitors:
            raise HTTPError(503, "as many visitors as there may be are here")

    headers = {"Content-Security-Policy": GUARD, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
    return {
        "Voila": {
            "ip": place.host,
            "port": place.port,
            "port_retries": 0,
            "base_url": place.path,
            "open_browser": False,
            "log_level": "WARN",
            "token": place.token,
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
            "prelaunch_hook": enter,
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


def make_app(notebook: Path, place: Place) -> Voila:
    """Voilà, ready to start; nobody's own configuration of it is read."""
    from tornado.web import HTTPError
    from traitlets.config import Config
    from voila.app import Voila
    from voila.handler import BaseVoilaHandler
    from voila.voila_identity_provider import VoilaIdentityProvider

    class TokenAlone(VoilaIdentityProvider):  # type: ignore[misc]  # it comes without types
        """Whoever has the token; there is no form to try others on."""

        def get_handlers(self) -> list[Any]:
            """None."""
            return []

    class Turned(BaseVoilaHandler):  # type: ignore[misc]
        """Where one comes who has no token: the page that says so."""

        def prepare(self) -> None:
            """Nothing is looked at."""
            self.current_user = None
            raise HTTPError(401, "the address is to end with the token")

    class PageApp(Voila):  # type: ignore[misc]
        """Voilà without the files that set it up for other pages."""

        def load_config_file(self, *_arguments: Any, **_named: Any) -> None:
            """Nothing: what it should be is said here."""

        def init_handlers(self) -> list[Any]:
            """Those of Voilà, behind a page for who has no token."""
            turned = (f"{place.path}login", Turned, {"voila_configuration": self.voila_configuration})
            return [turned, *super().init_handlers()]

    app = PageApp(config=Config(options(place)), identity_provider_class=TokenAlone)
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
