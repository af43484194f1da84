"""What the OpenAPI document says of every operation: answers, refusals, bodies, parameters. It answers no request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi

from ..wire import examples, job_examples, own, review_examples, schemas
from ..wire.schemas import Schema

JSON = "application/json"
TEAM_REFUSALS = (400, 401, 403, 404, 429, 503)
"""What every operation of a team can answer: a senseless request, no key, a key that may not, no such team or thing,
too many requests, no database."""
BODY_REFUSALS = (413,)

PARAMETERS: dict[str, Schema] = {
    "team": {"description": "The team's name, in any case.", "example": "demo"},
    "review_id": {"description": "A review's id, as its creation answered it."},
    "lease_id": {"description": "A lease's id, as the checkout answered it."},
    "submission_id": {"description": "A submission's id, as the submission answered it."},
    "picture_id": {"description": "A picture's id, as its upload answered it."},
    "job_id": {"description": "A job's id, as its creation answered it."},
    "workflow_name": {"description": "The workflow's name, in any case."},
    "name": {"description": "`IMG_` and a review's id, or `FRM_`, a review's id, `_` and a frame's milliseconds."},
    "key_id": {"description": "A key's id, as the list of keys has it; never the key itself."},
    "short_code": {"description": "A tag's short code, in any case."},
    "subteam": {"description": "Only this subteam's; left out, all."},
    "status": {
        "description": "Only those in this state; in any case.",
        "schema": {"type": "string", "enum": ["Pending", "Complete", "Unpublished"]},
    },
    "type": {
        "description": "Only this content type; in any case.",
        "schema": {"type": "string", "enum": ["Image", "Text", "Video"]},
    },
    "content_type": {
        "description": "What the body is; in any case.",
        "schema": {"type": "string", "enum": ["Image", "Text"]},
    },
    "thresholds": {
        "description": "Whose thresholds hold: the team's, or for each tag the tagger's own.",
        "schema": {"type": "string", "enum": ["team", "tagger"]},
    },
    "state": {
        "description": "Only those in this state.",
        "schema": {"type": "string", "enum": ["waiting", "delivered", "failed", "cancelled"]},
    },
    "before": {"description": "The cursor that stands in `next` of the page before; left out, the first page."},
    "after": {
        "description": "The cursor that stands in `next` of the page before; left out, the first page.",
        "schema": {"pattern": "^[0-9]{0,18}$"},
    },
    "noted": {"description": "The digest of an earlier head, as somebody noted it."},
    "metadata": {"description": "Whether other metadata comes too."},
    "seal": {"description": "A SHA-256, as 64 hexadecimal digits."},
    "since": {
        "description": "Only what was decided after this moment (ISO 8601, with its offset).",
        "schema": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
    },
    "answers": {
        "description": "What each reviewer said, the final tags of each review, or what each said of golden items."
    },
    "exposure": {"description": "Whether it comes how often, and how long, the reviewer saw the picture uncovered."},
    "limit": {"description": "The most that one page holds."},
    "everyone": {"description": "Whether those of all reviewers, which takes a lead's or an administrator's key."},
    "size": {"description": "The longest side, in pixels."},
    own.REVIEWER_HEADER: {
        "description": "The reviewer that an administrator's key acts for, percent-encoded where it is not ASCII; left "
        "out, the key's own."
    },
    own.LEASE_HEADER: {"description": "The token that the checkout (or the last resume) answered."},
}
"""What a parameter is, by its name, where the operation does not say it itself."""

TAGS = {
    "Review API": "The retired vendor's operations, at its paths and in its words. The names of fields, query "
    "parameters and form parts are read in any case. Answers are spelt as the documented samples spell them: reviews "
    "and frames in camelCase, jobs and workflows in PascalCase. A request whose User-Agent names one of the vendor's "
    "SDKs gets PascalCase throughout; the setting `spelling` overrides.",
    "Moderation API": "The retired vendor's operations that ask the service's tagger at once. The key alone says whose "
    "they are.",
    "Team": "A team, its tags and its subteams.",
    "Reviews": "Reviews with everything that is known of them.",
    "Jobs": "Jobs with everything that is known of them.",
    "Taggers": "What the service's taggers say, at once.",
    "Pictures": "Pictures that the service keeps and shows.",
    "Leases": "Taking reviews, deciding them, taking a decision back.",
    "Opinions": "Reviews that several people decide, and golden items.",
    "People": "Notes for colleagues, care for those who look, how their screens are.",
    "Callbacks": "Notices to callers: how they went, sending them anew, the secret that signs them.",
    "Records": "What was done.",
    "Keys": "Who may do what.",
    "Health": "Whether the service is well.",
}

DESCRIPTION = f"""Human reviews of images, texts and videos: create them, hand them out to reviewers, read the results.

