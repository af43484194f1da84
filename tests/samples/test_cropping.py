"""Crops are distinct, lively and the same every time."""

from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageStat

from cmtools.content.image import difference_hash
from cmtools.drafts import make_drafts
from cmtools.errors import BadRequest
from cmtools.samples import crops, photographs


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


@pytest.mark.parametrize("seed", [0, 1])
def test_of_hundreds_of_crops_no_two_are_near_duplicates(tmp_path: Path, seed: int) -> None:
    paths = crops(tmp_path, count=300, seed=seed, size=(160, 120))
    assert len(paths) == len({path.read_bytes() for path in paths}) == 300
    hashes = {path.name: int(difference_hash(path) or "", 16) for path in paths}
    near = [(a, b) for a, b in combinations(hashes, 2) if (hashes[a] ^ hashes[b]).bit_count() <= 6]
    assert near == []


def test_more_crops_than_can_differ_are_still_as_many_as_asked_for(tmp_path: Path) -> None:
    paths = crops(tmp_path, count=600, size=(64, 48))
    assert len({path.read_bytes() for path in paths}) == 600


def test_crop_carries_its_origin_and_licence(folder: Path) -> None:
    with Image.open(folder / "coffee-02.jpg") as picture:
        assert b"Cup of coffee by Rachel Michetti, CC0-1.0" in picture.info["comment"]


@pytest.mark.parametrize("wrong", [{"count": 0}, {"count": -1}, {"size": (10, 480)}])
def test_nonsense_sizes_are_refused(wrong: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="must be at least"):
        crops(tmp_path, **wrong)
