"""Checks of what a store remembers of tellings: once for each record, until it is read, whatever comes meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crmsync.errors import AnotherRunInProgress
from crmsync.store import ANYTHING, HeardUpTo, ToldRecord
from crmsync.testing.store_frames import NOW
from crmsync.testing.store_steps import Stores

SECOND = timedelta(seconds=1)
LEAD = ToldRecord("Lead", "1", NOW)


class TellingChecks:
    """A part of `StoreConformance`."""

    def test_a_record_waits_once_however_often_it_is_told(self, stores: Stores) -> None:
        """Since it was told first, and with all that is to be read with it."""
        store = stores.open()
        later = ToldRecord("Lead", "1", NOW + SECOND, ("Task",))
        assert store.tellings.take_in("c", [later, LEAD, LEAD], now=NOW + SECOND) == 1
        earlier = ToldRecord("Lead", "1", NOW - SECOND, ("Event",))
        assert store.tellings.take_in("c", [earlier], now=NOW + 9 * SECOND) == 1
        [waits] = store.tellings.waiting("c", limit=10)
        assert (waits.object, waits.record, waits.times) == ("Lead", "1", 2)
        assert (waits.happened_at, waits.came_at) == (NOW - SECOND, NOW + SECOND)
        assert waits.activities == ("Event", "Task")
        store.tellings.take_in("c", [ToldRecord("Lead", "1", None, ("*",))], now=NOW)
        [waits] = store.tellings.waiting("c", limit=10)
        assert (waits.activities, waits.happened_at) == (("*",), NOW - SECOND)

    def test_those_that_came_first_are_read_first(self, stores: Stores) -> None:
        """And no more of them than are asked for; another object's record of the same id is another."""
        store = stores.open()
        for place, told in enumerate((("Lead", "9"), ("Task", "9"), ("Lead", "1"))):
            store.tellings.take_in("c", [ToldRecord(*told)], now=NOW + place * SECOND)
        first = store.tellings.waiting("c", limit=2)
        assert [(each.object, each.record) for each in first] == [("Lead", "9"), ("Task", "9")]
        assert store.tellings.were_read("c", first) == 2
        assert [each.record for each in store.tellings.waiting("c", limit=2)] == ["1"]

    def test_what_is_told_while_it_is_read_is_read_again(self, stores: Stores) -> None:
        """Else a change behind the reading would be lost."""
        store = stores.open()
        store.tellings.take_in("c", [LEAD, ToldRecord("Lead", "2")], now=NOW)
        read = store.tellings.waiting("c", limit=10)
        store.tellings.take_in("c", [LEAD], now=NOW + SECOND)
        assert store.tellings.were_read("c", read) == 1
        assert [each.record for each in store.tellings.waiting("c", limit=10)] == ["1"]
        assert store.tellings.are_waiting("c", "Lead", {"1", "2"})
        assert not store.tellings.are_waiting("c", "Lead", {"2"})
        assert not store.tellings.are_waiting("c", "Task", {"1"})

    def test_tellings_are_of_one_connection_and_outlive_the_process(self, stores: Stores) -> None:
        """Whoever opens the store next finds them."""
        store = stores.open()
        store.tellings.take_in("c", [LEAD], now=NOW)
        assert store.tellings.waiting("d", limit=10) == ()
        assert store.tellings.were_read("d", store.tellings.waiting("c", limit=10)) == 0
        again = stores.open()
        assert [each.record for each in again.tellings.waiting("c", limit=10)] == ["1"]

    def test_what_was_taken_and_refused_is_counted(self, stores: Stores) -> None:
        """By reason, with the last time of each."""
        store = stores.open()
        assert not store.tellings.standing("c").anything
        store.tellings.take_in("c", [LEAD], now=NOW, refused={"old": 2, "too_large": 1})
        store.tellings.take_in("c", [], now=NOW + SECOND, refused={"old": 1})
        found = store.tellings.standing("c")
        assert (found.taken, found.last_at) == (1, NOW)
        assert (found.waiting, found.oldest_at) == (1, NOW)
        assert (found.refused, found.refused_at) == ({"old": 3, "too_large": 1}, NOW + SECOND)
        assert not store.tellings.standing("d").anything

    def test_a_forgotten_lead_waits_no_longer(self, stores: Stores) -> None:
        """Its id is erased with it."""
        store = stores.open()
        store.tellings.take_in("c", [LEAD, ToldRecord("Lead", "2")], now=NOW)
        assert store.forget("c", "1").marks == 1
        assert [each.record for each in store.tellings.waiting("c", limit=10)] == ["2"]

    def test_how_far_was_heard_is_kept_with_what_was_heard(self, stores: Stores) -> None:
        """For each account and channel; the last counts, and whoever opens the store next goes on from there."""
        store = stores.open()
        assert store.tellings.position("c", "org", "/data/A") is None
        told = [
            HeardUpTo("org", "/data/A", "01"),
            HeardUpTo("org", "/data/A", "02"),
            HeardUpTo("other", "/data/A", "9"),
        ]
        store.tellings.take_in("c", [LEAD], now=NOW, heard=told)
        again = stores.open()
        found = [again.tellings.position("c", account, "/data/A") for account in ("org", "other")]
        assert (found, again.tellings.position("d", "org", "/data/A")) == (["02", "9"], None)
        later = NOW + SECOND
        again.tellings.take_in("c", [], now=later, heard=[HeardUpTo("org", "/data/A", None)])
        assert again.tellings.position("c", "org", "/data/A") is None
        assert [(each.channel, each.heard_at) for each in again.tellings.standing("c").subscribed] == [
            ("/data/A", later)
        ]

    def test_that_it_was_not_told_what_changed_waits_like_a_record(self, stores: Stores) -> None:
        """And counts as none."""
        store = stores.open()
        store.tellings.take_in("c", [LEAD, ANYTHING, ANYTHING], now=NOW)
        found = store.tellings.standing("c")
        assert (found.taken, found.lost, found.lost_at, found.refused) == (1, 1, NOW, {})
        waiting = store.tellings.waiting("c", limit=10)
        assert sorted(each.is_anything for each in waiting) == [False, True]
        store.tellings.take_in("c", [ANYTHING], now=NOW + SECOND)
        assert store.tellings.were_read("c", waiting) == 1
        assert [each.is_anything for each in store.tellings.waiting("c", limit=10)] == [True]

    def test_one_process_listens(self, stores: Stores) -> None:
        """And keeps no run off."""
        first, second = stores.open(), stores.open()
        with first.listen("c", now=NOW):
            with pytest.raises(AnotherRunInProgress), second.listen("c", now=NOW):
                pass
            with second.hold("c", now=NOW), second.listen("d", now=NOW):
                pass
        with second.listen("c", now=NOW):
            pass
