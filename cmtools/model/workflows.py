"""Workflows and jobs, and what a tagger says of content. No rules, no JSON names, no SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .reviews import Pairs


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of one output of a tagger, such as ``Condition("adultScore", "gt", "0.4")``.

    ``operator`` is eq, gt, lt, ge or le. ``alternate_input`` names another output (``moderator.ocrText``) that is
    looked at instead of the job's content.
    """

    output: str
    operator: str = "eq"
    value: str = "true"
    connector: str = "moderator"
    alternate_input: str | None = None


@dataclass(frozen=True, slots=True)
class Combine:
    """Two conditions joined by ``AND`` or ``OR``."""

    left: Condition | Combine
    right: Condition | Combine
    combine: str = "AND"


@dataclass(frozen=True, slots=True)
class TagRule:
    """A tag that a new review is given: on where the condition holds, else off."""

    tag: str
    condition: Condition | Combine


@dataclass(frozen=True, slots=True)
class CreateReview:
    """What a workflow does: create a review of the job's content."""

    subteam: str | None = None
    callback_endpoint: str | None = None
    tags: tuple[TagRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Logic:
    """If the condition holds do ``then``, else ``otherwise``; either may hold further logic."""

    condition: Condition | Combine
    then: tuple[CreateReview | Logic, ...] = (CreateReview(),)
    otherwise: tuple[CreateReview | Logic, ...] = ()


@dataclass(frozen=True, slots=True)
class Workflow:
    """What becomes of a job: a rule over the outputs of the team's tagger."""

    name: str
    expression: Logic
    type: str = "Image"
    description: str = ""


@dataclass(frozen=True, slots=True)
class JobStep:
    """One line of a job's execution report."""

    at: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Job:
    """A picture or text that a workflow deals with. ``status`` is InProgress, Complete or Error.

    ``metadata`` are the outputs of the tagger; ``review_id`` is None unless the workflow made a review. ``report`` is
    newest first.
    """

    id: str
    status: str
    workflow: str
    type: str
    content_id: str
    content: str = ""
    callback_endpoint: str | None = None
    review_id: str | None = None
    metadata: Pairs = ()
    report: tuple[JobStep, ...] = ()
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a service's tagger says of a picture. A score is in [0, 1], or None where the tagger gives none."""

    adult_score: float | None
    is_adult: bool
    racy_score: float | None
    is_racy: bool

    @property
    def flagged(self) -> bool:
        """Whether it is any of these."""
        return self.is_adult or self.is_racy


@dataclass(frozen=True, slots=True)
class FoundTerm:
    """A listed term that was found in a text. Places are counted in characters (code points) from 0.

    ``index`` is the place in the text as the tagger normalised it, ``original_index`` in the text as it came; a tagger
    that shows no normalised text gives the same for both. ``term`` is spelt as in the list, ``spelling`` as in the
    text.
    """

    index: int
    original_index: int
    term: str
    spelling: str = ""


@dataclass(frozen=True, slots=True)
class Screening:
    """What a service's tagger says of a text: the listed terms that it has, each with its place (from 0)."""

    text: str
    terms: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that a service's tagger says of a picture or a text.

    A tag that is not named is silent, not false. ``scores`` are by short code, in [0, 1]. ``metadata`` is what the
    tagger tells beside (its name and version, raw classes), before it the team's thresholds that held, as
    ``<short code>.threshold``. ``terms`` are the listed terms that a text has.
    """

    tags: Mapping[str, bool] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    metadata: Pairs = ()
    terms: tuple[FoundTerm, ...] = ()
