"""Every request that this program itself sends goes through here: guarded at every hop, and bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import requests
import urllib3
from requests.adapters import HTTPAdapter

from .. import __version__
from .guard import Guard, NotCalled, Refused, Resolve, Route, Unknown, resolve
from .hurry import POOLS, Hurry
from .policy import Policy

__all__ = ["Answer", "NotCalled", "Outbound", "Receipt", "Refused", "Unanswered"]
MAX_PICTURE_BYTES = 50_000_000
MAX_ANSWER_BYTES = 4_000_000
MOST_HOPS = 3


class Unanswered(Refused):
    """An address at which nobody answered, or not in time."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receiver of callbacks answered: its status, and the header Retry-After as it came."""

    status: int
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an API answered: its status, its headers (names in lower case), and the bytes of its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Outbound:
    """Sends callbacks, fetches pictures and calls APIs.

    Private, link-local and other inner addresses are refused, whatever name or spelling leads to them; loopback is
    allowed only where the policy says so (the embedded service), and of inner hosts those that ``allowed_hosts``
    names. A name is looked up once, and one of the very addresses that were checked is called.

    Where the policy names a proxy, everything goes through it. Names are then looked up by the proxy alone,
    which has to refuse those of inner networks; addresses and ``localhost`` are still refused here.
    """

    def __init__(self, policy: Policy, lookup: Resolve = resolve) -> None:
        self._guard = Guard(policy, lookup)
        self._proxy = policy.proxy
        self._timeout = (policy.connect_seconds, policy.answer_seconds)
        self._post_seconds = sum(self._timeout)
        self._fetch_seconds = max(policy.fetch_seconds, self._post_seconds)

    def post_json(self, url: str, body: bytes, headers: dict[str, str]) -> Receipt:
        """Send a notice; the receiver's answer. Redirects are one, and not followed.

        Raises
        ------
        Refused
            The address is not one to call, or nobody answered.
        """
        headers = {"Content-Type": "application/json; charset=utf-8", **headers}
        with self._calling(url, self._post_seconds) as session:
            answer = session.post(
                url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False, stream=True
            )
            with answer:
                return Receipt(int(answer.status_code), answer.headers.get("Retry-After", ""))

    def fetch_picture(self, url: str, most_bytes: int = MAX_PICTURE_BYTES) -> bytes:
        """The bytes behind a picture's address.

        Raises
        ------
        Refused
            The address is not one to call, nobody answered, or there are too many bytes.
        """
        as_it_is = {"Accept-Encoding": "identity"}  # a few packed bytes could unpack to gigabytes
        with self._calling(url, self._fetch_seconds) as session:
            for _ in range(MOST_HOPS + 1):  # each hop goes through the guard like the first address
                answer = session.get(url, headers=as_it_is, timeout=self._timeout, allow_redirects=False, stream=True)
                with answer:
                    if answer.is_redirect:
                        url = urljoin(url, answer.headers["Location"])
                        continue
                    if answer.status_code != 200:
                        raise Refused(f"the picture's address answered {answer.status_code}")
                    return _read(answer, most_bytes, "the picture")
            raise Refused(f"the picture's address leads on more than {MOST_HOPS} times")

    def call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, most_bytes: int = MAX_ANSWER_BYTES
    ) -> Answer:
        """What an API answers, whatever its status. Redirects are an answer, and not followed.

        Raises
        ------
        Refused
            The address is not one to call, nobody answered, or there are too many bytes. The message holds neither the
            address's query nor a header.
        """
        headers = {"Accept-Encoding": "identity", **headers}  # as of pictures: nothing is unpacked
        with self._calling(url, self._post_seconds) as session:
            answer = session.request(
                method, url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False, stream=True
            )
            with answer:
                named = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(int(answer.status_code), named, _read(answer, most_bytes, "the answer"))

    @contextmanager
    def _calling(self, url: str, seconds: float) -> Iterator[requests.Session]:
        """A session for one request and where it leads, which ends in time."""
        route = Route(self._guard)
        hurry = Hurry(seconds, None if self._proxy else route.find)
        with _told(url, hurry), requests.Session() as session:
            session.trust_env = False  # no proxy and no .netrc from the environment behind the guard's back
            adapter = _Adapter(route if self._proxy else None)
            session.adapters.clear()
            for scheme in POOLS:
                session.mount(f"{scheme}://", adapter)
                session.proxies[scheme] = self._proxy
            session.headers["User-Agent"] = f"cmtools/{__version__}"
            yield session


class _Adapter(HTTPAdapter):
    """Opens connections that a `Hurry` guards; ``route`` checks what a proxy is asked for."""

    def __init__(self, route: Route | None) -> None:
        super().__init__()
        self._route = route
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **proxy_kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager

    def build_connection_pool_key_attributes(self, *args: Any, **named: Any) -> Any:
        host, pool = super().build_connection_pool_key_attributes(*args, **named)
        if self._route is not None:
            self._route.check_spelling(host["host"], host["port"] or (443 if host["scheme"] == "https" else 80))
        return host, pool


@contextmanager
def _told(url: str, in_time: Hurry) -> Iterator[None]:
    """Let the call end in time, and turn what can go wrong into one line.

    The line is without the address's query, which may hold secrets.
    """
    shown = _without_secrets(url)
    try:
        with in_time:
            yield
    except NotCalled:
        raise NotCalled(f"{shown} is not an address that this service calls") from None
    except Unknown:
        raise Unanswered(f"{shown} cannot be reached (no address has that name)") from None
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema):
        raise NotCalled(f"{shown} is not an address that this service calls") from None
    except requests.Timeout:
        raise Unanswered(f"{shown} did not answer in time") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        if not in_time.over:
            raise Unanswered(f"{shown} cannot be reached ({type(error).__name__})") from None
    if in_time.over:
        raise Unanswered(f"{shown} did not answer in time")


def _read(answer: requests.Response, limit: int, what: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in answer.raw.stream(65536, decode_content=False):
        size += len(part)
        if size > limit:
            raise Refused(f"{what} has more than {limit // 1_000_000} MB")
        parts.append(part)
    return b"".join(parts)


def _without_secrets(url: str) -> str:
    """An address as it may be shown: no query, no name and password."""
    place = url.split("?", 1)[0].split("#", 1)[0]
    scheme, mark, rest = place.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"
