"""The review board: `BoardState` on a screen. It decides nothing itself: the service does, through a `Client`.

What its browser side and its Python side say to each other stands at the top of ``board_talk.py``.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from ..errors import CmtoolsError
from ..model import Lease, Review
from .base import joined, packed, styles
from .board_feedback import BoardFeedback
from .board_state import BoardState
from .board_talk import FETCHED_AHEAD, BoardTalk
from .care import Care
from .details import Details
from .pictures import Thumbnails
from .videos import Videos

if TYPE_CHECKING:
    from ..client.client import Client

log = logging.getLogger(__name__)

MODULES = (
    *("shared", "thumbs", "gallery", "wellness", "changes", "store", "grid", "kinds", "text", "tile", "dialogs"),
    *("menus", "player", "reels", "strip", "video", "details_parts"),
    *("finding", "toolbar", "panels", "known", "selection", "details", "steps", "keys", "pointer", "board"),
)
STYLES = ("shared.css", "chips.css", "board.css", "toolbar.css", "overlays.css", "details.css", "video.css")

FOR_VIDEOS = {"player", "reels", "strip", "video", "video.css"}
"""What only a board of videos needs."""


@cache
def _without_videos() -> str:
    """The script for the other boards: a sixth smaller in every saved notebook."""
    modules = [f"{name}.js" for name in MODULES if name not in FOR_VIDEOS]
    return packed(joined(*modules), styles(*(name for name in STYLES if name not in FOR_VIDEOS)))


class ReviewBoard(BoardFeedback, BoardTalk, Details, Videos):
    """A grid of reviews with their tags to switch; Next submits them, Prev takes them back while the service allows it.

    The board takes reviews as soon as it is made, and nobody else sees them until they are submitted or given back.
    When the reviewer still holds reviews from before (a restarted kernel, another notebook), it takes none and waits
    for `resume`, `give_back` or `take_new`. Everything a person does in the browser is also a method here, on the same
    state. Tags are saved by the service as they are switched. In the browser an error of the service is one line with
    a Retry; a method called in code raises it too.

    While somebody is at work and plenty waits, the next screen is taken ahead; it goes back when nobody is.

    Parameters
    ----------
    client : Client
        Says which team and which reviewer.
    type : {"Image", "Text", "Video"}
        What is reviewed.
    subteam : str, optional
        Only reviews of this subteam.
    count : int
        How many reviews to display, 1 to 10,000. Of many, the first are shown at once and the others follow.
    blind : bool
        Keep away what the automatic side said: no tag is set beforehand, and no score is shown.
    order : {"oldest", "uncertain", "highest", "random"}
        Which reviews come first: the oldest, those with a score nearest to 0.5, those with the highest score, or any.
    adjudicate : bool
        Settle disputes: reviews of which several people said different things. The board shows what was said, without
        names, and begins with what most of them said. It takes a lead's or an administrator's key; nobody is given a
        dispute that they gave an answer on.

    Notes
    -----
    Pictures are blurred and grey until the reviewer chooses otherwise, which the service remembers for this reviewer. A
    blurred picture is not in the browser at all; one that is held down (mouse, finger, Space) is shown until it is let
    go. Each reveal and its seconds are counted by the service: `Client.exposures` gives them, and
    `Client.set_wellness` sets a break and a cap. What studies say: blur that is lifted at will helped reviewers and
    cost no accuracy; static filters such as grey were not shown to help. The reference page reviews.md says more, and
    where it is from, under "Care for those who look".

    Raises
    ------
    BadRequest
        For another type or order, or a count out of range. That a service cannot be reached is shown on the board.

    Examples
    --------
    >>> import cmtools as cm
    >>> drafts = [cm.Draft("Lovely weather", "1", type="Text"), cm.Draft("Buy now!", "2", type="Text")]
    >>> with cm.testing.running_service() as service:
    ...     client = service.client("ana")
    ...     ids = client.create_reviews(drafts, progress=False)
    ...     board = cm.ReviewBoard(client, type="Text", count=20)
    ...     print(board)
    ...     board.toggle(ids[1], "r", True)
    ...     board.next()
    ...     print(board)
    ReviewBoard(team='demo', reviewer='ana', 2 on screen)
    True
    2
    ReviewBoard(team='demo', reviewer='ana', all reviewed, 2 submitted here)
    """

    script = joined(*(f"{name}.js" for name in MODULES))
    style = styles(*STYLES)
    _esm = packed(script, style)
    _css = "/* the style comes with the script */"

    def __init__(
        self,
        client: Client,
        type: str = "Image",
        subteam: str | None = None,
        count: int = 50,
        blind: bool = False,
        order: str = "oldest",
        adjudicate: bool = False,
    ) -> None:
        self._client = client
        self._care = Care(client)
        self._thumbnails = Thumbnails(client)
        self._state = BoardState(
            client,
            type=type,
            subteam=subteam,
            count=count,
            blind=blind,
            order=order,
            adjudicate=adjudicate,
            on_change=self._show,
            on_ahead=self._has_ahead,
            on_submitted=self._ask_soon,
            later=lambda job, seconds=0.0: self._steps.later(seconds, "", job),
        )
        if type != "Video":
            self._esm = _without_videos()
        super().__init__()
        self._quiet.do(self._remind)
        try:
            self._state.start()
        except CmtoolsError as error:
            log.debug("the board starts without its service: %s", error)
        self._fetch_ahead([review.id for review in self._state.reviews[:FETCHED_AHEAD]])
        self._quiet.do(self._find_parked)

    def _remind(self) -> None:
        """Fetch what this reviewer chose and saw before; without it all is blurred and grey."""
        with suppress(CmtoolsError):
            self._care.load()
            self._tell_care()

    def _find_parked(self) -> None:
        with suppress(CmtoolsError):
            self._state.find_parked()

    # -- what is on it -------------------------------------------------------------------------------------------------

    @property
    def reviews(self) -> tuple[Review, ...]:
        """The reviews on the screen, in order; of many, it waits until all have been taken."""
        self._wait_for_all()
        return self._state.reviews

    @property
    def tags(self) -> dict[str, dict[str, bool]]:
        """For each review on the screen, every tag as it stands now (a copy; `toggle` switches)."""
        self._wait_for_all()
        with self._state.lock:
            return {item.review.id: dict(item.tags) for item in self._state.screen.held}

    def _wait_for_all(self) -> None:
        while self._state.taking:
            self._state.take_more()

    @property
    def held(self) -> tuple[Review, ...]:
        """What this reviewer has parked, of this board's type, as last seen."""
        return self._state.parked

    @property
    def offer(self) -> tuple[Lease, ...]:
        """What this reviewer still holds from before; as long as there is any, the board waits for a choice."""
        return self._state.offer

    @property
    def count(self) -> int:
        """How many reviews to display. Setting it takes more, or gives back the surplus (untouched ones first)."""
        return self._state.count

    @count.setter
    def count(self, count: int) -> None:
        self._state.set_count(count)

    @property
    def done(self) -> int:
        """How many reviews this board has submitted."""
        return self._state.done

    @property
    def undo_seconds_left(self) -> float:
        """Seconds in which `prev` still takes the last submission back; 0 when there is none."""
        return self._state.undo_window()[0]

    def __repr__(self) -> str:
        return f"ReviewBoard(team={self._client.team_name!r}, reviewer={self._client.reviewer!r}, {self._situation()})"

    def _situation(self) -> str:
        state = self._state
        match state.phase:
            case "offer":
                held = sum(len(lease.reviews) for lease in state.offer)
                return f"{held} held from before: resume(), give_back() or take_new()"
            case "error" | "loading":
                return state.notice.text if state.notice else "not fetched yet: look_again()"
            case "lost":
                return f"{len(state.screen.items)} no longer yours: look_again()"
            case "finished":
                return f"all reviewed, {state.done} submitted here"
            case "empty":
                return f"{'no disputes wait' if state.adjudicate else 'nothing waits'}: look_again()"
        return f"{len(state.reviews) + state.taking} {'disputes ' if state.adjudicate else ''}on screen"

    # -- what a reviewer does ------------------------------------------------------------------------------------------

    def toggle(self, review_id: str, tag: str, on: bool | None = None, *, frame: int | None = None) -> bool:
        """Switch a tag of a review on the screen, or set it to ``on``; its new value. It is saved a moment later.

        With ``frame`` it is the tag of a video's frame, named by its milliseconds.

        Raises
        ------
        NotFound
            The review is not on the screen, or has no such frame.
        BadTag
            The team has no such tag, or does not show it to reviewers.
        LeaseLost
            The review is no longer this reviewer's.
        """
        value = self._state.toggle(review_id, tag, on, frame=frame)
        if frame is None:
            self._tell_tag(review_id, tag, value)
        else:
            self._tell_frame_tag(review_id, frame, tag, value)
        return value

    def next(self) -> int:
        """Submit everything on the screen, with every tag as it stands, and show what comes next.

        Returns
        -------
        int
            How many reviews were submitted; 0 when the screen was empty.

        Raises
        ------
        LeaseLost
            None of them is this reviewer's any more; nothing was submitted.
        """
        return self._state.next()

    def prev(self) -> int:
        """Take the last submission back; how many reviews came back. The screen that was showing comes next.

        Raises
        ------
        UndoWindowClosed
            There is nothing, or nothing any more, to take back.
        """
        return self._state.prev()

    def hold(self, review_ids: Sequence[str], seconds: float = 900.0, note: str = "") -> int:
        """Park reviews of the screen for a while, with their toggles: out of the queue and away; how many.

        Raises
        ------
        NotFound
            One of them is not on the screen.
        """
        return self._state.hold(review_ids, seconds, note)

    def take_held(self, review_ids: Sequence[str] | None = None) -> int:
        """Take back onto the screen what was parked: those named, or all of this board's type; how many."""
        return self._state.take_held(review_ids)

    def move(self, review_ids: str | Sequence[str], subteam: str) -> int:
        """Put reviews of the screen into another subteam's queue; how many. `move_back` undoes it.

        Raises
        ------
        NotFound
            One of them is not on the screen, or the team has no such subteam.
        """
        return self._state.move(review_ids, subteam)

    def move_back(self) -> int:
        """Put what was moved last back into the queue that it came from; how many of them could be."""
        return self._state.move_back()

    def find(self, words: str) -> list[str]:
        """The ids of the reviews on the screen that are found by what one types into the Find field.

        Parameters
        ----------
        words : str
            Terms that must all hold: ``coffee`` or ``"two words"`` in id, name, text or metadata; ``source:web`` in
            metadata of that key; ``tag:a`` is on now; ``a>0.5`` and ``score<0.2`` compare scores; ``-`` turns a term
            round.

        Raises
        ------
        BadRequest
            A term cannot be understood.
        """
        self._wait_for_all()
        return self._found(words)[1]

    def resume(self) -> None:
        """Go on with what was offered, with the toggles made then; the board or notebook that had it loses it."""
        self._state.resume()

    def give_back(self) -> None:
        """Put what was offered back into the queue and take new reviews; without an offer, give back the screen."""
        self._state.give_back()

    def take_new(self) -> None:
        """Leave what was offered where it is and take other reviews."""
        self._state.take_new()

    def look_again(self) -> None:
        """Drop what is no longer this reviewer's and look for reviews."""
        self._state.look_again()
