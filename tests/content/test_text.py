from __future__ import annotations

from pathlib import Path

import pytest

from cmtools.content import content_type
from cmtools.errors import BadDraft
from cmtools.model import Draft


def test_text_with_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDraft) as caught:
        content_type("Text").check(Draft(content="words", content_id="1", type="Text", path=tmp_path / "a.txt"))
    assert caught.value.where == "path"


def test_text_that_looks_like_anything_passes() -> None:
    for words in ("x" * 2000, "<b>bold</b>", "=1+1", "שלום", "👩‍👩‍👧"):
        content_type("Text").check(Draft(content=words, content_id="1", type="Text"))


def test_text_longer_than_a_screen_can_hold_is_refused() -> None:
    with pytest.raises(BadDraft, match="100,001 characters"):
        content_type("Text").check(Draft(content="x" * 100_001, content_id="1", type="Text"))
