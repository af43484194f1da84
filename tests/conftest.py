"""The five fixtures that all tests share: clock, store, service, client, team. A folder may add its own beside them."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.tools import postgres

if TYPE_CHECKING:
    from cmtools.client.client import Client
    from cmtools.model import Team
    from cmtools.service.embedded import Service
    from cmtools.store.base import Store
    from cmtools.testing import ManualClock

for name in [name for name in os.environ if name.startswith("CMTOOLS_")]:
    if name not in ("CMTOOLS_CHROMIUM", "CMTOOLS_TEST_POSTGRES"):
        del os.environ[name]  # a service of the person who runs the tests is not to be touched

SHARING = frozenset({"widgets"})
"""Folders whose tests have one browser for all of them; those in a JupyterLab or a portal go by themselves."""

# The same examples every time, and no limit on one example's time: two busy cores must not turn a test red.
settings.register_profile("cmtools", deadline=None, derandomize=True)
settings.load_profile("cmtools")


FIRST = ("tests/fuzz", "tests/widgets", "tests/test_notebooks.py", "tests/proofs", "tests/test_javascript.py")
"""What takes long begins first, so that nothing is waited for at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {item.nodeid: [item.nodeid.startswith(path) for path in FIRST] for item in items}
    items.sort(key=lambda item: places[item.nodeid], reverse=True)


def pytest_collection_finish() -> None:
    """What is collected stays to the end: that the collector of garbage looked through it took a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class SharingScheduler(LoadScopeScheduling):
    """Of tests that run side by side a file stays together, and so does a folder that shares what is slow to start."""

    def _split_scope(self, nodeid: str) -> str:
        path = PurePosixPath(nodeid.partition("::")[0])
        if path.name == "test_notebooks.py":
            return nodeid  # each in a folder and a service of its own
        if path.parent.name not in SHARING:
            return str(path)
        return f"{path.parent} on sites" if path.stem.endswith(("_in_lab", "_site")) else str(path.parent)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharingScheduler:
    return SharingScheduler(config, log)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still until the test moves it."""
    from cmtools.testing import ManualClock

    return ManualClock()


@cache
def _migrated() -> bytes:
    """An SQLite file with our tables, to copy."""
    from cmtools.store import open_store

    with TemporaryDirectory() as folder:
        open_store(f"{folder}/reviews.db").close()
        return Path(folder, "reviews.db").read_bytes()


_SPARE: list[str] = []


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind in turn."""
    from cmtools.store import open_store

    if request.param == "sqlite":
        (tmp_path / "reviews.db").write_bytes(_migrated())
        url = str(tmp_path / "reviews.db")
    else:
        url = _SPARE.pop() if _SPARE else postgres.fresh_database()
    opened = open_store(url)
    try:
        yield opened
    finally:
        opened.close()
        if request.param == "postgresql":
            postgres.clear_database(url)
            _SPARE.append(url)


@pytest.fixture
def service() -> Iterator[Service]:
    """A running service of the test's own."""
    from cmtools import serve

    with serve() as running:
        yield running


@pytest.fixture
def client(service: Service) -> Client:
    """A client of that service, for the reviewer ``ana``."""
    from cmtools.client.client import Client

    return Client(service.url, key=service.key, team=service.team, reviewer="ana")


@pytest.fixture
def team(client: Client) -> Team:
    """The team that the client works for."""
    return client.team()
