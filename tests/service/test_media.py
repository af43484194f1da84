"""Where pictures are kept: a folder or any other fsspec file system, with all of a file or nothing of it."""

from __future__ import annotations

import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import pytest

from cmtools.errors import BadPicture, NotFound
from cmtools.service.media import Media
from tests.content.pictures import opened
from tests.tools.pictures import png


@pytest.fixture(params=["folder", "memory", "odd"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder; a file system that is none; one with signs in its name that mean something to a shell."""
    return {
        "folder": str(tmp_path / "media"),
        "memory": f"memory://{uuid.uuid4().hex}/pictures",
        "odd": f"memory://{uuid.uuid4().hex}/[a-b]*?/pictures",
    }[request.param]


def files(root: str) -> list[str]:
    system, path = fsspec.core.url_to_fs(root)
    return [found for found in system.find(path.split("*")[0].rpartition("/")[0]) if path.strip("/") in found]


def test_what_was_kept_is_given_back(root: str) -> None:
    media = Media(root)
    id, facts = media.save("demo", png())
    assert media.load("demo", id) == png()
    assert (facts.media_type, facts.width, facts.height) == ("image/png", 200, 150)


def test_same_bytes_are_one_file_and_nothing_else_stays(root: str) -> None:
    media = Media(root)
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: media.save("demo", png())[0], range(40)))
    (id,) = ids
    assert sorted(name.rpartition("/")[2] for name in files(root)) == [id, f"{id}-192", f"{id}-24"]


def test_teams_do_not_share_pictures(root: str) -> None:
    media = Media(root)
    id, _ = media.save("demo", png())
    with pytest.raises(NotFound, match="gone from the service's storage"):
        media.load("other", id)


def test_what_is_no_picture_is_not_kept(root: str) -> None:
    with pytest.raises(BadPicture):
        Media(root).save("demo", b"hello")
    assert files(root) == []


def test_name_of_a_team_leads_nowhere_else(root: str) -> None:
    media = Media(root)
    media.save("../..", png())
    assert len(files(root)) == 3


def test_bytes_made_from_a_picture_come_back_or_are_absent(root: str) -> None:
    media = Media(root)
    assert media.cached("demo", "thumbnails", "7-100") is None
    media.cache("demo", "thumbnails", "7-100", b"small")
    assert media.cached("demo", "thumbnails", "7-100") == b"small"


def test_what_a_board_shows_of_a_picture_is_made_as_it_is_kept(root: str) -> None:
    media = Media(root)
    id, _ = media.save("demo", png())
    assert {side: opened(media.cached("demo", "thumbnails", f"{id}-{side}") or b"").width for side in (192, 24)} == {
        192: 192,
        24: 24,
    }


def test_writes_that_were_cut_short_are_swept_after_an_hour(tmp_path: Path) -> None:
    media = Media(str(tmp_path / "media"))
    id, _ = media.save("demo", png())
    kept = next(path for path in (tmp_path / "media").rglob("*") if path.is_file())
    stray, fresh = kept.with_name(f"{kept.name}.abc.part"), kept.with_name(f"{kept.name}.def.part")
    for path, age in ((stray, 3700), (fresh, 10), (kept, 9999)):
        path.touch()
        os.utime(path, (1_000_000_000 - age,) * 2)
    assert media.sweep(1_000_000_000.0) == 1
    assert not stray.exists()
    assert fresh.exists()
    assert media.load("demo", id) == png()


def test_file_system_that_is_no_folder_has_nothing_to_sweep() -> None:
    assert Media(f"memory://{uuid.uuid4().hex}").sweep(9e9) == 0
