from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageStat

from cmtools import samples
from cmtools.content import content_type
from cmtools.content.image import inspect_picture
from cmtools.drafts import make_drafts
from cmtools.errors import BadRequest, LeaseLost
from cmtools.samples import TAGS, SimulatedReviewer, crops, photographs, truth, videos


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crops") / "photos"
    crops(folder)
    return folder


# --- photographs ------------------------------------------------------------------------------------------------------


def test_every_photograph_is_there_with_a_free_licence_and_a_source() -> None:
    found = photographs()
    assert [photograph.name for photograph in found] == [photograph.name for photograph in samples._TABLE]
    for photograph in found:
        inspect_picture(photograph.path)
        assert photograph.licence in ("public domain", "CC0-1.0", "no known copyright restrictions")
        assert photograph.author
        assert photograph.source
        assert photograph.true_tags <= set(TAGS)


def test_black_and_white_photographs_are_those_without_colour() -> None:
    for photograph in photographs():
        with Image.open(photograph.path) as picture:
            extremes = picture.convert("RGB").convert("HSV").getextrema()
        assert ("bw" in photograph.true_tags) == (extremes[1] == (0, 0))


def test_photographs_are_found_without_importing_scikit_image() -> None:
    code = "import cmtools.samples, sys; cmtools.samples.photographs(); sys.exit('skimage' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[1]).returncode == 0


def test_missing_scikit_image_says_what_to_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=re.escape("pip install 'cmtools[lab]'")):
        crops(tmp_path)


# --- crops ------------------------------------------------------------------------------------------------------------


def test_crops_are_as_many_as_asked_for_and_readable_as_drafts(folder: Path) -> None:
    drafts = make_drafts(folder)
    assert len(drafts) == 64
    assert drafts.refused.empty
    assert {draft.content_id.rpartition("-")[0] for draft in drafts} == {p.name for p in photographs()}


def test_crops_have_one_shape_and_fit_the_size(folder: Path) -> None:
    for path in folder.iterdir():
        with Image.open(path) as picture:
            assert 320 <= picture.width <= 640
            assert picture.width / picture.height == pytest.approx(4 / 3, abs=0.02)


def test_no_crop_is_a_flat_patch(folder: Path) -> None:
    for path in folder.iterdir():
        with Image.open(path) as picture:
            assert ImageStat.Stat(picture.convert("L")).stddev[0] > 10, path.name


def test_no_two_crops_look_alike(folder: Path) -> None:
    small = {}
    for path in sorted(folder.iterdir()):
        with Image.open(path) as picture:
            small[path.name] = np.asarray(picture.convert("RGB").resize((16, 12)), dtype=float)
    nearest = min((float(np.abs(small[a] - small[b]).mean()), a, b) for a, b in combinations(small, 2))
    assert nearest[0] > 4, nearest  # a crop against itself, saved again, differs by less than 1


def test_same_seed_gives_the_same_bytes_and_another_seed_other_ones(folder: Path, tmp_path: Path) -> None:
    again, other = crops(tmp_path / "again"), crops(tmp_path / "other", seed=1)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in sorted(folder.iterdir())]
    assert sum(a.read_bytes() == b.read_bytes() for a, b in zip(again, other, strict=True)) < 16


def test_second_call_writes_nothing_and_leaves_other_files_alone(tmp_path: Path) -> None:
    first = crops(tmp_path, count=5)
    (tmp_path / "mine.txt").write_text("mine")
    for path in first:
        os.utime(path, (1, 1))
    assert crops(tmp_path, count=5) == first == sorted(first)
    assert {path.stat().st_mtime for path in first} == {1.0}
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_crop_that_was_cut_off_or_made_otherwise_is_written_again(tmp_path: Path) -> None:
    first, second = crops(tmp_path, count=2)
    whole = first.read_bytes()
    first.write_bytes(whole[:200])
    second.write_bytes(b"")
    crops(tmp_path, count=2)
    assert first.read_bytes() == whole
    crops(tmp_path, count=2, size=(320, 240))
    with Image.open(first) as picture:
        assert picture.size == (320, 240)


def test_hundreds_of_crops_are_all_different(tmp_path: Path) -> None:
    paths = crops(tmp_path, count=300, size=(64, 48))
    assert len(paths) == len({path.read_bytes() for path in paths}) == 300


def test_crop_carries_its_origin_and_licence(folder: Path) -> None:
    with Image.open(folder / "coffee-02.jpg") as picture:
        assert b"Cup of coffee by Rachel Michetti, CC0-1.0" in picture.info["comment"]


@pytest.mark.parametrize("wrong", [{"count": 0}, {"count": -1}, {"size": (10, 480)}])
def test_nonsense_sizes_are_refused(wrong: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="must be at least"):
        crops(tmp_path, **wrong)


# --- truth ------------------------------------------------------------------------------------------------------------


def test_truth_of_a_folder_knows_every_crop_and_tag(folder: Path) -> None:
    facts = truth(folder)
    assert list(facts) == sorted(path.name for path in folder.iterdir())
    assert all(set(tags) == {"a", "r", *TAGS} for tags in facts.values())
    assert {name.rpartition("-")[0] for name, tags in facts.items() if tags["night"]} == {"hubble", "rocket"}
    for code in TAGS:
        assert 5 <= sum(tags[code] for tags in facts.values()) <= 40
    assert not any(tags["a"] or tags["r"] for tags in facts.values())


def test_truth_of_a_stranger_is_refused() -> None:
    with pytest.raises(BadRequest, match=r"'dog-01.jpg' is not a crop"):
        truth(["coffee-01.jpg", "dog-01.jpg"])


# --- the simulated reviewer -------------------------------------------------------------------------------------------


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
    with pytest.raises(BadRequest, match=r"'1' \(2 such pictures on screen\)"):
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


# --- videos -----------------------------------------------------------------------------------------------------------


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
