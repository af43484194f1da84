"""Workflows as the Review API spells them, in and out. What they do is not known here."""

from __future__ import annotations

import math
from typing import Any

from ..content.base import check_string
from ..errors import BadDraft, BadRequest, ServiceError, TooLarge
from ..model import Workflow
from .expressions import read_expression, write_expression
from .fields import fields_of, optional_string, read_json, required_string, shown

TYPES = ("Image", "Text")
MAX_NAME_CHARACTERS = 100
MAX_DESCRIPTION_CHARACTERS = 10_000
MAX_BYTES = 200_000
"""Far above what a person writes, and little enough to be worked out for every job."""


def read_workflow(raw: bytes, name: str) -> tuple[Workflow, dict[str, Any]]:
    """The workflow of a request to keep it.

    Parameters
    ----------
    raw : bytes
        The body. A ``Type`` that is left out is Image, as the oldest clients mean it.
    name : str
        From the address; one in the body does not count.

    Returns
    -------
    workflow : Workflow
        What it does.
    expression : dict
        The expression as the caller wrote it, for this is what the service gives back.

    Raises
    ------
    BadRequest
        Naming the part at fault in ``where``, such as ``Expression.Then.Perform[0].Name``.
    TooLarge
        For more than `MAX_BYTES` bytes.

    Examples
    --------
    >>> body = b'{"Expression": {"Type": "Condition", "OutputName": "isAdult", "Operator": "eq", "Value": "true"}}'
    >>> workflow, expression = read_workflow(body, "mine")
    >>> workflow.type, workflow.expression.then, expression["OutputName"]
    ('Image', (CreateReview(subteam=None, callback_endpoint=None, tags=()),), 'isAdult')
    """
    if len(raw) > MAX_BYTES:
        raise TooLarge(f"the workflow has {len(raw):,} bytes; the most is {MAX_BYTES:,}")
    try:
        check_string(name, "name", most=MAX_NAME_CHARACTERS)
        fields = fields_of(read_json(raw))
        workflow = _read(fields, name)
        expression: dict[str, Any] = fields["expression"]
        _check_storable(expression)
    except BadDraft as error:
        problem = BadRequest(error.message, where=error.where)
    else:
        return workflow, expression
    raise problem


def _read(fields: dict[str, Any], name: str) -> Workflow:
    description = optional_string(fields, "Description") or ""
    check_string(description, "Description", most=MAX_DESCRIPTION_CHARACTERS, may_be_empty=True)
    return Workflow(name, read_expression(fields.get("expression")), _type(fields), description)


def _type(fields: dict[str, Any]) -> str:
    said = optional_string(fields, "Type") or TYPES[0]
    for known in TYPES:
        if said.strip().lower() == known.lower():
            return known
    raise BadDraft(f"there are no workflows of type {shown(said)}; there are {' and '.join(TYPES)}", where="Type")


def _check_storable(expression: object) -> None:
    """Keys that nobody reads are kept too, so they must be something that a database can keep."""
    todo: list[object] = [expression]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            todo += [*part.keys(), *part.values()]
        elif isinstance(part, list):
            todo += part
        elif isinstance(part, str):
            check_string(part, "Expression", most=MAX_BYTES, may_be_empty=True)
        elif isinstance(part, float) and not math.isfinite(part):
            raise BadDraft("it holds a number that is too large", where="Expression")


def write_workflow(name: str, description: str, type: str, expression: dict[str, Any]) -> dict[str, Any]:
    """The answer of ``Workflow - Get``, and a request to keep one. The expression stays as it is.

    Examples
    --------
    >>> list(write_workflow("default", "Default", "Image", {}))
    ['Name', 'Description', 'Type', 'Expression']
    """
    return {"Name": name, "Description": description, "Type": type, "Expression": expression}


def read_stored_workflow(data: object) -> Workflow:
    """The workflow of an answer.

    Raises
    ------
    ServiceError
        When it is none that this version reads.

    Examples
    --------
    >>> from cmtools.model import Condition, Logic
    >>> written = write_workflow("mine", "", "Image", write_expression(Logic(Condition("isAdult"))))
    >>> read_stored_workflow(written).expression.condition.output
    'isAdult'
    """
    try:
        fields = fields_of(data)
        return _read(fields, required_string(fields, "Name"))
    except BadRequest as error:
        problem = ServiceError(f"the service's answer is no workflow: {error}")
    raise problem


__all__ = [
    "TYPES",
    "read_expression",
    "read_stored_workflow",
    "read_workflow",
    "write_expression",
    "write_workflow",
]
