"""What needs a person, and the channels that are told, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crmsync.operations.status.alerts import AlertLine, ChannelLine
from crmsync.showing.foreign_text import markup
from crmsync.showing.instants import instant


def alert_parts(alerts: Sequence[AlertLine], channels: Sequence[ChannelLine]) -> Iterator[Any]:
    """Renderables for all that is there."""
    if not alerts:
        yield "Nothing needs a person."
    for each in alerts:
        since = f", since {instant(each.since)}" if each.since else ""
        yield f"[bold]{markup(each.connection)}[/bold] {each.need.kind}{since}: {markup(str(each.need))}"
        for channel, at in each.told.items():
            yield f"  told to {markup(channel)} at {instant(at)}"
    yield from channel_parts(channels)
    if not channels:
        yield "Nobody is told: no channel stands under `alerts:` in crmsync.yaml."


def channel_parts(channels: Sequence[ChannelLine]) -> Iterator[Any]:
    """Renderables for the channels."""
    for each in channels:
        yield f"[bold]{markup(each.channel)}[/bold] ({each.by}): {_state(each)}"


def channels_told(channels: Sequence[ChannelLine]) -> Iterator[Any]:
    """The same below how connections stand; nothing where there are none."""
    if channels:
        yield "\n[bold]alerts[/bold]"
        yield from (f"  {part}" for part in channel_parts(channels))


def _state(channel: ChannelLine) -> str:
    if channel.trouble is None:
        return "[green]takes alerts[/green]"
    if channel.failing_since is None or channel.next_try_at is None:
        return f"[red]{markup(channel.trouble)}[/red]"
    times = "once" if channel.failures == 1 else f"{channel.failures} times"
    tried = f"{times} since {instant(channel.failing_since)}, tried again at {instant(channel.next_try_at)}"
    return f"[red]not taken: {markup(channel.trouble)}[/red] ({tried})"
