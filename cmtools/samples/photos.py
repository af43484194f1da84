"""The photographs inside an installed package, their licences, and what is true of them. It opens none."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import BadRequest, install_hint

TAGS = {"bw": "black and white", "night": "night", "cat": "cat"}
"""Short codes of what is known of every photograph, and what a reviewer reads."""


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
