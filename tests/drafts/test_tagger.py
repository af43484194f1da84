"""A tagger given to make_drafts: what it gets, what it may answer, and what becomes of its errors."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cmtools.drafts import make, make_drafts
from cmtools.errors import BadDraft, BadTag

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
    assert sizes == [make.BATCH, make.BATCH, 150 - 2 * make.BATCH]
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
    assert drafts.refused.to_dict("records") == [
        {"source": "buy now", "reason": "the tagger failed: no model for this"}
    ]


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
