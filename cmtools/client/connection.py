"""Whose calls they are: one team of one service, one reviewer, one key. It knows no single operation."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, Self, TypeVar

from ..errors import BadRequest
from ..model import Lease
from ..wire import own
from .arguments import is_number, segment
from .transport import Answer, Hidden, KeyAuth, Transport
from .urls import clean_url

T = TypeVar("T")


class Connection:
    """What `Client` is made of below its operations; its parameters are told there."""

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        team: str | None = None,
        reviewer: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        secret, key = Hidden((key or os.environ.get("CMTOOLS_KEY") or "").strip()), None  # no frame shows it from here
        self.url = ""  # so that repr works from the start
        self.team_name = (team or os.environ.get("CMTOOLS_TEAM") or "").strip()
        self.reviewer = (reviewer or "").strip() or None
        self.url = clean_url(url)
        if not secret:
            raise BadRequest("there is no key: pass key=..., or set CMTOOLS_KEY")
        if not (secret.isascii() and secret.isprintable()):
            raise BadRequest(
                "the key (key=, CMTOOLS_KEY) holds characters that no key has: was it cut or copied badly?"
            )
        if not self.team_name:
            raise BadRequest("there is no team: pass team=..., or set CMTOOLS_TEAM")
        if not (is_number(timeout) and timeout > 0):
            raise BadRequest(f"timeout is {timeout!r}; it must be a number of seconds above 0")
        headers = {own.REVIEWER_HEADER: own.write_header(self.reviewer)} if self.reviewer else {}
        self._transport = Transport(self.url, KeyAuth(secret), headers=headers, timeout=timeout)

    @classmethod
    def from_env(cls, reviewer: str | None = None) -> Self:
        """A client of the service that ``CMTOOLS_URL``, ``CMTOOLS_KEY`` and ``CMTOOLS_TEAM`` name."""
        return cls(os.environ.get("CMTOOLS_URL", ""), reviewer=reviewer)

    def __repr__(self) -> str:
        return f"Client(url={self.url!r}, team={self.team_name!r}, reviewer={self.reviewer!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Client holds a key, so it cannot be pickled or copied: make another with Client.from_env()")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections. The client can still be used; it then makes new ones."""
        self._transport.close()

    def _call(self, method: str, path: str, *, lease: Lease | None = None, **kwargs: Any) -> Answer:
        """A call on the team's part of the service; with a lease, its token is shown (and hidden from tracebacks)."""
        headers = {own.LEASE_HEADER: Hidden(lease.token)} if lease and lease.token else None
        return self._transport.call(
            method, f"{own.OWN_PREFIX}/{segment(self.team_name, 'team')}{path}", headers=headers, **kwargs
        )

    def _lines(self, path: str, params: Mapping[str, str | int | None]) -> Iterator[bytes]:
        """The lines of a long answer of the team's part of the service, as they come."""
        return self._transport.lines(f"{own.OWN_PREFIX}/{segment(self.team_name, 'team')}{path}", params)

    def _vendor(self, method: str, path: str, **kwargs: Any) -> Answer:
        """A call on the team's part of the Review API."""
        return self._transport.call(method, f"{own.REVIEW_PREFIX}/{segment(self.team_name, 'team')}{path}", **kwargs)

    def _read(self, cls: type[T], method: str, path: str, **kwargs: Any) -> T:
        return own.read(cls, self._call(method, path, **kwargs).json())

    def _pages(self, cls: type[T], path: str, name: str, query: Mapping[str, str | int | None]) -> Iterator[T]:
        cursor: str | None = None
        while True:
            answer = self._call("GET", path, params={**query, "after": cursor})
            records, following = own.read_page(cls, answer.json(), name)
            yield from records
            if following is None or following == cursor:
                return
            cursor = following
