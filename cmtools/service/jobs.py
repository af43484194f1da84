"""Rules of jobs: taken in, given to one worker at a time, ended once with all that follows. It runs none itself."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ..content import content_type
from ..errors import BadRequest, CmtoolsError, NotFound
from ..model import Actor, Draft, Job, JobStep
from ..store import Connection, jobs
from ..store.jobs import KEPT, JobRow
from ..wire.creation import Incoming
from . import addresses, audit, auth, callbacks, pictures, reviews, tagging, teams, workflows
from .context import Context, system_actor
from .execution import KIND, Outcome, Task
from .media import Media

TRIES = 3
WAITS_SECONDS = (5, 30)
"""How long after an unforeseen fault the next try comes."""
CLAIM_SECONDS = 120
"""How long a job is left to its worker; after that it is assumed lost and taken by another."""
NAMES = {"content": "ContentValue", "content_id": "ContentId", "callback_endpoint": "CallBackEndpoint"}
"""The fields of a draft as a job's request names them."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewJob:
    """What a request asks for."""

    type: str
    content: str | bytes = field(repr=False)
    content_id: str
    workflow: str = workflows.DEFAULT
    callback_endpoint: str | None = field(default=None, repr=False)


def check_workflow(ctx: Context, type: str, workflow: str) -> None:
    """Raise unless the team has the workflow (`NotFound`) and it is one for this type (`BadRequest`)."""
    kind = content_type(type).name
    found = workflows.get(ctx, workflow)
    if found.type != kind:
        raise BadRequest(f"the workflow {found.name!r} is for content of type {found.type}", where="ContentType")


def take_in(media: Media, actor: Actor, asked: NewJob, now: datetime) -> JobRow:
    """A job that can be kept: its content checked, and put away where it came as bytes. Runs outside of a transaction.

    Raises
    ------
    BadRequest
        The id, the address or the content cannot be used.
    BadPicture
        Bytes that are no picture within the limits.
    """
    auth.require(actor, "create")
    kind = content_type(asked.type).name
    content = asked.content
    if isinstance(content, bytes) and kind == "Text":
        content = tagging.read_text(content)
    shown = content if isinstance(content, str) else addresses.MEDIA
    _check(Draft(shown, asked.content_id, kind, callback_endpoint=asked.callback_endpoint))
    id = f"{now:%Y%m}{uuid.uuid4().hex}"
    if isinstance(content, bytes):
        tagging.check_picture(content)
        media.cache(actor.team, KIND, id, content)
        content = KEPT
    elif kind == "Text":
        tagging.check_text(content)
    return JobRow(id, actor.team, kind, content, asked.content_id, asked.workflow, asked.callback_endpoint, actor.label)


def create(ctx: Context, row: JobRow, base_url: str) -> str:
    """Keep a job that was taken in; a worker comes to it at once. Gives its id."""
    content = addresses.inward(ctx, row.content, base_url) if row.type == "Image" else row.content
    if row.type == "Image" and content.startswith(addresses.MEDIA):
        pictures.demand(ctx, content.removeprefix(addresses.MEDIA))
    row = replace(row, content=content, workflow=workflows.get(ctx, row.workflow).name)
    jobs.insert(ctx.connection, row, ctx.now)
    audit.record(
        ctx, "create_job", [(row.id, {}, {"content_id": row.content_id, "type": row.type, "workflow": row.workflow})]
    )
    return row.id


