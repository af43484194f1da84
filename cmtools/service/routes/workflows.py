"""Workflows: put one, read one, list them."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ...store.workflows import WorkflowRow
from ...wire import own
from ...wire import workflows as wire
from ...wire.job_examples import REQUESTS
from ...wire.schemas import list_of, ref
from .. import workflows
from ..door import ActorDep, Answer, DoorDep, JsonBodyDep, MayLook, MaySet
from ..openapi import json_body, says

router = APIRouter(prefix=own.REVIEW_PREFIX + "/{team}/workflows", tags=["Review API"])


OUTGOING = ref("WorkflowOut")
EXAMPLES = dict(zip(("a review and its tag", "the oldest form"), REQUESTS["WorkflowIn"], strict=True))


@router.put(
    "/{workflow_name}",
    **says(
        "put_workflow",
        {"const": True},
        what="It is kept.",
        takes=json_body(ref("WorkflowIn"), "What the workflow does.", examples=EXAMPLES),
        refuses=(415,),
        summary="Workflow - Create or Update",
    ),
)
def put(door: DoorDep, actor: MaySet, workflow_name: str, body: JsonBodyDep) -> Response:
    """Keep a workflow under this name, in place of an earlier one; answers true."""
    workflow, expression = wire.read_workflow(body, workflow_name)
    door.write(actor, "settings", lambda ctx: workflows.put(ctx, workflow, expression))
    return Answer(True)


@router.get("/{workflow_name}", **says("get_workflow", OUTGOING, what="The workflow.", summary="Workflow - Get"))
def get(door: DoorDep, actor: ActorDep, workflow_name: str) -> Response:
    """A workflow, its expression as it was written."""
    return Answer(_written(door.read(actor, "get", lambda ctx: workflows.get(ctx, workflow_name))))


@router.get("", **says("list_workflows", list_of(OUTGOING), what="The workflows.", summary="Workflow - List"))
def listing(door: DoorDep, actor: MayLook) -> Response:
    """The team's workflows; ``default`` is always among them."""
    return Answer([_written(row) for row in door.read(actor, "look", workflows.listing)])


def _written(row: WorkflowRow) -> dict[str, object]:
    return wire.write_workflow(row.name, row.description, row.type, row.expression)
