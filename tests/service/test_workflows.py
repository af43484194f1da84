"""Workflows are kept by name, in any case, and given back as they were written; ``default`` is always there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cmtools.errors import BadRequest, NotFound
from cmtools.model import Condition, CreateReview, Logic
from cmtools.service import teams, workflows
from cmtools.wire.workflows import read_workflow

from .conftest import Desk

EXPRESSION = {
    "Type": "Logic",
    "If": {
        "connectorname": "moderator",
        "OutputName": "racyScore",
        "Operator": "GT",
        "Value": "0.4",
        "Type": "Condition",
    },
    "Then": {"Type": "Actions", "Perform": [{"Name": "createreview", "Subteam": "night", "Note": "ours"}]},
}


def put(desk: Desk, name: str, expression: dict[str, Any] = EXPRESSION, type: str = "Image") -> None:
    desk.run(lambda ctx: teams.add_subteam(ctx, "night"))
    body = json.dumps({"Description": "some words", "Type": type, "Expression": expression}).encode()
    desk.run(lambda ctx: workflows.put(ctx, *read_workflow(body, name)))


def get(desk: Desk, name: str) -> workflows.WorkflowRow:
    return desk.run(lambda ctx: workflows.get(ctx, name))


def test_workflow_is_given_back_as_it_was_written(desk: Desk) -> None:
    put(desk, "Night")
    found = get(desk, "nIGHT")
    assert (found.name, found.type, found.description, found.expression) == ("Night", "Image", "some words", EXPRESSION)


def test_stored_workflow_is_ready_to_be_worked_out(desk: Desk) -> None:
    put(desk, "night")
    ready = workflows.compiled(get(desk, "night"))
    assert ready.expression == Logic(Condition("racyScore", "gt", "0.4"), (CreateReview("night"),))


def test_same_name_in_another_case_is_the_same_workflow(desk: Desk) -> None:
    put(desk, "night", type="Image")
    put(desk, "NIGHT", type="Text")
    assert [(row.name, row.type) for row in desk.run(workflows.listing)] == [("default", "Image"), ("NIGHT", "Text")]


def test_workflow_into_a_subteam_that_is_not_there_is_refused_before_any_job_runs(desk: Desk) -> None:
    nowhere = {**EXPRESSION, "Else": {"Type": "Actions", "Perform": [{"Name": "createreview", "Subteam": "nowhere"}]}}
    with pytest.raises(BadRequest, match="no subteam 'nowhere'; it has public, night"):
        put(desk, "lost", nowhere)
    assert [row.name for row in desk.run(workflows.listing)] == ["default"]


def test_default_is_there_from_the_start(desk: Desk) -> None:
    ready = workflows.compiled(get(desk, "Default"))
    assert (ready.name, ready.type) == ("default", "Image")
    assert ready.expression == Logic(Condition("isAdult", "eq", "true"), (CreateReview(),))


def test_default_may_be_replaced_and_is_listed_once(desk: Desk) -> None:
    put(desk, "default")
    assert get(desk, "default").expression == EXPRESSION
    assert len(desk.run(workflows.listing)) == 1


def test_workflow_that_is_not_there_is_refused_with_the_names_there_are(desk: Desk) -> None:
    put(desk, "night")
    with pytest.raises(NotFound, match=r"no workflow 'day'; it has default, night"):
        get(desk, "day")


def test_another_teams_workflow_is_not_there(desk: Desk) -> None:
    from dataclasses import replace

    put(desk, "night")
    with pytest.raises(NotFound):
        desk.run(lambda ctx: workflows.get(replace(ctx, actor=replace(ctx.actor, team="other")), "night"))


def test_trail_tells_each_change_and_what_was_before(desk: Desk) -> None:
    from cmtools.service import audit

    put(desk, "night")
    put(desk, "night")
    put(desk, "night", type="Text")
    events = [
        event for event in desk.run(lambda ctx: audit.trail(ctx, "night", 0, 10))[0] if "workflow" in event.action
    ]
    assert [(event.action, event.before.get("type"), event.after["type"]) for event in events] == [
        ("put_workflow", None, "Image"),
        ("put_workflow", "Image", "Text"),
    ]
