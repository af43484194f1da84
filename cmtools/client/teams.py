"""The team that a client works for: its tags, subteams and keys. These operations of `Client` make no review."""

from __future__ import annotations

from typing import Any

from ..model import Actor, ApiKey, Team
from ..tags import TagSet, check_threshold
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

    def tags(self) -> TagSet:
        """The team's tags; their ``thresholds`` are what `make_drafts` takes as ``threshold=``."""
        return self.team().tags

    def add_tag(
        self,
        short_code: str,
        name: str | None = None,
        description: str | None = None,
        *,
        threshold: float | None = None,
    ) -> TagSet:
        """Add a tag, or change one: what is left out stays as it is.

        Parameters
        ----------
        short_code : str
            Its key: a letter, then at most 15 letters, digits, ``-`` or ``_``.
        name, description : str, optional
            What a reviewer reads on the chip, and the tooltip's sentence. A new tag is called by its short code.
        threshold : float, optional
            From which score on, in [0, 1], it is true; `set_threshold` takes that back.

        Returns
        -------
        TagSet
            As it is now.

        Raises
        ------
        BadTag
            The short code is none, or the threshold is no number from 0 to 1.
        """
        said = {"name": name, "description": description, "threshold": check_threshold(threshold, short_code)}
        body = {"short_code": short_code} | {key: value for key, value in said.items() if value is not None}
        return self._read(Team, "POST", "/tags", data=body, repeat=True).tags

    def set_threshold(self, short_code: str, threshold: float | None) -> TagSet:
        """From which score on a tag of the team is true, whatever tagger gave it; None leaves that to the tagger again.

        It holds for what the service's taggers are asked from now on (jobs, `Client.tag`, `Client.evaluate`), and in
        create forms that are opened without a threshold. What was tagged before stays as it is.

        Parameters
        ----------
        short_code : str
            In any case; ``a`` and ``r``, which every team has, too.
        threshold : float or None
            In [0, 1].

        Returns
        -------
        TagSet
            As it is now; its ``thresholds`` are those that are set.

        Raises
        ------
        BadTag
            The threshold is no number from 0 to 1.
        NotFound
            The team has no such tag.
        """
        path = f"/tags/{segment(short_code, 'short code')}/threshold"
        body = {"threshold": check_threshold(threshold, short_code)}
        return self._read(Team, "PUT", path, data=body, repeat=True).tags

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
