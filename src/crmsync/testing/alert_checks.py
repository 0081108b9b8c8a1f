"""Checks of what a store remembers of alerts: each is told once to each channel, whoever tells it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from crmsync.store import NeedFound, Store, Taken
from crmsync.testing.store_frames import NOW
from crmsync.testing.store_steps import Stores

KINDS = ("lag", "guard")
LAG = NeedFound("c", "lag", 90, "crmsync status c")
GUARD = NeedFound("c", "guard", 1, "crmsync run c --dry-run")
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def look(
    store: Store,
    *found: NeedFound,
    now: datetime = NOW,
    known: Collection[str] = ("c", "d"),
    channels: Collection[str] = ("ops", "mail"),
    looked_at: Sequence[str] = ("c",),
) -> None:
    """A look at `c`, and what it found."""
    store.alerts.note(looked_at, found, known=known, channels=channels, now=now)


def take(
    store: Store, channel: str = "ops", now: datetime = NOW, kinds: Collection[str] = KINDS, repeat: timedelta = DAY
) -> Taken | None:
    """Take a channel for two minutes."""
    return store.alerts.take(
        channel, kinds=kinds, repeat=repeat, now=now, until=now + 2 * MINUTE, longest_pause=60 * MINUTE
    )


def told(
    store: Store, channel: str = "ops", now: datetime = NOW, kinds: Collection[str] = KINDS
) -> list[tuple[str, str]]:
    """(kind, state) of what the channel is told, and takes."""
    taken = take(store, channel, now, kinds)
    if taken is None:
        return []
    store.alerts.was_told(taken, now=now)
    return [(each.alert.kind, each.state) for each in taken.due]


class AlertChecks:
    """To be mixed into a suite of a store."""

    def test_each_is_told_once_to_each_channel(self, stores: Stores) -> None:
        store, other = stores.open(), stores.open()
        look(store, LAG)
        assert told(store) == [("lag", "new")]
        look(other, LAG, GUARD, now=NOW + MINUTE)
        assert told(other, now=NOW + MINUTE) == [("guard", "new")]
        assert told(store, now=NOW + MINUTE) == []
        assert told(store, "mail", now=NOW + MINUTE) == [("guard", "new"), ("lag", "new")]
        assert {each.kind: each.since for each in store.alerts.read()} == {"guard": NOW + MINUTE, "lag": NOW}

    def test_it_is_told_again_after_a_time_and_when_it_is_over(self, stores: Stores) -> None:
        store = stores.open()
        look(store, LAG)
        told(store)
        look(store, LAG, now=NOW + DAY - MINUTE)
        assert told(store, now=NOW + DAY - MINUTE) == []
        assert told(store, now=NOW + DAY) == [("lag", "again")]
        assert told(store, now=NOW + DAY + MINUTE) == []
        look(store, now=NOW + 2 * DAY)
        assert told(store, now=NOW + 2 * DAY) == [("lag", "over")]
        assert told(store, now=NOW + 9 * DAY) == []
        assert store.alerts.read() == ()
        look(store, LAG, now=NOW + 9 * DAY)
        assert told(store, now=NOW + 9 * DAY) == [("lag", "new")]

    def test_nothing_is_told_again_where_nobody_wants_that(self, stores: Stores) -> None:
        store = stores.open()
        look(store, LAG)
        told(store)
        never = store.alerts.take(
            "ops", kinds=KINDS, repeat=None, now=NOW + 900 * DAY, until=NOW + 900 * DAY, longest_pause=DAY
        )
        assert never is None

    def test_what_nobody_was_told_of_is_over_without_a_word(self, stores: Stores) -> None:
        store = stores.open()
        look(store, LAG)
        look(store, now=NOW + MINUTE)
        assert told(store, now=NOW + MINUTE) == []
        assert store.alerts.read() == ()

    def test_what_ends_while_a_channel_is_told_of_it_is_told_to_be_over(self, stores: Stores) -> None:
        store = stores.open()
        look(store, LAG)
        taken = take(store)
        assert taken
        look(store, now=NOW + MINUTE)  # a look by another process, while the message is on its way
        store.alerts.was_told(taken, now=NOW + MINUTE)
        assert told(store, now=NOW + MINUTE) == [("lag", "over")]
        assert store.alerts.read() == ()
        look(store, LAG, now=NOW + 2 * MINUTE)
        assert told(store, now=NOW + 2 * MINUTE) == [("lag", "new")]

    def test_what_comes_back_before_its_end_was_told_goes_on(self, stores: Stores) -> None:
        store = stores.open()
        look(store, LAG)
        told(store)
        look(store, now=NOW + MINUTE)
        look(store, LAG, now=NOW + 2 * MINUTE)
        assert told(store, now=NOW + 2 * MINUTE) == []
        assert [each.since for each in store.alerts.read()] == [NOW]

    def test_a_channel_is_told_the_end_of_what_it_was_told(self, stores: Stores) -> None:
        store = stores.open()
        look(store, LAG, GUARD)
        assert told(store, kinds=("guard",)) == [("guard", "new")]
        look(store, now=NOW + MINUTE)
        assert told(store, "mail", now=NOW + MINUTE) == []
        assert told(store, kinds=("guard",), now=NOW + MINUTE) == [("guard", "over")]

    def test_a_channel_that_another_process_tells_is_left_alone_for_a_while(self, stores: Stores) -> None:
        store, other = stores.open(), stores.open()
        look(store, LAG)
        assert take(store)
        assert take(other) is None
        assert take(other, now=NOW + 2 * MINUTE - timedelta(seconds=1)) is None
        assert take(other, now=NOW + 2 * MINUTE), "whoever took it has died"

    def test_what_was_not_taken_is_tried_again_and_its_trouble_is_told(self, stores: Stores) -> None:
        store = stores.open()
        look(store, LAG)
        taken = take(store)
        assert taken
        assert taken.failures == 0
        store.alerts.was_not_told(taken, now=NOW, next_try_at=NOW + MINUTE, trouble="refused")
        [trouble] = store.alerts.troubles()
        assert (trouble.channel, trouble.failures, trouble.since, trouble.trouble) == ("ops", 1, NOW, "refused")
        assert trouble.next_try_at == NOW + MINUTE
        assert take(store, now=NOW + MINUTE - timedelta(seconds=1)) is None
        taken = take(store, now=NOW + MINUTE)
        assert taken
        assert (taken.failures, [each.state for each in taken.due]) == (1, ["new"])
        later = NOW + MINUTE
        store.alerts.was_not_told(taken, now=later, next_try_at=later + MINUTE, trouble="no answer")
        [trouble] = store.alerts.troubles()
        assert (trouble.failures, trouble.since, trouble.trouble) == (2, NOW, "no answer")
        assert told(store, now=NOW + 2 * MINUTE) == [("lag", "new")]
        assert store.alerts.troubles() == ()

    def test_a_clock_that_ran_ahead_keeps_nothing_from_being_told(self, stores: Stores) -> None:
        store, ahead = stores.open(), 400 * DAY
        look(store, LAG, now=NOW + ahead)
        assert told(store, now=NOW + ahead) == [("lag", "new")]
        taken = take(store, "mail", now=NOW + ahead)
        assert taken
        later = NOW + ahead + MINUTE
        store.alerts.was_not_told(taken, now=NOW + ahead, next_try_at=later, trouble="refused")
        look(store, LAG)
        assert [each.since for each in store.alerts.read()] == [NOW]
        assert told(store) == []
        assert told(store, "mail") == [("lag", "new")]
        assert told(store, now=NOW + DAY) == [("lag", "again")]

    def test_others_are_not_looked_at_and_strangers_are_forgotten(self, stores: Stores) -> None:
        store = stores.open()
        elsewhere = NeedFound("d", "lag", 1, "crmsync status d")
        look(store, elsewhere, looked_at=("d",))
        look(store, LAG)
        assert told(store) == [("lag", "new"), ("lag", "new")]
        look(store, now=NOW + MINUTE, known=("c",), channels=("mail",))
        assert store.alerts.read() == (), "nobody is left who was told"
