"""Runs one job outside of any transaction: get the content, ask the tagger, work out the workflow. It stores no job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..content import content_type, image
from ..errors import BadRequest, CmtoolsError
from ..model import PUBLIC, Condition, CreateReview, Draft, JobStep, Pairs, Workflow
from ..outgoing.outbound import Outbound
from ..store.jobs import KEPT, JobRow
from ..taggers import Tagger
from ..tags import TagSet, write_bool
from . import expressions, tagging
from .addresses import MEDIA
from .media import Media

KIND = "jobs"
"""Where `Media` keeps the pictures that came with their jobs, until these have ended."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a job is run with."""

    taggers: Mapping[str, Tagger]
    media: Media
    outbound: Outbound
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Task:
    """A job that was taken, with what its team has: the workflow and the tags."""

    job: JobRow
    workflow: Workflow
    tags: TagSet


@dataclass(frozen=True, slots=True)
class NewPicture:
    """A picture that a review will show, kept already but not yet known to the team."""

    id: str
    facts: image.PictureFacts


@dataclass(slots=True)
class Outcome:
    """How a run went: the steps in order, what was found, the reviews to be made, or the fault that ended it."""

    steps: list[JobStep] = field(default_factory=list)
    metadata: Pairs = ()
    reviews: list[tuple[Draft, str]] = field(default_factory=list)
    picture: NewPicture | None = None
    fault: str | None = None


def run(tools: Tools, task: Task) -> Outcome:
    """Run a job; a fault in its content or its workflow is an outcome, anything unforeseen is raised."""
    running = _Run(tools, task)
    try:
        running.run()
    except CmtoolsError as error:
        if error.status >= 500:
            raise
        running.outcome.fault = str(error)
        running.outcome.reviews = []
    return running.outcome


class _Run:
    """One run: asks each tagger at most once about each thing, and notes each output that is looked at."""

    def __init__(self, tools: Tools, task: Task) -> None:
        self._tools, self._task = tools, task
        self._found: dict[str, tagging.Outputs] = {}
        self._looked_at: set[str] = set()
        self.outcome = Outcome()

    def run(self) -> None:
        job, workflow = self._task.job, self._task.workflow
        if workflow.type != job.type:
            raise BadRequest(f"the workflow {workflow.name!r} is of type {workflow.type} by now, the job {job.type}")
        tagger = tagging.require_tagger(self._tools.taggers, job.type)
        content = self._content()
        own = self._found[""] = self._asked(tagger, content, job.type)
        self.outcome.metadata = self._metadata(own.tags)
        wanted = expressions.actions(workflow.expression, self._output)
        tags = [self._tags(action) for action in wanted]
        if wanted:
            shown = self._kept(content)
            self.outcome.reviews = [
                self._draft(action, shown, self._metadata(pairs)) for action, pairs in zip(wanted, tags, strict=True)
            ]
        self.outcome.metadata = self._metadata(tags[0] if tags else own.tags)

    def note(self, message: str) -> None:
        self.outcome.steps.append(JobStep(self._tools.clock(), message))

    def _content(self) -> bytes | str:
        """The text, or the picture's bytes, within the limits."""
        job, media = self._task.job, self._tools.media
        if job.type != "Image":
            return tagging.check_text(job.content)
        if job.content == KEPT:
            data = media.cached(job.team, KIND, job.id)
        elif job.content.startswith(MEDIA):
            data = media.load(job.team, job.content.removeprefix(MEDIA))
        else:
            data = self._tools.outbound.fetch_picture(job.content, tagging.MOST_BYTES)
        if data is None:
            raise BadRequest("the job's picture is gone from the service's storage")
        tagging.check_picture(data)
        return data

    def _output(self, condition: Condition) -> str:
        """The output that a condition looks at."""
        said = self._alternate(condition.alternate_input) if condition.alternate_input else self._found[""]
        return self._look(said, condition.output)

    def _look(self, said: tagging.Outputs, name: str) -> str:
        first = name.lower() not in self._looked_at
        if first:
            self._looked_at.add(name.lower())
            self.note(f"Getting {name} from Moderator")
        value = said.find(name, self._task.tags)
        if first:
            self.note(f"Successfully got {name} response from Moderator")
        return value

    def _alternate(self, name: str) -> tagging.Outputs:
        """What the tagger of texts says of another output, such as the text that stands in a picture."""
        name = name.rpartition(".")[2]
        if name.lower() not in self._found:
            text = self._look(self._found[""], name)
            tagger = tagging.require_tagger(self._tools.taggers, "Text")
            self._found[name.lower()] = self._asked(tagger, text, "Text")
        return self._found[name.lower()]

    def _asked(self, tagger: Tagger, item: bytes | str, type: str) -> tagging.Outputs:
        """What a tagger says of the content or of another output, under the team's thresholds."""
        return tagging.outputs(tagging.ask(tagger, item, self._task.tags.thresholds), type)

    def _tags(self, action: CreateReview) -> Pairs:
        """The tags of a new review: those of the workflow, else the tagger's own."""
        if not action.tags:
            return self._found[""].tags
        return tuple(
            (self._spelt(rule.tag), write_bool(expressions.holds(rule.condition, self._output))) for rule in action.tags
        )

    def _spelt(self, code: str) -> str:
        """A short code as the team spells it."""
        return self._task.tags[code].short_code if code in self._task.tags else code

    def _metadata(self, tags: Pairs) -> Pairs:
        """Outputs, what the tagger says of itself, then tags; of a key that comes twice the first stays."""
        own, *others = self._found.values()
        pairs = (*own.shown, *(pair for other in others for pair in other.shown), *own.extra, *tags)
        seen: dict[str, tuple[str, str]] = {}
        for key, value in pairs:
            seen.setdefault(key.lower(), (key, value))
        return tuple(seen.values())

    def _kept(self, content: bytes | str) -> str:
        """What a review of this content shows."""
        job = self._task.job
        if job.content != KEPT or isinstance(content, str):
            return job.content
        id, facts = self._tools.media.save(job.team, content)
        self.outcome.picture = NewPicture(id, facts)
        return MEDIA + id

    def _draft(self, action: CreateReview, content: str, metadata: Pairs) -> tuple[Draft, str]:
        job = self._task.job
        endpoint = action.callback_endpoint or job.callback_endpoint
        draft = Draft(content, job.content_id, job.type, metadata, endpoint)
        content_type(job.type).check(draft)
        return draft, action.subteam or PUBLIC
