"""Frames of videos as the Review API spells them, in and out; ticks become milliseconds. It opens no picture."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from ..content.base import MAX_ADDRESS_CHARACTERS, check_string
from ..content.image import MEDIA_PREFIX
from ..content.video import MAX_FRAMES, check_frames
from ..errors import BadDraft, BadRequest, ServiceError, TooLarge
from ..model import Frame, Pairs, Review, Team
from .fields import at, fields_of, json_kind, read_json, read_pairs, required_string, scalar, shown
from .reviews import result_pairs, wire_status
from .spelling import Spelling, spell, write_pairs

MAX_TICKS = 10**18
NUMBER = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18})?")
NOTHING_SENT = 'no frames were sent: POST an array such as [{"Timestamp": "500", "FrameImage": "https://..."}]'


# In -------------------------------------------------------------------------------------------------------------------


def read_frames(raw: bytes, timescale: int | None = None, *, named: bool = False) -> tuple[Frame, ...]:
    """The frames of a request, sorted by time; with one bad frame the whole request is refused.

    Parameters
    ----------
    raw : bytes
        The body, or the part ``frameMetadata`` of a form: a JSON array of frames.
    timescale : int, optional
        Ticks a second, in which the moments are then counted; without it they are milliseconds.
    named : bool
        Whether ``FrameImage`` is the name of a file (of a zip) instead of an address.

    Raises
    ------
    BadRequest
        When the body is no JSON array, or an empty one.
    BadDraft
        Naming the frame and field at fault in ``where``, such as ``[1].Timestamp``.
    TooLarge
        For more than 10,000 frames.

    Examples
    --------
    >>> read_frames(b'[{"Timestamp": "15", "FrameImage": "https://x/1.jpg"}]', 30)[0].timestamp
    500
    >>> read_frames(b'[{"Timestamp": -1, "FrameImage": "https://x/1.jpg"}]')
    Traceback (most recent call last):
    cmtools.errors.BadDraft: [0].Timestamp: it is -1; a frame is at 0 or later
    """
    items = read_json(raw) if raw.strip() else []
    if isinstance(items, dict):
        raise BadRequest("the body must be a JSON array of frames: put a single one in [ ]")
    frames = read_frame_list(items, timescale)
    if not frames:
        raise BadRequest(NOTHING_SENT)
    try:
        check_frames(list(_kept_here(frames)) if named else frames)
    except BadRequest as error:
        problem = at("", error)
    else:
        return sorted_frames(frames)
    raise problem


def _kept_here(frames: Iterable[Frame]) -> Iterator[Frame]:
    """The frames as if their pictures were here already: file names are no addresses, and not checked as such."""
    for index, frame in enumerate(frames):
        check_string(frame.image, f"[{index}].image", most=MAX_ADDRESS_CHARACTERS)
        yield replace(frame, image=MEDIA_PREFIX)


def read_frame_list(items: object, timescale: int | None, where: str = "") -> list[Frame]:
    """The frames of a JSON array in its order, read but not checked.

    Examples
    --------
    >>> read_frame_list([{"timestamp": 2000, "frameImage": "a.png"}], None)[0].timestamp
    2000
    """
    if not isinstance(items, list):
        raise BadDraft(f"it must be an array of frames, not {json_kind(items)}", where=where or None)
    if len(items) > MAX_FRAMES:
        raise TooLarge(f"{len(items):,} frames; the most is {MAX_FRAMES:,}: send several requests", where=where or None)
    return [_read_frame(item, timescale, f"{where}[{index}]") for index, item in enumerate(items)]


def _read_frame(item: object, timescale: int | None, where: str) -> Frame:
    fields = fields_of(item, where=where)
    try:
        return Frame(
            timestamp=read_moment(fields.get("timestamp"), timescale),
            image=required_string(fields, "FrameImage"),
            metadata=read_pairs(fields.get("metadata")),
            result_tags=read_pairs(fields.get("reviewerresulttags"), "ReviewerResultTags"),
            name=None if fields.get("id") is None else scalar(fields, "Id"),
        )
    except BadDraft as error:
        problem = at(where, error)
    raise problem


def sorted_frames(frames: Iterable[Frame]) -> tuple[Frame, ...]:
    """In the order of time.

    Examples
    --------
    >>> [frame.timestamp for frame in sorted_frames([Frame(9, "b"), Frame(1, "a")])]
    [1, 9]
    """
    return tuple(sorted(frames, key=lambda frame: frame.timestamp))


def read_moment(value: object, timescale: int | None = None) -> int:
    """Whole milliseconds: ``floor(value * 1000 / timescale)``, exactly; without a timescale ``floor(value)``.

    The value is a number or the text of one; a decimal point is read, an exponent in text is not.

    Raises
    ------
    BadDraft
        When it is missing, no number, negative, or past 10**18.

    Examples
    --------
    >>> [read_moment(ticks, 30) for ticks in ("0", 15, "25")], read_moment("17000.0")
    ([0, 500, 833], 17000)
    """
    ticks = _read_ticks(value)
    return math.floor(ticks if timescale is None else ticks * 1000 / timescale)


def _read_ticks(value: object) -> Fraction:
    where = "Timestamp"
    if value is None:
        raise BadDraft("it is missing", where=where)
    if isinstance(value, str):
        text = value.strip()
        if not NUMBER.fullmatch(text):
            raise BadDraft(f"{shown(text)} is no moment: write a number such as 17000", where=where)
        return Fraction(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadDraft(f"it must be a number, not {json_kind(value)}", where=where)
    if value >= MAX_TICKS:
        raise BadDraft("it is later than any video lasts", where=where)
    if value < 0:
        raise BadDraft(f"it is {shown(value)}; a frame is at 0 or later", where=where)
    return Fraction(value)


def read_timescale(value: object, where: str = "timescale") -> int | None:
    """Ticks a second, from a query or a body; None where it is left out or empty.

    Examples
    --------
    >>> read_timescale("30"), read_timescale("")
    (30, None)
    >>> read_timescale("0")
    Traceback (most recent call last):
    cmtools.errors.BadRequest: timescale: '0' is no timescale: write whole ticks a second, such as 30000
    """
    if value is None or value == "":
        return None
    text = f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value).strip()
    if not re.fullmatch("[0-9]{1,18}", text) or int(text) == 0:
        raise BadRequest(f"{shown(value)} is no timescale: write whole ticks a second, such as 30000", where=where)
    return int(text)


def write_new_frames(frames: Iterable[Frame]) -> list[dict[str, Any]]:
    """The frames of a request as the vendor's clients spell them, their moments in milliseconds.

    Examples
    --------
    >>> write_new_frames([Frame(500, "https://x/1.jpg")])
    [{'Timestamp': '500', 'FrameImage': 'https://x/1.jpg', 'Metadata': [], 'ReviewerResultTags': []}]
    """
    return [_write_new_frame(frame) for frame in frames]


def _write_new_frame(frame: Frame) -> dict[str, Any]:
    written: dict[str, Any] = {} if frame.name is None else {"Id": frame.name}
    written["Timestamp"] = str(frame.timestamp)
    written["FrameImage"] = frame.image
    written["Metadata"] = write_pairs(frame.metadata, "pascal")
    written["ReviewerResultTags"] = write_pairs(frame.result_tags, "pascal")
    return written


# Answers --------------------------------------------------------------------------------------------------------------


def write_frames(review: Review, team: Team, spelling: Spelling) -> dict[str, Any]:
    """The answer of ``Get Frames``: of each frame the tags it came with, or those of the reviewer once complete.

    Examples
    --------
    >>> from cmtools.tags import TagSet
    >>> review = Review("v1", "Pending", "Video", "https://x/v", "1", frames=(Frame(500, "https://x/1.jpg"),))
    >>> write_frames(review, Team("T", TagSet()), "camel")["videoFrames"][0]["timestamp"]
    '500'
    """
    complete = wire_status(review.status) == "Complete"
    written = [
        spell(
            {
                "Timestamp": str(frame.timestamp),
                "FrameImage": frame.image,
                "Metadata": write_pairs(frame.metadata, spelling),
                "ReviewerResultTags": write_pairs(_result_tags(frame, team, complete), spelling),
                "FrameImageBytes": "",
            },
            spelling,
        )
        for frame in review.frames
    ]
    return spell({"ReviewId": review.id, "VideoFrames": written}, spelling)


def _result_tags(frame: Frame, team: Team, complete: bool) -> Pairs:
    return result_pairs(frame.human_tags, team) if complete else frame.result_tags


def read_video_frames(data: object) -> tuple[Frame, ...]:
    """The frames of the answer of ``Get Frames`` in either spelling, as far as it tells.

    Raises
    ------
    ServiceError
        When it is no such answer.

    Examples
    --------
    >>> frame = {"timestamp": "833", "frameImage": "https://x/1.jpg", "metadata": [{"key": "a", "value": "true"}]}
    >>> read_video_frames({"reviewId": "v1", "videoFrames": [frame]})[0].metadata
    (('a', 'true'),)
    """
    found = fields_of(data).get("videoframes") if isinstance(data, dict) else None
    try:
        return tuple(read_frame_list(found, None))
    except (BadDraft, TooLarge) as error:
        problem = ServiceError(f"the service's answer has no video frames: {error}")
    raise problem
