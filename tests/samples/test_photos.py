"""The photographs are there with their licences, and what is said of them is true."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from cmtools.content.image import inspect_picture
from cmtools.errors import BadRequest
from cmtools.samples import TAGS, crops, photographs, photos, truth


def test_every_photograph_is_there_with_a_free_licence_and_a_source() -> None:
    found = photographs()
    assert [photograph.name for photograph in found] == [photograph.name for photograph in photos._TABLE]
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
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode == 0


def test_missing_scikit_image_says_what_to_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=re.escape("pip install 'cmtools[lab]'")):
        crops(tmp_path)


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
