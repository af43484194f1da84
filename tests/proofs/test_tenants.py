"""No key of one team opens anything of another, at any address of the OpenAPI document: generated from the document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

import cmtools as cm
from cmtools.model import Condition, Draft, Logic
from cmtools.testing import RunningService, running_service
from cmtools.wire import own
from tests.fuzz.world import Calm
from tests.tools.operations import Ask, document_of, every
from tests.tools.pictures import png

MARK = "of-the-victim"
"""Stands in everything that the other team must not see."""
OWN_NAMES = {"note_seal", "put_workflow"}
"""Operations that make something under a name of the caller's choice, in the caller's own team."""


@dataclass(frozen=True)
class World:
    """A team with something of everything, and another with a key of its own."""

    service: RunningService
    victim: cm.Client
    known: dict[str, str]
    token: str
    foreign_key: str
    secrets: frozenset[str]

    def asks(self, team: str, known: dict[str, str] | None = None) -> list[Ask]:
        """Every operation at this team's addresses, with the victim's ids or others, and with its lease's token."""
        return list(every(document_of(self.service.url), (known or self.known) | {"team": team}, self.token))

    def state(self) -> str:
        """What the victim's own key sees of it, but for the callbacks' secret: looking at that is an event."""
        paths = ("", "/reviews", "/leases", "/keys", "/callbacks", "/events", "/notes", "/held")
        headers = {own.KEY_HEADER: self.service.key, own.REVIEWER_HEADER: "ana"}
        base = f"{self.service.url}{own.OWN_PREFIX}/{self.service.team}"
        answers = [requests.get(base + path, headers=headers, timeout=30) for path in paths]
        assert all(answer.ok for answer in answers), [answer.text for answer in answers if not answer.ok]
        return json.dumps([answer.json() for answer in answers], sort_keys=True)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    taggers = {type: Calm(type) for type in ("Image", "Text")}
    with running_service(team="victim", taggers=taggers, max_body_bytes=2_000_000) as service:
        client = service.client("ana")
        client.add_tag("vv", MARK)
        client.add_subteam(MARK)
        picture = client.upload(png())
        drafts = [Draft(picture.content, f"{MARK}-{n}", "Image", (("note", MARK),)) for n in range(6)]
        ids = client.create_reviews(drafts, progress=False)
        video = client.create_video_review("https://x.org/v.mp4", f"{MARK}-video")
        client.put_workflow(MARK, Logic(Condition("text.HasProfanity")), type="Text", description=MARK)
        job = client.create_job(f"{MARK} says something", content_id=MARK, type="Text", workflow=MARK)
        submission = client.submit(done := client.checkout(2), {review.id: {} for review in done.reviews})
        lease = client.checkout(2)
        key = client.create_key(MARK, "reviewer", "ben")
        review = client.get_review(ids[0])
        known = {
            "review_id": lease.reviews[0].id,
            "lease_id": lease.id,
            "submission_id": submission.id,
            "picture_id": picture.id,
            "job_id": job,
            "workflow_name": MARK,
            "name": f"IMG_{ids[0]}",
            "key_id": key.id,
            "short_code": "vv",
            "timestamp": "0",
            "callback_id": "none",
        }
        hidden = {MARK, *ids, video, job, lease.id, lease.token, submission.id, key.id, key.secret, picture.id}
        assert review.content_id.startswith(MARK)
        foreign = service.add_team("other")
        yield World(service, client, known, lease.token, foreign, frozenset(hidden | {service.key}))


def leaks(world: World, ask: Ask, answer: requests.Response) -> set[str]:
    """What the answer tells of the victim, beside what stood in the request."""
    sent = f"{ask.path} {ask.headers} {ask.body!r}"
    return {secret for secret in world.secrets if secret.encode() in answer.content and secret not in sent}


def test_every_operation_of_a_team_is_404_to_another_team_s_key(world: World) -> None:
    asks = [ask for ask in world.asks("victim") if "team" in ask.named]
    answers = {ask.name: ask.send(world.service.url, world.foreign_key) for ask in asks}
    assert {name: answer.status_code for name, answer in answers.items() if answer.status_code != 404} == {}
    assert {answer.json()["Error"]["Code"] for answer in answers.values()} == {"UnknownTeam"}
    assert {
        ask.name: leaks(world, ask, answers[ask.name]) for ask in asks if leaks(world, ask, answers[ask.name])
    } == {}
    assert len(asks) > 50


@pytest.mark.parametrize("key", [None, "", "unknown"])
def test_every_operation_with_a_key_is_401_without_one_or_with_one_that_nobody_has(
    world: World, key: str | None
) -> None:
    asks = [ask for team in ("victim", "other", "nobody") for ask in world.asks(team) if ask.keyed]
    answers = {(ask.name, ask.path): ask.send(world.service.url, key).status_code for ask in asks}
    assert {where: status for where, status in answers.items() if status != 401} == {}


def test_methods_that_an_address_does_not_take_tell_nothing_either(world: World) -> None:
    paths = {ask.path for ask in world.asks("victim") if "team" in ask.named}
    for path in sorted(paths):
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            headers = {own.KEY_HEADER: "unknown"}
            answer = requests.request(method, world.service.url + path, headers=headers, timeout=30)
            assert answer.status_code == 401, f"{method} {path}"


def test_foreign_ids_in_one_s_own_team_answer_exactly_as_ids_that_nobody_has(world: World) -> None:
    """In paths and in bodies, and with the foreign lease's token."""
    nobody = {name: value if name == "timestamp" else _unlike(value) for name, value in world.known.items()}
    real, made_up = world.asks("other"), world.asks("other", nobody)
    for ask, twin in zip(real, made_up, strict=True):
        if "team" not in ask.named or ask.name in OWN_NAMES:
            continue
        answer, same = (each.send(world.service.url, world.foreign_key) for each in (ask, twin))
        assert leaks(world, ask, answer) == set(), ask.name
        if len(ask.named) > 1:
            assert answer.status_code in (404, 409), f"{ask.name}: {answer.text}"
            assert _without(answer.text, world.known) == _without(same.text, nobody), ask.name


def test_nothing_of_the_team_was_changed_by_all_that(world: World) -> None:
    before = world.state()
    for team in ("victim", "other"):
        for ask in world.asks(team):
            if "team" in ask.named:
                ask.send(world.service.url, world.foreign_key)
    assert world.state() == before


def test_signed_address_opens_its_own_team_s_picture_and_no_other(world: World) -> None:
    path = f"{own.REVIEW_PREFIX}/victim/reviews/{world.known['name'].removeprefix('IMG_')}"
    headers = {own.KEY_HEADER: world.service.key}
    address = requests.get(world.service.url + path, headers=headers, timeout=30).json()["content"]
    assert "signature=" in address
    assert requests.get(address, timeout=30).ok
    moved = requests.get(address.replace("/victim/", "/other/"), timeout=30)
    assert moved.status_code == 401
    with_foreign_key = requests.get(address, headers={own.KEY_HEADER: world.foreign_key}, timeout=30)
    assert with_foreign_key.status_code == 404


def _unlike(value: str) -> str:
    """An id of the same form that is nobody's: one letter or digit of it is another."""
    last = value[-1]
    return value[:-1] + ("0" if last != "0" else "1") if last.isdigit() else value[:-1] + ("b" if last != "b" else "c")


def _without(text: str, known: dict[str, str]) -> str:
    for value in sorted((each.removeprefix("IMG_") for each in known.values()), key=len, reverse=True):
        if len(value) > 1:
            text = text.replace(value, "*")
    return text
