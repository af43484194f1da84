"""One service per file; for each test a team of its own, with the vendor's Python SDK signed in as old code does it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from azure.cognitiveservices.vision.contentmoderator import ContentModeratorClient

from cmtools.testing import RunningService
from tests.sdk.desk import Desk, connect, desk_service
from tests.sdk.pictures import PictureServer


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    """A service with the two small taggers of `tests.sdk.taggers`."""
    with desk_service() as running:
        yield running


@pytest.fixture
def desk(service: RunningService) -> Desk:
    """A new team on that service."""
    return Desk.of_new_team(service)


@pytest.fixture
def sdk(desk: Desk) -> Iterator[ContentModeratorClient]:
    """The vendor's client with that team's key."""
    with connect(desk.service.url, desk.key) as client:
        yield client


@pytest.fixture(scope="module")
def pictures() -> Iterator[PictureServer]:
    """A site with pictures on it."""
    with PictureServer() as site:
        yield site
