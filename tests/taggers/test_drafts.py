"""The taggers of the table at work in make_drafts: a folder of pictures, a list of texts."""

from __future__ import annotations

from pathlib import Path

from cmtools import make_drafts
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


def test_texts_are_tagged_with_the_tag_of_the_list() -> None:
    drafts = make_drafts(["sp@m!", "hello"], type="Text", tagger=Words(["spam"], code="sp"))
    assert [dict(draft.metadata)["sp"] for draft in drafts] == ["True", "False"]
    assert dict(drafts[0].metadata)["words.found"] == "spam"
    assert drafts.tag_codes == {"sp"}
