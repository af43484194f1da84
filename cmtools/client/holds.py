"""What a reviewer puts aside for later, and takes up again. The rules of it are the service's."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Lease, Review
from ..wire import own
from .arguments import as_list
from .connection import Connection
from .reviewing import live_id


class Holds(Connection):
    """The operations of `Client` on reviews that are on hold."""

    def hold(self, lease: Lease, review_ids: Iterable[str], *, seconds: float = 3600.0, note: str = "") -> list[Review]:
        """Park reviews of a lease for a time: nobody is given them meanwhile, and toggles made so far are kept.

        Parameters
        ----------
        lease : Lease
            The one that holds them.
        review_ids : iterable of str
            Which to park.
        seconds : float
            After so long, at most 30 days, they go back into the queue by themselves, without their toggles.
        note : str
            Kept as a note of each, for colleagues to read.

        Returns
        -------
        list of Review
            The same reviews, with ``held_until`` and ``held_by``.

        Raises
        ------
        LeaseLost
            The lease has ended or does not hold one of them; nothing was changed.
        """
        body = {"review_ids": as_list(review_ids), "seconds": seconds, "note": note}
        answer = self._call("POST", f"/leases/{live_id(lease)}/hold", data=body, lease=lease)
        return own.read_list(Review, answer.json(), "reviews")

    def held_reviews(self, everyone: bool = False) -> list[Review]:
        """The reviews that this reviewer has on hold, those that go back first being the first; at most 1,000.

        Parameters
        ----------
        everyone : bool
            Whether those of all reviewers, which takes a lead's or an administrator's key.
        """
        query = {"everyone": "true"} if everyone else None
        return own.read_list(Review, self._call("GET", "/held", params=query).json(), "reviews")

    def take_held(self, review_ids: Iterable[str] | None = None, type: str | None = None) -> Lease:
        """Take up reviews that this reviewer has on hold, with their toggles, in a lease of their own.

        Parameters
        ----------
        review_ids : iterable of str, optional
            Which, all of one type; left out, all on hold of one type.
        type : str, optional
            ``Image``, ``Text`` or ``Video``; left out, that of the review which would go back first.

        Returns
        -------
        Lease
            With its token. When nothing is on hold it has no reviews and the id ``""``.

        Raises
        ------
        Conflict
            One of them is not on hold for this reviewer (any more); nothing was changed.
        """
        body = {"review_ids": None if review_ids is None else as_list(review_ids), "type": type}
        return self._read(Lease, "POST", "/held/take", data=body)

    def unhold(self, review_ids: Iterable[str]) -> None:
        """Put reviews on hold back into the queue, at their old places and without their toggles.

        One that is not on hold is left alone. Those of somebody else take a lead's or an administrator's key.
        """
        self._call("POST", "/held/release", data={"review_ids": as_list(review_ids)}, repeat=True)
