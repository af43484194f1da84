"""Every request that the service itself sends goes through here: guarded, never redirected, bounded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from AntiSSRF import AntiSSRFError, AntiSSRFPolicy, PolicyConfigOptions

from .. import __version__
from ..errors import BadRequest
from .settings import Settings

LOOPBACK = ["127.0.0.0/8", "::1/128"]
MAX_PICTURE_BYTES = 50_000_000
CONNECT_SECONDS = 5.0


class Refused(BadRequest):
    """An address that the service does not call, or one that gave no usable answer."""

    code = "BadRequest"


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

    def post_json(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """Send a notice; the receiver's status.

        Raises
        ------
        Refused
            The address is not one to call, or nobody answered.
        """
        headers = {"Content-Type": "application/json; charset=utf-8", **headers}
        with self._session() as session, _told(url):
            answer = session.post(
                url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False, stream=True
            )
            with answer:
                return int(answer.status_code)

    def fetch_picture(self, url: str) -> bytes:
        """The bytes behind a picture's address.

        Raises
        ------
        Refused
            The address is not one to call, nobody answered, or there are too many bytes.
        """
        with self._session() as session, _told(url):
            answer = session.get(url, timeout=self._timeout, allow_redirects=False, stream=True)
            with answer:
                if answer.status_code != 200:
                    raise Refused(f"the picture's address answered {answer.status_code}")
                return b"".join(_at_most(answer, MAX_PICTURE_BYTES))

    def _session(self) -> requests.Session:
        session: requests.Session = self._policy.get_antissrf_session()
        session.trust_env = False  # no proxy and no .netrc from the environment behind the guard's back
        session.headers["User-Agent"] = f"cmtools/{__version__}"
        return session


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Turn what can go wrong on the way into one line without the address's query, which may hold secrets."""
    shown = url.split("?", 1)[0]
    try:
        yield
    except AntiSSRFError:
        raise Refused(f"{shown} is not an address that this service calls") from None
    except requests.Timeout:
        raise Refused(f"{shown} did not answer in time") from None
    except (requests.RequestException, OSError, ValueError) as error:
        raise Refused(f"{shown} cannot be reached ({type(error).__name__})") from None


def _at_most(answer: requests.Response, limit: int) -> Iterator[bytes]:
    size = 0
    for part in answer.iter_content(65536):
        size += len(part)
        if size > limit:
            raise Refused(f"the picture has more than {limit // 1_000_000} MB")
        yield part
