"""Local pictures given to the service, a few at a time and each once. What becomes of them is left to others."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from ..errors import BadDraft, CmtoolsError
from ..model import Picture

UPLOADS_AT_ONCE = 4
OF_THE_FILE = frozenset({400, 413, 415})
"""Statuses that say something of the picture, not of the service."""


class Bar(Protocol):
    """A progress bar, as far as it is used here."""

    def update(self, n: float = 1, /) -> object:
        """Go on by so many steps."""

    def set_postfix_str(self, s: str, /) -> object:
        """Show a few words after the bar."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A local file that the service now keeps; ``content`` is its name there."""

    digest: str
    content: str


class Uploads:
    """The files that one run has given to the service.

    Parameters
    ----------
    upload : callable
        Bytes to the picture that the service keeps.
    bar : Bar
        Told of every file.

    Examples
    --------
    >>> import tempfile
    >>> from tqdm import tqdm
    >>> with tempfile.NamedTemporaryFile() as file, tqdm(disable=True) as bar:
    ...     with Uploads(lambda data: Picture("7", "", "image/png", 1, 1, len(data)), bar) as uploads:
    ...         uploads.send([Path(file.name)])
    ...         uploads[Path(file.name)].content
    'media:7'
    """

    def __init__(self, upload: Callable[[bytes], Picture], bar: Bar) -> None:
        self._upload, self._bar = upload, bar
        self._done: dict[Path, Upload] = {}
        self._pool = ThreadPoolExecutor(UPLOADS_AT_ONCE, thread_name_prefix="cmtools-upload")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def __getitem__(self, path: Path) -> Upload:
        """What became of a file that was sent."""
        return self._done[path]

    def send(self, paths: Iterable[Path]) -> None:
        """Upload those of the files that were not sent before; an error names its file."""
        running = {self._pool.submit(self._send, path): path for path in sorted(set(paths) - set(self._done))}
        for done in as_completed(running):
            self._done[running[done]] = done.result()
            self._bar.update(1)

    def send_each(self, paths: Iterable[Path]) -> dict[Path, CmtoolsError]:
        """Upload them likewise, and give what is wrong with those that were refused; the others are there then."""
        running = {self._pool.submit(self._send, path): path for path in sorted(set(paths) - set(self._done))}
        refused: dict[Path, CmtoolsError] = {}
        for done in as_completed(running):
            error = done.exception()
            if error is None:
                self._done[running[done]] = done.result()
            elif isinstance(error, CmtoolsError) and error.status in OF_THE_FILE:
                refused[running[done]] = error
            else:
                raise error
            self._bar.update(1)
        return refused

    def _send(self, path: Path) -> Upload:
        try:
            data = path.read_bytes()
            picture = self._upload(data)
        except OSError as error:
            problem: CmtoolsError = BadDraft(f"{path}: cannot be read ({error.strerror or type(error).__name__})")
        except CmtoolsError as error:
            problem = type(error)(f"{path}: {error}") if error.status in OF_THE_FILE else error
        else:
            return Upload(hashlib.sha256(data).hexdigest(), f"media:{picture.id}")
        raise problem
