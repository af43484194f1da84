"""`Client`, the door to a review service: each operation is a method. Connections and JSON are left to others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from ..errors import NotFound, ServiceError
from ..model import (
    Activity,
    QueueCounts,
    Review,
)
from ..wire import own
from ..wire.reviews import wire_status
from .arguments import as_list, segment, status_of
from .callbacks import Callbacks
from .holds import Holds
from .jobs import Jobs
from .people import People
from .pictures import Pictures
from .results import Results
from .reviewing import Reviewing
from .videos import Videos
from .waiting import wait_until

T = TypeVar("T")
PAGE = 500
FRAMED = "Video"


class Client(Reviewing, Holds, Videos, Pictures, Jobs, People, Callbacks, Results):
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

    >>> from cmtools.model import Draft
    >>> from cmtools.testing import running_service
    >>> with running_service() as service, service.client("ana") as client:
    ...     ids = client.create_reviews([Draft("Hello!", "1", "Text")])
    ...     lease = client.checkout(type="Text")
    ...     submission = client.submit(lease, {ids[0]: {"r": True}})
    ...     client.counts().submitted
    1
    """

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
        if status is not None:
            status = status_of(status)
        if ids is None:
            query = {"status": status, "type": type, "subteam": subteam, "limit": PAGE}
            yield from self._pages(Review, "/reviews", "reviews", query)
            return
        for review in self._lookup(as_list(ids)):
            if _matches(review, status, type, subteam):
                yield review

    def _lookup(self, ids: Sequence[str], *, frames: bool = True) -> Iterator[Review]:
        """Reviews by id; without ``frames``, videos come without theirs."""
        for some in _chunks(ids, own.MAX_LOOKUP):
            rest = list(some)
            while rest:
                data = {"ids": rest} if frames else {"ids": rest, "frames": False}
                answer = self._call("POST", "/reviews/lookup", data=data, repeat=True).json()
                yield from own.read_list(Review, answer, "reviews")
                left = own.read(list[str], answer.get("rest", []))
                if len(left) >= len(rest):
                    raise ServiceError("the service looked up none of the reviews that it was asked for")
                rest = left

    def wait(
        self, ids: Iterable[str], *, status: str = "Complete", timeout: float | None = None, progress: bool = True
    ) -> list[Review]:
        """Wait until all of these reviews have a status; interrupting it harms nothing.

        Parameters
        ----------
        ids : iterable of str
            Review ids.
        status : str
            What to wait for: ``Pending`` (also while a reviewer has it), ``Complete`` or ``Unpublished``, in any case.
        timeout : float, optional
            Seconds after which to give up, 0 to look once; left out, it waits as long as it takes.
        progress : bool
            Whether to show a progress bar.

        Returns
        -------
        list of Review
            In the order of the ids.

        Raises
        ------
        BadRequest
            There is no such status, or the time is less than 0.
        NotFound
            The team has no review of some id.
        Timeout
            The time is over; the message says how many are not there yet.
        """
        wanted, status = as_list(ids), status_of(status)

        def look() -> tuple[list[Review], int]:
            by_id = {review.id: review for review in self._lookup(wanted, frames=False)}
            if missing := [id for id in wanted if id not in by_id]:
                raise NotFound(f"the team has no review {missing[0]!r}")
            found = [by_id[id] for id in wanted]
            return found, sum(_matches(review, status, None, None) for review in found)

        found = wait_until(look, len(wanted), things="reviews", state=status, timeout=timeout, progress=progress)
        framed = {review.id: review for review in self._lookup([r.id for r in found if r.type == FRAMED])}
        return [framed.get(review.id, review) for review in found]

    def activity(self) -> Activity:
        """What goes on in the team, in figures: reviews by queue and state, by reviewer and by tag."""
        return self._read(Activity, "GET", "/activity")

    def counts(self, type: str | None = None, subteam: str | None = None) -> QueueCounts:
        """How many reviews (of a type, of a subteam) stand in which state."""
        return self._read(QueueCounts, "GET", "/counts", params={"type": type, "subteam": subteam})


def _chunks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _matches(review: Review, status: str | None, type: str | None, subteam: str | None) -> bool:
    pairs = ((status, wire_status(review.status)), (type, review.type), (subteam, review.subteam))
    return all(wanted is None or wanted.lower() == actual.lower() for wanted, actual in pairs)
