"""What needs a person, and who was told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from crmsync.store import alerts
from crmsync.store.alerts import ChannelTrouble, NeedFound, StoredAlert, Taken
from crmsync.store.damage import damage_in_words
from crmsync.store.faces.face import Face


class Alerts(Face):
    """What needs a person, since when, and which channel was told when."""

    def note(
        self,
        looked_at: Collection[str],
        found: Sequence[NeedFound],
        *,
        known: Collection[str],
        channels: Collection[str],
        now: datetime,
    ) -> None:
        """Remember what a look at these connections found; what it found no more is over.

        `known`: every connection that is configured; `channels`: every channel. Whatever is of others is forgotten.
        """
        with damage_in_words(), self._database.reading() as at:
            if alerts.nothing_new(at, looked_at, found, known=known, channels=channels, now=now):
                return
        numbers = {name: self._numbers[name] for name in looked_at}
        with damage_in_words(), self._database.writing() as at:
            alerts.note(at, numbers, found, known=known, channels=channels, now=now)

    def read(self) -> tuple[StoredAlert, ...]:
        """All that are there, and those that are over and of which somebody has yet to be told so."""
        with damage_in_words(), self._database.reading() as at:
            return tuple(alerts.read(at))

    def take(
        self,
        channel: str,
        *,
        kinds: Collection[str],
        repeat: timedelta | None,
        now: datetime,
        until: datetime,
        longest_pause: timedelta,
    ) -> Taken | None:
        """Take the channel until a time, where there is something to tell it: kinds of `kinds`, again after `repeat`.

        Null: there is nothing, another process has taken it, or its next try is still to come, which it is for no
        longer than `longest_pause`. Whoever takes it says what came of it: `was_told` or `was_not_told`.
        """
        with damage_in_words(), self._database.reading() as at:
            if not any(alerts.due(alerts.read(at), channel, kinds, repeat, now)):
                return None
        with damage_in_words(), self._database.writing() as at:
            return alerts.take(
                at, channel, kinds=kinds, repeat=repeat, now=now, until=until, longest_pause=longest_pause
            )

    def was_told(self, taken: Taken, *, now: datetime) -> None:
        """The channel took the message; it is free again."""
        with damage_in_words(), self._database.writing() as at:
            alerts.was_told(at, taken, now)

    def was_not_told(self, taken: Taken, *, now: datetime, next_try_at: datetime, trouble: str) -> None:
        """The channel did not: all of it stays due, and is tried again at a time."""
        with damage_in_words(), self._database.writing() as at:
            alerts.was_not_told(at, taken, now=now, next_try_at=next_try_at, trouble=trouble)

    def troubles(self) -> tuple[ChannelTrouble, ...]:
        """Channels that did not take their last message."""
        with damage_in_words(), self._database.reading() as at:
            return alerts.troubles(at)
