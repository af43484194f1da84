"""`Client`, the door to a review service: each operation is a method. Connections and JSON are left to others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import NotFound, ServiceError, UnknownTeam
from ..model import (
    ApiKey,
    AuditEvent,
    CallbackAttempt,
    Draft,
    Picture,
    QueueCounts,
    Review,
    Team,
)
from ..tags import TagSet
from ..wire import own
from ..wire.creation import Incoming, write_drafts
from ..wire.reviews import wire_status
from . import creating
from .connection import as_list, read_file, segment
from .jobs import Jobs
from .reviewing import Reviewing
from .waiting import progress_bar, wait_until

if TYPE_CHECKING:
    from ..analysis.decisions import Frame

T = TypeVar("T")
PAGE = 500
PICTURES_AT_ONCE = 6


class Client(Reviewing, Jobs):
    """A review service as one reviewer of one team sees it. Making a client calls nobody; threads may share it.

    Parameters
    ----------
    url : str
        The service's address, such as ``http://127.0.0.1:8765``.
    key : str, optional
        The team's key. Left out: ``CMTOOLS_KEY``. It is in no repr, no traceback and no pickle.
    team : str, optional
        Left out: ``CMTOOLS_TEAM``.
    reviewer : str, optional
        Whom checkouts, submissions and audit events name. Left out: whoever the key belongs to.
    timeout : float
        Seconds to wait for one answer.

    Raises
    ------
    BadRequest
        When address, key or team are missing; the message names the argument and the variable.

    Notes
    -----
    Every method raises the `CmtoolsError` that the service refused with, `Unreachable` when no service answers, and
    `Timeout` when it is late. A call that does no harm when it is made twice is tried again a few times by itself.

    Examples
    --------
    >>> Client("http://127.0.0.1:8765/", key="s3cret", team="demo", reviewer="ana")
    Client(url='http://127.0.0.1:8765', team='demo', reviewer='ana')

    >>> from cmtools.testing import running_service
    >>> with running_service() as service, service.client("ana") as client:
    ...     ids = client.create_reviews([Draft("Hello!", "1", "Text")])
    ...     lease = client.checkout(type="Text")
    ...     submission = client.submit(lease, {ids[0]: {"r": True}})
    ...     client.counts().submitted
    1
    """

    # The service and the team -----------------------------------------------------------------------------------------

    def health(self) -> dict[str, Any]:
        """Whether the service is well: its ``status``, ``version`` and ``database``."""
        return own.read(dict[str, Any], self._transport.call("GET", "/health").json())

    def team(self) -> Team:
        """The team with its tags, subteams, and the seconds of a lease and of the undo window."""
        return self._read(Team, "GET", "")

    def add_tag(self, short_code: str, name: str = "", description: str = "") -> TagSet:
        """Add a tag, or change the name of one; gives the tag set as it is now."""
        body = {"short_code": short_code, "name": name, "description": description}
        return self._read(Team, "POST", "/tags", data=body, repeat=True).tags

    def remove_tag(self, short_code: str) -> TagSet:
        """Take a tag out of the set; what was answered under it stays on record."""
        return self._read(Team, "DELETE", f"/tags/{segment(short_code)}").tags

    def add_subteam(self, name: str) -> tuple[str, ...]:
        """Add a subteam; gives the names of all of them."""
        return self._read(Team, "POST", "/subteams", data={"name": name}, repeat=True).subteams

    # Creating ---------------------------------------------------------------------------------------------------------

    def create_reviews(
        self,
        drafts: Iterable[Draft],
        *,
        subteam: str | None = None,
        new_tags: bool = False,
        batch: str = "",
        progress: bool = True,
    ) -> list[str]:
        """Create a review of each draft. Interrupted or broken off, the same call again goes on and doubles none.

        Parameters
        ----------
        drafts : iterable of Draft
            As `cmtools.make_drafts` gives them. Local files are uploaded.
        subteam : str, optional
            Whose queue they go to; left out, ``public``, which is everybody's.
        new_tags : bool
            Whether tags that the drafts use and the team does not have are added to the team.
        batch : str
            A name for this lot. The same drafts under the same name are the same reviews, under another name new ones.
        progress : bool
            Whether to show a progress bar (never for a single draft).

        Returns
        -------
        list of str
            The review ids, in the order of the drafts. No drafts give an empty list.

        Raises
        ------
        BadDraft
            Naming the first draft that cannot become a review; nothing was created.
        BadTag
            Naming a tag that the team does not have; nothing was created.
        BadPicture
            Naming a file that the service refuses; the message says how many reviews exist already.
        """
        codes: Iterable[str] = getattr(drafts, "tag_codes", ())
        checked = creating.check_drafts(drafts)
        if not checked:
            return []
        self._settle_tags(codes, new_tags)
        with progress_bar(creating.count_steps(checked), shown=progress and len(checked) > 1) as bar:
            creation = creating.Creation(
                self.upload,
                lambda items: self._create_batch(items, subteam),
                subteam=subteam,
                batch=batch,
                bar=bar,
            )
            return creation.run(checked)

    def create_review(self, draft: Draft, subteam: str | None = None) -> str:
        """Create one review; gives its id. The same draft again is the same review."""
        return self.create_reviews([draft], subteam=subteam, progress=False)[0]

    def upload(self, picture: str | Path | bytes) -> Picture:
        """Give the service a picture, from a file or as bytes; the same bytes have the same id.

        Raises
        ------
        BadPicture
            When there is no such file, or it is no picture that reviewers could be shown.
        """
        if isinstance(picture, str | Path):
            picture = read_file(Path(picture))
        return own.read(Picture, self._call("POST", "/pictures", body=picture, repeat=True).json())

    def _create_batch(self, items: list[Incoming], subteam: str | None) -> tuple[list[str], int]:
        answer = self._transport.call(
            "POST",
            f"{own.REVIEW_PREFIX}/{segment(self.team_name)}/reviews",
            params={"subTeam": subteam},
            data=write_drafts(items),
            repeat=True,  # each item has its idempotency key
        )
        ids = own.read(list[str], answer.json())
        if len(ids) != len(items):
            raise ServiceError(f"the service answered {len(ids)} ids for {len(items)} drafts")
        new = answer.headers.get(own.CREATED_HEADER, "")
        return ids, int(new) if new.isdecimal() else len(ids)

    def _settle_tags(self, codes: Iterable[str], new_tags: bool) -> None:
        """See to it that the team has the tags that drafts use."""
        wanted = list(codes)
        if not wanted:
            return
        tags = self.team().tags
        for code in creating.unknown_codes(wanted, tags):
            if not new_tags:
                tags.require(code)
            self.add_tag(code)

    # Reading ----------------------------------------------------------------------------------------------------------

    def get_review(self, review_id: str) -> Review:
        """One review with everything that is known of it; `NotFound` when the team has none of that id."""
        return self._read(Review, "GET", f"/reviews/{segment(review_id)}")

    def reviews(
        self,
        status: str | None = None,
        type: str | None = None,
        subteam: str | None = None,
        ids: Iterable[str] | None = None,
    ) -> Iterator[Review]:
        """Reviews of the team, the oldest first, fetched as they are asked for.

        Parameters
        ----------
        status : str, optional
            ``Pending`` (also while a reviewer has it), ``Complete`` or ``Unpublished``.
        type, subteam : str, optional
            Only these.
        ids : iterable of str, optional
            Only these, in this order; ids that the team does not have are left out.

        Yields
        ------
        Review
        """
        if ids is None:
            query = {"status": status, "type": type, "subteam": subteam, "limit": PAGE}
            yield from self._pages(Review, "/reviews", "reviews", query)
            return
        for some in _chunks(as_list(ids), own.MAX_LOOKUP):
            answer = self._call("POST", "/reviews/lookup", data={"ids": some}, repeat=True)
            for review in own.read_list(Review, answer.json(), "reviews"):
                if _matches(review, status, type, subteam):
                    yield review

    def wait(
        self, ids: Iterable[str], *, status: str = "Complete", timeout: float | None = None, progress: bool = True
    ) -> list[Review]:
        """Wait until all of these reviews have a status; interrupting it harms nothing.

        Parameters
        ----------
        ids : iterable of str
            Review ids.
        status : str
            What to wait for.
        timeout : float, optional
            Seconds after which to give up; left out, it waits as long as it takes.
        progress : bool
            Whether to show a progress bar.

        Returns
        -------
        list of Review
            In the order of the ids.

        Raises
        ------
        NotFound
            The team has no review of some id.
        Timeout
            The time is over; the message says how many are not there yet.
        """
        wanted = as_list(ids)

        def look() -> tuple[list[Review], int]:
            by_id = {review.id: review for review in self.reviews(ids=wanted)}
            if missing := [id for id in wanted if id not in by_id]:
                raise NotFound(f"the team has no review {missing[0]!r}")
            found = [by_id[id] for id in wanted]
            return found, sum(review.status.lower() == status.lower() for review in found)

        return wait_until(look, len(wanted), things="reviews", state=status, timeout=timeout, progress=progress)

    def counts(self, type: str | None = None, subteam: str | None = None) -> QueueCounts:
        """How many reviews (of a type, of a subteam) stand in which state."""
        return self._read(QueueCounts, "GET", "/counts", params={"type": type, "subteam": subteam})

    def thumbnails(self, ids: Iterable[str], size: int = 320) -> dict[str, bytes | None]:
        """Small JPEGs by review id, fetched a few at a time; None where there is no picture to show.

        Parameters
        ----------
        ids : iterable of str
            Review ids.
        size : int
            The longer side in pixels, 16 to 2048.
        """
        wanted = list(dict.fromkeys(as_list(ids)))
        if not wanted:
            return {}
        pool = ThreadPoolExecutor(min(PICTURES_AT_ONCE, len(wanted)), thread_name_prefix="cmtools-picture")
        try:
            return dict(zip(wanted, pool.map(lambda id: self._thumbnail(id, size), wanted), strict=True))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _thumbnail(self, review_id: str, size: int) -> bytes | None:
        try:
            return self._call("GET", f"/reviews/{segment(review_id)}/thumbnail", params={"size": size}).body
        except UnknownTeam:
            raise
        except NotFound:
            return None

    def picture(self, review_id: str) -> bytes:
        """A review's picture in full, re-encoded for display; `NotFound` when there is none to show."""
        return self._call("GET", f"/reviews/{segment(review_id)}/picture").body

    def decisions(self, subteam: str | None = None, metadata: bool = False) -> Frame:
        """All decisions so far as a tidy table.

        Parameters
        ----------
        subteam : str, optional
            Only this one's.
        metadata : bool
            Whether to add a column ``metadata_<key>`` for every other metadata key.

        Returns
        -------
        pandas.DataFrame
            One row per review, tag and reviewer, as `cmtools.tidy` makes it; without rows when nothing is complete.
        """
        from ..analysis.decisions import tidy  # pandas is slow to load, and a board does not need it

        return tidy(self.reviews(status="Complete", subteam=subteam), metadata=metadata)

    def events(self, review_id: str | None = None) -> Iterator[AuditEvent]:
        """Who did what to what, the oldest first; of one review where it is named. Fetched as they are asked for."""
        return self._pages(AuditEvent, "/events", "events", {"review_id": review_id, "limit": PAGE})

    def callbacks(self) -> list[CallbackAttempt]:
        """The latest notices to callers, and how the last try of each went."""
        return own.read_list(CallbackAttempt, self._call("GET", "/callbacks").json(), "callbacks")

    # Keys -------------------------------------------------------------------------------------------------------------

    def create_key(self, label: str, role: str, reviewer: str | None = None) -> ApiKey:
        """Make a key; its ``secret`` is in this answer and nowhere else."""
        return self._read(ApiKey, "POST", "/keys", data={"label": label, "role": role, "reviewer": reviewer})

    def keys(self) -> list[ApiKey]:
        """The team's keys, without their secrets."""
        return own.read_list(ApiKey, self._call("GET", "/keys").json(), "keys")

    def revoke_key(self, key_id: str) -> None:
        """End a key now."""
        self._call("DELETE", f"/keys/{segment(key_id)}")


def _chunks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _matches(review: Review, status: str | None, type: str | None, subteam: str | None) -> bool:
    pairs = ((status, wire_status(review.status)), (type, review.type), (subteam, review.subteam))
    return all(wanted is None or wanted.lower() == actual.lower() for wanted, actual in pairs)
