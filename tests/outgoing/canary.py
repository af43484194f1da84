"""Spellings of inner addresses, and a canary on this machine that counts who connects.

Nothing ever accepts: the system's own queue counts.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

OUTSIDE = "93.184.216.34"
"""An address of the open internet that no test really calls."""

SPELLINGS = (
    # Loopback as people write it, and as resolvers read it.
    "http://127.0.0.1:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://127.255.255.254:{port}/",
    "http://2130706433:{port}/",
    "http://2130706433.:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7F.0x0.0x0.0x1:{port}/",
    "http://0x7f.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://0177.1:{port}/",
    "http://017700000001:{port}/",
    "http://127.0.0.0x1:{port}/",
    "http://127.000.000.001:{port}/",
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST.:{port}/",
    "http://localhost.localdomain:{port}/",
    # Signs that become others on the way.
    "http://１２７.0.0.1:{port}/",
    "http://127。0。0。1:{port}/",
    "http://127｡0｡0｡1:{port}/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://%31%32%37.0.0.1:{port}/",
    # Parts of an address that look like its host, or hide it.
    "http://user@127.0.0.1:{port}/",
    "http://example.org@127.0.0.1:{port}/",
    "http://example.org:80@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@example.org/",
    "http://127.0.0.1:{port}?@example.org/",
    "http://127.0.0.1:{port}\\@example.org/",
    "HTTP://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    # The same in IPv6.
    "http://[::1]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[0000:0000:0000:0000:0000:0000:0000:0001]:{port}/",
    "http://[::]:{port}/",
    "http://[::1%25lo]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[::ffff:0:127.0.0.1]:{port}/",
    "http://[64:ff9b::127.0.0.1]:{port}/",
    "http://[64:ff9b:1::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[2001:0:7f00:1::]:{port}/",
    "http://[fe80::1%25lo]:{port}/",
    # Other inner networks and the addresses where clouds keep their secrets.
    "http://169.254.169.254:{port}/latest/meta-data",
    "http://[::ffff:169.254.169.254]:{port}/",
    "http://[fd00:ec2::254]:{port}/",
    "http://168.63.129.16:{port}/",
    "http://100.100.100.200:{port}/",
    "http://10.0.0.1:{port}/",
    "http://172.16.0.1:{port}/",
    "http://192.168.0.1:{port}/",
    "http://224.0.0.1:{port}/",
    "http://255.255.255.255:{port}/",
    "http://[ff02::1]:{port}/",
    "http://[fec0::1]:{port}/",
    # Names whose owner says what they stand for.
    "http://inner.test:{port}/",
    "http://inner.test.:{port}/",
    "http://mapped.test:{port}/",
    "http://mixed.test:{port}/",
    "http://private.test:{port}/",
    "http://metadata.test:{port}/",
)
NAMES = {
    "inner.test": ["127.0.0.1"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "mixed.test": [OUTSIDE, "127.0.0.1"],
    "private.test": ["10.1.2.3"],
    "metadata.test": ["169.254.169.254"],
    "outside.test": [OUTSIDE],
    "localhost.localdomain": ["127.0.0.1"],
}


class Canary:
    """Listens on one port of this machine, by IPv4 and, where there is one, IPv6."""

    def __init__(self) -> None:
        self._sockets = [socket.create_server(("127.0.0.1", 0), backlog=512)]
        self.port = self._sockets[0].getsockname()[1]
        with contextlib.suppress(OSError):
            self._sockets.append(socket.create_server(("::1", self.port), family=socket.AF_INET6, backlog=512))

    def visits(self) -> int:
        """How many have connected since it was last asked."""
        found = 0
        for each in self._sockets:
            each.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    each.accept()[0].close()
                    found += 1
        return found

    def addresses(self) -> list[str]:
        return [spelling.replace("{port}", str(self.port)) for spelling in SPELLINGS]

    def close(self) -> None:
        for each in self._sockets:
            each.close()


@contextmanager
def a_canary() -> Iterator[Canary]:
    """A canary that is gone afterwards."""
    canary = Canary()
    try:
        yield canary
    finally:
        canary.close()


def know_names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the names of `NAMES` stand for until the test ends, to be changed by it; others are looked up as always."""
    known = {name: list(found) for name, found in NAMES.items()}
    really = socket.getaddrinfo

    def lookup(host: str, port: int | str | None, *rest: int, **named: int) -> list[tuple[object, ...]]:
        name = host.rstrip(".") if isinstance(host, str) else ""
        if name not in known:
            return list(really(host, port, *rest, **named))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known[name]]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return known
