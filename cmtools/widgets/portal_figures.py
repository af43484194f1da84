"""What the portal's dashboard shows, made of an `Activity`. It asks nobody and keeps nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ..model import Activity, QueueCounts
from ..tags import TagSet

MOST_ROWS = 100
"""So many rows of reviewers, subteams and tags are shown; the rest is added up in one."""


def told(activity: Activity, tags: TagSet | None = None) -> dict[str, Any]:
    """Totals and rows: of each type, subteam, reviewer and tag what is pending and what is complete.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from cmtools.model import QueueActivity
    >>> queues = (QueueActivity("Image", "legal", QueueCounts(pending=2, complete=6)),)
    >>> told(Activity(datetime(2026, 3, 1, tzinfo=UTC), "ana", 3, queues))["types"]
    [{'name': 'Image', 'pending': 2, 'complete': 6}]
    """
    by_type: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    by_subteam: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    states = dict.fromkeys(("waiting", "in_hand", "submitted", "disputed", "complete", "unpublished"), 0)
    for queue in activity.queues:
        counts = queue.counts
        for name, count in _states(counts).items():
            states[name] += count
        for groups, name in ((by_type, queue.type), (by_subteam, queue.subteam)):
            groups[name][0] += counts.total - counts.complete - counts.unpublished
            groups[name][1] += counts.complete
    people = [
        {"name": each.reviewer, "pending": each.pending, "complete": each.complete, "today": each.today}
        for each in activity.reviewers
    ]
    marks = [
        {"name": _label(tags, each.tag), "pending": each.pending, "complete": each.complete, "on": each.on}
        for each in activity.tags
    ]
    return {
        "at": activity.at.isoformat(),
        "reviewer": activity.reviewer,
        "today": activity.today,
        "team_today": sum(each.today for each in activity.reviewers),
        "states": states,
        "waiting": _waiting(activity, "pending"),
        "disputes": _waiting(activity, "disputed"),
        "types": _rows(by_type),
        "subteams": _most(_rows(by_subteam)),
        "reviewers": _most(sorted(people, key=lambda row: (-int(row["complete"]), str(row["name"])))),
        "tags": marks[:MOST_ROWS],
    }


def _states(counts: QueueCounts) -> dict[str, int]:
    return {
        "waiting": counts.pending,
        "in_hand": counts.leased + counts.held,
        "submitted": counts.submitted,
        "disputed": counts.disputed,
        "complete": counts.complete,
        "unpublished": counts.unpublished,
    }


def _waiting(activity: Activity, state: str) -> dict[str, int]:
    """How many reviews of each type wait in the queue, or for an adjudicator, over all subteams."""
    found: dict[str, int] = defaultdict(int)
    for queue in activity.queues:
        found[queue.type] += getattr(queue.counts, state)
    return dict(found)


def _rows(groups: dict[str, list[int]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "pending": pending, "complete": complete} for name, (pending, complete) in sorted(groups.items())
    ]


def _most(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first rows, and one more that adds up the others."""
    shown = list(rows)
    if len(shown) <= MOST_ROWS:
        return shown
    rest = shown[MOST_ROWS:]
    numbers = [name for name in rest[0] if name != "name"]
    others = {name: sum(row[name] for row in rest) for name in numbers}
    return [*shown[:MOST_ROWS], {"name": f"{len(rest)} others", **others}]


def _label(tags: TagSet | None, code: str) -> str:
    """A tag by its name, and its code where that says something else.

    Examples
    --------
    >>> from cmtools import Tag
    >>> [_label(TagSet([Tag("a", "isadult"), Tag("night")]), code) for code in ("a", "night", "gone")]
    ['isadult (a)', 'night', 'gone']
    """
    name = tags[code].name if tags is not None and code in tags else code
    return code if name == code else f"{name} ({code})"
