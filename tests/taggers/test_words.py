"""Words of a list in a text: whole words, simple disguises, nothing else; and in time. All words here are harmless."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.errors import BadTagger
from cmtools.taggers import Tagging
from cmtools.taggers import words as module
from cmtools.taggers.words import Words
from tests.tools.effort import seconds, takes_less

LIST = ["spam", "gin", "ass", "boob", "hell", "god", "buy now", "1488", "a$ap", "naïve", "操", "🍆", "привет", "ill"]


@pytest.fixture(scope="module")
def words() -> Words:
    return Words(LIST)


def terms(tagger: Words, text: str) -> list[str]:
    (said,) = tagger.tag([text])
    assert said.error is None
    return [found.term for found in said.terms]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("spam", ["spam"]),
        ("Buy SPAM, or spam!", ["spam", "spam"]),
        ("no-spam-please", ["spam"]),
        ("(spam)", ["spam"]),
        ("'spam' and spam's", ["spam", "spam"]),
        ("#spam @spam http://spam.example/", ["spam", "spam", "spam"]),
        ("ПРИВЕТ", ["привет"]),
        ("NAI\u0308VE", ["naïve"]),
        ("since 1488", ["1488"]),
        ("a$ap", ["a$ap"]),
        ("我操你", ["操"]),
        ("🍆🍆", ["🍆", "🍆"]),
        ("say🍆", ["🍆"]),
        ("buy now", ["buy now"]),
        ("buy-now, buy\nnow, Buy  NOW", ["buy now", "buy now", "buy now"]),
    ],
)
def test_whole_words_are_found(words: Words, text: str, found: list[str]) -> None:
    assert terms(words, text) == found


@pytest.mark.parametrize(
    "text",
    [
        "5pam", "sp4m", "$pam", "$p@m", "SP@M!", "spaaam", "sssspppaaammm", "s.p.a.m", "s p a m", "S P A M !",
        "s * p - a m", "sp.am", "s.pa_m", "s/p/a/m", "ｓｐａｍ", "s\u200bpam", "s\u0336p\u0336am",
        "5 p a m", "s p 4 m", "$$$pam",
    ],
)  # fmt: skip
def test_simple_disguises_are_seen_through(words: Words, text: str) -> None:
    assert terms(words, f"well, {text} it is") == ["spam"]


@pytest.mark.parametrize(
    "text",
    [
        "spamalot", "antispam", "spam1", "spams", "good", "as", "a55umed", "page 455", "he'll", "I'll", "i'll be",
        "begin", "G1N7", "shell", "s\np\na\nm", "s    p    a    m", "sp am", "buynow", "buy, and then now",
        "naive", "sp a_m", "s*am", "as s", "14 88 1", "$$", "+ 1 1", "!", "", " ", "s p a",
        "s p am", "s paaa m", "a ss", "b oo b", "| | l", "1 1 l", "s ! p ! a ! m", "s.!!!.p.!!!.a.!!!.m",
    ],
)  # fmt: skip
def test_other_words_are_left_alone(words: Words, text: str) -> None:
    assert terms(words, text) == []


def test_letter_twice_is_another_word_than_once() -> None:
    tagger = Words(["god", "as", "coop"])
    assert terms(tagger, "good ass cop coop goood") == ["coop", "god"]


def test_one_sign_may_stand_for_two_letters() -> None:
    tagger = Words(["pill", "pit"])
    assert terms(tagger, "p1ll p1t pi11 p!t p|ll") == ["pill", "pit", "pill", "pit", "pill"]


def test_letter_that_stands_for_itself_goes_first() -> None:
    assert terms(Words(["sol", "s0l"]), "s0l sol") == ["s0l", "sol"]


def test_term_of_two_letters_is_not_looked_for_between_gaps() -> None:
    assert terms(Words(["ab", "abc"]), "a b, a.b, a b c") == ["abc"]


def test_longest_term_is_taken_and_none_overlap() -> None:
    tagger = Words(["buy", "now", "buy now", "now or never"])
    assert terms(tagger, "buy now or never") == ["buy now"]
    assert terms(tagger, "now buy it now") == ["now", "buy", "now"]


@pytest.mark.parametrize("text", ["x spam", "é spam", "👍🏽 spam", "e\u0301\u200b spam", "ﷺ spam"])
def test_index_is_the_place_in_the_text_as_it_came(words: Words, text: str) -> None:
    (found,) = words.tag([text])[0].terms
    assert found.index == found.original_index == text.index("spam")


def test_spelling_is_what_stands_in_the_text(words: Words) -> None:
    text = "say S.P.@.M\u0336 twice: s\u200bpaaaam"
    assert [(found.term, found.spelling) for found in words.tag([text])[0].terms] == [
        ("spam", "S.P.@.M\u0336"),
        ("spam", "s\u200bpaaaam"),
    ]


def test_tags_say_yes_or_no_for_every_code_of_the_lists() -> None:
    tagger = Words(["spam", "[a]", "kissing", "[x-1]", "spam"])
    assert tagger.codes == ("p", "a", "x-1")
    assert tagger.tag(["spam"])[0].tags == {"p": True, "a": False, "x-1": True}
    assert tagger.tag(["kissing"])[0].tags == {"p": False, "a": True, "x-1": False}
    assert tagger.tag(["-"])[0].tags == {"p": False, "a": False, "x-1": False}


def test_code_is_the_users(words: Words) -> None:
    assert Words(["spam"], code="sp").codes == ("sp",)
    assert words.codes == ("p",)


def test_metadata_name_the_terms_and_the_version_of_the_list(words: Words) -> None:
    said = words.tag(["spam, gin, spam"])[0]
    assert said.metadata == (("tagger", f"words {words.version}"), ("words.found", "spam, gin"))
    assert words.tag(["-"])[0].metadata == (("tagger", f"words {words.version}"),)


def test_metadata_stay_short_on_many_terms() -> None:
    many = [f"word{chr(97 + place // 26)}{chr(97 + place % 26)}" for place in range(100)]
    shown = dict(Words(many).tag([" ".join(many)])[0].metadata)["words.found"]
    assert shown.endswith("and 80 more")
    assert len(shown) < 250


def test_version_follows_the_terms_and_their_codes() -> None:
    assert Words(["spam", "gin"]).version == Words(["# a comment", "spam", "", "gin"]).version
    assert len({Words(["spam"]).version, Words(["gin"]).version, Words(["spam"], code="a").version}) == 3


def test_list_may_have_comments_blank_lines_codes_and_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes("\ufeff# shop\r\nspam  # as such\r\n\r\n[a]\r\nkissing\r\n".encode())
    tagger = Words(tmp_path / "list.txt")
    assert tagger.tag(["spam"])[0].tags == {"p": True, "a": False}
    assert tagger.tag(["kissing"])[0].tags == {"p": False, "a": True}
    assert terms(tagger, "shop as such") == []


def test_folder_stands_for_its_text_files_and_each_starts_with_the_users_code(tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text("[a]\nspam\n")
    (tmp_path / "ru.txt").write_text("привет\n")
    (tmp_path / "notes.md").write_text("other\n")
    tagger = Words.from_setting(str(tmp_path))
    assert tagger.tag(["привет other"])[0].tags == {"a": False, "p": True}


def test_lists_add_up(tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text("spam\n")
    assert terms(Words(tmp_path / "en.txt", ["gin"]), "gin spam") == ["gin", "spam"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "there is no term to look for"),
        (b"# nothing\n\n[a]\n", "there is no term to look for"),
        (b"spam\n---\n", r"list\.txt, line 2: '---' has no letter"),
        (b"spam\n$$$\n", r"list\.txt, line 2: '\$\$\$' has no letter"),
        (b"spam\nC#\n", r"list\.txt, line 2: 'C#' is one letter"),
        (b"[not a code!]\nspam\n", r"list\.txt, line 1: 'not a code!' is no short code"),
        (b"spam\n\n\xff\xfe\n", r"list\.txt, line 3: it is not UTF-8"),
        (b"spam\n" + b"x" * 101, r"list\.txt, line 2: a term has at most 100 characters, this one 101"),
    ],
)
def test_list_that_cannot_be_meant_is_refused_with_its_line(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "list.txt").write_bytes(content)
    with pytest.raises(BadTagger, match=says):
        Words(tmp_path / "list.txt")


def test_missing_empty_strange_and_huge_places_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "list.txt").write_text("spam\n")
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(module, "MAX_LIST_BYTES", 3)
    for place, says in [("gone", "No such file"), ("pipe", "is no file"), ("list.txt", "MB"), ("empty", r"no \.txt")]:
        with pytest.raises(BadTagger, match=says):
            Words(tmp_path / place)


def test_code_that_is_none_is_refused() -> None:
    with pytest.raises(BadTagger, match="code: 'no code' is no short code"):
        Words(["spam"], code="no code")


def test_too_long_text_is_answered_with_an_error(words: Words) -> None:
    longest, longer = words.tag(["x" * module.MAX_CHARACTERS, "x" * (module.MAX_CHARACTERS + 1)])
    assert longest.error is None
    assert longer == Tagging(error="it has 100,001 characters; the most is 100,000")


WORD = st.from_regex(r"[xyz]{2,4}", fullmatch=True).filter(lambda word: not re.search(r"(.)\1\1", word))


@given(st.lists(WORD, max_size=20), st.lists(WORD, min_size=1, max_size=5))
def test_in_plain_words_exactly_the_listed_ones_are_found(text: list[str], listed: list[str]) -> None:
    assert terms(Words(listed), ", ".join(text)) == [word for word in text if word in listed]


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    (said,) = Words(LIST).tag([text])
    assert said.error is None
    for found in said.terms:
        assert text[found.index : found.index + len(found.spelling)] == found.spelling != ""


LENGTH = 30_000
LONG_LIST = ["a" * 100, "ab" * 50, "a a a a a a a a a a b", "spam", "illi", "a.b!" * 20]
HOSTILE: dict[str, Callable[[], str]] = {
    "one letter": lambda: "a" * LENGTH,
    "two letters": lambda: "ab" * (LENGTH // 2),
    "nearly a term": lambda: "spa " * (LENGTH // 4),
    "nearly a term, spelt out": lambda: "s p a " * (LENGTH // 6),
    "letters and blanks": lambda: "a " * (LENGTH // 2),
    "letters and signs": lambda: "a!" * (LENGTH // 2),
    "signs for two letters": lambda: "1|" * (LENGTH // 2),
    "every sign": lambda: "".join(random.Random(1).choices("0134578@$!|+spamil .", k=LENGTH)),
    "accents": lambda: "a" + "\u0301" * LENGTH,
    "invisible": lambda: "\u200b" * LENGTH,
    "han": lambda: "操" * LENGTH,
    "any character": lambda: "".join(map(chr, random.Random(1).choices(range(0x20, 0x11000), k=LENGTH))),
    "terms": lambda: "spam " * (LENGTH // 5),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_takes_time_in_proportion_to_its_length(make: Callable[[], str]) -> None:
    """Ten times the text at most sixty times the time (quadratic would be a hundred), in the thread's own time."""
    tagger, text = Words(LONG_LIST), make()

    def tag(length: int) -> None:
        (said,) = tagger.tag([text[:length]])
        assert said.error is None

    most = 60 * max(seconds(lambda: tag(LENGTH // 10)), 2e-3)
    assert takes_less(lambda: tag(LENGTH), most)


@pytest.mark.parametrize(
    ("given", "says"),
    [([5], r"the list, line 1: 5 is no term; a list in Python holds texts"), (5, "5 is no list"), (b"x", "is no term")],
)
def test_list_of_anything_but_texts_is_refused(given: object, says: str) -> None:
    with pytest.raises(BadTagger, match=says):
        Words(given)
