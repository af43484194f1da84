"""What a route needs: who asks, the body within bounds, a transaction for one rule, the answer's form."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Response, Security
from fastapi.security import APIKeyHeader, APIKeyQuery

from ..errors import BadRequest, NotAuthorized, TooLarge, UnsupportedType
from ..model import Actor
from ..outgoing.outbound import Outbound
from ..store import Connection, Store
from ..taggers import Tagger
from ..wire import own
from ..wire.spelling import Spelling, spelling_for
from . import auth
from .context import Clock, Context
from .limits import Limits
from .media import Media
from .metrics import Metrics
from .settings import Settings

Result = TypeVar("Result")
JSON_TYPES = frozenset({"application/json", "text/json"})
NOSNIFF = {"X-Content-Type-Options": "nosniff"}
BY_WHO_ASKS = {"Vary": "User-Agent, x-ms-command-name"}
"""Comes with every answer whose spelling depends on the client."""
KeyHeader = APIKeyHeader(name=own.KEY_HEADER, scheme_name="key_header", auto_error=False, description="The team's key.")
KeyQuery = APIKeyQuery(
    name=own.KEY_QUERY,
    scheme_name="key_query",
    auto_error=False,
    description="The key in the address, as the earliest clients send it. The header is safer: addresses get logged.",
)


class Door:
    """The parts of one service process, and the way through them that every route takes."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        media: Media,
        clock: Clock,
        taggers: Mapping[str, Tagger] = MappingProxyType({}),
    ) -> None:
        self.settings, self.store, self.media, self.clock, self.taggers = settings, store, media, clock, taggers
        self.outbound = Outbound(settings.policy)
        self.limits = Limits(settings)
        self.metrics = Metrics(store, clock) if settings.metrics else None

    def read(self, actor: Actor, permission: str, work: Callable[[Context], Result]) -> Result:
        """Run a rule that changes nothing."""
        auth.require(actor, permission)
        return self.store.read(lambda connection: work(self._context(connection, actor)))

    def write(self, actor: Actor, permission: str, work: Callable[[Context], Result]) -> Result:
        """Run a rule in a transaction; returns after its commit."""
        auth.require(actor, permission)
        return self.store.write(lambda connection: work(self._context(connection, actor)))

    def authenticate(self, team: str | None, key: str | None, reviewer: str) -> Actor:
        """Who asks."""
        pepper = self.settings.pepper.get_secret_value() if self.settings.pepper else None
        now = self.clock()
        return self.store.read(lambda at: auth.authenticate(at, team, key, reviewer, now=now, pepper=pepper))

    def _context(self, connection: Connection, actor: Actor) -> Context:
        return Context(connection, actor, self.clock(), self.settings)


def door_of(request: Request) -> Door:
    """The service that a request came to."""
    door: Door = request.app.state.door
    return door


def actor_of(
    request: Request,
    team: str,
    header: Annotated[str | None, Security(KeyHeader)] = None,
    query: Annotated[str | None, Security(KeyQuery)] = None,
    reviewer: Annotated[str | None, Header(alias=own.REVIEWER_HEADER)] = None,
) -> Actor:
    """Who asks; raises before anything else of the request is looked at."""
    return _authenticated(request, team, header or query, reviewer)


def key_holder_of(
    request: Request,
    header: Annotated[str | None, Security(KeyHeader)] = None,
    query: Annotated[str | None, Security(KeyQuery)] = None,
    reviewer: Annotated[str | None, Header(alias=own.REVIEWER_HEADER)] = None,
) -> Actor:
    """Who asks, where the address names no team: it is the key's own."""
    return _authenticated(request, None, header or query, reviewer)


def _authenticated(request: Request, team: str | None, key: str | None, reviewer: str | None) -> Actor:
    named = own.read_header(reviewer or "")
    key = key or query_of(request).get(own.KEY_QUERY)  # the document names it in lower case; old clients vary
    actor = _within_limits(door_of(request), address_of(request), team, key or "", named)
    if "\0" in request.scope["path"] or b"%00" in request.scope["query_string"] or "\0" in named:
        raise BadRequest("the address or the reviewer's name holds the character U+0000, which no database can look up")
    return actor


def _within_limits(door: Door, address: str, team: str | None, key: str, reviewer: str) -> Actor:
    """Who asks, unless they ask too often."""
    if key:
        door.limits.look_at(address, key)
    try:
        actor = door.authenticate(team, key, reviewer)
    except NotAuthorized:
        if key:
            door.limits.failed(address, key)
        raise
    door.limits.count(actor.key_id, key)
    return actor


