"""What tests of commands that ask a service share: one with decisions, named by the environment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cmtools.model import Draft
from cmtools.testing import RunningService, running_service


@pytest.fixture(scope="package")
def decided() -> Iterator[RunningService]:
    """A service with 24 texts decided, a third of them by night, and two that wait. Tests change nothing in it."""
    with running_service() as running:
        client = running.client("ana")
        client.add_subteam("night")
        for subteam, numbers in (("night", range(8)), ("public", range(8, 24))):
            drafts = [Draft(f"text {n}", f"t{n}", "Text", metadata=(("a", str(n % 2 == 0)),)) for n in numbers]
            client.create_reviews(drafts, subteam=subteam, progress=False)
        while (lease := client.checkout(24, type="Text")).reviews:
            client.submit(lease, {each.id: {"a": int(each.content_id[1:]) % 3 == 0} for each in lease.reviews})
        running.advance(10)
        client.create_reviews([Draft("late", f"late-{n}", "Text") for n in range(2)], progress=False)
        yield running


@pytest.fixture
def service(decided: RunningService, monkeypatch: pytest.MonkeyPatch) -> RunningService:
    """The same, named by the environment."""
    for name in ("url", "key", "team"):
        monkeypatch.setenv(f"CMTOOLS_{name.upper()}", getattr(decided, name))
    return decided
