"""An end in time for a whole request, and the addresses that it may connect to. It sends nothing itself.

A socket's own timeout begins again with every byte, so that a server which drips its answer holds a thread for days. A
name that is checked first and looked up again to connect may stand for another address by then.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from types import TracebackType

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection

Find = Callable[[str, int], Sequence[str]]
"""Gives the addresses to connect to for a host and port, or raises."""


class Hurry:
    """Within its ``with``, every connection that this thread opens is shut when the time is over.

    Parameters
    ----------
    seconds : float
        The time.
    find : callable, optional
        Asked for the addresses of each connection, which goes to the first of them that answers and to no other; left
        out, the system looks up names as always.

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

    def __init__(self, seconds: float, find: Find | None = None) -> None:
        self.over = False
        self.find = find
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
        return _watched(self, super()._new_conn)


class _Secure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _watched(self, super()._new_conn)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _PlainPool, "https": _SecurePool}
"""Connection pools by scheme whose connections a `Hurry` can shut."""


def _watched(connection: HTTPConnection, as_always: Callable[[], socket.socket]) -> socket.socket:
    """The socket of a connection, opened where its `Hurry` says."""
    hurry = _here.hurry
    if hurry is None:
        raise RuntimeError("a connection is opened within a Hurry, or not at all")
    opened = as_always() if hurry.find is None else _reached(connection, hurry.find(connection.host, connection.port))
    hurry.watch(opened)
    return opened


def _reached(connection: HTTPConnection, addresses: Sequence[str]) -> socket.socket:
    """A socket to the first address that answers; of a name only its addresses are told, so nothing is looked up."""
    problem: Exception = NewConnectionError(connection, "there is no address to connect to")
    for address in addresses:
        try:
            return create_connection(
                (address, connection.port), connection.timeout, socket_options=connection.socket_options
            )
        except TimeoutError:
            problem = ConnectTimeoutError(connection, f"nobody answered at {address} in time")
        except OSError as error:
            problem = NewConnectionError(connection, f"nobody can be reached at {address}: {error}")
    raise problem
