"""The service's queue behaves as the plain model does, whatever happens in whatever order."""

from __future__ import annotations

from . import state_machine


def test_random_stories_never_part_from_the_model() -> None:
    assert state_machine.run(stories=15, length=40) > 400
