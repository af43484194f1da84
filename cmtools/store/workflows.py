"""Statements on workflows, by name in any case. It does not know what an expression means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from .dialect import upsert
from .tables import workflows


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    """A workflow as stored: its expression is JSON as the caller wrote it."""

    name: str
    type: str
    description: str
    expression: Any


SHOWN = (workflows.c.name, workflows.c.type, workflows.c.description, workflows.c.expression)


def put(connection: Connection, team: str, row: WorkflowRow, at: datetime) -> None:
    """Add a workflow, or put it in the place of the one with this name."""
    statement = upsert(connection, workflows, "name", "type", "description", "expression", "changed_at")
    values = {name: getattr(row, name) for name in WorkflowRow.__slots__}
    connection.execute(statement, {"team": team, "code": row.name.lower(), "changed_at": at, **values})


def get(connection: Connection, team: str, name: str) -> WorkflowRow | None:
    """The workflow of that name, or None."""
    query = sa.select(*SHOWN).where(workflows.c.team == team, workflows.c.code == name.lower())
    row = connection.execute(query).first()
    return None if row is None else WorkflowRow(*row)


def of_team(connection: Connection, team: str) -> list[WorkflowRow]:
    """A team's workflows by name."""
    query = sa.select(*SHOWN).where(workflows.c.team == team).order_by(workflows.c.code)
    return [WorkflowRow(*row) for row in connection.execute(query)]
