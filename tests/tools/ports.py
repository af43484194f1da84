"""Ports for those who must know theirs before they listen."""

from __future__ import annotations

import random
import socket

OURS = range(15_000, 32_000)
"""Below those that a system hands out to whoever asks for any: nobody gets one of these by chance a moment later."""


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    for port in random.SystemRandom().sample(OURS, 100):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise RuntimeError("no port is free")
