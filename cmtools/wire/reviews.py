"""Reviews as the Review API spells them, in both of its spellings, out and in. It decides no rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import BadDraft, ServiceError
from ..model import PUBLIC, Pairs, Review, Team
from ..tags import SHORT_CODE, Tag, TagSet, read_bool, write_bool
from .fields import optional_string, read_pairs, required_string, scalar
from .spelling import Spelling, spell, write_pairs

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
        "ReviewerResultTags": write_pairs(result_tags, spelling),
        "CreatedBy": team.name.lower(),
        "Metadata": write_pairs(wire_metadata(review), spelling),
        "Type": review.type,
        "Content": review.content,
        "ContentId": review.content_id,
        "CallbackEndpoint": review.callback_endpoint,
    }
    order = PASCAL_ORDER if spelling == "pascal" else CAMEL_ORDER
    return spell({name: values[name] for name in order}, spelling)


def wire_status(status: str) -> str:
    """The state that outsiders see: a review that a reviewer holds, or has just submitted, is still Pending.

    Examples
    --------
    >>> [wire_status(state) for state in ("Unpublished", "Pending", "Leased", "Submitted", "Complete")]
    ['UnPublished', 'Pending', 'Pending', 'Pending', 'Complete']
    """
    return {"complete": "Complete", "unpublished": "UnPublished"}.get(status.lower(), "Pending")


def wire_metadata(review: Review, frame_count: int | None = None) -> Pairs:
    """The metadata that outsiders see: a video's has ``FrameCount`` at its end, unless the caller gave one.

    Where ``review`` comes without its frames, ``frame_count`` says how many there are.

    Examples
    --------
    >>> from cmtools.model import Frame
    >>> frames = (Frame(0, "https://x/0.jpg"), Frame(500, "https://x/1.jpg"))
    >>> wire_metadata(Review("v1", "Unpublished", "Video", "https://x/v", "1", frames=frames))
    (('FrameCount', '2'),)
    """
    count = len(review.frames) if frame_count is None else frame_count
    if not count or any(key.lower() == "framecount" for key, _ in review.metadata):
        return review.metadata
    return (*review.metadata, ("FrameCount", str(count)))


def result_pairs(human_tags: Mapping[str, bool], team: Team) -> Pairs:
    """One pair for each tag that the team's reviewers see, in the team's order; what nobody switched on is False."""
    return tuple((tag.short_code, write_bool(human_tags.get(tag.short_code, False))) for tag in team.tags.visible)


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
        metadata = read_pairs(fields.get("metadata"))
        results = read_pairs(fields.get("reviewerresulttags"))
        tags = TagSet(Tag(key) for key, _ in results if SHORT_CODE.fullmatch(key))
        status = required_string(fields, "Status")
        return Review(
            id=required_string(fields, "ReviewId"),
            status="Unpublished" if status.lower() == "unpublished" else status,
            type=required_string(fields, "Type"),
            content=required_string(fields, "Content"),
            content_id=scalar(fields, "ContentId"),
            subteam=optional_string(fields, "SubTeam") or PUBLIC,
            metadata=metadata,
            auto_tags=tags.auto_tags(metadata),
            human_tags={key: on for key, value in results if (on := read_bool(value)) is not None},
            scores=tags.scores(metadata),
            callback_endpoint=optional_string(fields, "CallbackEndpoint"),
            created_by=optional_string(fields, "CreatedBy") or "",
        )
    except BadDraft as error:
        problem = ServiceError(f"the service's answer is no review: {error}")
    raise problem
