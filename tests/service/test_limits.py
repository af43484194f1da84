"""How often a key may ask, and an address come with unknown keys."""

from __future__ import annotations

import sys

import pytest
import requests
from limits.errors import StorageError

import cmtools as cm
from cmtools.errors import BadRequest, RateLimited
from cmtools.service.limits import Limits
from cmtools.service.settings import Settings
from cmtools.testing import RunningService, running_service
from cmtools.wire import own


def limits(**settings: str) -> Limits:
    return Limits(Settings(**{"failed_keys_limit": "", **settings}))


def test_nothing_is_limited_unless_it_is_set() -> None:
    free = limits()
    for _ in range(1000):
        free.look_at("10.0.0.7", "k")
        free.failed("10.0.0.7", "k")
        free.count("key", "k")


def test_key_over_its_limit_is_told_how_long_to_wait_and_others_are_not_touched() -> None:
    strict = limits(rate_limit="2/hour")
    for _ in range(2):
        strict.count("one", "k1")
    with pytest.raises(RateLimited, match="this key may ask 2 per 1 hour: wait") as caught:
        strict.count("one", "k1")
    assert 0 < caught.value.retry_after <= 3600
    strict.count("two", "k2")


def test_each_of_several_limits_counts() -> None:
    strict = limits(rate_limit="100/second; 3/hour")
    for _ in range(3):
        strict.count("one", "k1")
    with pytest.raises(RateLimited, match="3 per 1 hour"):
        strict.count("one", "k1")


def guess(strict: Limits, address: str, key: str) -> None:
    strict.look_at(address, key)
    strict.failed(address, key)


def test_guessing_ends_after_some_keys_and_other_addresses_go_on() -> None:
    strict = limits(failed_keys_limit="3/hour")
    for number in range(3):
        guess(strict, "10.0.0.7", f"guess {number}")
    with pytest.raises(RateLimited, match="too many unknown keys came from this address"):
        strict.look_at("10.0.0.7", "guess 4")
    strict.look_at("10.0.0.8", "guess 4")


def test_key_that_was_right_of_late_goes_on_beside_a_guesser_at_its_address() -> None:
    strict = limits(failed_keys_limit="3/hour")
    strict.count("one", "right")
    for number in range(3):
        guess(strict, "10.0.0.7", f"guess {number}")
    strict.look_at("10.0.0.7", "right")
    strict.failed("10.0.0.7", "right")  # it was revoked since
    with pytest.raises(RateLimited):
        strict.look_at("10.0.0.7", "right")


def test_addresses_of_one_ipv6_network_are_one() -> None:
    strict = limits(failed_keys_limit="2/hour")
    guess(strict, "2001:db8::1", "a")
    guess(strict, "2001:db8::2", "b")
    with pytest.raises(RateLimited):
        strict.look_at("2001:db8::3", "c")
    strict.look_at("2001:db8:0:1::1", "c")


@pytest.mark.parametrize("name", ["rate_limit", "failed_keys_limit"])
def test_senseless_limit_is_refused_with_its_variable(name: str) -> None:
    with pytest.raises(BadRequest, match=f"CMTOOLS_{name.upper()} is 'often'"):
        limits(**{name: "often"})


@pytest.mark.parametrize("storage", ["nowhere://:s3cret@x", "redis://:s3cret@127.0.0.1:1/0"])
def test_storage_that_cannot_be_used_is_refused_without_its_password(
    storage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(BadRequest, match="CMTOOLS_RATE_LIMIT_STORAGE cannot be used") as caught:
        limits(rate_limit="1/hour", rate_limit_storage=storage)
    assert "s3cret" not in str(caught.value)


class Broken:
    """A storage that does not answer any more."""

    def hit(self, *_: object) -> bool:
        raise StorageError(OSError("gone"))


def test_nobody_is_refused_while_the_storage_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = limits(rate_limit="1/hour")
    monkeypatch.setattr(strict, "_counter", Broken())
    for _ in range(3):
        strict.count("one", "k1")


def ask(service: RunningService, key: str) -> requests.Response:
    return requests.get(
        f"{service.url}{own.OWN_PREFIX}/{service.team}/counts", headers={own.KEY_HEADER: key}, timeout=30
    )


def test_service_answers_429_with_retry_after_and_counts_by_key() -> None:
    with running_service(rate_limit="3/hour") as service:
        ben = service.client().create_key("ben", "reviewer").secret  # the first of the administrator's three
        answers = [ask(service, service.key) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 3600
        assert answers[-1].json()["Error"]["Code"] == "RateLimited"
        assert ask(service, ben).status_code == 200


def test_service_stops_looking_up_keys_of_an_address_that_guesses() -> None:
    with running_service(failed_keys_limit="3/hour") as service:
        assert ask(service, service.key).status_code == 200
        guesses = [ask(service, f"guess-{number}").status_code for number in range(5)]
        assert guesses == [401, 401, 401, 429, 429]
        assert ask(service, service.key).status_code == 200


def test_client_waits_as_the_service_asks_and_then_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_service(rate_limit="2/20 seconds") as service:
        client = service.client()
        waited: list[float] = []

        def pass_time(seconds: float) -> None:
            waited.append(seconds)
            service._app.state.door.limits._counter.storage.reset()

        monkeypatch.setattr(client._transport, "_sleep", pass_time)
        for _ in range(3):
            client.whoami()
    assert len(waited) == 1
    assert 1 <= waited[0] <= 20


def test_client_does_not_wait_for_ever() -> None:
    with running_service(rate_limit="1/hour") as service:
        client = service.client()
        client.whoami()
        with pytest.raises(cm.errors.RateLimited, match="it asks to wait"):
            client.whoami()
