"""Channels of alerts with their secrets, which stand in the environment or in `.env` as others do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from crmsync.configuration import Document
from crmsync.errors import ConfigurationError, Finding
from crmsync.settings.alerts import AlertSettings, ChannelSettings, EmailChannel
from crmsync.settings.variables import PREFIX, variables_set

Secrets = Mapping[str, str]

SECRETS: Mapping[str, Mapping[str, str]] = {
    "webhook": {
        "url": "Address that takes the JSON, with https; plain http only to this machine.",
        "token": "Sent as `Authorization: Bearer …`, where the address asks for one.",
    },
    "slack": {"url": "Address of the incoming webhook, with https; plain http only to this machine."},
    "email": {"password": "Password of the channel's `user`."},
}
"""Kind of channel → its secrets, and what they are."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Where to tell something. `secrets`: by their names in `SECRETS`; they are never shown."""

    name: str
    settings: ChannelSettings
    secrets: Secrets = field(default_factory=dict, repr=False)


def channel_variable(channel: str, secret: str) -> str:
    """`ops`, `url` → `CRMSYNC_ALERTS_OPS_URL`."""
    return f"{PREFIX}ALERTS_{channel.replace('-', '_')}_{secret}".upper()


def channel_variables(alerts: AlertSettings) -> Iterator[str]:
    """Every variable that its channels read."""
    for name, channel in alerts.channels.items():
        yield from (channel_variable(name, secret) for secret in SECRETS[channel.by])


def alert_channels(
    alerts: AlertSettings, document: Document, directory: Path
) -> tuple[tuple[Channel, ...], tuple[Finding, ...]]:
    """The channels that can be used, and what keeps the others from it."""
    if not alerts.channels:
        return (), ()
    try:
        there = variables_set(directory)
    except ConfigurationError as error:
        return (), error.findings
    ready, findings = [], []
    for name, settings in alerts.channels.items():
        found = {secret: there.get(channel_variable(name, secret), "").strip() for secret in SECRETS[settings.by]}
        channel = Channel(name, settings, {secret: text for secret, text in found.items() if text})
        wrong = list(_wrong(channel))
        findings += [
            document.finding(("alerts", "channels", name), message, hint, at_key=True) for message, hint in wrong
        ]
        if not wrong:
            ready.append(channel)
    return tuple(ready), tuple(findings)


def _wrong(channel: Channel) -> Iterator[tuple[str, str]]:
    """(message, next step); no part of a secret is in it."""
    for secret, text in channel.secrets.items():
        if any(ord(c) < ord(" ") or ord(c) == 127 for c in text):
            variable = channel_variable(channel.name, secret)
            yield f"{variable} holds a line break or another control character", "copy it again, on one line"
    if isinstance(channel.settings, EmailChannel):
        yield from _wrong_mail(channel, channel.settings)
    else:
        yield from _wrong_address(channel)


def _wrong_mail(channel: Channel, mail: EmailChannel) -> Iterator[tuple[str, str]]:
    variable = channel_variable(channel.name, "password")
    if mail.user is not None and "password" not in channel.secrets:
        yield f"{variable} is missing", "set it in `.env`, or leave out `user`"
    if mail.user is not None and mail.security == "none" and not _here(mail.host):
        yield "the password would go to another machine as plain text", "write `security: starttls` or `tls`"


def _wrong_address(channel: Channel) -> Iterator[tuple[str, str]]:
    variable = channel_variable(channel.name, "url")
    address = channel.secrets.get("url")
    if address is None:
        yield f"{variable} is missing", "set it in `.env`; an address by which others can write is a secret"
        return
    try:
        parts = urlsplit(address)
        right = bool(parts.hostname) and (parts.port or 1) > 0 and address.isascii() and " " not in address
    except ValueError:
        right = False
    if not right or parts.scheme not in ("https", "http"):
        yield f"{variable} is no address", "copy it whole, from https:// on"
    elif parts.username is not None:
        yield f"{variable} holds a user name", "leave it out; a webhook's token has a variable of its own"
    elif parts.scheme == "http" and not _here(str(parts.hostname)):
        yield f"{variable} begins with http: it would go to another machine as plain text", "use https"


def _here(host: str) -> bool:
    """Whether it is this machine, by its name alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
