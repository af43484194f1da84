"""The one check of what a tagger says: by a tagger of one's own, by a function, in a service and in make_drafts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from cmtools.drafts import make_drafts
from cmtools.errors import BadRequest, BadTag, BadTagger
from cmtools.service.tagging import ask
from cmtools.taggers import FromFunction, Tagger, Tagging
from cmtools.taggers.tagging import check_tagging

BAD = {
    "score of 5": (Tagging(scores={"a": 5}), "gave 'a' the score 5, which is not from 0 to 1"),
    "score below 0": (Tagging(scores={"a": -0.1}), "gave 'a' the score -0.1, which"),
    "score that is no number": (Tagging(scores={"a": math.nan}), "gave 'a' the score nan, which"),
    "score without end": (Tagging(scores={"a": math.inf}), "gave 'a' the score inf, which"),
    "score that is a text": (Tagging(scores={"a": "0.5"}), "gave 'a' the score 0.5, which"),
    "score that is a flag": (Tagging(scores={"a": True}), "gave 'a' the score True, which"),
    "flag that is a text": (Tagging({"a": "False"}), "gave 'a' the value 'False'; a tag is True or False"),
    "code with blanks": (Tagging({"is adult": True}), "gave a tag that is none: 'is adult' is no short code"),
    "code that is a number": (Tagging(scores={1: 0.5}), "gave a tag that is none: 1 is no short code"),
    "one tag in two cases": (Tagging({"a": True, "A": False}), "gave 'a' and 'A', which are one tag"),
    "tags that are a list": (Tagging(["a"]), "gave \\['a'\\]; tags and scores are dicts"),
    "metadata of a tag": (Tagging({"a": True}, metadata=(("a", "False"),)), "has the tag 'a' and metadata 'a' too"),
    "in another case": (Tagging({"a": True}, metadata=(("A", "False"),)), "has the tag 'a' and metadata 'A' too"),
    "metadata of a score": (
        Tagging({}, {"a": 0.5}, (("A.Score", "0.9"),)),
        "has the tag 'a' and metadata 'A.Score' too",
    ),
    "metadata of numbers": (
        Tagging(metadata=(("n", 1),)),
        "gave the metadata \\('n', 1\\); it takes pairs of two texts",
    ),
    "metadata that is a dict": (Tagging(metadata={"n": "1"}), "gave the metadata {'n': '1'}; it takes pairs"),
    "pairs of three": (Tagging(metadata=(("n", "1", "2"),)), ".*; it takes pairs of two texts"),
}


class Says(Tagger):
    """Says that of every text."""

    name, type = "says", "Text"

    def __init__(self, said: object) -> None:
        self.said = said

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        return [self.said for _ in items]


@pytest.mark.parametrize(("said", "says"), BAD.values(), ids=BAD)
def test_what_keeps_to_no_contract_is_an_error_that_names_the_tagger(said: Tagging, says: str) -> None:
    with pytest.raises(BadTag, match=f"^the tagger 'says' {says}"):
        Says(said)(["text"])
    with pytest.raises(BadTag, match=f"item 1: the tagger {says}"):
        FromFunction(lambda texts: [said for _ in texts], type="Text")(["text"])
    with pytest.raises(BadTag, match=says):
        make_drafts(["text"], type="Text", tagger=Says(said))
    with pytest.raises(BadTag, match=says):
        make_drafts(["text"], type="Text", tagger=lambda texts: [said for _ in texts])
    with pytest.raises(BadRequest, match=says):
        ask(Says(said), "text", {})


def test_values_are_made_plain_and_rounding_is_undone() -> None:
    said = Tagging({"a": np.bool_(True)}, {"a": np.float32(1.0000001), "r": -0.0000001}, [["model", "v2"]])
    (plain,) = Says(said)(["text"])
    assert plain == Tagging({"a": True}, {"a": 1.0, "r": 0.0}, (("model", "v2"),))
    assert {type(value) for value in (*plain.tags.values(), *plain.scores.values())} == {bool, float}


def test_metadata_that_look_like_another_tag_are_left_alone() -> None:
    said = Tagging({"a": True}, metadata=(("adult", "x"), ("a.threshold", "0.5"), ("r", "yes")))
    assert check_tagging(said, "it") == said


@pytest.mark.parametrize(("returned", "says"), [(None, "returned None"), ({"a": True}, "returned {'a': True}")])
def test_tag_that_returns_no_list_is_told_so(returned: object, says: str) -> None:
    class Odd(Says):
        def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
            return self.said

    with pytest.raises(BadTagger, match=f"'says' must return one Tagging per item; it was given 1, and {says}"):
        Odd(returned)(["text"])


def test_tag_that_is_to_be_awaited_is_told_so() -> None:
    class Later(Says):
        async def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
            return []

    with pytest.raises(BadTagger, match="returned a coroutine"):
        Later(None)(["text"])
