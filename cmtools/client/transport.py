"""One call over HTTP: key, time-outs, retries, status to error. It knows no operation of the service."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, MaxRetryError, NameResolutionError, NewConnectionError

from .. import __version__
from ..errors import (
    BadRequest,
    CmtoolsError,
    NotAuthorized,
    RateLimited,
    ServiceError,
    Timeout,
    TransportError,
    UnknownTeam,
    Unreachable,
)
from ..wire.failures import read_error
from ..wire.own import KEY_HEADER
from .urls import is_loopback, split

WAITS = (0.1, 0.4, 1.2)
"""Seconds before the second, third and fourth try."""
LONGEST_WAIT_SECONDS = 30.0
"""A service that asks (``Retry-After``) to wait longer than this is not waited for."""
CONNECT_SECONDS = 10.0
CONNECTIONS = 16
READ_BYTES = 1 << 17
SAFE_METHODS = frozenset({"GET", "PUT", "DELETE", "PATCH"})
BUSY = frozenset({502, 503, 504})
TOO_MANY = 429


class Hidden(str):
    """A secret text that is sent but never shown: its repr is three stars, and it cannot be pickled.

    Examples
    --------
    >>> {"token": Hidden("s3cret")}
    {'token': ***}
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied into another process")


class KeyAuth(AuthBase):
    """Puts the key on each request as it leaves, so that no session and no dictionary of headers of ours holds it."""

    def __init__(self, key: Hidden) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[KEY_HEADER] = self._key
        return request


class KeepingStill(requests.Session):
    """A session that follows no redirect: the key is meant for one address alone."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None, whatever the answer says."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back of a call that went well."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    response: requests.Response | None = field(default=None, repr=False)
    """Where the body was left to be read bit by bit; then ``body`` is empty."""

    def json(self) -> Any:
        """The body as JSON, or `ServiceError` when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            problem = ServiceError("what answers at this address is no review service: its answer is no JSON")
        raise problem


@dataclass(frozen=True, slots=True)
class _Failure:
    """One try that failed.

    ``sent`` says whether the service may have received it, ``tries`` how many tries it is worth, ``wait`` the seconds
    that the service asks for.
    """

    error: CmtoolsError
    sent: bool = True
    tries: int = 1
    wait: float | None = None


