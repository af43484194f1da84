"""Near-duplicates among drafts: found without a second look, one kept of each group, and what estimates make of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image, ImageEnhance

from cmtools import samples
from cmtools.analysis.agreement import Agreement
from cmtools.drafts import Drafts, make_drafts, near, spread
from cmtools.errors import BadDraft, BadRequest
from cmtools.model import Draft
from cmtools.testing import running_service

COPIES = ["1-smaller.png", "2-darker.jpg", "3-poor.jpg", "4-other.webp"]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photograph with four copies of it, two other photographs, and a file that is none."""
    folder = tmp_path_factory.mktemp("campaign")
    named = {photograph.name: photograph.path for photograph in samples.photographs()}
    cup = Image.open(named["coffee"]).convert("RGB")
    cup.save(folder / "0.jpg", quality=95)
    cup.resize((cup.width // 3, cup.height // 3)).save(folder / COPIES[0])
    ImageEnhance.Brightness(cup).enhance(0.8).save(folder / COPIES[1])
    cup.save(folder / COPIES[2], quality=25)
    cup.save(folder / COPIES[3], quality=60)
    for name in ("rocket", "chelsea"):
        Image.open(named[name]).convert("RGB").save(folder / f"{name}.jpg")
    (folder / "broken.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def drafts(campaign: Path) -> Drafts:
    return make_drafts(campaign, progress=False)


# Finding --------------------------------------------------------------------------------------------------------------


def test_copies_of_a_photograph_are_one_group_and_other_photographs_none(drafts: Drafts) -> None:
    found = drafts.near_duplicates()
    assert list(found.columns) == ["content_id", "group", "size", "distance", "path"]
    assert list(found["content_id"]) == ["0.jpg", *COPIES]
    assert set(found["group"]) == {1}
    assert set(found["size"]) == {5}
    assert found["distance"].iloc[0] == 0
    assert found["distance"].max() <= 6


def test_golden_item_is_no_copy_and_has_none(drafts: Drafts) -> None:
    golden = Drafts([replace(drafts[0], truth={"a": False}), *drafts[1:3]], looks=drafts.looks)
    assert set(golden.near_duplicates()["content_id"]) == set(COPIES[:2])


def test_no_picture_is_decoded_twice(drafts: Drafts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near, "look_over", lambda _path: pytest.fail("it was looked at already"))
    assert len(drafts.near_duplicates()) == 5
    assert len(drafts[:3].near_duplicates()) == 3


def test_drafts_that_were_made_by_hand_are_looked_at_when_it_is_asked(campaign: Path) -> None:
    by_hand = Drafts([Draft(name, name, path=campaign / name) for name in ("rocket.jpg", "0.jpg", COPIES[2])])
    assert list(by_hand.near_duplicates()["content_id"]) == ["0.jpg", COPIES[2]]


def test_of_no_drafts_and_of_distinct_ones_the_table_is_empty(drafts: Drafts) -> None:
    assert Drafts().near_duplicates().empty
    assert drafts[-2:].near_duplicates().empty
    assert list(Drafts().near_duplicates().columns) == list(drafts.near_duplicates().columns)


def test_fewer_bits_find_less(drafts: Drafts) -> None:
    assert len(drafts.near_duplicates(0)) < len(drafts.near_duplicates(6))


@pytest.mark.parametrize(
    ("source", "type", "named"),
    [(["https://example.org/1.jpg"], "Image", "https://example.org/1.jpg"), (["Hello!"], "Text", "Hello!")],
)
def test_drafts_without_a_picture_here_are_refused_with_the_reason(source: list[str], type: str, named: str) -> None:
    drafts = make_drafts(source, type=type)
    for ask in (drafts.near_duplicates, drafts.without_near_duplicates):
        with pytest.raises(BadDraft, match=r"pictures on this machine, and 1 of 1 drafts are none") as caught:
            ask()
        assert named in str(caught.value)


def test_pictures_of_different_strata_stay_apart(campaign: Path) -> None:
    table = pd.DataFrame({"path": ["0.jpg", *COPIES[:3]], "stratum": ["x", "y", "x", "y"]})
    table["path"] = [str(campaign / name) for name in table["path"]]
    drafts = make_drafts(table, progress=False)
    assert list(drafts.near_duplicates()["group"]) == [1, 1, 2, 2]
    kept = drafts.without_near_duplicates()
    assert [draft.stratum for draft in kept] == ["x", "y"]


def test_pictures_of_different_auto_tags_stay_apart_and_scores_may_differ(campaign: Path) -> None:
    table = pd.DataFrame({"path": [str(campaign / name) for name in ["0.jpg", *COPIES]]})
    table = table.assign(sp=[0.4, 0.6, 0.1, 0.9, 0.5], n=[1, 2, 3, 4, 5])
    drafts = make_drafts(table, threshold={"sp": 0.5}, metadata=["n"], progress=False)
    found = drafts.near_duplicates()
    assert [(Path(id).name, group) for id, group in zip(found["content_id"], found["group"], strict=True)] == [
        ("0.jpg", 1),
        (COPIES[1], 1),
        (COPIES[0], 2),
        (COPIES[2], 2),
        (COPIES[3], 2),
    ]
    kept = drafts.without_near_duplicates()
    assert [(draft.weight, dict(draft.metadata)["sp"]) for draft in kept] == [(2.0, "False"), (3.0, "True")]


def test_silent_is_not_off(campaign: Path) -> None:
    silent, off = (Draft(name, name, path=campaign / name) for name in ("0.jpg", COPIES[0]))
    off = replace(off, metadata=(("R", "no"),))
    also = replace(silent, content_id="also", metadata=(("r", "False"),))
    assert list(Drafts([silent, off, also]).near_duplicates()["content_id"]) == [COPIES[0], "also"]


def test_agreement_over_what_is_kept_is_that_over_all(tmp_path: Path) -> None:
    """12 pictures in 3 qualities each; the machine flags some copies of a picture and not others."""
    photos = [Image.open(path).convert("RGB") for path in sorted(samples.crops(tmp_path / "crops", 12))]
    for place, photograph in enumerate(photos):
        for quality in (95, 70, 40):
            photograph.resize((480, 360)).save(tmp_path / f"{place:02}-{quality}.jpg", quality=quality)
    paths = sorted(tmp_path.glob("*.jpg"))
    table = pd.DataFrame({"path": list(map(str, paths))}).assign(r=[place % 7 in (0, 3, 4) for place in range(36)])
    drafts = make_drafts(table, progress=False)
    kept = drafts.without_near_duplicates()
    assert 12 < len(kept) < 30
    everything, kept_decisions = reviewed(drafts), reviewed(kept)
    for fewer in (kept_decisions, kept.spread(kept_decisions)):
        assert weighted_counts(fewer) == weighted_counts(everything)
        assert estimates(fewer) == pytest.approx(estimates(everything))
    spread_auto = kept.spread(kept_decisions).query("tag == 'r'").set_index("content_id")["auto"]
    assert dict(spread_auto) == dict(everything.query("tag == 'r'").set_index("content_id")["auto"])


def weighted_counts(decisions: pd.DataFrame) -> dict[object, float]:
    of_tag = decisions[decisions["tag"] == "r"]
    return of_tag.groupby(["auto", "human"])["weight"].sum().to_dict()


def estimates(decisions: pd.DataFrame) -> dict[str, float]:
    told = Agreement(decisions).table().query("tag == 'r'").set_index("metric")["estimate"]
    return {name: float(told[name]) for name in ("precision", "recall", "specificity", "cohen_kappa")}


def reviewed(drafts: Drafts) -> pd.DataFrame:
    """The decisions of somebody who finds every third picture racy, in whatever quality."""
    with running_service(undo_seconds=0) as service, service.client() as client:
        ids = client.create_reviews(drafts, progress=False)
        lease = client.checkout(count=50)
        racy = {id: int(Path(draft.content_id).name[:2]) % 3 == 0 for id, draft in zip(ids, drafts, strict=True)}
        client.submit(lease, {id: {"r": on} for id, on in racy.items()})
        service.advance(1)
        return client.decisions()


# Setting aside --------------------------------------------------------------------------------------------------------


def test_the_first_stands_for_its_group(drafts: Drafts) -> None:
    kept = drafts.without_near_duplicates()
    assert [draft.content_id for draft in kept] == ["0.jpg", "chelsea.jpg", "rocket.jpg"]
    assert [draft.weight for draft in kept] == [5.0, 1.0, 1.0]
    assert [dict(draft.metadata).get("stands_for") for draft in kept] == ["5", None, None]
    assert list(kept.copies["content_id"]) == COPIES
    assert set(kept.copies["copy_of"]) == {"0.jpg"}
    assert repr(kept) == "3 drafts, 1 left out: see .refused, 4 near-duplicates set aside: see .copies"


def test_what_is_known_of_the_drafts_stays(drafts: Drafts) -> None:
    kept = make_drafts([draft.path for draft in drafts], tagger=lambda items: [{"a": False}] * len(items))
    fewer = kept.without_near_duplicates()
    assert (fewer.tag_codes, list(fewer.refused["source"])) == (kept.tag_codes, list(kept.refused["source"]))
    assert dict(fewer[0].metadata) == {"a": "False", "stands_for": "5"}
    assert list(fewer[:1].copies["content_id"]) == list(fewer.copies["content_id"])


def test_weights_are_added_up(campaign: Path) -> None:
    table = pd.DataFrame({"path": [str(campaign / name) for name in ("rocket.jpg", "0.jpg", COPIES[0])]})
    drafts = make_drafts(table.assign(weight=[2.0, 0.5, 4.0]), progress=False)
    kept = drafts.without_near_duplicates()
    assert [draft.weight for draft in kept] == [2.0, 4.5]
    assert list(kept.copies["weight"]) == [4.0]


def test_twice_is_refused(drafts: Drafts) -> None:
    with pytest.raises(BadRequest, match="set aside already"):
        drafts.without_near_duplicates().without_near_duplicates()


def test_nothing_alike_sets_nothing_aside(drafts: Drafts) -> None:
    distinct = drafts[-2:].without_near_duplicates()
    assert list(distinct) == list(drafts[-2:])
    assert distinct.copies.empty
    assert distinct.spread(pd.DataFrame({"content_id": ["x"], "weight": [1.0]})).shape == (1, 2)


# Spreading ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def decided(drafts: Drafts) -> tuple[Drafts, pd.DataFrame]:
    """What is kept of the campaign, and what was decided of it on a real service: the cup is racy, the rest not."""
    kept = drafts.without_near_duplicates()
    with running_service(undo_seconds=0) as service, service.client() as client:
        ids = client.create_reviews(kept, progress=False)
        lease = client.checkout(count=10)
        client.submit(lease, {id: {"r": place == 0} for place, id in enumerate(ids)})
        service.advance(1)
        return kept, client.decisions()


def test_decision_is_given_to_the_copies(decided: tuple[Drafts, pd.DataFrame], drafts: Drafts) -> None:
    kept, decisions = decided
    every = kept.spread(decisions)
    racy = every[every["tag"] == "r"].set_index("content_id")
    assert set(racy.index) == {draft.content_id for draft in drafts}
    assert set(racy.index[racy["human"]]) == {"0.jpg", *COPIES}
    assert list(every.columns) == list(decisions.columns)
    assert (every["weight"] == 1.0).all()
    assert set(racy.loc[COPIES, "review_id"]) == {racy.loc["0.jpg", "review_id"]}


def test_weighted_shares_are_those_of_all_items(decided: tuple[Drafts, pd.DataFrame]) -> None:
    kept, decisions = decided
    every = kept.spread(decisions)
    few, many = (table[table["tag"] == "r"] for table in (decisions, every))
    assert (few["weight"] * few["human"]).sum() / few["weight"].sum() == pytest.approx(5 / 7)
    assert many["human"].mean() == pytest.approx(5 / 7)
    assert many["weight"].sum() == few["weight"].sum() == 7


def test_table_of_copies_can_come_from_a_file(decided: tuple[Drafts, pd.DataFrame], tmp_path: Path) -> None:
    kept, decisions = decided
    rows = pd.concat([pd.DataFrame({"content_id": ["0.jpg"], "weight": [5.0]}), kept.copies])
    rows.to_csv(tmp_path / "made.csv", index=False)
    read = spread(decisions, pd.read_csv(tmp_path / "made.csv", dtype=str))
    pd.testing.assert_frame_equal(read, kept.spread(decisions))


def test_spreading_twice_is_refused(decided: tuple[Drafts, pd.DataFrame]) -> None:
    kept, decisions = decided
    with pytest.raises(BadRequest, match=r"4 of the copies are in the decisions already, such as '1-smaller.png'"):
        kept.spread(kept.spread(decisions))


def test_decisions_that_are_not_there_yet_are_nobodys(decided: tuple[Drafts, pd.DataFrame]) -> None:
    kept, decisions = decided
    without = decisions[decisions["content_id"] != "0.jpg"].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept.spread(without), without)


@pytest.mark.parametrize("missing", ["content_id", "weight"])
def test_column_that_is_missing_is_named(drafts: Drafts, missing: str) -> None:
    table = pd.DataFrame({"content_id": ["x"], "weight": [1.0]})
    with pytest.raises(BadRequest, match=f"decisions have no column '{missing}'"):
        drafts.spread(table.drop(columns=missing))
    with pytest.raises(BadRequest, match="copies have no column 'copy_of'"):
        spread(table, table)
