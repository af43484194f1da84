"""What the browser is told of a board, as plain JSON: numbers and texts, no moments. It changes nothing."""

from __future__ import annotations

from datetime import datetime

from ..model import Review
from .board_state import BoardState
from .kinds import KINDS
from .opinions import preset_of, split_of
from .screen import Item, counted

LEAST_BEAT_SECONDS, MOST_BEAT_SECONDS = 5.0, 60.0
"""How often an open page says so: six times in the life of a lease, within these bounds."""


def snapshot_of(state: BoardState) -> dict[str, object]:
    """Everything but the items: small, whatever their number. Call it under the state's lock."""
    notice, team = state.notice, state.team
    left, window, undoable = state.undo_window()
    return {
        "type": "state",
        "phase": state.phase,
        "serial": state.screen.serial,
        "busy": state.busy,
        "notice": {"kind": notice.kind, "text": notice.whole, "action": notice.action} if notice else None,
        "kind": state.type,
        "count": state.count,
        "taking": state.taking,
        "blind": state.blind,
        "adjudicate": state.adjudicate,
        "feedback": bool(team and team.golden_feedback) and not state.adjudicate,
        "order": state.order,
        "reviewer": state.client.reviewer or "",
        "team": state.client.team_name or "",
        "subteam": state.subteam or "",
        "subteams": list(team.subteams) if team else [],
        "tags": [
            {"code": tag.short_code, "name": tag.name, "description": tag.description}
            for tag in (team.tags.visible if team else ())
        ],
        "queue": _queue(state),
        "mine": state.done,
        "undo": {"left": left, "window": window, "count": undoable},
        "offer": _offer(state),
        "held": [
            {"id": review.id, "name": review.content_id, "until": _until(review.held_until)} for review in state.parked
        ],
        "lost": [key for key, item in state.screen.items.items() if item.lost],
        "unsaved": state.unsaved if state.saving_failed or not state.screen.held else [],
        "beat": max(LEAST_BEAT_SECONDS, min(MOST_BEAT_SECONDS, team.lease_seconds / 6)) if team else 15.0,
    }


def _queue(state: BoardState) -> dict[str, int]:
    queue = state.queue
    if state.adjudicate:  # what is in hand and done is counted with all other reviews; here only what this board knows
        waiting = queue.disputed + state.ahead_count
        total = state.done + state.held_count + waiting
        kept = state.held_count - len(state.screen.held)
        return {"waiting": waiting, "kept": kept, "elsewhere": 0, "done": state.done, "total": total}
    return {
        "waiting": queue.pending + state.ahead_count,
        "kept": state.held_count - len(state.screen.held),
        "elsewhere": max(0, queue.leased - state.held_count - state.ahead_count),
        "done": queue.submitted + queue.complete,
        "total": queue.total - queue.unpublished,
    }


def _until(moment: datetime | None) -> str:
    """A moment in the reviewer's own time, short: the hour today, with the day on another."""
    if moment is None:
        return ""
    here = moment.astimezone()
    return f"{here:%H:%M}" if here.date() == datetime.now().astimezone().date() else f"{here:%a %H:%M}"


def _offer(state: BoardState) -> dict[str, object]:
    reviews = [review for lease in state.offer for review in lease.reviews]
    switched = sum(_switched(review) for review in reviews)
    return {"count": len(reviews), "text": counted(len(reviews), state.type), "switched": switched}


def _switched(review: Review) -> bool:
    """Whether a reviewer has switched any of its tags."""
    before = preset_of(review, review.toggles) if review.opinions else review.auto_tags
    return any(on != before.get(code, False) for code, on in review.toggles.items())


def row_of(item: Item) -> dict[str, object]:
    """What a tile needs: short, since a screen may hold a thousand."""
    review = item.review
    row: dict[str, object] = {
        "id": review.id,
        "name": review.content_id,
        "subteam": review.subteam,
        "auto": {code: on for code, on in review.auto_tags.items() if code in item.tags},
        "on": [code for code, on in item.tags.items() if on],
    }
    if review.scores:
        row["scores"] = {code: round(score, 4) for code, score in review.scores.items()}
    if review.blind:
        row["blind"] = True
    if review.opinions:
        row["said"] = split_of(review, item.tags)
    if review.created_at:
        row["at"] = round(review.created_at.timestamp(), 3)
    return row | KINDS[review.type].row(review)
