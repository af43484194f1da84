"""What the settings mean to the parts that take them."""

from __future__ import annotations

from cmtools.outgoing.policy import Policy
from cmtools.service.settings import Settings


def test_settings_for_outgoing_calls_all_reach_the_policy() -> None:
    settings = Settings(
        allow_loopback=True,
        allowed_hosts="receiver.internal:8443",
        egress_proxy="http://me:geheim@proxy.internal:3128",
        callback_timeout_seconds=7,
    )
    assert settings.policy == Policy(
        allow_loopback=True,
        allowed_hosts="receiver.internal:8443",
        proxy="http://me:geheim@proxy.internal:3128",
        answer_seconds=7,
    )
    assert "geheim" not in repr(settings.policy)


def test_service_that_is_told_nothing_calls_no_inner_address() -> None:
    assert Settings().policy == Policy()
