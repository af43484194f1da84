"""What the portal's settings show and change, each by one call of a `Client`. The service decides who may."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..client.client import Client
from ..errors import BadRequest
from ..model import ApiKey, CallbackAttempt, CallbackSecret
from ..wire.expressions import write_expression

Values = Mapping[str, Any]

MOST_CALLBACKS = 100
"""How many notices of each state are listed."""
STATES = ("failed", "waiting", "delivered", "cancelled")
MINUTE = 60


def told(client: Client) -> dict[str, Any]:
    """Everything that the settings list; no secret is among it."""
    team, held = client.team(), client.keys()
    return {
        "tags": [
            {
                "code": tag.short_code,
                "name": tag.name,
                "about": tag.description,
                "visible": tag.visible,
                "threshold": tag.threshold,
            }
            for tag in team.tags.values()
        ],
        "subteams": list(team.subteams),
        "keys": [_key(key) for key in held],
        "me": client.whoami().key_id,
        "callbacks": {state: [_notice(one) for one in client.callbacks(state, MOST_CALLBACKS)] for state in STATES},
        "workflows": [
            {
                "name": workflow.name,
                "kind": workflow.type,
                "about": workflow.description,
                "rule": json.dumps(write_expression(workflow.expression), indent=2),
            }
            for workflow in client.workflows()
        ],
        "break_minutes": None if team.break_after_seconds is None else team.break_after_seconds / MINUTE,
        "most_reveals": team.most_reveals_per_day,
        "golden_feedback": team.golden_feedback,
    }


def do(client: Client, action: str, values: Values) -> dict[str, Any]:
    """Do one thing; what is to be told of it, where there is something: a ``secret`` is shown once.

    Raises
    ------
    BadRequest
        There is no such action, or a value is none.
    CmtoolsError
        What the service refuses with.
    """
    if action not in ACTIONS:
        raise BadRequest(f"the settings know no {action!r}; they know {', '.join(ACTIONS)}")
    return ACTIONS[action](client, values)


def _key(key: ApiKey) -> dict[str, Any]:
    ended = key.revoked_at
    return {
        "id": key.id,
        "label": key.label,
        "role": key.role,
        "reviewer": key.reviewer or "",
        "created": _moment(key.created_at),
        "ended": None if ended is None else _moment(ended),
    }


def _notice(one: CallbackAttempt) -> dict[str, Any]:
    return {
        "id": one.id,
        "of": one.review_id or one.job_id or "",
        "endpoint": one.endpoint,
        "tries": one.tries,
        "answer": one.answer,
        "tried": None if one.tried_at is None else _moment(one.tried_at),
        "next": None if one.next_at is None else _moment(one.next_at),
    }


def _moment(at: datetime) -> str:
    return at.isoformat()


def _text(values: Values, name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""


def _number(values: Values, name: str) -> float | None:
    """A number that may be left out; 0 and less count as left out."""
    value = values.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequest(f"{value!r} is no number: give one, or leave it empty for none", where=name)
    return value if value > 0 else None


def _add_tag(client: Client, values: Values) -> dict[str, Any]:
    client.add_tag(_text(values, "code"), _text(values, "name") or None, _text(values, "about") or None)
    return {}


def _set_threshold(client: Client, values: Values) -> dict[str, Any]:
    code, text = _text(values, "code"), _text(values, "threshold")
    threshold = _threshold(code, text) if text else None
    client.set_threshold(code, threshold)
    return {"told": f"The threshold of {code} is {'as the tagger has it' if threshold is None else threshold}"}


def _threshold(code: str, text: str) -> float:
    """A threshold as somebody typed it, with a point or a comma."""
    try:
        typed = float(text.replace(",", "."))
    except ValueError:
        typed = math.nan
    if 0 <= typed <= 1:
        return typed
    raise BadRequest(
        f"{text!r} is no threshold for {code}: give a number from 0 to 1, such as 0.7, or nothing for the tagger's own"
    )


def _remove_tag(client: Client, values: Values) -> dict[str, Any]:
    client.remove_tag(_text(values, "code"))
    return {}


def _add_subteam(client: Client, values: Values) -> dict[str, Any]:
    client.add_subteam(_text(values, "name"))
    return {}


def _create_key(client: Client, values: Values) -> dict[str, Any]:
    key = client.create_key(_text(values, "label"), _text(values, "role"), _text(values, "reviewer") or None)
    return _shown_once(key)


def _rotate_key(client: Client, values: Values) -> dict[str, Any]:
    return _shown_once(client.rotate_key(_text(values, "id"), grace_seconds=_number(values, "grace_seconds") or 0.0))


def _revoke_key(client: Client, values: Values) -> dict[str, Any]:
    client.revoke_key(_text(values, "id"))
    return {}


def _shown_once(key: ApiKey) -> dict[str, Any]:
    return {"secret": key.secret, "told": f"Key of {key.label} ({key.role})", "once": True}


def _redeliver(client: Client, values: Values) -> dict[str, Any]:
    count = client.redeliver(_text(values, "id") or None)
    return {"told": f"{count} {'callback is' if count == 1 else 'callbacks are'} sent anew"}


def _signing_secret(client: Client, _values: Values) -> dict[str, Any]:
    return _signs(client.callback_secret())


def _rotate_signing_secret(client: Client, values: Values) -> dict[str, Any]:
    return _signs(client.rotate_callback_secret(_number(values, "keep_seconds") or 0.0))


def _signs(found: CallbackSecret) -> dict[str, Any]:
    return {"secret": found.secret, "told": "Signing secret of the team's callbacks", "once": False}


def _put_workflow(client: Client, values: Values) -> dict[str, Any]:
    try:
        rule = json.loads(_text(values, "rule"))
    except json.JSONDecodeError as error:
        raise BadRequest(
            f"the rule is no JSON: {error.msg} in line {error.lineno}, column {error.colno}", where="rule"
        ) from None
    if not isinstance(rule, dict):
        raise BadRequest("the rule is no JSON object, as in {...}", where="rule")
    name, kind = _text(values, "name"), _text(values, "kind") or "Image"
    client.put_workflow(name, rule, type=kind, description=_text(values, "about"))
    return {"told": f"Workflow {name} is kept"}


def _set_wellness(client: Client, values: Values) -> dict[str, Any]:
    minutes, most = _number(values, "break_minutes"), _number(values, "most_reveals")
    client.set_wellness(None if minutes is None else minutes * MINUTE, None if most is None else int(most))
    return {"told": "Breaks and the cap are kept"}


def _set_golden_feedback(client: Client, values: Values) -> dict[str, Any]:
    on = values.get("on") is True
    client.set_golden_feedback(on)
    return {"told": f"Reviewers are told {'what the known answers were' if on else 'nothing of golden items'}"}


ACTIONS: Mapping[str, Callable[[Client, Values], dict[str, Any]]] = {
    "add_tag": _add_tag,
    "set_threshold": _set_threshold,
    "remove_tag": _remove_tag,
    "add_subteam": _add_subteam,
    "create_key": _create_key,
    "rotate_key": _rotate_key,
    "revoke_key": _revoke_key,
    "redeliver": _redeliver,
    "signing_secret": _signing_secret,
    "rotate_signing_secret": _rotate_signing_secret,
    "put_workflow": _put_workflow,
    "set_wellness": _set_wellness,
    "set_golden_feedback": _set_golden_feedback,
}