Send the team's key in the header `{own.KEY_HEADER}`, or as the query parameter `subscription-key`. A request
is looked at in this order: the key, the team, the thing that it names, its body.

Every refusal has the body `{{"Error": {{"Code": "...", "Message": "..."}}}}`. The message names the value at fault by
its JSON path, such as `[3].Metadata[0].Key`; a list with one bad item is refused as a whole. No text may hold U+0000.
Moments are ISO 8601 in UTC."""


def says(
    name: str,
    gives: type | Schema | None = None,
    *,
    what: str = "",
    status: int = 200,
    takes: type | dict[str, Any] | None = None,
    refuses: tuple[int, ...] = (),
    of_team: bool = True,
    summary: str | None = None,
    headers: Mapping[str, str] | None = None,
    links: Mapping[str, Any] | None = None,
    callbacks: Mapping[str, Any] | None = None,
    parameters: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Arguments for a route's decorator: its name in the document, what it takes, gives and refuses.

    Parameters
    ----------
    name : str
        The operation's id: a verb first, in snake_case.
    gives : type or dict, optional
        A record, a JSON Schema, or (with `content`) other media types; nothing for an empty answer.
    what : str
        What the answer is, in a sentence.
    takes : type or dict, optional
        A model of `wire.bodies`, or a request body as OpenAPI writes it.
    refuses : tuple of int
        Statuses of refusals beside those that every operation of a team has.

    Examples
    --------
    >>> said = says("count_things", {"type": "integer"}, what="The number.", refuses=(409,))
    >>> said["operation_id"], sorted(said["responses"])
    ('count_things', [200, 400, 401, 403, 404, 409, 429, 503])
    """
    answer: dict[str, Any] = {"description": what or _described(gives)}
    if gives is not None:
        answer["content"] = _content(gives)
    if headers:
        answer["headers"] = {
            each: {"description": said, "schema": {"type": "string"}} for each, said in headers.items()
        }
    if links:
        answer["links"] = dict(links)
    statuses = {*refuses, *(TEAM_REFUSALS if of_team else ()), *(BODY_REFUSALS if takes else ())}
    extra: dict[str, Any] = {}
    if takes is not None:
        extra["requestBody"] = takes if isinstance(takes, dict) else json_body(takes)
    if parameters:
        extra["parameters"] = parameters
    if callbacks:
        extra["callbacks"] = dict(callbacks)
    return {
        "operation_id": name,
        "summary": summary or name.replace("_", " ").capitalize(),
        "status_code": status,
        "response_class": Response,
        "responses": {status: answer, **{each: refusal(each) for each in sorted(statuses)}},
        "openapi_extra": extra,
    }


def content(*media_types: str, schema: Schema | None = None) -> Schema:
    """An answer in other media types than JSON; bytes unless a schema says more."""
    said = schema or {"type": "string", "format": "binary"}
    return {"content": {each: {"schema": said} for each in media_types}}


def json_body(model: type | Schema, description: str = "", *, examples: Mapping[str, Any] | None = None) -> Schema:
    """A JSON request body, with examples by name; a model's own example comes with it."""
    said: dict[str, Any] = {"schema": _schema(model)}
    if examples:
        said["examples"] = {name: {"value": value} for name, value in examples.items()}
    required = isinstance(model, dict) or schemas.needs_anything(model)
    return {"required": required, "description": description or _described(model), "content": {JSON: said}}


