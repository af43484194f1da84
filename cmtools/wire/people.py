"""What requests about people bring: notes, reveals, preferences, the care of a team. It knows no rule."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from .bodies import Body, Id, Text, Word

Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Scalar = bool | int | Annotated[float, Field(allow_inf_nan=False)] | Text | None


class NoteBody(Body):
    """``POST /reviews/{id}/notes``."""

    text: Text = Field(min_length=1, max_length=10_000)


class RevealsBody(Body):
    """``POST /exposures``."""

    reveals: dict[Id, Seconds] = Field(min_length=1, max_length=1000)


class PreferencesBody(Body):
    """``PATCH /preferences``."""

    values: dict[Word, Scalar] = Field(max_length=50)


class WellnessBody(Body):
    """``PUT /wellness``."""

    break_after_seconds: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] | None = None
    most_reveals_per_day: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


PREFERENCES: dict[str, Any] = {
    "type": "object",
    "required": ["values"],
    "properties": {
        "values": {
            "type": "object",
            "additionalProperties": {"type": ["boolean", "number", "string"]},
            "description": "Name to value, as the reviewer's screens keep them.",
        }
    },
}
"""The schema of an answer that holds preferences."""
