"""What every route refuses alike, before its rule or its database sees it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from cmtools.testing import RunningService, running_service
from tests.tools import postgres

REVIEW = "/contentmoderator/review/v1.0/teams/demo"
OWN = "/cmtools/v1/teams/demo"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """On PostgreSQL, which cannot keep U+0000 and fails when it is asked for it."""
    url = postgres.fresh_database()
    with running_service(url, media=str(tmp_path_factory.mktemp("media"))) as service:
        yield service
    postgres.drop_database(url)


@pytest.mark.parametrize(
    "path",
    [
        f"{REVIEW}/reviews/a%00b",
        f"{REVIEW}/jobs/a%00b",
        f"{REVIEW}/workflows/%00",
        f"{OWN}/jobs/%00",
        f"{OWN}/reviews?subteam=%00",
        f"{OWN}/events?review_id=a%00",
    ],
)
def test_address_with_a_character_that_no_database_keeps_is_a_clean_400(running: RunningService, path: str) -> None:
    answer = requests.get(running.url + path, headers={"Ocp-Apim-Subscription-Key": running.key}, timeout=30)
    assert answer.status_code == 400
    assert "U+0000" in answer.json()["Error"]["Message"]


def test_key_comes_before_the_address(running: RunningService) -> None:
    assert requests.get(f"{running.url}{REVIEW}/reviews/%00", timeout=30).status_code == 401


def test_reviewer_with_such_a_character_is_a_clean_400(running: RunningService) -> None:
    headers = {"Ocp-Apim-Subscription-Key": running.key, "Cmtools-Reviewer": "a%00"}
    answer = requests.post(f"{running.url}{OWN}/leases", json={"count": 1}, headers=headers, timeout=30)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{REVIEW}/nothing"),
        ("DELETE", f"{REVIEW}/reviews"),
        ("GET", "/contentmoderator/review/v1.0/"),
        ("GET", "/contentmoderator/moderate/v1.0/ProcessImage/FindFaces"),
        ("POST", OWN),
    ],
)
def test_who_has_no_key_is_not_told_what_there_is(running: RunningService, method: str, path: str) -> None:
    key = {"Ocp-Apim-Subscription-Key": running.key}
    wrong = {"Ocp-Apim-Subscription-Key": "wrong"}
    statuses = [
        requests.request(method, running.url + path, headers=headers, timeout=30).status_code
        for headers in ({}, wrong, key)
    ]
    assert statuses[:2] == [401, 401]
    assert statuses[2] in (404, 405)


@pytest.mark.parametrize("name", ["subscription-key", "Subscription-Key", "SUBSCRIPTION-KEY"])
def test_key_in_the_address_is_found_in_any_case(running: RunningService, name: str) -> None:
    answer = requests.get(f"{running.url}{REVIEW}/workflows", params={name: running.key}, timeout=30)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "//contentmoderator/review/v1.0/teams/demo/workflows",
        "/ContentModerator/Review/V1.0/Teams/Demo/WorkFlows/Default",
        "/contentmoderator/review/v1.0/teams/demo/workflows/",
    ],
)
def test_address_as_old_code_may_write_it_is_understood(running: RunningService, path: str) -> None:
    headers = {"Ocp-Apim-Subscription-Key": running.key}
    answer = requests.get(running.url + path, headers=headers, allow_redirects=False, timeout=30)
    assert answer.status_code == 200
    assert "default" in answer.text


def test_address_of_the_service_leads_to_the_page_of_operations(running: RunningService) -> None:
    assert "openapi.json" in requests.get(running.url, timeout=30).text


@pytest.mark.parametrize(
    ("sent", "status"),
    [("Zo\u00eb".encode(), 200), (b"Zo%C3%AB", 200), (b"Zo\xeb", 400), (b"a%0Ab", 400), (b"a%1B%5Bb", 400)],
)
def test_reviewers_name_is_read_right_or_refused(running: RunningService, sent: bytes, status: int) -> None:
    headers = {"Ocp-Apim-Subscription-Key": running.key, "Cmtools-Reviewer": sent}
    answered = requests.get(f"{running.url}{OWN}/whoami", headers=headers, timeout=10)
    assert answered.status_code == status
    assert status != 200 or answered.json()["reviewer"] == "Zo\u00eb"
