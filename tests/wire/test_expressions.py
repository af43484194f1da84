"""Expressions of workflows: the language, read leniently, refused by their path, written back to the same meaning."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.errors import BadRequest
from cmtools.model import Combine, Condition, CreateReview, Logic, TagRule
from cmtools.wire.expressions import CONNECTORS, OPERATORS, read_expression, write_expression

GOOD: dict[str, Any] = {
    "Type": "Condition",
    "ConnectorName": "moderator",
    "OutputName": "isAdult",
    "Operator": "eq",
    "Value": "true",
}
BOTH: dict[str, Any] = {"Type": "Combine", "Left": GOOD, "Right": GOOD, "Combine": "AND"}
REVIEW: dict[str, Any] = {"Name": "createreview", "Tags": [{"Tag": "a", "IfCondition": GOOD}]}
ACTIONS: dict[str, Any] = {"Type": "Actions", "Perform": [REVIEW]}
RULE: dict[str, Any] = {"Type": "Logic", "If": GOOD, "Then": ACTIONS, "Else": None}


def condition(**fields: object) -> dict[str, object]:
    return {**GOOD, **fields}


def rule(**fields: object) -> dict[str, object]:
    return {**RULE, **fields}


def review(**fields: object) -> dict[str, object]:
    return rule(Then={"Type": "Actions", "Perform": [REVIEW, {**REVIEW, **fields}]})


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (None, "Expression"),
        ("isAdult", "Expression"),
        ([RULE], "Expression"),
        ({}, "Expression.Type"),
        ({"Type": "Loop"}, "Expression.Type"),
        (condition(Type=1), "Expression.Type"),
        (condition(ConnectorName="photodna"), "Expression.ConnectorName"),
        (condition(OutputName=None), "Expression.OutputName"),
        (condition(OutputName=" "), "Expression.OutputName"),
        (condition(OutputName="\0"), "Expression.OutputName"),
        (condition(Operator="ne"), "Expression.Operator"),
        (condition(Operator=None), "Expression.Operator"),
        (condition(Value=None), "Expression.Value"),
        (condition(Value=["true"]), "Expression.Value"),
        (condition(Value="x" * 2000), "Expression.Value"),
        (condition(Operator="gt", Value="high"), "Expression.Value"),
        (condition(Operator="le", Value="nan"), "Expression.Value"),
        (condition(Operator="le", Value="1_0"), "Expression.Value"),
        (condition(Operator="ge", Value=True), "Expression.Value"),
        (condition(AlternateInput=5), "Expression.AlternateInput"),
        (condition(AlternateInput="ocrText"), "Expression.AlternateInput"),
        (condition(AlternateInput="moderator."), "Expression.AlternateInput"),
        (condition(AlternateInput="photodna.text"), "Expression.AlternateInput"),
        ({**BOTH, "Left": None}, "Expression.Left"),
        ({**BOTH, "Right": RULE}, "Expression.Right.Type"),
        ({**BOTH, "Combine": "XOR"}, "Expression.Combine"),
        ({**BOTH, "Left": {**BOTH, "Right": condition(Operator="!")}}, "Expression.Left.Right.Operator"),
        (rule(If=None), "Expression.If"),
        (rule(If=RULE), "Expression.If.Type"),
        (rule(If={**BOTH, "Left": condition(Operator="!")}), "Expression.If.Left.Operator"),
        (rule(Then=[REVIEW]), "Expression.Then"),
        (rule(Then=GOOD), "Expression.Then.Type"),
        (rule(Then={"Type": "Actions", "Perform": {}}), "Expression.Then.Perform"),
        (rule(Else={"Type": "Actions", "Perform": ["createreview"]}), "Expression.Else.Perform[0]"),
        (rule(Else=rule(Then={"Type": "Actions", "Perform": [{}]})), "Expression.Else.Then.Perform[0].Name"),
        (review(Name="notify"), "Expression.Then.Perform[1].Name"),
        (review(Subteam=1), "Expression.Then.Perform[1].Subteam"),
        (review(CallbackEndpoint="ftp://x.example"), "Expression.Then.Perform[1].CallbackEndpoint"),
        (review(Tags={}), "Expression.Then.Perform[1].Tags"),
        (review(Tags=[{"Tag": "a b", "IfCondition": GOOD}]), "Expression.Then.Perform[1].Tags[0].Tag"),
        (review(Tags=[{"Tag": "a"}]), "Expression.Then.Perform[1].Tags[0].IfCondition"),
        (
            review(Tags=[{"Tag": "a", "IfCondition": condition(Operator="?")}]),
            "Expression.Then.Perform[1].Tags[0].IfCondition.Operator",
        ),
    ],
)
def test_fault_is_named_by_its_path(data: object, where: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read_expression(data)
    assert (caught.value.where, caught.value.code) == (where, "BadRequest")


@pytest.mark.parametrize(
    ("data", "listed"),
    [
        (condition(Operator="ne"), "eq, gt, lt, ge, le"),
        (condition(ConnectorName="photodna"), ", ".join(CONNECTORS)),
        (review(Name="notify"), "createreview"),
        ({"Type": "Loop"}, "Logic, Condition, Combine"),
    ],
)
def test_unknown_word_is_answered_with_those_there_are(data: object, listed: str) -> None:
    with pytest.raises(BadRequest, match=f"there are {listed}"):
        read_expression(data)


@pytest.mark.parametrize("operator", OPERATORS)
def test_operators_are_read_in_any_case(operator: str) -> None:
    found = read_expression(condition(Operator=operator.upper(), Value="1")).condition
    assert found == Condition("isAdult", operator, "1")


def test_keys_and_words_are_read_in_any_case() -> None:
    shouted = json.loads(json.dumps(RULE).upper().replace("NULL", "null"))
    assert read_expression(shouted) == Logic(
        Condition("ISADULT", value="TRUE"), (CreateReview(tags=(TagRule("A", Condition("ISADULT", value="TRUE")),)),)
    )


@pytest.mark.parametrize(("value", "text"), [(True, "True"), (0.4, "0.4"), (1, "1"), ("", "")])
def test_value_may_be_a_number_or_a_boolean(value: object, text: str) -> None:
    found = read_expression(condition(Value=value)).condition
    assert found == Condition("isAdult", value=text)


@pytest.mark.parametrize("data", [GOOD, BOTH])
def test_condition_alone_creates_a_review(data: object) -> None:
    assert read_expression(data).then == (CreateReview(),)


def test_connector_that_is_left_out_is_the_moderator() -> None:
    found = read_expression({key: value for key, value in GOOD.items() if key != "ConnectorName"})
    assert found.condition == Condition("isAdult")


@pytest.mark.parametrize("branches", [{}, {"Then": None, "Else": None}, {"Then": {"Type": "Actions", "Perform": []}}])
def test_branch_that_says_nothing_does_nothing(branches: dict[str, object]) -> None:
    found = read_expression({"Type": "Logic", "If": GOOD, **branches})
    assert (found.then, found.otherwise) == ((), ())


def test_logic_may_stand_in_a_branch_and_among_actions() -> None:
    inner = Logic(Condition("isRacy"), (CreateReview("night"),))
    nested = read_expression(rule(Else=write_expression(inner)))
    among = read_expression(
        rule(Then={"Type": "Actions", "Perform": [{"Name": "createreview"}, write_expression(inner)]})
    )
    assert nested.otherwise == (inner,)
    assert among.then == (CreateReview(), inner)


def test_blank_subteam_and_callback_are_none() -> None:
    perform = [{"Name": "createreview", "Subteam": " ", "CallbackEndpoint": ""}]
    assert read_expression(rule(Then={"Type": "Actions", "Perform": perform})).then == (CreateReview(),)


WORD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=9).map(str.strip)
WORDS = WORD.filter(bool)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False).map(str)
CONDITION = st.builds(
    Condition,
    output=WORDS,
    operator=st.just("eq"),
    value=WORD,
    connector=st.sampled_from(CONNECTORS),
    alternate_input=st.none() | WORDS.map("moderator.{}".format),
) | st.builds(Condition, output=WORDS, operator=st.sampled_from(OPERATORS), value=NUMBERS)
CONDITIONS = st.recursive(CONDITION, lambda part: st.builds(Combine, part, part, st.sampled_from(["AND", "OR"])))
ACTION = st.builds(
    CreateReview,
    subteam=st.none() | WORDS,
    callback_endpoint=st.sampled_from([None, "https://x.example/?route=7"]),
    tags=st.lists(st.builds(TagRule, st.sampled_from(["a", "SC", "x-1"]), CONDITIONS), max_size=2).map(tuple),
)
LOGIC = st.recursive(
    st.builds(Logic, CONDITIONS, st.lists(ACTION, max_size=2).map(tuple), st.lists(ACTION, max_size=2).map(tuple)),
    lambda inner: st.builds(
        Logic,
        CONDITIONS,
        st.lists(ACTION | inner, max_size=3).map(tuple),
        st.lists(ACTION | inner, max_size=3).map(tuple),
    ),
    max_leaves=4,
)


@given(LOGIC)
def test_what_is_written_reads_back_to_the_same_rule(logic: Logic) -> None:
    assert read_expression(json.loads(json.dumps(write_expression(logic)))) == logic


NAMES = ["Type", "If", "Then", "Else", "Left", "right", "Combine", "Perform", "Name", "Tags", "Tag", "IfCondition"]
WORDS_OF_IT = st.sampled_from(
    ["Logic", "Condition", "combine", "Actions", "createreview", "AND", "eq", "moderator", "a"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS_OF_IT | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*NAMES, *GOOD]), inner, max_size=5),
    max_leaves=15,
)


@given(ANYTHING)
def test_nothing_raises_anything_but_a_bad_request(data: object) -> None:
    with suppress(BadRequest):
        assert isinstance(read_expression(data), Logic)
