"""Which network addresses may be called: none inside a network, by whatever name or spelling. It calls nothing.

A name is looked up once, everything that it stands for is checked, and the caller connects to the very addresses that
`Route.find` gave. The list of inner networks is AntiSSRF's; what it leaves out is added here.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence

from AntiSSRF import IPAddressRanges

from ..errors import BadRequest
from .policy import Policy

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
_MORE = (
    *("::/96", "::ffff:0:0:0/96", "3ffe::/16", "2001:db8::/32"),  # IPv4 in other clothes; networks that are none
    *("100::/8", "200::/7", "400::/6", "800::/5", "1000::/4"),  # all that is not global unicast, 2000::/3
    *("4000::/3", "6000::/3", "8000::/3", "a000::/3", "c000::/3", "e000::/4", "f000::/5", "f800::/6", "fe00::/9"),
)
INNER: tuple[Network, ...] = tuple(map(ipaddress.ip_network, (*IPAddressRanges.recommended_latest, *_MORE)))
"""Where nobody outside may send this program."""
PRIVATE: tuple[Network, ...] = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
)
LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
_ENDS_IN_A_NUMBER = re.compile(r"(^|\.)(0x[0-9a-f]*|[0-9]+)$")


class Refused(BadRequest):
    """An address that is not called, or one that gave no usable answer."""

    code = "BadRequest"


class NotCalled(Refused):
    """An address that is not called."""


class Unknown(Refused):
    """A name that stands for no address."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses that a name stands for now, as the system says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Guard:
    """What the policy allows beyond the addresses of the open internet."""

    def __init__(self, policy: Policy, lookup: Resolve = resolve) -> None:
        self.lookup = lookup
        self.allowed = allowed_hosts(policy.allowed_hosts)
        self.loopback = policy.allow_loopback

    def may_call(self, host: str, port: int, address: Address) -> bool:
        """Whether an inner address may be called under this name and port."""
        if self.loopback and _within(address, LOOPBACK):
            return True
        if (host, port) not in self.allowed:
            return False
        return _literal(host) is not None or _within(address, PRIVATE) or _within(address, LOOPBACK)


class Route:
    """The hops of one request. Once it was at an address of the open internet, no hop may lead to an inner one."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._outside = False

    def find(self, host: str, port: int) -> list[str]:
        """The addresses to connect to for a host, each of them checked.

        Raises
        ------
        NotCalled
            It is not called, or not from where the request is.
        Unknown
            The name stands for no address.
        """
        host = plain(host)
        literal = _literal(host)
        found = [literal] if literal else self._looked_up(host, port)
        self._check(host, port, found)
        return [str(address) for address in found]

    def check_spelling(self, host: str, port: int) -> None:
        """Raise `NotCalled` where the host itself says that it is an inner one; a proxy looks up its name."""
        host = plain(host)
        literal = _literal(host)
        if host == "localhost" or host.endswith(".localhost"):
            literal = ipaddress.ip_address("127.0.0.1")
        self._check(host, port, [literal] if literal else [])

    def _check(self, host: str, port: int, found: Sequence[Address]) -> None:
        inner = [address for address in found if _within(address, INNER)]
        if any(self._outside or not self._guard.may_call(host, port, address) for address in inner):
            raise NotCalled("not an address that this service calls")
        self._outside = self._outside or not (inner or (host, port) in self._guard.allowed)

    def _looked_up(self, host: str, port: int) -> list[Address]:
        try:
            found = [_bare(ipaddress.ip_address(each.partition("%")[0])) for each in self._guard.lookup(host, port)]
        except (OSError, UnicodeError):
            found = []
        except ValueError:
            raise NotCalled("not an address that this service calls") from None
        if not found:
            raise Unknown("its name stands for no address")
        return found


def allowed_hosts(text: str) -> frozenset[tuple[str, int]]:
    """The hosts of the setting ``allowed_hosts``, each with its one port.

    Raises
    ------
    BadRequest
        One of them is no ``host:port``.

    Examples
    --------
    >>> sorted(allowed_hosts("receiver.internal:8443, [fd00::1]:443"))
    [('fd00::1', 443), ('receiver.internal', 8443)]
    """
    found = set()
    for each in filter(None, (part.strip() for part in text.split(","))):
        host, _, port = each.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536 or "/" in host:
            raise BadRequest(f"CMTOOLS_ALLOWED_HOSTS: {each!r} is no host:port, such as receiver.internal:8443")
        found.add((plain(host), int(port)))
    return frozenset(found)


def plain(host: str) -> str:
    """A host in one spelling: lower case, no brackets, no dot at its end.

    Raises
    ------
    NotCalled
        It is an address in a spelling that programs read differently (``0x7f.1``, ``2130706433``), or names a zone.
    """
    host = host.lower().strip("[]").rstrip(".")
    if not host or "%" in host or "\0" in host:
        raise NotCalled("not an address that this service calls")
    if _ENDS_IN_A_NUMBER.search(host) and ":" not in host and _literal(host) is None:
        raise NotCalled("not an address that this service calls: write it as four numbers")
    literal = _literal(host)
    return str(literal) if literal else host


def _literal(host: str) -> Address | None:
    try:
        return _bare(ipaddress.ip_address(host))
    except ValueError:
        return None


def _bare(address: Address) -> Address:
    """An IPv4 address that is written as one of IPv6, as itself."""
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
