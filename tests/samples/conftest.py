"""A folder of crops, made once and only read."""

from __future__ import annotations

from pathlib import Path

import pytest

from cmtools.samples import crops


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """64 crops."""
    folder = tmp_path_factory.mktemp("crops") / "photos"
    crops(folder)
    return folder
