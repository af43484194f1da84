"""A workflow's expression comes to what a plain reading of it says, and asks for no more outputs than it needs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.errors import BadRequest
from cmtools.model import Combine, Condition, CreateReview, Logic
from cmtools.service.expressions import actions, equal, holds, read_number

NUMBERS = ("0", "0.016", "0.5", "0.500", "0.871", "1", "-3")
OUTPUTS = {f"o{index}": value for index, value in enumerate(NUMBERS)}
OPERATORS = ("eq", "gt", "lt", "ge", "le")

conditions = st.builds(
    Condition, st.sampled_from(sorted(OUTPUTS)), st.sampled_from(OPERATORS), st.sampled_from(NUMBERS)
)
combined = st.recursive(
    conditions, lambda inner: st.builds(Combine, inner, inner, st.sampled_from(("AND", "OR"))), max_leaves=12
)
reviews = st.builds(CreateReview, st.sampled_from(("public", "night", None)))
logics = st.recursive(
    st.builds(Logic, combined, st.lists(reviews, max_size=2).map(tuple), st.lists(reviews, max_size=2).map(tuple)),
    lambda inner: st.builds(
        Logic,
        combined,
        st.lists(reviews | inner, max_size=2).map(tuple),
        st.lists(reviews | inner, max_size=2).map(tuple),
    ),
    max_leaves=6,
)


def output(condition: Condition) -> str:
    return OUTPUTS[condition.output]


def naive(condition: Condition | Combine) -> bool:
    """The expression written out as Python and handed to Python."""
    if isinstance(condition, Combine):
        sides = [naive(condition.left), naive(condition.right)]
        return all(sides) if condition.combine == "AND" else any(sides)
    sign = {"eq": "==", "gt": ">", "lt": "<", "ge": ">=", "le": "<="}[condition.operator]
    return bool(eval(f"float({output(condition)}) {sign} float({condition.value})"))


def naive_actions(logic: Logic) -> list[CreateReview]:
    branch = logic.then if naive(logic.condition) else logic.otherwise
    return [found for step in branch for found in (naive_actions(step) if isinstance(step, Logic) else [step])]


@given(combined)
def test_condition_holds_when_python_says_so(condition: Condition | Combine) -> None:
    assert holds(condition, output) is naive(condition)


@given(logics)
def test_what_is_done_is_what_the_branches_say(logic: Logic) -> None:
    assert actions(logic, output) == naive_actions(logic)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("True", "true", True),
        ("True", "1", True),
        ("False", "true", False),
        ("0.500", ".5", True),
        ("0.5", "true", False),
        ("Hello", "hELLO", True),
        ("straße", "STRASSE", True),
        ("", "false", False),
    ],
)
def test_equal_reads_numbers_then_switches_then_texts(left: str, right: str, same: bool) -> None:
    assert equal(left, right) is same
    assert equal(right, left) is same


@pytest.mark.parametrize("text", ["", "high", "nan", "inf", "1_0", "0x1", "1e999"])
def test_what_is_no_finite_number_is_none(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("said", "condition", "message"),
    [
        ("hello", Condition("ocrText", "gt", "0.5"), "ocrText gt 0.5: the output is 'hello', which is no number"),
        ("0.5", Condition("adultScore", "le", "high"), "adultScore le high: the value is 'high', which is no number"),
    ],
)
def test_comparing_what_is_no_number_is_a_clear_error(said: str, condition: Condition, message: str) -> None:
    with pytest.raises(BadRequest) as caught:
        holds(condition, lambda _condition: said)
    assert str(caught.value) == message


@pytest.mark.parametrize(("combine", "first"), [("OR", "True"), ("AND", "False")])
def test_right_side_is_not_asked_for_when_the_left_decides(combine: str, first: str) -> None:
    asked: list[str] = []

    def note(condition: Condition) -> str:
        asked.append(condition.output)
        return first

    holds(Combine(Condition("left"), Condition("right"), combine), note)
    assert asked == ["left"]
