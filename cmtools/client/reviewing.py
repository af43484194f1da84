"""What a reviewer does: take reviews, switch tags, submit, take back. The rules of it are the service's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ..errors import BadRequest, BadTag, LeaseLost
from ..model import Lease, Submission
from ..tags import read_bool
from ..wire import own
from .arguments import as_list, segment
from .connection import Connection

T = TypeVar("T", bound=Mapping[Any, Any])
Answers = Mapping[str, Mapping[str, bool]]
"""Review id -> short code -> on or off."""
FrameAnswers = Mapping[str, Mapping[int, Mapping[str, bool]]]
"""Review id -> a frame's milliseconds -> short code -> on or off."""


class Reviewing(Connection):
    """The reviewer's operations of `Client`."""

    def checkout(
        self,
        count: int = 20,
        type: str = "Image",
        subteam: str | None = None,
        *,
        order: str = "oldest",
        seed: int | None = None,
        blind: bool = False,
        adjudicate: bool = False,
    ) -> Lease:
        """Take waiting reviews, the oldest first unless told otherwise; nobody else is given them until the lease ends.

        Parameters
        ----------
        count : int
            How many at most, 1 to 10,000.
        type : str
            ``Image``, ``Text`` or ``Video``.
        subteam : str, optional
            Whose queue; left out, all of them.
        order : str
            ``oldest``, ``highest`` (score first), ``uncertain`` (the score nearest to 0.5 first) or ``random``. Reviews
            without a score come after those with one.
        seed : int, optional
            What the random order is drawn by: the same seed takes the same reviews out of the same queue. Left out,
            by chance.
        blind : bool
            Whether the reviews come without auto tags and scores, and without the metadata that tells them. A tag that
            is not named in `submit` is then off, and the answers say that they were given blind. No other call of this
            reviewer's tells the auto tags of these reviews until the submission is final; before the checkout, and once
            they are given back, it does. Nor is the place in the order hidden: "highest" tells where scores are high.
        adjudicate : bool
            Whether to take disputed reviews instead, the oldest first: those on which several reviewers differ and this
            one was not among them. They come with ``opinions``, and ``toggles`` begin with what most of these say. For
            keys of leads and administrators.

        Returns
        -------
        Lease
            With its token. When nothing waits it has no reviews and the id ``""``.
        """
        body = {"count": count, "type": type, "subteam": subteam, "order": order, "seed": seed, "blind": blind}
        body |= {"adjudicate": True} if adjudicate else {}
        return self._read(Lease, "POST", "/leases", data=body)

    def leases(self, everyone: bool = False) -> list[Lease]:
        """The leases that this reviewer still holds, with the toggles made so far; without tokens: `resume`.

        Parameters
        ----------
        everyone : bool
            Whether those of all reviewers, which takes a lead's or an administrator's key. They come with a
            ``review_count`` in place of their reviews, those that end first being the first.
        """
        query = {"everyone": "true"} if everyone else None
        return own.read_list(Lease, self._call("GET", "/leases", params=query).json(), "leases")

    def take_away(self, lease_id: str) -> None:
        """End somebody's lease, as a lead or administrator: its reviews go back into the queue.

        What was submitted under it stands; the reviewer's next call on it raises `LeaseLost`, which says so.
        """
        self._call("POST", f"/leases/{segment(lease_id, 'lease id')}/take-away", repeat=True)

    def settle(self, review_ids: Iterable[str]) -> int:
        """Ask nobody else about reviews that several people were to decide, and go by the opinions that there are.

        For leads and administrators, when there are fewer people than were asked for. Who has one of them in hand may
        still give an opinion, and the review is settled then.

        Returns
        -------
        int
            How many have their final tags now, or are disputes; those that had before are not counted.

        Raises
        ------
        Conflict
            On one of them nobody has said anything yet; nothing was changed.
        """
        data = {"review_ids": as_list(review_ids)}
        return own.read(dict[str, int], self._call("POST", "/reviews/settle", data=data, repeat=True).json())["settled"]

    def resume(self, lease: Lease) -> Lease:
        """Go on with a lease under a new token; the old one is dead, wherever it is held."""
        return self._read(Lease, "POST", f"/leases/{segment(_lease(lease).id, 'lease id')}/resume")

    def renew(self, lease: Lease) -> Lease:
        """Let a lease last its full time from now; `LeaseLost` when it has ended."""
        answer = self._read(Lease, "POST", f"/leases/{live_id(lease)}/renew", lease=lease, repeat=True)
        return replace(answer, token=lease.token)

    def release(self, lease: Lease, review_ids: Iterable[str] | None = None) -> None:
        """Give reviews back to the queue: those named, or all that the lease holds."""
        if _lease(lease).id:
            body = {"review_ids": None if review_ids is None else as_list(review_ids)}
            path = f"/leases/{segment(lease.id, 'lease id')}/release"
            self._call("POST", path, data=body, lease=lease, repeat=True)

    def save(self, lease: Lease, toggles: Answers, frames: FrameAnswers | None = None) -> None:
        """Let the service keep what the reviewer has switched so far: it survives a restart of this kernel."""
        if toggles or frames:
            body = {"toggles": _switches(toggles), **_framed(frames)}
            self._call("PATCH", f"/leases/{live_id(lease)}/toggles", data=body, lease=lease)

    def submit(self, lease: Lease, answers: Answers, frames: FrameAnswers | None = None) -> Submission:
        """Decide the reviews that are named, each with all its frames; the others stay in the lease.

        Parameters
        ----------
        lease : Lease
            From `checkout` or `resume`.
        answers : mapping
            Review id -> short code -> on or off: booleans, and what tables have in their place, such as 1 and 0 or
            "yes" and "no" (any spelling that `cmtools.tags.read_bool` reads). A tag that is not named takes what the
            reviewer was shown.
        frames : mapping, optional
            Of videos: review id -> a frame's milliseconds -> short code -> on or off. A tag or frame that is not named
            takes what the reviewer was shown.

        Returns
        -------
        Submission
            With ``undo_until``. The same answers sent again give the same submission.

        Raises
        ------
        BadTag
            A value is neither true nor false.
        LeaseLost
            The lease has ended or was resumed elsewhere; nothing was changed.
        """
        path = f"/leases/{live_id(lease)}/submissions"
        framed = _framed(frames)
        named = {**{review_id: {} for review_id in framed.get("frames", {})}, **_switches(answers)}
        body = {"answers": named, **framed}
        return replace(self._read(Submission, "POST", path, data=body, lease=lease, repeat=True), lease=lease)

    def undo(self, submission: Submission) -> Lease:
        """Take a submission back: the lease lives again under its token, with the tags as submitted.

        Raises
        ------
        UndoWindowClosed
            It is final.
        """
        if not isinstance(submission, Submission):
            kind = type(submission).__name__
            raise BadRequest(f"the submission is of type {kind}: give what client.submit(...) gave")
        path = f"/submissions/{segment(submission.id, 'submission id')}/undo"
        lease = self._read(Lease, "POST", path, repeat=True)
        known = submission.lease.token if submission.lease else ""
        return replace(lease, token=lease.token or known)

    def move(self, review_id: str, subteam: str, lease: Lease | None = None) -> None:
        """Put a review into another subteam's queue; one that you hold leaves the lease, which must be shown."""
        path = f"/reviews/{segment(review_id)}/move"
        self._call("POST", path, data={"subteam": subteam}, lease=lease, repeat=True)


