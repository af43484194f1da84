"""Final tags out of each reviewer's answers; what is open is listed, and other tools take the result as it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.agreement import Agreement
from cmtools.analysis.quality.resolving import WAYS, resolve
from cmtools.errors import BadRequest

from .crews import crew


def said(*answers: str) -> pd.DataFrame:
    """Items answered by ana, bo, cy and so on: ``"110"`` is on, on, off."""
    rows = [(f"r{at}", "abcdefg"[who], mark == "1") for at, item in enumerate(answers) for who, mark in enumerate(item)]
    frame = pd.DataFrame(rows, columns=["review_id", "reviewer", "human"])
    return frame.assign(tag="t", auto=True, blind=frame["reviewer"] != "a")


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("majority", [True, True, False, False, None]),
        ("unanimity", [True, False, False, False, False]),
        ("adjudication", [True, None, None, False, None]),
    ],
)
def test_rules_settle_what_they_say(how: str, expected: list[bool | None]) -> None:
    final = resolve(said("111", "110", "100", "000", "10"), how)
    assert [None if pd.isna(value) else bool(value) for value in final["human"]] == expected
    assert final["settled"].tolist() == [value is not None for value in expected]
    assert final["answers"].tolist() == [3, 3, 3, 3, 2]
    assert set(final["reviewer"]) == {f"({how})"}
    assert not final["blind"].any()  # one of them saw the auto tag


def test_the_model_settles_what_is_sure_and_leaves_the_rest_open() -> None:
    frame = crew(2_000, (0.95, 0.95, 0.95, 0.6, 0.6), (0.98, 0.98, 0.98, 0.8, 0.8), seed=1)
    final = resolve(frame, "dawid_skene")
    truth = frame.drop_duplicates(["review_id", "tag"])["truth"].to_numpy()
    sure = final["settled"].to_numpy()
    assert 0.9 < sure.mean() < 1
    right = final.loc[sure, "human"].to_numpy(dtype=bool) == truth[sure]
    most = resolve(frame, "majority")["human"].to_numpy(dtype=bool) == truth
    assert right.mean() > most.mean() + 0.01
    open_ = final[~final["settled"]]
    assert open_["probability"].between(0.2, 0.8).all()
    assert open_["human"].isna().all()


def test_two_reviewers_who_differ_settle_nothing_for_the_model_to_guess() -> None:
    frame = crew(300, (0.9, 0.6), (0.99, 0.9), each=2, seed=4)
    final = resolve(frame, "dawid_skene")
    assert final.loc[~final["settled"], "probability"].eq(0.5).all()
    assert set(final.loc[final["settled"], "probability"]) == {0, 1}


def test_the_model_does_not_look_at_auto_tags() -> None:
    frame = crew(300, seed=2)
    turned = resolve(frame.assign(auto=~frame["auto"], score=0.5), "dawid_skene")
    assert turned["probability"].tolist() == resolve(frame, "dawid_skene")["probability"].tolist()


def test_who_adjudicates_settles_what_is_open_and_nothing_else() -> None:
    frame = said("111", "10", "01")
    words = said("0", "1").assign(reviewer="dee", review_id=["r0", "r1"])
    final = resolve(frame, adjudicated=words)
    assert final["reviewer"].tolist() == ["(majority)", "dee", "(majority)"]
    assert final["settled"].tolist() == [True, True, False]
    with pytest.raises(BadRequest, match="adjudicated says two things of tag 't' of review 'r1'"):
        resolve(frame, adjudicated=pd.concat([words, words.assign(human=False)]).query("review_id == 'r1'"))


def test_frames_of_a_video_are_settled_apart_and_moments_keep_their_zone() -> None:
    frame = crew(2, each=3).assign(frame=None)
    framed = pd.concat([frame, frame.assign(frame="1000", human=~frame["human"])])
    final = resolve(framed)
    assert len(final) == 2 * len(resolve(frame))
    assert str(final["decided_at"].dt.tz) == "UTC"
    adjudicated = final.assign(reviewer="dee").drop(columns=["answers", "settled", "probability"])
    pd.testing.assert_frame_equal(resolve(framed, adjudicated=adjudicated), final)


def test_agreement_takes_final_tags_and_leaves_open_ones_out() -> None:
    frame = crew(100, each=2, seed=3)
    final = resolve(frame)
    agreement = Agreement(final)
    assert agreement.undecided == int((~final["settled"]).sum()) > 0
    assert int(agreement.counts["n"].sum()) == int(final["settled"].sum())
    assert agreement.several == 0


def test_agreement_of_each_answer_says_so() -> None:
    frame = crew(30, each=2, seed=3)
    agreement = Agreement(frame)
    assert agreement.several == 60
    assert "120 decisions (each answer counted, 60 reviews and tags have several)" in repr(agreement)
    assert Agreement(frame.drop(columns="reviewer")).several == 0
    assert Agreement(agreement.counts).several == 0


def test_no_answers_settle_nothing() -> None:
    for how in WAYS:
        assert len(resolve(crew(4).head(0), how)) == 0


def test_ways_that_there_are_not_are_refused() -> None:
    with pytest.raises(BadRequest, match="how is 'dice'"):
        resolve(crew(4), "dice")
    with pytest.raises(BadRequest, match=r"sure is 0\.4"):
        resolve(crew(4), sure=0.4)
    with pytest.raises(BadRequest, match="decisions has no column 'reviewer'"):
        resolve(crew(4).drop(columns="reviewer"))


def test_a_million_answers_do_not_take_long_to_code() -> None:
    frame = said(*(["110"] * 2_000))
    assert np.all(resolve(pd.concat([frame] * 3).assign(tag=np.repeat(list("abc"), 6_000)))["human"])
