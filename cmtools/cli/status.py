"""`cmtools status`: whether the service can serve, whom the key stands for, and what waits. It only shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ..errors import Forbidden

if TYPE_CHECKING:
    from ..client.client import Client
    from ..model import QueueCounts

EXAMPLES = """
\b
Examples:
  cmtools status
  cmtools status --json | jq .reviews.pending

\b
What comes out:
  How many reviews stand in which state, and the same for each type and subteam. A reviewer's key is told no disputes,
  a submitter's key no figures.
  Exit code 0: the service can serve, and knows the key.  1: it cannot be reached, is not ready, or does not know the
  key; one line on standard error says which.
"""
STATES = {
    "pending": "wait for a reviewer",
    "leased": "are with a reviewer",
    "submitted": "can still be taken back",
    "held": "are put aside by a reviewer",
    "disputed": "wait for an adjudicator (a lead or administrator)",
    "unpublished": "are videos that are not published yet",
    "complete": "are decided",
}
"""The states of reviews, as `QueueCounts` has them, with what they mean."""


@click.command(epilog=EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
def status(as_json: bool) -> None:
    """Show whether the service is ready, and what waits.

    The service, team and key are those of CMTOOLS_URL, CMTOOLS_TEAM and CMTOOLS_KEY.
    """
    found = gathered()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for line in lines_of(found):
        click.echo(line)


def gathered() -> dict[str, Any]:
    """What the service of the environment says: the object that --json writes."""
    from ..client.client import Client

    with Client.from_env() as client:
        health, ready = client.health(), client.ready()
        actor = client.whoami()
        told = _told(client)
    return {
        "url": client.url,
        "ready": ready.get("status", "ready"),
        "version": health.get("version"),
        "team": actor.team,
        "key": {"label": actor.label, "role": actor.role, "reviewer": actor.reviewer},
        **told,
    }


def _told(client: Client) -> dict[str, Any]:
    """What waits; nothing for a key of a submitter, which is told only of what it creates."""
    try:
        counts, activity = client.counts(), client.activity()
    except Forbidden:
        return {"reviews": None, "queues": []}
    queues = [{"type": queue.type, "subteam": queue.subteam, **_numbers(queue.counts)} for queue in activity.queues]
    return {"reviews": _numbers(counts), "queues": queues}


def _numbers(counts: QueueCounts) -> dict[str, int]:
    return {**asdict(counts), "total": counts.total}


def lines_of(found: dict[str, Any]) -> Iterator[str]:
    """The same to read; states in which there is nothing are left out."""
    key, reviews, queues = found["key"], found["reviews"], found["queues"]
    acting = f", for {key['reviewer']}" if key["reviewer"] not in (None, key["label"]) else ""
    yield f"Service   {found['url']}, {found['ready']}, version {found['version']}"
    yield f"Team      {found['team']}"
    yield f"Key       {key['label']}{acting}, role {key['role']}"
    if reviews is None:
        yield "Reviews   a key of this role is not told"
        return
    yield f"Reviews   {reviews['total']:,}"
    width = max(len(f"{count:,}") for count in reviews.values())
    for state, meaning in STATES.items():
        if reviews[state]:
            yield f"  {reviews[state]:>{width},}  {state:<11}  {meaning}"
    if len(queues) > 1:
        yield "Of these"
        names = [f"{queue['type']}, {queue['subteam']}" for queue in queues]
        widest = max(map(len, names))
        for name, queue in zip(names, queues, strict=True):
            there = [f"{queue[state]:,} {state}" for state in STATES if queue[state]]
            yield f"  {name:<{widest}}  {', '.join(there)}"