def get(ctx: Context, id: str) -> Job:
    """A job and how far it is.

    Raises
    ------
    NotFound
        The team has no such job.
    """
    found = jobs.fetch(ctx.connection, ctx.team, id)
    if found is None:
        raise NotFound(f"the team has no job {id[:100]!r}")
    return found


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether a job waits to be run."""
    return jobs.anything_due(connection, now)


def claim(ctx: Context) -> Task | None:
    """The job to be run now, with its workflow; None when nothing waits, or when it had to be ended at once."""
    row = jobs.claim(ctx.connection, ctx.now, ctx.now + timedelta(seconds=CLAIM_SECONDS))
    if row is None:
        return None
    if not worn_out(row):
        jobs.report(ctx.connection, row.id, [JobStep(ctx.now, f"Starting Execution - Try {row.tries}")])
    theirs = replace(ctx, actor=system_actor(row.team))
    try:
        return Task(row, workflows.compiled(workflows.get(theirs, row.workflow)), theirs.tags())
    except (CmtoolsError, LookupError, TypeError, ValueError) as error:  # it must not stand in the others' way
        log.warning("job %s: its workflow cannot be used: %s", row.id, error)
        _end(ctx, row, Outcome(fault=f"the workflow {row.workflow!r} cannot be used: {error}"[:1000]), [])
        return None


def worn_out(job: JobRow) -> bool:
    """Whether a job was begun as often as may be, by workers that did not live to tell: it is not begun again."""
    return job.tries > TRIES


def give_up(ctx: Context, task: Task, reason: str) -> bool:
    """After a fault that nobody foresaw: try again later, or end the job when it was tried often enough.

    Returns
    -------
    bool
        Whether the job has ended. It has not where another worker has it by now.
    """
    job = task.job
    if not jobs.holds(ctx.connection, job):
        return False
    if job.tries < TRIES:
        jobs.report(ctx.connection, job.id, [JobStep(ctx.now, f"Execution failed: {reason}")])
        jobs.put_off(ctx.connection, job.id, ctx.now + timedelta(seconds=WAITS_SECONDS[job.tries - 1]))
        return False
    _end(ctx, job, Outcome(fault=reason), [])
    return True


def finish(ctx: Context, task: Task, outcome: Outcome) -> bool:
    """End a job with all that follows from it: reviews, report, callback.

    Returns
    -------
    bool
        Whether the job has ended. It has not, and nothing was changed, where another worker has it by now.
    """
    job = task.job
    if not jobs.holds(ctx.connection, job):
        return False
    theirs = replace(ctx, actor=system_actor(job.team))
    try:
        for _, subteam in outcome.reviews:
            teams.check_subteam(theirs, subteam)
    except BadRequest as error:
        outcome = replace(outcome, fault=error.message, reviews=[])
    if outcome.reviews and outcome.picture is not None:
        pictures.note(theirs, outcome.picture.id, outcome.picture.facts, "")
    caller = replace(theirs, actor=replace(theirs.actor, label=job.created_by))
    made = [reviews.create(caller, [Incoming(draft)], subteam, "")[0][0] for draft, subteam in outcome.reviews]
    _end(ctx, job, outcome, made)
    return True


def _end(ctx: Context, job: JobRow, outcome: Outcome, made: list[str]) -> None:
    status = "Complete" if outcome.fault is None else "Error"
    told = (
        [*(f"Created review {id}" for id in made), "Execution Complete"]
        if outcome.fault is None
        else [f"Execution failed: {outcome.fault}"]
    )
    told.append(f"Job marked {'completed' if outcome.fault is None else 'failed'} and job content has been removed")
    steps = [*outcome.steps, *(JobStep(ctx.now, message) for message in told)]
    jobs.report(ctx.connection, job.id, steps)
    jobs.end(ctx.connection, job.id, status, outcome.metadata, made[0] if made else None)
    theirs = replace(ctx, actor=system_actor(job.team))
    audit.record(theirs, "end_job", [(job.id, {}, {"status": status, "reviews": made, "fault": outcome.fault})])
    if job.callback_endpoint:
        callbacks.enqueue_job(theirs, job.id, job.callback_endpoint)


def forget_content(media: Media, job: JobRow) -> None:
    """Remove the bytes that came with a job which did not become one."""
    if job.content == KEPT:
        media.forget(job.team, KIND, job.id)


def left_over(connection: Connection) -> list[tuple[str, str]]:
    """Team and id of jobs that have ended but whose bytes may still be there."""
    return jobs.left_over(connection)


def remove_content(media: Media, ended: Sequence[tuple[str, str]]) -> None:
    """Remove the bytes that came with jobs which have ended. Runs outside of a transaction; `removed` notes it."""
    for team, id in ended:
        media.forget(team, KIND, id)


def removed(connection: Connection, ended: Sequence[tuple[str, str]]) -> None:
    """Note that their bytes are gone."""
    jobs.forget(connection, [id for _, id in ended])


def _check(draft: Draft) -> None:
    try:
        content_type(draft.type).check(draft)
        return
    except BadRequest as error:
        problem = BadRequest(error.message, where=NAMES.get(error.where or "", error.where))
    raise problem
