"""Schemathesis against a running service, as a command of its own: by its settings file, counted by its report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cmtools.testing import RunningService

SETTINGS = Path(__file__).with_name("schemathesis.toml")
QUICK = """
[[operations]] # its language holds itself: thousands of cases, and a minute, for one operation
include-operation-id = "put_workflow"
phases.coverage.enabled = false
"""


@dataclass(frozen=True)
class Outcome:
    """What a campaign came to: its exit code, its report and what it said."""

    code: int
    report: dict[str, Any]
    said: str

    @property
    def generated(self) -> int:
        """How many requests were generated and judged."""
        cases = self.report["test_cases"]
        return int(cases["generated"] - cases["without_checks"])


def campaign(
    service: RunningService, examples: int, *options: str, quick: bool = False, shown: bool = False
) -> Outcome:
    """Run all phases, with so many random requests for each operation."""
    with TemporaryDirectory() as folder:
        settings, report = Path(folder) / "settings.toml", Path(folder) / "report.json"
        settings.write_text(SETTINGS.read_text() + (QUICK if quick else ""))
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run"]
        command += [f"{service.url}/openapi.json", "--max-examples", str(examples), "--report-json-path", str(report)]
        done = subprocess.run(
            [*command, "--no-color", *options],
            cwd=folder,
            env={**os.environ, "CMTOOLS_FUZZ_KEY": service.key},
            stdout=None if shown else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Outcome(done.returncode, json.loads(report.read_text()) if report.exists() else {}, done.stdout or "")
