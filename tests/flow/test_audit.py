"""An audit end to end: sealed, reviewed blind by two, adjudicated, golden items apart, filed, checked, reported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

import cmtools as cm
from cmtools import cli
from cmtools.errors import BadRequest
from cmtools.model import Frame
from cmtools.store import open_store
from cmtools.store.tables import events
from cmtools.testing import RunningService, running_service

PEOPLE = ("ana", "ben")


def review(service: RunningService, truth: dict[str, bool], chance: np.random.Generator) -> None:
    """Two people answer all that waits, now and then wrongly; then a third one decides what they differ on."""
    for who in PEOPLE:
        client: cm.Client = service.client(who)
        while (lease := client.checkout(50, type="Text")).reviews:
            service.advance(1)
            said = {each.id: {"r": bool(truth[each.content_id] ^ (chance.random() < 0.15))} for each in lease.reviews}
            client.submit(lease, said)
            service.advance(60)
        client.close()
    client = service.client("dana")
    while (lease := client.checkout(50, type="Text", adjudicate=True)).reviews:
        service.advance(1)
        client.submit(lease, {each.id: {"r": bool(truth[each.content_id])} for each in lease.reviews})
        service.advance(60)
    client.close()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audit") / "reviews.db"


@pytest.fixture(scope="module")
def service(database: Path) -> Iterator[RunningService]:
    with running_service(database) as running:
        yield running


@pytest.fixture(scope="module")
def items() -> pd.DataFrame:
    chance = np.random.default_rng(5)
    found = pd.DataFrame({"id": [f"post-{place}" for place in range(600)], "content": "some words"})
    found["r"] = chance.random(600) < 0.1
    return found


@pytest.fixture(scope="module")
def plan(items: pd.DataFrame) -> cm.SamplingPlan:
    return cm.SamplingPlan.stratified(items, by="r", flagged="r", allocation={"r False": 40, "r True": 20}, seed=2)


@pytest.fixture(scope="module")
def audit(service: RunningService, items: pd.DataFrame, plan: cm.SamplingPlan) -> cm.Audit:
    """What the service holds once all is reviewed."""
    chance = np.random.default_rng(7)
    truth = dict(
        zip(items["id"], np.where(items["r"], chance.random(600) < 0.8, chance.random(600) < 0.05), strict=True)
    )
    known = pd.DataFrame(
        {"id": [f"known-{place}" for place in range(4)], "content": "some words", "r": [True, False] * 2}
    )
    right = [True, False, False, True]
    golden = [
        replace(draft, truth={"r": value})
        for draft, value in zip(cm.make_drafts(known, type="Text"), right, strict=True)
    ]
    truth |= dict(zip(known["id"], right, strict=True))
    client = service.client(None)
    sealed_at = service.clock()
    client.create_reviews([cm.Draft("others", "other", "Text")], progress=False)
    service.advance(60)
    drafts = [*cm.make_drafts(plan.draw(items), type="Text"), *golden]
    ids = client.create_reviews(
        drafts, overlap=2, final="adjudication", blind=True, golden_overlap=2, batch="audit-2026-11", progress=False
    )
    review(service, {**truth, "other": False}, chance)
    service.advance(60)
    made = cm.Audit.fetch(
        client,
        plan,
        ids,
        choices={"tags": "r", "audience": "the regulator"},
        sealed_at=sealed_at,
        drawn=plan.draw(items),
    )
    client.close()
    return made


def test_an_audit_of_a_real_service_has_everything_and_no_fault(
    audit: cm.Audit, service: RunningService, items: pd.DataFrame
) -> None:
    client = service.client(None)
    found = audit.verify(client, frame=items, progress=False)
    client.close()
    assert found.ok, found.table().to_string()
    assert set(found.table()["status"]) == {"ok"}, found.table().to_string()
    assert audit.decisions["review_id"].nunique() == 60
    assert audit.opinions is not None
    assert audit.golden is not None
    assert set(audit.opinions["reviewer"]) <= {*PEOPLE, "dana"}
    assert audit.opinions["blind"].all()
    assert {"(agreed)", "dana"} == set(audit.decisions["reviewer"])
    assert audit.golden["review_id"].nunique() == 4
    assert audit.trail is not None


def test_the_file_gives_the_same_report_and_check(audit: cm.Audit, service: RunningService, tmp_path: Path) -> None:
    loaded = cm.Audit.load(audit.save(tmp_path / "audit.zip"), seal=audit.seal)
    client = service.client(None)
    pages = [
        each.report(tmp_path / f"{place}.html", each.verify(client, progress=False)).read_bytes()
        for place, each in enumerate((audit, loaded))
    ]
    client.close()
    assert pages[0] == pages[1]
    assert service.key.encode() not in pages[0]
    assert service.key.encode() not in (tmp_path / "audit.zip").read_bytes()


def test_what_is_changed_in_decisions_of_a_real_service_is_found(audit: cm.Audit, service: RunningService) -> None:
    client = service.client(None)
    opinions, decisions = client.decisions(), client.decisions(answers="final")
    flipped = opinions.assign(human=opinions["human"] ^ (opinions.index == opinions.query("tag == 'r'").index[3]))
    settled = decisions.assign(human=decisions["human"] ^ (decisions.index == decisions.query("tag == 'r'").index[3]))
    fewer = [each for each in audit.reviews if each != audit.decisions["review_id"].iloc[0]]
    given = {"reviews": audit.reviews, "choices": audit.choices, "golden": audit.golden, "trail": audit.trail}
    for name, changed in {
        "answers": cm.Audit(audit.plan, decisions, opinions=flipped, **given),
        "final": cm.Audit(audit.plan, settled, opinions=opinions, **given),
        "together": cm.Audit(audit.plan, decisions, opinions=opinions, **{**given, "reviews": fewer}),
    }.items():
        found = changed.verify(client, progress=False)
        assert found[name].faults, found.table().to_string()
    client.close()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, [str(each) for each in arguments])


def test_command_line_verifies_and_reports_an_audit_file(
    audit: cm.Audit,
    service: RunningService,
    database: Path,
    items: pd.DataFrame,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"URL": service.url, "KEY": service.key, "TEAM": service.team}.items():
        monkeypatch.setenv(f"CMTOOLS_{name}", value)
    file = audit.save(tmp_path / "audit.zip")
    items.to_csv(tmp_path / "items.csv", index=False)
    how = ("--frame", tmp_path / "items.csv", "--seal", audit.seal[:12], "--plan-seal", audit.plan.seal)
    for where in ((), ("--database", database)):
        outcome = run("audit", "verify", file, *how, *where)
        assert outcome.exit_code == 0, outcome.output
        assert "audit.zip: nothing found" in outcome.output
    outcome = run("audit", "report", file, "--verify")
    assert outcome.exit_code == 0, outcome.output
    assert "no fault found" in (tmp_path / "audit.html").read_text(encoding="utf-8")
    assert run("audit", "verify", file, "--seal", "0" * 12).exit_code == 1
    assert run("audit", "verify", file, "--head", "0" * 12).exit_code == 2
    assert run("audit", "verify", "--frame", tmp_path / "items.csv").exit_code == 2


def test_command_line_tells_a_changed_file(audit: cm.Audit, tmp_path: Path, database: Path) -> None:
    file = audit.save(tmp_path / "audit.zip")
    data = file.read_bytes()
    place = data.index(b"the regulator")
    file.write_bytes(data[:place] + b"the minister " + data[place + 13 :])
    outcome = run("audit", "report", file)
    assert outcome.exit_code == 1
    assert "is damaged" in outcome.output


def test_an_event_that_was_changed_in_the_database_is_found(
    audit: cm.Audit, tmp_path: Path, database: Path, service: RunningService
) -> None:
    store = open_store(database)
    subject, told = events.c.subject, (events.c.sequence, events.c.after)
    created = sa.select(*told).where(events.c.action == "create", subject == audit.decisions["review_id"].iloc[0])
    opinion = store.read(lambda at: at.execute(created)).one().after["opinions"][0]
    submitted = sa.select(*told).where(events.c.action == "submit", subject == opinion)
    row = store.read(lambda at: at.execute(submitted)).one()
    changed = {**row.after, "tags": {tag: not on for tag, on in row.after["tags"].items()}}
    store.write(lambda at: at.execute(sa.update(events).where(events.c.sequence == row.sequence).values(after=changed)))
    store.close()
    outcome = run("audit", "verify", audit.save(tmp_path / "audit.zip"), "--database", database)
    assert outcome.exit_code == 1
    assert "trail     1 faults" in outcome.output
    assert "answers   1 faults" in outcome.output


@pytest.mark.parametrize(
    ("rule", "overlap", "share"), [("majority", 3, None), ("unanimity", 2, 0.5), ("majority", 1, None)]
)
def test_daily_work_raises_no_false_alarm(rule: str, overlap: int, share: float | None) -> None:
    chance = np.random.default_rng(3)
    items = pd.DataFrame(
        {"id": [f"https://ana:geheim@x.example/{n}?sig=abc&n={n}" for n in range(90)], "content": "words"}
    )
    items = items.assign(r=chance.random(90) < 0.3, lang=chance.choice(["de", "fr"], 90))
    items["r.score"] = chance.random(90).round(4)
    plan = cm.SamplingPlan.stratified(items, by="r", flagged="r", n=20, seed=1)
    with running_service() as service:
        client = service.client(None)
        ids = client.create_reviews(
            cm.make_drafts(plan.draw(items), type="Text"),
            overlap=overlap,
            overlap_share=share,
            final=rule,
            progress=False,
        )
        for who in ("ana", "ben", "cem"):
            own = service.client(who)
            for turn in range(12):
                lease = own.checkout(4, type="Text", blind=turn % 2 == 1)
                if not lease.reviews:
                    break
                service.advance(1)
                if turn == 0:
                    own.release(lease)
                elif turn == 1:
                    service.advance(2000)  # it expires
                else:
                    said = {each.id: {"r": bool(chance.random() < 0.5)} for each in lease.reviews}
                    submission = own.submit(lease, said)
                    if turn == 2:
                        service.advance(1)
                        own.submit(own.undo(submission), {each: {"a": True, "r": False} for each in said})
                    service.advance(60)
                    client.add_tag(f"n{who[0]}{turn}", f"New {who} {turn}")
            own.close()
        audit = cm.Audit.fetch(client, plan, ids, choices={"tags": ["a", "r"], "by": "lang"}, drawn=plan.draw(items))
        found = audit.verify(client, frame=items, progress=False)
        assert found.ok, found.table().to_string()
        assert found["answers"].checked > 0
        assert not audit.decisions["content_id"].str.contains("geheim|abc").any()
        client.close()


def test_videos_are_audited_with_their_frames() -> None:
    items = pd.DataFrame({"id": [f"v{n}" for n in range(20)]})
    plan = cm.SamplingPlan.simple(items, n=6, seed=1)
    frames = tuple(Frame(at, f"https://x.example/{at}.jpg", metadata=(("a", str(at == 40)),)) for at in (0, 40))
    with running_service() as service:
        client = service.client("ana")
        drafts = [
            cm.Draft("https://x.example/v.mp4", row.id, "Video", weight=row.weight, stratum=row.stratum, frames=frames)
            for row in plan.draw(items).itertuples()
        ]
        ids = client.create_reviews(drafts, progress=False)
        lease = client.checkout(6, type="Video")
        client.submit(lease, {each.id: {"r": True} for each in lease.reviews}, {ids[0]: {40: {"a": False}}})
        service.advance(60)
        audit = cm.Audit.fetch(client, plan, ids)
        found = audit.verify(client, frame=items, progress=False)
        assert found.ok, found.table().to_string()
        assert "single frames" in found["auto"].said
        at = audit.decisions.query("review_id == @ids[0] and frame == '40' and tag == 'a'").index
        decisions = audit.decisions.assign(human=audit.decisions["human"] ^ audit.decisions.index.isin(at))
        changed = cm.Audit(plan, decisions, opinions=audit.opinions, reviews=ids)
        assert "at 40 ms" in changed.verify(client, progress=False)["final"].said
        client.close()


def test_plan_whose_seal_is_on_the_trail_was_sealed_then() -> None:
    items = pd.DataFrame({"id": [str(n) for n in range(20)], "text": "Hello!", "a": False})
    plan = cm.SamplingPlan.simple(items, n=5)
    with running_service() as service:
        client = service.client("ana")
        noted = client.note_seal(plan.seal, "the plan")
        service.advance(60)
        ids = client.create_reviews(cm.make_drafts(plan.draw(items), type="Text"), progress=False)
        client.submit(lease := client.checkout(9, type="Text"), {review.id: {} for review in lease.reviews})
        service.advance(10)
        audit = cm.Audit.fetch(client, plan, ids)
        assert audit.sealed_at == noted.at
        assert audit.verify(client, progress=False)["sealed"].status == "ok"


def test_a_second_batch_of_the_same_draw_is_found_and_ids_of_nothing_are_refused() -> None:
    items = pd.DataFrame({"id": [f"p{n}" for n in range(30)], "text": "Hello!", "a": False})
    plan = cm.SamplingPlan.simple(items, n=6)
    with running_service() as service:
        client = service.client("ana")
        batches = {}
        for batch, said in (("one", True), ("two", False)):
            batches[batch] = client.create_reviews(
                cm.make_drafts(plan.draw(items), type="Text"), batch=batch, progress=False
            )
            lease = client.checkout(4 if batch == "one" else 9, type="Text")
            client.submit(lease, {review.id: {"a": said} for review in lease.reviews})
            service.advance(60)
        found = cm.Audit.fetch(client, plan, batches["two"]).verify(client, progress=False)
        assert found["together"].found == 6
        assert "besides the audit's" in found["together"].said
        some = [*batches["two"], "x", "y"]
        with pytest.raises(BadRequest, match="the team has no review 'x', 'y'; give the ids"):
            cm.Audit.fetch(client, plan, some)
        waiting = client.create_reviews(cm.make_drafts(plan.draw(items), type="Text"), batch="three", progress=False)
        assert "0 of 6 drawn" in repr(cm.Audit.fetch(client, plan, waiting))
        client.close()


def test_a_file_held_against_another_service_says_so_in_a_line(
    audit: cm.Audit, items: pd.DataFrame, tmp_path: Path
) -> None:
    file = audit.save(tmp_path / "audit.zip")
    database = tmp_path / "other.db"
    with running_service(database) as other:
        client = other.client("ana")
        client.create_reviews([cm.Draft("words", "post-1", "Text")], progress=False)
        other.advance(60)
        client.close()
    audit.plan.draw(items).to_csv(tmp_path / "drawn.csv", index=False)
    outcome = run("audit", "verify", file, "--database", database)
    assert outcome.exit_code == 1
    assert outcome.output.count("is this the right service and team?") == 1
    assert "answers   not checked" in outcome.output
    assert "knows no review" not in outcome.output
    outcome = run("audit", "verify", file, "--database", database, "--frame", tmp_path / "drawn.csv")
    assert (outcome.exit_code, "looks like the table that was drawn" in outcome.output) == (2, True)
