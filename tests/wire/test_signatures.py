"""Signatures of callbacks: those of the library and ours are the same, and nothing else passes."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from cmtools.errors import BadRequest, NotAuthorized
from cmtools.wire.signatures import sign, verify_callback

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"of the team, and of nobody else.").decode()
OTHER = "whsec_" + base64.b64encode(b"of another team").decode()
BODY = '{"ReviewId": "7", "ContentId": "Zoë"}'.encode()
HEADERS = sign("c1", NOW, BODY, [SECRET])


def refusal(body: bytes = BODY, secret: str = SECRET, now: datetime = NOW, **headers: str | None) -> str:
    given = {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    with pytest.raises(NotAuthorized) as caught:
        verify_callback(body, {name: value for name, value in given.items() if value is not None}, secret, now=now)
    return str(caught.value)


def test_signed_callback_is_read() -> None:
    assert verify_callback(BODY, HEADERS, SECRET, now=NOW) == json.loads(BODY)
    assert verify_callback(BODY.decode(), {name.title(): HEADERS[name] for name in HEADERS}, SECRET, now=NOW)


def test_what_we_sign_the_library_of_standard_webhooks_verifies() -> None:
    headers = sign("c1", datetime.now(UTC), BODY, [OTHER, SECRET])
    assert Webhook(SECRET).verify(BODY, headers) == Webhook(OTHER).verify(BODY, headers) == json.loads(BODY)


def test_published_example_is_signed_as_published() -> None:
    """The example of the specification's own libraries."""
    secret, moment = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", datetime.fromtimestamp(1614265330, UTC)
    headers = sign("msg_p5jXN8AQM9LWM0D4loKWxJek", moment, b'{"test": 2432232314}', [secret])
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_either_of_two_secrets_passes_while_both_sign() -> None:
    headers = sign("c1", NOW, BODY, [OTHER, SECRET])
    for secret in (OTHER, SECRET):
        assert verify_callback(BODY, headers, secret, now=NOW)


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_missing_header_is_named(name: str) -> None:
    assert name in refusal(**{name: None})
    assert name in refusal(**{name: ""})


def test_changed_parts_do_not_pass() -> None:
    assert "no signature" in refusal(body=BODY.replace(b"7", b"8"))
    assert "no signature" in refusal(webhook_id="c2")
    assert "no signature" in refusal(webhook_timestamp=str(int(NOW.timestamp()) + 1))
    assert "no signature" in refusal(secret=OTHER)
    assert "no UTF-8" in refusal(body=b"\xff")


@pytest.mark.parametrize("seconds", [-301, 301])
def test_old_callback_that_somebody_sends_again_does_not_pass(seconds: int) -> None:
    assert "301 seconds from now" in refusal(now=NOW + timedelta(seconds=seconds))


def test_callback_within_five_minutes_passes() -> None:
    for seconds in (-300, 300):
        assert verify_callback(BODY, HEADERS, SECRET, now=NOW + timedelta(seconds=seconds))


@given(st.text(max_size=80))
def test_no_other_signature_passes(signature: str) -> None:
    assert refusal(webhook_signature=signature or "v1,")


@given(st.text(min_size=1, max_size=20).filter(lambda text: text != HEADERS["webhook-timestamp"]))
def test_no_other_moment_passes(moment: str) -> None:
    assert refusal(webhook_timestamp=moment)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_a", "geheim!"])
def test_secret_that_is_none_is_told_without_showing_it(secret: str) -> None:
    with pytest.raises(BadRequest, match="begins with whsec_") as caught:
        verify_callback(BODY, HEADERS, secret, now=NOW)
    assert "geheim" not in str(caught.value)


def test_body_that_is_no_notice_is_refused() -> None:
    headers = sign("c1", NOW, b"[1]", [SECRET])
    with pytest.raises(NotAuthorized, match="no JSON object"):
        verify_callback(b"[1]", headers, SECRET, now=NOW)
