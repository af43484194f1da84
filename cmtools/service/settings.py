"""What an operator can set, from the environment (``CMTOOLS_...``) or by argument."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ..errors import BadRequest
from ..outgoing.policy import Policy

LEAST_KEY_CHARACTERS = 16
"""Shorter keys are guessed."""
PREFIX = "CMTOOLS_"


class Settings(BaseSettings):
    """The settings of one service process.

    Raises
    ------
    BadRequest
        A setting is not what it takes; the message names its variable, the value unless it is secret, and what to give.

    Examples
    --------
    >>> Settings(database="reviews.db").undo_seconds
    5.0
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    database: str = Field(default="reviews.db", description="A path (SQLite) or an SQLAlchemy URL.")
    team: str = Field(
        default="demo", description="The team that the administrator's key belongs to; made when it is new."
    )
    key: SecretStr | None = Field(
        default=None, description="The administrator's key; made and printed once when left out."
    )
    pepper: SecretStr | None = Field(
        default=None,
        description="A secret of your own, kept apart from the database, that its keys' digests are made with; whoever "
        "gets hold of the database alone can then test no key. Set it once, and keep it as long as the database.",
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8765, ge=0, le=65535, description="The port to listen on; 0 lets the system choose.")
    workers: int = Field(
        default=1, ge=1, le=64, description="How many processes serve the port; more than one needs PostgreSQL."
    )
    public_url: str = Field(
        default="",
        description="The service's address as its callers see it, behind a proxy; left out, what each request names.",
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses and networks, with commas, of proxies whose X-Forwarded-For and -Proto are believed.",
    )
    tls_certificate: Path | None = Field(default=None, description="A file with the certificate chain (PEM), for TLS.")
    tls_key: Path | None = Field(default=None, description="A file with the certificate's private key (PEM).")
    rate_limit: str = Field(
        default="",
        description='How often one key may ask, as in "600/minute; 20/second"; empty: as often as it likes.',
    )
    failed_keys_limit: str = Field(
        default="60/minute",
        description="How often one address may come with a key that is not known; empty, and for the embedded service: "
        "as often as it likes.",
    )
    rate_limit_storage: str = Field(
        default="memory://",
        description="Where the two limits count: memory:// (each process by itself), or redis://host:port for all.",
    )
    metrics_key: SecretStr | None = Field(
        default=None,
        description="What /metrics wants as `Authorization: Bearer ...`; without it, it answers this machine alone.",
    )
    metrics: bool = Field(default=True, description="Whether the service counts its requests and answers /metrics.")
    log_format: Literal["text", "json"] = Field(default="text", description="How the log's lines look.")
    media: str | None = Field(
        default=None, description="Folder or fsspec URL for pictures; beside the SQLite file by default."
    )
    tagger: str = Field(
        default="",
        description="What tags pictures and texts (jobs, Evaluate, Screen): opennsfw, words:FILE, "
        "package.module:object, or several with a comma between them.",
    )
    lease_seconds: float = Field(default=900.0, gt=0, description="How long a checkout lasts without being renewed.")
    undo_seconds: float = Field(default=5.0, ge=0, description="How long a submission can be taken back.")
    spelling: Literal["auto", "camel", "pascal"] = Field(
        default="auto",
        description="How Review API answers are spelt: auto gives PascalCase to the vendor's SDKs, else camelCase.",
    )
    allow_loopback: bool = Field(
        default=False,
        description="Let callbacks and picture addresses reach this machine; on for the embedded service.",
    )
    allowed_hosts: str = Field(
        default="",
        description="Hosts inside your network that callbacks and picture addresses may reach, each with its port: "
        '"receiver.internal:8443, 10.0.0.5:9000".',
    )
    egress_proxy: SecretStr | None = Field(
        default=None,
        description="An http:// proxy for callbacks and pictures; it has to refuse names that lead into your network.",
    )
    copy_content: bool = Field(
        default=True,
        description="Copy the pictures behind addresses into the service's own storage, in the background.",
    )
    content_link_seconds: float = Field(
        default=3600.0, gt=0, description="How long a signed address of a picture works without a key."
    )
    max_body_bytes: int = Field(default=64_000_000, gt=0, description="The largest request body that is read.")
    callback_timeout_seconds: float = Field(
        default=10.0, gt=0, description="How long a callback receiver may take to answer."
    )
    callback_threads: int = Field(
        default=16, ge=1, le=256, description="How many callbacks one service process sends at once."
    )
    callback_threads_per_receiver: int = Field(
        default=4, ge=1, le=256, description="How many callbacks one receiver (host and port) is sent at once."
    )

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            problem = BadRequest("; ".join(_said(each) for each in error.errors(include_url=False)))
        else:
            return
        raise problem  # out here, so that no traceback shows what was given

    @property
    def policy(self) -> Policy:
        """What the service may call, and how long that may take."""
        return Policy(
            allow_loopback=self.allow_loopback,
            allowed_hosts=self.allowed_hosts,
            proxy=self.egress_proxy.get_secret_value() if self.egress_proxy else "",
            answer_seconds=self.callback_timeout_seconds,
        )

    @field_validator("key")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if key is None or not key.get_secret_value():
            return None  # as when it is left out: files of variables have it so
        if len(key.get_secret_value()) < LEAST_KEY_CHARACTERS:
            raise ValueError(
                f"a key has at least {LEAST_KEY_CHARACTERS} characters, at random, such as openssl rand -hex 24 prints"
            )
        return key

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not _is_address(value):
            raise ValueError("it takes an address such as https://reviews.example.org")
        return value

    @field_validator("egress_proxy")
    @classmethod
    def _proxy(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        if not _is_address(value.get_secret_value()):
            raise ValueError("it takes the address of an HTTP proxy, such as http://proxy.internal:3128")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for each in filter(None, (part.strip() for part in value.split(","))):
            try:
                if each != "*":
                    ipaddress.ip_network(each)
            except ValueError:
                raise ValueError(f"{each!r} is no address or network, such as 127.0.0.1 or 10.0.0.0/8") from None
        return value


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _said(error: Any) -> str:
    """One line for what pydantic found wrong with a setting."""
    name = str(error["loc"][0]) if error["loc"] else ""
    secret = "SecretStr" in str(Settings.model_fields[name].annotation) if name in Settings.model_fields else True
    shown = "" if secret else f" is {str(error['input'])[:100]!r}"
    return f"{PREFIX}{name.upper()}{shown}: {error['msg'].removeprefix('Value error, ')}"
