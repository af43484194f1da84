"""What comes out of reviews: decisions as a table, the trail of who did what. Nothing is measured here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import ServiceError, TransportError
from ..model import AuditEvent, Feedback, GoldenItem, Opinion, TrailCheck, TrailHead
from ..wire import own, trail
from .arguments import segment
from .connection import Connection

if TYPE_CHECKING:
    from ..analysis.decisions import Frame

PAGE = 1000

TRIES = 4
"""How often a stream that brings nothing new is begun in all."""


class Sealed(Protocol):
    """What has a seal; ``cmtools.SamplingPlan`` and ``cmtools.Audit`` do."""

    @property
    def seal(self) -> str: ...


class Results(Connection):
    """The operations of `Client` on decisions and events."""

    def decisions(
        self,
        subteam: str | None = None,
        metadata: bool = False,
        exposure: bool = False,
        *,
        type: str | None = None,
        answers: str = "each",
    ) -> Frame:
        """All decisions so far as a tidy table; a million of them take some seconds.

        Parameters
        ----------
        subteam : str, optional
            Only this one's.
        metadata : bool
            Whether to add a column ``metadata_<key>`` for every other metadata key.
        exposure : bool
            Whether to add ``reveals`` and ``revealed_seconds``: how often, and how long, this reviewer saw this
            review's picture uncovered.
        type : str, optional
            Only of ``Image``, ``Text`` or ``Video``.
        answers : str
            ``each``: what each reviewer said, also while others are still asked. ``final``: the final tags of each
            review; ``reviewer`` is who decided it alone or adjudicated it, or the rule that settled it, as in
            ``(majority)``. ``golden``: what each reviewer said of golden items, which are in neither of the others,
            with a column ``truth``; a tag of which no answer is known is left out.

        Returns
        -------
        pandas.DataFrame
            One row per review, tag and reviewer, as `cmtools.tidy` makes it; without rows when nothing is complete.
            Of a review that several people decide, ``review_id`` is the review's, and not that of an opinion. It takes
            a key of an administrator, a lead or an auditor.

        Notes
        -----
        They are streamed: the service never holds them all, and a connection that breaks is taken up where it broke.
        What is completed meanwhile may be among them or not.
        """
        from ..analysis.sources.chunks import Assembly  # pandas is slow to load, and a board does not need it

        query = {"subteam": subteam, "type": type, "metadata": int(metadata), "exposure": int(exposure)}
        query |= {"answers": answers} if answers != "each" else {}
        made = Assembly(metadata=metadata, exposure=exposure, truth=answers == "golden")
        for chunk in self._chunks("/decisions", query):
            made.add(chunk)
        return made.table()

    def events(self, review_id: str | None = None) -> Iterator[AuditEvent]:
        """Who did what to what, the oldest first; of one review where it is named. Fetched as they are asked for."""
        return self._pages(AuditEvent, "/events", "events", {"review_id": review_id, "limit": PAGE})

    def opinions(self, review_id: str) -> list[Opinion]:
        """What each of several reviewers said of a review, the earliest first; for leads and auditors."""
        path = f"/reviews/{segment(review_id, 'review id')}/opinions"
        return own.read_list(Opinion, self._call("GET", path).json(), "opinions")

    def golden(self) -> list[GoldenItem]:
        """The team's golden items with their known answers, the oldest first; for leads and auditors."""
        return own.read_list(GoldenItem, self._call("GET", "/golden").json(), "golden")

    def feedback(self, after: datetime | None = None) -> list[Feedback]:
        """How what this reviewer said of golden items compares with the known answers, the oldest first.

        Parameters
        ----------
        after : datetime, optional
            Only what was decided after this moment, which has to be aware; of more than 200 these are the latest.

        Returns
        -------
        list of Feedback
            What is final; nothing as long as the team keeps silent: `set_golden_feedback`.
        """
        query = None if after is None else {"since": after.isoformat()}
        return own.read_list(Feedback, self._call("GET", "/feedback", params=query).json(), "feedback")

    def note_seal(self, seal: str | Sealed, about: str = "") -> AuditEvent:
        """Put the seal of something that is kept elsewhere on the trail: proof that it was there before what follows.

        Parameters
        ----------
        seal : str, SamplingPlan or Audit
            A SHA-256 as 64 hexadecimal digits, or what has one as ``.seal``. Noted twice, it stays where it was first.
        about : str
            What it is the seal of, for people.

        Returns
        -------
        AuditEvent
            As it stands on the trail.

        Examples
        --------
        >>> from cmtools.testing import running_service
        >>> with running_service() as service:
        ...     noted = service.client().note_seal("0" * 64, "a sampling plan")
        >>> noted.action, noted.after
        ('note_seal', {'about': 'a sampling plan'})
        """
        path = f"/trail/noted/{segment(seal if isinstance(seal, str) else seal.seal, 'seal')}"
        return self._read(AuditEvent, "PUT", path, data={"about": about}, repeat=True)

    def trail_head(self) -> TrailHead:
        """The last seal of the team's trail: note its digest elsewhere, and `verify_trail` can hold it against that."""
        return self._read(TrailHead, "GET", "/trail/head")

    def verify_trail(self, head: str | None = None) -> TrailCheck:
        """Check the whole trail of the team: whether any event was changed, removed or put in after it was sealed.

        Parameters
        ----------
        head : str, optional
            The digest of an earlier `trail_head`. Without one, a chain that somebody with the whole database in hand
            made anew looks right.

        Returns
        -------
        TrailCheck
            ``ok`` when nothing was found; else ``faults`` names the first of them, and ``fault_count`` counts all.
        """

        def part_behind(after: int) -> TrailCheck:
            return self._read(TrailCheck, "GET", "/trail/check", params={"after": after, "noted": head})

        return trail.joined(part_behind)

    def _chunks(self, path: str, query: dict[str, str | int | None]) -> Iterator[Any]:
        """The lines of a stream as JSON, taken up again behind the last one where it breaks off."""
        after: str | None = None
        tries = 0
        while True:
            tries += 1
            try:
                for line in self._lines(path, {**query, "after": after}):
                    chunk = _read(line)
                    yield chunk
                    after, tries = chunk["next"], 0
                    if after is None:
                        return
            except TransportError:
                if tries >= TRIES or after is None:
                    raise
            if tries >= TRIES:
                raise TransportError("the stream ended before its last line, each time that it was begun: try again")


def _read(line: bytes) -> Any:
    try:
        chunk = json.loads(line)
        if "next" in chunk:
            return chunk
    except (ValueError, TypeError, RecursionError):
        pass
    raise ServiceError("what answers at this address is no review service: a line of its answer cannot be read")
