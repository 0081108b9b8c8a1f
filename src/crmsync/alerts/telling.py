"""One look: what needs a person, noted in the store, and told to each channel that is to be told.

Sending takes place between two transactions, so that nobody waits for a receiver: the channel is taken for a while,
the message is sent, and what came of it is noted. A process that dies in between has told it, or not; then it is told
once more rather than never.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crmsync.alerts.message import message_of
from crmsync.alerts.sending import send
from crmsync.alerts.taking import LONGEST_SECONDS, NotTaken
from crmsync.languages.tongues import tongue_of
from crmsync.operations.status.status import Status
from crmsync.settings import NEEDS, NOT_ALERTED, Channel, Settings
from crmsync.store import NeedFound, Store, Taken
from crmsync.values import field_names

_TAKEN_FOR = timedelta(seconds=4 * LONGEST_SECONDS)
_FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
"""So often at least a channel that takes nothing is tried again, and so seldom at most."""


@dataclass(frozen=True, slots=True)
class ChannelMessage:
    """A message to a channel: how many things it told, and why it was not taken, or not by all; null = it was."""

    channel: str
    alerts: int
    taken: bool
    trouble: str | None = None

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {name: getattr(self, name) for name in field_names(self)}


def found_in(statuses: Sequence[Status]) -> tuple[NeedFound, ...]:
    """What needs a person, each kind once a connection."""
    found: dict[tuple[str, str], NeedFound] = {}
    for status in statuses:
        for need in status.needs:
            each = NeedFound(status.connection, need.kind, need.number, need.command)
            found.setdefault((status.connection, need.kind), each)
    return tuple(found.values())


def tell_due(
    settings: Settings,
    store: Store,
    statuses: Sequence[Status],
    channels: Sequence[Channel],
    *,
    now: Callable[[], datetime],
) -> Iterator[ChannelMessage]:
    """Note what was looked at, and tell each channel what it does not know yet; one message each, or none.

    A channel that cannot be used at present is told later all that it was not told. Raises `StoreUnavailable`.
    """
    store.alerts.note(
        [status.connection for status in statuses],
        found_in(statuses),
        known=list(settings.configured),
        channels=list(settings.alerts.channels),
        now=now(),
    )
    hours = settings.alerts.repeat_hours
    for channel in channels:
        taken = store.alerts.take(
            channel.name,
            kinds=kinds_of(channel),
            repeat=None if hours is None else timedelta(hours=hours),
            now=now(),
            until=now() + _TAKEN_FOR,
            longest_pause=LONGEST_PAUSE,
        )
        if taken is not None:
            yield _told(settings, store, channel, taken, now)


def kinds_of(channel: Channel) -> frozenset[str]:
    """What is told there."""
    only = channel.settings.only
    return frozenset(NEEDS) - NOT_ALERTED if only is None else frozenset(only)


def _told(
    settings: Settings, store: Store, channel: Channel, taken: Taken, now: Callable[[], datetime]
) -> ChannelMessage:
    count = len(taken.due)
    try:
        note = send(channel, message_of(taken.due, tongue_of(settings.language), now()))
    except NotTaken as error:
        next_try_at = now() + pause_after(taken.failures, error.after_seconds)
        store.alerts.was_not_told(taken, now=now(), next_try_at=next_try_at, trouble=error.words)
        return ChannelMessage(channel.name, count, taken=False, trouble=error.words)
    store.alerts.was_told(taken, now=now())
    return ChannelMessage(channel.name, count, taken=True, trouble=note)


def pause_after(failures: int, wish_seconds: float | None) -> timedelta:
    """How long a channel is left alone that did not take a message, after so many failures before: 1, 2, 4 … minutes.

    `wish_seconds`: its own, if it told one; heard within bounds.
    """
    grown = _FIRST_PAUSE * (1 << min(failures, 10))
    wish = timedelta(seconds=wish_seconds or 0)
    return min(max(grown, wish), LONGEST_PAUSE)
