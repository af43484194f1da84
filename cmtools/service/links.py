"""Addresses of pictures that work without a key until a moment, so that a page can show them. They fetch nothing.

A link names a review's picture (``IMG_<review id>``) or a frame's (``FRM_<review id>_<milliseconds>.jpg``) as the
vendor's storage did, and carries its last second and a signature over team, name and second.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

from ..errors import NotAuthorized, NotFound
from ..model import Actor
from ..store import Connection, teams
from ..wire.own import OWN_PREFIX
from .context import Context

SIGNED_WITH = "link-secret"
PURPOSE = "cmtools picture link, version 1"
"""Part of what is signed: no signature made for another end is one of these."""
NAME = re.compile(r"IMG_([0-9a-z]{1,64})|FRM_([0-9a-z]{1,64})_([0-9]{1,16})(?:\.[0-9A-Za-z]{1,8})?")
AGAIN = "GET the review again and use the address that it has then"


@dataclass(frozen=True, slots=True)
class Links:
    """Makes links to a team's pictures, all of which end at one moment.

    Examples
    --------
    >>> links = Links("http://127.0.0.1:8765", "demo", 1767225600, b"secret")
    >>> links.of_review("202601i7").partition("?")[0]
    'http://127.0.0.1:8765/cmtools/v1/teams/demo/media/IMG_202601i7'
    >>> links.of_frame("202601v7", 500).partition("&")[0].rpartition("/")[2]
    'FRM_202601v7_500.jpg?expires=1767225600'
    """

    base_url: str
    team: str
    expires: int
    secret: bytes = field(repr=False)

    def of_review(self, review_id: str) -> str:
        """The link to an image review's picture."""
        return self._link(f"IMG_{review_id}")

    def of_frame(self, review_id: str, timestamp: int) -> str:
        """The link to the picture of the frame at so many milliseconds."""
        return self._link(f"FRM_{review_id}_{timestamp}.jpg")

    def _link(self, name: str) -> str:
        path = f"{self.base_url}{OWN_PREFIX}/{quote(self.team, safe='')}/media/{name}"
        return f"{path}?expires={self.expires}&signature={_signature(self.secret, self.team, name, str(self.expires))}"


def prepare(connection: Connection) -> None:
    """Make the secret behind the signatures, unless there is one."""
    teams.set_setting_once(connection, SIGNED_WITH, secrets.token_hex(32))


def prepared(connection: Connection) -> bool:
    """Whether there is a secret."""
    return teams.get_setting(connection, SIGNED_WITH) is not None


def open_links(ctx: Context, base_url: str) -> Links:
    """What makes the team's links from now on, as long as the settings say."""
    until = math.ceil(ctx.now.timestamp() + ctx.settings.content_link_seconds)
    return Links(base_url, ctx.team, until, _secret(ctx.connection))


def bearer(connection: Connection, team: str, name: str, expires: str, signature: str, now: datetime) -> Actor:
    """Who comes with a link: somebody who may read, in that team.

    Raises
    ------
    NotAuthorized
        The signature is not that of this name and second, or the second has passed.
    """
    right = _signature(_secret(connection), team.lower(), name, expires)
    if not hmac.compare_digest(right.encode(), signature.encode()):
        raise NotAuthorized(f"this address was not signed by the service: {AGAIN}")
    if now.timestamp() >= int(expires):
        ended = datetime.fromtimestamp(int(expires), UTC)
        raise NotAuthorized(f"this address worked until {ended:%Y-%m-%d %H:%M:%S} UTC: {AGAIN}")
    return Actor(team.lower(), "", "link", "auditor")


def read_name(name: str) -> tuple[str, int | None]:
    """The review's id, and the milliseconds of its frame or None, that a link's name stands for."""
    match = NAME.fullmatch(name)
    if match is None:
        raise NotFound("there is no picture of this name: it is IMG_<review id> or FRM_<review id>_<milliseconds>.jpg")
    return (match[1], None) if match[1] else (match[2], int(match[3]))


def _secret(connection: Connection) -> bytes:
    secret = teams.get_setting(connection, SIGNED_WITH)
    if secret is None:
        raise NotAuthorized("the service signs no addresses yet")
    return bytes.fromhex(secret)


def _signature(secret: bytes, team: str, name: str, expires: str) -> str:
    said = "\n".join((PURPOSE, team, name, expires)).encode()
    return urlsafe_b64encode(hmac.digest(secret, said, hashlib.sha256)).rstrip(b"=").decode()
