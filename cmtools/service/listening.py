"""Where the service listens: the socket, TLS, whom it believes. It serves nothing itself."""

from __future__ import annotations

import gc
import ipaddress
import logging
import socket
import ssl
import sys
from collections.abc import Callable
from typing import Any

import uvicorn
from fastapi import FastAPI

from ..errors import BadRequest, StoreError
from .settings import Settings

STOP_SECONDS = 10
"""How long requests may take to end after the service was told to stop."""
SWITCH_SECONDS = 0.0005
"""How long a thread may keep the others waiting: a request goes through three, and copying must not stand between."""
HEALTH_SECONDS = 30
"""A process that says nothing for so long is replaced."""
log = logging.getLogger(__name__)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; `StoreError` when the port is taken.

    It says that it speaks TCP, for only then does asyncio switch off the delay that costs every small answer 40 ms.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise StoreError(f"cannot listen on {host} port {port}: {error.strerror}; name another with --port") from None
    return listener


def uvicorn_config(settings: Settings, app: FastAPI | str, **more: Any) -> uvicorn.Config:
    """How uvicorn serves: silently, with TLS where there is a certificate, believing those proxies that are named."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        proxy_headers=bool(settings.trusted_proxies.strip()),
        forwarded_allow_ips=settings.trusted_proxies.strip() or None,
        ssl_certfile=None if settings.tls_certificate is None else str(settings.tls_certificate),
        ssl_keyfile=None if settings.tls_key is None else str(settings.tls_key),
        workers=settings.workers,
        timeout_worker_healthcheck=HEALTH_SECONDS,
        **more,
    )


def hold_on() -> None:
    """Tune the interpreter for answering, once everything stands that stands until the end."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()  # what stands is not searched again: that took 0.1 s in the middle of a request


def check_tls(settings: Settings) -> None:
    """Raise `BadRequest` unless certificate and key are both there and belong together, or neither is named."""
    certificate, key = settings.tls_certificate, settings.tls_key
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        raise BadRequest("TLS takes both a certificate (--tls-certificate) and its key (--tls-key)")
    for path in (certificate, key):
        if not path.is_file():
            raise BadRequest(f"there is no file {str(path)!r}: TLS takes the certificate chain and its key, as PEM")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        raise BadRequest(
            f"the certificate {str(certificate)!r} and the key {str(key)!r} cannot be used ({error.reason}): they are "
            "PEM files that belong together, the key without a password"
        ) from None


def _no_password() -> str:
    return ""


def warn_if_open(settings: Settings, host: str) -> None:
    """Say loudly when keys will cross a network in clear."""
    encrypted = settings.tls_certificate is not None or settings.public_url.startswith("https://")
    if not encrypted and not is_loopback(host):
        log.warning(
            "LISTENING ON %s WITHOUT TLS: keys and content cross the network in clear. Give --tls-certificate and "
            "--tls-key, or listen on 127.0.0.1 behind a proxy that speaks TLS and name it by CMTOOLS_PUBLIC_URL",
            host,
        )


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone.

    Examples
    --------
    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "10.0.0.7", "db.example")]
    [True, True, True, False, False, False, False]
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def address_of(settings: Settings, listener: socket.socket) -> str:
    """The service's address, as it can be opened from here."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    scheme = "http" if settings.tls_certificate is None else "https"
    return f"{scheme}://{shown}:{port}"


Ready = Callable[[str, str | None], None]
"""Called with the service's address, and with a newly made administrator's key or None, when it answers."""
