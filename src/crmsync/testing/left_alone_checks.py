"""What a store remembers of leads that people keep for themselves. Part of `store_kit`."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

from crmsync.store import Hold, Overruling, Pulled, Settlement, Store
from crmsync.testing.store_frames import DAY, NOW, due, lead, leads, state_of
from crmsync.testing.store_steps import TOMORROW, Crash, Stores, change, crash_at, decide, intend, settle, without_ids

HOLD = Hold("1", TOMORROW, "legal looks at it", "ada", NOW)


def _written(store: Store, connection: str = "c") -> None:
    """Two leads, the first moved and given to Anna by us."""
    store.facts.remember(connection, [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
    intend(store, change("1"), connection=connection)
    settle(store, Settlement("1", "written"), connection=connection)
    decide(store, "1", "2", connection=connection)


def _read(store: Store, stage: str, owner: str | None, connection: str = "c", day: date = TOMORROW) -> None:
    store.facts.remember(connection, [Pulled(leads=leads(lead("1", stage, owner)))], today=day)


class LeftAloneChecks:
    """Holds, pins, and values of ours that somebody replaced."""

    def test_a_hold_is_kept_until_it_is_released(self, stores: Stores) -> None:
        """The newer one replaces it; the lead is looked at again each time."""
        store = stores.open()
        _written(store)
        assert due(store, "c") == []
        store.left_alone.hold("c", Hold("1", DAY, "for now", None, NOW))
        store.left_alone.hold("c", HOLD)
        assert stores.open().left_alone.holds("c") == (HOLD,)
        assert store.left_alone.holds("other") == ()
        assert due(store, "c") == ["1"]
        decide(store, "1")
        assert store.left_alone.release("c", "2", now=NOW) == (0, 0, False)
        assert store.left_alone.release("c", "1", now=NOW) == (1, 0, False)
        assert (store.left_alone.holds("c"), due(store, "c")) == ((), ["1", "2"])

    def test_a_pin_in_the_crm_makes_its_lead_due(self, stores: Stores) -> None:
        """When it is set and when it is taken out; null where the mapping asks for none."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        for value, told in ((True, ("1",)), (False, ()), (None, ())):
            decide(store, "1", "2")
            store.facts.remember("c", [Pulled(leads=leads(lead("1", pinned=value), lead("2")))], today=DAY)
            assert (store.left_alone.pinned("c"), due(store, "c")) == (told, ["1"])

    def test_our_value_replaced_is_noted_each_time(self, stores: Stores) -> None:
        """But what somebody writes over a value that is not ours is their own affair."""
        store = stores.open()
        _written(store)
        _read(store, "sal", "anna")
        _read(store, "mql", "anna")  # over their own stage
        _read(store, "mql", "ben")
        _read(store, "sql", "anna", day=TOMORROW + timedelta(days=1))  # what we wrote is no edit
        _read(store, "sal", "anna", day=TOMORROW + timedelta(days=1))
        noted = stores.open().left_alone.overruled("c")
        assert [(it.what, it.day, it.released_at) for it in noted] == [
            (Overruling("1", "stage", "sql", "sal"), TOMORROW, None),
            (Overruling("1", "owner", "anna", "ben"), TOMORROW, None),
            (Overruling("1", "stage", "sql", "sal"), TOMORROW + timedelta(days=1), None),
        ]
        assert store.left_alone.overruled("c", leads=["2"]) == ()

    def test_a_write_that_was_replaced_at_once_is_noted_with_its_end(self, stores: Stores) -> None:
        """The journal's entry and the note go together."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
        intend(store, change("1"))
        what = Overruling("1", "stage", "sql", None)
        settle(store, Settlement("1", "did_not_stick", "why", overruled=(what,)))
        settle(store, Settlement("1", "did_not_stick", "why", overruled=(what,)))
        assert [it.what for it in store.left_alone.overruled("c")] == [what], "an end counts once"

    def test_a_release_ends_the_count_and_keeps_the_record(self, stores: Stores) -> None:
        """Who did it can be told later."""
        store = stores.open()
        _written(store)
        _read(store, "sal", "ben")
        first, second = store.left_alone.overruled("c")
        store.left_alone.name_actors("c", {first.id: {"kind": "automation", "name": "Flow"}})
        assert store.left_alone.release("c", "1", now=NOW) == (0, 2, False)
        assert store.left_alone.overruled("c", counting=True) == ()
        told = stores.open().left_alone.overruled("c")
        assert [(it.actor, it.released_at) for it in told] == [
            ({"kind": "automation", "name": "Flow"}, NOW),
            (None, NOW),
        ]
        assert second.actor is None

    def test_holds_and_what_overruled_us_are_forgotten(self, stores: Stores) -> None:
        """With the person."""
        store = stores.open()
        _written(store)
        _read(store, "sal", "ben")
        store.left_alone.hold("c", HOLD)
        store.forget("c", "1")
        assert (store.left_alone.holds("c"), store.left_alone.overruled("c")) == ((), ())

    def test_leaving_alone_happens_whole_or_not_at_all(self, stores: Stores) -> None:
        """Hold, release and an edit over our value, ended before any of their statements and commits."""
        store = stores.open()
        for verb in ("hold", "release", "edit"):
            calm, crashing = f"calm {verb}", f"crashing {verb}"
            for name in (calm, crashing):
                _prepared(store, name)
            before = state_of(store, crashing)
            _do(store, calm, verb)
            after = without_ids(state_of(store, calm))
            for step in itertools.count():
                try:
                    with crash_at(step):
                        _do(store, crashing, verb)
                except Crash:
                    assert state_of(stores.open(), crashing) == before, f"half of it before step {step}"
                else:
                    assert without_ids(state_of(store, crashing)) == after != without_ids(before)
                    assert step > 2, "no statement was counted"
                    break


def _prepared(store: Store, connection: str) -> None:
    _written(store, connection)
    _read(store, "sal", "anna", connection)
    intend(store, change("1"), connection=connection)
    settle(store, Settlement("1", "written"), connection=connection)
    decide(store, "1", "2", connection=connection)
    store.left_alone.hold(connection, Hold("2", DAY, "for now", None, NOW))


def _do(store: Store, connection: str, verb: str) -> None:
    if verb == "hold":
        store.left_alone.hold(connection, HOLD)
    elif verb == "release":
        store.left_alone.release(connection, "1", now=NOW)
    else:
        _read(store, "sal", "ben", connection)
