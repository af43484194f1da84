"""What the check of an audit notices: each thing that can be changed is changed, and the right check says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.audits.checks import Verification
from cmtools.analysis.audits.stories import Trail
from cmtools.analysis.plans.plan import SamplingPlan
from cmtools.errors import BadRequest
from cmtools.model import AuditEvent, TrailFault

from .world import DIGEST, START, Service, Story, create, decide, plan_of, story


@pytest.fixture(scope="module")
def honest() -> Story:
    """What was truly said, for all tests that do not change it."""
    return story()


@pytest.fixture
def world() -> Story:
    return story()


def found_in(verification: Verification) -> set[str]:
    return {check.name for check in verification.checks if check.status == "fault"}


def verified(world: Story, audit: Any = None, **how: Any) -> Verification:
    return (audit or world.audit()).verify(world.service(), progress=False, **how)


def test_an_honest_audit_has_no_fault_and_nothing_unasked(world: Story) -> None:
    verification = verified(world, frame=world.items)
    assert verification.ok
    assert set(verification.table()["status"]) == {"ok"}
    assert verification.events == len(world.events)
    assert verification["answers"].checked == 120
    assert "nothing found" in repr(verification)


@pytest.mark.parametrize("overlap", [1, 2, 3])
@pytest.mark.parametrize("undecided", [0, 7])
def test_whatever_the_overlap_nothing_is_found_in_an_honest_audit(overlap: int, undecided: int) -> None:
    world = story(overlap=overlap, undecided=undecided)
    verification = verified(world, frame=world.items)
    assert verification.ok, verification.table().to_string()
    assert verified(world, world.audit(opinions=None)).ok


def test_what_could_not_be_asked_is_no_fault_and_says_why(world: Story) -> None:
    audit = world.audit(trail=None, sealed_at=None, opinions=None)
    verification = audit.verify(world.events, progress=False)
    assert verification.ok
    unasked = verification.table().query("status == 'open'").set_index("check")["said"]
    assert list(unasked.index) == ["trail", "head", "answers", "sealed", "draw", "service"]
    assert all(unasked)
    assert "not checked: trail" in repr(verification)


def test_a_trail_without_events_says_so(world: Story) -> None:
    verification = world.audit().verify([], progress=False)
    assert verification["answers"].said == "the trail has no event"


# One thing is changed, and everything is hashed and sealed again ------------------------------------------------------


def change_value(world: Story) -> None:
    world.each[1]["human"] = not world.each[1]["human"]


def change_final_value(world: Story) -> None:
    world.final[1]["human"] = not world.final[1]["human"]


def swap_names(world: Story) -> None:
    id = world.each[0]["review_id"]
    rows = [row for row in world.each if row["review_id"] == id]
    first, second = dict.fromkeys(row["reviewer"] for row in rows)
    for row in rows:
        row["reviewer"] = second if row["reviewer"] == first else first


def drop_decision(world: Story) -> None:
    id = world.final[0]["review_id"]
    world.final[:] = [row for row in world.final if row["review_id"] != id]
    world.each[:] = [row for row in world.each if row["review_id"] != id]


def drop_review(world: Story) -> None:
    world.ids.remove(world.final[0]["review_id"])
    drop_decision(world)


def drop_opinion(world: Story) -> None:
    id, who = world.each[0]["review_id"], world.each[0]["reviewer"]
    world.each[:] = [row for row in world.each if (row["review_id"], row["reviewer"]) != (id, who)]


def add_review(world: Story) -> None:
    added = [{**row, "review_id": "invented"} for row in world.final[:2]]
    drop_review(world)
    world.final += added
    world.ids.append("invented")


def add_reviewer(world: Story) -> None:
    world.each += [{**row, "reviewer": "eve"} for row in world.each[:2]]


def change_weight(world: Story) -> None:
    for rows in (world.final, world.each):
        for row in rows:
            row["weight"] *= 0.9 if row["review_id"] == world.final[0]["review_id"] else 1


def change_weight_of_one_row(world: Story) -> None:
    world.final[0]["weight"] *= 2


def change_stratum(world: Story) -> None:
    """Two reviews take each other's place in the plan."""
    first = {row["stratum"]: row["review_id"] for row in reversed(world.final)}
    for row in world.final:
        if row["review_id"] in first.values():
            other = "r True" if row["stratum"] == "r False" else "r False"
            row["stratum"], row["weight"] = other, {"r True": 2.0, "r False": 9.0}[other]


