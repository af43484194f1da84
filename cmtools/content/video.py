"""Video reviews: a stream's address, and frames: pictures at moments of it. It plays and decodes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import BadDraft
from ..model import Draft, Frame
from .base import (
    MAX_ADDRESS_CHARACTERS,
    MAX_ID_CHARACTERS,
    ContentType,
    check_address,
    check_file,
    check_pairs,
    check_string,
)
from .image import MEDIA_PREFIX

MAX_FRAMES = 10_000
"""Frames in one request, and of one video: one a second for almost three hours."""
MAX_MILLISECONDS = 2**53 - 1
"""The largest moment that every reader of JSON reads exactly."""
STATUSES = ("Pending", "Unpublished")


class Video(ContentType):
    """A video that streams from an address; it may wait unpublished for its frames and transcript.

    Examples
    --------
    >>> Video().check(Draft("https://example.org/talk.ism/manifest", "talk", "Video", status="Unpublished"))
    >>> Video().check(Draft("https://example.org/talk", "talk", "Video", frames=(Frame(-5, "https://x.org/1.jpg"),)))
    Traceback (most recent call last):
    ...
    cmtools.errors.BadDraft: frames[0].timestamp: it is -5; a frame is at 0 milliseconds or later
    """

    name = "Video"
    letter = "v"
    statuses = STATUSES
    framed = True

    def check_content(self, draft: Draft) -> None:
        """The address of a stream, and frames that can be told apart."""
        if draft.path is not None:
            raise BadDraft("a video stays where it streams from: give its address, not a file", where="path")
        check_address(draft.content, "content")
        check_frames(draft.frames, "frames")


def check_frames(frames: Sequence[Frame], where: str = "") -> None:
    """Raise `BadDraft` unless these can be the frames of one video: each acceptable, and no two at one moment.

    Examples
    --------
    >>> check_frames([Frame(0, "https://x.org/1.jpg"), Frame(0, "https://x.org/2.jpg")])
    Traceback (most recent call last):
    ...
    cmtools.errors.BadDraft: [1].timestamp: frame [0] is at 0 milliseconds too
    """
    if not isinstance(frames, (tuple, list)):
        raise BadDraft(f"it is of type {type(frames).__name__}: give a tuple of frames", where=where or None)
    if len(frames) > MAX_FRAMES:
        raise BadDraft(f"{len(frames):,} frames; the most is {MAX_FRAMES:,}", where=where or None)
    seen: dict[int, int] = {}
    for index, frame in enumerate(frames):
        if not isinstance(frame, Frame):
            raise BadDraft(f"it is no Frame but of type {type(frame).__name__}", where=f"{where}[{index}]")
        check_frame(frame, f"{where}[{index}]")
        earlier = seen.setdefault(frame.timestamp, index)
        if earlier != index:
            message = f"frame [{earlier}] is at {frame.timestamp} milliseconds too"
            raise BadDraft(message, where=f"{where}[{index}].timestamp")


def check_frame(frame: Frame, where: str) -> None:
    """Raise `BadDraft` unless the frame has a moment, and a picture with an address or in a file."""
    moment = frame.timestamp
    if isinstance(moment, bool) or not isinstance(moment, int):
        raise BadDraft(f"{moment!r} is no whole number of milliseconds", where=f"{where}.timestamp")
    if moment < 0:
        raise BadDraft(f"it is {moment}; a frame is at 0 milliseconds or later", where=f"{where}.timestamp")
    if moment > MAX_MILLISECONDS:
        raise BadDraft("it is later than any video lasts", where=f"{where}.timestamp")
    if frame.path is not None:
        check_string(frame.image, f"{where}.image", most=MAX_ADDRESS_CHARACTERS)
        check_file(frame.path, f"{where}.path")
    elif not str(frame.image).startswith(MEDIA_PREFIX):
        check_address(frame.image, f"{where}.image")
    check_pairs(frame.metadata, f"{where}.metadata")
    check_pairs(frame.result_tags, f"{where}.result_tags")
    if frame.name is not None:
        check_string(frame.name, f"{where}.name", most=MAX_ID_CHARACTERS, may_be_empty=True)
