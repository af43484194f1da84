"""Signatures of callbacks, after Standard Webhooks: the service makes them, receivers check them. It sends nothing."""

from __future__ import annotations

import contextlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

from ..errors import BadRequest, NotAuthorized

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
PREFIX = "whsec_"
TOLERANCE_SECONDS = 300
MOST_SIGNATURES = 20
"""So that a stranger's header costs no time; the service sends two at the most."""


def sign(id: str, at: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The headers that go with a callback: its id, the moment, and a signature by each secret.

    Examples
    --------
    >>> moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> sign("c1", moment, b"{}", ["whsec_bm90IGEgc2VjcmV0"])["webhook-signature"]
    'v1,8r3hvAZz1ufHIexf6pzZkfLrTYDzFEo8wglXXNQSuJU='
    """
    text = body.decode()
    return {
        ID_HEADER: id,
        TIMESTAMP_HEADER: str(int(at.timestamp())),
        SIGNATURE_HEADER: " ".join(Webhook(secret).sign(id, at.astimezone(UTC), text) for secret in secrets),
    }


def verify_callback(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str,
    *,
    now: datetime | None = None,
    tolerance_seconds: float = TOLERANCE_SECONDS,
) -> dict[str, Any]:
    """The notice in a callback, once it is sure that the team's service sent it, and lately.

    Parameters
    ----------
    body : bytes or str
        Exactly as it came, before any JSON is read.
    headers : mapping
        The request's; names in any case.
    secret : str
        As `Client.callback_secret` tells it (``whsec_...``).
    now : datetime, optional
        The moment to compare with; left out, that of this machine's clock.
    tolerance_seconds : float
        How far the callback's moment may be from it. A callback that is tried again has a new moment.

    Returns
    -------
    dict
        The notice. The same one can come more than once: keep the header ``webhook-id`` with what you did, and answer
        2xx to an id that you have seen.

    Raises
    ------
    NotAuthorized
        A header is missing, the moment is too far away, or no signature is right. Answer 401 and do nothing.
    BadRequest
        The secret is none.

    Examples
    --------
    >>> secret = "whsec_bm90IGEgc2VjcmV0"
    >>> moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> headers = sign("c1", moment, b'{"ReviewId": "7"}', [secret])
    >>> verify_callback(b'{"ReviewId": "7"}', headers, secret, now=moment)
    {'ReviewId': '7'}
    >>> verify_callback(b'{"ReviewId": "8"}', headers, secret, now=moment)
    Traceback (most recent call last):
    cmtools.errors.NotAuthorized: no signature in webhook-signature fits this body: it was changed, or signed with ...
    """
    given = {name.lower(): value for name, value in headers.items()}
    if missing := [name for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER) if not given.get(name)]:
        raise NotAuthorized(f"the callback has no header {missing[0]}: it is not signed")
    at = _moment(given[TIMESTAMP_HEADER])
    apart = abs(((now or datetime.now(UTC)) - at).total_seconds())
    if apart > tolerance_seconds:
        raise NotAuthorized(
            f"the callback's moment is {apart:.0f} seconds from now, and {tolerance_seconds:g} are allowed: it is an "
            "old one sent again by somebody else, or a clock is wrong"
        )
    try:
        text = body if isinstance(body, str) else body.decode()
    except UnicodeDecodeError:
        raise NotAuthorized("the callback's body is no UTF-8: it was changed on its way") from None
    expected = _webhook(secret).sign(given[ID_HEADER], at, text).encode()
    found = given[SIGNATURE_HEADER].split(" ", MOST_SIGNATURES)[:MOST_SIGNATURES]
    fits = [hmac.compare_digest(expected, each.encode()) for each in found]  # all of them, to take the same time
    if not any(fits):
        raise NotAuthorized(
            "no signature in webhook-signature fits this body: it was changed, or signed with another secret "
            "(client.callback_secret() tells the team's)"
        )
    return _notice(text)


def _moment(text: str) -> datetime:
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        raise NotAuthorized(f"webhook-timestamp is no number of seconds since 1970 (it is {text[:40]!r})")
    return datetime.fromtimestamp(int(text), UTC)


def _webhook(secret: str) -> Webhook:
    with contextlib.suppress(Exception):  # the library's errors have no class in common, and may hold the secret
        if secret.startswith(PREFIX):
            return Webhook(secret)
    raise BadRequest("this is no secret of callbacks: client.callback_secret().secret is, and begins with whsec_")


def _notice(text: str) -> dict[str, Any]:
    notice = json.loads(text)
    if not isinstance(notice, dict):
        raise NotAuthorized("the callback's body is no JSON object")
    return notice
