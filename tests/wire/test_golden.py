"""The documented requests and answers, each read and written back: same keys, same order, same values."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest

from cmtools.errors import BadDraft
from cmtools.model import Review, Team
from cmtools.tags import Tag, TagSet
from cmtools.wire import callbacks, creation, failures, reviews

GOLDEN = Path(__file__).parent / "golden"
TEAM = Team("NightShift", TagSet([Tag("sc", "isscreenshot"), Tag("hid", "hidden", visible=False)]))


def golden(name: str) -> object:
    return json.loads((GOLDEN / name).read_text())


def exactly(data: object) -> str:
    """JSON text in which the order of the keys counts."""
    return json.dumps(data, indent=1)


@pytest.mark.parametrize("name", sorted(path.name for path in GOLDEN.glob("get_*.json")))
def test_review_is_read_and_written_back_to_the_same_text(name: str) -> None:
    spelling: Literal["camel", "pascal"] = "pascal" if name.endswith(".pascal.json") else "camel"
    documented = golden(name)
    assert exactly(reviews.write_review(reviews.read_review(documented), TEAM, spelling)) == exactly(documented)


@pytest.mark.parametrize("name", ["create_image", "create_text", "create_ours"])
def test_create_request_is_read_and_written_back_to_the_same_text(name: str) -> None:
    documented = golden(f"{name}.request.json")
    drafts = creation.read_drafts(json.dumps(documented).encode())
    assert exactly(creation.write_drafts(drafts)) == exactly(documented)


def test_create_request_is_read_in_any_case() -> None:
    (item,) = creation.read_drafts((GOLDEN / "create_any_case.request.json").read_bytes())
    assert (item.draft.type, item.draft.content_id, item.draft.callback_endpoint) == ("Image", "1", None)
    assert item.draft.metadata == (("a", "True"), ("a.score", "0.5"), ("pages", "3"))


def test_complete_review_reads_the_same_in_both_spellings() -> None:
    camel = reviews.read_review(golden("get_complete.camel.json"))
    written = reviews.write_review(camel, TEAM, "pascal")
    assert reviews.read_review(written) == camel
    assert camel.human_tags == {"a": False, "r": True, "sc": True}
    assert camel.auto_tags == {"sc": True}


def test_callback_is_written_as_documented() -> None:
    review = Review(
        "201801i28fc0f7cbf424447846e509af853ea54",
        "Complete",
        "Image",
        "https://x/1.jpg",
        "0",
        metadata=(("sc", "true"),),
        human_tags={"a": False, "r": False},
    )
    moment = datetime(2018, 1, 6, 5, 4, 40, 552586, tzinfo=UTC)
    assert exactly(callbacks.write_callback(review, "Ana", moment)) == exactly(golden("callback.json"))


def test_error_is_written_as_documented() -> None:
    error = BadDraft("it is missing", where="[3].Metadata[0].Key")
    assert exactly(failures.write_error(error)) == exactly(golden("error.json"))
