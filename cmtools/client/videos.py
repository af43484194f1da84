"""Videos: made, given frames and a transcript, published: these operations of `Client`. No video is opened here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

from ..content.video import check_frames
from ..errors import BadDraft, BadRequest, BadTag, CmtoolsError
from ..model import Draft, Frame, Pairs, Term, Transcript
from ..tags import read_bool, write_bool
from ..wire import own
from ..wire.frames import write_new_frames
from ..wire.transcripts import read_transcript, write_terms
from .connection import segment
from .creating import Creating
from .creation import kept
from .uploads import Uploads
from .waiting import progress_bar

FRAMES_AT_ONCE = 1000
NewFrame = Frame | tuple[int, str | Path] | tuple[int, str | Path, Mapping[str, bool]]
"""A frame, or its milliseconds, the address or file of its picture, and its auto tags."""


class Videos(Creating):
    """The operations of `Client` on videos."""

    def create_video_review(
        self,
        content: str,
        content_id: str,
        *,
        metadata: Pairs | Mapping[str, str] = (),
        callback: str | None = None,
        status: str = "Unpublished",
        subteam: str | None = None,
        frames: Iterable[NewFrame] = (),
    ) -> str:
        """Create a review of a video that streams from an address; gives its id. The same call again gives the same.

        Parameters
        ----------
        content : str
            The stream's address.
        content_id : str
            Your own id of it.
        metadata : pairs or mapping of str to str
            Auto tags of the whole video under their short codes, and whatever else is to be passed on, such as an
            encrypted stream's ``protectedType`` and ``authenticationToken``.
        callback : str, optional
            The address that is told of the decision.
        status : str
            ``Unpublished``: frames and a transcript can be added until `publish`. ``Pending``: it is in the queue now.
        subteam : str, optional
            Whose queue; left out, ``public``.
        frames : iterable
            The first frames, as of `add_frames`.
        """
        pairs = tuple(metadata.items()) if isinstance(metadata, Mapping) else tuple(metadata)
        draft = Draft(
            content,
            content_id,
            "Video",
            metadata=pairs,
            callback_endpoint=callback,
            status=status,
            frames=tuple(_frames(frames)),
        )
        return self.create_review(draft, subteam)

    def add_frames(self, review_id: str, frames: Iterable[NewFrame], *, progress: bool = True) -> int:
        """Put frames into a video that is not published yet; gives how many. Local pictures are uploaded.

        A frame at a moment at which the video has one already takes its place, so the same call can be made again.

        Parameters
        ----------
        review_id : str
            A video's.
        frames : iterable
            Of `cmtools.model.Frame`; or of tuples: milliseconds from the start, a picture's address or file, and
            optionally its auto tags, such as ``(1500, "cut.jpg", {"a": True})``.
        progress : bool
            Whether to show a progress bar.

        Raises
        ------
        BadDraft
            Naming the frame that cannot be one; none was added.
        BadPicture
            Naming the file that the service refuses; none was added.
        BadRequest
            The review is no video, or is published.
        """
        ready = list(_frames(frames))
        check_frames(ready, "frames")
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

    def add_transcript(self, review_id: str, transcript: str | Path | IO[str] | IO[bytes]) -> None:
        """Give a video that is not published yet its transcript, in place of an earlier one.

        Parameters
        ----------
        review_id : str
            A video's.
        transcript : str, Path or file
            WebVTT: the text itself, the path of a file, or an open file.
        """
        raw = _transcript(transcript)
        path = f"/reviews/{segment(review_id)}/transcript"
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
        found = [term if isinstance(term, Term) else Term(*term) for term in terms]
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
        """
        query = {"start": start, "count": count, "tag": tag}
        answer = self._call("GET", f"/reviews/{segment(review_id)}/frames", params=query)
        return own.read_list(Frame, answer.json(), "frames")

    def transcript(self, review_id: str) -> Transcript:
        """What is said in a video, and the words found in it; empty as long as none was given."""
        return self._read(Transcript, "GET", f"/reviews/{segment(review_id)}/transcript")


def _frames(given: Iterable[NewFrame]) -> Iterator[Frame]:
    """Frames as records, whichever way they were given."""
    for index, one in enumerate(given):
        if isinstance(one, Frame):
            yield one
        elif isinstance(one, tuple) and len(one) in (2, 3):
            yield _frame(f"frames[{index}]", *one)
        else:
            raise BadDraft(
                "a frame is a Frame, or a tuple such as (1500, 'cut.jpg', {'a': True})", where=f"frames[{index}]"
            )


def _frame(where: str, timestamp: int, picture: str | Path, tags: Mapping[str, bool] | None = None) -> Frame:
    pairs = []
    for code, value in (tags or {}).items():
        on = read_bool(value)
        if on is None:
            raise BadTag(f"{value!r} is neither true nor false", where=f"{where}.{code}")
        pairs.append((code, write_bool(on)))
    if isinstance(picture, str) and ("://" in picture or picture.startswith("media:")):
        return Frame(timestamp, picture, metadata=tuple(pairs))
    path = Path(picture).expanduser()
    return Frame(timestamp, path.name, metadata=tuple(pairs), path=path)


def _transcript(given: str | Path | IO[str] | IO[bytes]) -> bytes:
    try:
        content = given.read_bytes() if isinstance(given, Path) else given if isinstance(given, str) else given.read()
    except OSError as error:
        raise BadRequest(f"{given}: cannot be read ({error.strerror or type(error).__name__})") from None
    raw = content.encode("utf-8", "replace") if isinstance(content, str) else content
    try:
        read_transcript(raw)
    except BadRequest as error:
        hint = "; a file is given as a Path or opened" if isinstance(given, str) else ""
        problem = BadRequest(f"{error.message}{hint}")
    else:
        return raw
    raise problem
