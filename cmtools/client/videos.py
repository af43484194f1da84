"""Videos: made, given frames and a transcript, published: these operations of `Client`. No video is opened here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from numbers import Integral
from pathlib import Path
from typing import IO, Any

from ..content import content_type
from ..content.image import MEDIA_PREFIX
from ..content.video import STATUSES, check_frames
from ..errors import BadDraft, BadRequest, BadTag, CmtoolsError
from ..model import Draft, Frame, Pairs, Term, Transcript
from ..tags import read_bool, write_bool
from ..wire import own
from ..wire.fields import shown
from ..wire.frames import write_new_frames
from ..wire.transcripts import read_transcript, write_terms
from .arguments import own_id, pairs_of, segment
from .creating import Creating
from .creation import kept
from .uploads import Uploads
from .waiting import progress_bar

TYPE = "Video"
FRAMES_AT_ONCE = 1000
NewFrame = Frame | tuple[int, str | Path] | tuple[int, str | Path, Mapping[str, bool]]
"""A frame, or its milliseconds, the address or file of its picture, and its auto tags."""
A_FRAME = "a frame is a Frame, or a tuple such as (1500, 'cut.jpg', {'a': True})"
A_TERM = "a term is a Term, or a tuple such as ('101', 3, 'crap')"


class Videos(Creating):
    """The operations of `Client` on videos."""

    def create_video_review(
        self,
        content: str,
        content_id: str | int,
        *,
        metadata: Pairs | Mapping[str, str | bool | float] = (),
        callback: str | None = None,
        status: str = "Unpublished",
        subteam: str | None = None,
        frames: Iterable[NewFrame] = (),
        new_tags: bool = False,
    ) -> str:
        """Create a review of a video that streams from an address; gives its id. The same call again gives the same.

        Parameters
        ----------
        content : str
            The stream's address.
        content_id : str or int
            Your own id of it.
        metadata : pairs or mapping
            Auto tags of the whole video under their short codes, and whatever else is to be passed on, such as an
            encrypted stream's ``protectedType`` and ``authenticationToken``. Booleans and numbers become text.
        callback : str, optional
            The address that is told of the decision.
        status : str
            ``Unpublished``: frames and a transcript can be added until `publish`. ``Pending``: it is in the queue now.
            In any case.
        subteam : str, optional
            Whose queue; left out, ``public``.
        frames : iterable
            The first frames, as of `add_frames`.
        new_tags : bool
            Whether tags of the frames that the team does not have are added to the team.

        Raises
        ------
        BadDraft
            Naming the part that cannot be; nothing was created.
        BadTag
            Naming a tag of a frame that the team does not have; nothing was created.
        """
        ready, codes = _frames(frames)
        draft = Draft(
            content,
            own_id(content_id),
            TYPE,
            metadata=pairs_of(metadata),
            callback_endpoint=callback,
            status=_status(status),
            frames=tuple(ready),
        )
        content_type(TYPE).check(draft)
        self._settle_tags(codes, new_tags)
        return self.create_review(draft, subteam)

    def add_frames(
        self, review_id: str, frames: Iterable[NewFrame], *, new_tags: bool = False, progress: bool = True
    ) -> int:
        """Put frames into a video that is not published yet; gives how many. Local pictures are uploaded.

        A frame at a moment at which the video has one already takes its place, so the same call can be made again.

        Parameters
        ----------
        review_id : str
            A video's.
        frames : iterable
            Of `cmtools.model.Frame`; or of tuples: milliseconds from the start, a picture's address or file, and
            optionally its auto tags, such as ``(1500, "cut.jpg", {"a": True})``. What is no tag goes into the metadata
            of a `Frame`.
        new_tags : bool
            Whether tags of such tuples that the team does not have are added to the team.
        progress : bool
            Whether to show a progress bar.

        Raises
        ------
        BadDraft
            Naming the frame that cannot be one; none was added.
        BadPicture
            Naming the file that the service refuses; none was added.
        BadTag
            Naming a tag that the team does not have; none was added.
        BadRequest
            The review is no video, or is published.
        """
        segment(review_id)  # an id that is none is told before anything is uploaded
        ready, codes = _frames(frames)
        check_frames(ready, "frames")
        self._settle_tags(codes, new_tags)
        files = {frame.path for frame in ready if frame.path is not None}
        with progress_bar(len(files) + len(ready), progress, doing="Adding frames") as bar:
            with Uploads(self.upload, bar) as uploads:
                uploads.send(files)
                sent = [kept(frame, uploads) for frame in ready]
            for start in range(0, len(sent), FRAMES_AT_ONCE):
                self._send_frames(review_id, sent[start : start + FRAMES_AT_ONCE], start)
                bar.update(len(sent[start : start + FRAMES_AT_ONCE]))
        return len(ready)

    def _send_frames(self, review_id: str, frames: list[Frame], start: int) -> None:
        try:
            path = f"/reviews/{segment(review_id)}/frames"
            self._vendor("POST", path, data=write_new_frames(frames), repeat=True)
        except CmtoolsError as error:
            told = re.sub(r"^\[(\d+)\]", lambda found: f"frames[{int(found[1]) + start}]", str(error))
            problem = type(error)(f"{told} - {start:,} frames were added" if start else told)
        else:
            return
        raise problem

    def publish(self, review_id: str) -> None:
        """Put a video into its queue; from here on it takes no more frames. Publishing it again changes nothing."""
        self._vendor("POST", f"/reviews/{segment(review_id)}/publish", repeat=True)

    def add_transcript(self, review_id: str, transcript: str | bytes | Path | IO[str] | IO[bytes]) -> None:
        """Give a video that is not published yet its transcript, in place of an earlier one.

        Parameters
        ----------
        review_id : str
            A video's.
        transcript : str, bytes, Path or file
            WebVTT: the text itself, the path of a file, or an open file.

        Raises
        ------
        BadRequest
            It is no WebVTT or cannot be read, or the review is no video or is published.
        """
        path = f"/reviews/{segment(review_id)}/transcript"
        raw = _transcript(transcript)
        self._vendor("PUT", path, body=raw, headers={"Content-Type": "text/plain; charset=utf-8"})

    def add_transcript_terms(self, review_id: str, terms: Iterable[Term | tuple[str, int, str]]) -> None:
        """Tell which words a classifier found in a video's transcript, in place of those told before.

        Parameters
        ----------
        review_id : str
            A video's that is not published yet.
        terms : iterable of Term, or of tuples
            The moment (as text), the word's place in the transcript, the word.
        """
        found = _terms(terms)
        path = f"/reviews/{segment(review_id)}/transcriptmoderationresult"
        self._vendor("PUT", path, data=write_terms(found))

    def frames(self, review_id: str, start: int = 0, count: int | None = None, tag: str | None = None) -> list[Frame]:
        """A video's frames in the order of time, with auto tags, and human tags once it is complete.

        Parameters
        ----------
        review_id : str
            A video's.
        start : int
            Only frames from this millisecond on.
        count : int, optional
            At most so many; left out, all.
        tag : str, optional
            Only frames that carry this tag, by a classifier or a reviewer.

        Raises
        ------
        BadRequest
            The review is no video.
        NotFound
            The team has no such review.
        """
        query = {"start": start, "count": count, "tag": tag}
        answer = self._call("GET", f"/reviews/{segment(review_id)}/frames", params=query)
        return own.read_list(Frame, answer.json(), "frames")

    def transcript(self, review_id: str) -> Transcript:
        """What is said in a video, and the words found in it; empty as long as none was given."""
        return self._read(Transcript, "GET", f"/reviews/{segment(review_id)}/transcript")


def _status(status: str) -> str:
    """A draft's status as it is spelt; what is none is left to the check of drafts."""
    known = {name.lower(): name for name in STATUSES}
    return known.get(status.strip().lower(), status) if isinstance(status, str) else status


