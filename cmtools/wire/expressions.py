"""The expression of a workflow as the Review API spells it, in and out. It works nothing out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ..content.base import check_address, check_string
from ..errors import BadDraft, BadRequest
from ..model import Combine, Condition, CreateReview, Logic, TagRule
from ..tags import SHORT_CODE
from .fields import at, fields_of, json_kind, optional_string, required_string, scalar, shown

OPERATORS = ("eq", "gt", "lt", "ge", "le")
CONNECTORS = ("moderator", "imagemoderator", "textmoderator")
"""The team's tagger, by any of these names; ``imagemoderator`` is what the oldest clients write."""
ACTIONS = ("createreview",)
MAX_CHARACTERS = 1000

Fields = Mapping[str, Any]
Step = CreateReview | Logic
T = TypeVar("T")


# In -------------------------------------------------------------------------------------------------------------------


def read_expression(data: object) -> Logic:
    """The rule of a workflow. A condition alone means: where it holds, create a review.

    Raises
    ------
    BadRequest
        Naming the part at fault in ``where``, such as ``Expression.If.Left.Operator``.

    Examples
    --------
    >>> condition = {"Type": "Condition", "OutputName": "adultScore", "Operator": "GE", "Value": 0.4}
    >>> read_expression(condition).condition
    Condition(output='adultScore', operator='ge', value='0.4', connector='moderator', alternate_input=None)
    >>> read_expression({"Type": "Logic", "If": {**condition, "Operator": "ne"}})
    Traceback (most recent call last):
    cmtools.errors.BadRequest: Expression.If.Operator: there is no 'ne'; there are eq, gt, lt, ge, le
    """
    try:
        return _inside("Expression", data, _read_whole)
    except BadDraft as error:
        problem = BadRequest(error.message, where=error.where)
    raise problem


def _inside(where: str, data: object, read: Callable[[Fields], T]) -> T:
    """A JSON object, read; the path of a fault in it begins with its place."""
    try:
        if data is None:
            raise BadDraft("it is missing")
        return read(fields_of(data))
    except BadDraft as error:
        problem = at(where, error)
    raise problem


def _each(fields: Fields, name: str, read: Callable[[Fields], T]) -> tuple[T, ...]:
    items = fields.get(name.lower())
    if items is None:
        return ()
    if not isinstance(items, list):
        raise BadDraft(f"it must be an array, not {json_kind(items)}", where=name)
    return tuple(_inside(f"{name}[{index}]", item, read) for index, item in enumerate(items))


def _word(fields: Fields, name: str, known: Sequence[str]) -> str:
    """A field as it is spelt among the words there are."""
    found = required_string(fields, name)
    for word in known:
        if found.strip().lower() == word.lower():
            return word
    raise BadDraft(f"there is no {shown(found)}; there are {', '.join(known)}", where=name)


def _read_whole(fields: Fields) -> Logic:
    if _word(fields, "Type", ("Logic", "Condition", "Combine")) == "Logic":
        return _read_logic(fields)
    return Logic(_read_condition(fields))


def _read_logic(fields: Fields) -> Logic:
    return Logic(
        condition=_inside("If", fields.get("if"), _read_condition),
        then=() if fields.get("then") is None else _inside("Then", fields["then"], _read_branch),
        otherwise=() if fields.get("else") is None else _inside("Else", fields["else"], _read_branch),
    )


def _read_branch(fields: Fields) -> tuple[Step, ...]:
    if _word(fields, "Type", ("Actions", "Logic")) == "Logic":
        return (_read_logic(fields),)
    return _each(fields, "Perform", _read_step)


def _read_step(fields: Fields) -> Step:
    if fields.get("type") is not None and _word(fields, "Type", ("Logic", "Action")) == "Logic":
        return _read_logic(fields)
    _word(fields, "Name", ACTIONS)
    callback = optional_string(fields, "CallbackEndpoint") or None
    if callback is not None:
        check_address(callback, "CallbackEndpoint")
    return CreateReview(_text(fields, "Subteam"), callback, _each(fields, "Tags", _read_tag_rule))


