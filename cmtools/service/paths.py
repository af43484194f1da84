"""Reads addresses as old code of the Review API writes them: any case, doubled and trailing slashes. It serves none."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from ..wire.own import MODERATE_PREFIX, REVIEW_PREFIX

FIXED = (*REVIEW_PREFIX.split("/")[1:-1], *MODERATE_PREFIX.split("/")[1:])
VENDOR = re.compile(r"/+contentmoderator(?=/)", re.IGNORECASE)
WORDS = {
    word.lower(): word
    for word in (
        *FIXED,
        *("teams", "reviews", "frames", "publish", "transcript", "transcriptmoderationresult"),
        *("jobs", "workflows", "ProcessImage", "Evaluate", "ProcessText", "Screen"),
    )
}


def tidy_path(path: str) -> str:
    """The path as the routes know it; one that is not of the vendor's API stays as it is.

    The words of the API are taken in any case; the team and the ids between them are left alone.

    Examples
    --------
    >>> tidy_path("//ContentModerator/Review/v1.0/Teams/Reviews/reviews/")
    '/contentmoderator/review/v1.0/teams/Reviews/reviews'
    >>> tidy_path("/contentmoderator/moderate/v1.0/processtext/screen/")
    '/contentmoderator/moderate/v1.0/ProcessText/Screen'
    >>> tidy_path("/health/")
    '/health/'
    """
    if not VENDOR.match(path):
        return path
    steps = [step for step in path.split("/") if step]
    named = {4, 6} if steps[3:4] and steps[3].lower() == "teams" else set()
    return "/" + "/".join(step if place in named else WORDS.get(step.lower(), step) for place, step in enumerate(steps))


class Paths:
    """Sends each request on with its path tidied."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http":
            scope["path"] = tidy_path(scope["path"])
        await self._app(scope, receive, send)