def _frames(given: Iterable[NewFrame]) -> tuple[list[Frame], set[str]]:
    """Frames as records, whichever way they were given, and the short codes that were given as tags."""
    if isinstance(given, str | bytes | Frame) or not isinstance(given, Iterable):
        raise BadDraft(f"it is of type {type(given).__name__}: give a list; {A_FRAME}", where="frames")
    found: list[Frame] = []
    codes: set[str] = set()
    for index, one in enumerate(given):
        if isinstance(one, Frame):
            found.append(one)
        elif isinstance(one, tuple) and len(one) in (2, 3):
            tags = _tags(f"frames[{index}]", one[2] if len(one) == 3 else None)
            found.append(_frame(f"frames[{index}]", one[0], one[1], tags))
            codes.update(code for code, _ in tags)
        else:
            raise BadDraft(A_FRAME, where=f"frames[{index}]")
    return found, codes


def _frame(where: str, moment: Any, picture: Any, tags: Pairs) -> Frame:
    timestamp = int(moment) if isinstance(moment, Integral) and not isinstance(moment, bool) else moment  # of NumPy too
    if not isinstance(picture, str | Path) or not str(picture):
        raise BadDraft(f"{shown(picture)} is neither the address nor the file of a picture", where=f"{where}.image")
    if isinstance(picture, str) and ("://" in picture or picture.startswith(MEDIA_PREFIX)):
        return Frame(timestamp, picture, metadata=tags)
    path = Path(os.path.expanduser(picture))
    return Frame(timestamp, path.name, metadata=tags, path=path)


