"""What an operator can set, from the environment (``CMTOOLS_...``) or by argument."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of one service process.

    Examples
    --------
    >>> Settings(database="reviews.db").undo_seconds
    5.0
    """

    model_config = SettingsConfigDict(env_prefix="CMTOOLS_", extra="ignore", frozen=True)

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
        description="What tags the content of jobs: opennsfw, words:FILE, package.module:object; or several of them.",
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
