"""Drafts become reviews: files uploaded, batch after batch created, and a second run goes on where one broke off.

It makes no call itself, and keeps nothing between runs: what makes a run resumable are the keys it gives to drafts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ..content import content_type
from ..content.video import MAX_FRAMES
from ..errors import BadDraft, BadRequest, CmtoolsError
from ..model import PUBLIC, Draft, Frame, Pairs, Picture
from ..tags import TagSet
from ..wire.creation import Incoming
from .uploads import OF_THE_FILE, Bar, Upload, Uploads

BATCH_DRAFTS = 500
BATCH_CHARACTERS = 4_000_000
BATCH_FRAMES = MAX_FRAMES
LOT_DRAFTS, LOT_FILES = 100, 20
"""How many drafts are created together, without and with files, where each step is told: few, so that it goes on."""
FRAME_CHARACTERS = 100
"""About what a frame takes in a request, beside its address and metadata."""
KEY_VERSION = "1"
"""Part of every idempotency key: another way to make them must not find reviews that this one made."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What became of some drafts of a run, each by its place in the list.

    ``ids`` are the reviews, of which ``existed`` were there from an earlier run; ``errors`` say what is wrong with the
    drafts that became none.
    """

    ids: Mapping[int, str]
    errors: Mapping[int, CmtoolsError]
    existed: int


class Creation:
    """One run over a list of drafts.

    Parameters
    ----------
    upload : callable
        Bytes to the picture that the service keeps.
    create : callable
        A batch of items to their review ids and how many of those are new.
    subteam : str or None
        Where the reviews go.
    batch : str
        The name of this lot: the same drafts under another name are created again.
    bar : Bar
        Told of every upload and every review.
    """

    def __init__(
        self,
        upload: Callable[[bytes], Picture],
        create: Callable[[list[Incoming]], tuple[list[str], int]],
        *,
        subteam: str | None,
        batch: str,
        bar: Bar,
    ) -> None:
        self._create, self._bar = create, bar
        self._uploads = Uploads(upload, bar)
        self._scope = (subteam or PUBLIC, batch)
        self._seen: Counter[str] = Counter()
        self._ids: list[str] = []
        self._new = 0

    def run(self, drafts: Sequence[Draft]) -> list[str]:
        """Create them all, and give their ids in the same order.

        What stops a run on its way is raised again with how far it came; nothing is lost, for the same run started once
        more goes on from there.
        """
        stopped: BaseException
        try:
            with self._uploads:
                for batch in batches(drafts):
                    self._run_batch(batch)
        except CmtoolsError as error:
            stopped = type(error)(self._with_place(error, len(drafts)))
        except KeyboardInterrupt:
            stopped = KeyboardInterrupt(f"stopped: {self._standing(len(drafts))}")
        else:
            if self._new < len(drafts):
                self._bar.set_postfix_str(f"{len(drafts) - self._new:,} were there already")
            return self._ids
        raise stopped

    def _run_batch(self, batch: Sequence[Draft]) -> None:
        """All uploads of a batch, then its reviews: a picture that is refused stops the batch before it is created."""
        self._uploads.send(path for draft in batch for path in files(draft))
        ids, new = self._create([self._item(draft) for draft in batch])
        self._ids += ids
        self._new += new
        self._bar.update(len(batch))

    def _item(self, draft: Draft) -> Incoming:
        return incoming(draft, self._uploads, self._scope, self._seen)

    def each(self, drafts: Sequence[Draft]) -> Iterator[Lot]:
        """Create them lot by lot; what is wrong with one draft is told, and costs the others nothing."""
        with self._uploads:
            start = 0
            for batch in batches(drafts):
                size = LOT_FILES if any(files(draft) for draft in batch) else LOT_DRAFTS
                for first in range(0, len(batch), size):
                    lot = batch[first : first + size]
                    yield self._create_lot(lot, start)
                    start += len(lot)

    def _create_lot(self, drafts: Sequence[Draft], start: int) -> Lot:
        errors: dict[int, CmtoolsError] = {}
        for index, draft in enumerate(drafts, start):
            try:
                check_drafts([draft])
            except CmtoolsError as error:
                errors[index] = of_one(error)
        good = {index: draft for index, draft in enumerate(drafts, start) if index not in errors}
        refused = self._uploads.send_each(path for draft in good.values() for path in files(draft))
        sent: dict[int, Incoming] = {}
        for index, draft in good.items():
            problem = next((refused[path] for path in files(draft) if path in refused), None)
            if problem is None:
                sent[index] = self._item(draft)
            else:
                errors[index] = problem
        while sent:
            try:
                ids, new = self._create(list(sent.values()))
            except CmtoolsError as error:
                place, told = of_item(error)
                if place is None or place >= len(sent):
                    raise
                errors[index := list(sent)[place]] = told
                del sent[index]
                continue
            return Lot(dict(zip(sent, ids, strict=True)), errors, len(ids) - new)
        return Lot({}, errors, 0)

    def _with_place(self, error: CmtoolsError, total: int) -> str:
        """The message, its item counted from the first draft of the run instead of the first of its batch."""
        text = re.sub(r"^\[(\d+)\]", lambda found: f"drafts[{int(found[1]) + len(self._ids)}]", str(error))
        return f"{text} - {self._standing(total)}"

    def _standing(self, total: int) -> str:
        made = len(self._ids)
        if not made:
            return "no review was created"
        return f"{made:,} of {total:,} reviews exist; the same call again goes on from there and doubles none"


class Named(Protocol):
    """Knows by which name the service keeps, or will keep, a local file."""

    def __getitem__(self, path: Path, /) -> Upload:
        """The file's digest and its name."""


