"""Every error there is, written by the service and read by the client, is the same class with the same words."""

from __future__ import annotations

import json

import pytest

from cmtools.errors import CmtoolsError, error_classes
from cmtools.wire import failures

CLASSES = [cls for cls in error_classes() if cls.__module__ == "cmtools.errors"]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_error_comes_back_as_the_class_that_was_raised(cls: type[CmtoolsError]) -> None:
    sent = cls("what happened, and what to do", where="[3].Type")
    received = failures.read_error(cls.status, json.dumps(failures.write_error(sent)).encode())
    assert type(received) is cls
    assert str(received) == str(sent)


def test_tree_is_as_large_as_it_is_drawn() -> None:
    from cmtools import errors

    drawn = {word for word in (errors.__doc__ or "").replace("(", " ").split() if hasattr(errors, word)}
    assert {cls.__name__ for cls in CLASSES} == drawn
