"""What the HubSpot connector can be told: address, credentials, time limits and pace."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


class HubSpotSettings(BaseModel):
    """Settings of one HubSpot connection.

    Sign in with `access_token` (a service key, an existing private app's token or an OAuth access token), or
    with `client_id`, `client_secret` and `refresh_token` of an OAuth app.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    url: str = Field(
        default="https://api.hubapi.com",
        description="Address of HubSpot's API, without a path. Plain http only to this machine.",
    )
    access_token: SecretStr | None = Field(
        default=None, description="Service key, existing private app's token, or OAuth access token."
    )
    client_id: str | None = Field(default=None, description="OAuth app: its client id.")
    client_secret: SecretStr | None = Field(default=None, description="OAuth app: its client secret.")
    refresh_token: SecretStr | None = Field(
        default=None, description="OAuth app: the refresh token of the account that installed it."
    )
    refresh_token_file: Path = Field(
        default=Path("refresh-tokens.json"),
        description="File in which crmsync keeps the refresh tokens that HubSpot gives in place of the one in "
        "`refresh_token`, should it do so. Only this user may read it.",
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        description="Secret of the app whose webhooks are taken at /hooks/<connection>: its client secret. Default: "
        "`client_secret`.",
    )
    timeout_seconds: float = Field(
        default=60.0, gt=0, le=600, description="Longest time for one whole answer, in seconds."
    )
    largest_answer_megabytes: int = Field(
        default=64, ge=1, le=2000, description="Largest answer that is read, in megabytes, packed or unpacked."
    )
    connect_timeout_seconds: float = Field(
        default=10.0, gt=0, le=120, description="Longest time to open a connection, in seconds."
    )
    attempts: int = Field(default=6, ge=1, le=20, description="Calls made for one request, the first one too.")
    longest_wait_seconds: float = Field(
        default=60.0, gt=0, le=600, description="Longest wait before a call is made again, in seconds."
    )
    retry_total_seconds: float = Field(
        default=300.0, gt=0, le=3600, description="No new attempt later than this after the first, in seconds."
    )
    calls_per_10_seconds: int = Field(
        default=95,
        ge=1,
        le=10_000,
        description="Calls in any 10 seconds, searches aside. HubSpot allows 100 (Free, Starter), 190 "
        "(Professional, Enterprise) or 110 (OAuth apps).",
    )
    searches_per_second: int = Field(
        default=4,
        ge=1,
        le=10_000,
        description="Searches in any second. HubSpot allows 5 for all programs of the account together.",
    )
    overlap_seconds: float = Field(
        default=300.0,
        ge=5,
        le=86_400,
        description="How far an incremental read reaches back behind the last one, in seconds, for changes that "
        "became visible late.",
    )
    submissions_overlap_days: float = Field(
        default=2.0,
        ge=0,
        le=3650,
        description="How far an incremental read of form submissions reaches back behind the last one, in days: "
        "submissions can be entered late under their own date. Those entered later still are seen by --full only.",
    )
    unhurried_minutes: float = Field(
        default=60.0,
        ge=0,
        le=1440,
        description="How often deleted activities are looked for, and form submissions while no contact changes, in "
        "minutes; 0 = by every read.",
    )
    settle_seconds: float = Field(
        default=60.0,
        ge=0,
        le=3600,
        description="The last seconds before a read count as not yet complete in HubSpot's search index: they "
        "are read at once, and again by the next read.",
    )

    @field_validator("url")
    @classmethod
    def _safe_address(cls, url: str) -> str:
        parts = urlsplit(url.rstrip("/"))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an address such as https://api.hubapi.com")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
            raise ValueError("must begin with https:// (plain http would show the token to the network)")
        if re.fullmatch(r"app(-\w+)?\.hubspot\.com|(www\.)?hubspot\.com", parts.hostname):
            raise ValueError(
                "is an address for people in browsers\n→ take it out: the API is at https://api.hubapi.com"
            )
        if parts.path or parts.query or parts.fragment or parts.username or parts.password:
            raise ValueError("must be an address without path, query and credentials")
        return url.rstrip("/")

    @property
    def signing_secret(self) -> str | None:
        """With what HubSpot signs what it sends by itself; null = nothing it sends is taken."""
        secret = self.webhook_secret or self.client_secret
        return secret.get_secret_value().strip() or None if secret else None

    @model_validator(mode="after")
    def _one_way_to_sign_in(self) -> Self:
        oauth = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
        }
        given = [name for name, value in oauth.items() if value]
        if given and len(given) < len(oauth):
            missing = ", ".join(name for name in oauth if name not in given)
            raise ValueError(f"signing in with an OAuth app needs {missing} too")
        if not given and not (self.access_token and self.access_token.get_secret_value().strip()):
            raise ValueError("needs access_token, or client_id, client_secret and refresh_token")
        if given and self.access_token:
            raise ValueError(
                "give either access_token or client_id, client_secret and refresh_token, not both\n"
                "→ take one of the two out of the environment and `.env`"
            )
        return self
