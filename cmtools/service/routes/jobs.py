"""Jobs: create one, see how far it is."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from ...errors import BadRequest, NotFound
from ...model import Job
from ...wire import job_schemas, own
from ...wire import jobs as wire
from ...wire.job_examples import REQUESTS
from ...wire.schemas import ref
from .. import jobs, teams
from ..door import ActorDep, Answer, BaseDep, BodyDep, DoorDep, MayCreate, QueryDep, answer
from ..openapi import JSON, link, notice, says

router = APIRouter(prefix=own.REVIEW_PREFIX + "/{team}/jobs", tags=["Review API"])
own_router = APIRouter(prefix=own.OWN_PREFIX + "/{team}/jobs", tags=["Jobs"])


PICTURES = ("image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff")
TAKES_CONTENT = {
    "required": True,
    "description": "The picture's address, or the text, in JSON; or the picture's bytes, or the text, themselves. JSON "
    "is taken for what it is whatever it is called.",
    "content": {
        JSON: {"schema": ref("JobIn"), "example": REQUESTS["JobIn"][0]},
        **{kind: {"schema": {"type": "string", "format": "binary"}} for kind in PICTURES},
        "text/plain": {"schema": {"type": "string", "maxLength": 1024}, "example": "Is this one fine?"},
    },
}
NEXT = {
    "Get": link("get_job", "How far it is.", job_id="$response.body#/JobId"),
    "Read": link("read_job", "Everything that is known of it.", job_id="$response.body#/JobId"),
}


@router.post(
    "",
    **says(
        "create_job",
        ref("JobCreated"),
        what="The job's id.",
        takes=TAKES_CONTENT,
        parameters=job_schemas.job_parameters(),
        summary="Job - Create",
        links=NEXT,
        callbacks=notice("JobNotice", "{$request.query.CallBackEndpoint}", "The job has ended."),
    ),
)
def create(
    request: Request, door: DoorDep, actor: MayCreate, query: QueryDep, body: BodyDep, base: BaseDep
) -> Response:
    """Let a workflow deal with a picture or a text; answers the job's id at once."""
    kind, content_id, workflow, endpoint = wire.read_job_query(query)
    door.read(actor, "create", lambda ctx: jobs.check_workflow(ctx, kind, workflow))
    content = wire.read_job_content(body, request.headers.get("content-type"))
    asked = jobs.NewJob(kind, content, content_id, workflow, endpoint)
    row = jobs.take_in(door.media, actor, asked, door.clock())
    try:
        id = door.write(actor, "create", lambda ctx: jobs.create(ctx, row, base))
    except (BadRequest, NotFound):  # after any other fault the job may be there
        jobs.forget_content(door.media, row)
        raise
    return Answer(wire.write_job_id(id))


@own_router.get("/{job_id}", **says("read_job", Job))
def read(door: DoorDep, actor: ActorDep, job_id: str) -> Response:
    """A job with everything that is known of it."""
    return answer(door.read(actor, "get", lambda ctx: jobs.get(ctx, job_id)))


@router.get("/{job_id}", **says("get_job", ref("ApiJob"), what="The job.", summary="Job - Get"))
def get(door: DoorDep, actor: ActorDep, job_id: str) -> Response:
    """A job: how far it is, what was found, the review that was made, and what was done when."""
    job, team = door.read(actor, "get", lambda ctx: (jobs.get(ctx, job_id), teams.describe(ctx)))
    return Answer(wire.write_job(job, team))