def change_auto(world: Story) -> None:
    for rows in (world.final, world.each):
        for row in rows:
            if row["review_id"] == world.final[0]["review_id"] and row["tag"] == "r":
                row["auto"] = not row["auto"]


def change_score(world: Story) -> None:
    world.final[1]["score"] = 0.123


def change_content(world: Story) -> None:
    for row in world.final[:2]:
        row["content_id"] = "post-of-somebody-else"


def change_moment(world: Story) -> None:
    world.each[0]["decided_at"] += timedelta(days=1)


def change_golden(world: Story) -> None:
    world.golden[1]["human"] = not world.golden[1]["human"]


def drop_golden(world: Story) -> None:
    del world.golden[:2]


def invent_golden(world: Story) -> None:
    world.golden += [{**row, "reviewer": "eve"} for row in world.golden[:2]]


def count_golden(world: Story) -> None:
    like = {name: world.final[0][name] for name in ("stratum", "weight")}
    drop_decision(world)
    world.final += [
        {**{name: value for name, value in row.items() if name != "truth"}, **like} for row in world.golden[:2]
    ]


def unblind(world: Story) -> None:
    world.each[0]["blind"] = world.each[1]["blind"] = False


def change_adjudicator(world: Story) -> None:
    for row in world.final:
        row["reviewer"] = "ben" if row["reviewer"] == "dana" else row["reviewer"]


def hide_adjudication(world: Story) -> None:
    for row in world.final:
        row["reviewer"] = "(majority)" if row["reviewer"] == "dana" else row["reviewer"]


CHANGES: dict[str, tuple[Callable[[Story], None], set[str]]] = {
    "one answer": (change_value, {"answers"}),
    "one final tag": (change_final_value, {"final"}),
    "names swapped": (swap_names, {"answers"}),
    "a decision dropped": (drop_decision, {"complete"}),
    "a review dropped": (drop_review, {"together", "draw"}),
    "an opinion dropped": (drop_opinion, {"complete"}),
    "a review added": (add_review, {"added", "together"}),
    "a reviewer added": (add_reviewer, {"answers"}),
    "a weight": (change_weight, {"plan", "draw", "service"}),
    "a weight of one row": (change_weight_of_one_row, {"plan", "draw", "service"}),
    "a stratum": (change_stratum, {"draw", "service"}),
    "an auto tag": (change_auto, {"auto", "service"}),
    "a score": (change_score, {"service"}),
    "the content": (change_content, {"auto", "draw", "service"}),
    "a moment": (change_moment, {"answers"}),
    "a golden answer": (change_golden, {"golden"}),
    "a golden answer dropped": (drop_golden, {"golden"}),
    "a golden answer invented": (invent_golden, {"golden"}),
    "a golden item counted": (count_golden, {"golden"}),
    "blindness": (unblind, {"answers"}),
    "the adjudicator": (change_adjudicator, {"final"}),
    "that there was an adjudicator": (hide_adjudication, {"final"}),
}


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_was_changed_is_noticed_by_the_right_check(
    change: Callable[[Story], None], expected: set[str], world: Story, honest: Story
) -> None:
    change(world)
    verification = world.audit().verify(honest.service(), frame=honest.items, progress=False)
    assert expected <= found_in(verification), verification.table().to_string()
    unnoticed = {"file", "trail", "head", "sealed"} & found_in(verification)
    assert not unnoticed
    for name in expected:
        assert verification[name].faults


def test_a_plan_that_was_edited_and_sealed_again_does_not_fit_its_weights(world: Story) -> None:
    strata = tuple(replace(each, n=each.n + 10) for each in world.plan.strata)
    edited = replace(world.plan, strata=strata)
    verification = verified(world, world.audit(plan=edited), plan_seal=world.plan.seal, frame=world.items)
    assert {"plan", "sealed"} <= found_in(verification)


def test_a_plan_that_was_sealed_too_late_is_found(world: Story) -> None:
    assert found_in(verified(world, world.audit(sealed_at=START + timedelta(minutes=1)))) == {"sealed"}
    assert found_in(verified(world, world.audit(), plan_seal="0" * 64)) == {"sealed"}


def test_a_seal_in_the_trail_is_proof_of_when_the_plan_was_sealed(world: Story) -> None:
    named = AuditEvent(1, START - timedelta(minutes=5), "key", None, "add_subteam", world.plan.seal)
    later = [replace(event, sequence=event.sequence + 1) for event in world.events]
    honest = world.audit(sealed_at=None)
    assert "names the seal" in honest.verify([named, *later], progress=False)["sealed"].said
    late = replace(named, sequence=10**6, at=START + timedelta(days=1))
    assert found_in(honest.verify([*world.events, late], progress=False)) == {"sealed"}


