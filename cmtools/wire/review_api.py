"""The Review API as its vendor spelt it: drafts in, reviews and callbacks out and in. It decides no rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic_core import from_json

from ..content import content_type
from ..errors import BadDraft, BadRequest, ServiceError, TooLarge
from ..model import PUBLIC, Draft, Pairs, Review, Team
from ..tags import SHORT_CODE, Tag, TagSet, read_bool, write_bool
from .failures import read_error, write_error
from .own import BOM

__all__ = [
    "MAX_ITEMS",
    "Incoming",
    "Spelling",
    "read_drafts",
    "read_error",
    "read_review",
    "spelling_for",
    "wire_status",
    "write_callback",
    "write_drafts",
    "write_error",
    "write_review",
]

Spelling = Literal["camel", "pascal"]

MAX_ITEMS = 10_000
MAX_KEY_CHARACTERS = 200
VENDOR_MARKS = ("contentmoderator", "msrest", "ms-rest")
"""What the User-Agent of every one of the vendor's own clients contains; they read nothing but the live spelling."""
CAMEL_ORDER = (
    "ReviewId",
    "SubTeam",
    "Status",
    "ReviewerResultTags",
    "CreatedBy",
    "Metadata",
    "Type",
    "Content",
    "ContentId",
    "CallbackEndpoint",
)
PASCAL_ORDER = (
    "ReviewId",
    "SubTeam",
    "CreatedBy",
    "Metadata",
    "ReviewerResultTags",
    "Type",
    "Content",
    "ContentId",
    "CallbackEndpoint",
    "Status",
)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One item of a create request: the draft, and the key by which a repeated request is known."""

    draft: Draft
    idempotency_key: str | None = None


# Create ---------------------------------------------------------------------------------------------------------------


def read_drafts(raw: bytes) -> list[Incoming]:
    """The drafts of a create request, in order; with one bad item the whole request is refused.

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
        For more than `MAX_ITEMS` items.

    Examples
    --------
    >>> read_drafts(b'[{"type": "image", "content": "https://x/1.jpg", "contentId": 7}]')[0].draft.content_id
    '7'
    >>> read_drafts(b'[{"Type": "Image", "Content": "https://x/1.jpg"}]')
    Traceback (most recent call last):
    cmtools.errors.BadDraft: [0].ContentId: it is missing
    """
    try:
        items = from_json(raw.removeprefix(BOM), allow_inf_nan=False)
    except ValueError as error:
        raise BadRequest(f"the body cannot be read as JSON ({error})") from None
    if not isinstance(items, list):
        raise BadRequest("the body must be a JSON array of reviews: put a single one in [ ]")
    if not items:
        raise BadRequest("the array is empty: there is nothing to create")
    if len(items) > MAX_ITEMS:
        raise TooLarge(f"{len(items):,} reviews in one request; the most is {MAX_ITEMS:,}: send several requests")
    return [_read_item(item, index) for index, item in enumerate(items)]


def _read_item(item: object, index: int) -> Incoming:
    if not isinstance(item, dict):
        raise BadDraft("it is not a JSON object", where=f"[{index}]")
    fields = {key.lower(): value for key, value in item.items()}
    try:
        kind = content_type(_string(fields, "Type"))
        draft = Draft(
            content=_string(fields, "Content"),
            content_id=_scalar(fields, "ContentId"),
            type=kind.name,
            metadata=_read_pairs(fields.get("metadata")),
            callback_endpoint=_optional_string(fields, "CallbackEndpoint"),
            weight=_weight(fields.get("weight")),
            stratum=_optional_string(fields, "Stratum"),
        )
        kind.check(draft)
        return Incoming(draft, _read_key(fields))
    except BadRequest as error:
        where = f"[{index}]" + (f".{_pascal_path(error.where)}" if error.where else "")
        problem = type(error)(error.message, where=where)
    raise problem


def _pascal_path(where: str) -> str:
    """A field of the model as this API spells it: ``metadata[0].key`` is ``Metadata[0].Key``."""
    return re.sub(r"[a-z_]+", lambda found: found[0].title().replace("_", ""), where) if where.islower() else where


def _string(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name.lower())
    if value is None:
        raise BadDraft("it is missing", where=name)
    if not isinstance(value, str):
        raise BadDraft(f"it must be a string, not {_json_kind(value)}", where=name)
    if not value.strip():
        raise BadDraft("it is empty", where=name)
    return value


def _optional_string(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name.lower())
    if value is None or isinstance(value, str):
        return value
    raise BadDraft(f"it must be a string, not {_json_kind(value)}", where=name)


def _scalar(fields: Mapping[str, object], name: str) -> str:
    """A string, or the string that the vendor's clients made of a number or boolean before they sent it."""
    value = fields.get(name.lower())
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return write_bool(value)
    if isinstance(value, int | float):
        return str(value)
    raise BadDraft("it is missing" if value is None else f"it must be a string, not {_json_kind(value)}", where=name)


