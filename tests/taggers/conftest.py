"""One of every tagger in the table, made once, and things for it to tag."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import pytest

from cmtools import samples
from cmtools.taggers import FromFunction, Scores, Tagger
from cmtools.taggers.cloud import Cloud
from cmtools.taggers.opennsfw import Opennsfw
from cmtools.taggers.profanity import Profanity
from cmtools.taggers.words import Words

from .clouds import MAKE
from .stand_in import StandIn


def first_photographs() -> list[bytes]:
    return [photograph.path.read_bytes() for photograph in samples.photographs()[:4]]


def make_scores() -> Scores:
    rows = [
        {"sha256": hashlib.sha256(data).hexdigest(), "a": place / 3} for place, data in enumerate(first_photographs())
    ]
    return Scores(rows, thresholds={"a": 0.5})


def make_function() -> FromFunction:
    def shouting(texts: list[str]) -> list[dict[str, float]]:
        return [{"caps": sum(map(str.isupper, text)) / max(1, len(text))} for text in texts]

    return FromFunction(shouting, type="Text", version="1", thresholds={"caps": 0.5})


MAKERS: dict[str, Callable[[], Tagger]] = {
    "opennsfw": Opennsfw,
    "profanity": Profanity,
    "scores": make_scores,
    "words": lambda: Words(["spam", "[a]", "naughty"]),
}
"""How to make each tagger of the table that asks no cloud; a new one needs a line here, or in clouds.py."""
UNLISTED: dict[str, Callable[[], Tagger]] = {"a function": make_function}
"""Those that no name in a setting stands for; they keep the same contract."""


@pytest.fixture(scope="session")
def made() -> Iterator[dict[str, Tagger]]:
    with StandIn() as site:
        yield {name: make() for name, make in (MAKERS | UNLISTED).items()} | {
            name: make(site) for name, make in MAKE.items()
        }


@pytest.fixture(params=[*MAKERS, *UNLISTED, *MAKE])
def tagger(request: pytest.FixtureRequest, made: dict[str, Tagger]) -> Tagger:
    return made[request.param]


@pytest.fixture(scope="session")
def opennsfw(made: dict[str, Tagger]) -> Opennsfw:
    found = made["opennsfw"]
    assert isinstance(found, Opennsfw)
    return found


@pytest.fixture(scope="session")
def photographs() -> list[bytes]:
    return first_photographs()


@pytest.fixture
def good(tagger: Tagger, photographs: list[bytes]) -> list[bytes | str]:
    """Four items that the tagger can tag."""
    if tagger.type == "Image":
        return [*photographs]
    return ["spam", "nothing", "naughty spam", "more" if isinstance(tagger, Cloud) else ""]  # no cloud takes a blank


@pytest.fixture
def bad(tagger: Tagger) -> bytes | str:
    """An item that it cannot."""
    return "https://example.org/a.jpg" if tagger.type == "Image" else b"\xff\xd8\xff"