def incoming(draft: Draft, uploads: Named, scope: tuple[str, str], seen: Counter[str]) -> Incoming:
    """The draft as it is sent: its files by their names at the service, and its idempotency key.

    Parameters
    ----------
    draft : Draft
        Checked.
    uploads : mapping of Path to Upload
        The draft's files.
    scope : tuple of str
        The subteam and the batch.
    seen : Counter
        How often a run has had this very draft: of two that are alike each is a review.
    """
    upload = uploads[draft.path] if draft.path is not None else None
    digests = [uploads[frame.path].digest if frame.path is not None else None for frame in draft.frames]
    mark = fingerprint(draft, upload.digest if upload else None, *scope, of_frames=digests)
    seen[mark] += 1
    key = hashlib.sha256(f"{mark} {seen[mark]}".encode()).hexdigest()
    frames = tuple(kept(frame, uploads) for frame in draft.frames)
    return Incoming(replace(draft, content=upload.content if upload else draft.content, path=None, frames=frames), key)


def batches(drafts: Sequence[Draft]) -> Iterator[Sequence[Draft]]:
    """The drafts in runs of at most `BATCH_DRAFTS`, fewer where their texts are long or their frames many."""
    start = size = frames = 0
    for index, draft in enumerate(drafts):
        own = len(draft.content) + _characters(draft.metadata)
        own += sum(FRAME_CHARACTERS + len(frame.image) + _characters(frame.metadata) for frame in draft.frames)
        full = size + own > BATCH_CHARACTERS or frames + len(draft.frames) > BATCH_FRAMES
        if index > start and (index - start == BATCH_DRAFTS or full):
            yield drafts[start:index]
            start, size, frames = index, 0, 0
        size += own
        frames += len(draft.frames)
    if start < len(drafts):
        yield drafts[start:]


def _characters(pairs: Pairs) -> int:
    return sum(len(key) + len(value) for key, value in pairs)


def files(draft: Draft) -> list[Path]:
    """The local files of a draft: its own, and those of its frames."""
    return [path for path in (draft.path, *(frame.path for frame in draft.frames)) if path is not None]


