"""Where flagged words stand in a text: every source of them, disguises, and places as a browser counts."""

from __future__ import annotations

import json

import pytest

from cmtools.taggers.words import Words
from cmtools.widgets.terms import marks_of, plain_marks_of, terms_of


def found(text: str, *terms: str) -> list[str]:
    """The marked parts of a text, cut out as JavaScript would."""
    units = text.encode("utf-16-le")
    marks = marks_of(text, (("matchTerms", json.dumps(list(terms))),))
    return [units[2 * start : 2 * end].decode("utf-16-le") for start, end in marks]


def test_the_words_that_the_tagger_found_are_marked() -> None:
    (said,) = Words(["spam", "buy now"]).tag(["Sp@m: BUY  NOW!"])
    text = "Sp@m: BUY  NOW!"
    assert [text[start:end] for start, end in marks_of(text, said.metadata)] == ["Sp@m", "BUY  NOW"]


@pytest.mark.parametrize(
    "metadata",
    [
        ("matchTerms", '[{"Index": 0, "OriginalIndex": 0, "ListId": 0, "Term": "crap"}]'),
        ("Terms", '[{"term": "crap"}]'),
        ("terms", '["crap"]'),
        ("words.found", "crap"),
    ],
)
def test_every_source_of_flagged_words_is_read(metadata: tuple[str, str]) -> None:
    assert marks_of("oh crap", (metadata,)) == [(3, 7)]


@pytest.mark.parametrize("value", ["", "null", "{}", "no json", "[1, null, {}]", "[" * 100_000])
def test_what_is_no_list_of_words_flags_nothing(value: str) -> None:
    assert terms_of((("matchTerms", value),)) == ()


def test_places_count_as_the_browser_counts() -> None:
    assert found("😀 spam 😀😀 s.p-a_m", "spam") == ["spam", "s.p-a_m"]
    assert found("سبام spam", "spam") == ["spam"]


def test_a_word_that_cannot_be_looked_for_does_not_hinder_the_others() -> None:
    assert found("a b crap", "a", "#", "", "crap") == ["crap"]


def test_the_quick_way_finds_what_is_not_in_disguise() -> None:
    metadata = (("words.found", "spam, buy now"),)
    assert plain_marks_of("😀 Spam! buy now", metadata) == marks_of("😀 Spam! buy now", metadata) == [(3, 7), (9, 16)]
    assert plain_marks_of("sp4m, spamalot, spam.", metadata) == [(16, 20)]
    assert plain_marks_of("nothing", ()) == []