def page_of(name: str, record: type) -> Schema:
    """A page of records under a name, and the cursor of the next page."""
    cursor = {"type": ["string", "null"], "description": "The next page's cursor, for `after`; null: that was all."}
    return schemas.object_of({name: schemas.list_of(schemas.ref(record)), "next": cursor})


def listing_of(name: str, record: type) -> Schema:
    """All records under a name."""
    return schemas.object_of({name: schemas.list_of(schemas.ref(record))})


def link(operation: str, description: str, **parameters: str) -> dict[str, Any]:
    """How a value of this answer leads to another operation; ``__`` in a parameter's name stands for ``.``."""
    named = {each.replace("__", "."): value for each, value in parameters.items()}
    return {"operationId": operation, "description": description, "parameters": named}


def notice(shape: str, address: str, description: str) -> dict[str, Any]:
    """What is sent to a callback endpoint, which stands in the request at ``address``."""
    sent = {"required": True, "content": {JSON: {"schema": schemas.ref(shape)}}}
    post = {"requestBody": sent, "responses": {"2XX": {"description": "Taken; another answer brings it again later."}}}
    return {shape: {address: {"post": {"summary": description, **post}}}}


def refusal(status: int) -> dict[str, Any]:
    """What the document says of one kind of refusal."""
    said = [
        f"`{code}`: {(cls.__doc__ or '').strip().splitlines()[0]}" for code, cls in schemas.codes_of(status).items()
    ]
    answer = {"schema": schemas.ref("Error"), "example": examples.refusal(status)}
    return {"description": " ".join(said), "content": {JSON: answer}}


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the service, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _made(app)
    return app.openapi_schema


def _made(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=app.title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": said} for name, said in TAGS.items()],
        servers=app.servers,
    )
    for operations in made["paths"].values():
        for operation in operations.values():
            operation["responses"] = _shared(operation["responses"])
            named = {
                (each["in"], each["name"]): each for each in operation.get("parameters", ())
            }  # the last one counts
            operation["parameters"] = list(named.values())
            for parameter in operation["parameters"]:
                _complete(parameter)
    made["components"]["responses"] = {f"Refusal{status}": refusal(status) for status in examples.REFUSALS}
    shapes = (examples, review_examples, job_examples)
    made["components"]["schemas"] = {name: each for shape in shapes for name, each in shape.components().items()}
    return made


def _shared(responses: dict[str, Any]) -> dict[str, Any]:
    """The answers of an operation, its refusals by reference; without FastAPI's own 422, which here is a 400."""
    return {
        status: answer if status < "4" else {"$ref": f"#/components/responses/Refusal{status}"}
        for status, answer in responses.items()
        if status != "422"
    }


def _complete(parameter: dict[str, Any]) -> None:
    """Say what is known of a parameter; one that is left out is absent, and never null."""
    schema = parameter["schema"]
    choices = [each for each in schema.pop("anyOf", ()) if each.get("type") != "null"]
    schema.update(*choices)
    schema.pop("title", None)
    for key, value in PARAMETERS.get(parameter["name"], {}).items():
        if key == "schema":
            schema.update(value)
        parameter.setdefault(key, value)


def _schema(said: type | Schema) -> Schema:
    return said if isinstance(said, dict) else schemas.ref(said)


def _described(said: type | Schema | None) -> str:
    if said is None:
        return "Done; the answer is empty."
    if isinstance(said, dict):
        return str(said.get("description", "The answer."))
    return schemas.described(said)


def _content(said: type | Schema) -> dict[str, Any]:
    """By media type; JSON unless the answer was made by `content`."""
    if isinstance(said, dict) and set(said) == {"content"}:
        return dict(said["content"])
    return {JSON: {"schema": _schema(said)}}