class Transport:
    """Calls to one service, from any number of threads.

    Parameters
    ----------
    url : str
        As `clean_url` gives it.
    auth : AuthBase
        Puts the key on each request.
    headers : mapping of str to str
        Sent with every call; nothing secret.
    timeout : float
        Seconds to wait for an answer.
    sleep : callable
        Waits that many seconds; a test passes its own.
    """

    def __init__(
        self,
        url: str,
        auth: AuthBase,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url
        self.timeout = timeout
        self._sleep = sleep
        self._session = KeepingStill()
        self._session.auth = auth
        self._session.headers["User-Agent"] = f"cmtools/{__version__}"
        self._session.headers.update(headers or {})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self._session.trust_env = not is_loopback(urlsplit(url).hostname or "")  # no proxy reaches our own machine
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int | None] | None = None,
        data: object = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeat: bool | None = None,
        whole: bool = True,
        wait_seconds: float = 0.0,
    ) -> Answer:
        """Make a call and give its answer, or raise the error that it ended in.

        Parameters
        ----------
        method, path : str
            The path is percent-encoded already.
        params : mapping, optional
            The query; None values are left out.
        data : object, optional
            Sent as JSON.
        body : bytes, optional
            Sent as it is.
        headers : mapping, optional
            Beside those of every call.
        repeat : bool, optional
            Whether doing it twice is the same as once. Where it is not, it is tried again only when the service surely
            did not do it. Left out: true of GET, PUT, DELETE and PATCH.
        whole : bool
            Whether to read the body; if not, `lines` does.
        wait_seconds : float
            Wait so long for the answer where that is longer than `timeout`, for work that takes the service its time.
        """
        sent_headers = dict(headers or {})
        if data is not None:
            body = encode(data)
            sent_headers["Content-Type"] = "application/json; charset=utf-8"
        elif body is not None:
            sent_headers.setdefault("Content-Type", "application/octet-stream")
        may_repeat = method in SAFE_METHODS if repeat is None else repeat
        wait_seconds = max(self.timeout, wait_seconds)
        tries = 0
        while True:
            outcome = self._try(method, path, params, body, sent_headers, whole, wait_seconds)
            if isinstance(outcome, Answer):
                return outcome
            tries += 1
            if tries >= outcome.tries or (outcome.sent and not may_repeat):
                raise outcome.error
            self._sleep(WAITS[tries - 1] if outcome.wait is None else outcome.wait)

    def lines(self, path: str, params: Mapping[str, str | int | None]) -> Iterator[bytes]:
        """The lines of a long answer as they come; it is never held as a whole.

        Raises
        ------
        TransportError
            The answer broke off.
        """
        response = self.call("GET", path, params=params, whole=False).response
        if response is None:
            return
        problem, rest = None, b""
        with contextlib.closing(response):
            try:
                for piece in response.iter_content(READ_BYTES):
                    *lines, rest = (rest + piece).split(b"\n")
                    yield from lines
            except (requests.RequestException, HTTPError, OSError) as error:
                problem = self._failed(error).error
        if problem is not None:
            raise problem
        if rest:
            yield rest

    def _try(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int | None] | None,
        body: bytes | None,
        headers: Mapping[str, str],
        whole: bool,
        wait_seconds: float,
    ) -> Answer | _Failure:
        """One try. Nothing is raised from inside requests: its frames hold the headers, key and all."""
        try:
            response = self._session.request(
                method,
                self.url + path,
                params=params,
                data=body,
                headers=headers,
                timeout=(min(CONNECT_SECONDS, self.timeout), wait_seconds),
                stream=not whole,
            )
            _ = whole or response.ok or response.content  # a refusal is read here, where its breaking off is caught
        except (requests.RequestException, HTTPError, OSError, ValueError) as problem:
            return self._failed(problem, wait_seconds)
        except KeyboardInterrupt:
            response = None
        if response is None:
            raise KeyboardInterrupt  # a fresh one, without the frames below
        if 200 <= response.status_code < 300:
            if whole:
                return Answer(response.status_code, response.content, response.headers)
            return Answer(response.status_code, b"", response.headers, response)
        return self._refused(response)

    def _failed(self, problem: Exception, waited: float | None = None) -> _Failure:
        """What a try that brought no answer means; it had that many seconds, left out the `timeout`."""
        most = len(WAITS) + 1
        reason = _reason(problem)
        if isinstance(problem, requests.ConnectTimeout):
            return _Failure(Timeout(f"{self.url} did not take the connection in time: is it up?"), sent=False, tries=2)
        if isinstance(problem, requests.Timeout):
            waited = waited or self.timeout
            return _Failure(Timeout(self._late(waited)), tries=2 if waited == self.timeout else 1)
        if isinstance(problem, requests.exceptions.SSLError):
            return _Failure(Unreachable(f"no secure connection to {self.url}: check its certificate ({_said(reason)})"))
        if isinstance(problem, requests.exceptions.ProxyError):
            return _Failure(
                Unreachable(f"the proxy does not lead to {self.url}: check HTTP_PROXY, HTTPS_PROXY, NO_PROXY")
            )
        if isinstance(reason, NameResolutionError):
            host = urlsplit(self.url).hostname
            return _Failure(
                Unreachable(f"there is no host {host!r}: check the address (url=, CMTOOLS_URL)"), sent=False
            )
        if isinstance(reason, NewConnectionError):
            return _Failure(Unreachable(self._nobody()), sent=False, tries=most)
        if isinstance(problem, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
            return _Failure(TransportError(self._broken()), tries=most)
        return _Failure(TransportError(f"the call to {self.url} failed ({type(problem).__name__})"))

    def _nobody(self) -> str:
        return (
            f'no service answers at {self.url} - start one with cm.serve("reviews.db") or "cmtools serve", '
            "or check CMTOOLS_URL"
        )

    def _late(self, waited: float) -> str:
        return (
            f"no answer from {self.url} within {waited:g} s; whether the call took effect is not known - "
            "look, then try again, or give the client a longer timeout="
        )

    def _broken(self) -> str:
        return (
            f"the connection to {self.url} broke before the whole answer was here; whether the call took effect is not "
            "known - look, then try again"
        )

    def _refused(self, response: requests.Response) -> _Failure:
        """What an answer that is no success means."""
        status = response.status_code
        if 300 <= status < 400:
            return _Failure(Unreachable(_moved(self.url, response.headers.get("Location", ""))))
        error = _with_advice(read_error(status, response.content))
        if status not in BUSY and status != TOO_MANY:
            return _Failure(error)
        wait = retry_after(response.headers)
        if wait is not None and wait > LONGEST_WAIT_SECONDS:
            return _Failure(type(error)(f"{error.message} (it asks to wait {wait:.0f} s)"))
        # Too many requests: the service turned this one away at its door, so it surely did nothing.
        return _Failure(error, sent=status != TOO_MANY, tries=len(WAITS) + 1, wait=wait)


def encode(data: object) -> bytes:
    """JSON as bytes, or `BadRequest` where some value has no place in JSON."""
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        text = error.object[max(0, error.start - 20) : error.start + 5]
        problem = BadRequest(f"{text!r} has half a character (a lone surrogate), which cannot be sent")
    except (TypeError, ValueError, RecursionError) as error:
        problem = BadRequest(f"the call cannot be written as JSON: {error}")
    raise problem


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a service asks to wait; a moment is taken relative to the service's own clock.

    Examples
    --------
    >>> retry_after({"Retry-After": "7"}), retry_after({"Retry-After": "soon"}), retry_after({})
    (7.0, None, None)
    """
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        moment, now = parsedate_to_datetime(asked), parsedate_to_datetime(headers.get("Date", ""))
        return max(0.0, (moment - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _reason(problem: Exception) -> object:
    """What urllib3 said, inside of what requests says."""
    inner = problem.args[0] if problem.args else None
    return inner.reason if isinstance(inner, MaxRetryError) else inner


def _said(reason: object) -> str:
    return " ".join(str(reason).split())[:200]


def _moved(url: str, location: str) -> str:
    parts = split(location)
    there = f"{parts.scheme}://{parts.hostname}" if parts and parts.hostname else "another address"
    return f"{url} sends calls on to {there}; a key is not sent after it - use the service's own address"


def _with_advice(error: CmtoolsError) -> CmtoolsError:
    """The error with what to do next, where somebody else than our service refused and did not say."""
    if isinstance(error, NotAuthorized) and "key" not in error.message.lower():
        return NotAuthorized(f"{error.message} - check the key (key=, CMTOOLS_KEY)")
    if isinstance(error, UnknownTeam) and "CMTOOLS_TEAM" not in error.message:
        return UnknownTeam(f"{error.message} - check the team's name (team=, CMTOOLS_TEAM)")
    if isinstance(error, RateLimited) and "wait" not in error.message.lower():
        return RateLimited(f"{error.message} - wait a little, then try again")
    return error