def live_id(lease: Lease) -> str:
    """The lease's id in a path; an error that says what to do where there is no lease or no token to show."""
    if not _lease(lease).id:
        raise LeaseLost("this lease is empty: nothing was waiting when it was checked out")
    if not lease.token:
        raise LeaseLost(f"lease {lease.id} has no token here: go on with it by client.resume(lease)")
    return segment(lease.id, "lease id")


def _lease(lease: Lease) -> Lease:
    if isinstance(lease, Lease):
        return lease
    raise BadRequest(f"the lease is of type {type(lease).__name__}: give what client.checkout() gave")


def _switches(answers: Answers, where: str = "") -> dict[str, dict[str, bool]]:
    """Answers as JSON takes them: plain booleans, also where they came from NumPy or as text."""
    for name, tags in _mapping(answers, where).items():
        _mapping(tags, f"{where}{name}")
    return {
        str(name): {str(code): _on(value, f"{where}{name}.{code}") for code, value in tags.items()}
        for name, tags in answers.items()
    }


def _framed(frames: FrameAnswers | None) -> dict[str, dict[str, dict[str, dict[str, bool]]]]:
    """Answers on frames as a part of a request; nothing where there are none."""
    if not frames:
        return {}
    written = {}
    for review_id, theirs in _mapping(frames, "frames").items():
        moments = {str(moment): tags for moment, tags in _mapping(theirs, f"frames.{review_id}").items()}
        written[str(review_id)] = _switches(moments, f"{review_id}.")
    return {"frames": written}


def _mapping(given: T, where: str) -> T:
    """The same, or `BadRequest` where it is no mapping."""
    if isinstance(given, Mapping):
        return given
    message = f'it is of type {type(given).__name__}: give a mapping such as {{review_id: {{"a": True}}}}'
    raise BadRequest(message, where=where.rstrip(".") or "answers")


def _on(value: object, where: str) -> bool:
    on = read_bool(value)
    if on is None:
        raise BadTag(f"{value!r} is neither true nor false", where=where)
    return on
