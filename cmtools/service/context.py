"""What a rule is handed: the transaction, who acts, the moment, the settings. It decides nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from ..errors import BadRequest
from ..model import Actor
from ..store import Connection, teams
from ..tags import TagSet
from .settings import Settings

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """One transaction of one actor at one moment."""

    connection: Connection
    actor: Actor
    now: datetime
    settings: Settings

    @property
    def team(self) -> str:
        """The team that everything in this transaction belongs to."""
        return self.actor.team

    @property
    def reviewer(self) -> str:
        """The reviewer who acts."""
        if self.actor.reviewer is None:
            raise BadRequest("no reviewer is named: give Client(..., reviewer='your name')")
        return self.actor.reviewer

    def tags(self) -> TagSet:
        """The team's tags."""
        return teams.tag_set(self.connection, self.team)


def new_id() -> str:
    """A random id that cannot be guessed."""
    return secrets.token_hex(16)


def guids(count: int) -> Iterator[str]:
    """Random (version 4) GUIDs without dashes, as the ids of the Review API end.

    Examples
    --------
    >>> [guid] = guids(1)
    >>> len(guid), guid[12], guid[16] in "89ab"
    (32, '4', True)
    """
    random = secrets.token_hex(16 * count)
    for start in range(0, 32 * count, 32):
        digits = random[start : start + 32]
        yield f"{digits[:12]}4{digits[13:16]}{'89ab'[int(digits[16], 16) & 3]}{digits[17:]}"


def system_actor(team: str, reviewer: str | None = None) -> Actor:
    """The service itself, when it ends what a reviewer left open."""
    return Actor(team, "", "service", "administrator", reviewer)
