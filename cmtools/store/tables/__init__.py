"""The tables, once, for every database. No statements and no rules live here.

Answers are stored per reviewer and per submission; events are only ever added; every row of a team carries the team.
"""

from .columns import EPOCH, MICROSECOND, Json, Moment, metadata
from .queue import answers, frames, leases, pictures, reviews, submissions, tallies, toggles, transcripts
from .teams import exposures, keys, notes, preferences, settings, subteams, tags, teams
from .work import callback_secrets, callbacks, events, jobs, seal_gaps, seals, workflows

__all__ = [
    "EPOCH",
    "MICROSECOND",
    "Json",
    "Moment",
    "answers",
    "callback_secrets",
    "callbacks",
    "events",
    "exposures",
    "frames",
    "jobs",
    "keys",
    "leases",
    "metadata",
    "notes",
    "pictures",
    "preferences",
    "reviews",
    "seal_gaps",
    "seals",
    "settings",
    "submissions",
    "subteams",
    "tags",
    "tallies",
    "teams",
    "toggles",
    "transcripts",
    "workflows",
]