def _read_pairs(value: object) -> Pairs:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadDraft('it must be an array of {"Key": ..., "Value": ...}', where="Metadata")
    return tuple(_read_pair(pair, index) for index, pair in enumerate(value))


def _read_pair(pair: object, index: int) -> tuple[str, str]:
    if not isinstance(pair, dict):
        raise BadDraft('it must be {"Key": ..., "Value": ...}', where=f"Metadata[{index}]")
    fields = {key.lower(): value for key, value in pair.items()}
    try:
        return _scalar(fields, "Key"), _scalar(fields, "Value")
    except BadDraft as error:
        problem = BadDraft(error.message, where=f"Metadata[{index}].{error.where}")
    raise problem


def _weight(value: object) -> float:
    if value is None:
        return 1.0
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadDraft(f"it must be a number, not {_json_kind(value)}", where="Weight")
    try:
        return float(value)
    except OverflowError:
        raise BadDraft("it is too large a number", where="Weight") from None


def _read_key(fields: Mapping[str, object]) -> str | None:
    key = _optional_string(fields, "IdempotencyKey")
    if key is not None and not (0 < len(key) <= MAX_KEY_CHARACTERS and key.isprintable()):
        raise BadDraft(f"it takes 1 to {MAX_KEY_CHARACTERS} printable characters", where="IdempotencyKey")
    return key


def _json_kind(value: object) -> str:
    if isinstance(value, bool):
        return "a boolean"
    return {dict: "an object", list: "an array", int: "a number", float: "a number"}.get(type(value), "that")


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
    return written


# Get ------------------------------------------------------------------------------------------------------------------


def spelling_for(user_agent: str | None, command_name: str | None, setting: str) -> Spelling:
    """How to spell an answer: as the setting says, or (``auto``) the live way for the vendor's own clients alone.

    Parameters
    ----------
    user_agent, command_name : str or None
        The headers ``User-Agent`` and ``x-ms-command-name`` (a browser sends its mark in the second).
    setting : str
        ``auto``, ``camel`` or ``pascal``.

    Examples
    --------
    >>> spelling_for("python/3.11 msrest/0.7.1", None, "auto"), spelling_for("curl/8.5", None, "auto")
    ('pascal', 'camel')
    """
    if setting == "camel":
        return "camel"
    said = f"{user_agent or ''} {command_name or ''}".lower()
    return "pascal" if setting == "pascal" or any(mark in said for mark in VENDOR_MARKS) else "camel"


def write_review(review: Review, team: Team, spelling: Spelling) -> dict[str, Any]:
    """The answer of ``Review - Get``: its keys in the order of the documented sample, or (pascal) of the live service.

    Examples
    --------
    >>> review = Review("201712i4", "Leased", "Image", "https://x/1.jpg", "0")
    >>> list(write_review(review, Team("T", TagSet()), "camel").items())[:4]
    [('reviewId', '201712i4'), ('subTeam', 'public'), ('status', 'Pending'), ('reviewerResultTags', [])]
    """
    status = wire_status(review.status)
    result_tags = result_pairs(review.human_tags, team) if status == "Complete" else ()
    values = {
        "ReviewId": review.id,
        "SubTeam": review.subteam,
        "Status": status,
        "ReviewerResultTags": _write_pairs(result_tags, spelling),
        "CreatedBy": team.name.lower(),
        "Metadata": _write_pairs(review.metadata, spelling),
        "Type": review.type,
        "Content": review.content,
        "ContentId": review.content_id,
        "CallbackEndpoint": review.callback_endpoint,
    }
    if spelling == "pascal":
        return {name: values[name] for name in PASCAL_ORDER}
    return {name[0].lower() + name[1:]: values[name] for name in CAMEL_ORDER}


