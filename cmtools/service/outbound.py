"""Every request that the service itself sends goes through here: guarded at every hop, and bounded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin

import requests
import urllib3
from AntiSSRF import AntiSSRFError, AntiSSRFPolicy, PolicyConfigOptions

from .. import __version__
from ..errors import BadRequest
from .hurry import POOLS, Hurry
from .settings import Settings

LOOPBACK = ["127.0.0.0/8", "::1/128"]
MAX_PICTURE_BYTES = 50_000_000
CONNECT_SECONDS = 5.0
FETCH_SECONDS = 60.0
MOST_HOPS = 3
"""How long a picture may take in all, however steadily its bytes drip."""


class Refused(BadRequest):
    """An address that the service does not call, or one that gave no usable answer."""

    code = "BadRequest"


class Unanswered(Refused):
    """An address at which nobody answered, or not in time."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receiver of callbacks answered: its status, and the header Retry-After as it came."""

    status: int
    retry_after: str = ""


class Outbound:
    """Sends callbacks and fetches pictures.

    Private, link-local and other inner addresses are refused, whatever name or spelling leads to them; loopback is
    allowed only where the settings say so (the embedded service). The name is resolved once, and that very address is
    called.
    """

    def __init__(self, settings: Settings) -> None:
        policy = AntiSSRFPolicy(PolicyConfigOptions.EXTERNAL_ONLY_LATEST)
        policy.add_xff_header = False
        policy.allow_plain_text_http = True
        if settings.allow_loopback:
            policy.add_allowed_addresses(LOOPBACK)
        self._policy = policy
        self._timeout = (CONNECT_SECONDS, settings.callback_timeout_seconds)
        self._post_seconds = sum(self._timeout)
        self._fetch_seconds = max(FETCH_SECONDS, self._post_seconds)

    def post_json(self, url: str, body: bytes, headers: dict[str, str]) -> Receipt:
        """Send a notice; the receiver's answer. Redirects are one, and not followed.

        Raises
        ------
        Refused
            The address is not one to call, or nobody answered.
        """
        headers = {"Content-Type": "application/json; charset=utf-8", **headers}
        with self._session() as session, _told(url, self._post_seconds):
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
        with self._session() as session, _told(url, self._fetch_seconds):
            for _ in range(MOST_HOPS + 1):  # each hop goes through the guard like the first address
                answer = session.get(url, headers=as_it_is, timeout=self._timeout, allow_redirects=False, stream=True)
                with answer:
                    if answer.is_redirect:
                        url = urljoin(url, answer.headers["Location"])
                        continue
                    if answer.status_code != 200:
                        raise Refused(f"the picture's address answered {answer.status_code}")
                    return b"".join(_at_most(answer, most_bytes))
            raise Refused(f"the picture's address leads on more than {MOST_HOPS} times")

    def _session(self) -> requests.Session:
        session: requests.Session = self._policy.get_antissrf_session()
        session.trust_env = False  # no proxy and no .netrc from the environment behind the guard's back
        for adapter in session.adapters.values():
            if isinstance(adapter, requests.adapters.HTTPAdapter):
                adapter.poolmanager.pool_classes_by_scheme = POOLS
        session.headers["User-Agent"] = f"cmtools/{__version__}"
        return session


@contextmanager
def _told(url: str, seconds: float) -> Iterator[None]:
    """Give the call so many seconds, and turn what can go wrong into one line.

    The line is without the address's query, which may hold secrets.
    """
    shown = url.split("?", 1)[0]
    in_time = Hurry(seconds)
    try:
        with in_time:
            yield
    except AntiSSRFError:
        raise Refused(f"{shown} is not an address that this service calls") from None
    except requests.Timeout:
        raise Unanswered(f"{shown} did not answer in time") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        if not in_time.over:
            raise Unanswered(f"{shown} cannot be reached ({type(error).__name__})") from None
    if in_time.over:
        raise Unanswered(f"{shown} did not answer in time")


def _at_most(answer: requests.Response, limit: int) -> Iterator[bytes]:
    size = 0
    for part in answer.raw.stream(65536, decode_content=False):
        size += len(part)
        if size > limit:
            raise Refused(f"the picture has more than {limit // 1_000_000} MB")
        yield part
