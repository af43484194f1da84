"""Taggers of clouds that are asked by REST: their key, their endpoint, the guarded call. It reads no answer."""

from __future__ import annotations

import ipaddress
import os
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import SplitResult, urlsplit

from ..errors import BadTagger
from ..outgoing.guard import allowed_hosts, plain
from ..outgoing.outbound import Answer, Outbound, Refused
from ..outgoing.policy import Policy
from .cloud import Cloud
from .patience import Patience

ANSWER_SECONDS = 30.0
HOSTS_VARIABLE = "CMTOOLS_ALLOWED_HOSTS"
PROXY_VARIABLE = "CMTOOLS_EGRESS_PROXY"


class Key:
    """A secret that shows itself in no repr, and is not written down with what holds it.

    Examples
    --------
    >>> Key("geheim"), str(Key("geheim"))
    (Key('***'), "Key('***')")
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "Key('***')"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a key is not written down")

    def reveal(self) -> str:
        """The secret itself."""
        return self._secret


class Rest(Cloud):
    """A cloud that is asked by REST.

    Parameters
    ----------
    key, endpoint : str, optional
        Left out, they are what the cloud's own environment variables say. The key is in no repr, message or log, and is
        not pickled: where a tagger is unpickled, its key comes from the environment there.
    type, thresholds, patience
        As of `Cloud`.

    Raises
    ------
    BadTagger
        There is no key or no endpoint, or the key would travel in clear.
    """

    key_variable: ClassVar[str]
    endpoint_variable: ClassVar[str]
    own_endpoint: ClassVar[str] = ""
    """Where the cloud is asked unless something else is said; blank where each customer has an own one."""

    def __init__(
        self,
        *,
        type: str = "",
        key: str | None = None,
        endpoint: str | None = None,
        thresholds: Mapping[str, float] | None = None,
        patience: Patience | None = None,
    ) -> None:
        super().__init__(type=type, thresholds=thresholds, patience=patience)
        self._key = Key(key or _said(self.key_variable))
        if not self._key.reveal():
            raise BadTagger(f"{self.name} needs its key: set {self.key_variable} in the environment")
        if not (self._key.reveal().isascii() and self._key.reveal().isprintable()):
            raise BadTagger(f"the key of {self.name} ({self.key_variable}) has characters that no header takes")
        address = endpoint or _said(self.endpoint_variable) or self.own_endpoint
        if not address:
            raise BadTagger(f"{self.name} needs its endpoint: set {self.endpoint_variable} in the environment")
        self._address, policy = reachable(address, self.endpoint_variable)
        self._outbound = Outbound(policy)

    def __reduce__(self) -> tuple[Callable[..., Rest], tuple[Any, ...]]:
        return _again, (self.__class__, self.type, self._address, dict(self.thresholds))

    @abstractmethod
    def request(self, items: Sequence[bytes | str]) -> tuple[str, dict[str, str], bytes]:
        """The path below the endpoint, the headers without the key, and the body that ask about items."""

    @abstractmethod
    def key_headers(self, key: str) -> dict[str, str]:
        """The headers that carry the key."""

    def send(self, items: Sequence[bytes | str]) -> Answer:
        """Ask about items in one call; see `Cloud.send`."""
        path, headers, body = self.request(items)
        return self._outbound.call(
            "POST", self._address + path, {**headers, **self.key_headers(self._key.reveal())}, body
        )

    def without_secrets(self, text: str) -> str:
        """What a cloud says, without the key."""
        return text.replace(self._key.reveal(), "***")


def _again(kind: type[Rest], type: str, endpoint: str, thresholds: dict[str, float]) -> Rest:
    return kind(type=type, endpoint=endpoint, thresholds=thresholds)


def _said(variable: str) -> str:
    return os.environ.get(variable, "").strip()


def reachable(address: str, variable: str) -> tuple[str, Policy]:
    """An endpoint without a slash at its end, and the policy under which it is called.

    This machine itself may be called where the endpoint names it, without a proxy; any other host inside the network
    where `HOSTS_VARIABLE` lists it.

    Raises
    ------
    BadTagger
        It is no endpoint, or a key would travel to it in clear.

    Examples
    --------
    >>> reachable("http://127.0.0.1:8765/", "MY_ENDPOINT")[0]
    'http://127.0.0.1:8765'
    """
    wrong = BadTagger(f"{variable} is no endpoint: give an address such as https://name.example.com, nothing behind it")
    try:
        parts = urlsplit(address.strip())
        host, port = plain(parts.hostname or ""), parts.port or (443 if parts.scheme == "https" else 80)
    except (ValueError, Refused):
        raise wrong from None
    if parts.scheme not in ("http", "https") or parts.query or parts.fragment or parts.username or parts.password:
        raise wrong
    here = host == "localhost" or _is_loopback(host)
    listed = _said(HOSTS_VARIABLE)
    if parts.scheme == "http" and not here and (host, port) not in allowed_hosts(listed):
        raise BadTagger(
            f"{variable} is an http:// address, to which a key would travel in clear: give one with https://, "
            f"or list {host}:{port} in {HOSTS_VARIABLE} when it is inside your network"
        )
    proxy = "" if here else _said(PROXY_VARIABLE)
    policy = Policy(allow_loopback=here, allowed_hosts=listed, proxy=proxy, answer_seconds=ANSWER_SECONDS)
    return _without_slash(parts), policy


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _without_slash(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
