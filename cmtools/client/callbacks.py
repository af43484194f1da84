"""The operations of `Client` on callbacks: how they went, sending them anew, the secret that signs them."""

from __future__ import annotations

from ..errors import ServiceError
from ..model import CallbackAttempt, CallbackSecret
from ..wire import own
from .connection import Connection

PAGE = 1000


class Callbacks(Connection):
    """The operations of `Client` on callbacks."""

    def callbacks(self, state: str | None = None, most: int | None = None) -> list[CallbackAttempt]:
        """The notices to callers, the latest first, and how the last try of each went.

        Parameters
        ----------
        state : str, optional
            ``waiting``, ``delivered``, ``failed`` (given up: see `redeliver`) or ``cancelled`` (taken back); left out,
            all of them.
        most : int, optional
            How many, at least 1; left out, all there are.
        """
        found: list[CallbackAttempt] = []
        before: str | None = None
        while True:
            limit = PAGE if most is None else min(PAGE, most - len(found))
            answer = self._call("GET", "/callbacks", params={"state": state, "before": before, "limit": limit})
            page, following = own.read_page(CallbackAttempt, answer.json(), "callbacks")
            found += page
            if following is None or following == before or len(found) == most:
                return found
            before = following

    def redeliver(self, callback_id: str | None = None) -> int:
        """Send notices anew that were given up: one, or all of the team's; how many that changed.

        One that waits for a later try is sent now. Each keeps its id, so that a receiver which had it after all knows
        it again. One that is on its way, or was delivered, stays as it is.
        """
        total = 0
        while True:
            told = self._call("POST", "/callbacks/redeliver", data={"callback_id": callback_id}, repeat=True).json()
            count = told.get("redelivered") if isinstance(told, dict) else None
            if not isinstance(count, int):
                raise ServiceError("the service does not say how many callbacks it sends anew")
            total += count
            if callback_id is not None or count == 0:
                return total

    def callback_secret(self) -> CallbackSecret:
        """What the team's callbacks are signed with; give its ``secret`` to `cmtools.verify_callback`.

        It takes a key that may change settings, and it is on the trail that somebody asked.
        """
        return self._read(CallbackSecret, "GET", "/callback-secret")

    def rotate_callback_secret(self, keep_previous_seconds: float = 86_400) -> CallbackSecret:
        """Give the team a new secret; for so many seconds callbacks are signed with the previous one too.

        Parameters
        ----------
        keep_previous_seconds : float
            Until every receiver knows the new one; 0 where the previous one is no secret any more.
        """
        data = {"keep_previous_seconds": keep_previous_seconds}
        return self._read(CallbackSecret, "POST", "/callback-secret/rotate", data=data)