def address_of(request: Request) -> str:
    """The network address of the caller, as a trusted proxy told it or as the connection has it."""
    return request.client.host if request.client else ""


def check_key(request: Request) -> None:
    """Raise `NotAuthorized` unless a key came with the request that the service knows."""
    header = request.headers.get(own.KEY_HEADER)
    _authenticated(request, None, header, None)


async def body_of(request: Request) -> bytes:
    """The whole body, read only up to the largest that the service takes."""
    limit = door_of(request).settings.max_body_bytes
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise TooLarge(f"the body has more than {limit:,} bytes: send less at once")
        parts.append(part)
    return b"".join(parts)


def check_json(request: Request) -> None:
    """Raise `UnsupportedType` when the body says that it is something else than JSON; saying nothing is fine."""
    said = request.headers.get("content-type", "")
    kind = said.partition(";")[0].strip().lower()
    if kind and kind not in JSON_TYPES and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedType(f"the body is marked as {said[:100]!r}; this address takes application/json")


async def json_body_of(request: Request) -> bytes:
    """The whole body of a route that takes JSON alone."""
    check_json(request)
    return await body_of(request)


def query_of(request: Request) -> dict[str, str]:
    """The query by its names in lower case, as the vendor's API takes them; of a repeated one the last counts."""
    return {name.lower(): value for name, value in request.query_params.multi_items()}


def base_of(request: Request) -> str:
    """The address at which the caller reaches the service: as set, else as the request has it."""
    public = door_of(request).settings.public_url
    return public.rstrip("/") or str(request.base_url).rstrip("/")


def spelling_of(request: Request) -> Spelling:
    """How the answer to this request is spelt."""
    headers = request.headers
    return spelling_for(headers.get("user-agent"), headers.get("x-ms-command-name"), door_of(request).settings.spelling)


async def token_of(token: Annotated[str | None, Header(alias=own.LEASE_HEADER)] = None) -> str | None:
    """The lease token that was shown, if any."""
    return token


def _at_once(look: Callable[[Request], Result]) -> Callable[[Request], Awaitable[Result]]:
    """The same as a dependency that is not sent to a thread of its own, which takes longer than so little work."""

    async def dependency(request: Request) -> Result:
        return look(request)

    return dependency


DoorDep = Annotated[Door, Depends(_at_once(door_of))]
ActorDep = Annotated[Actor, Depends(actor_of)]
KeyHolderDep = Annotated[Actor, Depends(key_holder_of)]


def _who_may(permission: str) -> Callable[[Actor], Awaitable[Actor]]:
    """A dependency: who asks, once their role is known to allow it; only then are query and body looked at."""

    async def dependency(actor: ActorDep) -> Actor:
        auth.require(actor, permission)
        return actor

    return dependency


async def _may_look_there(actor: ActorDep, request: Request) -> Actor:
    """Who asks, once their role is known to allow it: what names no review is of everybody's."""
    auth.require(actor, "look" if request.query_params.get("review_id") is not None else "read")
    return actor


MayCreate = Annotated[Actor, Depends(_who_may("create"))]
MayLook = Annotated[Actor, Depends(_who_may("look"))]
MayLookThere = Annotated[Actor, Depends(_may_look_there)]
MayRead = Annotated[Actor, Depends(_who_may("read"))]
MayReview = Annotated[Actor, Depends(_who_may("review"))]
MayMove = Annotated[Actor, Depends(_who_may("move"))]
MayInspect = Annotated[Actor, Depends(_who_may("inspect"))]
MayOversee = Annotated[Actor, Depends(_who_may("oversee"))]
MaySet = Annotated[Actor, Depends(_who_may("settings"))]
BodyDep = Annotated[bytes, Depends(body_of)]
JsonBodyDep = Annotated[bytes, Depends(json_body_of)]
QueryDep = Annotated[dict[str, str], Depends(_at_once(query_of))]
BaseDep = Annotated[str, Depends(_at_once(base_of))]
TokenDep = Annotated[str | None, Depends(token_of)]


class Answer(Response):
    """JSON in the service's own content type."""

    media_type = "application/json; charset=utf-8"

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        super().init_headers({**(headers or {}), **NOSNIFF})

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """A model object, or JSON, as the answer."""
    return Answer(own.write(value), status_code=status, headers=headers)
