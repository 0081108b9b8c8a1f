"""That the store cannot be used is told, too: there is nowhere to note it, so each process remembers what it told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from crmsync.alerts.message import message_of
from crmsync.alerts.sending import send
from crmsync.alerts.taking import NotTaken
from crmsync.alerts.telling import LONGEST_PAUSE, ChannelMessage, kinds_of, pause_after
from crmsync.languages.tongues import tongue_of
from crmsync.settings import Channel, Settings
from crmsync.store import AlertState, DueAlert, StoredAlert

_KIND = "store_unusable"


class UnusableStore:
    """Which channel was told of it when, and which is left alone until when as it takes nothing."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._told: dict[str, datetime] = {}
        self._failures: dict[str, int] = {}
        self._next_try_at: dict[str, datetime] = {}

    def tell(
        self, settings: Settings, names: Sequence[str], channels: Sequence[Channel], *, now: datetime
    ) -> Iterator[ChannelMessage]:
        """It cannot: each channel is told once, and again as others are."""
        self._since = self._since or now
        hours = settings.alerts.repeat_hours
        for channel in channels:
            last = self._told.get(channel.name)
            again = last is not None and hours is not None and now - last >= timedelta(hours=hours)
            if _KIND in kinds_of(channel) and (last is None or again):
                yield from self._send(settings, names, channel, "again" if again else "new", now)

    def over(self, settings: Settings, channels: Sequence[Channel], *, now: datetime) -> Iterator[ChannelMessage]:
        """It can: whoever was told otherwise is told."""
        if self._since is None:
            return
        for channel in channels:
            if channel.name in self._told:
                yield from self._send(settings, list(settings.configured), channel, "over", now)
        if not self._told.keys() & {channel.name for channel in channels}:
            self._since, self._told = None, {}

    def _send(
        self, settings: Settings, names: Sequence[str], channel: Channel, state: AlertState, now: datetime
    ) -> Iterator[ChannelMessage]:
        if timedelta() < self._next_try_at.get(channel.name, now) - now <= LONGEST_PAUSE:
            return
        alert = StoredAlert(", ".join(names), _KIND, 1, "crmsync status", self._since or now, None, {})
        try:
            note = send(channel, message_of([DueAlert(alert, state)], tongue_of(settings.language), now))
        except NotTaken as error:
            failures = self._failures.get(channel.name, 0)
            pause = pause_after(failures, error.after_seconds)
            self._failures[channel.name], self._next_try_at[channel.name] = failures + 1, now + pause
            yield ChannelMessage(channel.name, 1, taken=False, trouble=error.words)
            return
        self._failures.pop(channel.name, None)
        self._next_try_at.pop(channel.name, None)
        if state == "over":
            del self._told[channel.name]
        else:
            self._told[channel.name] = now
        yield ChannelMessage(channel.name, 1, taken=True, trouble=note)