def _tags(where: str, tags: Any) -> Pairs:
    """Auto tags as metadata."""
    if not isinstance(tags, Mapping | None):
        raise BadDraft(f'{shown(tags)} is no mapping of tags such as {{"a": True}}', where=where)
    pairs = []
    for code, value in (tags or {}).items():
        on = read_bool(value)
        if not isinstance(code, str):
            raise BadTag(f"{shown(code)} is no short code: it is no text", where=where)
        if on is None:
            raise BadTag(f"{value!r} is neither true nor false", where=f"{where}.{code}")
        pairs.append((code, write_bool(on)))
    return tuple(pairs)


def _terms(given: Iterable[Term | tuple[str, int, str]]) -> list[Term]:
    """Terms as records, whichever way they were given."""
    if isinstance(given, str | bytes | Term) or not isinstance(given, Iterable):
        raise BadRequest(f"it is of type {type(given).__name__}: give a list; {A_TERM}", where="terms")
    found: list[Term] = []
    for index, term in enumerate(given):
        if not isinstance(term, Term) and not (isinstance(term, tuple | list) and len(term) == 3):
            raise BadRequest(A_TERM, where=f"terms[{index}]")
        found.append(term if isinstance(term, Term) else Term(*term))
    return found


def _transcript(given: object) -> bytes:
    """A transcript's bytes, whichever way it was given."""
    raw = _content(given)
    try:
        read_transcript(raw)
    except BadRequest as error:
        hint = "; a file is given as a Path or opened" if isinstance(given, str) else ""
        problem = BadRequest(f"{error.message}{hint}")
    else:
        return raw
    raise problem


def _content(given: Any) -> bytes:
    try:
        found = given.read_bytes() if isinstance(given, Path) else given.read() if hasattr(given, "read") else given
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise BadRequest(f"{given}: cannot be read ({reason})") from None
    if isinstance(found, str):
        return found.encode("utf-8", "replace")
    if isinstance(found, bytes | bytearray | memoryview):
        return bytes(found)
    raise BadRequest(
        f"the transcript is of type {type(found).__name__}: give WebVTT as text or bytes, a Path or an open file"
    )
