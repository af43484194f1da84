"""Starts service processes in a fifth of the time: each is a fork of one process that has imported everything.

Run as ``python -m tests.proofs.nursery``. A line (JSON) of the settings and of a mutant's name starts a process, and
answers its number; a line of a number waits for that process's end. A service that is killed is as dead as any: it
shares nothing.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from types import TracebackType

from cmtools.service import server
from cmtools.service.settings import Settings

from . import mutants


class Nursery:
    """The process that forks services, as the proof holds it. It ends with the proof."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.proofs.nursery"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CMTOOLS_")}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def start(self, settings: dict[str, object], mutant: str = "") -> int:
        """A service with these settings and perhaps a planted fault; its process's number."""
        return self._ask([settings, mutant])

    def kill(self, number: int) -> None:
        """End it where it stands (SIGKILL); returns when it is gone."""
        os.kill(number, signal.SIGKILL)
        ended_by = self._ask(number)
        if ended_by != -signal.SIGKILL:
            raise RuntimeError(f"the service had ended by itself before it was killed ({ended_by})")

    def _ask(self, line: object) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def __enter__(self) -> Nursery:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()


def main() -> None:
    """Fork and wait as the lines say."""
    while line := sys.stdin.readline():
        asked = json.loads(line)
        if isinstance(asked, int):
            told = os.waitstatus_to_exitcode(os.waitpid(asked, 0)[1])
        else:
            told = os.fork()
            if told == 0:
                serve(*asked)
        print(told, flush=True)


def serve(asked: dict[str, object], mutant: str) -> None:
    """Be a service until killed."""
    mutants.plant(mutant)
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(silence, descriptor)
    try:
        server.run(Settings.model_validate(asked), ready=lambda url, made: None)
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
