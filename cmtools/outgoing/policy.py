"""What may be called from here, and how long it may take. It reads no settings and calls nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

CONNECT_SECONDS = 5.0
"""The longest that a connection may take to open, unless a policy says otherwise."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How far requests may reach beyond the open internet, and their bounds in time.

    Parameters
    ----------
    allow_loopback : bool
        Whether this machine itself may be called.
    allowed_hosts : str
        Hosts inside the network that may be called, each with its port: ``"receiver.internal:8443, 10.0.0.5:9000"``.
    proxy : str
        An ``http://`` proxy that everything goes through; it may hold a password, so it is in no repr.
    connect_seconds : float
        The longest that a connection may take to open.
    answer_seconds : float
        The longest silence of the other side after that. Both together bound a whole notice or call.
    fetch_seconds : float
        The longest that a picture may take in all, however steadily its bytes drip.

    Examples
    --------
    >>> Policy(proxy="http://me:secret@proxy.internal:3128", answer_seconds=30)
    Policy(allow_loopback=False, allowed_hosts='', connect_seconds=5.0, answer_seconds=30, fetch_seconds=60.0)
    """

    allow_loopback: bool = False
    allowed_hosts: str = ""
    proxy: str = field(default="", repr=False)
    connect_seconds: float = CONNECT_SECONDS
    answer_seconds: float = 10.0
    fetch_seconds: float = 60.0
