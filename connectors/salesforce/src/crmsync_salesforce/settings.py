"""Everything the connector needs to know: address, credentials, limits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

if TYPE_CHECKING:
    from crmsync.sdk import RetryPolicy

LOOPBACK = ("127.0.0.1", "localhost")

LAST_RETIRED_VERSION = 30.0
FIRST_VERSION_WITH_DUPLICATE_HEADER = 52.0

_CHANNEL = re.compile(r"/data/[A-Za-z][A-Za-z0-9_]{0,79}")
_BUSES = ("pubsub.salesforce.com",)
"""Where the Pub/Sub API is. Source: Pub/Sub API Developer Guide, "Pub/Sub API Endpoints"."""

SignInWay = Literal["session", "refresh_token", "jwt", "client_credentials", "password"]


class SalesforceSettings(BaseModel):
    """One Salesforce org. The first complete set of credentials is used, in the order of `SignInWay`."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, hide_input_in_errors=True)

    url: str = Field(
        description="The org's My Domain address, e.g. https://acme.my.salesforce.com; for JWT, refresh tokens "
        "and passwords also https://login.salesforce.com or https://test.salesforce.com. "
        "Plain http only to this machine."
    )
    client_id: str | None = Field(None, description="Consumer key of the External Client App.")
    client_secret: SecretStr | None = Field(None, description="Consumer secret of that app; for client credentials.")
    username: str | None = Field(None, description="User that crmsync works as: JWT and password only.")
    private_key: SecretStr | None = Field(None, description="PEM text of the key that signs the JWT.")
    private_key_file: Path | None = Field(None, description="PEM file of the key that signs the JWT.")
    audience: str | None = Field(None, description="`aud` of the JWT, when it is not the address in `url`.")
    refresh_token: SecretStr | None = Field(None, description="OAuth refresh token.")
    refresh_token_file: Path = Field(
        Path("refresh-tokens.json"),
        description="File in which crmsync keeps the refresh tokens that Salesforce gives in place of the one in "
        "`refresh_token`, where the app rotates them. Only this user may read it.",
    )
    access_token: SecretStr | None = Field(
        None, description="A session that exists already, with `url` as its instance. It is never renewed."
    )
    password: SecretStr | None = Field(
        None, description="Password: last resort; Salesforce ends this way of signing in with API version 65."
    )
    security_token: SecretStr | None = Field(None, description="Security token that goes with the password.")
    outbound_message_key: SecretStr | None = Field(
        None,
        description="Key in the address to which the org sends outbound messages (/hooks/<connection>?key=…): at "
        "least 16 letters, digits, `-` and `_`.",
    )
    change_channel: str | None = Field(
        None,
        description="Channel of change events that `crmsync serve` subscribes to, by the Pub/Sub API: "
        "/data/ChangeEvents for all objects chosen in Setup → Change Data Capture, or a channel of one's own, like "
        "/data/crmsync__chn. Needs `pip install crmsync-salesforce[pubsub]`.",
    )
    event_bus: str = Field(
        "api.pubsub.salesforce.com:7443",
        description="Address and port of the Pub/Sub API; for orgs in the EU Operating Zone "
        "api.deu.pubsub.salesforce.com:7443.",
    )
    api_version: str = Field("62.0", description="REST API version, e.g. 62.0.")
    connect_timeout_seconds: float = Field(
        10.0, gt=0, le=120, description="Longest wait for a connection, in seconds."
    )
    timeout_seconds: float = Field(120.0, gt=0, le=600, description="Longest time for one whole answer, in seconds.")
    attempts: int = Field(6, ge=1, le=20, description="How often one call is tried, the first time included.")
    longest_wait_seconds: float = Field(60.0, ge=0, le=600, description="Longest wait between two tries, in seconds.")
    retry_seconds: float = Field(300.0, ge=0, le=3600, description="No try begins later than this, in seconds.")
    largest_answer_megabytes: int = Field(
        64, ge=1, le=2000, description="Largest answer that is read, in megabytes, packed or unpacked."
    )
    page_size: int = Field(2000, ge=200, le=2000, description="Records per page that are asked for.")
    batch_size: int = Field(200, ge=1, le=200, description="Records per write call.")
    allow_duplicates: bool = Field(
        False,
        description="Whether a record is saved although a duplicate rule of the org alerts (header "
        "Sforce-Duplicate-Rule-Header: allowSave=true); a rule that blocks still refuses it.",
    )
    archived_activities: bool = Field(
        True,
        description="Whether activities that Salesforce has archived (older than about a year) are read, too.",
    )
    overlap_seconds: int = Field(
        600,
        ge=0,
        le=86_400,
        description="How far an incremental pull reads back behind its watermark, in seconds: records become "
        "visible some seconds after their time stamp.",
    )

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must look like https://acme.my.salesforce.com")
        if instead := _my_domain(parts.hostname):
            raise ValueError(
                f"is an address for people in browsers, and its API is at {instead}\n→ write {instead} there"
            )
        if parts.username or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("must be scheme and host only, like https://acme.my.salesforce.com")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError("must begin with https:// (plain http is for 127.0.0.1 and localhost only)")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("api_version")
    @classmethod
    def _version(cls, version: str) -> str:
        if not re.fullmatch(r"\d{2,3}\.0", version):
            raise ValueError("must look like 62.0")
        if float(version) <= LAST_RETIRED_VERSION:
            raise ValueError(
                f"Salesforce has retired all versions up to {LAST_RETIRED_VERSION:.1f}\n"
                "→ write a newer one, or take the line out: then it is 62.0"
            )
        return version

    @field_validator("outbound_message_key")
    @classmethod
    def _a_long_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not re.fullmatch(r"[A-Za-z0-9_-]{16,200}", key.get_secret_value()):
            raise ValueError(
                "must be 16 to 200 letters, digits, `-` and `_`, as it stands in an address\n"
                "→ make one: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
            )
        return key

    @field_validator("change_channel")
    @classmethod
    def _a_channel(cls, channel: str | None) -> str | None:
        if channel is not None and not _CHANNEL.fullmatch(channel):
            raise ValueError("must look like /data/ChangeEvents")
        return channel

    @field_validator("event_bus")
    @classmethod
    def _a_bus(cls, address: str) -> str:
        host, _, port = address.rpartition(":")
        ours = host in LOOPBACK or any(host == each or host.endswith(f".{each}") for each in _BUSES)
        if not ours or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise ValueError("must look like api.pubsub.salesforce.com:7443: the session is shown there")
        return address

    @model_validator(mode="after")
    def _complete(self) -> SalesforceSettings:
        if self.sign_in_way == "client_credentials" and self.host in {"login.salesforce.com", "test.salesforce.com"}:
            raise ValueError(
                "client credentials need the org's own My Domain address in `url`\n"
                "→ write it there, like https://acme.my.salesforce.com (Setup → My Domain)"
            )
        if not self.loopback and self.change_channel and self.event_bus.rpartition(":")[0] in LOOPBACK:
            raise ValueError(
                "`event_bus` is on this machine, and `url` is not: a session of the org is shown to Salesforce only"
            )
        if self.allow_duplicates and float(self.api_version) < FIRST_VERSION_WITH_DUPLICATE_HEADER:
            raise ValueError(
                f"`allow_duplicates` needs `api_version` {FIRST_VERSION_WITH_DUPLICATE_HEADER:.1f} or later\n"
                "→ write a newer one, or take the line out: then it is 62.0"
            )
        return self

    @property
    def host(self) -> str:
        """Host name of `url`."""
        return urlsplit(self.url).hostname or ""

    @property
    def loopback(self) -> bool:
        """Whether the CRM is a server on this machine, spoken to over plain http."""
        return self.url.startswith("http://")

    @property
    def sign_in_way(self) -> SignInWay:
        """How to sign in. Raises ValueError when no set of credentials is complete."""
        if self.access_token:
            return "session"
        if self.client_id and self.refresh_token:
            return "refresh_token"
        if self.client_id and self.username and (self.private_key or self.private_key_file):
            return "jwt"
        if self.client_id and self.client_secret:
            return "client_credentials"
        if self.username and self.password:
            return "password"
        raise ValueError(
            "credentials are missing: give client_id and client_secret (client credentials), or client_id, "
            "username and private_key or private_key_file (JWT), or client_id and refresh_token, or access_token"
        )

    @property
    def write_headers(self) -> dict[str, str]:
        """Headers of every write, also where it is a part of another call: parts inherit none."""
        # Absent means TRUE: assignment rules would hand the lead to somebody else.
        headers = {"Sforce-Auto-Assign": "FALSE"}
        return headers | ({"Sforce-Duplicate-Rule-Header": "allowSave=true"} if self.allow_duplicates else {})

    @property
    def retries(self) -> RetryPolicy:
        """How long a call is tried again."""
        from crmsync.sdk import RetryPolicy  # noqa: PLC0415 - the sdk's tools come with the first call

        return RetryPolicy(
            attempts=self.attempts,
            longest_wait_seconds=self.longest_wait_seconds,
            total_seconds=self.retry_seconds,
        )


_BROWSER_HOST = re.compile(
    r"(?P<domain>[a-z0-9-]+?)(?:--c)?(?P<kind>\.sandbox|\.develop|\.scratch|\.trailblaze|\.patch|\.demo)?"
    r"(?:\.lightning\.force\.com|\.my\.salesforce-setup\.com|\.file\.force\.com|\.vf\.force\.com"
    r"|\.visualforce\.com|\.my\.site\.com|\.lightning\.com)"
)


def _my_domain(host: str) -> str | None:
    """The org's My Domain address, where `host` is one of those that browsers come to."""
    found = _BROWSER_HOST.fullmatch(host.lower())
    return f"https://{found['domain']}{found['kind'] or ''}.my.salesforce.com" if found else None
