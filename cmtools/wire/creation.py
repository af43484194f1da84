"""Drafts as the Review API's create operation spells them, in and out. It decides no rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ..content import content_type
from ..content.video import MAX_FRAMES
from ..errors import BadDraft, BadRequest, TooLarge
from ..model import Draft, Frame
from ..tags import read_bool, write_bool
from .fields import (
    at,
    fields_of,
    json_kind,
    optional_string,
    read_json,
    read_pairs,
    required_string,
    scalar,
    shown,
)
from .frames import read_frame_list, read_timescale, sorted_frames, write_new_frames

MAX_ITEMS = 10_000
MAX_KEY_CHARACTERS = 200
STATUSES = ("Pending", "Unpublished")


class Incoming(NamedTuple):
    """One item of a create request: the draft, and the key by which a repeated request is known."""

    draft: Draft
    idempotency_key: str | None = None


def read_drafts(raw: bytes) -> list[Incoming]:
    """The drafts of a create request, in order; with one bad item the whole request is refused.

    The moments of a video's frames are read in ticks where the item has a ``Timescale`` (ticks a second), else in
    milliseconds; a draft holds milliseconds.

    Parameters
    ----------
    raw : bytes
        The body: a JSON array of items, their keys in any case.

    Raises
    ------
    BadRequest
        When the body is no JSON array, or an empty one.
    BadDraft
        Naming the item and field at fault in ``where``, such as ``[3].Metadata[0].Key``.
    TooLarge
        For more than `MAX_ITEMS` items, or more than 10,000 frames in all.

    Examples
    --------
    >>> read_drafts(b'[{"type": "image", "content": "https://x/1.jpg", "contentId": 7}]')[0].draft.content_id
    '7'
    >>> read_drafts(b'[{"Type": "Image", "Content": "https://x/1.jpg"}]')
    Traceback (most recent call last):
    cmtools.errors.BadDraft: [0].ContentId: it is missing
    """
    found: list[Incoming] = []
    frames = 0
    for index, item in enumerate(read_items(raw)):
        found.append(_read_item(item, index))
        frames += len(found[-1].draft.frames)
        if frames > MAX_FRAMES:
            message = f"with it the request has more than {MAX_FRAMES:,} frames: send several requests"
            raise TooLarge(message, where=f"[{index}].VideoFrames")
    return found


def read_items(raw: bytes) -> list[object]:
    """The items of a create request, none of them looked at; errors as of `read_drafts`."""
    items = read_json(raw)
    if not isinstance(items, list):
        raise BadRequest("the body must be a JSON array of reviews: put a single one in [ ]")
    if not items:
        raise BadRequest("the array is empty: there is nothing to create")
    if len(items) > MAX_ITEMS:
        raise TooLarge(f"{len(items):,} reviews in one request; the most is {MAX_ITEMS:,}: send several requests")
    return items


def read_item(item: object) -> Incoming:
    """One item of a create request; an error names the field at fault, such as ``Metadata[0].Key``.

    Examples
    --------
    >>> read_item({"Type": "Text", "Content": "Hi!"})
    Traceback (most recent call last):
    cmtools.errors.BadDraft: ContentId: it is missing
    """
    fields = fields_of(item)
    kind = content_type(required_string(fields, "Type"))
    draft = Draft(
        content=required_string(fields, "Content"),
        content_id=scalar(fields, "ContentId"),
        type=kind.name,
        metadata=read_pairs(fields.get("metadata")),
        callback_endpoint=optional_string(fields, "CallbackEndpoint"),
        weight=_weight(fields.get("weight")),
        stratum=optional_string(fields, "Stratum"),
        status=_read_status(fields),
        frames=_read_frames(fields),
        **_read_several(fields),
    )
    kind.check(draft)
    if draft.frames:
        draft = replace(draft, frames=sorted_frames(draft.frames))
    return Incoming(draft, _read_key(fields))


def _read_item(item: object, index: int) -> Incoming:
    try:
        return read_item(item)
    except (BadRequest, TooLarge) as error:
        problem = at(f"[{index}]", error)
    raise problem


def _read_status(fields: Mapping[str, object]) -> str:
    status = optional_string(fields, "Status")
    if status is None:
        return "Pending"
    return next((known for known in STATUSES if known.lower() == status.strip().lower()), status)


def _read_frames(fields: Mapping[str, object]) -> tuple[Frame, ...]:
    """In the order of the request, so that a fault is named by its place there."""
    timescale = read_timescale(fields.get("timescale"), where="Timescale")
    found = fields.get("videoframes")
    return () if found is None else tuple(read_frame_list(found, timescale, where="VideoFrames"))


def _read_several(fields: Mapping[str, object]) -> dict[str, Any]:
    """What asks for several people, for blind ones, or makes it golden: only what is there."""
    found: dict[str, Any] = {}
    overlap, blind = fields.get("overlap"), fields.get("blind")
    if overlap is not None:
        if isinstance(overlap, bool) or not isinstance(overlap, int):
            raise BadDraft(f"it must be a whole number, not {json_kind(overlap)}", where="Overlap")
        found["overlap"] = overlap
    if blind is not None:
        if not isinstance(blind, bool):
            raise BadDraft(f"it must be true or false, not {json_kind(blind)}", where="Blind")
        found["blind"] = blind
    if (final := optional_string(fields, "Final")) is not None:
        found["final"] = final
    if fields.get("truth") is not None:
        found["truth"] = _read_truth(fields["truth"])
    return found


def _read_truth(value: object) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for place, (code, said) in enumerate(read_pairs(value, "Truth")):
        known = read_bool(said)
        if known is None:
            raise BadDraft(f"{shown(said)} is neither true nor false", where=f"Truth[{place}].Value")
        found[code] = known
    return found


def _weight(value: object) -> float:
    if value is None:
        return 1.0
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadDraft(f"it must be a number, not {json_kind(value)}", where="Weight")
    try:
        return float(value)
    except OverflowError:
        raise BadDraft("it is too large a number", where="Weight") from None


def _read_key(fields: Mapping[str, object]) -> str | None:
    key = optional_string(fields, "IdempotencyKey")
    if key is not None and not (0 < len(key) <= MAX_KEY_CHARACTERS and key.isprintable()):
        raise BadDraft(f"it takes 1 to {MAX_KEY_CHARACTERS} printable characters", where="IdempotencyKey")
    return key


def write_drafts(items: Iterable[Incoming]) -> list[dict[str, Any]]:
    """The items of a create request as the vendor's clients spell them, and our own fields where they are set.

    Examples
    --------
    >>> write_drafts([Incoming(Draft("https://x/1.jpg", "1", metadata=(("a", "True"),)))])
    [{'Type': 'Image', 'Content': 'https://x/1.jpg', 'ContentId': '1', 'Metadata': [{'Key': 'a', 'Value': 'True'}]}]
    """
    return [_write_item(item) for item in items]


def _write_item(item: Incoming) -> dict[str, Any]:
    draft = item.draft
    written: dict[str, Any] = {"Type": draft.type, "Content": draft.content, "ContentId": draft.content_id}
    if draft.callback_endpoint is not None:
        written["CallbackEndpoint"] = draft.callback_endpoint
    written["Metadata"] = [{"Key": key, "Value": value} for key, value in draft.metadata]
    if item.idempotency_key is not None:
        written["IdempotencyKey"] = item.idempotency_key
    if draft.weight != 1.0:
        written["Weight"] = draft.weight
    if draft.stratum is not None:
        written["Stratum"] = draft.stratum
    if draft.status != "Pending":
        written["Status"] = draft.status
    if draft.frames:
        written["VideoFrames"] = write_new_frames(draft.frames)
    if draft.overlap != 1:
        written["Overlap"] = draft.overlap
    if draft.final != "majority":
        written["Final"] = draft.final
    if draft.blind:
        written["Blind"] = True
    if draft.truth is not None:
        written["Truth"] = [{"Key": code, "Value": write_bool(value)} for code, value in draft.truth.items()]
    return written
