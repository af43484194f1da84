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
