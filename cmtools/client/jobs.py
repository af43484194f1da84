"""Jobs, workflows, and asking the service's taggers: these operations of `Client`. What they do is the service's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal

from ..content import content_type
from ..errors import BadRequest
from ..model import Combine, Condition, CreateReview, Evaluation, Job, Logic, Screening, TagRule, Verdict, Workflow
from ..wire import jobs, moderation, own, workflows
from .arguments import as_list, demand_text, own_id, picture_address, picture_bytes, segment
from .connection import Connection
from .transport import Answer
from .waiting import wait_until

IN_PROGRESS = "InProgress"
TAGGER_SECONDS = 300.0
"""How long an answer of the service's tagger is waited for: longer than the service tries one in a cloud again, so that
its answer arrives, or why there is none."""
WORKFLOW, JOB = "workflow name", "job id"


class Jobs(Connection):
    """The operations of `Client` on jobs and workflows.

    Examples
    --------
    >>> from cmtools.model import Condition, Logic
    >>> from cmtools.testing import running_service
    >>> with running_service() as service, service.client("ana") as client:
    ...     client.put_workflow("rude", Logic(Condition("text.HasProfanity")), type="Text")
    ...     id = client.create_job("Hello!", content_id="1", type="Text", workflow="rude")
    ...     service.advance(0)  # what the worker does by itself in a service that is not of a test
    ...     (job,) = client.wait_jobs([id], progress=False)
    >>> job.status, job.report[1].message[:57]
    ('Error', 'Execution failed: this service has no tagger for texts: s')
    """

    # Workflows --------------------------------------------------------------------------------------------------------

    def put_workflow(
        self,
        name: str,
        expression: Logic | Condition | Combine | Mapping[str, Any],
        *,
        type: str = "Image",
        description: str = "",
    ) -> None:
        """Keep a workflow, in place of an earlier one of this name.

        Parameters
        ----------
        name : str
            In any case; ``default`` is the one that every team has.
        expression : Logic, Condition, Combine or mapping
            What it does: records of `cmtools.model`, or the JSON of the retired service's workflows. A condition alone
            means: where it holds, create a review.
        type : str
            ``Image`` or ``Text``: what its jobs are about.
        description : str
            A sentence for people.

        Raises
        ------
        BadRequest
            Naming the part at fault, such as ``Expression.If.Operator``.
        """
        path = f"/workflows/{segment(name, WORKFLOW)}"
        self._vendor("PUT", path, data=workflows.write_workflow(name, description, type, _rule(expression)))

    def workflow(self, name: str) -> Workflow:
        """The workflow of that name; `NotFound` names those there are."""
        return workflows.read_stored_workflow(self._vendor("GET", f"/workflows/{segment(name, WORKFLOW)}").json())

    def workflows(self) -> list[Workflow]:
        """The team's workflows, by name."""
        found = own.read(list[dict[str, Any]], self._vendor("GET", "/workflows").json())
        return [workflows.read_stored_workflow(item) for item in found]

    # Jobs -------------------------------------------------------------------------------------------------------------

    def create_job(
        self,
        content: str | Path | bytes,
        *,
        content_id: str,
        type: str = "Image",
        workflow: str = "default",
        callback: str | None = None,
    ) -> str:
        """Let the service's tagger and a workflow deal with a picture or a text; gives the job's id at once.

        Parameters
        ----------
        content : str, Path or bytes
            A picture's address or a text; a picture's file; or its bytes.
        content_id : str
            Your own id of it, which the review and the callbacks carry; a whole number will do.
        type : str
            ``Image`` or ``Text``.
        workflow : str
            Its name; ``default`` makes a review of a picture that the tagger finds adult.
        callback : str, optional
            An address that is told when the job has ended, and again when its review is decided.

        Raises
        ------
        BadDraft
            The type, the id or the picture's address is none.
        BadPicture
            The file or the bytes are no picture.
        NotFound
            The team has no workflow of that name.
        """
        kind, named = content_type(type).name, own_id(content_id)
        query = {"ContentType": kind, "ContentId": named, "WorkflowName": workflow, "CallBackEndpoint": callback}
        if isinstance(content, str):
            written = picture_address(content) if kind == "Image" else content
            sent: dict[str, Any] = {"data": jobs.write_job_content(written)}
        else:
            sent = {"body": picture_bytes(content)}
        return jobs.read_job_id(self._vendor("POST", "/jobs", params=query, **sent).json())

    def job(self, job_id: str) -> Job:
        """A job: how far it is, what was found, the review that was made, and what was done when."""
        return self._read(Job, "GET", f"/jobs/{segment(job_id, JOB)}")

    def wait_jobs(self, ids: Iterable[str], *, timeout: float | None = None, progress: bool = True) -> list[Job]:
        """Wait until all of these jobs have ended, well or not; interrupting it harms nothing.

        Parameters
        ----------
        ids : iterable of str
            Job ids.
        timeout : float, optional
            Seconds after which to give up, 0 to look once; left out, it waits as long as it takes.
        progress : bool
            Whether to show a progress bar.

        Returns
        -------
        list of Job
            In the order of the ids; ``status`` says which of them went wrong, and ``report`` why.

        Raises
        ------
        NotFound
            The team has no job of some id.
        Timeout
            The time is over; the message says how many are not there yet.
        """
        wanted = as_list(ids, JOB)
        ended: dict[str, Job] = {}

        def look() -> tuple[list[Job], int]:
            found = [ended.get(id) or self.job(id) for id in wanted]
            ended.update({job.id: job for job in found if job.status != IN_PROGRESS})
            return found, sum(job.status != IN_PROGRESS for job in found)

        return wait_until(look, len(wanted), things="jobs", state="ended", timeout=timeout, progress=progress)

    # Asking the taggers -----------------------------------------------------------------------------------------------

    def evaluate(self, picture: str | Path | bytes) -> Evaluation:
        """What the service's tagger says of a picture: an address, a file, or bytes. Nothing of it is kept.

        Raises
        ------
        NoTagger
            The service was started without a tagger for pictures.
        BadPicture
            It is none, or is smaller than 128 pixels a side or larger than 4 MB.
        BadDraft
            A text was given that is no address; a file is given as a `Path`.
        """
        answer = self._moderated("/ProcessImage/Evaluate", **_picture(picture))
        return moderation.read_evaluation(answer.json())

    def screen(self, text: str) -> Screening:
        """The listed terms that a text has, as the service's tagger finds them. Nothing of it is kept.

        Raises
        ------
        NoTagger
            The service was started without a tagger for texts.
        BadRequest
            The text is empty, or longer than 1,024 characters.
        """
        return moderation.read_screening(self._moderated("/ProcessText/Screen/", **_text(text)).json())

    def tag(
        self, content: str | Path | bytes, *, type: str = "Image", thresholds: Literal["team", "tagger"] = "team"
    ) -> Verdict:
        """All that the service's tagger says of a picture or a text: tags, scores, metadata, terms. Nothing is kept.

        Parameters
        ----------
        content : str, Path or bytes
            A picture's address, file or bytes; or a text.
        type : str
            ``Image`` or ``Text``.
        thresholds : str
            Whose thresholds decide of a tag with a score: the ``"team"``'s, where it has one, as in jobs; or for all
            tags the ``"tagger"``'s own.

        Raises
        ------
        NoTagger
            The service was started without a tagger for that type.
        BadPicture
            It is none, or is smaller than 128 pixels a side or larger than 4 MB.
        BadDraft
            The type is none, or a text was given for a picture that is no address.
        BadRequest
            The text is empty, or longer than 1,024 characters; or the tagger cannot tag this one.
        TaggerFailed
            The tagger broke off.

        Examples
        --------
        >>> from cmtools.taggers import Words
        >>> from cmtools.testing import running_service
        >>> with running_service(taggers={"Text": Words(["spam"], code="sp")}) as service, service.client() as client:
        ...     client.tag("Buy sp@m", type="Text").tags
        {'sp': True}
        """
        kind = content_type(type).name
        query = {"content_type": kind, "thresholds": thresholds}
        sent = _text(content) if kind == "Text" else _picture(content)
        return self._read(Verdict, "POST", "/taggings", params=query, repeat=True, wait_seconds=TAGGER_SECONDS, **sent)

    def _moderated(self, path: str, **sent: Any) -> Answer:
        """What the service answers on the vendor's address of that path."""
        return self._transport.call(
            "POST", f"{own.MODERATE_PREFIX}{path}", repeat=True, wait_seconds=TAGGER_SECONDS, **sent
        )


