"""Jobs: create one, see how far it is."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from ...wire import jobs as wire
from ...wire import own
from .. import jobs, teams
from ..door import ActorDep, Answer, BaseDep, BodyDep, DoorDep, QueryDep, answer

router = APIRouter(prefix=own.REVIEW_PREFIX + "/{team}/jobs", tags=["Review API"])
own_router = APIRouter(prefix=own.OWN_PREFIX + "/{team}/jobs", tags=["Jobs"])


@router.post("", summary="Job - Create")
def create(request: Request, door: DoorDep, actor: ActorDep, query: QueryDep, body: BodyDep, base: BaseDep) -> Response:
    """Let a workflow deal with a picture or a text; answers the job's id at once."""
    kind, content_id, workflow, endpoint = wire.read_job_query(query)
    door.read(actor, "create", lambda ctx: jobs.check_workflow(ctx, kind, workflow))
    content = wire.read_job_content(body, request.headers.get("content-type"))
    asked = jobs.NewJob(kind, content, content_id, workflow, endpoint)
    row = jobs.take_in(door.media, actor, asked, door.clock())
    return Answer(wire.write_job_id(door.write(actor, "create", lambda ctx: jobs.create(ctx, row, base))))


@own_router.get("/{job_id}")
def read(door: DoorDep, actor: ActorDep, job_id: str) -> Response:
    """A job with everything that is known of it."""
    return answer(door.read(actor, "read", lambda ctx: jobs.get(ctx, job_id)))


@router.get("/{job_id}", summary="Job - Get")
def get(door: DoorDep, actor: ActorDep, job_id: str) -> Response:
    """A job: how far it is, what was found, the review that was made, and what was done when."""
    job, team = door.read(actor, "read", lambda ctx: (jobs.get(ctx, job_id), teams.describe(ctx)))
    return Answer(wire.write_job(job, team))
