"""A running service with something of everything in it, from which no request goes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn
from unittest.mock import patch

from cmtools.model import Draft
from cmtools.outgoing.outbound import Outbound, Refused
from cmtools.taggers import FoundTerm, Tagger, Tagging
from cmtools.testing import RunningService, running_service

TEAM = "fuzz"
WAITING = 1000
"""Reviews of each type, so that checkouts find some until the end."""


class Calm(Tagger):
    """Finds one word in every text, and nothing in pictures."""

    name = "calm"

    def __init__(self, type: str) -> None:
        super().__init__()
        self.type = type

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        words = (FoundTerm(0, 0, "word", "word"),) if self.type == "Text" else ()
        return [Tagging({"a": False, "r": False}, {"a": 0.01, "r": 0.02}, terms=words) for _ in items]


@contextmanager
def world(database: str | None = None) -> Iterator[RunningService]:
    """The service, whose clock stands still: with reviews that wait and reviews that are complete."""
    silent = patch.multiple(Outbound, post_json=_refuse, fetch_picture=_refuse)
    taggers = {type: Calm(type) for type in ("Image", "Text")}
    with silent, running_service(database, team=TEAM, taggers=taggers) as service:
        client = service.client()
        client.add_tag("sc", "isscreenshot")
        client.create_reviews(drafts("Image", 5), progress=False)
        lease = client.checkout(5)
        client.submit(lease, {review.id: {"r": True} for review in lease.reviews})
        service.advance(10)
        for type in ("Text", "Image"):
            client.create_reviews(drafts(type, WAITING), progress=False)
        yield service


def drafts(type: str, count: int) -> list[Draft]:
    """Drafts with an auto tag, a score and a callback."""
    metadata = (("a", "False"), ("a.score", "0.071"), ("model", "v2"))
    return [
        Draft(f"https://example.org/{n}", f"{type}-{n}", type, metadata, "https://example.org/callback")
        for n in range(count)
    ]


def _refuse(self: Outbound, *arguments: object, **options: object) -> NoReturn:
    """Generated addresses are nobody's business."""
    raise Refused("this run calls nobody")
