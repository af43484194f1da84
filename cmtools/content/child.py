"""The process in which hostile pictures are decoded: it reads jobs from its input, and answers each. It opens nothing.

A job is a line of JSON (``work``, ``size``, ``bytes``, ``seconds``, ``memory``) and then the picture's bytes; the
answer is a line of JSON and then bytes. Whoever starts it ends it: it ends by itself when its input does.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict
from types import ModuleType
from typing import BinaryIO

from PIL.Image import DecompressionBombWarning

from ..errors import BadPicture
from . import image

try:
    import resource as _resource
except ImportError:  # not on Windows, where only the starter's clock bounds a job
    limits: ModuleType | None = None
else:
    limits = _resource

Answer = tuple[dict[str, object], bytes]
MOST_OPEN_FILES = 16


def _inspect(data: bytes, _size: int) -> Answer:
    return {"facts": asdict(image.inspect_picture(data))}, b""


def _take_in(data: bytes, _size: int) -> Answer:
    facts, made = image.take_in(data)
    lengths = {str(side): len(small) for side, small in made.items()}
    return {"facts": asdict(facts), "lengths": lengths}, b"".join(made.values())


def _thumbnail(data: bytes, size: int) -> Answer:
    return {"media_type": "image/jpeg"}, image.thumbnail(data, size)


def _display(data: bytes, _size: int) -> Answer:
    made, media_type = image.display(data)
    return {"media_type": media_type}, made


WORKS: dict[str, Callable[[bytes, int], Answer]] = {
    "inspect": _inspect,
    "take_in": _take_in,
    "thumbnail": _thumbnail,
    "display": _display,
}


def main(jobs: BinaryIO | None = None, answers: BinaryIO | None = None) -> None:
    """Do jobs until there are no more."""
    jobs, answers = jobs or sys.stdin.buffer, answers or sys.stdout.buffer
    warnings.simplefilter("error", DecompressionBombWarning)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which then ends this process
    _bound_for_good()
    used = _address_space()
    _tell(answers, {"ready": True})
    while line := jobs.readline():
        job = json.loads(line)
        _bound(job["seconds"], used + job["memory"])
        answer, made = _done(job, jobs)
        _bound(0, None)
        _tell(answers, {**answer, "bytes": len(made)}, made)


def _done(job: dict[str, int], jobs: BinaryIO) -> Answer:
    try:
        data = jobs.read(job["bytes"])
        return WORKS[str(job["work"])](data, job["size"])
    except BadPicture as error:
        return {"refused": error.message}, b""


def _tell(answers: BinaryIO, said: dict[str, object], made: bytes = b"") -> None:
    answers.write(json.dumps(said).encode() + b"\n")
    answers.write(made)
    answers.flush()


def _bound_for_good() -> None:
    """Nothing to write to a disk, no new process, a handful of files, no core that would hold a picture."""
    if limits is None:
        return
    for name, most in (("FSIZE", 0), ("NPROC", 0), ("CORE", 0), ("NOFILE", MOST_OPEN_FILES)):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            limits.setrlimit(getattr(limits, f"RLIMIT_{name}"), (most, most))


def _bound(seconds: float, memory: int | None) -> None:
    """Let the next job have so much of the processor's time, at the end of which this process ends, and such memory."""
    if limits is None:
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    hard = limits.getrlimit(limits.RLIMIT_AS)[1]
    wanted = hard if memory is None else memory
    with contextlib.suppress(ValueError, OSError):  # a smaller limit that stands already is as good
        limits.setrlimit(limits.RLIMIT_AS, (wanted, hard))


def _address_space() -> int:
    """The bytes of address space that this process has now, to which a job's memory comes."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 400_000_000  # where it is not told, less exactly
