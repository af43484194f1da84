"""A tagger given to make_drafts: what it gets, what it may answer, and what becomes of its errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cmtools.drafts import make_drafts, tagging
from cmtools.errors import BadDraft, BadTag
from cmtools.taggers import Tagger, Tagging

TEXTS = ["hello", "buy now", "bye"]


def with_tagger(answers: object, **options: object) -> object:
    return make_drafts(TEXTS, type="Text", tagger=lambda batch: answers, **options)


def test_tagger_gets_paths_addresses_and_texts(tmp_path: Path) -> None:
    from ..content.pictures import encoded, noise

    (tmp_path / "a.png").write_bytes(encoded(noise(), "PNG"))
    got: list[object] = []

    def tagger(batch: list[str | Path]) -> list[dict[str, bool]]:
        got.extend(batch)
        return [{"sc": True} for _ in batch]

    drafts = make_drafts([tmp_path / "a.png", tmp_path / "gone.png", "https://example.org/b.jpg"], tagger=tagger)
    make_drafts(["words"], type="Text", tagger=tagger)
    assert got == [tmp_path / "a.png", "https://example.org/b.jpg", "words"]
    assert [draft.metadata for draft in drafts] == [(("sc", "True"),)] * 2
    assert drafts.tag_codes == {"sc"}


def test_tagger_gets_batches_and_its_answers_keep_their_order() -> None:
    sizes: list[int] = []

    def tagger(batch: list[str | Path]) -> list[dict[str, bool]]:
        sizes.append(len(batch))
        return [{"odd": int(str(text)) % 2 == 1} for text in batch]

    drafts = make_drafts(map(str, range(150)), type="Text", tagger=tagger, progress=False)
    assert sizes == [tagging.BATCH, tagging.BATCH, 150 - 2 * tagging.BATCH]
    assert all(dict(draft.metadata)["odd"] == str(int(draft.content) % 2 == 1) for draft in drafts)


def test_scores_need_a_threshold_and_are_kept() -> None:
    answers = [{"spam": 0.02}, {"spam": np.float32(0.75)}, {"spam": None}]
    drafts = with_tagger(answers, threshold={"spam": 0.5})
    assert [draft.metadata for draft in drafts] == [
        (("spam", "False"), ("spam.score", "0.02")),
        (("spam", "True"), ("spam.score", "0.75")),
        (),
    ]
    assert with_tagger(answers, threshold=0.5)[1].metadata == drafts[1].metadata


@pytest.mark.parametrize("score", [0.3, 1.0, np.float32(0)])
def test_score_without_threshold_is_an_error_even_when_it_looks_like_true_or_false(score: float) -> None:
    with pytest.raises(BadTag, match=r"tagger on 'text-0001': .* is a score.*threshold=\{'spam': 0.5\}"):
        with_tagger([{"spam": score}, {}, {}])


def test_saying_nothing_is_fine() -> None:
    drafts = with_tagger([None, {}, {"spam": math.nan}], threshold={"spam": 0.5})
    assert [draft.metadata for draft in drafts] == [(), (), ()]
    assert drafts.tag_codes == {"spam"}


def test_exception_for_one_item_costs_that_item_only() -> None:
    drafts = with_tagger([{"spam": True}, ValueError("no model for this"), {"spam": False}], progress=False)
    assert [draft.content for draft in drafts] == ["hello", "bye"]
    assert drafts.refused.to_dict("records") == [{"source": "text 2", "reason": "the tagger failed: no model for this"}]


def test_exception_of_the_tagger_itself_comes_through() -> None:
    def tagger(batch: list[str | Path]) -> list[None]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make_drafts(TEXTS, type="Text", tagger=tagger)


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([{}], "was given 3 items and returned 1"),
        ([{}, {}, {}, {}], "was given 3 items and returned 4"),
        ([True, {}, {}], "must be a dict"),
        ([{"not a code!": True}, {}, {}], "no short code"),
        ([{"spam": "perhaps"}, {}, {}], "neither true nor false"),
    ],
)
def test_wrong_answer_is_an_error_that_says_what_is_wrong(answers: object, says: str) -> None:
    with pytest.raises(BadTag, match=says):
        with_tagger(answers)


def test_tags_of_the_table_and_of_the_tagger_stand_side_by_side() -> None:
    frame = pd.DataFrame({"text": ["x"], "a": [True]})
    drafts = make_drafts(frame, type="Text", tagger=lambda batch: [{"r": False}], metadata={"model": "v2"})
    assert drafts[0].metadata == (("a", "True"), ("model", "v2"), ("r", "False"))
    assert drafts.tag_codes == {"a", "r"}
    with pytest.raises(BadTag, match="'a' comes from the table and from the tagger"):
        make_drafts(frame, type="Text", tagger=lambda batch: [{"A": False}])


def test_tagger_that_cannot_be_called_is_refused() -> None:
    with pytest.raises(BadDraft, match="must be callable"):
        make_drafts(TEXTS, type="Text", tagger="opennsfw")


class Sized(Tagger):
    """A tagger of the house that scores by length and refuses what holds an x."""

    name, type, default_thresholds = "sized", "Text", {"long": 0.5, "huge": 0.9}

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        return [self._tagged(item) for item in items]

    def _tagged(self, item: bytes | str) -> Tagging:
        if (b"x" if isinstance(item, bytes) else "x") in item:
            return Tagging(error="it holds an x")
        score = min(1.0, len(item) / 10)
        tags = {code: score >= limit for code, limit in self.thresholds.items()}
        return Tagging(tags, {"long": score, "raw": 0.25}, (("tagger", "sized 1"),))


class SizedFiles(Sized):
    type = "Image"


def test_tagger_of_the_house_keeps_its_own_thresholds_and_says_more() -> None:
    drafts = make_drafts(["short", "rather long"], type="Text", tagger=Sized(thresholds={"long": 0.6}))
    assert drafts[0].metadata == (
        ("long", "False"),
        ("long.score", "0.5"),
        ("huge", "False"),
        ("raw.score", "0.25"),
        ("tagger", "sized 1"),
    )
    assert dict(drafts[1].metadata)["huge"] == "True"
    assert drafts.tag_codes == {"long", "huge"}


@pytest.mark.parametrize(("threshold", "on"), [({"LONG": 0.4}, "True"), ({"long": 0.7}, "False"), (0.7, "False")])
def test_callers_threshold_goes_before_the_taggers(threshold: float | dict[str, float], on: str) -> None:
    drafts = make_drafts(["short"], type="Text", tagger=Sized(), threshold=threshold)
    assert dict(drafts[0].metadata)["long"] == on


def test_item_that_a_tagger_of_the_house_refuses_is_left_out_with_its_reason() -> None:
    drafts = make_drafts(["short", "six", "long"], type="Text", tagger=Sized(), progress=False)
    assert [draft.content for draft in drafts] == ["short", "long"]
    assert drafts.refused.to_dict("records") == [{"source": "text 2", "reason": "it holds an x"}]


def test_tagger_of_the_house_gets_the_bytes_of_local_files_and_no_addresses(tmp_path: Path) -> None:
    from ..content.pictures import encoded, noise

    data = encoded(noise(8, 8), "BMP")
    (tmp_path / "a.bmp").write_bytes(data)
    got: list[bytes | str] = []

    class Seen(SizedFiles):
        def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
            got.extend(items)
            return [Tagging({"seen": True}) for _ in items]

    drafts = make_drafts([tmp_path / "a.bmp", "https://example.org/b.jpg"], tagger=Seen(), progress=False)
    assert got == [data]
    assert [draft.metadata for draft in drafts] == [(("seen", "True"),)]
    assert "fetches no address" in drafts.refused.reason[0]


@pytest.mark.parametrize(("tagger", "type_name"), [(SizedFiles(), "Text"), (Sized(), "Image")])
def test_tagger_of_another_type_is_refused_before_anything_is_tagged(tagger: Tagger, type_name: str) -> None:
    with pytest.raises(BadDraft, match=r"the tagger 'sized' tags (image|text)s, but these are"):
        make_drafts(["https://example.org/b.jpg"], type=type_name, tagger=tagger)
