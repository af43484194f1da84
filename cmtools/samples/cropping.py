"""Cuts distinct pictures out of the photographs. It writes files, and downloads nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from ..errors import BadRequest
from .photos import Photograph, photographs

Box = tuple[int, int, int, int]

_CANDIDATES = 400
_LEAST_DIFFERENT = 12
"""In how many of 64 bits the difference hashes of two crops of one photograph differ at least, while that can be had:
up to 6 bits are a near-duplicate, and hashes of the files move by a bit or two."""
_OVERLAPS = (0.25, 0.4, 0.55, 0.7, 0.8, 0.9)
"""How much two crops of one photograph may share (intersection over union); the first that gives enough is taken."""


def crops(
    folder: str | Path = "photos", count: int = 64, seed: int = 0, size: tuple[int, int] = (640, 480)
) -> list[Path]:
    """Cut distinct pictures out of the photographs and write them as JPEG files such as ``coffee-03.jpg``.

    The same arguments give the same files, and a file that is there already is not written again. Other files in the
    folder are left alone.

    Parameters
    ----------
    folder : str or Path
        Where to write; made when it is not there.
    count : int
        How many pictures, at least 1. Up to 300 no two are near-duplicates by their difference hashes, though from
        about 150 on they overlap more and more.
    seed : int
        Another seed gives other crops.
    size : tuple of int
        Most pixels in width and height, and so the shape. Small parts are enlarged, but to no more than half of it.

    Returns
    -------
    list of Path
        The files, sorted by name.

    Raises
    ------
    ImportError
        When scikit-image is not installed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in crops(folder, count=3)]
    ['astronaut-01.jpg', 'camera-01.jpg', 'coffee-01.jpg']
    """
    if count < 1 or min(size) < 16:
        raise BadRequest(f"count is {count} and size is {size}; they must be at least 1 and 16 x 16 pixels")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for photograph, quota in _quotas(photographs(), count):
        with Image.open(photograph.path) as opened:
            picture = opened.convert("RGB")
        chance = random.Random(f"{seed}/{photograph.name}")  # noqa: S311 - no secret depends on it
        boxes = _boxes(picture, photograph, quota, chance, size[0] / size[1])
        for number, box in enumerate(boxes, start=1):
            path = target / f"{photograph.name}-{number:02}.jpg"
            _write(path, picture, box, photograph, size)
            written.append(path)
    return sorted(written)


def _quotas(photographs: list[Photograph], count: int) -> list[tuple[Photograph, int]]:
    """How many crops of each photograph: by weight, one after the other, so that more crops only add to fewer."""
    given = dict.fromkeys(range(len(photographs)), 0)
    for _ in range(count):
        next_one = min(given, key=lambda place: ((given[place] + 0.5) / photographs[place].weight, place))
        given[next_one] += 1
    return [(photograph, given[place]) for place, photograph in enumerate(photographs) if given[place]]


def _boxes(picture: Image.Image, photograph: Photograph, quota: int, chance: random.Random, shape: float) -> list[Box]:
    """The boxes to crop, lively ones that share little with each other; the first is as large as can be."""
    candidates = [_box(picture, photograph, chance, shape, largest=n == 0) for n in range(max(_CANDIDATES, 8 * quota))]
    liveliness = _measure(picture)
    lively = [liveliness(box) for box in candidates]
    least = sorted(lively)[len(lively) * 2 // 5]  # the flattest two fifths, such as bare sky, are left out
    good = [box for box, value in zip(candidates, lively, strict=True) if value >= least]
    if candidates[0] not in good:
        good.insert(0, candidates[0])
    shape_of = _shapes(picture)
    chosen: list[Box] = []
    for least_different, bound in (*((_LEAST_DIFFERENT, bound) for bound in _OVERLAPS), (0, _OVERLAPS[-1])):
        for box in good:
            if len(chosen) < quota and all(
                _overlap(box, other) < bound and (shape_of(box) ^ shape_of(other)).bit_count() >= least_different
                for other in chosen
            ):
                chosen.append(box)
    return chosen


def _box(picture: Image.Image, photograph: Photograph, chance: random.Random, shape: float, *, largest: bool) -> Box:
    left, top, right, bottom = photograph.region
    x0, y0 = left * picture.width, top * picture.height
    wide, high = (right - left) * picture.width, (bottom - top) * picture.height
    width = min(wide, high * shape) * (1.0 if largest else chance.uniform(0.42, 0.95))
    height = width / shape
    x = x0 + (wide - width) * (0.5 if largest else chance.random())
    y = y0 + (high - height) * (0.5 if largest else chance.random())
    return round(x), round(y), round(x + width), round(y + height)


def _measure(picture: Image.Image) -> Callable[[Box], float]:
    """A function that tells how lively a box of the picture is: detail all over it counts more than one strong edge."""
    side = 16
    high, wide = picture.height // side, picture.width // side
    grey = np.asarray(picture.convert("L"), dtype=np.float32)[: high * side, : wide * side]
    patches = grey.reshape(high, side, wide, side).transpose(0, 2, 1, 3).reshape(high, wide, -1)
    detail = patches.std(axis=2).clip(max=20.0)
    light = patches.mean(axis=2)

    def liveliness(box: Box) -> float:
        left, top, right, bottom = (place // side for place in box)
        return float(detail[top:bottom, left:right].mean() + 0.2 * light[top:bottom, left:right].std())

    return liveliness


def _shapes(picture: Image.Image) -> Callable[[Box], int]:
    """A function that gives the difference hash of a box of the picture: where it gets lighter to the right."""
    by = max(1, min(picture.size) // 160)
    grey = picture.convert("L").reduce(by)

    @cache
    def shape_of(box: Box) -> int:
        left, top, right, bottom = (place / by for place in box)
        part = (left, top, min(right, grey.width), min(bottom, grey.height))
        small = np.asarray(grey.resize((9, 8), Image.Resampling.BOX, box=part), dtype=np.int16)
        return int.from_bytes(np.packbits(small[:, 1:] > small[:, :-1]).tobytes(), "big")

    return shape_of


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0, width) * max(0, height)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (areas - shared)


def _write(path: Path, picture: Image.Image, box: Box, photograph: Photograph, size: tuple[int, int]) -> None:
    """Write the crop, with its origin and licence in the file, unless just that is there already."""
    note = (
        f"cmtools crop {box} at most {size} of {photograph.title} by {photograph.author}, {photograph.licence}".encode()
    )
    if path.is_file():
        try:
            with Image.open(path) as there:
                if there.info.get("comment") == note:
                    return
        except OSError:  # cut off by an interrupt: write it again
            pass
    crop = picture.crop(box)
    crop.thumbnail(size, Image.Resampling.LANCZOS)
    if crop.width < size[0] // 2:
        crop = crop.resize((size[0] // 2, round(size[0] / 2 * crop.height / crop.width)), Image.Resampling.LANCZOS)
    crop.save(path, "JPEG", quality=90, comment=note)
