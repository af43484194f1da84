"""Disagreements with pictures: safe HTML, whatever people called their files."""

from __future__ import annotations

import base64

import pandas as pd
import pytest

from cmtools.analysis.agreement import Agreement
from cmtools.analysis.gallery import data_uri

JPEG = b"\xff\xd8\xff\xe0 rest of a picture"


def agreement(n: int = 3, content_id: str = "photo") -> Agreement:
    return Agreement(
        pd.DataFrame(
            {
                "review_id": [str(i) for i in range(n)],
                "content_id": [f"{content_id}-{i}" for i in range(n)],
                "tag": "r",
                "auto": True,
                "human": False,
                "score": [0.9 - i / 100 for i in range(n)],
                "reviewer": "ana",
                "frame": None,
            }
        )
    )


def test_pictures_stand_in_the_page_itself() -> None:
    html = agreement().gallery({"0": JPEG, "1": None})._repr_html_()
    assert html.count("data:image/jpeg;base64," + base64.b64encode(JPEG).decode()) == 1
    assert html.count("no picture") == 2
    for words in ("photo-0", "auto on, human off", "score 0.90", "ana"):
        assert words in html


def test_callable_is_asked_once_for_the_ids_shown() -> None:
    asked: list[list[str]] = []

    def thumbnails(ids: list[str]) -> dict[str, bytes | None]:
        asked.append(ids)
        return dict.fromkeys(ids, JPEG)

    gallery = agreement(5).gallery(thumbnails, limit=2)
    gallery._repr_html_()
    assert asked == [["0", "1"]]
    assert repr(gallery) == "Gallery of 2 of 5 disagreements"


def test_nothing_is_asked_where_nothing_disagrees() -> None:
    frame = pd.DataFrame({"review_id": ["1"], "tag": "r", "auto": True, "human": True})
    gallery = Agreement(frame).gallery(lambda ids: pytest.fail(f"asked for {ids}"))
    assert "agree on every decision" in gallery._repr_html_()


def test_what_people_wrote_is_escaped() -> None:
    html = agreement(content_id='"><script>alert(1)</script>').gallery({"0": JPEG})._repr_html_()
    assert "<script" not in html
    assert 'alt="&quot;&gt;&lt;script&gt;' in html


@pytest.mark.parametrize("picture", [b"<svg onload='alert(1)'>", b"<!doctype html>", b"", None, b"RIFF1234WAVE"])
def test_what_is_no_picture_is_not_shown(picture: bytes | None) -> None:
    assert data_uri(picture) is None


@pytest.mark.parametrize(
    ("picture", "kind"),
    [(JPEG, "jpeg"), (b"\x89PNG\r\n\x1a\n...", "png"), (b"GIF89a...", "gif"), (b"RIFF1234WEBP...", "webp")],
)
def test_kind_of_picture_is_read_from_its_bytes(picture: bytes, kind: str) -> None:
    uri = data_uri(picture)
    assert uri is not None
    assert uri.startswith(f"data:image/{kind};base64,")


def test_decisions_without_review_ids_have_a_gallery_without_pictures() -> None:
    frame = pd.DataFrame({"tag": ["r"], "auto": True, "human": False})
    assert "no picture" in Agreement(frame).gallery({"0": JPEG})._repr_html_()
