"""What a team's people leave beside decisions: notes, exposure, preferences. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import BadRequest
from ..model import Exposure, ExposureToday, Note, Team
from ..wire import own
from .arguments import segment
from .connection import Connection

PAGE = 1000


class People(Connection):
    """The operations of `Client` on notes, exposure and preferences."""

    def add_note(self, review_id: str, text: str) -> Note:
        """Write a note about a review, for colleagues; it stays, and is no part of any decision."""
        return self._read(Note, "POST", f"/reviews/{segment(review_id)}/notes", data={"text": text})

    def notes(self, review_id: str | None = None) -> list[Note]:
        """The notes on a review, or all of the team's; the oldest first."""
        return list(self._pages(Note, "/notes", "notes", {"review_id": review_id, "limit": PAGE}))

    def record_reveals(self, reveals: Mapping[str, float]) -> ExposureToday:
        """Count pictures that this reviewer uncovered, and for how long.

        Parameters
        ----------
        reveals : mapping of str to float
            Review id -> the seconds of one reveal that has ended; at most 1000 at once.

        Returns
        -------
        ExposureToday
            What the reviewer has been exposed to since midnight UTC, these included.

        Raises
        ------
        RevealCapReached
            There were more today than the team allows; these were counted all the same.
        """
        if not isinstance(reveals, Mapping):
            raise BadRequest(f"reveals is of type {type(reveals).__name__}: give a mapping such as {{review_id: 2.5}}")
        seconds = {str(id): float(each) for id, each in reveals.items()}
        return self._read(ExposureToday, "POST", "/exposures", data={"reveals": seconds})

    def exposure_today(self) -> ExposureToday:
        """What this reviewer has been exposed to since midnight UTC, and what the team allows in a day."""
        return self._read(ExposureToday, "GET", "/exposures/today")

    def exposures(self) -> Iterator[Exposure]:
        """How often and how long each reviewer saw each picture uncovered; a reviewer's own key sees its own.

        They are fetched as they are asked for.
        """
        return self._pages(Exposure, "/exposures", "exposures", {"limit": PAGE})

    def preferences(self) -> dict[str, Any]:
        """How this reviewer's screens look: plain values by name."""
        return _values(self._call("GET", "/preferences").json())

    def set_preferences(self, **values: Any) -> dict[str, Any]:
        """Set some preferences and leave the others; None takes one out. Gives all of them as they are now.

        A value is a boolean, a number or a text; a reviewer has at most 50 of them, and 4 kB in all.
        """
        return _values(self._call("PATCH", "/preferences", data={"values": values}).json())

    def set_wellness(self, break_after_seconds: float | None = None, most_reveals_per_day: int | None = None) -> Team:
        """Set both: after how long boards remind of a break, and how many pictures a reviewer may reveal in a day.

        Parameters
        ----------
        break_after_seconds : float, optional
            Of reviewing; None: boards remind of none.
        most_reveals_per_day : int, optional
            From midnight to midnight UTC; None: as many as they like.
        """
        body = {"break_after_seconds": break_after_seconds, "most_reveals_per_day": most_reveals_per_day}
        return self._read(Team, "PUT", "/wellness", data=body)

    def set_golden_feedback(self, told: bool) -> Team:
        """Whether reviewers are told how what they said of golden items compares with the known answers.

        They are not, to begin with.
        """
        return self._read(Team, "PUT", "/golden-feedback", data={"told": told})


def _values(answer: Any) -> dict[str, Any]:
    return own.read(dict[str, dict[str, Any]], answer).get("values", {})
