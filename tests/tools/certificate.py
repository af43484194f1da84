"""A certificate for localhost that signs itself, with its key, for tests of TLS. It is nobody's."""

from __future__ import annotations

from pathlib import Path

CHAIN = """\
-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUbUgPKrDE7MBHBF6aO2qsHmc2aygwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjAzMDg0MVoYDzIxMjYxMDI5
MDMwODQxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ98HFOn+AVgEsk7yXWAVK8vo4BTggPIQKVwn0hwvky+S3/ukvcsQmW
NQ9S/UR+V0837dFiD/NTWBNc0GHGFf87o28wbTAdBgNVHQ4EFgQUdI8A32OVnqRB
cumdCjh6nfnTuI4wHwYDVR0jBBgwFoAUdI8A32OVnqRBcumdCjh6nfnTuI4wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgKAW58tMDF7zr1V5kJ22n4iKBMEnT2VK2Fdp7pB4EIO0CIQCk
32FKDT4c9Qmn51Ujk5uv1GJGQnGoFnnNgPDhMWt7Fw==
-----END CERTIFICATE-----
"""
KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2corc8P+ic5/VtOH
gjfY0jjhOtMCFZfdcGtalf0HKIihRANCAAQ98HFOn+AVgEsk7yXWAVK8vo4BTggP
IQKVwn0hwvky+S3/ukvcsQmWNQ9S/UR+V0837dFiD/NTWBNc0GHGFf87
-----END PRIVATE KEY-----
"""


def write(folder: Path) -> tuple[Path, Path]:
    """The files of the certificate and of its key, made there."""
    chain, key = folder / "chain.pem", folder / "key.pem"
    chain.write_text(CHAIN)
    key.write_text(KEY)
    return chain, key
