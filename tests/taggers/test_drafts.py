"""The taggers of the table at work in make_drafts: a folder of pictures, a list of texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from cmtools import make_drafts, samples
from cmtools.taggers import picture
from cmtools.taggers.opennsfw import Opennsfw
from cmtools.taggers.words import Words

from ..content.pictures import encoded, noise


def test_folder_is_tagged_offline_and_one_corrupt_file_costs_one_line(
    tmp_path: Path, opennsfw: Opennsfw, photographs: list[bytes]
) -> None:
    for place, data in enumerate(photographs):
        (tmp_path / f"{place}.png").write_bytes(data)
    (tmp_path / "corrupt.jpg").write_bytes(encoded(noise(), "JPEG")[:5000])
    drafts = make_drafts(tmp_path, tagger=opennsfw, progress=False)
    assert drafts.refused.source.str.endswith("corrupt.jpg").tolist() == [True]
    assert [list(dict(draft.metadata)) for draft in drafts] == [
        ["a", "a.score", "r", "r.score", "tagger", "opennsfw.nsfw"]
    ] * len(photographs)
    assert drafts.tag_codes == {"a", "r"}


def test_of_fifty_files_each_bad_one_costs_one_line_that_says_what_is_wrong(
    tmp_path: Path, opennsfw: Opennsfw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "MAX_PIXELS", 20_000)  # of the tagger; a draft may have more
    crops = samples.crops(tmp_path / "crops", count=46, size=(160, 120))
    folder = tmp_path / "folder"
    folder.mkdir()
    for path in crops:
        path.rename(folder / path.name)
    cut = (folder / crops[0].name).read_bytes()
    (folder / "brick-cut.jpg").write_bytes(cut[: len(cut) // 2])
    (folder / "coins-empty.jpg").write_bytes(b"")
    (folder / "grass-text.jpg").write_bytes(b"this is no picture")
    (folder / "hubble-wide.png").write_bytes(encoded(noise(1000, 40), "PNG"))  # the tagger alone refuses this one
    drafts = make_drafts(folder, tagger=opennsfw, progress=False)
    assert [draft.content for draft in drafts] == [path.name for path in crops]
    assert all(dict(draft.metadata)["tagger"].startswith("opennsfw ") for draft in drafts)
    assert {Path(row.source).name: row.reason for row in drafts.refused.itertuples()} == {
        "brick-cut.jpg": "the picture is cut off: the file ends too early",
        "coins-empty.jpg": "the file is empty",
        "grass-text.jpg": "it is not a picture (PNG, JPEG, GIF, WEBP, BMP and TIFF are)",
        "hubble-wide.png": "it has 0 megapixels; the most is 0",
    }
    assert len(drafts.refused) == 4


def test_texts_are_tagged_with_the_tag_of_the_list() -> None:
    drafts = make_drafts(["sp@m!", "hello"], type="Text", tagger=Words(["spam"], code="sp"))
    assert [dict(draft.metadata)["sp"] for draft in drafts] == ["True", "False"]
    assert dict(drafts[0].metadata)["words.found"] == "spam"
    assert drafts.tag_codes == {"sp"}
