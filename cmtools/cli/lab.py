"""`cmtools lab`: starts the review service and JupyterLab, and stops both. It knows neither reviews nor notebooks."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import click

from ..errors import install_hint
from ..service.embedded import serve
from .notebooks import copy_notebooks, other_notebooks, told_of_others

LOOPBACK = "127.0.0.1"
FIRST_PORT = 8888
PORTS_TO_TRY = 50
FIRST_NOTEBOOK = "01_quickstart.ipynb"

QUIET = Path(__file__).with_name("lab_config")
"""A folder of settings: no news are fetched, no question about them stands over the first notebook, and what reads the
settings of another notebook (and warns of its own doing) is off."""

PATIENCE_SECONDS = 10.0
"""How long JupyterLab may take to shut its kernels down before it is killed."""

WATCH_SECONDS = 1.0
"""How often it is seen to that the service still runs."""


class _Stopped(Exception):  # noqa: N818 - a request, not an error
    """Ctrl-C, or a signal that asks for the end."""


EXAMPLES = """
\b
Examples:
  cmtools lab
  cmtools lab my-project --port 8890 --no-browser

\b
What comes out:
  The addresses of the review service and of JupyterLab, once both answer. Notebooks there find the service by
  CMTOOLS_URL, CMTOOLS_TEAM and CMTOOLS_KEY, and `cmtools` in their shell cells is this one.
  Exit code 0: ended by Ctrl-C.  1: an error.  2: a wrong option.  Otherwise JupyterLab's own, when it ends by itself.