def _picture(picture: str | Path | bytes) -> dict[str, Any]:
    """How a picture is sent: an address as JSON, else its bytes."""
    if isinstance(picture, str):
        return {"data": moderation.write_image_input(picture_address(picture))}
    return {"body": picture_bytes(picture)}


def _text(text: object) -> dict[str, Any]:
    return {"body": demand_text(text, "text").encode("utf-8", "surrogatepass")}


def _demand_step(step: object, where: str) -> None:
    """Raise `BadRequest` naming the part of a rule that is no record of the kind that belongs there."""
    _demand(step, Logic | CreateReview, "a Logic or a CreateReview", where)
    if isinstance(step, Logic):
        _demand_condition(step.condition, f"{where}.condition")
        for name, steps in (("then", step.then), ("otherwise", step.otherwise)):
            _demand(steps, tuple | list, "a tuple, such as (CreateReview(),)", f"{where}.{name}")
            for index, inner in enumerate(steps):
                _demand_step(inner, f"{where}.{name}[{index}]")
    elif isinstance(step, CreateReview):
        _demand(step.tags, tuple | list, "a tuple of TagRule", f"{where}.tags")
        for index, rule in enumerate(step.tags):
            _demand(rule, TagRule, "a TagRule", f"{where}.tags[{index}]")
            _demand_condition(rule.condition, f"{where}.tags[{index}].condition")


def _demand_condition(condition: object, where: str) -> None:
    _demand(condition, Condition | Combine, "a Condition or a Combine", where)
    if isinstance(condition, Combine):
        _demand_condition(condition.left, f"{where}.left")
        _demand_condition(condition.right, f"{where}.right")


def _demand(given: object, kind: type | UnionType, name: str, where: str) -> None:
    if not isinstance(given, kind):
        raise BadRequest(f"it is of type {type(given).__name__}: give {name}", where=where)


def _rule(expression: object) -> dict[str, Any]:
    """What a workflow does, as it is sent."""
    if isinstance(expression, Condition | Combine):
        expression = Logic(expression)
    if isinstance(expression, Logic):
        _demand_step(expression, "expression")
        return workflows.write_expression(expression)
    if isinstance(expression, Mapping):
        return dict(expression)
    raise BadRequest(
        f"the expression is of type {type(expression).__name__}: give a cmtools.model.Logic, a Condition, or the JSON "
        "of one as a mapping",
        where="expression",
    )
