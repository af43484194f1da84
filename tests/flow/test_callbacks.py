"""A caller's side of callbacks: it knows them by their signature, loses none, and changes the secret without a gap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

import cmtools as cm
from cmtools.errors import BadRequest, Conflict, Forbidden, NotAuthorized, NotFound
from cmtools.testing import CallbackSink, RunningService, running_service


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    with running_service(undo_seconds=5) as service:
        yield service


@pytest.fixture
def client(service: RunningService) -> Iterator[cm.Client]:
    with service.client("ana", team="night", key=service.add_team("night")) as client:
        yield client


def decide(service: RunningService, client: cm.Client, sink: CallbackSink, count: int = 1) -> list[str]:
    drafts = [cm.Draft(f"text {n}", str(n), "Text", callback_endpoint=sink.url) for n in range(count)]
    ids = client.create_reviews(drafts)
    client.submit(client.checkout(count, type="Text"), {id: {"r": True} for id in ids})
    service.advance(5)
    return ids


def test_receiver_knows_callbacks_by_the_secret_that_its_team_was_told(
    service: RunningService, client: cm.Client
) -> None:
    with CallbackSink(client.callback_secret().secret, clock=service.clock) as sink:
        (id,) = decide(service, client, sink)
        assert [notice["ReviewId"] for notice in sink.verified] == [id]
        (row,) = [row for row in client.callbacks() if row.review_id == id]
        assert (row.id, row.state, row.tries, row.answer) == (sink.ids[0], "delivered", 1, "status 200")


def test_secret_is_changed_without_a_gap(service: RunningService, client: cm.Client) -> None:
    old = client.callback_secret().secret
    new = client.rotate_callback_secret(3600)
    assert (new.previous, new.previous_until) == (old, service.clock() + timedelta(hours=1))
    for secret in (old, new.secret):
        with CallbackSink(secret, clock=service.clock) as sink:
            decide(service, client, sink)
            assert len(sink.verified) == 1
    service.advance(3600)
    with CallbackSink(old, clock=service.clock) as sink:
        decide(service, client, sink)
        with pytest.raises(NotAuthorized, match="another secret"):
            _ = sink.verified


def test_teams_have_secrets_of_their_own(service: RunningService, client: cm.Client) -> None:
    with service.client() as other:
        assert other.callback_secret().secret != client.callback_secret().secret


def test_dead_letters_are_found_and_sent_anew(service: RunningService, client: cm.Client) -> None:
    with CallbackSink(client.callback_secret().secret, clock=service.clock) as sink:
        sink.status = 410
        ids = decide(service, client, sink, 3)
        failed = [row for row in client.callbacks("failed") if row.review_id in ids]
        assert len(failed) == 3
        sink.status = 200
        assert client.redeliver(failed[0].id) == 1
        assert client.redeliver() >= 2
        assert client.redeliver() == 0
        service.advance(0)
        assert len(sink.verified) == 6
        assert not client.callbacks("failed")


def test_callback_that_there_is_not_is_told_and_so_is_a_state(client: cm.Client) -> None:
    with pytest.raises(NotFound, match="no callback 'nope'"):
        client.redeliver("nope")
    with pytest.raises(BadRequest, match="there are waiting, delivered, failed, cancelled"):
        client.callbacks("lost")


def test_callback_of_a_submission_that_was_taken_back_is_never_sent(service: RunningService, client: cm.Client) -> None:
    with CallbackSink() as sink:
        ids = client.create_reviews([cm.Draft("text", "1", "Text", callback_endpoint=sink.url)])
        client.undo(client.submit(client.checkout(type="Text"), {ids[0]: {"r": True}}))
        service.advance(10)
        (row,) = client.callbacks("cancelled")
        with pytest.raises(Conflict, match="taken back"):
            client.redeliver(row.id)
        assert sink.received == []


@pytest.mark.parametrize("role", ["lead", "reviewer", "submitter", "auditor"])
def test_secret_is_for_administrators_alone(service: RunningService, client: cm.Client, role: str) -> None:
    key = client.create_key(f"{role}'s", role).secret
    with service.client(None, team="night", key=key) as theirs:
        with pytest.raises(Forbidden):
            theirs.callback_secret()
        with pytest.raises(Forbidden):
            theirs.rotate_callback_secret()


@pytest.mark.parametrize("role", ["reviewer", "submitter", "auditor"])
def test_sending_anew_takes_a_lead(service: RunningService, client: cm.Client, role: str) -> None:
    key, lead = (client.create_key(f"{each} that sends", each).secret for each in (role, "lead"))
    with service.client(None, team="night", key=key) as theirs, pytest.raises(Forbidden):
        theirs.redeliver()
    with service.client(None, team="night", key=lead) as theirs:
        assert theirs.redeliver() == 0


def test_secret_is_on_no_trail_and_kept_by_no_cache(client: cm.Client) -> None:
    made = client.rotate_callback_secret(60)
    told = repr([*client.events(), client, made])
    assert [each for each in (made.secret, made.previous) if each.removeprefix("whsec_") in told] == []
    assert client._call("GET", "/callback-secret").headers["Cache-Control"] == "no-store"
