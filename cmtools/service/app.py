"""Puts the parts together: routes, error answers, the worker that runs beside them. It holds no rule."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from .. import __version__
from ..errors import BadRequest, BadTagger, CmtoolsError, MethodNotAllowed, NotFound, error_from_wire
from ..store import Connection, Store, open_store, parse_url
from ..taggers import Scores, Tagger, open_taggers
from ..wire import own
from ..wire.failures import write_error
from . import auth, links, openapi, teams
from .context import Clock, Context, system_clock
from .door import Answer, Door, check_key
from .media import Media
from .paths import Paths
from .routes import ROUTERS
from .settings import Settings
from .watch import REQUEST, Watch
from .worker import Worker

log = logging.getLogger(__name__)
ADMINISTRATOR = "administrator"
KEYED = (own.OWN_PREFIX, "/contentmoderator/")
"""Where every address takes a key, also one that does not exist."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def create_app(
    settings: Settings,
    *,
    store: Store | None = None,
    clock: Clock = system_clock,
    taggers: Mapping[str, Tagger] | None = None,
    working: bool = True,
) -> FastAPI:
    """The service as an ASGI application.

    Parameters
    ----------
    settings : Settings
        Where its database and pictures are, and its times.
    store : Store, optional
        An open store to use; else the one that the settings name is opened.
    clock : callable
        Gives the moment, in UTC.
    taggers : mapping of str to Tagger, optional
        By type, what tags the content of jobs; else those that the settings name are opened, now rather than later.
    working : bool
        Whether a worker runs beside the routes; else ``app.state.worker.tick()`` does what is due.

    Raises
    ------
    BadTagger
        The settings name a tagger that there is not, or that cannot be made.
    """
    taggers = _taggers(settings.tagger) if taggers is None else taggers
    store = store or open_store(settings.database)
    _prepare(store, settings)
    media = Media(media_root(settings))
    media.sweep(clock().timestamp())
    door = Door(settings, store, media, clock, taggers)
    worker = Worker(store, door.media, door.outbound, settings, clock, taggers)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if working:
            worker.start()
        yield
        if working:
            worker.stop()
        store.close()

    app = FastAPI(
        title="cmtools review service",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        default_response_class=Answer,
        servers=[{"url": "/", "description": "Where this document was read."}],
    )
    app.state.door, app.state.worker = door, worker
    _furnish(app, door)
    return app


def _taggers(setting: str) -> dict[str, Tagger]:
    """The taggers of the setting, each of use to a service."""
    opened = open_taggers(setting)
    if any(isinstance(tagger, Scores) and tagger.by_file for tagger in opened.values()):
        raise BadTagger(f"a service knows no file names; the rows of {setting!r} must have a column sha256, or text")
    return opened


def _furnish(app: FastAPI, door: Door) -> None:
    """Give the application its routes, its document, and what every request goes through."""
    app.openapi = lambda: openapi.document(app)  # type: ignore[method-assign]
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Paths)
    app.add_middleware(Watch, metrics=door.metrics)
    _add_error_answers(app)


def _prepare(store: Store, settings: Settings) -> None:
    """Make the secrets that the service keeps in its database, unless they are there."""
    if not store.read(links.prepared):
        store.write(links.prepare)
    pepper = settings.pepper.get_secret_value() if settings.pepper else None
    if store.read(lambda connection: auth.needs_preparing(connection, pepper)):
        store.write(lambda connection: auth.prepare(connection, pepper))


def install_team(app: FastAPI, team: str, key: str, label: str = ADMINISTRATOR) -> None:
    """Make a team, unless there is one, and ``key`` its administrator's, in place of the earlier one of this label."""
    door: Door = app.state.door

    def work(connection: Connection) -> None:
        ctx = Context(connection, auth.installer(team.lower(), label), door.clock(), door.settings)
        teams.ensure(ctx)
        auth.install_key(ctx, key)

    door.store.write(work)


def has_key(app: FastAPI, team: str) -> bool:
    """Whether the team has an administrator's key already."""
    door: Door = app.state.door
    return door.store.read(lambda connection: auth.has_key(connection, team.lower()))


def media_root(settings: Settings) -> str:
    """Where pictures are kept: as set, else beside the SQLite file."""
    if settings.media:
        return settings.media
    url = parse_url(settings.database)
    if url.get_backend_name() == "sqlite" and url.database:
        return f"{url.database}.media"
    raise BadRequest(
        "set CMTOOLS_MEDIA to the folder or fsspec URL where pictures are kept; all service processes share it"
    )


def _methods_at(request: Request) -> list[str]:
    """The methods that the address of a request takes."""
    scopes = [{**request.scope, "method": method} for method in METHODS]
    routes = request.app.routes
    return [scope["method"] for scope in scopes if any(route.matches(scope)[0] is Match.FULL for route in routes)]


def _add_error_answers(app: FastAPI) -> None:
    @app.exception_handler(CmtoolsError)
    def ours(_request: Request, error: CmtoolsError) -> Response:
        if error.status >= 500:
            log.error("%s", error)
        headers = {"Retry-After": str(getattr(error, "retry_after", 1))} if error.status in (429, 503) else None
        return Answer(write_error(error), status_code=error.status, headers=headers)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"][1:])
        return ours(request, BadRequest(f"{first['msg']}", where=where or None))

    @app.exception_handler(HTTPException)
    def routing(request: Request, error: HTTPException) -> Response:
        if request.url.path.startswith(KEYED):
            try:
                check_key(request)  # whoever has no key is not told what there is
            except CmtoolsError as refused:
                return ours(request, refused)
        if error.status_code == 404:
            return ours(
                request, NotFound(f"there is nothing at {request.url.path}; the page /docs lists what there is")
            )
        if error.status_code == 405:
            allowed = ", ".join(_methods_at(request))
            error_answer = MethodNotAllowed(f"{request.url.path} does not take {request.method}, but {allowed}")
            return Answer(write_error(error_answer), status_code=405, headers={"Allow": allowed})
        return ours(request, error_from_wire(error.status_code, "", str(error.detail)))

    @app.exception_handler(Exception)
    def unforeseen(request: Request, _error: Exception) -> Response:
        said = f"unforeseen; the service's log has more at request {request.scope.get(REQUEST, '')}"
        return Answer(write_error(CmtoolsError(said)), status_code=500)
