"""An end in time for a whole request, whatever the other side does to draw it out. It sends nothing itself.

A socket's own timeout begins again with every byte, so that a server which drips its answer holds a thread for days.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Hurry:
    """Within its ``with``, every connection that this thread opens is shut when the time is over.

    Attributes
    ----------
    over : bool
        Whether the time was over before the end was reached; whatever was read is cut off then.

    Examples
    --------
    >>> with Hurry(10) as hurry:
    ...     pass
    >>> hurry.over
    False
    """

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._opened: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True

    def __enter__(self) -> Hurry:
        _here.hurry = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _here.hurry = None
        self._timer.cancel()
        for each in self._opened:
            each.close()

    def watch(self, opened: socket.socket) -> None:
        """Shut this one too when the time is over; it is held by a duplicate, for TLS takes the socket itself away."""
        self._opened.append(opened.dup())
        if self.over:
            self._shut()

    def _shut(self) -> None:
        self.over = True
        for each in self._opened:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


class _Here(threading.local):
    hurry: Hurry | None = None


_here = _Here()


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _watched(super()._new_conn())


class _Secure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _watched(super()._new_conn())


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _PlainPool, "https": _SecurePool}
"""Connection pools by scheme whose connections a `Hurry` can shut."""


def _watched(opened: socket.socket) -> socket.socket:
    if _here.hurry is not None:
        _here.hurry.watch(opened)
    return opened
