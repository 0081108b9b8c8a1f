"""Whose change it was that a pull brings. Part of `store_kit`."""

from __future__ import annotations

from datetime import timedelta

from crmsync.store import Pulled, Settlement
from crmsync.testing.store_frames import DAY, due, lead, leads
from crmsync.testing.store_steps import (
    TOMORROW,
    Stores,
    backward,
    change,
    days_of,
    decide,
    intend,
    settle,
)


class EditChecks:
    """Changes by somebody else, and our own that come back."""

    def test_values_found_at_first_sight_are_nobodys_edit(self, stores: Stores) -> None:
        """Whatever they are: nobody knows since when they stand there."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1", "mql", "anna")))], today=TOMORROW)
        assert days_of(store, "1") == (None, None, TOMORROW)

    def test_a_change_by_somebody_else_is_dated(self, stores: Stores) -> None:
        """Stage and owner each by themselves, a taken away owner too; the day stays when other facts change."""
        store = stores.open()
        store.facts.remember(
            "c", [Pulled(leads=leads(lead("1", "mql", "anna"), lead("2", "mql", "anna")))], today=DAY
        )
        store.facts.remember(
            "c", [Pulled(leads=leads(lead("1", "sql", "anna"), lead("2", "mql", None)))], today=TOMORROW
        )
        later = TOMORROW + timedelta(days=9)
        facts = leads(lead("1", "sql", "anna", title="x"), lead("2", "mql", None, title="x"))
        store.facts.remember("c", [Pulled(leads=facts)], today=later)
        assert days_of(store, "1") == (TOMORROW, None, TOMORROW)
        assert days_of(store, "2") == (None, TOMORROW, DAY)

    def test_another_reading_of_the_same_native_value_is_nobodys_edit(self, stores: Stores) -> None:
        """The mapping may change, and a native value may change within one stage."""
        store = stores.open()
        native = '{"Status":"Working"}'
        store.facts.remember(
            "c", [Pulled(leads=leads(lead("1", "mql", stage_native=native), lead("2", "mql")))], today=DAY
        )
        news = leads(lead("1", "sal", stage_native=native), lead("2", "mql", stage_native='{"Status":"mql, called"}'))
        store.facts.remember("c", [Pulled(leads=news)], today=TOMORROW)
        assert (days_of(store, "1"), days_of(store, "2")) == ((None, None, DAY), (None, None, DAY))
        assert store.history.stages_of("c", "1") == ()

    def test_our_own_write_coming_back_is_no_news(self, stores: Stores) -> None:
        """Whether it was settled before or is still open; after that, other values are edits again."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2"), lead("3")))], today=DAY)
        intend(store, change("1"), change("2"), change("3"))
        settle(store, Settlement("1", "written"), Settlement("3", "written"))
        decide(store, "1", "2", "3")
        back = [lead(name, "sql", "anna") for name in "12"]
        store.facts.remember("c", [Pulled(leads=leads(*back, lead("3", "sal", "ben")))], today=TOMORROW)
        assert due(store, "c") == ["2", "3"]
        assert days_of(store, "1") == (None, None, DAY)
        assert days_of(store, "2")[:2] == (None, None)
        assert days_of(store, "3") == (TOMORROW, TOMORROW, TOMORROW)

    def test_a_stage_cleared_on_our_way_is_nobodys_edit(self, stores: Stores) -> None:
        """Some CRMs clear a stage before they set an earlier one; a crash may come between."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        intend(store, change("1", owner=None, turn=None))
        empty = [lead(name, None, stage_native='{"Status":null}') for name in "12"]
        store.facts.remember("c", [Pulled(leads=leads(*empty))], today=TOMORROW)
        assert (days_of(store, "1")[0], days_of(store, "2")[0]) == (None, TOMORROW)

    def test_a_stage_cleared_on_our_way_is_half_a_move(self, stores: Stores) -> None:
        """The history knows the move when it is whole, from the stage before the clearing; whoever makes it whole."""
        store = stores.open()
        names = ("written", "seen", "edited", "restored")
        store.facts.remember("c", [Pulled(leads=leads(*(lead(name, "sqo") for name in names)))], today=DAY)
        run = intend(store, *(backward(name, "sqo") for name in names))
        empty = [lead(name, None, stage_native='{"Status":null}') for name in names]
        store.facts.remember("c", [Pulled(leads=leads(*empty))], today=TOMORROW)
        assert {days_of(store, name)[2] for name in names} == {DAY}
        assert not any(store.history.stages("c", names).values())
        rest = intend(store, *(backward(name, None) for name in names))
        settle(store, Settlement("written", "written"), today=TOMORROW)
        found = leads(lead("seen", "sal"), lead("edited", "mql"), lead("restored", "sqo"))
        store.facts.remember("c", [Pulled(leads=found)], today=TOMORROW)
        moves = {
            name: [(it.stage_before, it.stage_after, it.since, it.cause, it.run_id) for it in each]
            for name, each in store.history.stages("c", names).items()
        }
        assert moves == {
            "written": [("sqo", "sal", DAY, "crmsync", rest)],
            "seen": [("sqo", "sal", DAY, "crmsync", None)],
            "edited": [("sqo", "mql", DAY, "crm", None)],
            "restored": [],
        }
        assert run != rest
        later = TOMORROW + timedelta(days=1)
        store.facts.remember("c", [Pulled(leads=leads(*(lead(name, "sql") for name in names)))], today=later)
        assert [store.history.stages_of("c", name)[-1].stage_before for name in names] == ["sal", "sal", "mql", "sqo"]
