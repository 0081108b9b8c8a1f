"""`crmsync alerts test`: a message of no consequence to each channel, and what came of it. The store is not asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crmsync.alerts.message import trial_message
from crmsync.alerts.sending import send
from crmsync.alerts.taking import NotTaken
from crmsync.errors import ConfigurationError, UsageError
from crmsync.languages.tongues import tongue_of
from crmsync.settings import Settings, alert_channels
from crmsync.values import field_names


@dataclass(frozen=True, slots=True)
class ChannelTried:
    """What came of a message to a channel. `trouble`: why it was not taken, or not by all; null = it was."""

    channel: str
    by: str
    taken: bool
    trouble: str | None

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {name: getattr(self, name) for name in field_names(self)}


def try_channels(settings: Settings, names: Sequence[str], *, now: datetime) -> Iterator[ChannelTried]:
    """The named channels, or all. Raises `UsageError` where there is none, `ConfigurationError` when one is wrong."""
    configured = settings.alerts.channels
    if not configured:
        raise UsageError("no channel is configured", hint="crmsync docs alerts: channels stand under `alerts:`")
    for name in names:
        if name not in configured:
            raise UsageError(f"no channel `{name}` is configured", hint=f"configured: {', '.join(configured)}")
    channels, findings = alert_channels(settings.alerts, settings.file, settings.directory)
    ready = {channel.name: channel for channel in channels}
    chosen = list(dict.fromkeys(names or configured))
    if findings and any(name not in ready for name in chosen):
        raise ConfigurationError(findings)
    for name in chosen:
        channel = ready[name]
        try:
            note = send(channel, trial_message(name, tongue_of(settings.language), now))
        except NotTaken as error:
            yield ChannelTried(name, channel.settings.by, taken=False, trouble=error.words)
        else:
            yield ChannelTried(name, channel.settings.by, taken=True, trouble=note)
