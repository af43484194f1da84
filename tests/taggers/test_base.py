"""A tagger of one's own, and what being called with many files does."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from cmtools.errors import BadTagger, Unreachable
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


class Picky(Tagger):
    """Raises for texts with an x in them, as a model might."""

    name, type, batch_size = "picky", "Text", 4

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        for text in items:
            if "x" in str(text):
                raise RuntimeError(f"cannot digest {text!r}")
        return [Tagging({"ok": True}) for _ in items]


def test_item_that_a_tagger_raises_for_costs_itself() -> None:
    answers = Picky()(["a", "x", "b", "c", "d", "xx"])
    assert [said.error for said in answers] == [
        None,
        "the tagger failed: RuntimeError: cannot digest 'x'",
        None,
        None,
        None,
        "the tagger failed: RuntimeError: cannot digest 'xx'",
    ]


def test_batch_that_is_all_bad_costs_itself_once_something_was_tagged() -> None:
    answers = Picky()(["a", "b", "c", "d", "x", "x", "x", "x", "e"])
    assert [said.error is None for said in answers] == [True] * 4 + [False] * 4 + [True]


def test_tagger_that_raises_for_all_of_the_first_batch_is_broken_and_its_exception_comes_through() -> None:
    with pytest.raises(RuntimeError, match="cannot digest 'x1'"):
        Picky()(["x1", "x2", "x3", "x4", "fine"])
    with pytest.raises(RuntimeError, match="cannot digest"):
        Picky()(["x"])


def test_unreadable_files_do_not_hide_a_broken_tagger(tmp_path: Path) -> None:
    class Broken(Sizes):
        def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
            raise RuntimeError("no model")

    with pytest.raises(RuntimeError, match="no model"):
        Broken()([tmp_path / "gone"] * 20 + [b"x"])


def test_error_of_cmtools_stops_the_whole_call() -> None:
    class Away(Letters):
        def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
            if "b" in items:
                raise Unreachable("nobody answers")
            return [Tagging() for _ in items]

    with pytest.raises(Unreachable):
        Away()(["a"] * 8 + ["b"])


def test_tagger_says_how_many_it_is_shown_together() -> None:
    class Big(Letters):
        batch_size = 50

    tagger = Big()
    tagger(["x"] * 120)
    assert [len(batch) for batch in tagger.given] == [50, 50, 20]


class Meeting(Tagger):
    """Answers only while another of its batches is in work too."""

    name, type, batch_size, workers = "meeting", "Image", 2, 2

    def __init__(self) -> None:
        super().__init__()
        self.together = threading.Barrier(2, timeout=30)

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        self.together.wait()
        return [Tagging({"n": bool(item)}, metadata=(("content", str(item)),)) for item in items]


def test_batches_are_in_work_together_and_answers_keep_the_order_of_the_items(tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(24)]
    for path in paths:
        path.write_bytes(path.name.encode())
    answers = Meeting()(paths)
    assert [dict(said.metadata)["content"] for said in answers] == [str(path.name.encode()) for path in paths]


def test_answers_that_came_are_kept_when_the_work_is_interrupted() -> None:
    class Interrupted(Letters):
        def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
            if "stop" in items:
                raise KeyboardInterrupt
            return super().tag(items)

    kept: list[Tagging] = []
    with pytest.raises(KeyboardInterrupt):
        kept.extend(Interrupted().stream(["long enough"] * 16 + ["stop"] + ["never"] * 50))
    assert kept == [Tagging({"Big": True})] * 16


def test_long_work_shows_one_bar_and_short_work_none(capfd: pytest.CaptureFixture[str]) -> None:
    Letters()(["x"] * (base.LONG_WORK - 1))
    assert capfd.readouterr().err == ""
    Letters()(["x"] * base.LONG_WORK)
    shown = capfd.readouterr().err
    assert shown.count("Tagging (letters):   0%") == 1
    assert f" 0/{base.LONG_WORK} " in shown
    Letters()(["x"] * base.LONG_WORK, progress=False)
    assert capfd.readouterr().err == ""
