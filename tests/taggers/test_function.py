"""A Python function as a tagger: what it is given, what it may answer, and what becomes of its errors."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cmtools.drafts import make_drafts
from cmtools.errors import BadTag, BadTagger
from cmtools.taggers import FromFunction, Tagging, open_taggers


def answering(*answers: object, **options: object) -> FromFunction:
    """A tagger of texts that gives those answers."""
    return FromFunction(lambda texts: answers[: len(texts)], type="Text", **options)


def test_function_gets_one_list_of_texts_or_of_bytes(tmp_path: Path) -> None:
    given: list[object] = []

    def remember(items: list[str]) -> list[None]:
        given.append(items)
        return [None] * len(items)

    (tmp_path / "a").write_bytes(b"picture")
    FromFunction(remember, type="Text")(["one", "two"])
    FromFunction(remember, type="Image")([tmp_path / "a", b"bytes", "https://example.org/a.jpg"])
    assert given == [["one", "two"], [b"picture", b"bytes"]]


def test_scores_are_held_to_their_thresholds_and_flags_are_taken() -> None:
    tagger = answering({"a": 0.8, "cat": True}, {"A": np.float32(0.25), "cat": None}, thresholds={"a": 0.8})
    first, second = tagger(["x", "y"])
    assert (dict(first.tags), dict(first.scores)) == ({"a": True, "cat": True}, {"a": 0.8})
    assert (dict(second.tags), dict(second.scores)) == ({"A": False}, {"A": 0.25})


def test_metadata_tell_name_and_version() -> None:
    assert answering({}, name="shop-model", version="2026-11")(["x"])[0].metadata == (("tagger", "shop-model 2026-11"),)
    assert answering({})(["x"])[0].metadata == (("tagger", "lambda"),)


def test_tagging_is_taken_as_it_is() -> None:
    said = Tagging({"x": True}, metadata=(("raw", "1"),))
    assert answering(said)(["x"]) == [said]


def test_exception_in_the_place_of_an_answer_costs_that_item() -> None:
    answers = answering({"a": True}, ValueError("too dark"), None)(["x", "y", "z"])
    assert [said.error for said in answers] == [None, "the tagger failed: too dark", None]
    assert dict(answers[2].tags) == {}


def test_item_that_the_function_raises_for_costs_itself() -> None:
    tagger = FromFunction(lambda texts: [{"neg": int(text) < 0} for text in texts], type="Text", version="1")
    answers = tagger(["-1", "one", "1"])
    assert [dict(said.tags) for said in answers] == [{"neg": True}, {}, {"neg": False}]
    assert answers[1].error == "the tagger failed: ValueError: invalid literal for int() with base 10: 'one'"


@pytest.mark.parametrize(
    ("answers", "thresholds", "says"),
    [
        ([], {}, "was given 1 items and returned 0"),
        (["yes"], {}, "must be a dict of short code to bool or score"),
        ([{"not a code!": True}], {}, "no short code"),
        ([{"a": "perhaps"}], {}, "item 1: 'perhaps' is neither true nor false"),
        ([{"a": 0.5}], {}, "is a score, not true or false"),
        ([{"a": 0.5}], {"b": 0.5}, "is a score, not true or false"),
        ([{"a": math.inf}], {"a": 0.5}, "is a score, not true or false"),
        ([{"a": 1.2}], {"a": 0.5}, "the score 1.2, which is not from 0 to 1"),
    ],
)
def test_answer_that_keeps_to_no_contract_is_an_error(
    answers: list[object], thresholds: dict[str, float], says: str
) -> None:
    with pytest.raises(BadTag, match=says):
        answering(*answers, thresholds=thresholds)(["x"])


@pytest.mark.parametrize(("score", "kept"), [(1.0000002, 1.0), (-0.0000002, 0.0)])
def test_score_that_rounding_put_beyond_its_range_is_put_back(score: float, kept: float) -> None:
    assert answering({"a": score}, thresholds={"a": 0.5})(["x"])[0].scores == {"a": kept}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"type": "Video"}, "type is 'Video'; it must be Image or Text"),
        ({"thresholds": {"no code!": 0.5}}, "thresholds: 'no code!' is no short code"),
        ({"thresholds": {"a": 5}}, "must be a number from 0 to 1, not 5"),
        ({"batch_size": 0}, "both must be at least 1"),
        ({"function": "model"}, "'model' cannot be called"),
    ],
)
def test_wrong_setting_is_an_error_that_says_so(options: dict[str, object], says: str) -> None:
    with pytest.raises(BadTagger, match=says):
        FromFunction(**{"function": len, "type": "Text", **options})


def test_batch_size_and_workers_are_the_callers() -> None:
    together = threading.Barrier(2, timeout=30)
    sizes: list[int] = []

    def meet(texts: list[str]) -> list[None]:
        sizes.append(len(texts))
        together.wait()
        return [None] * len(texts)

    FromFunction(meet, type="Text", batch_size=3, workers=2)(["x"] * 12)
    assert sizes == [3, 3, 3, 3]


def test_make_drafts_takes_it_as_a_tagger_with_thresholds_of_its_own() -> None:
    tagger = answering({"a": 0.9}, {"a": 0.1}, name="mine", version="1", thresholds={"a": 0.5})
    drafts = make_drafts(["x", "y"], type="Text", tagger=tagger)
    assert [dict(draft.metadata) for draft in drafts] == [
        {"a": "True", "a.score": "0.9", "tagger": "mine 1"},
        {"a": "False", "a.score": "0.1", "tagger": "mine 1"},
    ]


def test_a_plain_function_that_raises_for_one_item_costs_that_item_in_make_drafts() -> None:
    def careful(texts: list[str]) -> list[dict[str, bool]]:
        return [{"neg": int(text) < 0} for text in texts]

    drafts = make_drafts(["-1", "one", "1"], type="Text", tagger=careful, progress=False)
    assert [(draft.content, dict(draft.metadata)) for draft in drafts] == [
        ("-1", {"neg": "True"}),
        ("1", {"neg": "False"}),
    ]
    assert drafts.refused.reason.tolist() == [
        "the tagger failed: ValueError: invalid literal for int() with base 10: 'one'"
    ]


def test_service_setting_names_one_that_stands_in_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "shop_tagger.py").write_text(
        "from cmtools.taggers import FromFunction\n"
        "mine = FromFunction(lambda texts: [{'sp': 'buy' in text} for text in texts], type='Text', name='shop')\n"
    )
    opened = open_taggers("shop_tagger:mine")
    assert [dict(said.tags) for said in opened["Text"](["buy now", "hello"])] == [{"sp": True}, {"sp": False}]


def test_many_threads_get_their_own_answers() -> None:
    def thousandths(texts: list[str]) -> list[dict[str, float]]:
        return [{"n": int(text) / 1000} for text in texts]

    tagger = FromFunction(thousandths, type="Text", thresholds={"n": 0.5}, batch_size=7, workers=4)
    answers = tagger([str(number) for number in range(1000)])
    assert [said.scores["n"] for said in answers] == [number / 1000 for number in range(1000)]


def test_nan_says_nothing_and_infinity_is_an_error() -> None:
    (said,) = answering({"a": math.nan, "r": True}, thresholds={"a": 0.5})(["x"])
    assert (dict(said.tags), dict(said.scores)) == ({"r": True}, {})
    with pytest.raises(BadTag, match="is a score"):
        answering({"a": -math.inf}, thresholds={"a": 0.5})(["x"])


async def waited_for(texts: list[str]) -> list[dict[str, bool]]:
    return [{"a": True} for _ in texts]


NO_LISTS = {
    "nothing": (lambda texts: None, "returned None"),
    "one answer": (lambda texts: {"a": True}, "returned {'a': True}"),
    "a number": (lambda texts: 7, "returned 7"),
    "a coroutine": (waited_for, "returned a coroutine: write def, not async def"),
}


@pytest.mark.parametrize(("function", "says"), NO_LISTS.values(), ids=NO_LISTS)
def test_function_that_returns_no_list_is_told_so(function: Callable[..., object], says: str) -> None:
    with pytest.raises(BadTagger, match="must return a list with one answer per item, and " + says):
        FromFunction(function, type="Text")(["x", "y"])
    with pytest.raises(BadTagger, match="must return a list with one answer per item, and " + says):
        make_drafts(["x", "y"], type="Text", tagger=function)


def test_code_that_is_no_text_is_told() -> None:
    with pytest.raises(BadTag, match="1 is no short code"):
        answering({1: True})(["x"])
    with pytest.raises(BadTagger, match="thresholds: 1 is no short code"):
        answering(thresholds={1: 0.5})
