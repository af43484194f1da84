"""The portal: sign in, then create, review, look at figures, set up. It shows other widgets and decides nothing itself.

Asked for by the browser; ``page`` names the page, for what is meant for it alone:

========  ====================================================  =======================================================
type      fields                                                answer
========  ====================================================  =======================================================
ready                                                           ``state``; what the open tab shows
sign_in   url, team, key, page                                  ``state``, or ``refused`` with page
sign_out                                                        ``state``
open      tab, and for reviews kind, subteam and disputes       ``state``; what the tab shows
look      what: ``figures`` or ``settings``                     ``figures`` or ``settings``
do        action, values, page, n                               ``done`` with page and n; then ``settings`` anew
========  ====================================================  =======================================================

Sent to every page:

========  =============================================================================================================
type      fields
========  =============================================================================================================
state     signed, url, team, fixed (the address cannot be chosen), reviewer, role, tabs, tab, kind, subteam, subteams,
          settles (may settle disputes), disputes (the board shows those), busy, error, and shown: the id of the
          widget that the tab shows, as its widget manager knows it
figures   `portal_figures.told`, or error
settings  `portal_settings.told`, or error
refused   page, text: why a sign-in failed
done      page, n, error; or secret and what is to be told of it
========  =============================================================================================================

A key comes in a message of the kernel's own channel and stays in the client that is made of it: it is in no trait and
no message back, so in no notebook, page or address.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..client.client import Client
from ..errors import BadRequest, CmtoolsError, Forbidden, NotAuthorized, Timeout, UnknownTeam, Unreachable
from ..model import Actor
from . import portal_figures, portal_settings
from .base import Widget, Worker, joined, packed, styles
from .board import ReviewBoard
from .create import CreateReviews
from .create_service import SERVICE

if TYPE_CHECKING:
    from ..tags import TagSet

log = logging.getLogger(__name__)

MODULES = (
    *("shared", "portal_parts", "portal_store", "portal_entry", "portal_figures"),
    *("portal_lists", "portal_tags", "portal_keys", "portal_calls", "portal_settings", "portal"),
)
STYLES = ("shared.css", "portal.css", "portal_settings.css")

KINDS = ("Image", "Text", "Video")
TABS: dict[str, frozenset[str]] = {
    "try": frozenset({"administrator", "lead", "submitter"}),
    "review": frozenset({"administrator", "lead", "reviewer"}),
    "dashboard": frozenset({"administrator", "lead", "reviewer", "auditor"}),
    "settings": frozenset({"administrator"}),
}
"""The tabs, and the roles that have them. It spares people what the service would refuse them; it guards nothing."""
SETTLES = frozenset({"administrator", "lead"})
"""The roles that settle disputes; the service decides it."""
FIRST = ("review", "dashboard", "try")
"""What is open after signing in: the first of these that the role has."""


class Portal(Widget):
    """Sign in with a team's key, then: Try, Review, Dashboard and, for administrators, Settings.

    What is added under Try gets its auto tags from the tagger that the service runs, where it has one. The same page is
    served to people without a notebook by ``cmtools portal``.

    Parameters
    ----------
    client : Client, optional
        Whom to be signed in as; without it the portal asks for team and key.
    url : str, optional
        The service's address. Where it is given, the page cannot choose another one; left out, the page begins with
        ``CMTOOLS_URL``.
    team : str, optional
        What the page begins with as the team; left out: ``CMTOOLS_TEAM``.

    Examples
    --------
    >>> import cmtools as cm
    >>> with cm.testing.running_service() as service:
    ...     portal = cm.Portal(service.client("ana"))
    ...     print(portal)
    ...     portal.sign_out()
    ...     print(portal)
    Portal(team='demo', reviewer='ana', role='administrator', tab='review')
    Portal(nobody is signed in)
    """

    script = joined(*(f"{name}.js" for name in MODULES))
    style = styles(*STYLES)
    _esm = packed(script, style)
    _css = ""

    def __init__(self, client: Client | None = None, *, url: str | None = None, team: str | None = None) -> None:
        self._fixed = url is not None
        self._url = url or os.environ.get("CMTOOLS_URL", "")
        self._team = team or os.environ.get("CMTOOLS_TEAM", "")
        self._client: Client | None = None
        self._actor: Actor | None = None
        self._subteams: tuple[str, ...] = ()
        self._tags: TagSet | None = None
        self._shown: dict[str, Widget] = {}
        self._tab, self._kind, self._subteam, self._disputes = "", KINDS[0], "", False
        self._busy, self._error = False, ""
        self._work = Worker("cmtools portal", self._on_failure)
        super().__init__()
        if client is not None:
            self._enter(client)

    # -- what a person does --------------------------------------------------------------------------------------------

    @property
    def client(self) -> Client | None:
        """The client of whoever is signed in; None for nobody."""
        return self._client

    @property
    def tab(self) -> str:
        """The tab that is open: ``try``, ``review``, ``dashboard`` or ``settings``; empty when nobody is signed in."""
        return self._tab

    @property
    def tabs(self) -> tuple[str, ...]:
        """The tabs that whoever is signed in has."""
        return () if self._actor is None else tuple(tab for tab, roles in TABS.items() if self._actor.role in roles)

    @property
    def shown(self) -> Widget | None:
        """The widget that the open tab shows, a board or a form; None where it shows none."""
        return self._shown.get(self._place())

    def sign_in(self, key: str, team: str | None = None, url: str | None = None) -> None:
        """Sign in with a team's key.

        Raises
        ------
        NotAuthorized, UnknownTeam
            The service knows no such key, or it is another team's.
        Unreachable
            No service answers at the address.
        Forbidden
            Another address than the one that this portal was made for.
        """
        if self._fixed and url is not None and url != self._url:
            raise Forbidden("this portal is for one service only: leave its address as it is")
        client = Client(self._url if url is None else url, key=_typed(key), team=self._team if team is None else team)
        self._enter(client)

    def sign_out(self) -> None:
        """Forget the key and everything that was shown; reviews in hand go back into the queue with their lease."""
        shown, client = list(self._shown.values()), self._client
        self._shown.clear()
        self._client = self._actor = self._tags = None
        self._subteams, self._tab, self._subteam, self._error = (), "", "", ""
        self._disputes = False
        self._show()
        for widget in shown:
            widget.close()
        if client is not None:
            client.close()

    def go_to(
        self, tab: str, kind: str | None = None, subteam: str | None = None, disputes: bool | None = None
    ) -> None:
        """Open a tab; among the reviews those of a kind and of one subteam (empty: of all), or the disputes among them.

        Raises
        ------
        Forbidden
            The role has no such tab, or settles no disputes.
        BadRequest
            There is no such kind, or no such subteam.
        """
        if tab not in self.tabs:
            raise Forbidden(f"there is no tab {tab!r} here; there are {', '.join(self.tabs) or 'none: sign in first'}")
        kind, subteam = kind or self._kind, self._subteam if subteam is None else subteam
        if kind not in KINDS:
            raise BadRequest(f"there are no reviews of {kind!r}; there are {', '.join(KINDS)}")
        if subteam and subteam not in self._subteams:
            raise BadRequest(f"the team has no subteam {subteam!r}; it has {', '.join(self._subteams)}")
        if disputes and not self._settles:
            raise Forbidden("disputes are settled with the key of a lead or an administrator")
        if subteam != self._subteam:
            self._leave_boards()
        self._tab, self._kind, self._subteam, self._error = tab, kind, subteam, ""
        self._disputes = self._disputes if disputes is None else disputes
        self._make_shown()
        self._show()

    def close(self) -> None:
        """Sign out, and take the portal off every page."""
        if getattr(self, "_shown", None) is not None:
            self.sign_out()
        super().close()

    def __repr__(self) -> str:
        if self._actor is None:
            return "Portal(nobody is signed in)"
        actor = self._actor
        return f"Portal(team={actor.team!r}, reviewer={actor.reviewer!r}, role={actor.role!r}, tab={self._tab!r})"

    # -- what happens --------------------------------------------------------------------------------------------------

    def _enter(self, client: Client) -> None:
        """Find out whom the key stands for, and open the first tab."""
        actor, team = client.whoami(), client.team()
        if self._client is not None:
            self.sign_out()
        self._client, self._actor, self._subteams, self._tags = client, actor, team.subteams, team.tags
        self._url, self._team = client.url, client.team_name
        self._tab = next(tab for tab in FIRST if tab in self.tabs)
        self._make_shown()
        self._show()

    def _place(self) -> str:
        if self._tab != "review":
            return self._tab
        return f"review {self._kind}{' disputes' if self._disputes else ''}"

    @property
    def _settles(self) -> bool:
        return self._actor is not None and self._actor.role in SETTLES

    def _make_shown(self) -> None:
        place, client = self._place(), self._client
        if place in self._shown or client is None:
            return
        if self._tab == "try":
            self._shown[place] = CreateReviews(client, tagger=SERVICE)
        elif self._tab == "review":
            subteam, disputes = self._subteam or None, self._disputes
            self._shown[place] = ReviewBoard(client, type=self._kind, subteam=subteam, adjudicate=disputes)

    def _leave_boards(self) -> None:
        """Give back what the boards hold and forget them: the next one is of another subteam."""
        for place, board in list(self._shown.items()):
            if isinstance(board, ReviewBoard):
                if not board.offer:
                    board.give_back()
                del self._shown[place]
                board.close()

    def _signed(self) -> Client:
        if self._client is None:
            raise NotAuthorized("nobody is signed in: sign in first")
        return self._client

    # -- telling the browser -------------------------------------------------------------------------------------------

    def _show(self) -> None:
        actor, shown = self._actor, self.shown
        self.tell(
            {
                "type": "state",
                "signed": actor is not None,
                "url": self._url,
                "team": self._team,
                "fixed": self._fixed,
                "reviewer": "" if actor is None else actor.reviewer or actor.label,
                "role": "" if actor is None else actor.role,
                "tabs": list(self.tabs),
                "tab": self._tab,
                "kind": self._kind,
                "subteam": self._subteam,
                "subteams": list(self._subteams),
                "settles": self._settles,
                "disputes": self._disputes,
                "busy": self._busy,
                "error": self._error,
                "shown": None if shown is None else shown.model_id,
            }
        )

    def _on_failure(self, error: Exception) -> None:
        if not isinstance(error, CmtoolsError):
            log.warning("the portal met an error of its own", exc_info=error)
        self._error = str(error) or type(error).__name__
        self._show()

    def _tell_figures(self) -> None:
        try:
            self.tell({"type": "figures", **portal_figures.told(self._signed().activity(), self._tags)})
        except CmtoolsError as error:
            self.tell({"type": "figures", "error": str(error)})

    def _tell_settings(self) -> None:
        try:
            told = portal_settings.told(self._signed())
        except CmtoolsError as error:
            self.tell({"type": "settings", "error": str(error)})
            return
        self._subteams = tuple(told["subteams"])
        self.tell({"type": "settings", **told})

    # -- what the browser asks -----------------------------------------------------------------------------------------

    def _hear_ready(self, _message: Mapping[str, Any]) -> None:
        self._show()

    def _hear_sign_in(self, message: Mapping[str, Any]) -> None:
        page = message.get("page")
        url = None if self._fixed else str(message.get("url") or "")
        key, team = str(message.get("key") or ""), str(message.get("team") or "").strip()
        self._work.do(lambda: self._try_key(_Key(key), team, url, page))

    def _try_key(self, key: _Key, team: str, url: str | None, page: object) -> None:
        try:
            self.sign_in(key, team, url)
        except CmtoolsError as error:
            self.tell({"type": "refused", "page": page, "text": _told(error)})

    def _hear_sign_out(self, _message: Mapping[str, Any]) -> None:
        self._work.do(self.sign_out)

    def _hear_open(self, message: Mapping[str, Any]) -> None:
        tab, kind, subteam = str(message.get("tab")), message.get("kind"), message.get("subteam")
        told = message.get("disputes")
        disputes = told if isinstance(told, bool) else None
        self._work.do(lambda: self.go_to(tab, kind and str(kind), None if subteam is None else str(subteam), disputes))

    def _hear_look(self, message: Mapping[str, Any]) -> None:
        look = {"figures": self._tell_figures, "settings": self._tell_settings}.get(str(message.get("what")))
        if look is not None:
            self._work.later(0, f"look {message['what']}", look)

    def _hear_do(self, message: Mapping[str, Any]) -> None:
        values = message.get("values")
        asked = dict(values) if isinstance(values, Mapping) else {}
        answer = {"type": "done", "page": message.get("page"), "n": message.get("n")}
        self._work.do(lambda: self._do(str(message.get("action")), asked, answer))

    def _do(self, action: str, values: dict[str, Any], answer: dict[str, Any]) -> None:
        try:
            answer |= portal_settings.do(self._signed(), action, values)
        except CmtoolsError as error:
            self.tell(answer | {"error": str(error)})
            return
        self.tell(answer)
        self._tell_settings()


class _Key(str):
    """A key that no repr shows: a traceback may print what a frame holds."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<a key>"


def _told(error: CmtoolsError) -> str:
    """Why a sign-in failed, for somebody who knows of no program: the rest says what it says."""
    if isinstance(error, UnknownTeam):
        return "This key is not one of this team. Check the team's name."
    if isinstance(error, NotAuthorized):
        return "The service does not know this key. Check it, or ask an administrator for a new one."
    if isinstance(error, Timeout | Unreachable):
        return "The service does not answer. Try again in a moment, or tell whoever runs it."
    return str(error)


def _typed(key: str) -> str:
    if not key.strip():
        raise BadRequest("there is no key: type the one that your administrator gave you")
    return key
