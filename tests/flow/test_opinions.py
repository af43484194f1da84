"""Several people decide: drafts, golden ones among them, reviewers, a dispute and its adjudicator, tables."""

from __future__ import annotations

import pytest
import requests

import cmtools as cm
from cmtools.errors import Forbidden
from cmtools.model import Draft
from cmtools.testing import CallbackSink, RunningService, running_service
from cmtools.wire import own

METADATA = (("a", "True"), ("a.score", "0.8"))


def key(service: RunningService, name: str, role: str = "reviewer") -> cm.Client:
    return service.client(name, key=service.client().create_key(f"{name}'s", role, name).secret)


def vendor_get(service: RunningService, review_id: str) -> dict[str, object]:
    """The review as the retired API shows it."""
    address = f"{service.url}{own.REVIEW_PREFIX}/{service.team}/reviews/{review_id}"
    found: dict[str, object] = requests.get(address, headers={own.KEY_HEADER: service.key}, timeout=30).json()
    return found


def test_a_lot_goes_to_two_people_each_and_comes_back_as_final_tags() -> None:
    with running_service() as service, CallbackSink() as sink:
        lead = key(service, "lea", "lead")
        drafts = [
            Draft(f"https://x.org/{n}.jpg", str(n), metadata=METADATA, callback_endpoint=sink.url) for n in range(4)
        ]
        drafts.append(Draft("https://x.org/g.jpg", "g", metadata=METADATA, truth={"a": False, "r": False}))
        ids = lead.create_reviews(drafts, overlap=2, golden_overlap=3, blind=True, progress=False)
        assert lead.create_reviews(drafts, overlap=2, golden_overlap=3, blind=True, progress=False) == ids
        assert lead.counts().pending == 4 * 2 + 3

        people = {name: key(service, name) for name in ("ana", "ben")}
        for name, person in people.items():
            lease = person.checkout(20)
            assert [review.auto_tags for review in lease.reviews] == [{}] * 5
            assert not {review.id for review in lease.reviews} & set(ids)
            differs = {review.id for review in lease.reviews if review.content_id == "0" and name == "ana"}
            person.submit(lease, {review.id: {"a": review.id in differs} for review in lease.reviews})
            with pytest.raises(Forbidden):
                person.decisions()
        assert vendor_get(service, ids[0])["status"] == "Pending"
        service.advance(6)
        service.advance(1)
        assert (lead.counts().disputed, lead.counts().pending) == (1, 0)  # what is left of the golden item went away
        assert [vendor_get(service, id)["status"] for id in ids[:2]] == ["Pending", "Complete"]
        assert sorted(notice["ReviewId"] for notice in sink.received) == sorted(ids[1:4])

        with pytest.raises(Forbidden):
            people["ana"].checkout(1, adjudicate=True)
        lease = lead.checkout(20, adjudicate=True)
        (review,) = lease.reviews
        assert sorted(opinion.tags["a"] for opinion in review.opinions) == [False, True]
        lead.submit(lease, {review.id: {"a": True}})
        assert len(sink.received) == 3
        service.advance(6)
        service.advance(1)
        assert [notice["ReviewerResultTags"]["a"] for notice in sink.received if notice["ReviewId"] == ids[0]] == [
            "True"
        ]
        assert len(sink.received) == 4
        assert {each["key"] for each in vendor_get(service, ids[0])["reviewerResultTags"]} >= {"a"}

        final, each, golden = (lead.decisions(answers=answers) for answers in ("final", "each", "golden"))
        assert set(final.reviewer) == {"lea", "(majority)"}
        assert set(final[final.reviewer == "lea"].review_id) == {ids[0]}
        assert (len(final.query("tag == 'a'")), len(each.query("tag == 'a'"))) == (4, 8)
        assert set(each.reviewer) == {"ana", "ben"}
        assert bool(each.blind.all())
        assert set(golden.review_id) == {ids[4]}
        assert golden.truth.tolist() == [False] * 4
        assert [opinion.reviewer for opinion in lead.opinions(ids[0])] in (["ana", "ben"], ["ben", "ana"])
        assert [(item.review_id, item.overlap, item.answered) for item in lead.golden()] == [(ids[4], 3, 2)]

        assert people["ana"].feedback() == []
        service.client().set_golden_feedback(True)
        (told,) = people["ana"].feedback()
        assert (told.content_id, told.tags, told.truth) == ("g", {"a": False, "r": False}, {"a": False, "r": False})
        assert people["ana"].feedback(told.decided_at) == []
        assert lead.verify_trail().ok
