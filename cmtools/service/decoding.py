"""Pictures decoded in limited processes of their own, which hostile bytes may break. It keeps no picture.

Starting a process takes longer than most pictures do, so a few stay and wait for the next one. One that takes too long,
asks for too much memory or dies costs its picture, and is replaced.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, TypeVar, cast

from ..content.image import SMALL_SIDES, PictureFacts
from ..errors import BadPicture, CmtoolsError

Said = TypeVar("Said")
MOST_CHILDREN = max(2, min(4, os.cpu_count() or 1))
MOST_JOBS = 5_000
"""How many pictures a process decodes before a fresh one takes its place."""
START_SECONDS = 60.0
_MB = 1_000_000
_PIPE_BYTES = 1 << 20
_MOST_ANSWER_BYTES = 200 * _MB
_TOO_MUCH = "it takes too long or too much memory to decode: make it smaller, or a JPEG"
_START = "import sys; sys.path[:0] = sys.argv[1:]; from cmtools.content.child import main; main()"
_PASSED_ON = ("SYSTEMROOT", "PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What of the environment a child sees: no key, no address of a database."""


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a job may take: seconds of the processor, seconds of a clock, and bytes."""

    processor_seconds: float
    seconds: float
    memory: int


LOOK = _Limits(1.8, 15.0, 200 * _MB)
"""For bytes that nobody has looked at yet."""
SHOW = _Limits(15.0, 60.0, 1_000 * _MB)
"""For a picture that was taken in: it decodes within the other limits, and is turned and made small beside that."""


class Decoder:
    """A few processes that decode pictures; threads may share it. They start when they are first needed."""

    def __init__(self, most_children: int = MOST_CHILDREN) -> None:
        self._pid = os.getpid()
        self._all: set[_Child] = set()
        self._lock = threading.Lock()
        self._places: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(most_children):
            self._places.put(None)

    @property
    def inherited(self) -> bool:
        """Whether this process was forked off from the one that made it, and cannot use its children."""
        return self._pid != os.getpid()

    def ask(self, work: str, data: bytes, limits: _Limits, size: int = 0) -> tuple[dict[str, Any], bytes]:
        """What a child makes of a picture.

        Raises
        ------
        BadPicture
            With the child's reason, or because it went over the limits.
        """
        child = self._places.get()
        try:
            child = child or self._start()
            said, made = child.ask(work, data, limits, size)
        except BaseException:
            self._end(child)
            child = None
            raise
        else:
            if child.jobs >= MOST_JOBS:
                self._end(child)
                child = None
        finally:
            self._places.put(child)
        if "refused" in said:
            raise BadPicture(str(said["refused"]))
        return said, made

    def close(self) -> None:
        """End all children; a later picture starts new ones."""
        with self._lock:
            children, self._all = self._all, set()
        for child in children:
            child.end()

    def _start(self) -> _Child:
        child = _Child()
        with self._lock:
            self._all.add(child)
        return child

    def _end(self, child: _Child | None) -> None:
        if child is not None:
            with self._lock:
                self._all.discard(child)
            child.end()


class _Child:
    """One process and its two pipes. One thread at a time may ask it."""

    def __init__(self) -> None:
        paths = [os.path.abspath(path) for path in sys.path]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
            [sys.executable, "-I", "-c", _START, *paths],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        )
        self._jobs, self._answers = cast("tuple[IO[bytes], IO[bytes]]", (self._process.stdin, self._process.stdout))
        self.jobs = 0
        self._widen()
        try:
            self._within(START_SECONDS, lambda: self._read_line()["ready"])
        except BadPicture:
            self.end()
            raise CmtoolsError("no process can be started to decode pictures: see that its Python can be run") from None

    def ask(self, work: str, data: bytes, limits: _Limits, size: int) -> tuple[dict[str, Any], bytes]:
        self.jobs += 1
        asked = {
            "work": work,
            "size": size,
            "bytes": len(data),
            "seconds": limits.processor_seconds,
            "memory": limits.memory,
        }

        def talk() -> tuple[dict[str, Any], bytes]:
            self._jobs.write(json.dumps(asked).encode() + b"\n")
            self._jobs.write(data)
            self._jobs.flush()
            said = self._read_line()
            length = int(said["bytes"])
            if not 0 <= length <= _MOST_ANSWER_BYTES:
                raise ValueError("an answer of an impossible length")
            made = self._answers.read(length)
            if len(made) != length:
                raise EOFError
            return said, made

        return self._within(limits.seconds, talk)

    def end(self) -> None:
        """End the process, whatever it does, and wait for it."""
        self._process.kill()
        for pipe in (self._jobs, self._answers):
            with contextlib.suppress(OSError):  # bytes that it never read
                pipe.close()
        self._process.wait()

    def _widen(self) -> None:
        """Let a whole picture into a pipe at once, where the system can: it else crosses in many small turns."""
        if sys.platform == "linux":
            import fcntl

            for pipe in (self._jobs, self._answers):
                with contextlib.suppress(OSError):
                    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def _within(self, seconds: float, talk: Callable[[], Said]) -> Said:
        """What was said in time, else `BadPicture`: the process is gone then."""
        timer = threading.Timer(seconds, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            return talk()
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            raise BadPicture(_TOO_MUCH) from None
        finally:
            timer.cancel()

    def _read_line(self) -> dict[str, Any]:
        said = json.loads(self._answers.readline(100_000))
        if not isinstance(said, dict):
            raise TypeError
        return said


_shared: Decoder | None = None
_making = threading.Lock()


def shared() -> Decoder:
    """The decoder of this process, whatever services run in it."""
    global _shared
    with _making:
        if _shared is None or _shared.inherited:
            _shared = Decoder()
            atexit.register(_shared.close)
        return _shared


def inspect_picture(data: bytes) -> PictureFacts:
    """As `cmtools.content.image.inspect_picture`, in a limited process.

    Raises
    ------
    BadPicture
        As there, or because it takes too long or too much memory.
    """
    said, _ = shared().ask("inspect", data, LOOK)
    return _facts_of(said, data)


def take_in(data: bytes) -> tuple[PictureFacts, dict[int, bytes]]:
    """As `cmtools.content.image.take_in`, in a limited process; `BadPicture` as for `inspect_picture`."""
    said, made = shared().ask("take_in", data, LOOK)
    facts, small = _facts_of(said, data), dict[int, bytes]()
    lengths = said.get("lengths")
    for side in SMALL_SIDES:
        length = lengths.get(str(side)) if isinstance(lengths, dict) else None
        if isinstance(length, int) and 0 < length <= len(made):
            small[side], made = made[:length], made[length:]
    return facts, small


def _facts_of(said: dict[str, Any], data: bytes) -> PictureFacts:
    """The facts as a child said them, which may be anything."""
    try:
        facts = PictureFacts(**said["facts"])
        return PictureFacts(
            str(facts.media_type),
            int(facts.width),
            int(facts.height),
            len(data),
            str(facts.difference_hash),
        )
    except (KeyError, TypeError, ValueError):
        raise BadPicture(_TOO_MUCH) from None


def thumbnail(data: bytes, size: int) -> bytes:
    """As `cmtools.content.image.thumbnail`, in a limited process."""
    return shared().ask("thumbnail", data, SHOW, size)[1]


def display(data: bytes) -> tuple[bytes, str]:
    """As `cmtools.content.image.display`, in a limited process."""
    said, made = shared().ask("display", data, SHOW)
    return made, "image/png" if said.get("media_type") == "image/png" else "image/jpeg"
