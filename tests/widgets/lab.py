"""A JupyterLab of the tests' own, and what a test does with a notebook in it. It touches nobody's settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.tools.ports import free_port

PATIENCE = 90_000
"""Milliseconds that a slow machine may take for one step of JupyterLab."""

QUIET = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
    "completer-extension/tracker": {"continuousHinting": False},
}
"""Settings without which announcements would lie over what a test clicks."""


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its address and the folder of its notebooks."""

    url: str
    folder: Path

    def write(self, name: str, *sources: str) -> None:
        """Put a notebook of code cells into the folder."""
        cells = [
            {
                "id": f"cell-{number}",
                "cell_type": "code",
                "metadata": {},
                "outputs": [],
                "execution_count": None,
                "source": source,
            }
            for number, source in enumerate(sources)
        ]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}
        (self.folder / name).write_text(json.dumps(notebook), encoding="utf-8")


@contextmanager
def running_lab(home: Path) -> Iterator[Lab]:
    """Start JupyterLab with everything it keeps below ``home``."""
    folder = home / "notebooks"
    folder.mkdir()
    for name, settings in QUIET.items():
        path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings), encoding="utf-8")
    port = free_port()
    with (home / "lab.log").open("w") as log:
        process = subprocess.Popen(_command(port, folder), env=_environment(home), stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_it_answers(url, process, home / "lab.log")
            yield Lab(url, folder)
        finally:
            process.terminate()
            process.wait(30)


def _command(port: int, folder: Path) -> Sequence[str]:
    options = {
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder,
        "ServerApp.disable_check_xsrf": True,
        "IdentityProvider.token": "",
        "LabApp.expose_app_in_browser": True,
        "LanguageServerManager.autodetect": False,
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *flags]


def _environment(home: Path) -> dict[str, str]:
    """Ours without what points Jupyter at somebody's own settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "IPYTHON", "CMTOOLS_"))}
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    return kept | {key: str(home / name) for key, name in places.items()}


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{url}/api/status", timeout=5).close()
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                break
            time.sleep(0.1)  # a process that starts can only be asked again
        else:
            return
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


class NotebookPage:
    """A notebook that is open in JupyterLab."""

    def __init__(self, page: Page, lab: Lab, name: str) -> None:
        self.page, self.lab, self.name = page, lab, name

    def open(self) -> NotebookPage:
        """Open it, alone on the screen, and wait for its kernel."""
        self.page.goto(f"{self.lab.url}/lab/tree/{self.name}?reset")
        self.wait_for_kernel()
        return self

    def wait_for_kernel(self) -> None:
        """Wait until the kernel answers and has nothing to do."""
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
            timeout=PATIENCE,
        )

    def command(self, name: str) -> None:
        """Give JupyterLab a command, as its menus do."""
        self.page.evaluate("(name) => void window.jupyterapp.commands.execute(name)", name)

    def run_all(self) -> Locator:
        """Run every cell; the board that comes of it."""
        self.command("notebook:run-all-cells")
        return self.board()

    def board(self) -> Locator:
        """The board, once it says something."""
        board = self.page.locator(".cm-board")
        board.wait_for(timeout=PATIENCE)
        expect(board.locator(".cm-progress-text")).not_to_contain_text("Waiting", timeout=PATIENCE)
        return board

    def restart_kernel(self) -> None:
        """Restart the kernel as a person does: the command, then yes."""
        self.command("notebook:restart-kernel")
        self.page.locator(".jp-Dialog .jp-mod-accept").click(timeout=PATIENCE)
        self.page.locator(".jp-Dialog").wait_for(state="detached")
        self.page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'",
            timeout=PATIENCE,
        )

    def save(self) -> Any:
        """Save it, and read what was written."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")
        return json.loads((self.lab.folder / self.name).read_text(encoding="utf-8"))

    def cell_count(self) -> int:
        """How many cells it has now."""
        found = self.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length")
        return int(found)