"""


@click.command(epilog=EXAMPLES)
@click.argument("folder", default="notebooks", type=click.Path(file_okay=False, path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), help=f"JupyterLab's port.  [default: {FIRST_PORT}, or the next]")
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
@click.option(
    "--database", help="Where reviews are kept: a path, or an SQLAlchemy URL.  [default: reviews.db in FOLDER]"
)
def lab(folder: Path, port: int | None, no_browser: bool, database: str | None) -> None:
    """Start the review service and JupyterLab together.

    FOLDER is where you work; it is made if it is not there, and the tutorial notebooks are copied into it, but never
    over a file of yours; where this cmtools has another version of one, a line says so. Both run on this machine only,
    and Ctrl-C stops both.
    """
    if find_spec("jupyterlab") is None:
        raise click.ClickException(install_hint("JupyterLab", "lab"))
    port = choose_port(port)
    folder.mkdir(parents=True, exist_ok=True)
    copy_notebooks(folder)
    if others := other_notebooks(folder):
        click.echo(told_of_others(others))
    try:
        with _stop_on_signals():
            code = run_both(folder, port, database or folder / "reviews.db", no_browser=no_browser)
    except _Stopped:
        click.echo("Both are stopped.")
        return
    click.echo("JupyterLab has ended by itself; the review service is stopped too.", err=True)
    sys.exit(code if code >= 0 else 128 - code)


def run_both(folder: Path, port: int, database: str | Path, *, no_browser: bool) -> int:
    """Run the service and JupyterLab until JupyterLab ends; gives its exit code. Both have ended then."""
    with ExitStack() as services:
        service = services.enter_context(serve(database))
        given = {"CMTOOLS_URL": service.url, "CMTOOLS_KEY": service.key, "CMTOOLS_TEAM": service.team}
        with _jupyter(folder, port, given, no_browser=no_browser) as child:
            if address := wait_for_address(child, opening_page(folder)):
                click.echo(f"Review service:  {service.url}")
                click.echo(f"JupyterLab:      {address}")
                click.echo("Ctrl-C stops both.")
            while True:
                with suppress(subprocess.TimeoutExpired):
                    return child.wait(WATCH_SECONDS)
                if not service.running:
                    service = services.enter_context(serve(database))
                    click.echo(f"The review service had ended by itself; it runs again at {service.url}", err=True)


def choose_port(asked: int | None) -> int:
    """The port asked for if it is free, else the first free one from 8888 on.

    Raises
    ------
    click.ClickException
        The port asked for is taken, or none is free.
    """
    if asked is not None:
        if not is_free(asked):
            raise click.ClickException(f"port {asked} is taken: give another one, or none to take the next free one")
        return asked
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TO_TRY):
        if is_free(port):
            if port != FIRST_PORT:
                click.echo(f"Port {FIRST_PORT} is taken; JupyterLab takes {port}.")
            return port
    raise click.ClickException(
        f"no port from {FIRST_PORT} to {FIRST_PORT + PORTS_TO_TRY - 1} is free: give one with --port"
    )


def is_free(port: int) -> bool:
    """Whether a server can take this port on the loopback address.

    Examples
    --------
    >>> with socket.create_server((LOOPBACK, 0)) as taken:
    ...     is_free(taken.getsockname()[1])
    False
    """
    try:
        socket.create_server((LOOPBACK, port)).close()
    except OSError:
        return False
    return True


@contextmanager
def _stop_on_signals() -> Iterator[None]:
    """Turn the first signal that asks for the end into an exception; while things are being stopped, ignore others."""
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        signals.append(signal.SIGHUP)

    def stop(_number: int, _frame: object) -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        raise _Stopped

    before = {number: signal.signal(number, stop) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _jupyter(
    folder: Path, port: int, given: Mapping[str, str], *, no_browser: bool
) -> Iterator[subprocess.Popen[bytes]]:
    """JupyterLab as a child, stopped at the end.

    It gets a session of its own, so that Ctrl-C in the terminal reaches this process only, and JupyterLab does not ask
    back. The service's key goes through the environment, because everybody on the machine can read a command line.
    """
    arguments = jupyter_arguments(folder, port, no_browser=no_browser)
    token = {"JUPYTER_TOKEN": secrets.token_hex(24)}  # one that it makes by itself it would print twice
    own = {
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, [str(QUIET), os.environ.get("JUPYTER_CONFIG_PATH")])),
        "PATH": search_path(os.environ.get("PATH", os.defpath)),
    }
    environment = {**token, **os.environ, **own, **given}
    with subprocess.Popen(  # noqa: S603 - our own arguments, no shell
        arguments, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
    ) as child:
        try:
            yield child
        finally:
            _end(child)


def search_path(path: str) -> str:
    """The search path for notebooks: `cmtools` there is the one that runs, also where its environment is not active."""
    scripts = sysconfig.get_path("scripts")
    ours, found = Path(scripts, "cmtools"), shutil.which("cmtools", path=path)
    if not ours.exists() or (found is not None and Path(found).samefile(ours)):
        return path
    return os.pathsep.join([scripts, path])


def jupyter_arguments(folder: Path, port: int, *, no_browser: bool) -> list[str]:
    """The command that starts JupyterLab; no secret is in it."""
    arguments = [
        *(sys.executable, "-m", "jupyterlab", f"--ServerApp.ip={LOOPBACK}", f"--ServerApp.port={port}"),
        *("--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder.resolve()}"),
        *("--Application.log_level=ERROR", f"--LabApp.default_url={opening_page(folder)}"),
    ]
    if no_browser:
        arguments.append("--no-browser")
    if os.geteuid() == 0:
        arguments.append("--allow-root")  # in a container one is root; nobody but this machine can connect
    return arguments


def opening_page(folder: Path) -> str:
    """What JupyterLab shows first: the quickstart where it is, else its launcher.

    Both in a workspace of the folder's own: the usual one would open files of the same names as were open in another
    folder, and JupyterLab would be left with these tabs when it is started by itself.
    """
    page = f"/lab/workspaces/cmtools-{sha256(str(folder.resolve()).encode()).hexdigest()[:8]}"
    return f"{page}/tree/{FIRST_NOTEBOOK}" if (folder / FIRST_NOTEBOOK).exists() else page


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask JupyterLab to end, and make it end."""
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def wait_for_address(child: subprocess.Popen[bytes], page: str, poll_seconds: float = 0.1) -> str | None:
    """JupyterLab's address with its token, once it answers; None if it ended before."""
    from jupyter_core.paths import jupyter_runtime_dir

    notice = Path(jupyter_runtime_dir()) / f"jpserver-{child.pid}.json"
    while child.poll() is None:
        with suppress(FileNotFoundError, json.JSONDecodeError):  # not there, or being written
            told = json.loads(notice.read_text(encoding="utf-8"))
            address = told["url"].rstrip("/") + page
            return f"{address}?token={told['token']}" if told["token"] else address
        time.sleep(poll_seconds)
    return None
