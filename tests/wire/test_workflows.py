"""Workflows: what a request to keep one may say, and what is given back."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.errors import BadRequest, ServiceError, TooLarge
from cmtools.model import Condition, Logic, Workflow
from cmtools.wire import workflows

CONDITION = {"Type": "Condition", "OutputName": "isAdult", "Operator": "eq", "Value": "true"}
GOOD = {"Description": "d", "Type": "Image", "Expression": CONDITION}


def body(**fields: object) -> bytes:
    return json.dumps({**GOOD, **fields}).encode()


def nested(levels: int) -> object:
    expression: object = CONDITION
    for _ in range(levels):
        expression = {"Type": "Combine", "Left": expression, "Right": CONDITION, "Combine": "OR"}
    return expression


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (b"[]", None),
        (b"null", None),
        (body(Type="Video"), "Type"),
        (body(Type=1), "Type"),
        (body(Description=[]), "Description"),
        (body(Description="\0"), "Description"),
        (body(Expression=None), "Expression"),
        (body(Expression={**CONDITION, "Value": None}), "Expression.Value"),
        (body(Expression={**CONDITION, "Comment": "\0"}), "Expression"),
        (body(Expression={**CONDITION, "\0": 1}), "Expression"),
        (body(Expression={**CONDITION, "Comment": [{"deep": "\0"}]}), "Expression"),
        (
            body().replace(b'"d"', b'"d", "expression": {"Type": "Condition"}').replace(b"Expression", b"x"),
            "Expression.OutputName",
        ),
        (body(Expression={**CONDITION, "Comment": "?"}).replace(b'"?"', b"1e400"), "Expression"),
    ],
)
def test_fault_is_a_bad_request_with_its_path(raw: bytes, where: str | None) -> None:
    with pytest.raises(BadRequest) as caught:
        workflows.read_workflow(raw, "mine")
    assert (caught.value.where, caught.value.code) == (where, "BadRequest")


@pytest.mark.parametrize("raw", [b"", b"{", b'{"Expression":' * 5000, b"\xff"], ids=lambda raw: repr(raw[:9]))
def test_body_that_is_no_json_is_a_bad_request(raw: bytes) -> None:
    with pytest.raises(BadRequest, match="JSON"):
        workflows.read_workflow(raw, "mine")


@pytest.mark.parametrize("name", ["", " ", "\0", "x" * 101])
def test_name_that_cannot_be_kept_is_refused(name: str) -> None:
    with pytest.raises(BadRequest) as caught:
        workflows.read_workflow(body(), name)
    assert caught.value.where == "name"


def test_workflow_longer_than_anybody_writes_is_too_large() -> None:
    with pytest.raises(TooLarge):
        workflows.read_workflow(body(Description="x" * workflows.MAX_BYTES), "mine")


def test_deep_expression_is_read() -> None:
    workflow, expression = workflows.read_workflow(body(Expression=nested(100)), "mine")
    assert workflows.read_expression(workflows.write_expression(workflow.expression)) == workflow.expression
    assert expression == nested(100)


def test_expression_too_deep_to_be_meant_is_a_bad_request() -> None:
    with pytest.raises(BadRequest, match="JSON"):
        workflows.read_workflow(body(Expression=nested(500)), "mine")


def test_name_is_that_of_the_address() -> None:
    workflow, _ = workflows.read_workflow(body(Name="other"), "mine")
    assert workflow.name == "mine"


@pytest.mark.parametrize("type", ["text", "TEXT", " Text "])
def test_type_is_read_in_any_case(type: str) -> None:
    assert workflows.read_workflow(body(Type=type), "mine")[0].type == "Text"


def test_keys_that_nobody_knows_are_given_back_too() -> None:
    _, expression = workflows.read_workflow(body(Expression={**CONDITION, "Comment": {"by": "ana"}}), "mine")
    assert expression == {**CONDITION, "Comment": {"by": "ana"}}


def test_workflow_comes_back_as_it_was_written() -> None:
    workflow = Workflow("mine", Logic(Condition("isAdult")), "Text", "what it is for")
    expression = workflows.write_expression(workflow.expression)
    written = workflows.write_workflow(workflow.name, workflow.description, workflow.type, expression)
    raw = json.dumps(written).encode()
    assert workflows.read_workflow(raw, "mine")[0] == workflow
    assert workflows.read_stored_workflow(json.loads(raw)) == workflow


@pytest.mark.parametrize("data", [None, [], {}, {"Name": "x"}, {"Name": "x", "Expression": {}}])
def test_answer_that_is_no_workflow_is_a_service_error(data: object) -> None:
    with pytest.raises(ServiceError, match="no workflow"):
        workflows.read_stored_workflow(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GOOD, *CONDITION]), inner),
    max_leaves=12,
)


@given(JSON)
def test_no_body_raises_anything_but_a_bad_request(data: object) -> None:
    with suppress(BadRequest):
        workflows.read_workflow(json.dumps(data).encode(), "mine")
