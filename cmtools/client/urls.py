"""Addresses of services: brought into one form, told apart. It calls nobody."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from ..errors import BadRequest


def clean_url(url: str | None) -> str:
    """A service's address in the one form that is used, or `BadRequest` that says what is wrong with it.

    Examples
    --------
    >>> clean_url(" HTTP://LocalHost:8080/ ")
    'http://localhost:8080'
    """
    text = (url or "").strip()
    if not text:
        raise BadRequest('there is no address: pass url="http://...", or set CMTOOLS_URL')
    parts = split(text)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadRequest("the address of the service (url=, CMTOOLS_URL) must look like http://127.0.0.1:8080")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadRequest("the address of the service takes no user name, query or '#': pass the key as key=")
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def split(text: str) -> SplitResult | None:
    """The parts of an address, or None where it is none."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    return parts if text.isprintable() and " " not in text else None


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine.

    Examples
    --------
    >>> [is_loopback(host) for host in ("localhost", "127.0.0.9", "::1", "example.org")]
    [True, True, True, False]
    """
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
