"""The adapter to alt-profanity-check: its one score, read once."""

from __future__ import annotations

import sys
from importlib.metadata import version

import profanity_check
import pytest

from cmtools.drafts import make_drafts
from cmtools.errors import BadTagger
from cmtools.taggers import open_taggers
from cmtools.taggers.profanity import MAX_CHARACTERS, Profanity

RUDE = ["You are a stupid idiot.", "shut up you moron", "what a load of crap"]
KIND = ["Thank you, that was very helpful.", "The train to Lyon leaves at nine.", "See you tomorrow!"]


@pytest.fixture(scope="module")
def tagger() -> Profanity:
    return Profanity()


def test_rude_texts_are_tagged_and_kind_ones_are_not(tagger: Profanity) -> None:
    assert [dict(said.tags) for said in tagger.tag(RUDE + KIND)] == [{"p": True}] * 3 + [{"p": False}] * 3


def test_scores_are_those_of_the_bare_model_and_metadata_has_them_raw(tagger: Profanity) -> None:
    bare = profanity_check.predict_prob(RUDE + KIND)
    answers = tagger(RUDE + KIND)
    assert [said.scores["p"] for said in answers] == pytest.approx(list(bare), abs=1e-12)
    for said, score in zip(answers, bare, strict=True):
        told = version("alt-profanity-check")
        assert said.metadata == (("tagger", f"profanity {told}"), ("profanity.profane", f"{score:.6g}"))


def test_default_threshold_is_where_the_model_itself_says_yes(tagger: Profanity) -> None:
    texts = RUDE + KIND + ["damn", "hell", "the word is damn", "what the hell", "sick", "ugly"]
    assert [said.tags["p"] for said in tagger.tag(texts)] == [bool(yes) for yes in profanity_check.predict(texts)]


def test_threshold_of_the_user_is_kept() -> None:
    low, high = Profanity(thresholds={"p": 0.0}), Profanity(thresholds={"P": 1.0})
    assert low.tag(KIND)[0].tags == {"p": True}
    assert high.tag(KIND)[0].tags == {"p": False}


@pytest.mark.parametrize("text", ["", " \n", "日本語のテキスト", "\ud800 half a letter", "🙂", "\x00"])
def test_texts_that_the_model_knows_no_word_of_get_a_score(tagger: Profanity, text: str) -> None:
    (said,) = tagger.tag([text])
    assert said.error is None
    assert 0 <= said.scores["p"] < 0.5


def test_text_that_is_too_long_costs_itself(tagger: Profanity) -> None:
    long, kind = tagger.tag(["x" * (MAX_CHARACTERS + 1), KIND[0]])
    assert long.error == "it has 100,001 characters; the most is 100,000"
    assert kind.tags == {"p": False}


def test_limits_that_its_page_names_hold(tagger: Profanity) -> None:
    disguised, spelt = tagger.tag(["you st00pid 1d1ot", "you stupid idiot"])  # disguises are not seen through
    assert disguised.scores["p"] < 0.5 < spelt.scores["p"]


def test_it_is_named_in_a_setting_and_tags_in_make_drafts() -> None:
    drafts = make_drafts([RUDE[0], KIND[0]], type="Text", tagger=open_taggers("profanity")["Text"])
    assert [dict(draft.metadata)["p"] for draft in drafts] == ["True", "False"]
    assert drafts.tag_codes == {"p"}


def test_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "profanity_check", None)
    with pytest.raises(
        BadTagger, match=r"alt-profanity-check is not installed: .* -m pip install 'cmtools\[profanity\]'"
    ):
        Profanity()
