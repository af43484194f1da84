"""Simulated reviewers and classifiers are as good as they say, and always the same."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmtools.errors import BadRequest, LeaseLost
from cmtools.model import Team
from cmtools.samples import SimulatedClassifier, SimulatedReviewer
from cmtools.tags import Tag, TagSet


class FakeBoard:
    """As much of a board as a reviewer needs, in memory."""

    def __init__(self, auto: dict[str, dict[str, bool]], count: int = 3, offered: int = 0) -> None:
        self.auto = auto
        self.waiting = [SimpleNamespace(id=f"r-{key}", content_id=key) for key in auto]
        self.count = count
        self.decided: dict[str, dict[str, bool]] = {}
        self.resumed = 0
        self.offer: tuple[object, ...] = ("a lease",) * bool(offered)
        self.reviews: tuple[SimpleNamespace, ...] = ()
        self.tags: dict[str, dict[str, bool]] = {}
        if not self.offer:
            self._take()

    def _take(self) -> None:
        self.reviews, self.waiting = tuple(self.waiting[: self.count]), self.waiting[self.count :]
        self.tags = {review.id: dict(self.auto[review.content_id]) for review in self.reviews}

    def resume(self) -> None:
        self.resumed += 1
        self.offer = ()
        self._take()

    def toggle(self, review_id: str, tag: str) -> bool:
        self.tags[review_id][tag] = not self.tags[review_id][tag]
        return self.tags[review_id][tag]

    def next(self) -> int:
        self.decided |= {review.content_id: self.tags[review.id] for review in self.reviews}
        before = len(self.reviews)
        self._take()
        return before


AUTO = {str(n): {"cat": n % 2 == 0, "a": False, "other": n % 3 == 0} for n in range(10)}
TRUTH = {key: {"cat": int(key) < 4, "a": False} for key in AUTO}


def test_perfect_reviewer_says_the_truth_and_leaves_unnamed_tags_as_shown() -> None:
    board = FakeBoard(AUTO)
    assert SimulatedReviewer(TRUTH, sensitivity=1, specificity=1).play(board) == 10
    assert board.decided == {key: AUTO[key] | TRUTH[key] for key in AUTO}


def test_reviewer_resumes_what_it_still_holds() -> None:
    board = FakeBoard(AUTO, offered=3)
    assert SimulatedReviewer(TRUTH).play(board) == 10
    assert board.resumed == 1


def test_empty_board_is_no_work() -> None:
    assert SimulatedReviewer({}).play(FakeBoard({})) == 0


def test_mistakes_do_not_depend_on_the_size_of_the_screen_but_on_the_seed() -> None:
    many = {str(n): {"cat": False} for n in range(300)}
    facts = {key: {"cat": int(key) % 2 == 0} for key in many}

    def decisions(count: int, seed: int) -> dict[str, dict[str, bool]]:
        board = FakeBoard(many, count=count)
        SimulatedReviewer(facts, 0.7, 0.8, seed).play(board)
        return board.decided

    assert decisions(7, 0) == decisions(300, 0) != decisions(300, 1)


@given(
    sensitivity=st.sampled_from([0, 0.3, 0.9, 1]), specificity=st.sampled_from([0, 0.5, 0.98, 1]), seed=st.integers()
)
def test_shares_of_mistakes_are_as_stated(sensitivity: float, specificity: float, seed: int) -> None:
    facts = {str(n): {"cat": n < 400} for n in range(800)}
    reviewer = SimulatedReviewer(facts, sensitivity, specificity, seed)
    found = sum(reviewer.judge(str(n), "cat") for n in range(400)) / 400
    left = sum(not reviewer.judge(str(n), "cat") for n in range(400, 800)) / 400
    assert found == pytest.approx(sensitivity, abs=0.11 if 0 < sensitivity < 1 else 0)
    assert left == pytest.approx(specificity, abs=0.11 if 0 < specificity < 1 else 0)


def test_picture_without_truth_stops_before_anything_is_submitted() -> None:
    board = FakeBoard(AUTO)
    with pytest.raises(BadRequest, match=r"'1' \(2 such reviews at hand\)"):
        SimulatedReviewer({"0": {"cat": True}}).play(board)
    assert board.decided == {}


def test_board_that_keeps_its_screen_ends_the_play() -> None:
    board = FakeBoard(AUTO)
    board.next = lambda: 0
    with pytest.raises(LeaseLost, match="still shows"):
        SimulatedReviewer(TRUTH).play(board)


@pytest.mark.parametrize("wrong", [{"sensitivity": 1.1}, {"specificity": -0.1}])
def test_shares_outside_0_and_1_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadRequest, match=r"must be in \[0, 1\]"):
        SimulatedReviewer({}, **wrong)


def test_repr_says_that_it_is_simulated_and_how_good_it_is() -> None:
    assert repr(SimulatedReviewer(TRUTH)) == "SimulatedReviewer(sensitivity=0.95, specificity=0.98, seed=0)"


# --- the simulated classifier -----------------------------------------------------------------------------------------

MANY = {f"{n}.jpg": {"cat": n < 1000} for n in range(2000)}


def rates(classifier: SimulatedClassifier, threshold: float = 0.5) -> tuple[float, float]:
    """Its sensitivity and specificity on `MANY`."""
    scores = [said["cat"] for said in classifier(MANY)]
    return sum(s >= threshold for s in scores[:1000]) / 1000, sum(s < threshold for s in scores[1000:]) / 1000


@settings(max_examples=25)
@given(
    sensitivity=st.sampled_from([0, 0.3, 0.9, 1]), specificity=st.sampled_from([0, 0.5, 0.98, 1]), seed=st.integers()
)
def test_shares_of_a_classifiers_mistakes_are_as_stated_at_one_half(
    sensitivity: float, specificity: float, seed: int
) -> None:
    found, left = rates(SimulatedClassifier(MANY, sensitivity, specificity, seed))
    assert found == pytest.approx(sensitivity, abs=0.08 if 0 < sensitivity < 1 else 0)  # five standard errors
    assert left == pytest.approx(specificity, abs=0.08 if 0 < specificity < 1 else 0)


def test_threshold_trades_one_share_for_the_other_along_the_binormal_curve() -> None:
    classifier = SimulatedClassifier(MANY, sensitivity=0.9, specificity=0.9)
    found, left = rates(
        classifier, 0.75
    )  # ln 3 = 1.0986 above the middle: Phi(1.2816 - 1.0986) and Phi(1.2816 + 1.0986)
    assert found == pytest.approx(0.5726, abs=0.08)
    assert left == pytest.approx(0.9913, abs=0.015)


def test_scores_depend_on_the_picture_and_the_seed_and_not_on_the_batch() -> None:
    classifier = SimulatedClassifier(MANY)
    assert classifier(["a/7.jpg", Path("b/3.jpg")]) == [classifier(["7.jpg"])[0], classifier(["3.jpg"])[0]]
    assert classifier(["7.jpg"]) != SimulatedClassifier(MANY, seed=1)(["7.jpg"])
    assert 0 < classifier.score("7.jpg", "cat") < 1


def test_classifiers_mistakes_are_not_the_reviewers() -> None:
    judge = SimulatedReviewer(MANY, 0.7, 0.7).judge
    classifier = SimulatedClassifier(MANY, 0.7, 0.7)
    names = list(MANY)[:1000]
    both = sum(judge(name, "cat") and classifier.score(name, "cat") >= 0.5 for name in names) / 1000
    assert both == pytest.approx(0.49, abs=0.08)


def test_classifier_that_knows_nothing_of_a_picture_says_so() -> None:
    with pytest.raises(BadRequest, match=r"the truth does not say anything of 'dog.jpg'"):
        SimulatedClassifier(MANY)(["1.jpg", "dog.jpg"])


@pytest.mark.parametrize("wrong", [{"sensitivity": 1.1}, {"specificity": -0.1}])
def test_classifiers_shares_outside_0_and_1_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadRequest, match=r"must be in \[0, 1\]"):
        SimulatedClassifier({}, **wrong)


def test_classifier_says_that_it_is_simulated() -> None:
    classifier = SimulatedClassifier(MANY, 0.8, 0.95)
    assert repr(classifier) == "SimulatedClassifier(sensitivity=0.8, specificity=0.95, seed=0)"
    assert classifier.name.startswith("simulated (")


# Without a screen -----------------------------------------------------------------------------------------------------


class FakeDesk:
    """As much of a client as a reviewer needs, in memory."""

    def __init__(self, keys: list[str]) -> None:
        self.waiting = [SimpleNamespace(id=f"r-{key}", content_id=key) for key in keys]
        self.submitted: dict[str, dict[str, bool]] = {}
        self.asked: list[tuple[int, str, bool]] = []

    def team(self) -> Team:
        return Team("demo", TagSet([Tag("cat"), Tag("dog"), Tag("a", visible=False)]))

    def checkout(self, count: int = 20, type: str = "Image", *, adjudicate: bool = False) -> SimpleNamespace:
        self.asked.append((count, type, adjudicate))
        taken, self.waiting = self.waiting[:count], self.waiting[count:]
        return SimpleNamespace(reviews=tuple(taken))

    def submit(self, lease: SimpleNamespace, answers: dict[str, dict[str, bool]]) -> None:
        assert set(answers) == {review.id for review in lease.reviews}
        self.submitted |= answers


def test_reviewer_works_a_queue_off_lease_by_lease() -> None:
    desk = FakeDesk(list(TRUTH))
    reviewer = SimulatedReviewer(TRUTH, sensitivity=1, specificity=1)
    assert reviewer.work(desk, type="Text", count=4, adjudicate=True) == 10  # type: ignore[arg-type]
    assert desk.submitted == {f"r-{key}": {"cat": tags["cat"]} for key, tags in TRUTH.items()}
    assert desk.asked == [(4, "Text", True)] * 4


def test_nothing_is_submitted_of_a_lease_with_an_unknown_review() -> None:
    desk = FakeDesk(["0", "elsewhere"])
    with pytest.raises(BadRequest, match=r"'elsewhere' \(1 such reviews at hand\)"):
        SimulatedReviewer(TRUTH).work(desk)  # type: ignore[arg-type]
    assert not desk.submitted
