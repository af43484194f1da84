"""One of every tagger in the table, made once, and things for it to tag."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cmtools import samples
from cmtools.taggers import Tagger
from cmtools.taggers.opennsfw import Opennsfw
from cmtools.taggers.words import Words

MAKERS: dict[str, Callable[[], Tagger]] = {"opennsfw": Opennsfw, "words": lambda: Words(["spam", "[a]", "naughty"])}
"""How to make each tagger of the table; a new one needs a line here."""


@pytest.fixture(scope="session")
def made() -> dict[str, Tagger]:
    return {name: make() for name, make in MAKERS.items()}


@pytest.fixture(params=MAKERS)
def tagger(request: pytest.FixtureRequest, made: dict[str, Tagger]) -> Tagger:
    return made[request.param]


@pytest.fixture(scope="session")
def opennsfw(made: dict[str, Tagger]) -> Opennsfw:
    found = made["opennsfw"]
    assert isinstance(found, Opennsfw)
    return found


@pytest.fixture(scope="session")
def photographs() -> list[bytes]:
    return [photograph.path.read_bytes() for photograph in samples.photographs()[:4]]


@pytest.fixture
def good(tagger: Tagger, photographs: list[bytes]) -> list[bytes | str]:
    """Four items that the tagger can tag."""
    return [*photographs] if tagger.type == "Image" else ["spam", "nothing", "naughty spam", ""]


@pytest.fixture
def bad(tagger: Tagger) -> bytes | str:
    """An item that it cannot."""
    return "https://example.org/a.jpg" if tagger.type == "Image" else b"\xff\xd8\xff"
