"""A reviewer and a classifier made of a known truth and chance, always called simulated. They look at no picture."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import NormalDist
from typing import Protocol

from tqdm.auto import tqdm

from ..errors import BadRequest, LeaseLost
from ..model import Lease, Review, Team

_NEVER = 1e-9
"""A chance that is as good as none."""


class Board(Protocol):
    """What a simulated reviewer needs of a board; ``cmtools.ReviewBoard`` has it."""

    @property
    def offer(self) -> Sequence[object]: ...
    @property
    def reviews(self) -> Sequence[Review]: ...
    @property
    def tags(self) -> Mapping[str, Mapping[str, bool]]: ...
    def resume(self) -> object: ...
    def toggle(self, review_id: str, tag: str) -> object: ...
    def next(self) -> object: ...


class Desk(Protocol):
    """What a simulated reviewer needs to work without a screen; ``cmtools.Client`` has it."""

    def team(self) -> Team: ...
    def checkout(self, count: int = 20, type: str = "Image", *, adjudicate: bool = False) -> Lease: ...
    def submit(self, lease: Lease, answers: Mapping[str, Mapping[str, bool]]) -> object: ...


@dataclass(frozen=True, slots=True)
class SimulatedReviewer:
    """A reviewer made of a known truth and chance. It is no person: what it decides must always be called simulated.

    Parameters
    ----------
    truth : mapping
        Content id -> short code -> bool. A tag that is not named stays as the board shows it.
    sensitivity : float
        The share of true tags that it finds, in [0, 1].
    specificity : float
        The share of false tags that it leaves off, in [0, 1].
    seed : int
        Another seed makes other mistakes. Neither order nor size of the screens matters.

    Examples
    --------
    >>> reviewer = SimulatedReviewer({"1": {"cat": True}}, sensitivity=1)
    >>> reviewer.judge("1", "cat")
    True
    """

    truth: Mapping[str, Mapping[str, bool]] = field(repr=False)
    sensitivity: float = 0.95
    specificity: float = 0.98
    seed: int = 0

    def __post_init__(self) -> None:
        _check_shares(sensitivity=self.sensitivity, specificity=self.specificity)

    def judge(self, content_id: str, tag: str) -> bool:
        """What it says of one tag of one picture: the truth, or now and then a mistake; always the same one."""
        chance = random.Random(f"{self.seed}/{content_id}/{tag}").random()  # noqa: S311 - no secret depends on it
        if self.truth[content_id][tag]:
            return chance < self.sensitivity
        return chance >= self.specificity

    def play(self, board: Board) -> int:
        """Review everything that the board shows, as a person would: resume, switch tags, Next, until nothing is left.

        Returns
        -------
        int
            How many reviews it decided.

        Raises
        ------
        BadRequest
            When the truth does not know a picture; nothing on that screen is submitted.
        LeaseLost
            When Next does not take the screen away.
        """
        if board.offer:
            board.resume()
        played = 0
        with tqdm(desc="Simulated reviewer", unit=" reviews", leave=False) as bar:
            while shown := tuple(board.reviews):
                for review_id, tag in self._switches(shown, board.tags):
                    board.toggle(review_id, tag)
                board.next()
                if {review.id for review in shown} & {review.id for review in board.reviews}:
                    raise LeaseLost("the board still shows what was submitted; it has no right to it any more")
                played += len(shown)
                bar.update(len(shown))
        return played

    def work(self, desk: Desk, *, type: str = "Image", count: int = 50, adjudicate: bool = False) -> int:
        """Review all that a client is given, without a screen, until nothing is left for it.

        Of tags that the team does not have it says nothing.

        Parameters
        ----------
        desk : Client
            In whose name; two simulated reviewers need two of them.
        type : str
            ``Image``, ``Text`` or ``Video``.
        count : int
            How many reviews it takes at a time.
        adjudicate : bool
            Whether it decides disputes.

        Returns
        -------
        int
            How many reviews it decided.

        Raises
        ------
        BadRequest
            When the truth does not know a review; nothing that was taken with it is submitted.
        """
        visible = {tag.short_code for tag in desk.team().tags.visible}
        decided = 0
        while (lease := desk.checkout(count, type, adjudicate=adjudicate)).reviews:
            self._check_known(lease.reviews)
            said = {
                review.id: {
                    tag: self.judge(review.content_id, tag) for tag in visible & set(self.truth[review.content_id])
                }
                for review in lease.reviews
            }
            desk.submit(lease, said)
            decided += len(said)
        return decided

    def _check_known(self, shown: Sequence[Review]) -> None:
        unknown = [review.content_id for review in shown if review.content_id not in self.truth]
        if unknown:
            raise BadRequest(f"the truth does not say anything of {unknown[0]!r} ({len(unknown)} such reviews at hand)")

    def _switches(self, shown: Sequence[Review], tags: Mapping[str, Mapping[str, bool]]) -> list[tuple[str, str]]:
        """The (review id, tag) whose value on the screen is not what this reviewer says."""
        self._check_known(shown)
        return [
            (review.id, tag)
            for review in shown
            for tag, on in tags[review.id].items()
            if tag in self.truth[review.content_id] and on != self.judge(review.content_id, tag)
        ]


@dataclass(frozen=True, slots=True)
class SimulatedClassifier:
    """A classifier made of a known truth and chance. It looks at nothing: its scores must always be called simulated.

    Its scores are those of the binormal model: behind each is a normal variable of variance 1, whose mean is higher
    where the tag is true, by just so much that the shares below hold at a score of 0.5; other thresholds trade the one
    for the other along a smooth ROC curve, the score being the logistic function of the variable. The scores are not
    calibrated. It is a function for ``make_drafts(tagger=...)``, which takes ``threshold=0.5``.

    Parameters
    ----------
    truth : mapping
        File name -> short code -> bool, as `cmtools.samples.truth` gives it. It scores the tags that are named.
    sensitivity : float
        The share of true tags with a score of 0.5 or more, in [0, 1].
    specificity : float
        The share of false tags with a score below 0.5, in [0, 1]. In both, 0 and 1 are kept to one in 1e9.
    seed : int
        Another seed makes other mistakes. Neither order nor size of batches matters.

    Examples
    --------
    >>> classifier = SimulatedClassifier({"1.jpg": {"cat": True}}, sensitivity=0.8, specificity=0.95)
    >>> round(classifier([Path("photos/1.jpg")])[0]["cat"], 3)
    0.945
    >>> classifier.name
    'simulated (sensitivity 0.8, specificity 0.95, seed 0)'
    """

    truth: Mapping[str, Mapping[str, bool]] = field(repr=False)
    sensitivity: float = 0.9
    specificity: float = 0.9
    seed: int = 0

    def __post_init__(self) -> None:
        _check_shares(sensitivity=self.sensitivity, specificity=self.specificity)

    @property
    def name(self) -> str:
        """What it is, for metadata."""
        return f"simulated (sensitivity {self.sensitivity:g}, specificity {self.specificity:g}, seed {self.seed})"

    def score(self, name: str, tag: str) -> float:
        """Its score of one tag of one picture, in (0, 1); always the same one."""
        chance = random.Random(f"{self.seed}/{name}/{tag}/score").gauss()  # noqa: S311 - no secret depends on it
        mean = _quantile(self.sensitivity) if self.truth[name][tag] else -_quantile(self.specificity)
        return 1 / (1 + math.exp(-mean - chance))

    def __call__(self, pictures: Iterable[str | Path]) -> list[dict[str, float]]:
        """Scores of each picture by short code.

        Raises
        ------
        BadRequest
            When the truth does not know a picture.
        """
        names = [Path(picture).name for picture in pictures]
        for name in names:
            if name not in self.truth:
                raise BadRequest(f"the truth does not say anything of {name!r}")
        return [{tag: self.score(name, tag) for tag in self.truth[name]} for name in names]


def _quantile(share: float) -> float:
    """Below which value a standard normal variable is with that probability; about 6 and -6 for 1 and 0."""
    return NormalDist().inv_cdf(min(1 - _NEVER, max(_NEVER, share)))


def _check_shares(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise BadRequest(f"{name} is {share}; it must be in [0, 1]")
