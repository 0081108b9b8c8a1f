"""`crmsync alerts`: what needs a person now, since when, who was told, and what channels take nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from msgspec import Struct

from crmsync.operations.history.runs import told
from crmsync.operations.status.needs import NextRun
from crmsync.operations.status.standing import statuses
from crmsync.settings import OpenNeed, Settings, alert_channels
from crmsync.store import Store


class AlertLine(Struct, frozen=True):
    """Something that needs a person. `since`: when it was noted; null = not yet. `told`: channel → when last."""

    connection: str
    need: OpenNeed
    since: datetime | None
    told: Mapping[str, datetime]

    def to_json(self) -> dict[str, Any]:
        """Instants in UTC."""
        return {
            "connection": self.connection,
            "kind": self.need.kind,
            "number": self.need.number,
            "words": self.need.words,
            "command": self.need.command,
            "since": told(self.since),
            "told": {channel: told(at) for channel, at in self.told.items()},
        }


class ChannelLine(Struct, frozen=True):
    """A channel. `trouble`: why nothing can be told there, or why the last message was not taken; null = all is well.

    `failures`: messages in a row that were not taken, `failing_since` the first; it is tried again at `next_try_at`.
    """

    channel: str
    by: str
    trouble: str | None = None
    failures: int = 0
    failing_since: datetime | None = None
    next_try_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Instants in UTC."""
        return {
            "channel": self.channel,
            "by": self.by,
            "trouble": self.trouble,
            "failures": self.failures,
            "failing_since": told(self.failing_since),
            "next_try_at": told(self.next_try_at),
        }


def alert_lines(
    settings: Settings, connections: Sequence[str], *, now: Callable[[], datetime], next_run: NextRun
) -> list[AlertLine]:
    """What needs a person on the named connections, or all. Raises `UsageError` for one that is not configured."""
    found = statuses(settings, connections, now=now, next_run=next_run)
    with closing(Store(settings.store)) as store:
        stored = {(each.connection, each.kind): each for each in store.alerts.read() if each.over_at is None}
    lines = []
    for status in found:
        for need in status.needs:
            known = stored.get((status.connection, need.kind))
            lines.append(
                AlertLine(status.connection, need, known.since if known else None, known.told if known else {})
            )
    return lines


def channel_lines(settings: Settings) -> list[ChannelLine]:
    """Each configured channel, and what keeps it from being told anything."""
    if not settings.alerts.channels:
        return []
    ready = {channel.name for channel in alert_channels(settings.alerts, settings.file, settings.directory)[0]}
    with closing(Store(settings.store)) as store:
        troubles = {each.channel: each for each in store.alerts.troubles()}
    lines = []
    for name, channel in settings.alerts.channels.items():
        if name not in ready:
            lines.append(
                ChannelLine(name, channel.by, "its secrets are missing or wrong: `crmsync check` tells which")
            )
        elif (it := troubles.get(name)) is not None:
            lines.append(ChannelLine(name, channel.by, it.trouble, it.failures, it.since, it.next_try_at))
        else:
            lines.append(ChannelLine(name, channel.by))
    return lines