def wire_status(status: str) -> str:
    """The state that outsiders see: a review that a reviewer holds, or has just submitted, is still Pending.

    Examples
    --------
    >>> [wire_status(state) for state in ("Unpublished", "Pending", "Leased", "Submitted", "Complete")]
    ['UnPublished', 'Pending', 'Pending', 'Pending', 'Complete']
    """
    return {"complete": "Complete", "unpublished": "UnPublished"}.get(status.lower(), "Pending")


def result_pairs(human_tags: Mapping[str, bool], team: Team) -> Pairs:
    """One pair for each tag that the team's reviewers see, in the team's order; what nobody switched on is False."""
    return tuple((tag.short_code, write_bool(human_tags.get(tag.short_code, False))) for tag in team.tags.visible)


def _write_pairs(pairs: Iterable[tuple[str, str]], spelling: Spelling) -> list[dict[str, str]]:
    key_name, value_name = ("Key", "Value") if spelling == "pascal" else ("key", "value")
    return [{key_name: key, value_name: value} for key, value in pairs]


def read_review(data: object) -> Review:
    """A review in either spelling, as far as this API tells: who answered, and when, it does not say.

    Auto tags are those that metadata gives for ``a``, ``r`` and every tag of the result.

    Raises
    ------
    ServiceError
        When it is no review.

    Examples
    --------
    >>> answer = {"ReviewId": "1", "Status": "UnPublished", "Type": "Video", "Content": "https://x/v", "ContentId": "7"}
    >>> read_review(answer).status
    'Unpublished'
    """
    fields = {str(key).lower(): value for key, value in data.items()} if isinstance(data, dict) else {}
    try:
        metadata = _read_pairs(fields.get("metadata"))
        results = _read_pairs(fields.get("reviewerresulttags"))
        tags = TagSet(Tag(key) for key, _ in results if SHORT_CODE.fullmatch(key))
        status = _string(fields, "Status")
        return Review(
            id=_string(fields, "ReviewId"),
            status="Unpublished" if status.lower() == "unpublished" else status,
            type=_string(fields, "Type"),
            content=_string(fields, "Content"),
            content_id=_scalar(fields, "ContentId"),
            subteam=_optional_string(fields, "SubTeam") or PUBLIC,
            metadata=metadata,
            auto_tags=tags.auto_tags(metadata),
            human_tags={key: on for key, value in results if (on := read_bool(value)) is not None},
            scores=tags.scores(metadata),
            callback_endpoint=_optional_string(fields, "CallbackEndpoint"),
            created_by=_optional_string(fields, "CreatedBy") or "",
        )
    except BadDraft as error:
        problem = ServiceError(f"the service's answer is no review: {error}")
    raise problem


# Callback -------------------------------------------------------------------------------------------------------------


def write_callback(review: Review, modified_by: str, modified_at: datetime, team: Team | None = None) -> dict[str, Any]:
    """The notice that a review is complete. Tags and metadata are objects here; a repeated key keeps its last value.

    Parameters
    ----------
    review : Review
        With its human tags.
    modified_by : str
        The reviewer.
    modified_at : datetime
        Aware; written in UTC with seven digits after the point.
    team : Team, optional
        With it, exactly the tags that the team's reviewers see; without it, the human tags as they are.

    Examples
    --------
    >>> review = Review("1", "Complete", "Image", "c", "0", metadata=(("sc", "true"),), human_tags={"a": False})
    >>> notice = write_callback(review, "ana", datetime(2018, 1, 6, 5, 4, 40, 552586, UTC))
    >>> notice["ModifiedOn"], notice["Metadata"], notice["ReviewerResultTags"]
    ('2018-01-06T05:04:40.5525860Z', {'sc': 'true'}, {'a': 'False'})
    """
    tags = result_pairs(review.human_tags, team) if team else _bools(review.human_tags)
    return {
        "ReviewId": review.id,
        "ModifiedOn": modified_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
        "ModifiedBy": modified_by,
        "CallBackType": "Review",
        "ContentId": review.content_id,
        "ContentType": review.type,
        "Metadata": dict(review.metadata),
        "ReviewerResultTags": dict(tags),
    }


def _bools(human_tags: Mapping[str, bool]) -> Pairs:
    return tuple((tag, write_bool(value)) for tag, value in human_tags.items())
