"""Copies of real photographs are found, however they were made, and no two photographs are taken for one.

The shares are those of one trial: print them with ``pytest -s``.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from cmtools import samples
from cmtools.content.image import look_over
from cmtools.content.near import MOST_LOOKED_AT, Look, alike, near_groups

from .copying import WAYS

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
GARMENTS, DEMO = SHARED / "bench_photos_cc0.zip", SHARED / "demo_images"
LEAST_FOUND = {"cropped by 1% a side": 0.9, "cropped by 3% a side": 0.4}
"""Of these ways of copying; of every other at least 0.94."""


def garments() -> dict[str, bytes]:
    """1,200 photographs of garments on a bed or the floor, much alike and no two of them the same."""
    if not GARMENTS.exists():
        pytest.skip("the photographs of garments are not on this machine")
    with zipfile.ZipFile(GARMENTS) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.endswith(".jpg")}


def demo() -> dict[str, bytes]:
    """54 photographs of all sorts."""
    if not DEMO.is_dir():
        pytest.skip("the demonstration photographs are not on this machine")
    return {path.name: path.read_bytes() for path in sorted(DEMO.glob("*.jpg"))}


def looks_of(pictures: Mapping[str, bytes]) -> dict[str, Look]:
    return {name: look_over(data)[1] for name, data in pictures.items()}


def grouped(looks: Mapping[str, Look], *, closely: bool = True) -> list[dict[str, int]]:
    def same(first: str, other: str) -> bool:
        return alike(looks[first].cells, looks[other].cells)

    hashes = {name: look.hash for name, look in looks.items()}
    return near_groups(hashes, MOST_LOOKED_AT, same) if closely else near_groups(hashes)


def assert_copies_are_found(pictures: Mapping[str, bytes]) -> None:
    originals = looks_of(pictures)
    missed = {}
    for way, copy in WAYS.items():
        copies = {name: look_over(copy(Image.open(BytesIO(data)).convert("RGB")))[1] for name, data in pictures.items()}
        found = sum(bool(grouped({"it": originals[name], "copy": copies[name]})) for name in pictures)
        print(f"{way:28} {found:4} of {len(pictures)} found")
        if found < LEAST_FOUND.get(way, 0.94) * len(pictures):
            missed[way] = found / len(pictures)
    assert missed == {}


def test_copies_of_photographs_of_all_sorts_are_found() -> None:
    assert_copies_are_found(dict([*demo().items()][::2]))


def test_copies_of_photographs_that_are_much_alike_are_found() -> None:
    assert_copies_are_found(dict([*garments().items()][:100]))


def test_photographs_of_all_sorts_are_all_distinct() -> None:
    assert grouped(looks_of(demo())) == []


def test_photographs_that_are_much_alike_are_hardly_ever_taken_for_one() -> None:
    looks = looks_of(garments())
    by_hash, closely = grouped(looks, closely=False), grouped(looks)
    wrong = sum(len(group) - 1 for group in closely)
    print(f"{sum(len(group) - 1 for group in by_hash)} by their hashes, {wrong} at a closer look, of {len(looks)}")
    assert wrong <= 0.0025 * len(looks)


def test_crops_that_overlap_make_no_chain(tmp_path: Path) -> None:
    looks = looks_of({path.name: path.read_bytes() for path in samples.crops(tmp_path, 500)})
    groups = grouped(looks)
    print(f"of 500 crops {sum(len(group) - 1 for group in groups)} are near-duplicates of another")
    assert sum(len(group) - 1 for group in groups) <= 10
    assert max(map(len, groups), default=0) <= 3