def kept(frame: Frame, uploads: Named) -> Frame:
    """The frame as it is sent: a local file by the name that the service gave it."""
    return frame if frame.path is None else replace(frame, image=uploads[frame.path].content, path=None)


def fingerprint(
    draft: Draft, digest: str | None, subteam: str, batch: str, *, of_frames: Sequence[str | None] = ()
) -> str:
    """What makes a draft the same as one created before; of a file it is the bytes that count, not the path.

    Examples
    --------
    >>> draft = Draft("Hello!", "1", "Text")
    >>> fingerprint(draft, None, "public", "") == fingerprint(draft, None, "public", "monday")
    False
    """
    parts: list[object] = [
        KEY_VERSION,
        draft.type,
        ["file", digest] if digest else ["content", draft.content],
        draft.content_id,
        draft.metadata,
        subteam,
        draft.callback_endpoint,
        float(draft.weight),
        draft.stratum,
        batch,
    ]
    if draft.frames or draft.status != "Pending":  # an image's key is what it was before there were videos
        parts.append([draft.status, [_frame_parts(*pair) for pair in zip(draft.frames, of_frames, strict=True)]])
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _frame_parts(frame: Frame, digest: str | None) -> list[object]:
    picture = ["file", digest] if digest else ["image", frame.image]
    return [frame.timestamp, picture, frame.metadata, frame.result_tags, frame.name]


def check_drafts(drafts: Iterable[object]) -> list[Draft]:
    """The drafts as a list, or `BadDraft` naming the first that cannot become a review.

    Examples
    --------
    >>> check_drafts([Draft("cat.jpg", "cat")])
    Traceback (most recent call last):
    cmtools.errors.BadDraft: drafts[0].content: 'cat.jpg' is no address: it must start with http:// or https://
    """
    if isinstance(drafts, str | Draft) or not isinstance(drafts, Iterable):
        raise BadDraft("create_reviews takes a list of drafts: make one with cm.make_drafts(...)")
    found: list[Draft] = []
    for index, draft in enumerate(drafts):
        draft = demand_draft(draft, index)
        try:
            content_type(draft.type).check(draft)
        except BadRequest as error:
            problem = type(error)(error.message, where=f"drafts[{index}]" + (f".{error.where}" if error.where else ""))
        else:
            found.append(draft)
            continue
        raise problem
    return found


def demand_draft(draft: object, index: int) -> Draft:
    """The draft, or `BadDraft` where it is none."""
    if isinstance(draft, Draft):
        return draft
    kind = type(draft).__name__
    raise BadDraft(f"it is no Draft but of type {kind}: pass it to cm.make_drafts", where=f"drafts[{index}]")


def of_item(error: CmtoolsError) -> tuple[int | None, CmtoolsError]:
    """Which item of a request the service refused, and the error without that place; None where it is no item's.

    Examples
    --------
    >>> of_item(BadDraft("it is missing", where="[3].ContentId"))
    (3, BadDraft('ContentId: it is missing'))
    """
    found = re.match(r"\[(\d+)\](?:\.|: )", str(error)) if error.status in OF_THE_FILE else None
    if found is None:
        return None, error
    return int(found[1]), type(error)(str(error)[found.end() :])


def of_one(error: CmtoolsError) -> CmtoolsError:
    """The same error for a caller who gave one draft and no list: the draft's place in the list is left out.

    Examples
    --------
    >>> str(of_one(BadDraft("it is empty", where="drafts[0].content")))
    'content: it is empty'
    """
    return type(error)(re.sub(r"^drafts\[0\](\.|: )", "", str(error)))


def unknown_codes(codes: Iterable[str], tags: TagSet) -> list[str]:
    """The short codes that the team does not have, sorted."""
    return sorted(code for code in codes if code not in tags)


def count_steps(drafts: Sequence[Draft]) -> int:
    """The uploads and reviews that a run will make: the length of its progress bar."""
    return len(drafts) + len({path for draft in drafts for path in files(draft)})
