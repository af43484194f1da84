"""Real photographs out of an installed package, crops of them, and simulated reviewers. It downloads nothing.

Nothing here knows reviews or widgets: the simulated reviewer plays whatever behaves like a board.
"""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image
from tqdm.auto import tqdm

from .errors import BadRequest, LeaseLost, install_hint
from .model import Draft, Frame, Review

Box = tuple[int, int, int, int]

TAGS = {"bw": "black and white", "night": "night", "cat": "cat"}
"""Short codes of what is known of every photograph, and what a reviewer reads."""

_CANDIDATES = 400
_OVERLAPS = (0.25, 0.4, 0.55, 0.7, 0.8, 0.9)
"""How much two crops of one photograph may share (intersection over union); the first that gives enough is taken."""


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph inside the scikit-image package: its licence as the package states it, and facts written by hand.

    ``region`` is the part that is worth cropping, in shares of width and height; ``weight`` how many crops it bears
    compared with the others; ``true_tags`` which of `TAGS` are true of every part of the region.
    """

    name: str
    file: str
    title: str
    author: str
    licence: str
    source: str
    true_tags: frozenset[str]
    weight: int = 5
    region: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    path: Path = field(default_factory=Path)


_PD, _CC0, _GREY, _NIGHT = "public domain", "CC0-1.0", frozenset({"bw"}), frozenset({"night"})
_CAT, _NEITHER = frozenset({"cat"}), frozenset[str]()
# fmt: off
_TABLE = (
    Photograph("astronaut", "astronaut.png", "Eileen Collins", "NASA", _PD,
               "https://flic.kr/p/r9qvLn", _NEITHER, 9, (0.0, 0.0, 1.0, 0.85)),
    Photograph("brick", "brick.png", "Bricks", "CC0Textures", _CC0,
               "https://cc0textures.com/view.php?tex=Bricks25", _GREY, 3),
    Photograph("camera", "camera.png", "Man with a camera", "Lav Varshney", _CC0,
               "https://github.com/scikit-image/scikit-image/issues/3927", _GREY, 8),
    Photograph("chelsea", "chelsea.png", "Chelsea the cat", "Stefan van der Walt", _CC0,
               "scikit-image itself", _CAT, 8, (0.0, 0.0, 0.82, 1.0)),
    Photograph("coffee", "coffee.png", "Cup of coffee", "Rachel Michetti", _CC0,
               "courtesy of Pikolo Espresso Bar", _NEITHER, 9),
    Photograph("coins", "coins.png", "Greek coins", "Brooklyn Museum", "no known copyright restrictions",
               "https://www.brooklynmuseum.org/opencollection/archives/image/51611", _GREY, 7),
    Photograph("grass", "grass.png", "Grass", "linolafett", _CC0,
               "https://www.deviantart.com/linolafett/art/Grass-01-434853879", _GREY, 3),
    Photograph("gravel", "gravel.png", "Gravel", "CC0Textures", _CC0,
               "https://cc0textures.com/view.php?tex=Gravel04", _GREY, 3),
    Photograph("hubble", "hubble_deep_field.jpg", "Hubble eXtreme Deep Field", "NASA", _PD,
               "http://hubblesite.org/newscenter/archive/releases/2012/37/image/a/", _NIGHT, 6),
    Photograph("retina", "retina.jpg", "Retina of an eye", "Mikael Häggström", _CC0,
               "https://commons.wikimedia.org/wiki/File:Fundus_photograph_of_normal_left_eye.jpg", _NEITHER, 5),
    Photograph("rocket", "rocket.jpg", "Falcon 9 before its launch", "SpaceX", _PD,
               "https://www.flickr.com/photos/spacexphotos/16511594820/", _NIGHT, 8),
)
# fmt: on


def photographs() -> list[Photograph]:
    """The photographs that crops are made of, with their files; ``pandas.DataFrame(photographs())`` is a table of them.

    Raises
    ------
    ImportError
        When scikit-image is not installed; the message says what to type.

    Examples
    --------
    >>> [photograph.name for photograph in photographs() if "night" in photograph.true_tags]
    ['hubble', 'rocket']
    """
    spec = importlib.util.find_spec("skimage")  # finds it without the second that importing it takes
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(install_hint("scikit-image", "lab"))
    folder = Path(spec.submodule_search_locations[0], "data")
    found = [replace(photograph, path=folder / photograph.file) for photograph in _TABLE]
    return [photograph for photograph in found if photograph.path.is_file()]


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
        How many pictures, at least 1. Up to about 150 look clearly different; beyond that they overlap more and more.
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


def videos(folder: str | Path = "photos", count: int = 2, frames: int = 12, seed: int = 0) -> list[Draft]:
    """Drafts of videos whose frames are crops of the photographs, two seconds apart. Their addresses play nothing.

    They are for `Client.create_reviews`, which uploads the frames; a frame's auto tags are what is true of it (`TAGS`).
    ``folder`` and ``seed`` are as for `crops`, ``frames`` is how many each video has.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     film = videos(folder, count=1, frames=3)[0]
    >>> film.content_id, [(frame.timestamp, frame.image) for frame in film.frames]
    ('film-1', [(0, 'astronaut-01.jpg'), (2000, 'coffee-01.jpg'), (4000, 'camera-01.jpg')])
    """
    pictures = crops(folder, count * frames, seed)
    random.Random(seed).shuffle(pictures)  # noqa: S311 - no secret depends on it
    facts = truth(pictures)
    made = []
    for number in range(1, count + 1):
        shots = []
        for place, path in enumerate(pictures[(number - 1) * frames : number * frames]):
            tags = tuple((code, str(facts[path.name][code])) for code in TAGS)
            shots.append(Frame(place * 2000, path.name, tags, path=path))
        address = f"https://example.org/film-{number}.webm"
        made.append(Draft(address, f"film-{number}", "Video", frames=tuple(shots)))
    return made


def truth(pictures: str | Path | Iterable[str | Path]) -> dict[str, dict[str, bool]]:
    """What is true of crops, told by the photograph they are from: facts written by hand, not measured.

    Parameters
    ----------
    pictures : str, Path or iterable of these
        A folder of crops, or crops by path or name.

    Returns
    -------
    dict
        File name -> short code -> bool, for the codes in `TAGS` and for ``a`` and ``r``, which are true of none.

    Raises
    ------
    BadRequest
        When a name is not that of a crop.

    Examples
    --------
    >>> truth(["photos/chelsea-02.jpg"])
    {'chelsea-02.jpg': {'a': False, 'r': False, 'bw': False, 'night': False, 'cat': True}}
    """
    if isinstance(pictures, str | Path):
        pictures = sorted(Path(pictures).glob("*-*.jpg"))
    known = {photograph.name: photograph.true_tags for photograph in _TABLE}
    facts: dict[str, dict[str, bool]] = {}
    for name in (Path(picture).name for picture in pictures):
        source = name.rpartition("-")[0]
        if source not in known:
            raise BadRequest(f"{name!r} is not a crop of one of the photographs {', '.join(known)}")
        facts[name] = {"a": False, "r": False} | {code: code in known[source] for code in TAGS}
    return facts


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
        for name in ("sensitivity", "specificity"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadRequest(f"{name} is {getattr(self, name)}; it must be in [0, 1]")

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

    def _switches(self, shown: Sequence[Review], tags: Mapping[str, Mapping[str, bool]]) -> list[tuple[str, str]]:
        """The (review id, tag) whose value on the screen is not what this reviewer says."""
        unknown = [review.content_id for review in shown if review.content_id not in self.truth]
        if unknown:
            raise BadRequest(
                f"the truth does not say anything of {unknown[0]!r} ({len(unknown)} such pictures on screen)"
            )
        return [
            (review.id, tag)
            for review in shown
            for tag, on in tags[review.id].items()
            if tag in self.truth[review.content_id] and on != self.judge(review.content_id, tag)
        ]


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
    chosen: list[Box] = []
    for bound in _OVERLAPS:
        for box in good:
            if len(chosen) < quota and all(_overlap(box, other) < bound for other in chosen):
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
