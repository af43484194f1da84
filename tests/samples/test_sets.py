"""Drafts of pictures and of videos that are ready to be created."""

from __future__ import annotations

from pathlib import Path

from cmtools.content import content_type
from cmtools.drafts import make_drafts
from cmtools.samples import TAGS, SimulatedClassifier, drafts, truth, videos


def test_drafts_carry_scores_and_tags_of_a_classifier_that_is_called_simulated(tmp_path: Path) -> None:
    made = drafts(tmp_path, count=12, sensitivity=0.7, specificity=0.8, seed=3)
    assert len({draft.content_id for draft in made}) == 12
    for draft in made:
        content_type("Image").check(draft)
        said = dict(draft.metadata)
        assert list(said) == [key for code in TAGS for key in (code, f"{code}.score")] + ["tagger"]
        assert all(said[code] == str(float(said[f"{code}.score"]) >= 0.5) for code in TAGS)
        assert said["tagger"] == "simulated (sensitivity 0.7, specificity 0.8, seed 3)"


def test_perfect_classifier_gives_drafts_the_truth(tmp_path: Path) -> None:
    made = drafts(tmp_path, count=40, sensitivity=1, specificity=1)
    facts = truth(draft.path for draft in made if draft.path)
    assert {d.content_id: {code: dict(d.metadata)[code] for code in TAGS} for d in made} == {
        name: {code: str(true[code]) for code in TAGS} for name, true in facts.items()
    }


def test_drafts_are_those_that_make_drafts_gives_with_the_same_classifier(tmp_path: Path) -> None:
    made = drafts(tmp_path, count=12, seed=5)
    facts = {name: {code: true[code] for code in TAGS} for name, true in truth(tmp_path).items()}
    tagged = make_drafts(tmp_path, tagger=SimulatedClassifier(facts, 0.9, 0.9, 5), threshold=0.5)
    assert [(d.content_id, d.path, d.metadata[:-1]) for d in made] == [
        (d.content_id, d.path, d.metadata) for d in tagged
    ]


def test_higher_threshold_makes_fewer_tags_true(tmp_path: Path) -> None:
    on = [
        sum(value == "True" for draft in drafts(tmp_path, count=30, threshold=limit) for _, value in draft.metadata)
        for limit in (0.3, 0.5, 0.9)
    ]
    assert on[0] > on[1] > on[2]


def test_videos_are_drafts_with_true_frames_at_distinct_moments(tmp_path: Path) -> None:
    made = videos(tmp_path, count=2, frames=4)
    assert [draft.content_id for draft in made] == ["film-1", "film-2"]
    for draft in made:
        content_type("Video").check(draft)
        assert [frame.timestamp for frame in draft.frames] == [0, 2000, 4000, 6000]
    pictures = [frame.path for draft in made for frame in draft.frames]
    assert len(set(pictures)) == 8
    facts = truth(path for path in pictures if path)
    shown = {frame.image: dict(frame.metadata) for draft in made for frame in draft.frames}
    assert shown == {name: {code: str(true[code]) for code in TAGS} for name, true in facts.items()}


def test_the_same_arguments_give_the_same_videos(tmp_path: Path) -> None:
    assert videos(tmp_path, 1, 3) == videos(tmp_path, 1, 3)
    assert videos(tmp_path, 1, 3) != videos(tmp_path, 1, 3, seed=1)