def test_a_broken_chain_and_a_head_that_is_gone_are_told_apart(world: Story) -> None:
    broken = TrailFault("changed", 4, "event 4 is not what seal 1 lists")
    gone = TrailFault("removed", None, f"no seal has the digest {DIGEST!r}: the chain was cut or made anew")
    audit = world.audit()
    assert found_in(audit.verify(Service(world, (broken,)), progress=False)) == {"trail"}
    assert found_in(audit.verify(Service(world, (gone,)), progress=False)) == {"head"}
    assert found_in(audit.verify(Service(world, (broken, gone)), progress=False)) == {"trail", "head"}
    assert found_in(audit.verify([*world.events, world.events[0]], progress=False)) == {"trail"}


def test_what_was_finished_after_the_noted_head_need_not_be_in_the_file() -> None:
    world = story(undecided=5, golden=0)
    audit = world.audit()
    later = story(undecided=0, golden=0)
    assert audit.verify(later.events, progress=False)["complete"].status == "ok"
    beyond = world.audit(trail=replace(world.head(), sealed_at=START + timedelta(days=9)))
    verification = beyond.verify(later.events, progress=False)
    assert verification["complete"].found == 5
    assert "is not in the file" in verification["complete"].faults[0]


def test_an_answer_that_was_taken_back_does_not_count(world: Story) -> None:
    at = next(event for event in world.events if event.action == "finalise")
    submission = at.after["submission"]
    undone = replace(at, action="undo", before={"submission": submission}, after={})
    events = [undone if event is at else event for event in world.events]
    assert "answers" in found_in(world.audit().verify(events, progress=False))


def test_a_review_that_was_made_twice_is_found_by_its_content() -> None:
    world = story(overlap=1, golden=0)
    world.tick(60)
    again = "202611i70000"
    world.say("create", again, after={"content_id": world.final[0]["content_id"], "subteam": "public"})
    world.answer(again, "ana", {"a": False, "r": True}, {})
    first, item = world.final[0]["review_id"], world.final[0]["content_id"]
    for audit, how in (
        (world.audit(), {}),
        (world.audit(), {"frame": world.items}),
        (world.audit(drawn=world.drawn), {}),
    ):
        verification = verified(world, audit, **how)
        assert found_in(verification) == {"together"}
        words = f"'{item}' was reviewed in {again} too, besides the audit's {first} (a second batch?)"
        assert words in verification["together"].said
        assert "created with" not in verification["together"].said


def test_what_was_drawn_and_never_put_into_review_is_found() -> None:
    world = story(golden=0)
    gone = world.final[0]["review_id"]
    world.events = [event for event in world.events if not event.subject.startswith(gone)]
    drop_review(world)
    assert found_in(verified(world, world.audit(drawn=world.drawn))) == {"draw"}
    assert "never came into review" in verified(world, frame=world.items)["draw"].said


def test_near_duplicates_that_were_set_aside_are_not_missed() -> None:
    world = story(overlap=1, golden=0)
    first, copy = [row for row in world.final if row["stratum"] == "r False"][::2][:2]
    world.events = [event for event in world.events if not event.subject.startswith(copy["review_id"])]
    world.ids.remove(copy["review_id"])
    for rows in (world.final, world.each):
        rows[:] = [row for row in rows if row["review_id"] != copy["review_id"]]
        for row in rows:
            row["weight"] *= 2 if row["review_id"] == first["review_id"] else 1
    verification = verified(world, frame=world.items)
    assert verification.ok, verification.table().to_string()
    assert "near-duplicates" in verification["plan"].said


def test_another_frame_is_another_draw(world: Story) -> None:
    other, _ = plan_of(390)
    assert "not the frame" in verified(world, frame=other)["draw"].said


def test_reviews_of_others_do_not_matter_and_are_not_kept(world: Story) -> None:
    for place in range(2000):
        world.tick(1)
        world.say("create", f"other{place}", after={"content_id": f"x{place}", "opinions": [f"o{place}"]})
        world.say("create", f"o{place}", after={"content_id": f"x{place}"})
        world.answer(f"o{place}", "ana", {"r": True}, {})
    trail = Trail(world.ids).read(world.events)
    assert len(trail._stories) < 10 * len(world.ids)
    assert verified(world, frame=world.items).ok


def test_a_tag_that_was_added_after_creation_is_no_change_of_auto_tags(world: Story) -> None:
    audit = world.audit(choices={"tags": ["a", "r"]})
    assert verified(world, audit).ok


