"""A text becomes runs: folded, in place, in linear time."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.taggers.letters import GAP, Run, runs
from tests.tools.effort import seconds, takes_less


def signs(text: str) -> str:
    """The signs of a text, once for every repetition."""
    return "".join(run.sign * (1 if run.is_gap else run.length) for run in runs(text))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("SPAM", "spam"),
        ("ｓｐａｍ", "spam"),
        ("𝓼𝓹𝓪𝓶", "spam"),
        ("ⓢⓟⓐⓜ", "spam"),
        ("s\u200bp\u00ada\u2060m\ufeff", "spam"),
        ("s\u0336p\u0336a\u0336m\u0336", "spam"),
        ("Straße", "strasse"),
        ("e\u0301", "é"),
        ("É", "é"),
        ("İ", "i"),
        ("ﬁ", "fi"),
        ("…", GAP),
        ("\u1112\u1161\u11ab", "한"),
        ("か\u3099", "が"),
        ("he’ll", "he'll"),
        ("👍🏽", "👍"),
        ("❤️", "❤"),
        ("a\x00b", "ab"),
    ],
)
def test_what_looks_the_same_is_the_same(text: str, same: str) -> None:
    assert signs(text) == same


def test_accent_of_a_letter_stays() -> None:
    assert signs("año") != signs("ano")


def test_vowel_signs_of_a_script_are_letters() -> None:
    assert signs("कि") != signs("क")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a1é", ["word", "word", "word"]),
        ("$@", ["sign", "sign"]),
        ("-", ["point"]),
        (" \t", ["space"]),
        (" - ", ["space"]),
        ("- \n -", ["line"]),
        ("操操", ["alone", "alone"]),
        ("🍆🍆", ["alone", "alone"]),
        ("'", ["sign"]),
    ],
)
def test_kinds(text: str, kinds: list[str]) -> None:
    assert [run.kind for run in runs(text)] == kinds


def test_repeated_letter_is_one_run_with_its_place() -> None:
    assert runs("xooO") == [Run("x", 1, 0, 1, "word"), Run("o", 3, 1, 4, "word")]


def test_lone_surrogates_and_unassigned_characters_are_gaps() -> None:
    assert signs("a\ud800\uffffb") == "a b"


@given(st.text())
def test_runs_stand_in_order_inside_the_text(text: str) -> None:
    found = runs(text)
    assert all(0 <= run.start < run.end <= len(text) and run.length >= 1 for run in found)
    assert all(one.start <= two.start and one.end <= two.end for one, two in pairwise(found))


@given(st.text(st.characters(max_codepoint=0x24F, categories=["L", "N", "Z"])))
def test_composed_and_decomposed_text_are_the_same(text: str) -> None:
    assert signs(unicodedata.normalize("NFD", text)) == signs(unicodedata.normalize("NFC", text))


@given(st.text())
def test_two_gaps_never_stand_side_by_side(text: str) -> None:
    found = runs(text)
    assert not any(one.is_gap and two.is_gap for one, two in pairwise(found))


HOSTILE: dict[str, Callable[[int], str]] = {
    "one letter": lambda n: "a" * n,
    "a pile of accents": lambda n: "a" + "\u0301\u0323" * (n // 2),
    "accents out of order": lambda n: "a" + "".join(chr(0x300 + (7 * place) % 64) for place in range(n)),
    "nothing to see": lambda n: "\u200b" * n,
    "blanks": lambda n: " " * n,
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_takes_time_in_proportion_to_its_length(make: Callable[[int], str]) -> None:
    """Ten times the text at most forty times the time: quadratic work would take a hundred times."""

    short, long = make(3_000), make(30_000)
    assert takes_less(lambda: runs(long), 40 * max(seconds(lambda: runs(short)), 2e-3))
