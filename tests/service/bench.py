"""A desk with taggers whose answers are known, a place for pictures, and a worker that runs jobs when told to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cmtools.model import Job, Logic, Review, Workflow
from cmtools.outgoing.outbound import Outbound
from cmtools.service import jobs, workflows
from cmtools.service.context import new_id
from cmtools.service.media import Media
from cmtools.service.worker import Worker
from cmtools.taggers import FoundTerm, Tagger, Tagging
from cmtools.wire.expressions import write_expression
from tests.sdk.pictures import jpeg

from .conftest import BASE, Desk

RUDE = "crap"


class Fixed(Tagger):
    """Answers the same of every picture."""

    name, type = "fixed", "Image"

    def __init__(self, said: Tagging) -> None:
        super().__init__()
        self.said, self.seen = said, 0

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        self.seen += len(items)
        return [self.said for _ in items]


class Words(Tagger):
    """Finds one rude word."""

    name, type = "words", "Text"

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        return [self._tagging(str(item)) for item in items]

    def _tagging(self, text: str) -> Tagging:
        place = text.find(RUDE)
        return Tagging({"a": place >= 0}, terms=() if place < 0 else (FoundTerm(place, place, RUDE),))


ADULT = Tagging(
    tags={"a": True, "r": False, "sc": True},
    scores={"a": 0.98765, "r": 0.4, "sc": 0.75},
    metadata=(("tagger", "fixed 1"), ("hasText", "True"), ("ocrText", f"oh {RUDE}")),
)


class Bench:
    """A desk with a worker, taggers and a place for pictures."""

    def __init__(self, desk: Desk, taggers: Mapping[str, Tagger]) -> None:
        self.desk, self.media = desk, Media(f"memory://{new_id()}")
        self.settings = desk.settings.model_copy(update={"allow_loopback": True})
        self.worker = Worker(desk.store, self.media, Outbound(self.settings.policy), self.settings, desk.clock, taggers)

    def put_workflow(self, logic: Logic, type: str = "Image", name: str = "mine") -> None:
        workflow = Workflow(name, logic, type)
        self.desk.run(lambda ctx: workflows.put(ctx, workflow, write_expression(logic)))

    def create(self, content: str | bytes | None = None, **changes: Any) -> str:
        asked = jobs.NewJob(
            **{"type": "Image", "content": content or jpeg("red"), "content_id": "photo", "workflow": "mine", **changes}
        )
        self.desk.run(lambda ctx: jobs.check_workflow(ctx, asked.type, asked.workflow))
        row = jobs.take_in(self.media, self.desk.actor, asked, self.desk.clock())
        return self.desk.run(lambda ctx: jobs.create(ctx, row, BASE))

    def get(self, id: str) -> Job:
        return self.desk.run(lambda ctx: jobs.get(ctx, id))

    def run(self, content: str | bytes | None = None, **changes: Any) -> Job:
        id = self.create(content, **changes)
        self.worker.work_off()
        return self.get(id)

    def review(self, job: Job) -> Review:
        assert job.review_id
        return self.desk.get(job.review_id)

    def kept(self) -> list[str]:
        """The pictures that wait with their jobs."""
        return [path for path in self.media._files.find(self.media._root) if "/jobs/" in path]


def messages(job: Job) -> list[str]:
    """The lines of a job's report, the newest first."""
    return [step.message for step in job.report]
