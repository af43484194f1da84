"""Jobs and workflows over HTTP with a plain client: spelling, who may do what, and which refusal comes first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from cmtools.testing import RunningService, running_service

from .bench import ADULT, Fixed

TEAM = "/contentmoderator/review/v1.0/teams/demo"
JOBS = f"{TEAM}/jobs"
ADDRESS = b'{"contentValue": "https://example.org/1.jpg"}'
WORKFLOW = {"Expression": {"Type": "Condition", "OutputName": "isAdult", "Operator": "eq", "Value": "true"}}


@pytest.fixture(scope="module")
def running() -> Iterator[RunningService]:
    with running_service(taggers={"Image": Fixed(ADULT)}) as service:
        yield service


def call(
    service: RunningService, method: str, path: str, *, status: int = 200, key: str | None = None, **options: object
) -> requests.Response:
    headers = {"Ocp-Apim-Subscription-Key": service.key if key is None else key}
    answer = requests.request(method, service.url + path, headers=headers, timeout=30, **options)
    assert answer.status_code == status, answer.text
    return answer


def code(answer: requests.Response) -> str:
    return answer.json()["Error"]["Code"]


def test_query_is_read_in_any_case_and_the_answer_is_as_the_live_service_gave_it(running: RunningService) -> None:
    query = "contenttype=image&CONTENTID=7&workflowName=Default&callbackendpoint=https%3A%2F%2Fx.org%2F%3Fa%3Db"
    id = call(running, "POST", f"{JOBS}?{query}", data=ADDRESS).json()["JobId"]
    job = call(running, "GET", f"{JOBS}/{id}").json()
    assert job == {
        "Id": id,
        "TeamName": "demo",
        "Status": "InProgress",
        "WorkflowId": "default",
        "Type": "Image",
        "CallBackEndpoint": "https://x.org/?a=b",
        "ReviewId": "",
        "ResultMetaData": [],
        "JobExecutionReport": [],
    }


@pytest.mark.parametrize(
    ("path", "key", "status", "expected"),
    [
        (f"{JOBS}?WorkflowName=nowhere", "wrong", 401, "NotAuthorized"),
        (f"{JOBS.replace('demo', 'other')}?WorkflowName=nowhere", None, 404, "UnknownTeam"),
        (f"{JOBS}?ContentType=Image&ContentId=1&WorkflowName=nowhere", None, 404, "NotFound"),
        (f"{JOBS}?ContentType=Video&ContentId=1&WorkflowName=default", None, 400, "BadRequest"),
        (f"{JOBS}?ContentType=Image&ContentId=1&WorkflowName=default", None, 400, "BadRequest"),
        (f"{JOBS}?ContentType=Image&WorkflowName=default", None, 400, "BadRequest"),
    ],
    ids=["key", "team", "workflow", "type", "body", "content id"],
)
def test_refusals_come_in_order_key_team_workflow_body(
    running: RunningService, path: str, key: str | None, status: int, expected: str
) -> None:
    assert code(call(running, "POST", path, key=key, status=status, data=b"")) == expected


def test_who_submits_may_create_jobs_and_read_the_workflow_by_name_and_not_change_it(running: RunningService) -> None:
    with running.client() as client:
        key = client.create_key("robot", "submitter").secret
    query = "?ContentType=Image&ContentId=1&WorkflowName=default"
    id = call(running, "POST", JOBS + query, key=key, data=ADDRESS).json()["JobId"]
    call(running, "GET", f"{JOBS}/{id}", key=key)
    assert call(running, "GET", f"{TEAM}/workflows/default", key=key).json()["Name"] == "default"
    assert code(call(running, "GET", f"{TEAM}/workflows", key=key, status=403)) == "Forbidden"  # it gets, and lists not
    assert code(call(running, "PUT", f"{TEAM}/workflows/mine", key=key, json=WORKFLOW, status=403)) == "Forbidden"


def test_who_reviews_may_read_jobs_and_not_create_them(running: RunningService) -> None:
    with running.client() as client:
        key = client.create_key("Ben", "reviewer").secret
    query = "?ContentType=Image&ContentId=1&WorkflowName=default"
    assert code(call(running, "POST", JOBS + query, key=key, data=ADDRESS, status=403)) == "Forbidden"
    assert code(call(running, "GET", f"{JOBS}/2026010", key=key, status=404)) == "NotFound"


def test_workflow_is_kept_with_the_answer_true(running: RunningService) -> None:
    assert call(running, "PUT", f"{TEAM}/workflows/my%20own", json=WORKFLOW).text == "true"
    kept = call(running, "GET", f"{TEAM}/workflows/MY%20OWN").json()
    assert kept == {"Name": "my own", "Description": "", "Type": "Image", **WORKFLOW}


def test_bad_expression_is_named_by_its_path(running: RunningService) -> None:
    bad = {"Expression": {**WORKFLOW["Expression"], "Operator": "ne"}}
    answer = call(running, "PUT", f"{TEAM}/workflows/bad", json=bad, status=400)
    assert answer.json()["Error"]["Message"].startswith("Expression.Operator: there is no 'ne'")


def test_workflow_that_is_called_no_json_is_refused(running: RunningService) -> None:
    headers = {"Ocp-Apim-Subscription-Key": running.key, "Content-Type": "text/plain"}
    answer = requests.put(f"{running.url}{TEAM}/workflows/x", data=b"{}", headers=headers, timeout=30)
    assert answer.status_code == 415
