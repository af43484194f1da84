"""A tagger of one's own that fails costs one line and exit code 1, never a stack."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence

import pytest

from cmtools.taggers import Tagger, Tagging
from tests.cli.test_create import create, said


async def _coroutine(items: Sequence[bytes | str]) -> list[Tagging]:
    return [Tagging() for _ in items]


def _raising(items: Sequence[bytes | str]) -> list[Tagging]:
    raise ValueError(f"no model\nfor {len(items)} items")


ANSWERS: dict[str, Callable[[Sequence[bytes | str]], object]] = {
    "raising": _raising,
    "none": lambda items: None,
    "coroutine": _coroutine,
    "codes": lambda items: [Tagging({7: True}) for _ in items],  # type: ignore[dict-item]
    "words": lambda items: [Tagging({}, {"a": "high"}) for _ in items],  # type: ignore[dict-item]
}


class Broken(Tagger):
    """Answers as its name says."""

    type, default_thresholds = "Text", {"a": 0.5}

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        return ANSWERS[self.name](items)  # type: ignore[return-value]


raising, none, coroutine, codes, words = map(Broken, ANSWERS)


@pytest.mark.parametrize("name", list(ANSWERS))
def test_tagger_that_fails_for_each_item_is_one_line(name: str) -> None:
    tagger = ("--tagger", f"tests.cli.test_watched:{name}")
    outcome = create(None, "-", "--type", "Text", "--dry-run", *tagger, input="Hi\nHo\n")
    assert (outcome.exit_code, outcome.stdout, len(said(outcome))) == (1, "", 1)
    assert repr(name) in outcome.stderr


def test_line_names_the_tagger_the_exception_and_its_message() -> None:
    tagger = ("--tagger", "tests.cli.test_watched:raising")
    outcome = create(None, "-", "--type", "Text", "--dry-run", *tagger, input="Hi\n")
    assert said(outcome) == ["Error: the tagger 'raising' failed: ValueError: no model for 1 items"]


def test_development_mode_shows_the_stack() -> None:
    asked = ["create", "-", "--type", "Text", "--dry-run", "--tagger", "tests.cli.test_watched:raising"]
    outcome = subprocess.run(
        [sys.executable, "-X", "dev", "-m", "cmtools", *asked],
        input="Hi\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 1
    assert "in _raising" in outcome.stderr
