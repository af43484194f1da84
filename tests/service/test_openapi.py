"""The OpenAPI document: whole, without loose ends, true to the routes, and fit to be read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator

from cmtools.service.app import create_app
from cmtools.service.openapi import TEAM_REFUSALS, says
from cmtools.service.routes import ROUTERS
from cmtools.service.settings import Settings
from cmtools.wire import examples, review_schemas, schemas

GOLDEN = Path(__file__).parent.parent / "wire" / "golden"

VERBS = (
    "add|check|count|create|evaluate|get|hold|list|look|move|note|publish|put|read|record|redeliver|release|remove|renew|resume|"
    "revoke|rotate|save|screen|set|settle|show|stream|submit|take|undo|upload"
)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    app = create_app(Settings(database=str(tmp_path_factory.mktemp("service") / "reviews.db")), working=False)
    try:
        return app.openapi()
    finally:
        app.state.door.store.close()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def parts(said: Any) -> Iterator[dict[str, Any]]:
    """Every object in the document."""
    if isinstance(said, dict):
        yield said
    for inner in said.values() if isinstance(said, dict) else said if isinstance(said, list) else ():
        yield from parts(inner)


def fits(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    whole = {**schema, "components": document["components"]}
    return [error.message for error in Draft202012Validator(whole).iter_errors(value)]


def test_every_reference_leads_somewhere_and_every_component_is_used(document: dict[str, Any]) -> None:
    used = {part["$ref"] for part in parts(document) if "$ref" in part}
    there = {
        f"#/components/{kind}/{name}" for kind in ("schemas", "responses") for name in document["components"][kind]
    }
    mapped = {place for part in parts(document) for place in part.get("mapping", {}).values() if isinstance(place, str)}
    assert used == there
    assert mapped <= there


def test_every_schema_is_a_schema(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_example_of_a_component_fits_it(document: dict[str, Any]) -> None:
    faults = {
        name: fits(document, schema, example)
        for name, schema in document["components"]["schemas"].items()
        for example in schema.get("examples", ())
    }
    assert {name: found for name, found in faults.items() if found} == {}
    assert len(faults) > 30


def test_every_example_of_a_body_or_an_answer_fits_its_schema(document: dict[str, Any]) -> None:
    shown = [
        (part["schema"], example)
        for part in parts(document["paths"])
        if "schema" in part and "in" not in part
        for example in [*([part["example"]] if "example" in part else []), *_named(part)]
    ]
    assert [found for schema, example in shown if (found := fits(document, schema, example))] == []
    assert len(shown) > 10


@pytest.mark.parametrize(
    ("golden", "shape"),
    [
        ("callback", "ReviewNotice"),
        ("callback_video", "ReviewNotice"),
        ("callback_job", "JobNotice"),
        ("error", "Error"),
        ("evaluation", "Evaluation"),
        ("screening", "Screening"),
        ("frames.camel", "ApiFramesCamel"),
        ("frames.pascal", "ApiFramesPascal"),
        *[(f"get_{state}.camel", "ApiReviewCamel") for state in ("complete", "pending", "unpublished")],
        *[(f"get_{state}.pascal", "ApiReviewPascal") for state in ("complete", "pending", "unpublished")],
        ("job_complete", "ApiJob"),
        ("job_in_progress", "ApiJob"),
        ("job_created", "JobCreated"),
        ("workflow_default", "WorkflowOut"),
    ],
)
def test_documented_and_recorded_answers_fit_and_have_no_key_more(
    document: dict[str, Any], golden: str, shape: str
) -> None:
    value = json.loads((GOLDEN / f"{golden}.json").read_text())
    assert fits(document, schemas.ref(shape), value) == []
    known = document["components"]["schemas"][shape]["properties"]
    assert set(value) <= set(known)


@pytest.mark.parametrize(
    ("golden", "shape"),
    [
        *[
            (f"create_{kind}.request", review_schemas.drafts())
            for kind in ("image", "text", "ours", "video", "video_documented")
        ],
        ("frames.request", schemas.list_of(schemas.ref("FrameIn"))),
        ("terms.request", schemas.list_of(schemas.ref("TermsIn"))),
        ("image_input.request", schemas.ref("ImageIn")),
        ("job_content.request", schemas.ref("JobIn")),
        ("workflow_documented.request", schemas.ref("WorkflowIn")),
        ("workflow_oldest.request", schemas.ref("WorkflowIn")),
        ("workflow_whole_language", schemas.ref("WorkflowIn")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_documented_requests_fit(document: dict[str, Any], golden: str, shape: dict[str, Any]) -> None:
    assert fits(document, shape, json.loads((GOLDEN / f"{golden}.json").read_text())) == []


def _named(part: dict[str, Any]) -> list[Any]:
    return [each["value"] for each in part["examples"].values()] if isinstance(part.get("examples"), dict) else []


def test_every_record_that_is_answered_has_an_example_and_so_has_every_body(document: dict[str, Any]) -> None:
    silent = {
        each.__name__
        for each in (*schemas.RECORDS, *schemas.BODIES)
        if not document["components"]["schemas"][each.__name__].get("examples")
    }
    assert silent == set()


def test_names_of_operations_begin_with_a_verb_and_are_unique(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(f"({VERBS})(_[a-z]+)+", name)] == []


def test_every_operation_and_parameter_is_told_in_words(document: dict[str, Any]) -> None:
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    for method, path, operation in operations(document):
        assert operation["summary"], path
        assert operation["description"], path
        assert all(tags[tag] for tag in operation["tags"]), path
        silent = [each["name"] for each in operation["parameters"] if not each.get("description")]
        assert silent == [], f"{method} {path}"
    assert set(tags) == {tag for _, _, operation in operations(document) for tag in operation["tags"]}


def test_every_operation_of_a_team_takes_the_key_in_the_header_or_the_query(document: dict[str, Any]) -> None:
    keyless = [path for _, path, operation in operations(document) if "security" not in operation]
    assert keyless == ["/health", "/ready", "/metrics"]
    schemes = document["components"]["securitySchemes"]
    assert {name: (each["in"], each["name"]) for name, each in schemes.items()} == {
        "key_header": ("header", "Ocp-Apim-Subscription-Key"),
        "key_query": ("query", "subscription-key"),
    }


def test_refusals_are_the_service_s_own(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        statuses = {int(status) for status in operation["responses"]}
        assert 422 not in statuses, path
        if "{team}" in path:
            assert set(TEAM_REFUSALS) <= statuses, path
        if "requestBody" in operation:
            assert 413 in statuses, path
        assert sum(status < 300 for status in statuses) == 1, path
    for answer in document["components"]["responses"].values():
        assert answer["content"]["application/json"]["schema"] == schemas.ref("Error")


def test_a_status_without_an_error_class_cannot_be_documented() -> None:
    with pytest.raises(KeyError):
        says("get_things", refuses=(418,))


def test_every_route_is_in_the_document(document: dict[str, Any]) -> None:
    written = {(method.upper(), path) for method, path, _ in operations(document)}
    there = {
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    assert there - written <= {
        ("GET", "/"),  # for people
        ("GET", "/docs"),
        ("HEAD", "/cmtools/v1/teams/{team}/media/{name}"),  # as GET
        ("POST", "/contentmoderator/moderate/v1.0/ProcessText/Screen"),  # as with the slash
    }
    assert written <= there


def test_links_lead_to_operations_that_have_their_parameters(document: dict[str, Any]) -> None:
    known = {operation["operationId"]: operation for _, _, operation in operations(document)}
    links = [
        link
        for _, _, operation in operations(document)
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    for link in links:
        names = {each["name"] for each in known[link["operationId"]]["parameters"]}
        assert {name.rpartition(".")[2] for name in link["parameters"]} <= names
    assert len(links) > 15


def test_both_spellings_of_an_answer_are_there_and_differ_in_nothing_else(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    for name in [name.removesuffix("Camel") for name in shapes if name.endswith("Camel")]:
        camel, pascal = shapes[f"{name}Camel"]["properties"], shapes[f"{name}Pascal"]["properties"]
        assert [each.lower() for each in camel] == [each.lower() for each in pascal]
        assert all(each[0].islower() for each in camel)
        assert all(each[0].isupper() for each in pascal)


def test_a_record_without_a_schema_is_a_programming_error() -> None:
    with pytest.raises(TypeError, match="has no schema"):
        schemas.schema_of(set[Path])


def test_no_example_holds_a_status_that_its_class_does_not_have() -> None:
    assert {status: error.status for status, error in examples.REFUSALS.items()} == {
        status: status for status in examples.REFUSALS
    }
