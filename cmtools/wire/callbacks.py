"""Callbacks: the notices that the Review API sends. It decides no rule and sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..model import Job, Pairs, Review, Team
from ..tags import write_bool
from .reviews import result_pairs, wire_metadata


def write_callback(
    review: Review,
    modified_by: str,
    modified_at: datetime,
    team: Team | None = None,
    frame_count: int | None = None,
) -> dict[str, Any]:
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
    frame_count : int, optional
        How many frames a video has, where it comes without them.

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
        "Metadata": dict(wire_metadata(review, frame_count)),
        "ReviewerResultTags": dict(tags),
    }


def write_job_callback(job: Job) -> dict[str, Any]:
    """The notice that a job has ended. The outputs' names are in lower case here, and a picture's tell its ContentId.

    Examples
    --------
    >>> job = Job("1", "Complete", "default", "Image", "cat.jpg", metadata=(("isAdult", "False"),))
    >>> notice = write_job_callback(job)
    >>> notice["WorkFlowId"], notice["ReviewId"], notice["Metadata"]
    ('default', '', {'isadult': 'False', 'imagename': 'cat.jpg'})
    """
    metadata = {key.lower(): value for key, value in job.metadata}
    if job.type == "Image":
        metadata.setdefault("imagename", job.content_id)
    return {
        "JobId": job.id,
        "ReviewId": job.review_id or "",
        "WorkFlowId": job.workflow,
        "Status": job.status,
        "ContentType": job.type,
        "CallBackType": "Job",
        "ContentId": job.content_id,
        "Metadata": metadata,
    }


def _bools(human_tags: Mapping[str, bool]) -> Pairs:
    return tuple((tag, write_bool(value)) for tag, value in human_tags.items())
