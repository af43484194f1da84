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
SOME_FOUND = {"brighter by a fifth": 0.1, "more contrast": 0.1}
"""At least of these ways of copying, which clip what is light already."""
NO_COPIES = {"in grey": 0.35, "with a mark": 0.0, "cropped by 1% a side": 0.02, "cropped by 3% a side": 0.0}
"""At most of these, which make another picture (but in grey of what was grey)."""


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


def assert_copies_are_found(pictures: Mapping[str, bytes], least: Mapping[str, float]) -> None:
    """At least 0.97 of each way of copying, save ``least`` and those above."""
    originals = looks_of(pictures)
    missed = {}
    for way, copy in WAYS.items():
        copies = {name: look_over(copy(Image.open(BytesIO(data)).convert("RGB")))[1] for name, data in pictures.items()}
        found = sum(bool(grouped({"it": originals[name], "copy": copies[name]})) for name in pictures)
        print(f"{way:28} {found:4} of {len(pictures)} found")
        low = 0.0 if way in NO_COPIES else (SOME_FOUND | least).get(way, 0.97)
        if not low * len(pictures) <= found <= NO_COPIES.get(way, 1.0) * len(pictures):
            missed[way] = found / len(pictures)
    assert missed == {}


def test_copies_of_photographs_of_all_sorts_are_found() -> None:
    assert_copies_are_found(dict([*demo().items()][::2]), {})


def test_copies_of_small_photographs_that_are_much_alike_are_found() -> None:
    small = {"saved again at quality 30": 0.85, "at half the size": 0.35}
    assert_copies_are_found(dict([*garments().items()][:100]), small)


def test_photographs_of_all_sorts_are_all_distinct() -> None:
    assert grouped(looks_of(demo())) == []


def test_photographs_that_are_much_alike_are_never_taken_for_one() -> None:
    looks = looks_of(garments())
    by_hash, closely = grouped(looks, closely=False), grouped(looks)
    wrong = sum(len(group) - 1 for group in closely)
    print(f"{sum(len(group) - 1 for group in by_hash)} by their hashes, {wrong} at a closer look, of {len(looks)}")
    assert wrong == 0


def test_crops_that_overlap_make_no_chain(tmp_path: Path) -> None:
    looks = looks_of({path.name: path.read_bytes() for path in samples.crops(tmp_path, 500)})
    groups = grouped(looks)
    print(f"of 500 crops {sum(len(group) - 1 for group in groups)} are near-duplicates of another")
    assert sum(len(group) - 1 for group in groups) <= 10
    assert max(map(len, groups), default=0) <= 3
