"""What a store keeps of leads' stages before they were first seen. Part of `store_kit`."""

from __future__ import annotations

import itertools
from datetime import timedelta

import polars as pl

from crmsync.store import EARLIER, Pulled, Store
from crmsync.testing.store_frames import DAY, NOW, lead, leads
from crmsync.testing.store_steps import TOMORROW, Crash, Stores, crash_at

FIELDS = ("Status",)
State = tuple[str, int, object, str]
BEFORE = NOW - timedelta(days=9)


def told(*states: State) -> pl.DataFrame:
    """What history told: lead, place, since, native."""
    return pl.DataFrame(states, schema=EARLIER, orient="row")


def asked_for(store: Store, limit: int = 10, fields: tuple[str, ...] = FIELDS) -> list[str]:
    """The leads that are to be asked for."""
    return store.history.unasked("c", fields, limit=limit)["lead"].to_list()


class EarlierStagesChecks:
    """Each lead is asked for once; what was told of it is kept."""

    def test_each_lead_is_asked_for_once(self, stores: Stores) -> None:
        """In parts, the newcomers later, and all again when other fields tell the stage."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("2"), lead("1")))], today=DAY)
        first = store.history.unasked("c", FIELDS, limit=1)
        states = told(("2", 0, None, '{"Status":"new"}'), ("2", 1, BEFORE, '{"Status":"mql"}'))
        store.history.remember_earlier("c", FIELDS, first, states)
        assert stores.open().history.earlier_stages("c").equals(states)
        assert asked_for(store) == ["1"]
        store.history.remember_earlier("c", FIELDS, store.history.unasked("c", FIELDS, limit=9), told())
        assert asked_for(store) == []
        store.facts.remember("c", [Pulled(leads=leads(lead("0")))], today=DAY)
        assert asked_for(store) == ["0"]
        again = store.history.unasked("c", ("Stage__c",), limit=9)
        assert again["lead"].to_list() == ["2", "1", "0"]
        store.history.remember_earlier("c", ("Stage__c",), again, told(("1", 0, BEFORE, "{}")))
        assert store.history.earlier_stages("c")["lead"].to_list() == ["1"]
        assert store.history.earlier_stages("other").is_empty()

    def test_of_a_lead_that_has_moved_it_is_told_when_it_was_first_seen(self, stores: Stores) -> None:
        """What came from that day on, the store has seen itself."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        store.facts.remember("c", [Pulled(leads=leads(lead("2", "sal")))], today=TOMORROW)
        store.facts.remember("c", [Pulled(leads=leads(lead("2", "sql")))], today=TOMORROW + timedelta(days=1))
        unasked = store.history.unasked("c", FIELDS, limit=9)
        assert unasked.select("lead", "created_at", "since").rows() == [("1", NOW, None), ("2", NOW, DAY)]

    def test_what_was_told_and_that_it_was_asked_come_together(self, stores: Stores) -> None:
        """Or not at all."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
        unasked = store.history.unasked("c", FIELDS, limit=9)
        for step in itertools.count():
            try:
                with crash_at(step):
                    store.history.remember_earlier("c", FIELDS, unasked, told(("1", 0, None, "{}")))
            except Crash:
                other = stores.open()
                assert (asked_for(other), other.history.earlier_stages("c").height) == (["1"], 0), f"step {step}"
            else:
                assert (asked_for(store), step > 2) == ([], True)
                break

    def test_a_forgotten_person_has_no_earlier_stages(self, stores: Stores) -> None:
        """They are counted with its moves."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        states = told(("1", 0, None, "{}"), ("2", 0, None, "{}"))
        store.history.remember_earlier("c", FIELDS, store.history.unasked("c", FIELDS, limit=9), states)
        assert store.forget("c", "1").stage_moves == 1
        assert store.history.earlier_stages("c")["lead"].to_list() == ["2"]
