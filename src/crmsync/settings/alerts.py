"""Whom the service tells what needs a person, as crmsync.yaml says it. Secrets come from the environment."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from crmsync.settings.needs import NeedKind

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)
_ADDRESS = re.compile(r"[!-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)
_SERVER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?", re.ASCII)


class _Channel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    only: tuple[NeedKind, ...] | None = Field(
        None, description="kinds that are told there; default: all but `never_read` and `writes_off`"
    )


class WebhookChannel(_Channel):
    """JSON for programs, to an address that takes it with any 2xx. The address is a secret."""

    by: Literal["webhook"]


class SlackChannel(_Channel):
    """A message as Slack's incoming webhooks take it; Mattermost, Rocket.Chat and others do, too."""

    by: Literal["slack"]


class EmailChannel(_Channel):
    """A plain e-mail, handed to a mail server by SMTP."""

    model_config = ConfigDict(populate_by_name=True)

    by: Literal["email"]
    server: str = Field(description="name of the mail server, with its port if it is not the usual one")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="how the way there is encrypted: from STARTTLS on (usual port 587), from the start (465), or "
        "not at all (25; with a password only to this machine)",
    )
    user: str | None = Field(None, description="name to sign in with; the password comes from the environment")
    sender: str = Field(alias="from", description="address that the mail comes from")
    to: tuple[str, ...] = Field(min_length=1, max_length=20, description="addresses that it goes to")

    @field_validator("server")
    @classmethod
    def _a_server(cls, server: str) -> str:
        found = _SERVER.fullmatch(server)
        if found is None or (found[2] is not None and not 0 < int(found[2]) < 65_536):
            raise ValueError(f"`{server[:60]}` is no mail server\n→ write e.g. `smtp.acme.example:587`")
        return server

    @field_validator("to", mode="before")
    @classmethod
    def _one_or_several(cls, told: object) -> object:
        return (told,) if isinstance(told, str) else told

    @field_validator("to")
    @classmethod
    def _addresses(cls, told: tuple[str, ...]) -> tuple[str, ...]:
        for each in told:
            _an_address(each)
        return told

    @field_validator("sender")
    @classmethod
    def _of_somebody(cls, sender: str) -> str:
        return _an_address(sender)

    @property
    def host(self) -> str:
        """Without the port."""
        found = _SERVER.fullmatch(self.server)
        return found[1].strip("[]") if found else self.server

    @property
    def port(self) -> int:
        """As it is told, or the usual one."""
        found = _SERVER.fullmatch(self.server)
        return int(found[2]) if found and found[2] else {"starttls": 587, "tls": 465, "none": 25}[self.security]


def _an_address(address: str) -> str:
    if _ADDRESS.fullmatch(address) is None or len(address) > 254:
        raise ValueError(f"`{address[:60]}` is no e-mail address\n→ write it alone, e.g. `sales-ops@acme.example`")
    return address


ChannelSettings = Annotated[WebhookChannel | SlackChannel | EmailChannel, Field(discriminator="by")]


class AlertSettings(BaseModel):
    """Whom `crmsync serve` tells what needs a person, how often, and from when on something does.

    Each is told once to each channel, again after `repeat_hours` while it lasts, and once when it is over.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    channels: Mapping[str, ChannelSettings] = Field(
        default_factory=dict, description="name → where to; default: nowhere", max_length=20
    )
    repeat_hours: float | None = Field(
        24, strict=True, ge=0.25, le=8_760, description="hours after which it is told again; null = never; default 24"
    )
    lag_minutes: float | None = Field(
        None,
        strict=True,
        ge=1,
        le=525_600,
        description="minutes without a reading of the CRM from which on it is told; default: two runs and an hour",
    )
    calls_left: int | None = Field(
        None,
        strict=True,
        ge=1,
        description="calls left of the day below which it is told; default: what two runs like the last one take",
    )
    change_seconds: float | None = Field(
        None,
        strict=True,
        ge=1,
        le=604_800,
        description="seconds within which a change in the CRM is to be answered by a verified write; told when more "
        "than one in twenty waited longer; default: not told",
    )
    sign_in_days: int = Field(
        14,
        strict=True,
        ge=0,
        le=365,
        description="days before a connection's `sign_in_ends` from which on it is told",
    )

    @field_validator("channels")
    @classmethod
    def _plain_names(cls, channels: Mapping[str, ChannelSettings]) -> Mapping[str, ChannelSettings]:
        for name in channels:
            if _NAME.fullmatch(name) is None or len(name) > 40:
                raise ValueError(f"`{name[:60]}` cannot name a channel\n→ use small letters, digits and `-`")
        return channels