def _read_tag_rule(fields: Fields) -> TagRule:
    tag = required_string(fields, "Tag").strip()
    if not SHORT_CODE.fullmatch(tag):
        raise BadDraft(f"{shown(tag)} is no short code: it takes a letter, then at most 15 more signs", where="Tag")
    return TagRule(tag, _inside("IfCondition", fields.get("ifcondition"), _read_condition))


def _read_condition(fields: Fields) -> Condition | Combine:
    if _word(fields, "Type", ("Condition", "Combine")) == "Combine":
        return Combine(
            left=_inside("Left", fields.get("left"), _read_condition),
            right=_inside("Right", fields.get("right"), _read_condition),
            combine=_word(fields, "Combine", ("AND", "OR")),
        )
    output = required_string(fields, "OutputName").strip()
    check_string(output, "OutputName", most=MAX_CHARACTERS)
    operator = _word(fields, "Operator", OPERATORS)
    return Condition(
        output=output,
        operator=operator,
        value=_read_value(fields, operator),
        connector=CONNECTORS[0]
        if _text(fields, "ConnectorName") is None
        else _word(fields, "ConnectorName", CONNECTORS),
        alternate_input=_read_alternate(fields),
    )


def _read_value(fields: Fields, operator: str) -> str:
    value = scalar(fields, "Value")
    check_string(value, "Value", most=MAX_CHARACTERS, may_be_empty=True)
    if operator != "eq" and not _is_number(value):
        raise BadDraft(f"{operator} compares numbers, and {shown(value)} is none", where="Value")
    return value


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return False


def _read_alternate(fields: Fields) -> str | None:
    text = _text(fields, "AlternateInput")
    if text is None:
        return None
    connector, _, output = text.partition(".")
    if connector.lower() not in CONNECTORS or not output.strip():
        message = f"{shown(text)} names no output: write {CONNECTORS[0]}.ocrText or the like"
        raise BadDraft(message, where="AlternateInput")
    return text


def _text(fields: Fields, name: str) -> str | None:
    text = (optional_string(fields, name) or "").strip()
    check_string(text, name, most=MAX_CHARACTERS, may_be_empty=True)
    return text or None


# Out ------------------------------------------------------------------------------------------------------------------


def write_expression(logic: Logic) -> dict[str, Any]:
    """The rule as the Review API shows one.

    Examples
    --------
    >>> written = write_expression(Logic(Condition("isAdult")))
    >>> written["If"]["OutputName"], written["Then"]["Perform"][0]["Name"], written["Else"], written["Type"]
    ('isAdult', 'createreview', None, 'Logic')
    """
    return {
        "Type": "Logic",
        "If": _write_condition(logic.condition),
        "Then": _write_branch(logic.then),
        "Else": _write_branch(logic.otherwise),
    }


def _write_branch(steps: Sequence[Step]) -> dict[str, Any] | None:
    if not steps:
        return None
    if len(steps) == 1 and isinstance(steps[0], Logic):
        return write_expression(steps[0])
    return {"Type": "Actions", "Perform": [_write_step(step) for step in steps]}


def _write_step(step: Step) -> dict[str, Any]:
    if isinstance(step, Logic):
        return write_expression(step)
    return {
        "Name": ACTIONS[0],
        "Subteam": step.subteam,
        "CallbackEndpoint": step.callback_endpoint,
        "Tags": [{"Tag": rule.tag, "IfCondition": _write_condition(rule.condition)} for rule in step.tags],
    }


def _write_condition(condition: Condition | Combine) -> dict[str, Any]:
    if isinstance(condition, Combine):
        return {
            "Type": "Combine",
            "Left": _write_condition(condition.left),
            "Right": _write_condition(condition.right),
            "Combine": condition.combine,
        }
    return {
        "Type": "Condition",
        "ConnectorName": condition.connector,
        "OutputName": condition.output,
        "Operator": condition.operator,
        "Value": condition.value,
        "AlternateInput": condition.alternate_input,
    }
