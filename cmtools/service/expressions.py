"""Works out what a workflow's expression comes to. It asks for outputs as it needs them and knows no tagger."""

from __future__ import annotations

import math
from collections.abc import Callable

from ..errors import BadRequest
from ..model import Combine, Condition, CreateReview, Logic
from ..tags import read_bool

Outputs = Callable[[Condition], str]
"""Gives the output that a condition looks at, as the job shows it: ``"True"``, ``"0.016"``, a text."""

COMPARE: dict[str, Callable[[float, float], bool]] = {
    "gt": lambda left, right: left > right,
    "lt": lambda left, right: left < right,
    "ge": lambda left, right: left >= right,
    "le": lambda left, right: left <= right,
}


def actions(logic: Logic, outputs: Outputs) -> list[CreateReview]:
    """What is to be done, in order.

    Parameters
    ----------
    logic : Logic
        The workflow's expression.
    outputs : callable
        Called for each condition that decides something: the right side of an OR is not asked for once the left one
        holds, nor that of an AND once the left one fails.

    Raises
    ------
    BadRequest
        A condition compares something as a number that is none; and whatever ``outputs`` raises.

    Examples
    --------
    >>> logic = Logic(Condition("adultScore", "gt", "0.4"), (CreateReview("night"),))
    >>> actions(logic, lambda condition: "0.871")
    [CreateReview(subteam='night', callback_endpoint=None, tags=())]
    >>> actions(logic, lambda condition: "0.016")
    []
    """
    found: list[CreateReview] = []
    for step in logic.then if holds(logic.condition, outputs) else logic.otherwise:
        if isinstance(step, Logic):
            found += actions(step, outputs)
        else:
            found.append(step)
    return found


def holds(condition: Condition | Combine, outputs: Outputs) -> bool:
    """Whether a condition holds.

    ``eq`` compares numbers as numbers, then what reads as true or false as that, else texts ignoring case. The other
    operators compare numbers.

    Examples
    --------
    >>> holds(Condition("isAdult", "eq", "true"), lambda condition: "True")
    True
    >>> holds(Condition("ocrText", "gt", "0.5"), lambda condition: "hello")
    Traceback (most recent call last):
    cmtools.errors.BadRequest: ocrText gt 0.5: the output is 'hello', which is no number
    """
    if isinstance(condition, Combine):
        if condition.combine == "OR":
            return holds(condition.left, outputs) or holds(condition.right, outputs)
        return holds(condition.left, outputs) and holds(condition.right, outputs)
    output = outputs(condition)
    if condition.operator == "eq":
        return equal(output, condition.value)
    return COMPARE[condition.operator](
        _number(output, condition, "output"), _number(condition.value, condition, "value")
    )


def equal(left: str, right: str) -> bool:
    """Whether two texts say the same.

    Examples
    --------
    >>> equal("0.500", "0.5"), equal("True", "1"), equal("Sol ", "sol"), equal("0.5", "half")
    (True, True, True, False)
    """
    numbers = read_number(left), read_number(right)
    if None not in numbers:
        return numbers[0] == numbers[1]
    switches = read_bool(left), read_bool(right)
    if None not in switches:
        return switches[0] == switches[1]
    return left.strip().casefold() == right.strip().casefold()


def read_number(text: str) -> float | None:
    """The finite number that a text is, or None.

    Examples
    --------
    >>> read_number(" 0.5"), read_number("nan"), read_number("1_000")
    (0.5, None, None)
    """
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None


def _number(text: str, condition: Condition, what: str) -> float:
    number = read_number(text)
    if number is None:
        shown = text if len(text) <= 60 else f"{text[:57]}..."
        where = f"{condition.output} {condition.operator} {condition.value}"
        raise BadRequest(f"the {what} is {shown!r}, which is no number", where=where[:200])
    return number
