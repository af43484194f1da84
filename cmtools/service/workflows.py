"""Rules of workflows: kept by name, one that every team has, read back as they were written. It runs none."""

from __future__ import annotations

from ..errors import NotFound
from ..model import Condition, CreateReview, Logic, Workflow
from ..store import workflows
from ..store.workflows import WorkflowRow
from ..wire.workflows import read_expression, write_expression
from . import audit, teams
from .context import Context

DEFAULT = "default"
"""The workflow that is always there; a team may put another one in its place."""
DEFAULT_LOGIC = Logic(Condition("isAdult", "eq", "true"), (CreateReview(),))
BUILT_IN = WorkflowRow(
    DEFAULT, "Image", "A picture that the tagger finds adult goes to people.", write_expression(DEFAULT_LOGIC)
)


def put(ctx: Context, workflow: Workflow, expression: object) -> None:
    """Add a workflow, or put it in the place of the one with its name.

    Parameters
    ----------
    ctx : Context
    workflow : Workflow
        As `wire` read and checked it.
    expression : object
        The same expression as the caller wrote it, which is what `get` gives back.

    Raises
    ------
    BadRequest
        It would put a review into a subteam that the team does not have.
    """
    _check_subteams(ctx, workflow.expression)
    before = workflows.get(ctx.connection, ctx.team, workflow.name)
    row = WorkflowRow(workflow.name, workflow.type, workflow.description, expression)
    if row == before:
        return
    workflows.put(ctx.connection, ctx.team, row, ctx.now)
    audit.record(ctx, "put_workflow", [(row.name, _shown(before), _shown(row))])


def get(ctx: Context, name: str) -> WorkflowRow:
    """The workflow of that name, in any case.

    Raises
    ------
    NotFound
        The team has none of that name; the message names those there are.
    """
    found = workflows.get(ctx.connection, ctx.team, name)
    if found is None and name.lower() == DEFAULT:
        return BUILT_IN
    if found is None:
        names = ", ".join(row.name for row in listing(ctx))
        raise NotFound(f"the team has no workflow {name[:100]!r}; it has {names[:1000]}")
    return found


def listing(ctx: Context) -> list[WorkflowRow]:
    """All of the team's workflows, by name."""
    found = workflows.of_team(ctx.connection, ctx.team)
    if not any(row.name.lower() == DEFAULT for row in found):
        found = sorted([BUILT_IN, *found], key=lambda row: row.name.lower())
    return found


def compiled(row: WorkflowRow) -> Workflow:
    """A workflow that is ready to be worked out."""
    return Workflow(row.name, read_expression(row.expression), row.type, row.description)


def _check_subteams(ctx: Context, logic: Logic) -> None:
    for step in (*logic.then, *logic.otherwise):
        if isinstance(step, Logic):
            _check_subteams(ctx, step)
        elif step.subteam:
            teams.check_subteam(ctx, step.subteam)


def _shown(row: WorkflowRow | None) -> dict[str, object]:
    if row is None:
        return {}
    return {"type": row.type, "description": row.description, "expression": row.expression}
