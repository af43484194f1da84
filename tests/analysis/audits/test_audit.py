"""The audit file: it keeps everything, gives the same bytes, shows what was changed, and trusts no file."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from cmtools.analysis.audits import figures, tables
from cmtools.analysis.audits.archive import packed
from cmtools.analysis.audits.audit import Audit
from cmtools.analysis.plans.plan import SamplingPlan
from cmtools.analysis.plans.seals import seal_of
from cmtools.errors import BadRequest

from .world import Story, plan_of, story

NASTY = "=HYPERLINK(\"http://x\")<script>alert('1')</script>\r\n,\"';é\u2028"


@pytest.fixture(scope="module")
def world() -> Story:
    return story(undecided=5)


@pytest.fixture(scope="module")
def audit(world: Story) -> Audit:
    return world.audit(choices=CHOICES)


CHOICES = {"tags": ["r"], "by": "subteam", "audience": "the regulator"}


@pytest.fixture(scope="module")
def file(audit: Audit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audit.save(tmp_path_factory.mktemp("audit") / "audit.zip")


def parts_of(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def put(file: Path, parts: dict[str, bytes]) -> Path:
    file.write_bytes(packed(parts))
    return file


# -- what it tells -----------------------------------------------------------------------------------------------------


def test_estimates_are_those_of_the_plan(world: Story, audit: Audit) -> None:
    table = audit.estimates()
    assert list(table.columns) == list(figures.ESTIMATES)
    whole = table[table["by"] == ""].drop(columns=["by", "slice"]).reset_index(drop=True)
    assert_frame_equal(whole, world.plan.estimates(pd.DataFrame(world.final), tags="r").table())
    assert set(table.loc[table["by"] == "subteam", "slice"]) == {"public"}


def test_the_missing_widen_what_prevalence_could_be(world: Story, audit: Audit) -> None:
    row = audit.bounds().iloc[0]
    assert row["none_on"] < row["estimate"] < row["all_on"]
    assert row["all_on"] - row["none_on"] == pytest.approx(1 - row["answered"])
    final = pd.DataFrame(world.final).query("tag == 'r'")
    assert row["none_on"] == pytest.approx((final["human"] * final["weight"]).sum() / world.plan.population)
    full = story(golden=0).audit().bounds().iloc[0]
    assert full["none_on"] == full["estimate"] == full["all_on"]


def test_golden_items_tell_sensitivity_and_specificity_and_count_in_no_figure(world: Story, audit: Audit) -> None:
    table = audit.golden_accuracy().set_index("kind")
    golden = pd.DataFrame(world.golden).query("tag == 'r'")
    right = golden["human"] == golden["truth"]
    assert table.loc["on", "right"] == int((right & golden["truth"]).sum())
    assert table.loc["all", "answers"] == len(golden)
    assert table.loc["all", "low"] <= table.loc["all", "estimate"] <= table.loc["all", "high"]
    assert not set(audit.decisions["content_id"]) & set(golden["content_id"])


def test_mistakes_of_reviewers_are_corrected_by_golden_items_on_request() -> None:
    world = story(overlap=1, golden=40)
    audit = world.audit(choices={"tags": "r", "label_error": "golden"})
    on, off = figures.golden_rates(audit.golden, "r")
    given = world.audit(choices={"tags": "r", "sensitivity": on, "specificity": off})
    assert_frame_equal(audit.estimates(), given.estimates())
    assert set(audit.estimates()["method"]) & {"rogan_gladen", "rogan_gladen_delta"}


def test_what_several_settled_is_not_corrected_by_how_one_errs(world: Story) -> None:
    with pytest.raises(BadRequest, match="settled by several, who err less"):
        world.audit(choices={"tags": "r", "label_error": "golden"})


def test_figures_may_come_of_what_several_answered(tmp_path: Path) -> None:
    world = story(overlap=3, golden=0)
    audit = world.audit(choices={"tags": "r", "label_error": "dawid_skene"})
    expected = world.plan.estimates(pd.DataFrame(world.each), tags="r", raters="dawid_skene").table()
    assert_frame_equal(audit.estimates().drop(columns=["by", "slice"]), expected)
    page = Audit.load(audit.save(tmp_path / "a.zip")).report(tmp_path / "a.html").read_text()
    assert "learnt from what several reviewers answered" in page
    with pytest.raises(BadRequest, match="goes by each reviewer's answers"):
        world.audit(choices={"tags": "r", "label_error": "dawid_skene"}, opinions=None).estimates()


def test_a_tag_without_golden_items_cannot_be_corrected_by_them() -> None:
    audit = story(overlap=1).audit(choices={"tags": ["a"], "label_error": "golden"})
    with pytest.raises(BadRequest, match="no answer to a golden item on which 'a' is on"):
        audit.estimates()


def test_decisions_of_other_reviews_are_left_out(world: Story, audit: Audit) -> None:
    others = [{**row, "review_id": "another", "stratum": None} for row in world.final[:2]]
    assert world.audit(decisions=pd.DataFrame(world.final + others), choices=CHOICES).seal == audit.seal


def test_slices_may_come_as_metadata(world: Story) -> None:
    decisions = pd.DataFrame(world.final).assign(metadata_language="de", metadata_secret="s3cret")
    audit = world.audit(decisions=decisions, choices={"tags": "r", "by": ["language"]})
    assert set(audit.estimates()["slice"]) == {"", "de"}
    assert "metadata_secret" not in audit.decisions


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"tag": "r"}, "there is no choice 'tag'"),
        ({"by": "nothing"}, "choices names 'nothing'"),
        ({"level": 2}, "level"),
        ({"absent": "maybe"}, "absent is 'maybe'"),
        ({"label_error": "guess"}, "label_error is 'guess'"),
        ({"label_error": "given"}, "goes with a sensitivity"),
        ({"sensitivity": 0.9}, "give both"),
        ({"notes": {"yesterday": "x"}}, "'yesterday' is no date"),
        ({"notes": [("2026-11-02", "a", "b")]}, "neither words nor a date"),
        ("r", "give a mapping"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(world: Story, choices: Any, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        world.audit(choices=choices)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"plan": "plan.json"}, "plan is a str"),
        ({"decisions": [1]}, "decisions is a list"),
        ({"decisions": pd.DataFrame({"tag": ["a"]}), "choices": None}, "no column 'review_id'"),
        ({"golden": pd.DataFrame(columns=["review_id", "tag", "auto", "human"])}, "no column 'truth'"),
        ({"reviews": "r1"}, "reviews is 'r1'"),
        ({"reviews": ["r1\n"]}, "no id of a review"),
        ({"sealed_at": "2026-11-02T10:00"}, "without its time zone"),
        ({"sealed_at": "Monday"}, "write it as"),
        ({"drawn": pd.DataFrame({"id": ["a"]})}, "drawn has no column 'stratum'"),
    ],
)
def test_what_is_no_part_of_an_audit_is_refused(world: Story, changed: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        world.audit(**changed)


def test_two_rows_of_one_reviewer_on_one_thing_are_refused(world: Story) -> None:
    with pytest.raises(BadRequest, match="has two rows of"):
        world.audit(decisions=pd.DataFrame([*world.final, world.final[0]]))


def test_answers_of_each_in_the_place_of_final_tags_are_refused_at_once(world: Story) -> None:
    with pytest.raises(BadRequest, match=r"55 reviews have answers of several reviewers.*answers='final'"):
        world.audit(decisions=pd.DataFrame(world.each))


def test_two_batches_of_one_draw_are_refused_at_once() -> None:
    world = story(golden=0)
    again = [{**row, "review_id": f"{row['review_id']}b"} for row in world.final]
    for reviews in (None, [*world.ids, *(row["review_id"] for row in again)]):
        with pytest.raises(BadRequest, match=r"120 reviews are decided and the plan draws 60.*'post-\d+' in .* and "):
            world.audit(decisions=pd.DataFrame(world.final + again), opinions=None, reviews=reviews)
    assert "60 of 60" in repr(world.audit(decisions=pd.DataFrame(world.final + again)))


# -- the file ----------------------------------------------------------------------------------------------------------


def test_the_same_audit_gives_the_same_bytes_whatever_the_order(world: Story, file: Path, tmp_path: Path) -> None:
    shuffled = {
        "decisions": pd.DataFrame(world.final).sample(frac=1, random_state=1),
        "opinions": pd.DataFrame(world.each).sample(frac=1, random_state=2).astype({"reviewer": "category"}),
        "reviews": list(reversed(world.ids)),
        "choices": CHOICES,
    }
    assert world.audit(**shuffled).save(tmp_path / "other.zip").read_bytes() == file.read_bytes()


def test_a_loaded_audit_is_the_same_and_writes_the_same_bytes(audit: Audit, file: Path, tmp_path: Path) -> None:
    loaded = Audit.load(file, seal=audit.seal)
    for name in ("decisions", "opinions", "golden"):
        assert_frame_equal(getattr(loaded, name), getattr(audit, name))
    assert (loaded.plan, loaded.choices, loaded.trail) == (audit.plan, audit.choices, audit.trail)
    assert (loaded.reviews, loaded.sealed_at, loaded.seal) == (audit.reviews, audit.sealed_at, audit.seal)
    assert loaded.save(tmp_path / "again.zip").read_bytes() == file.read_bytes()


def test_what_is_in_the_file_can_be_read_without_cmtools(audit: Audit, file: Path) -> None:
    parts = parts_of(file)
    read = pd.read_csv(io.BytesIO(parts["decisions.csv"]))
    assert read["weight"].tolist() == audit.decisions["weight"].tolist()
    said = json.loads(parts["audit.json"])
    assert said["seal"] == seal_of(said["audit"]) == audit.seal
    assert b"SHA-256" in parts["README.txt"]
    SamplingPlan.load(put_plain(file.with_name("plan.json"), parts["plan.json"]), seal=audit.plan.seal)


def put_plain(file: Path, data: bytes) -> Path:
    file.write_bytes(data)
    return file


def test_every_value_comes_back_bit_by_bit() -> None:
    rng = np.random.default_rng(1)
    numbers = [0.1, 1 / 3, 5e-324, -0.0, 1e300, np.inf, np.nan, *rng.random(200)]
    texts = [
        NASTY,
        "'",
        "''x",
        "-1",
        "@x",
        "\t",
        "a\rb",
        "nan",
        "None",
        "NULL",
        "0",
        "\x00",
        *map(str, rng.random(200)),
    ]
    size = max(len(numbers), len(texts))
    table = pd.DataFrame(
        {
            "review_id": [str(place) for place in range(size)],
            "tag": [texts[place % len(texts)] for place in range(size)],
            "auto": [place % 2 == 0 for place in range(size)],
            "human": [place % 3 == 0 for place in range(size)],
            "score": [numbers[place % len(numbers)] for place in range(size)],
            "decided_at": pd.date_range("2026-01-01T00:00:00.000001Z", periods=size, freq="7s1us"),
        }
    )
    made = tables.canonical(table, "decisions")
    data = tables.written(made)
    back = tables.read(data, tables.kinds_of(made), "it")
    assert_frame_equal(made, back)
    assert np.array_equal(np.signbit(made["score"]), np.signbit(back["score"]))
    assert tables.written(back) == data


def test_a_text_that_no_file_can_hold_is_refused(world: Story) -> None:
    broken = pd.DataFrame(world.final).assign(content_id=pd.Series(["\ud800"] * len(world.final), dtype=object))
    with pytest.raises(BadRequest, match="utf-8"):
        _ = world.audit(decisions=broken).seal


def test_no_secret_gets_into_the_file(world: Story, tmp_path: Path) -> None:
    address = "https://ana:geheim@pics.example/1.jpg?v=1&sig=ab%2Fc&X-Amz-Credential=AKIA"
    decisions = pd.DataFrame(world.final).assign(content_id=lambda t: address + "#" + t["content_id"])
    decisions["metadata_key"] = "s3cret"
    choices = {"tags": "r", "notes": [f"see {address}"]}
    file = world.audit(decisions=decisions, opinions=None, golden=None, choices=choices, title=address).save(
        tmp_path / "a.zip"
    )
    told = b"".join(parts_of(file).values()) + Audit.load(file).report(tmp_path / "a.html").read_bytes()
    for secret in (b"geheim", b"ab%2Fc", b"AKIA", b"s3cret"):
        assert secret not in told
    assert b"pics.example/1.jpg?v=1" in told


def test_the_file_is_written_whole_or_not_at_all(audit: Audit, tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="make it first"):
        audit.save(tmp_path / "nowhere" / "a.zip")
    with pytest.raises(BadRequest, match=r"does not end in .zip"):
        audit.save(tmp_path / "a.html")
    with pytest.raises(BadRequest, match=r"does not end in .html"):
        audit.report(tmp_path / "a.zip")
    (tmp_path / "a.zip").mkdir()
    with pytest.raises(BadRequest, match="cannot write"):
        audit.save(tmp_path / "a.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


# -- what was changed in a file ----------------------------------------------------------------------------------------


def one_value(parts: dict[str, bytes]) -> str:
    parts["decisions.csv"] = parts["decisions.csv"].replace(b"true", b"false", 1)
    return "decisions.csv was changed"


def one_hash(parts: dict[str, bytes]) -> str:
    said = json.loads(parts["audit.json"])
    said["audit"]["parts"]["golden.csv"]["sha256"] = "0" * 64
    parts["audit.json"] = json.dumps(said).encode()
    return "golden.csv was changed"


def one_hash_sealed(parts: dict[str, bytes]) -> str:
    words = one_hash(parts)
    said = json.loads(parts["audit.json"])
    said["seal"] = seal_of(said["audit"])
    parts["audit.json"] = json.dumps(said).encode()
    return words


def one_choice(parts: dict[str, bytes]) -> str:
    parts["audit.json"] = parts["audit.json"].replace(b"the regulator", b"the minister")
    return "is not what its seal was made of"


def plan_n(parts: dict[str, bytes]) -> str:
    parts["plan.json"] = parts["plan.json"].replace(b'"n": 40', b'"n": 41')
    return "plan.json was changed after it was sealed"


def no_golden(parts: dict[str, bytes]) -> str:
    del parts["golden.csv"]
    return "golden.csv is gone"


def more(parts: dict[str, bytes]) -> str:
    parts["drawn.csv"] = parts["golden.csv"]
    return "drawn.csv"


def figures_(parts: dict[str, bytes]) -> str:
    table = parts["estimates.csv"].split(b"\n")
    parts["estimates.csv"] = b"\n".join([table[0], table[1].replace(b",0.", b",0.9", 1), *table[2:]])
    said = json.loads(parts["audit.json"])
    from cmtools.analysis.audits.files import digest

    said["audit"]["parts"]["estimates.csv"]["sha256"] = digest(parts["estimates.csv"])
    said["seal"] = seal_of(said["audit"])
    parts["audit.json"] = json.dumps(said).encode()
    return "the estimates in it are not those that its decisions give"


CHANGED = [one_value, one_hash, one_hash_sealed, one_choice, plan_n, no_golden, figures_]


@pytest.mark.parametrize("change", CHANGED, ids=lambda change: change.__name__)
def test_a_file_that_was_changed_is_refused_or_says_so_everywhere(
    change: Callable[[dict[str, bytes]], str], world: Story, file: Path, tmp_path: Path
) -> None:
    parts = parts_of(file)
    words = change(parts)
    changed = put(tmp_path / "changed.zip", parts)
    with pytest.raises(BadRequest, match="was changed after it was written"):
        Audit.load(changed)
    loaded = Audit.load(changed, changed=True)
    assert any(words in fault for fault in loaded.faults), loaded.faults
    assert "CHANGED" in repr(loaded)
    check = loaded.verify(world.service(), progress=False)["file"]
    assert any(words in fault for fault in check.faults)
    assert "Do not rely on this page" in loaded.report(tmp_path / "a.html").read_text()
    with pytest.raises(BadRequest, match="keep the file as it was"):
        loaded.save(tmp_path / "b.zip")


def test_the_seal_that_was_noted_is_asked_for(audit: Audit, file: Path) -> None:
    Audit.load(file, seal=audit.seal[:8].upper())
    for wrong in ("0" * 64, audit.seal[:7]):
        with pytest.raises(BadRequest, match="as it was noted"):
            Audit.load(file, seal=wrong)


def test_a_file_of_a_newer_cmtools_says_what_to_do(file: Path, tmp_path: Path) -> None:
    parts = parts_of(file)
    parts["audit.json"] = parts["audit.json"].replace(b'"version": 1', b'"version": 2')
    with pytest.raises(BadRequest, match="has format 2, and this cmtools reads up to 1: take a newer cmtools"):
        Audit.load(put(tmp_path / "newer.zip", parts))


# -- hostile files -----------------------------------------------------------------------------------------------------


def compressed(parts: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return whole.getvalue()


def lying(parts: dict[str, bytes]) -> bytes:
    """A directory that says a part has more bytes than the file."""
    data = bytearray(packed(parts))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", 2**31)
    return bytes(data)


def crowded(parts: dict[str, bytes]) -> bytes:
    return packed({**parts, **{f"{place}.csv": b"" for place in range(30)}})


def damaged(parts: dict[str, bytes]) -> bytes:
    data = packed(parts)
    at = data.index(b"review_id")
    return data[:at] + b"REVIEW_ID" + data[at + 9 :]


def twice(parts: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("plan.json", parts["plan.json"])
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("plan.json", parts["plan.json"])
    return whole.getvalue()


def deep(parts: dict[str, bytes]) -> bytes:
    return packed({**parts, "audit.json": b"[" * 100_000})


def typed(parts: dict[str, bytes]) -> bytes:
    said = json.loads(parts["audit.json"])
    said["audit"]["choices"] = [1]
    return packed({**parts, "audit.json": json.dumps(said).encode()})


def planned(parts: dict[str, bytes]) -> bytes:
    return packed({**parts, "plan.json": parts["plan.json"].replace(b'"n": 40', b'"n": "40"')})


def short(parts: dict[str, bytes]) -> bytes:
    return packed({name: parts[name] for name in ("audit.json", "plan.json")})


def listed(parts: dict[str, bytes]) -> bytes:
    said = json.loads(parts["audit.json"])
    said["audit"]["parts"]["decisions.csv"]["columns"] = 5
    return packed({**parts, "audit.json": json.dumps(said).encode()})


HOSTILE = {
    "compressed": (compressed, "compressed or encrypted"),
    "a path out of it": (lambda parts: packed({**parts, "../evil.csv": b""}), "it holds '../evil.csv'"),
    "pickles": (lambda parts: packed({**parts, "decisions.pkl": b""}), "it holds 'decisions.pkl'"),
    "many entries": (crowded, "entries"),
    "a part twice": (twice, "a part twice"),
    "a lie about sizes": (lying, "larger than it is"),
    "a wrong checksum": (damaged, "is damaged"),
    "no zip": (lambda parts: b"PK" * 100, "is no audit"),
    "nothing": (lambda parts: b"", "is no audit"),
    "a comment behind it": (lambda parts: packed(parts) + b"x", "is no audit"),
    "JSON without end": (deep, "cannot be read"),
    "choices of another type": (typed, "lacks or adds|give a mapping"),
    "a plan of another type": (planned, "no plan that could be"),
    "parts lacking": (short, "no whole audit"),
    "columns of another type": (listed, "what the columns of decisions.csv hold"),
    "no JSON": (lambda parts: packed({**parts, "audit.json": b"\xff"}), "cannot be read"),
    "another format": (lambda parts: packed({**parts, "audit.json": b'{"format": "zip"}'}), "is no audit"),
}


@pytest.mark.parametrize(("make", "words"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_in_plain_words(
    make: Callable[[dict[str, bytes]], bytes], words: str, file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "hostile.zip"
    path.write_bytes(make(parts_of(file)))
    with pytest.raises(BadRequest, match=words):
        Audit.load(path, changed=True)


def test_a_zip_bomb_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(compressed({"decisions.csv": bytes(50_000_000)}))
    with pytest.raises(BadRequest, match="compressed"):
        Audit.load(path)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="No such file"):
        Audit.load(tmp_path / "none.zip")


@pytest.mark.parametrize("seed", range(40))
def test_bytes_changed_at_random_never_raise_anything_else(seed: int, file: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    parts = parts_of(file)
    name = sorted(parts)[seed % len(parts)]
    data = bytearray(parts[name])
    for place in rng.integers(0, len(data), 3):
        data[place] = int(rng.integers(0, 256))
    path = put(tmp_path / "odd.zip", {**parts, name: bytes(data)})
    try:
        loaded = Audit.load(path, changed=True)
    except BadRequest:
        return
    assert loaded.faults or bytes(data) == parts[name]
    assert zlib.crc32(bytes(data)) == zlib.crc32(parts[name]) or loaded.faults


# -- the report --------------------------------------------------------------------------------------------------------


def test_the_report_is_the_same_bytes_from_the_stored_decisions(
    world: Story, audit: Audit, file: Path, tmp_path: Path
) -> None:
    verification = audit.verify(world.service(), progress=False)
    first = audit.report(tmp_path / "1.html", verification).read_bytes()
    loaded = Audit.load(file)
    again = loaded.report(tmp_path / "2.html", loaded.verify(world.service(), progress=False)).read_bytes()
    assert first == again


def test_the_report_says_all_that_an_auditor_files(world: Story, audit: Audit, tmp_path: Path) -> None:
    page = audit.report(tmp_path / "a.html", audit.verify(world.service(), progress=False)).read_text()
    for said in (
        "the regulator",
        world.plan.seal,
        str(world.plan.frame_hash),
        audit.seal,
        "2026-11-03 08:00 UTC",
        "55 of 60 drawn items have a decision",
        "by an adjudicator",
        "What the missing could change",
        "Golden items",
        "no fault found",
        "stratified score",
        "What cannot be told",
        audit.versions["pandas"],
        *audit.hashes.values(),
    ):
        assert said in page, said
    for person in ("ana", "ben", "cem"):
        assert f">{person}<" not in page


def test_what_people_wrote_is_shown_as_text(tmp_path: Path) -> None:
    world = story(golden=0, overlap=1)
    decisions = pd.DataFrame(world.final).assign(metadata_k=NASTY, reviewer=NASTY)
    choices = {"tags": "r", "by": "k", "audience": NASTY, "notes": {"2026-11-02": NASTY}}
    audit = world.audit(decisions=decisions, opinions=None, choices=choices, title=NASTY)
    page = audit.report(tmp_path / "a.html", audit.verify(world.service(), progress=False)).read_text()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert 'http-equiv="Content-Security-Policy" content="default-src \'none\'' in page


def test_a_report_without_any_decision_says_so(tmp_path: Path) -> None:
    _, plan = plan_of()
    nothing = pd.DataFrame(
        {name: pd.Series(dtype=bool if name in ("auto", "human") else "str") for name in tables.KINDS}
    )
    audit = Audit(plan, nothing.drop(columns="truth"), choices={"tags": "r"})
    page = audit.report(tmp_path / "a.html").read_text()
    assert "Nothing is decided yet" in page
    assert "This page was made without the check" in page
    assert "0 of 60 drawn items" in page


def test_a_check_of_another_audit_is_not_passed_off(world: Story, audit: Audit, tmp_path: Path) -> None:
    other = replace(audit.verify(world.events, progress=False), seal="0" * 64)
    assert "that of another audit" in audit.report(tmp_path / "a.html", other).read_text()


def test_reports_by_size_and_of_shares_can_be_written(tmp_path: Path) -> None:
    items = pd.DataFrame({"id": [f"p{n}" for n in range(60)], "views": [500, *range(1, 60)]})
    plan = SamplingPlan.by_size(items, "views", n=12)
    drawn = plan.draw(items).rename(columns={"id": "content_id"})
    decisions = drawn.assign(review_id=drawn["content_id"], tag="r", auto=False, human=[n % 3 == 0 for n in range(12)])
    audit = Audit(plan, decisions, choices={"size": "views"}, drawn=plan.draw(items))
    assert "prevalence_by_size" in set(audit.estimates()["metric"])
    page = audit.report(tmp_path / "a.html").read_text()
    assert "by size" in page
    again = Audit.load(audit.save(tmp_path / "a.zip"))
    assert again.report(tmp_path / "b.html").read_text() == page
