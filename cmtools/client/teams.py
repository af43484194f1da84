"""The team that a client works for: its tags, subteams and keys. These operations of `Client` make no review."""

from __future__ import annotations

from typing import Any

from ..model import Actor, ApiKey, Team
from ..tags import TagSet
from ..wire import own
from .arguments import segment
from .connection import Connection


class Teams(Connection):
    """The operations of `Client` on its team."""

    # The service and the team -----------------------------------------------------------------------------------------

    def health(self) -> dict[str, Any]:
        """Whether the service is well: its ``status``, ``version`` and ``database``."""
        return own.read(dict[str, Any], self._transport.call("GET", "/health").json())

    def ready(self) -> dict[str, Any]:
        """Whether the service can serve now; `NotReady` that names what is wrong when it cannot."""
        return own.read(dict[str, Any], self._transport.call("GET", "/ready").json())

    def team(self) -> Team:
        """The team with its tags, subteams, and the seconds of a lease and of the undo window."""
        return self._read(Team, "GET", "")

    def add_tag(self, short_code: str, name: str = "", description: str = "") -> TagSet:
        """Add a tag, or change the name of one; gives the tag set as it is now."""
        body = {"short_code": short_code, "name": name, "description": description}
        return self._read(Team, "POST", "/tags", data=body, repeat=True).tags

    def remove_tag(self, short_code: str) -> TagSet:
        """Take a tag out of the set; what was answered under it stays on record."""
        return self._read(Team, "DELETE", f"/tags/{segment(short_code, 'short code')}").tags

    def add_subteam(self, name: str) -> tuple[str, ...]:
        """Add a subteam; gives the names of all of them."""
        return self._read(Team, "POST", "/subteams", data={"name": name}, repeat=True).subteams

    # Keys -------------------------------------------------------------------------------------------------------------

    def create_key(self, label: str, role: str, reviewer: str | None = None) -> ApiKey:
        """Make a key; its ``secret`` is in this answer and nowhere else."""
        return self._read(ApiKey, "POST", "/keys", data={"label": label, "role": role, "reviewer": reviewer})

    def keys(self) -> list[ApiKey]:
        """The team's keys, without their secrets."""
        return own.read_list(ApiKey, self._call("GET", "/keys").json(), "keys")

    def rotate_key(self, key_id: str, *, grace_seconds: float = 0.0) -> ApiKey:
        """Make a key in place of a live one, which ends now or after so many seconds; its ``secret`` is shown once.

        This may be the key that the client itself uses: then go on with a client that has the new one.
        """
        path = f"/keys/{segment(key_id, 'key id')}/rotate"
        return self._read(ApiKey, "POST", path, data={"grace_seconds": grace_seconds})

    def whoami(self) -> Actor:
        """Whom the client's key stands for: its team, id, label and role, and the reviewer that it acts for."""
        return self._read(Actor, "GET", "/whoami")

    def revoke_key(self, key_id: str) -> None:
        """End a key now."""
        self._call("DELETE", f"/keys/{segment(key_id, 'key id')}")
