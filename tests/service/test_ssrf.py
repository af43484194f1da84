"""Nobody sends the service into the network that it stands in, on no path through it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cmtools.content.base import check_address
from cmtools.errors import CmtoolsError
from cmtools.model import Draft
from cmtools.testing import running_service
from tests.outgoing.canary import Canary, a_canary, know_names

from .bench import ADULT, Fixed


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Canary]:
    know_names(monkeypatch)
    with a_canary() as canary:
        yield canary


def test_no_path_through_the_service_reaches_the_canary(canary: Canary) -> None:
    addresses = [address for address in canary.addresses() if _taken(address)]
    assert len(addresses) >= 60
    calm = {"allow_loopback": False, "callback_timeout_seconds": 0.2, "undo_seconds": 0.0}
    with running_service(taggers={"Image": Fixed(ADULT)}, **calm) as service, service.client() as client:
        pictures = client.create_reviews([Draft(address, f"picture {n}") for n, address in enumerate(addresses)])
        texts = [Draft("Hello", f"text {n}", "Text", callback_endpoint=to) for n, to in enumerate(addresses)]
        video = client.create_video_review("https://example.org/v.mp4", "video", status="Unpublished")
        client.create_reviews(texts)
        client.add_frames(video, list(enumerate(addresses)), progress=False)
        for number, address in enumerate(addresses):
            client.create_job(address, content_id=str(number), callback=address)
            with pytest.raises(CmtoolsError):
                client.evaluate(address)
        assert client.thumbnails(pictures) == dict.fromkeys(pictures)
        assert client.frame_thumbnails(video, range(len(addresses))) == dict.fromkeys(range(len(addresses)))
        lease = client.checkout(count=len(addresses), type="Text")
        assert len(lease.reviews) == len(addresses)
        client.submit(lease, {review.id: {"a": True} for review in lease.reviews})
        for seconds in (1, 20):
            service.advance(seconds)
        assert canary.visits() == 0


def _taken(address: str) -> bool:
    """Whether an address may stand in a draft at all."""
    try:
        check_address(address, "content")
    except CmtoolsError:
        return False
    return True
