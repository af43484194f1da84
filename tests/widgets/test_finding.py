"""What the find field understands, term by term."""

from __future__ import annotations

import pytest

from cmtools.errors import BadRequest
from cmtools.model import Review
from cmtools.widgets.finding import matching
from cmtools.widgets.screen import Item

CODES = ["a", "r"]


def item(number: int, a: float, *, on: bool = False, **metadata: str) -> Item:
    review = Review(
        id=f"id{number}",
        status="Leased",
        type="Image",
        content=f"https://example.com/{number}.jpg",
        content_id=f"photo {number}",
        metadata=tuple(metadata.items()),
        scores={"a": a},
    )
    return Item(review, "lease", {"a": on, "r": False})


ITEMS = [
    item(1, 0.1, source="web", note="red car"),
    item(2, 0.55, on=True, source="upload"),
    item(3, 0.9, on=True, source="Web"),
]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", [1, 2, 3]),
        ("photo", [1, 2, 3]),
        ("PHOTO 2", [2]),
        ('"photo 2"', [2]),
        ('"car red"', []),
        ("car red", [1]),
        ("source:web", [1, 3]),
        ("-source:web", [2]),
        ("tag:a", [2, 3]),
        ("-tag:a", [1]),
        ("a>0.5", [2, 3]),
        ("a>=0.9", [3]),
        ("score<0.5", [1]),
        ("tag:a a<0.6 source:upload", [2]),
        ('note:"red car"', [1]),
        ("example.com/3.jpg", [3]),
        ("nothing-like-it", []),
    ],
)
def test_a_term_finds(words: str, found: list[int]) -> None:
    assert matching(ITEMS, words, CODES) == [f"id{number}" for number in found]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("tag:q", "there is no tag 'q'; reviewers see a, r"),
        ("q>0.5", "there is no score of 'q'; compare one of score, a, r"),
        ("a>high", "compare with a number, as in a>0.5"),
    ],
)
def test_a_term_that_means_nothing_is_refused_with_what_would_do(words: str, reason: str) -> None:
    with pytest.raises(BadRequest, match=reason):
        matching(ITEMS, words, CODES)
