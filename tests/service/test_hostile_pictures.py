"""Hostile files are refused, each within two seconds of the processor and 256 MB, and the service goes on answering."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cmtools.content.image import inspect_picture
from cmtools.errors import BadPicture, CmtoolsError
from cmtools.model import Draft
from cmtools.service import decoding
from cmtools.service.decoding import LOOK, Decoder
from cmtools.testing import running_service
from tests.tools.hostile import HTML, SVG, encoded, hostile
from tests.tools.pictures import PictureSite, png

MOST_SECONDS = 2.0
MOST_BYTES = 256 * 1024 * 1024
linux = pytest.mark.skipif(sys.platform != "linux", reason="what a process used is read from /proc")


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return dict(hostile())


@pytest.fixture(scope="module")
def large() -> bytes:
    """A good picture of nine megapixels."""
    return encoded("PNG", (3000, 3000), compress_level=1)


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    decoder = Decoder(most_children=1)
    yield decoder
    decoder.close()


def only_child(decoder: Decoder) -> int:
    """The process that decodes."""
    (child,) = decoder._all
    return child._process.pid


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


@linux
def test_hostile_files_are_refused_within_their_limits(decoder: Decoder, files: dict[str, bytes]) -> None:
    assert len(files) >= 70
    decoder.ask("inspect", png(), LOOK)
    for name, data in files.items():
        pid = only_child(decoder)
        before = processor_seconds(pid)
        with pytest.raises(BadPicture) as refused:
            decoder.ask("inspect", data, LOOK)
        assert refused.value.message, name
        if not decoder._all:  # it went over its limits, and was ended at them
            assert LOOK.processor_seconds < MOST_SECONDS
            decoder.ask("inspect", png(), LOOK)
            continue
        assert processor_seconds(pid) - before <= MOST_SECONDS, name
        assert peak_bytes(pid) <= MOST_BYTES, name


def test_service_refuses_hostile_uploads_and_goes_on_answering(files: dict[str, bytes]) -> None:
    with running_service() as service, service.client() as client:
        for name in ("svg", "html", "png-bomb-grey", "png-profile-bomb", "gif-of-large-frames", "jpeg-cut-off"):
            path = f"{name}.png"
            with pytest.raises(CmtoolsError):
                client.create_reviews([Draft(path, name, path=_written(path, files[name]))], progress=False)
            assert client.counts().total == 0
        (id,) = client.create_reviews([Draft("a.png", "good", path=_written("a.png", png()))], progress=False)
        assert client.thumbnails([id])[id]


def test_hostile_pictures_at_addresses_are_not_copied(files: dict[str, bytes]) -> None:
    pages = {str(number): data for number, data in enumerate(files.values()) if len(data) < 100_000}
    with PictureSite(**pages) as site, running_service() as service, service.client() as client:
        ids = client.create_reviews([Draft(site.url + path, path) for path in pages])
        service.advance(1)
        assert len(ids) >= 40
        assert client.thumbnails(ids) == dict.fromkeys(ids)


# --- the processes that decode ----------------------------------------------------------------------------------------


def test_process_that_takes_too_long_is_ended_and_replaced(decoder: Decoder, large: bytes) -> None:
    short = decoding._Limits(0.02, 15.0, LOOK.memory)
    with pytest.raises(BadPicture, match="too long or too much"):
        decoder.ask("inspect", large, short)
    assert decoder._all == set()
    assert decoder.ask("inspect", png(), LOOK)[0]["facts"]["width"] == 200


def test_process_that_waits_for_ever_is_ended_by_the_clock(decoder: Decoder) -> None:
    decoder.ask("inspect", png(), LOOK)
    os.kill(only_child(decoder), 19)  # it stops, and uses no time
    with pytest.raises(BadPicture, match="too long or too much"):
        decoder.ask("inspect", png(), decoding._Limits(1.0, 0.2, LOOK.memory))
    assert decoder.ask("inspect", png(), LOOK)[0]["facts"]["width"] == 200


def test_process_that_died_costs_one_picture(decoder: Decoder) -> None:
    decoder.ask("inspect", png(), LOOK)
    os.kill(only_child(decoder), 9)
    with pytest.raises(BadPicture):
        decoder.ask("inspect", png(), LOOK)
    assert decoder.ask("inspect", png(), LOOK)[0]["facts"]["width"] == 200


def test_picture_that_needs_more_memory_than_it_may_have_is_refused(decoder: Decoder, large: bytes) -> None:
    with pytest.raises(BadPicture, match="too much memory"):
        decoder.ask("inspect", large, decoding._Limits(1.8, 15.0, 20_000_000))
    assert decoder.ask("inspect", large, LOOK)[0]["facts"]["width"] == 3000


def test_threads_share_the_processes(decoder: Decoder) -> None:
    with ThreadPoolExecutor(8) as pool:
        widths = list(
            pool.map(lambda n: decoder.ask("inspect", png(size=(n, 9)), LOOK)[0]["facts"]["width"], range(9, 49))
        )
    assert widths == list(range(9, 49))
    assert len(decoder._all) == 1


def test_process_sees_no_secret_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMTOOLS_KEY", "geheim")
    decoder = Decoder(most_children=1)
    try:
        decoder.ask("inspect", png(), LOOK)
        if sys.platform == "linux":
            assert b"geheim" not in Path(f"/proc/{only_child(decoder)}/environ").read_bytes()
    finally:
        decoder.close()


def test_what_the_process_says_is_what_is_said_without_it() -> None:
    data = encoded("JPEG", (320, 200))
    assert decoding.inspect_picture(data) == inspect_picture(data)
    assert decoding.display(data)[1] == "image/jpeg"
    assert inspect_picture(decoding.thumbnail(data, 100)).width == 100


@pytest.mark.parametrize("data", [SVG, HTML])
def test_what_a_browser_would_run_is_never_taken(data: bytes) -> None:
    for tail in (data, b"\n" + data, b"\xef\xbb\xbf" + data):
        with pytest.raises(BadPicture):
            decoding.inspect_picture(tail)


def test_picture_with_markup_behind_it_is_shown_without_it() -> None:
    for kind in ("PNG", "JPEG", "GIF", "BMP"):
        made, media_type = decoding.display(encoded(kind, mode="L") + HTML)
        assert b"script" not in made
        assert media_type in ("image/png", "image/jpeg")


_folder: list[Path] = []


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path) -> Iterator[None]:
    _folder.append(tmp_path)
    yield
    _folder.pop()


def _written(name: str, data: bytes) -> Path:
    path = _folder[-1] / name
    path.write_bytes(data)
    return path
