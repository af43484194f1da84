"""The same service on PostgreSQL, as a team runs it: two processes' worth of service on one database."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import cmtools as cm
from cmtools.testing import ManualClock, RunningService, running_service
from tests.tools import postgres


@pytest.fixture
def services(tmp_path: Path) -> Iterator[tuple[RunningService, RunningService]]:
    """Two services that share a database and a folder for pictures."""
    url = postgres.fresh_database()
    shared = {"clock": ManualClock(), "media": str(tmp_path / "media"), "copy_content": False}
    with running_service(url, **shared) as one, running_service(url, **shared) as two:
        yield one, two
    postgres.drop_database(url)


def test_reviewers_on_two_services_share_one_queue(services: tuple[RunningService, RunningService]) -> None:
    one, two = services
    ana, ben = one_key(one, two)
    ids = ana.create_reviews(cm.make_drafts([f"https://x.org/{n}.jpg" for n in range(60)]), progress=False)
    assert ben.create_reviews(cm.make_drafts([f"https://x.org/{n}.jpg" for n in range(60)]), progress=False) == ids

    def review_everything(client: cm.Client) -> list[str]:
        done: list[str] = []
        while (lease := client.checkout(3)).reviews:
            client.submit(lease, {review.id: {"r": True} for review in lease.reviews})
            done += [review.id for review in lease.reviews]
        return done

    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(review_everything, [ana, ben, ana, ben]))
    assert sorted(id for part in parts for id in part) == sorted(ids)
    two.advance(5)
    assert len(ana.decisions()) == 60 * 2
    assert {event.action for event in ben.events(ids[0])} == {"create", "checkout", "submit", "finalise"}


def one_key(one: RunningService, two: RunningService) -> tuple[cm.Client, cm.Client]:
    """Clients of both services; the second one's start installed the key that counts."""
    return one.client("ana", key=two.key), two.client("ben")
