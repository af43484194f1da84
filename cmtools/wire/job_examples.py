"""Examples of jobs, workflows, Evaluate, Screen and notices, for the OpenAPI document. It holds no rule."""

from __future__ import annotations

from typing import Any

from ..model import Combine, Condition, CreateReview, FoundTerm, Logic, TagRule, Workflow
from . import callbacks, examples, job_schemas, jobs, moderation, workflows
from .schemas import Schema

RACY = Condition("racyScore", "gt", "0.3")
WORKFLOW = Workflow(
    "watch",
    Logic(
        Combine(Condition("isAdult"), RACY, "OR"),
        (CreateReview(None, "https://example.org/callback", (TagRule("r", RACY),)),),
    ),
    "Image",
    "Adult or racy pictures go to people.",
)
WRITTEN = workflows.write_workflow(
    WORKFLOW.name, WORKFLOW.description, WORKFLOW.type, workflows.write_expression(WORKFLOW.expression)
)
REQUESTS: dict[str, list[Any]] = {
    "WorkflowIn": [
        {key: value for key, value in WRITTEN.items() if key != "Name"},
        {"Expression": {"Type": "Condition", "OutputName": "adultScore", "Operator": "ge", "Value": "0.4"}},
    ],
    "JobIn": [jobs.write_job_content("https://example.org/photo.jpg")],
    "ImageIn": [moderation.write_image_input("https://example.org/photo.jpg")],
}


def components() -> dict[str, Schema]:
    """Every shape with its example."""
    found = job_schemas.components()
    for name, values in {**REQUESTS, **_answers()}.items():
        found[name] = {**found[name], "examples": values}
    return found


def _answers() -> dict[str, list[Any]]:
    said = moderation.write_evaluation(
        adult=(0.016, False), racy=(0.412, True), tracking_id="c5b5f3b2", advanced_info=(("ImageSizeInBytes", "51234"),)
    )
    terms = [FoundTerm(10, 10, "damn")]
    return {
        "WorkflowOut": [WRITTEN],
        "JobCreated": [jobs.write_job_id(examples.JOB.id)],
        "ApiJob": [jobs.write_job(examples.JOB, examples.TEAM)],
        "Evaluation": [said],
        "Screening": [
            moderation.write_screening("Is this a damn email?", terms, tracking_id="c5b5f3b2", language="eng")
        ],
        "ReviewNotice": [callbacks.write_callback(examples.REVIEW, "ana", examples.NOW, examples.TEAM)],
        "JobNotice": [callbacks.write_job_callback(examples.JOB)],
    }
