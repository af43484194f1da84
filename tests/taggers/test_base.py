"""A tagger of one's own, and what being called with files does."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from cmtools.errors import BadTagger
from cmtools.taggers import Tagger, Tagging, base


class Sizes(Tagger):
    """Says how long an item is; remembers what it was given."""

    name, type, default_thresholds = "sizes", "Image", {"Big": 0.5, "huge": 0.9}

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self.given: list[list[bytes | str]] = []

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        self.given.append(list(items))
        return [Tagging({"Big": len(item) > 3}) for item in items]


class Letters(Sizes):
    name, type = "letters", "Text"


class Careless(Tagger):
    """Never calls the contract's own __init__."""

    name, type = "careless", "Text"

    def __init__(self, answers: list[object]) -> None:
        self.answers = answers

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        return self.answers


def test_thresholds_left_out_keep_their_defaults() -> None:
    assert dict(Sizes(thresholds={"huge": 1}).thresholds) == {"Big": 0.5, "huge": 1.0}


def test_threshold_is_found_in_any_case() -> None:
    assert dict(Sizes(thresholds={"BIG": 0}).thresholds) == {"Big": 0.0, "huge": 0.9}


def test_thresholds_of_one_tagger_do_not_reach_another() -> None:
    Sizes(thresholds={"huge": 0.1})
    assert dict(Sizes().thresholds) == {"Big": 0.5, "huge": 0.9}


def test_paths_are_read_and_bytes_are_taken_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"long enough")
    tagger = Sizes()
    assert [said.tags for said in tagger([tmp_path / "a", b"abc"])] == [{"Big": True}, {"Big": False}]
    assert tagger.given == [[b"long enough", b"abc"]]


def test_few_files_are_in_memory_together(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    tagger = Sizes()
    assert len(tagger([tmp_path / "a"] * 20)) == 20
    assert [len(batch) for batch in tagger.given] == [base.READ_AT_ONCE] * 2 + [4]


def test_what_cannot_be_read_is_answered_in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "MAX_FILE_BYTES", 100)
    (tmp_path / "big").write_bytes(b"x" * 101)
    (tmp_path / "good").write_bytes(b"x" * 100)
    places = [tmp_path / "gone", tmp_path, "https://example.org/a.jpg", tmp_path / "big", tmp_path / "good"]
    answers = Sizes()(places)
    assert answers[4] == Tagging({"Big": True})
    assert "No such file" in answers[0].error
    assert "folder" in answers[1].error
    assert "fetches no address" in answers[2].error
    assert "the most is" in answers[3].error


def test_pipe_is_answered_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "no file" in Sizes()([tmp_path / "pipe"])[0].error


def test_batch_without_readable_items_does_not_reach_the_tagger(tmp_path: Path) -> None:
    tagger = Sizes()
    assert tagger([tmp_path / "gone"])[0].error
    assert tagger.given == []


def test_tagger_of_texts_gets_strings_and_refuses_files(tmp_path: Path) -> None:
    tagger = Letters()
    answers = tagger([tmp_path, "hello", b"hello"])
    assert tagger.given == [["hello"]]
    assert [bool(said.error) for said in answers] == [True, False, True]


@pytest.mark.parametrize("answers", [[], [Tagging(), Tagging()], [{"a": True}], [None]])
def test_answers_that_are_not_one_tagging_per_item_are_an_error(answers: list[object]) -> None:
    with pytest.raises(BadTagger, match="'careless' must return one Tagging per item"):
        Careless(answers)(["text"])


def test_tagger_that_never_called_init_has_no_thresholds() -> None:
    assert dict(Careless([]).thresholds) == {}


def test_tagger_without_tag_cannot_be_made() -> None:
    class Half(Tagger):
        name, type = "half", "Text"

    with pytest.raises(TypeError, match="abstract"):
        Half()