def test_a_trail_whose_final_tags_do_not_follow_from_its_answers_is_found(world: Story) -> None:
    at = next(event for event in world.events if event.action == "resolve")
    other = {**at.after, "tags": {tag: not on for tag, on in at.after["tags"].items()}}  # type: ignore[attr-defined]
    events = [replace(event, after=other) if event is at else event for event in world.events]
    found = world.audit().verify(events, progress=False)
    assert "otherwise than its answers do by adjudication" in found["final"].said


def test_a_tag_that_one_answer_does_not_name_was_not_asked_of_it(world: Story) -> None:
    at = next(event for event in world.events if event.action == "resolve")
    first = next(event for event in world.events if event.action == "submit" and event.subject.startswith(at.subject))
    later = "v"  # the second of them was asked for a new tag, and so the final tags have it

    def named(event: AuditEvent) -> AuditEvent:
        is_one = event.subject.startswith(at.subject) and event.action in ("submit", "resolve") and event is not first
        return replace(event, after={**event.after, "tags": {**event.after["tags"], later: True}}) if is_one else event

    found = world.audit().verify([named(event) for event in world.events], progress=False)
    assert found["final"].status == "ok", found["final"].said


def test_the_trail_of_another_team_is_said_once_and_the_rest_is_not_checked(world: Story) -> None:
    other = story(items=410, golden=0)
    for event in other.events:
        event.after.pop("opinions", None)
    elsewhere = [replace(each, subject=f"x{each.subject}") for each in other.events]
    found = world.audit(drawn=world.drawn).verify(elsewhere, progress=False)
    words = "none of this audit's 63 reviews is known here: is this the right service and team?"
    assert found["added"].faults == [words]
    assert found_in(found) == {"added"}
    for name in ("answers", "final", "complete", "together", "golden", "auto", "draw", "service"):
        assert (found[name].status, found[name].checked) == ("open", 0), name
        assert found[name].said


def test_what_looked_at_nothing_is_not_checked_and_says_why() -> None:
    world = story(n=60, undecided=60, golden=0)
    blank = pd.DataFrame(columns=list(story(golden=0).final[0]))
    audit = world.audit(decisions=blank, opinions=blank)
    found = audit.verify(world.events, progress=False).table().set_index("check")
    for name in ("answers", "final", "added", "golden", "auto"):
        assert (found.loc[name, "status"], found.loc[name, "checked"]) == ("open", 0), name
        assert found.loc[name, "said"]
    assert not ((found["status"] == "ok") & (found["checked"] == 0)).any()
    assert "there are no golden items" in found.loc["golden", "said"]


def test_the_table_that_was_drawn_is_no_frame_and_no_fault_of_the_audit(world: Story) -> None:
    for frame, words in (
        (world.drawn, "looks like the table that was drawn; give the items that it was drawn from"),
        (world.items.drop(columns="id"), "no column 'id'; give the items that the plan was made from"),
        ("items.csv", "frame is a str"),
    ):
        with pytest.raises(BadRequest, match=words):
            verified(world, frame=frame)


def test_interrupting_leaves_nothing_behind(world: Story) -> None:
    def events() -> Any:
        yield from world.events[:5]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.audit().verify(events(), progress=False)
    assert verified(world).ok


def test_progress_is_shown_when_asked_for(world: Story, capsys: pytest.CaptureFixture[str]) -> None:
    world.audit().verify(world.service())
    assert "Reading the trail" in capsys.readouterr().err
    verified(world)
    assert capsys.readouterr().err == ""


def test_what_is_no_client_is_refused(world: Story) -> None:
    with pytest.raises(BadRequest, match="no client and no events"):
        world.audit().verify(5)  # type: ignore[arg-type]


def test_an_audit_by_size_is_checked_by_its_draw() -> None:
    items = pd.DataFrame({"id": [f"p{n}" for n in range(100)], "r": False, "views": [10**6, *range(1, 100)]})
    items["score"] = 0.0
    plan = SamplingPlan.by_size(items, "views", n=20)
    world = Story(items, plan, plan.draw(items))
    rng = np.random.default_rng(1)
    rows = world.drawn.to_dict("records")
    for place, row in enumerate(rows):
        create(world, f"r{place:03}", row, 1)
    for place, row in enumerate(rows):
        decide(world, f"r{place:03}", row, False, 1, rng)
    assert verified(world, frame=items).ok
    world.final[0]["weight"] = world.final[1]["weight"] = 3.3
    assert "draw" in found_in(verified(world, frame=items))
