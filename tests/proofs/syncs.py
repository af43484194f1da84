"""A sync of the log before every acknowledgement: the service is watched by strace while it answers writes in a row.

``python -m tests.proofs syncs 1000`` is the whole proof. Counting is not enough: for each write there must be a sync of
the write-ahead log that began after the request was sent and had ended when its answer came.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

from cmtools.client.client import Client
from cmtools.model import Draft
from tests.tools.ports import free_port

from .deliveries import _wait_until_answering

# strace fills the number of the process up to five places, and what was called up to forty
SYNC = re.compile(r"^\d+ +(\d+\.\d+) f(?:data)?sync\(\d+<(.*)>\) += 0 <(\d+\.\d+)>$")
RESUMED = re.compile(r"^(\d+) +(\d+\.\d+) <\.\.\. f(?:data)?sync resumed>\) += 0 <(\d+\.\d+)>$")
BEGUN = re.compile(r"^(\d+) +(\d+\.\d+) f(?:data)?sync\(\d+<(.*)> <unfinished \.\.\.>$")
PATIENCE_SECONDS = 60
CLOCKS_DIFFER_SECONDS = 0.000_002
"""strace tells microseconds."""


@dataclass(frozen=True)
class Outcome:
    """How many writes were acknowledged, how often the log was synced, which writes had no sync of their own."""

    writes: int
    syncs: int
    unsynced: int

    @property
    def good(self) -> bool:
        """Whether each acknowledgement had its sync."""
        return self.syncs >= self.writes and self.unsynced == 0

    def __str__(self) -> str:
        return (
            f"{self.writes:,} writes in a row: {self.syncs:,} syncs of the log; "
            f"{self.unsynced:,} answers came without a sync since their request"
        )


def there() -> str:
    """Why this cannot be shown here; empty when it can."""
    if shutil.which("strace") is None:
        return "strace is not installed (Debian: apt install strace)"
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace may not watch processes here: {tried.stderr.strip()[:200]}"


def prove(writes: int) -> Outcome:
    """So many creates, one after the other, and what was synced meanwhile."""
    with tempfile.TemporaryDirectory(prefix="cmtools-proof-") as name:
        folder = Path(name).resolve()
        spans = _watched(folder, writes)
        found = syncs(folder / "trace", str(folder / "reviews.db-wal"))
    inside = [(begun, ended) for begun, ended in found if spans[0][0] <= begun and ended <= spans[-1][1]]
    return Outcome(writes, len(inside), sum(not covered(span, inside) for span in spans))


def covered(span: tuple[float, float], found: list[tuple[float, float]]) -> bool:
    """Whether one of the syncs, in order of time, lies within a span."""
    place = bisect_left(found, (span[0] - CLOCKS_DIFFER_SECONDS,))
    return place < len(found) and found[place][1] <= span[1] + CLOCKS_DIFFER_SECONDS


def syncs(trace: Path, path: str) -> list[tuple[float, float]]:
    """When each successful sync of a file began and ended, as strace wrote it."""
    found: list[tuple[float, float]] = []
    waiting: dict[str, str] = {}
    for line in trace.read_text().splitlines():
        if (whole := SYNC.match(line)) and whole[2] == path:
            found.append((float(whole[1]), float(whole[1]) + float(whole[3])))
        elif begun := BEGUN.match(line):
            waiting[begun[1]] = begun[3]
        elif (ended := RESUMED.match(line)) and waiting.pop(ended[1], "") == path:
            found.append((float(ended[2]) - float(ended[3]), float(ended[2])))
    return sorted(found)


def _watched(folder: Path, writes: int) -> list[tuple[float, float]]:
    """From when to when each write took, as the client saw it."""
    key, port = secrets.token_urlsafe(24), free_port()
    watch = ["strace", "-f", "-qq", "-ttt", "-T", "-y", "-e", "trace=fsync,fdatasync", "-o", str(folder / "trace")]
    serve = [sys.executable, "-m", "cmtools", "serve", "--database", str(folder / "reviews.db"), "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    service = subprocess.Popen([*watch, *serve], env={"CMTOOLS_KEY": key}, start_new_session=True, **quiet)
    try:
        _wait_until_answering(f"http://127.0.0.1:{port}")
        client = Client(f"http://127.0.0.1:{port}", key=key, team="demo", reviewer="ana")
        spans = []
        for number in range(writes):
            sent = time.time()
            client.create_review(Draft(f"text {number}", str(number), "Text"))
            spans.append((sent, time.time()))
        return spans
    finally:
        os.killpg(service.pid, signal.SIGTERM)  # strace ends when what it watches has ended
        service.wait(PATIENCE_SECONDS)


def main(writes: str = "1000") -> int:
    """Show it; 0 when every acknowledgement had its sync."""
    if why_not := there():
        print(f"syncs: {why_not}")
        return 1
    outcome = prove(int(writes))
    print(f"syncs on sqlite: {outcome}")
    return int(not outcome.good)
